// Package learning trains the weights of intent on past months: what counted for an account as of a month's end, by the scorer's own relation, against
// what was won strictly after. What is learned and how it is judged is the affair of intent/learn; here rows are read, and models registered.
package learning

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"telltale/internal/fit/lookalike"
	"telltale/internal/intent"
	"telltale/internal/intent/learn"
	"telltale/internal/scoring"
	"telltale/internal/scoring/backtesting"
)

// family names the models of intent in the registry.
const family = "intent"

// seed decides the draws of intervals.
const seed = 1

// ErrProduct reports a product that the weights do not have.
var ErrProduct = errors.New("unknown product")

// Learner lets a month's evidence be read.
type Learner interface {
	Learn(ctx context.Context, req scoring.Request, read func(context.Context, *scoring.Evidence) error) error
}

// Registry keeps models and decisions on them.
type Registry interface {
	// Register stores a model of a family once; a version that is there stays as it is.
	Register(ctx context.Context, family, product, version, content, metrics string, at time.Time) error
	// Decide makes a model champion, challenger or retired from a time on.
	Decide(ctx context.Context, family, product, version, state, why string, at time.Time) error
}

// Deps are what a Trainer works with.
type Deps struct {
	DB       DB
	Scorer   Learner
	Registry Registry
	// ByHand are the weights that the learned ones are pulled to.
	ByHand intent.Weights
	Log    *slog.Logger
	// Now is the product's clock; it defaults to time.Now.
	Now func() time.Time
}

// Trainer learns weights. Its methods are safe for concurrent use.
type Trainer struct{ deps Deps }

// New checks that everything is there; nothing is read before Train.
func New(deps Deps) (*Trainer, error) {
	if deps.DB == nil || deps.Scorer == nil || deps.Registry == nil {
		return nil, errors.New("training: a store, a scorer and a registry are required")
	}
	if err := deps.ByHand.Validate(); err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	return &Trainer{deps}, nil
}

// Request says what to learn from: the months, horizon, hindsight and bound of accounts of a backtest.
type Request struct {
	backtesting.Request
	// DryRun judges without storing.
	DryRun bool
}

// Change is what learning made of one weight.
type Change struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Before and After are points of a fresh signal, in thousandths of a logit, with the half-lives in days beside them; before is what is in use.
	Before         int64   `json:"before"`
	After          int64   `json:"after"`
	HalfLifeBefore float64 `json:"half_life_before"`
	HalfLifeAfter  float64 `json:"half_life_after"`
}

// Report is what was learned of one product. It is kept with the model.
type Report struct {
	Version string `json:"version"`
	Product string `json:"product"`
	Labels  string `json:"labels"`
	Kind    string `json:"kind"`
	AsOf    string `json:"as_of"`
	// Months are the months learned from, HeldOut the first that was held out.
	Months      []string          `json:"months"`
	HeldOut     string            `json:"held_out_from"`
	HorizonDays int               `json:"horizon_days"`
	Hindsight   bool              `json:"hindsight"`
	Rows        int               `json:"rows"`
	Won         int               `json:"positives"`
	Chosen      learn.Try         `json:"chosen"`
	Tries       []learn.Try       `json:"tries"`
	Tested      lookalike.Judged  `json:"tested"`
	Verdict     lookalike.Verdict `json:"verdict"`
	// Calibration is nil where there is none.
	Calibration *intent.Calibration `json:"calibration,omitempty"`
	// Changes are all weights of the product, the biggest change first.
	Changes []Change `json:"changes"`
	Stored  bool     `json:"stored"`
	model   *intent.Learned
}

// Skipped is a product that nothing could be learned of.
type Skipped struct {
	Product string `json:"product"`
	Why     string `json:"why"`
}

// Outcome is what a training came to.
type Outcome struct {
	Reports []*Report `json:"products"`
	// Skipped are products passed over where all were asked for; SkippedMonths are early months without accounts.
	Skipped       []Skipped `json:"skipped,omitempty"`
	SkippedMonths []string  `json:"skipped_months,omitempty"`
}

// Train learns, judges, registers, and makes champion what the rule lets pass. Errors wrap ErrProduct, learn.ErrLabels, learn.ErrLeak, or those of a
// backtest where the input is at fault; nothing is stored then. Where all products are asked for, those that nothing can be learned of are passed over, unless
// they are all.
func (t *Trainer) Train(ctx context.Context, req Request) (*Outcome, error) {
	what := "train"
	if req.Product != "" {
		what = fmt.Sprintf("train %q", req.Product)
	}
	out, err := t.train(ctx, &req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return out, nil
}

func (t *Trainer) train(ctx context.Context, req *Request) (*Outcome, error) {
	if req.Horizon == 0 {
		req.Horizon = backtesting.DefaultHorizon
	}
	if req.MaxAccounts == 0 {
		req.MaxAccounts = backtesting.DefaultMaxAccounts
	}
	g, err := t.gather(ctx, req)
	if err != nil {
		return nil, err
	}
	champions, err := Champions(ctx, t.deps.DB, t.deps.Now())
	if err != nil {
		return nil, err
	}
	out := &Outcome{SkippedMonths: g.skipped}
	var first error
	for _, product := range g.products {
		rep, err := t.learn(g, req, product, champions)
		switch {
		case err == nil:
			out.Reports = append(out.Reports, rep)
		case req.Product != "" || !errors.Is(err, learn.ErrLabels) && !errors.Is(err, learn.ErrLeak):
			return nil, err
		default:
			out.Skipped = append(out.Skipped, Skipped{product, err.Error()})
			if first == nil {
				first = fmt.Errorf("nothing can be learned of any product: %s: %w", product, err)
			}
		}
	}
	if len(out.Reports) == 0 {
		return nil, first
	}
	for _, rep := range out.Reports {
		if err := t.store(ctx, req, rep); err != nil {
			return nil, err
		}
	}
	return out, nil
}
