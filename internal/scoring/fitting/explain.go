package fitting

import (
	"context"
	"fmt"
	"time"

	"telltale/internal/fit/features"
	"telltale/internal/fit/lookalike"
)

// ExplainRequest names a fit score: that of a model that held for an account and product at AsOf, as far as was known by KnownBy.
type ExplainRequest struct {
	Account, Product, Model string
	AsOf, KnownBy           time.Time
}

// Explanation is a fit score taken apart.
type Explanation struct {
	Model string `json:"model"`
	// Imported reports that the score came from outside: nothing of what follows is known of it.
	Imported bool `json:"imported"`
	// ValidFrom is the first day the score holds, YYYY-MM-DD; KnownFrom when it was stored.
	ValidFrom string    `json:"valid_from"`
	KnownFrom time.Time `json:"known_from"`
	// Score is 0–100: the mid-rank among Ranked accounts, of which Higher stand above and Equal, the account itself included, beside it.
	Score  float64 `json:"score"`
	Ranked int64   `json:"ranked"`
	Higher int64   `json:"higher"`
	Equal  int64   `json:"equal"`
	// Probability is the calibrated one as stored, 0–1; nil for an imported score.
	Probability *float64 `json:"probability"`
	// Kind is logistic or gbdt. Base and the points sum to Logit exactly, all in thousandths of a logit.
	Kind   lookalike.Kind    `json:"kind,omitempty"`
	Logit  int64             `json:"logit"`
	Base   int64             `json:"base"`
	Points []lookalike.Point `json:"points,omitempty"`
	// Differs says why the points are not those behind the stored score; empty where they are.
	Differs string `json:"differs,omitempty"`
}

// Explain takes a stored fit score apart: the model reads again what was known of the account on the day. Errors wrap ErrNoModel where
// there is no such score, or its model is gone.
func (f *Fitter) Explain(ctx context.Context, req ExplainRequest) (*Explanation, error) {
	e, err := f.explain(ctx, &req)
	if err != nil {
		return nil, fmt.Errorf("explain the fit of %s for %s: %w", req.Account, req.Product, err)
	}
	return e, nil
}

func (f *Fitter) explain(ctx context.Context, req *ExplainRequest) (*Explanation, error) {
	q, err := f.question(req.Product, req.AsOf, req.KnownBy)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Model: req.Model}
	var from time.Time
	found := false
	err = f.each(ctx, "held", q, func(into func(dest ...any) error) error {
		found = true
		return into(&e.Imported, &from, &e.KnownFrom, &e.Score, &e.Probability)
	}, "account", plain(req.Account), "model", plain(req.Model))
	if err == nil && !found {
		err = fmt.Errorf("%w score of model %q holds on %s", ErrNoModel, req.Model, q.asOf().Format(time.DateOnly))
	}
	if err != nil {
		return nil, err
	}
	e.ValidFrom = from.Format(time.DateOnly)
	if e.Imported {
		return e, nil
	}
	q.until = from.AddDate(0, 0, 1) // what the model read then
	err = f.each(ctx, "place", q, func(into func(dest ...any) error) error { return into(&e.Ranked, &e.Higher, &e.Equal) },
		"model", plain(req.Model), "score", fmt.Sprint(e.Score))
	if err != nil {
		return nil, err
	}
	q.knownBy = e.KnownFrom
	return e, f.points(ctx, q, req.Account, e)
}

// points has the model score the account once more.
func (f *Fitter) points(ctx context.Context, q *question, account string, e *Explanation) error {
	m, err := f.model(ctx, q, e.Model)
	if err != nil {
		return err
	}
	if m == nil {
		return fmt.Errorf("%w: version %q is not stored", ErrNoModel, e.Model)
	}
	technologies, products := asked(m)
	q.examples, q.technologies = "one", technologies
	table := features.NewBuilder()
	rows := 0
	var r row
	err = f.each(ctx, "rows", q, func(into func(dest ...any) error) error {
		if err := r.read(into); err != nil {
			return err
		}
		rows++
		r.fill(table, technologies, products)
		return nil
	}, "account", plain(account))
	if err != nil {
		return err
	}
	e.Kind = m.Kind
	if rows == 0 {
		e.Differs = "nothing is stored any more of what was known of the account then"
		return nil
	}
	x := m.Encode(table.Table())
	e.Base, e.Points = m.Explain(&x, 0)
	e.Logit = m.Points(&x)[0]
	if e.Probability != nil && m.Probability(e.Logit) != *e.Probability {
		e.Differs = "what is stored of that day is no longer what the score was made of"
	}
	return nil
}
