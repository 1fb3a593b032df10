package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"telltale/internal/fit"
	"telltale/internal/fit/features"
	"telltale/internal/fit/lookalike"
	"telltale/internal/scoring/fitting"
	"telltale/internal/store"
)

// FitCommand trains models of fit and scores accounts by them.
type FitCommand struct {
	Train FitTrainCommand `cmd:"" help:"Train a model of fit from best customers or from won and lost opportunities, judge it, and make it the champion where the printed rule says so."`
	Score FitScoreCommand `cmd:"" help:"Score all accounts for a product by its champion; quarterly, or when a new champion stands."`
}

// FitTrainCommand trains a model of fit.
type FitTrainCommand struct {
	Product  string          `help:"Cloud product." required:""`
	Labels   string          `help:"What to learn from: customers (best customers against all other accounts) or opportunities (won against lost)." default:"customers" enum:"customers,opportunities"`
	Model    string          `help:"Kind of model: logistic (regression on bins, explained exactly) or gbdt (gradient-boosted trees, the challenger)." default:"logistic" enum:"logistic,gbdt"`
	AsOf     string          `name:"as-of" help:"Last day that counts, YYYY-MM-DD; none means today." placeholder:"DATE"`
	Known    string          `name:"known-by" help:"What was known by this time counts, RFC 3339; none means now." placeholder:"TIME"`
	BaseRate float64         `help:"Known share of accounts that would buy, above 0 and below 1, which sets the intercept; 0 means the win rate of the product's opportunities, else the share of best customers." default:"0"`
	Bins     int             `help:"Most quantile bins of a number; 0 means 10, and 64 for gbdt." default:"0"`
	Words    int             `help:"Most words of a column that have a level of their own; rarer ones are pooled." default:"30"`
	Without  []string        `help:"Columns to leave out, by name." placeholder:"NAME"`
	Monotone map[string]int8 `help:"Known directions of numbers for gbdt: 1 where more never lowers the score, -1 where more never raises it." placeholder:"NAME=1"`
	Split    string          `help:"CSV of account_id and split (train, tune, test), for a fixed validation; none means by time, or by account where labels are undated." type:"path" placeholder:"FILE"`
	Refits   int             `help:"Also walk through the last fifth of the rows in time with this many refits, against a model trained once; 0 means none." default:"0"`
	Window   int             `help:"Most rows of each of those refits, the latest; 0 means all before." default:"0"`
	MaxRows  int64           `help:"Most rows to train on; of more accounts some without label are drawn." default:"1000000"`
	DryRun   bool            `help:"Train and judge, store nothing."`
	JSON     bool            `name:"json" help:"Write JSON."`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *FitTrainCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *FitTrainCommand) Run(ctx context.Context, env *Env) error {
	req, err := c.request()
	if err != nil {
		return err
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		if err := requireWhole(ctx, env, e, "fit train", req.KnownBy); err != nil {
			return err
		}
		f, err := e.fitter(env)
		if err != nil {
			return err
		}
		rep, err := f.Train(ctx, req)
		if err != nil {
			return fitInput(err)
		}
		if c.JSON {
			return json.NewEncoder(env.Out).Encode(rep)
		}
		printTraining(env.Out, rep)
		return nil
	})
}

func (c *FitTrainCommand) request() (fitting.TrainRequest, error) {
	req := fitting.TrainRequest{Product: c.Product, Labels: lookalike.Labels(c.Labels), Kind: lookalike.Kind(c.Model), BaseRate: c.BaseRate,
		Features: features.Options{Bins: c.Bins, Words: c.Words}, Without: c.Without, Monotone: c.Monotone,
		MaxRows: c.MaxRows, Blocks: c.Refits, Window: c.Window, DryRun: c.DryRun}
	if err := within(number("bins", c.Bins, 0, 254), number("words", c.Words, 1, 254), number("refits", c.Refits, 0, 1000),
		number("window", c.Window, 0, 1<<30), number("max-rows", c.MaxRows, lookalike.MinRows, 20_000_000)); err != nil {
		return req, err
	}
	for name, way := range c.Monotone {
		if way != 1 && way != -1 {
			return req, inputf("--monotone %s=%d: want 1 or -1", name, way)
		}
	}
	if c.Model != string(lookalike.Trees) && len(c.Monotone) > 0 {
		return req, inputf("--monotone: only gbdt takes directions")
	}
	var err error
	if req.AsOf, req.KnownBy, err = dayAndTime(c.AsOf, c.Known); err != nil {
		return req, err
	}
	if c.Split != "" {
		req.Places, err = readPlaces(c.Split)
	}
	return req, err
}

