package report

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"time"

	"telltale/internal/fit"
	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

// Reader reads published scores. It is safe for concurrent use.
type Reader struct {
	db  DB
	sql *template.Template
}

// NewReader makes a Reader; nothing is read before it is asked.
func NewReader(db DB) (*Reader, error) {
	all, err := template.ParseFS(sqlFiles, "sql/*.sql")
	if err != nil {
		return nil, fmt.Errorf("report: statements: %w", err)
	}
	return &Reader{db: db, sql: all}, nil
}

// cut narrows and bounds a statement by fixed text.
type cut struct{ Where, Limit string }

func everything() cut { return cut{Where: "true"} }

func (r *Reader) each(ctx context.Context, name string, c cut, args map[string]any, scan func(into func(dest ...any) error) error) error {
	var b bytes.Buffer
	if err := r.sql.ExecuteTemplate(&b, name+".sql", c); err != nil {
		return fmt.Errorf("report: statement %s: %w", name, err)
	}
	if err := r.db.Each(ctx, strings.TrimSpace(b.String()), args, scan); err != nil {
		return fmt.Errorf("report: %s: %w", name, err)
	}
	return nil
}

// Latest gives the latest month that has published scores. Errors wrap ErrNotScored where there is none.
func (r *Reader) Latest(ctx context.Context) (intent.Month, error) {
	var at time.Time
	err := r.each(ctx, "latest", cut{}, nil, func(into func(dest ...any) error) error { return into(&at) })
	if err != nil {
		return intent.Month{}, err
	}
	if at.Year() < 2000 {
		return intent.Month{}, fmt.Errorf("latest month: %w", ErrNotScored)
	}
	return intent.MonthOf(at), nil
}

// Run reads the facts of a month's published run. Errors wrap ErrNotScored where there is none.
func (r *Reader) Run(ctx context.Context, month intent.Month) (Run, error) {
	run := Run{Month: month}
	args := map[string]any{"month": month.Start().Format(time.DateOnly)}
	err := r.each(ctx, "run", cut{}, args, func(into func(dest ...any) error) error {
		return into(&run.ID, &run.AsOf, &run.KnownBy, &run.Started, &run.Finished, &run.IntentModel, &run.Matrix, &run.Accounts, &run.Signals, &run.Rows)
	})
	if err != nil {
		return run, err
	}
	if run.ID == "" {
		return run, fmt.Errorf("%s: %w: run intent-scorer run --month %s", month, ErrNotScored, month)
	}
	var evident bool
	err = r.each(ctx, "coverage", cut{}, run.args(), func(into func(dest ...any) error) error {
		return into(&run.Covered, &run.Evident, &evident, &run.Freshest)
	})
	if !evident {
		run.Freshest = time.Time{}
	}
	return run, err
}

func (run Run) args() map[string]any {
	return map[string]any{"month": run.Month.Start().Format(time.DateOnly), "run_id": run.ID}
}

// Report reads what a month came to. Errors wrap ErrNotScored where it has no published run.
func (r *Reader) Report(ctx context.Context, month intent.Month) (Report, error) {
	run, err := r.Run(ctx, month)
	if err != nil {
		return Report{}, err
	}
	rep := Report{Run: run}
	if rep.Matrix, err = r.matrix(ctx, run.Matrix); err != nil {
		return rep, err
	}
	if err := r.products(ctx, &rep); err != nil {
		return rep, err
	}
	if err := r.best(ctx, &rep); err != nil {
		return rep, err
	}
	return rep, r.actNow(ctx, &rep)
}

func (r *Reader) matrix(ctx context.Context, version string) (matrix.Matrix, error) {
	content := ""
	err := r.each(ctx, "matrix", cut{}, map[string]any{"version": version}, func(into func(dest ...any) error) error { return into(&content) })
	if err != nil {
		return matrix.Matrix{}, err
	}
	if content == "" {
		return matrix.Matrix{}, fmt.Errorf("report: matrix %s is not registered", version)
	}
	return matrix.Load(strings.NewReader(content))
}

func (r *Reader) products(ctx context.Context, rep *Report) error {
	return r.each(ctx, "products", cut{}, rep.Run.args(), func(into func(dest ...any) error) error {
		var product, f, i string
		var n int64
		if err := into(&product, &f, &i, &n); err != nil {
			return err
		}
		if last := len(rep.Products) - 1; last < 0 || rep.Products[last].Product != product {
			rep.Products = append(rep.Products, Grid{Product: product})
		}
		rep.Products[len(rep.Products)-1].add(f, i, n)
		return nil
	})
}

