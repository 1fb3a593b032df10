package backtesting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"telltale/internal/backtest"
	"telltale/internal/intent"
	"telltale/internal/scoring"
)

// seed decides the draws of intervals.
const seed = 1

// reading gathers the cases of all months, with accounts and features numbered.
type reading struct {
	data           backtest.Data
	product        string
	keep           int64
	accounts, name map[string]int32
	clusters       map[string]string
}

func newReading(req *Request, keep int64) *reading {
	return &reading{data: backtest.Data{Seed: seed}, product: req.Product, keep: keep, accounts: map[string]int32{}, name: map[string]int32{}, clusters: map[string]string{}}
}

// feature numbers a name.
func (r *reading) feature(name string) int32 {
	n, known := r.name[name]
	if !known {
		n = int32(len(r.data.Names))
		r.name[name] = n
		r.data.Names = append(r.data.Names, name)
	}
	return n
}

func (r *reading) account(id string) int32 {
	n, known := r.accounts[id]
	if !known {
		n = int32(len(r.accounts))
		r.accounts[id] = n
	}
	return n
}

// same keeps one copy of the few words that every row repeats.
func (r *reading) same(word string) string {
	if w, known := r.clusters[word]; known {
		return w
	}
	r.clusters[word] = word
	return word
}

// statement reads one of the fixed texts.
func statement(name string) (string, error) {
	text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("statement %s: %w", name, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// span reads what there is to judge by, and refuses a store that holds nothing.
func (b *Backtester) span(ctx context.Context, req *Request) (s span, err error) {
	text, err := statement("span")
	if err != nil {
		return s, err
	}
	err = b.deps.DB.Each(ctx, text, map[string]any{"product": plain(req.Product)}, func(into func(dest ...any) error) error {
		return into(&s.since, &s.accounts, &s.closed)
	})
	switch {
	case err != nil:
		return s, fmt.Errorf("read what there is: %w", err)
	case s.accounts == 0:
		return s, fmt.Errorf("%w: import accounts first", scoring.ErrNoAccounts)
	case s.closed == 0:
		return s, fmt.Errorf("%w: no opportunity has closed: import opportunities first", backtest.ErrLabels)
	}
	return s, nil
}

// cases reads the rows of a rehearsed run with what closed after.
func (b *Backtester) cases(ctx context.Context, r *reading, m *Month, runID string, month int32) error {
	text, err := statement("cases")
	if err != nil {
		return err
	}
	args := map[string]any{"month": m.Month.Start().Format(time.DateOnly), "run_id": runID, "keep": fmt.Sprint(r.keep), "product": plain(r.product),
		"after": m.After, "until": m.Until}
	err = b.deps.DB.Each(ctx, text, args, func(into func(dest ...any) error) error { return r.read(into, month) })
	if err != nil {
		return fmt.Errorf("read the cases: %w", err)
	}
	return nil
}

// read takes one row. Every driver is a feature, and so are the number of signals and of sources.
func (r *reading) read(into func(dest ...any) error, month int32) error {
	c := backtest.Case{Month: month}
	var account, product, cell, cluster, names, points string
	var signals, sources int64
	var n [6]int64
	if err := into(&account, &product, &c.Fit, &c.Intent, &c.Logit, &cell, &cluster, &signals, &sources, &names, &points,
		&n[0], &n[1], &n[2], &n[3], &n[4], &n[5]); err != nil {
		return err
	}
	c.Account, c.Cell, c.Cluster = r.account(account), r.same(cell), r.same(cluster)
	c.Won, c.Lost, c.Acted, c.ActedWon, c.Ignored, c.IgnoredWon = int(n[0]), int(n[1]), int(n[2]), int(n[3]), int(n[4]), int(n[5])
	var drivers []string
	var worth []json.Number
	err := errors.Join(json.Unmarshal([]byte(names), &drivers), json.Unmarshal([]byte(points), &worth))
	if err == nil && len(drivers) != len(worth) {
		err = fmt.Errorf("%d names and %d points", len(drivers), len(worth))
	}
	if err != nil {
		return fmt.Errorf("drivers of %s for %s: %w", account, product, err)
	}
	c.Features = append(c.Features, backtest.Feature{Name: r.feature("signals"), Value: float64(signals)},
		backtest.Feature{Name: r.feature("independent sources"), Value: float64(sources)})
	for i, d := range drivers {
		if strings.HasPrefix(d, intent.KindBase+":") || strings.HasPrefix(d, intent.KindBreadth+":") {
			continue // the same for all, and the number of sources once more
		}
		v, err := worth[i].Float64()
		if err != nil {
			return fmt.Errorf("drivers of %s for %s: %w", account, product, err)
		}
		c.Features = append(c.Features, backtest.Feature{Name: r.feature(r.same(d)), Value: v / 1000})
	}
	r.data.Cases = append(r.data.Cases, c)
	return nil
}

// store keeps the report under a version that follows from its content.
func (b *Backtester) store(ctx context.Context, req *Request, rep *Report) error {
	content, err := json.Marshal(rep)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	sum := sha256.Sum256(content)
	first, end := rep.Months[0], rep.Months[len(rep.Months)-1]
	rep.Version = end.Name + "-" + hex.EncodeToString(sum[:4])
	if content, err = json.Marshal(rep); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	text, err := statement("store")
	if err != nil {
		return err
	}
	err = b.deps.DB.Exec(ctx, text, map[string]any{"product": plain(req.Product), "version": rep.Version, "now": stamp(b.deps.Now()),
		"from": first.Month.Start().Format(time.DateOnly), "to": end.Month.Start().Format(time.DateOnly), "horizon": fmt.Sprint(req.Horizon),
		"hindsight": fmt.Sprint(req.Hindsight), "content": plain(string(content))})
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
