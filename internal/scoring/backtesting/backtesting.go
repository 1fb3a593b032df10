// Package backtesting asks what would have been recommended as of past month ends, and judges it by the opportunities that closed after. Months are
// rehearsed by the scorer itself (never published), cases are read by the statements in sql/, and judged by the backtest's rules.
package backtesting

import (
	"context"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"telltale/internal/backtest"
	"telltale/internal/intent"
	"telltale/internal/scoring"
)

// The most accounts that are read, the days after a month's end that count, and the most months.
const (
	DefaultMaxAccounts = 200_000
	DefaultHorizon     = 90
	maxMonths          = 36
	million            = 1_000_000
)

// ErrRequest reports a request that cannot be met, such as a horizon that has not ended.
var ErrRequest = errors.New("backtest request")

// DB is the store as a backtest needs it. Parameters are bound to {name:Type} in the statement, as text.
type DB interface {
	// Exec runs a statement without a result.
	Exec(ctx context.Context, query string, args map[string]any) error
	// Each calls scan for every row of a result, with a function that fills the row's columns.
	Each(ctx context.Context, query string, args map[string]any, scan func(into func(dest ...any) error) error) error
}

// Rehearser scores a month without publishing it.
type Rehearser interface {
	Rehearse(ctx context.Context, req scoring.Request, read func(context.Context, scoring.Summary) error) (scoring.Summary, error)
}

// Deps are what a Backtester works with.
type Deps struct {
	DB DB
	// Scorer gives the scorer with the models that were champions at a time, and up to which day these have seen outcomes; zero where none has.
	Scorer func(ctx context.Context, knownBy time.Time) (r Rehearser, seenUntil time.Time, err error)
	Log    *slog.Logger
	// Now is the product's clock; it defaults to time.Now.
	Now func() time.Time
}

// Backtester judges the past. Its methods are safe for concurrent use.
type Backtester struct{ deps Deps }

//go:embed sql/*.sql
var sqlFiles embed.FS

// New checks that everything is there; nothing is read before Run.
func New(deps Deps) (*Backtester, error) {
	if deps.DB == nil || deps.Scorer == nil {
		return nil, errors.New("backtest: a store and a scorer are required")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	return &Backtester{deps}, nil
}

// Request says what to judge.
type Request struct {
	// Product is one product; empty means all.
	Product string
	// From and To are the first and last month whose end is judged; zero means the year up to the last month whose horizon has ended.
	From, To intent.Month
	// Horizon is the days after a month's end within which opportunities that closed count; 0 means 90.
	Horizon int
	// Hindsight counts what is known today about each month, for a store that was filled after the fact; off, what was known at its end.
	Hindsight bool
	// MaxAccounts bounds the accounts that are read, drawn by a hash of their ids; 0 means 200,000.
	MaxAccounts int64
}

// Month is one month end that was judged.
type Month struct {
	Month   intent.Month `json:"-"`
	Name    string       `json:"month"`
	AsOf    time.Time    `json:"as_of"`
	KnownBy time.Time    `json:"known_by"`
	// After and Until bound the days on which opportunities closed: after the first, up to and with the last.
	After string `json:"closed_after"`
	Until string `json:"closed_until"`
	// Fitted says that the month served to fit the overlay, and was not judged by it.
	Fitted      bool   `json:"fitted_on"`
	IntentModel string `json:"intent_model"`
	Accounts    int64  `json:"accounts"`
	Signals     int64  `json:"signals"`
}

// Report is what a backtest came to.
type Report struct {
	Version     string   `json:"version"`
	Product     string   `json:"product,omitempty"`
	HorizonDays int      `json:"horizon_days"`
	Hindsight   bool     `json:"hindsight"`
	Months      []Month  `json:"months"`
	Skipped     []string `json:"skipped,omitempty"`
	// Share is the part of the accounts that was read, 0–1.
	Share float64 `json:"share"`
	// Seen warns that a model in use has been trained on outcomes that it is judged by; empty where none has.
	Seen string `json:"seen,omitempty"`
	*backtest.Result
}

// Run rehearses the months, judges them and stores the result. Errors wrap ErrRequest, backtest.ErrLabels, backtest.ErrLeak, or those of the
// scorer where the input is at fault; nothing is stored then.
func (b *Backtester) Run(ctx context.Context, req Request) (*Report, error) {
	if req.Horizon == 0 {
		req.Horizon = DefaultHorizon
	}
	if req.MaxAccounts == 0 {
		req.MaxAccounts = DefaultMaxAccounts
	}
	what := "backtest"
	if req.Product != "" {
		what = fmt.Sprintf("backtest %q", req.Product)
	}
	rep, err := b.run(ctx, &req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	b.deps.Log.Info("backtest made", "version", rep.Version, "months", len(rep.Months), "cases", rep.Clusters[len(rep.Clusters)-1].Cases)
	return rep, nil
}

func (b *Backtester) run(ctx context.Context, req *Request) (*Report, error) {
	span, err := b.span(ctx, req)
	if err != nil {
		return nil, err
	}
	months, err := plan(req, span, b.deps.Now().UTC())
	if err != nil {
		return nil, err
	}
	rep := &Report{Product: req.Product, HorizonDays: req.Horizon, Hindsight: req.Hindsight, Share: min(float64(span.keep(req))/million, 1)}
	r := newReading(req, span.keep(req))
	for i := range months {
		err := b.month(ctx, r, rep, &months[i])
		if (errors.Is(err, scoring.ErrNoAccounts) || errors.Is(err, scoring.ErrNoFit)) && req.From.IsZero() && i < len(months)-1 {
			rep.Skipped = append(rep.Skipped, fmt.Sprintf("%s: %v", months[i].Name, err))
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	fitted := len(rep.Months) / 2
	for i := range rep.Months[:fitted] {
		rep.Months[i].Fitted = true
	}
	r.data.TrainMonths = int32(fitted)
	if rep.Result, err = backtest.Judge(&r.data); err != nil {
		return nil, err
	}
	return rep, b.store(ctx, req, rep)
}

// month rehearses one month and reads its cases.
func (b *Backtester) month(ctx context.Context, r *reading, rep *Report, m *Month) error {
	scorer, seen, err := b.deps.Scorer(ctx, m.KnownBy)
	if err != nil {
		return err
	}
	req := scoring.Request{Month: m.Month, AsOf: m.AsOf, KnownBy: m.KnownBy}
	sum, err := scorer.Rehearse(ctx, req, func(ctx context.Context, sum scoring.Summary) error {
		return b.cases(ctx, r, m, sum.RunID, int32(len(rep.Months)))
	})
	if err != nil {
		return err
	}
	m.IntentModel, m.Accounts, m.Signals = sum.IntentModel, sum.Accounts, sum.Signals
	rep.Months = append(rep.Months, *m)
	if after, err := time.Parse(time.DateOnly, m.After); err == nil && seen.After(after) && rep.Seen == "" {
		rep.Seen = fmt.Sprintf("%s was judged with a model that has seen outcomes up to %s: its figures flatter", m.Name, seen.Format(time.DateOnly))
	}
	return nil
}

// plain is text in base64: parameters are read with escapes that differ by protocol, and base64 has none.
func plain(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// stamp writes a time as the store reads it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }
