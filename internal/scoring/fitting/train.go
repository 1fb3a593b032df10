package fitting

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"telltale/internal/fit/features"
	"telltale/internal/fit/lookalike"
)

// DefaultMaxRows is the most rows that are trained on; with more accounts, unlabelled ones are drawn.
const DefaultMaxRows = 1_000_000

// TrainRequest says what to train.
type TrainRequest struct {
	Product string
	Labels  lookalike.Labels
	Kind    lookalike.Kind
	// AsOf is the last day that counts, zero means today; KnownBy bounds what was known, zero means now.
	AsOf, KnownBy time.Time
	// Features says how finely columns are cut; Without names columns to leave out; Monotone the known directions of numbers.
	Features features.Options
	Without  []string
	Monotone map[string]int8
	// BaseRate is the known share of accounts that would buy, 0–1; 0 means that the store is asked: the win rate of the product's
	// opportunities, else the share of accounts that are best customers.
	BaseRate float64
	// Places fix the split by account; nil means by time or account.
	Places map[string]lookalike.Place
	// MaxRows bounds the rows; 0 means a million.
	MaxRows int64
	// Blocks is how many refits a walk through time is done with, Window the most rows of each; 0 means no walk, and all rows.
	Blocks, Window int
	// DryRun judges a model without storing it.
	DryRun bool
}

// TrainReport is what a training came to.
type TrainReport struct {
	Version  string           `json:"version"`
	Product  string           `json:"product"`
	Labels   lookalike.Labels `json:"labels"`
	Kind     lookalike.Kind   `json:"kind"`
	AsOf     string           `json:"as_of"`
	Rows     int              `json:"rows"`
	Won      int              `json:"positives"`
	Features int              `json:"features"`
	Tuning   lookalike.Tuning `json:"tuning"`
	BaseRate float64          `json:"base_rate,omitempty"`
	BaseFrom string           `json:"base_rate_from,omitempty"`
	*lookalike.Result
	Walk   *lookalike.Walk `json:"walk,omitempty"`
	Stored bool            `json:"stored"`
	// Model is what was trained.
	Model *lookalike.Model `json:"-"`
}

// Train trains a model, judges it, registers it and makes it the champion where the rule says so. Errors wrap the look-alike's errors,
// ErrRequest or ErrNoAccounts where the input is at fault; nothing is stored then.
func (f *Fitter) Train(ctx context.Context, req TrainRequest) (*TrainReport, error) {
	q, err := f.question(req.Product, req.AsOf, req.KnownBy)
	if err != nil {
		return nil, err
	}
	rep, err := f.train(ctx, &req, q)
	if err != nil {
		return nil, fmt.Errorf("fit train %q: %w", req.Product, err)
	}
	f.deps.Log.Info("fit model trained", "product", req.Product, "version", rep.Version, "rows", rep.Rows, "positives", rep.Won,
		"auc", rep.Tested.Metrics.AUC, "champion", rep.Verdict.Promoted)
	return rep, nil
}

func (f *Fitter) train(ctx context.Context, req *TrainRequest, q *question) (*TrainReport, error) {
	if req.Labels != lookalike.Customers && req.Labels != lookalike.Opportunities {
		return nil, fmt.Errorf("%w: labels %q: want customers or opportunities", ErrRequest, req.Labels)
	}
	if req.BaseRate < 0 || req.BaseRate >= 1 {
		return nil, fmt.Errorf("%w: a base rate of %v: want a share above 0 and below 1", ErrRequest, req.BaseRate)
	}
	q.examples = string(req.Labels)
	recipe := lookalike.Recipe{Product: req.Product, Labels: req.Labels, Kind: req.Kind, Features: req.Features, Without: req.Without,
		Monotone: req.Monotone, AsOf: q.asOf()}
	if err := f.plan(ctx, req, q, &recipe); err != nil {
		return nil, err
	}
	data, err := f.data(ctx, q, req.Places)
	if err != nil {
		return nil, err
	}
	champion, err := f.model(ctx, q, "")
	if err != nil {
		return nil, err
	}
	result, err := lookalike.Do(data, recipe, champion)
	if err != nil {
		return nil, err
	}
	m := result.Model
	rep := &TrainReport{Version: m.Version, Product: req.Product, Labels: req.Labels, Kind: m.Kind, AsOf: m.AsOf, Rows: m.Rows, Won: m.Positives,
		Features: len(m.Features), Tuning: m.Tuning, BaseRate: m.BaseRate, BaseFrom: m.BaseRateFrom, Result: result, Model: m}
	if req.Blocks > 0 {
		if rep.Walk, err = lookalike.Forward(data, recipe, req.Blocks, req.Window); err != nil {
			return nil, err
		}
	}
	if req.DryRun {
		return rep, nil
	}
	rep.Stored = true
	return rep, f.store(ctx, q, rep)
}