func (r *Reader) best(ctx context.Context, rep *Report) error {
	found := map[string]*Segment{}
	err := r.each(ctx, "best", cut{}, rep.Run.args(), func(into func(dest ...any) error) error {
		var f, i, segment, cluster string
		var n int64
		if err := into(&f, &i, &segment, &cluster, &n); err != nil {
			return err
		}
		rep.Best.add(f, i, n)
		s := found[segment]
		if s == nil {
			s = &Segment{Name: segment}
			found[segment] = s
		}
		s.Accounts += n
		names := clusterNames()
		if at := slices.Index(names[:], cluster); at >= 0 {
			s.Clusters[at] += n
		}
		return nil
	})
	rep.Segments = orderSegments(found)
	return err
}

// actNow reads the best accounts of the cluster Act Now, each once, and the signals behind them.
func (r *Reader) actNow(ctx context.Context, rep *Report) error {
	run := rep.Run
	// An account may stand high for every product: read enough rows to find ten of them.
	limit := fmt.Sprintf("LIMIT %d", BestAccounts*max(len(rep.Products), 1))
	at := map[string]int{}
	err := r.rows(ctx, run, cut{Where: "cluster = 'Act Now'", Limit: limit}, func(p intent.Propensity) error {
		if _, twice := at[p.AccountID]; !twice && len(rep.ActNow) < BestAccounts {
			at[p.AccountID] = len(rep.ActNow)
			rep.ActNow = append(rep.ActNow, Account{Propensity: p})
		}
		return nil
	})
	if err != nil || len(at) == 0 {
		return err
	}
	// Account ids are the owner's text: as a parameter, in hex, so that no escaping can go wrong.
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(at)) {
		ids = append(ids, fmt.Sprintf("unhex('%x')", id))
	}
	where := cut{Where: "cluster = 'Act Now' AND account_id IN (" + strings.Join(ids, ", ") + ")"}
	return r.signals(ctx, run, where, func(s Signal) error {
		a := &rep.ActNow[at[s.AccountID]]
		if a.Product == s.Product && len(a.Signals) < SignalsEach {
			a.Signals = append(a.Signals, s)
		}
		return nil
	})
}

// Rows reads every row of a month's published run, best first, one at a time.
func (r *Reader) Rows(ctx context.Context, run Run, row func(intent.Propensity) error) error {
	return r.rows(ctx, run, everything(), row)
}

// Signals reads the signals behind every score of a month's published run, one at a time, in the order of Rows.
func (r *Reader) Signals(ctx context.Context, run Run, signal func(Signal) error) error {
	return r.signals(ctx, run, everything(), signal)
}

func (r *Reader) rows(ctx context.Context, run Run, c cut, row func(intent.Propensity) error) error {
	return r.each(ctx, "rows", c, run.args(), func(into func(dest ...any) error) error {
		p := intent.Propensity{Month: run.Month.Start(), RunID: run.ID}
		var e intent.Evidence
		var fitRating, intentRating, names, points, ids string
		if err := into(&p.AccountID, &p.AccountName, &p.Domain, &p.Country, &p.Region, &p.Industry, &p.Vertical, &p.Partner, &p.Segment, &p.Product,
			&p.FitScore, &fitRating, &p.IntentScore, &intentRating, &p.Cell, &p.Cluster, &p.Motion,
			&p.IntentLow, &p.IntentHigh, &p.Freshest, &p.Covered,
			&p.Renewal.Expiration, &p.Renewal.Type, &p.Renewal.ExpiresOn, &p.Renewal.Revenue, &p.Renewal.OpenRevenue,
			&p.WhitespaceRevenue, &p.Whitespace.Level, &p.Whitespace.Owners, &p.Whitespace.Text,
			&names, &points, &ids, &p.FitModel, &p.IntentModel,
			&e.SignalID, &e.Kind, &e.Name, &e.ObservedAt, &e.Source, &e.URL, &e.Span); err != nil {
			return err
		}
		p.FitRating, p.IntentRating = fit.Rating(fitRating), fit.Rating(intentRating)
		if e.SignalID != "" {
			e.Product = p.Product
			p.Best = &e
		}
		var err error
		if p.Drivers, err = intent.ReadDrivers(names, points, ids); err != nil {
			return err
		}
		return row(p)
	})
}

func (r *Reader) signals(ctx context.Context, run Run, c cut, signal func(Signal) error) error {
	return r.each(ctx, "signals", c, run.args(), func(into func(dest ...any) error) error {
		var s Signal
		if err := into(&s.AccountID, &s.Product, &s.Driver, &s.DriverPoints, &s.SignalID, &s.Kind, &s.Name, &s.ObservedAt, &s.Source, &s.URL, &s.Span); err != nil {
			return err
		}
		s.Evidence.Product = s.Product
		return signal(s)
	})
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