func readPlaces(path string) (map[string]lookalike.Place, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, asInput(fmt.Errorf("--split: %w", err))
	}
	defer func() { _ = f.Close() }()
	places, err := lookalike.ReadPlaces(f)
	if err != nil {
		return nil, inputf("--split %s: %w", path, err)
	}
	return places, nil
}

// dayAndTime reads --as-of and --known-by; what is not given is zero.
func dayAndTime(asOf, knownBy string) (day, at time.Time, err error) {
	if asOf != "" {
		if day, err = time.Parse(time.DateOnly, asOf); err != nil {
			return day, at, inputf("--as-of %q: want a day such as 2026-09-30", asOf)
		}
	}
	if knownBy != "" {
		if at, err = time.Parse(time.RFC3339, knownBy); err != nil {
			return day, at, inputf("--known-by %q: want a time such as 2026-10-31T23:59:59Z", knownBy)
		}
	}
	return day, at, nil
}

// FitScoreCommand scores all accounts for a product.
type FitScoreCommand struct {
	Product string `help:"Cloud product." required:""`
	AsOf    string `name:"as-of" help:"Last day that counts and first that the scores hold, YYYY-MM-DD; none means today." placeholder:"DATE"`
	Known   string `name:"known-by" help:"What was known by this time counts, RFC 3339; none means now." placeholder:"TIME"`
	Version string `name:"model-version" help:"Version of the model; none means the champion." placeholder:"VERSION"`
	JSON    bool   `name:"json" help:"Write JSON."`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *FitScoreCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *FitScoreCommand) Run(ctx context.Context, env *Env) error {
	req := fitting.ScoreRequest{Product: c.Product, Version: c.Version}
	var err error
	if req.AsOf, req.KnownBy, err = dayAndTime(c.AsOf, c.Known); err != nil {
		return err
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		if err := requireWhole(ctx, env, e, "fit score", req.KnownBy); err != nil {
			return err
		}
		f, err := e.fitter(env)
		if err != nil {
			return err
		}
		rep, err := f.Score(ctx, req)
		if err != nil {
			return fitInput(err)
		}
		if c.JSON {
			return json.NewEncoder(env.Out).Encode(rep)
		}
		printFitScores(env.Out, rep)
		return nil
	})
}

// fitInput tells errors of the input from failures.
func fitInput(err error) error {
	for _, input := range []error{lookalike.ErrLabels, lookalike.ErrLeak, lookalike.ErrFeatures, fitting.ErrRequest, fitting.ErrNoAccounts, fitting.ErrNoModel} {
		if errors.Is(err, input) {
			return asInput(err)
		}
	}
	return err
}

func (e *engines) fitter(env *Env) (*fitting.Fitter, error) {
	return fitting.New(fitting.Deps{DB: scoreDB{e.store}, Registry: e.store, Log: env.Log, Now: env.Now, Publish: publishFit(e.store)})
}

// publishFit stores computed scores as versions, as imports are stored, but all at once: what is there already is not written again.
func publishFit(st *store.Store) func(context.Context, time.Time, func(func([]fit.Score) error) error) (int, error) {
	return func(ctx context.Context, known time.Time, fill func(func([]fit.Score) error) error) (int, error) {
		done, err := st.PublishFit(ctx, known, func(write func([]store.FitScore) error) error {
			return fill(func(scores []fit.Score) error {
				rows := make([]store.FitScore, len(scores))
				for i, s := range scores {
					rows[i] = store.FitScore{AccountID: s.AccountID, Product: s.Product, ValidFrom: s.ValidFrom, Model: s.Model, Score: float32(s.Value), Probability: &s.Probability}
				}
				return write(rows)
			})
		})
		return done.Written, err
	}
}