// plan decides on the base rate, and how many of the rows are read.
func (f *Fitter) plan(ctx context.Context, req *TrainRequest, q *question, r *lookalike.Recipe) error {
	var accounts, best, won, ended int64
	err := f.each(ctx, "counts", q, func(into func(dest ...any) error) error { return into(&accounts, &best, &won, &ended) })
	if err != nil {
		return err
	}
	if accounts == 0 {
		return fmt.Errorf("%w by %s: import accounts first", ErrNoAccounts, stamp(q.knownBy))
	}
	most := req.MaxRows
	if most == 0 {
		most = DefaultMaxRows
	}
	r.BaseRate, r.BaseRateFrom = req.BaseRate, "as told"
	if req.Labels == lookalike.Opportunities {
		if ended > most {
			q.keep = million * most / ended
		}
		return nil
	}
	if rest := accounts - best; rest > max(most-best, 1) {
		q.keep = million * max(most-best, 1) / rest
	}
	switch {
	case req.BaseRate > 0:
	case won >= lookalike.MinEach && won < ended:
		r.BaseRate, r.BaseRateFrom = float64(won)/float64(ended), fmt.Sprintf("%d of %d opportunities were won", won, ended)
	case best > 0 && best < accounts:
		r.BaseRate, r.BaseRateFrom = float64(best)/float64(accounts), fmt.Sprintf("%d of %d accounts are best customers", best, accounts)
	}
	return nil
}

// data reads the labelled rows.
func (f *Fitter) data(ctx context.Context, q *question, places map[string]lookalike.Place) (*lookalike.Data, error) {
	technologies, err := f.stack(ctx, q)
	if err != nil {
		return nil, err
	}
	q.technologies = technologies
	products, err := f.products(ctx, q)
	if err != nil {
		return nil, err
	}
	b := features.NewBuilder()
	d := &lookalike.Data{}
	var r row
	err = f.each(ctx, "rows", q, func(into func(dest ...any) error) error {
		if err := r.read(into); err != nil {
			return err
		}
		r.fill(b, technologies, products)
		won, stands := uint8(0), float64(million)/float64(max(q.keep, 1))
		if r.won {
			won, stands = 1, 1
		}
		d.Won, d.Weights = append(d.Won, won), append(d.Weights, stands)
		d.Accounts, d.Days = append(d.Accounts, r.account), append(d.Days, int32(r.closed))
		return nil
	})
	if err != nil {
		return nil, err
	}
	if left := b.Left(); left > 0 {
		f.deps.Log.Warn("attributes beyond the most that are read were left out", "product", q.product, "left_out", left, "most", features.MaxColumns)
	}
	d.Table = b.Table()
	return d, place(d, places)
}

// place puts the rows where a given split says.
func place(d *lookalike.Data, places map[string]lookalike.Place) error {
	if places == nil {
		return nil
	}
	for _, a := range d.Accounts {
		p, known := places[a]
		if !known {
			return fmt.Errorf("%w: the split has no line for account %q", ErrRequest, a)
		}
		d.Places = append(d.Places, p)
	}
	return nil
}

// products lists the other products that anybody has.
func (f *Fitter) products(ctx context.Context, q *question) (out []string, err error) {
	err = f.each(ctx, "products", q, func(into func(dest ...any) error) error {
		var name string
		err := into(&name)
		out = append(out, name)
		return err
	})
	slices.Sort(out)
	return out, err
}

// store registers the model, and makes it the champion where it is to be.
func (f *Fitter) store(ctx context.Context, q *question, rep *TrainReport) error {
	content, err := json.Marshal(rep.Model)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	metrics, err := json.Marshal(rep)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	now := f.deps.Now().UTC().Truncate(time.Millisecond)
	if err := f.deps.Registry.RegisterModel(ctx, q.product, rep.Version, string(content), string(metrics), now); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	if !rep.Verdict.Promoted {
		return nil
	}
	if err := f.deps.Registry.Promote(ctx, q.product, rep.Version, rep.Verdict.Why, now); err != nil {
		return fmt.Errorf("promote: %w", err)
	}
	return nil
}
