package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"telltale/internal/intent"
	"telltale/internal/scoring"
	"telltale/internal/store"
)

// ScoreCommand scores a month and publishes it.
type ScoreCommand struct {
	Month   string `help:"Month to score, YYYY-MM." xor:"month" required:""`
	Replay  string `help:"Do a published run once more, by its id, with its two times and rules, and compare the rows; publishes nothing." xor:"month" required:"" placeholder:"RUN"`
	JSON    bool   `name:"json" help:"With --replay, write JSON."`
	AsOf    string `help:"Replay: signals observed up to this time count, RFC 3339; none means the month's end, or now." placeholder:"TIME"`
	Known   string `name:"known-by" help:"Replay: signals detected up to this time count, RFC 3339; none means now." placeholder:"TIME"`
	Weights string `help:"Weights to use: a YAML file, or the id of weights that a run used; none means the champions of intent (train) as of --known-by over the built-in ones." placeholder:"FILE|ID"`
	ScoringRules

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ScoreCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ScoreCommand) Run(ctx context.Context, env *Env) error {
	if c.Replay != "" {
		return c.replay(ctx, env)
	}
	request, err := c.request(env)
	if err != nil {
		return err
	}
	cfg, err := c.config("")
	if err != nil {
		return err
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		sum, err := scoreMonth(ctx, env, e, request, c.Weights, cfg)
		if err != nil {
			return err
		}
		printSummary(env.Out, sum)
		return nil
	})
}

func (c *ScoreCommand) request(env *Env) (scoring.Request, error) {
	month, err := begunMonth(c.Month, env.Now())
	if err != nil {
		return scoring.Request{}, err
	}
	request := scoring.Request{Month: month}
	for _, f := range [...]struct {
		flag, text string
		into       *time.Time
	}{{"--as-of", c.AsOf, &request.AsOf}, {"--known-by", c.Known, &request.KnownBy}} {
		if f.text == "" {
			continue
		}
		if *f.into, err = time.Parse(time.RFC3339, f.text); err != nil {
			return scoring.Request{}, inputf("%s %q: want a time such as 2026-10-31T23:59:59Z", f.flag, f.text)
		}
	}
	return request, nil
}

// begunMonth reads a month to score, which must have begun: told before a pass rather than at its end.
func begunMonth(text string, now time.Time) (intent.Month, error) {
	month, err := intent.ParseMonth(text)
	if err == nil && now.Before(month.Start()) {
		err = fmt.Errorf("month %s: has not begun: it is %s", month, now.UTC().Format(time.DateOnly))
	}
	return month, asInput(err)
}

// scoreMonth runs the scorer over an open store, by the weights that are given, or else by the champions as they were known.
func scoreMonth(ctx context.Context, env *Env, e *engines, request scoring.Request, weights string, cfg scoring.Config) (scoring.Summary, error) {
	known := request.KnownBy
	if known.IsZero() {
		known = env.Now()
	}
	var err error
	if cfg.Weights, _, err = e.weightsAt(ctx, weights, known); err != nil {
		return scoring.Summary{}, err
	}
	scorer, err := e.scorerOf(env, cfg)
	if errors.Is(err, scoring.ErrConfig) {
		err = asInput(err)
	}
	if err != nil {
		return scoring.Summary{}, err
	}
	sum, err := scorer.RunAt(ctx, request)
	return sum, runInput(err)
}

// runInput tells a run that was refused from one that failed.
func runInput(err error) error {
	for _, refusal := range [...]error{scoring.ErrNotBegun, scoring.ErrTooOld, scoring.ErrUnfinished, scoring.ErrUnderWay, scoring.ErrNoAccounts, scoring.ErrNoFit} {
		if errors.Is(err, refusal) {
			return asInput(err)
		}
	}
	return err
}

// requireWhole refuses what is about to be done with what was known by a time, zero being now, where a file is half imported.
func requireWhole(ctx context.Context, env *Env, e *engines, what string, known time.Time) error {
	if known.IsZero() {
		known = env.Now()
	}
	s, err := scoring.New(scoring.Config{}, scoring.Deps{DB: scoreDB{e.store}, AloneSince: e.aloneSince})
	if err == nil {
		err = s.CheckImports(ctx, known)
	}
	if err != nil {
		err = runInput(fmt.Errorf("%s: %w", what, err))
	}
	return err
}

func (e *engines) scorer(env *Env) (*scoring.Scorer, error) {
	return e.scorerOf(env, scoring.Config{})
}

func (e *engines) scorerOf(env *Env, cfg scoring.Config) (*scoring.Scorer, error) {
	return scoring.New(cfg, scoring.Deps{DB: scoreDB{e.store}, Log: env.Log, Now: env.Now, Registerer: env.Registry, AloneSince: e.aloneSince})
}

// scoreDB gives the scorer and the reports the store in their own words.
type scoreDB struct{ st *store.Store }

// Exec implements scoring.DB.
func (d scoreDB) Exec(ctx context.Context, query string, args map[string]any) error {
	return d.st.Exec(ctx, query, args)
}

// Each implements scoring.DB.
func (d scoreDB) Each(ctx context.Context, query string, args map[string]any, scan func(into func(dest ...any) error) error) error {
	return d.st.Each(ctx, query, args, scan)
}

// Insert implements scoring.DB.
func (d scoreDB) Insert(ctx context.Context, table string, columns []string, values []any) error {
	return d.st.Insert(ctx, table, columns, values)
}

func printSummary(out io.Writer, sum scoring.Summary) {
	fmt.Fprintf(out, "%s scored as of %s: %d accounts, %d signals used, %d rows published by run %s in %s (weights %s, matrix %s)\n",
		sum.Month, sum.AsOf.Format(time.DateTime), sum.Accounts, sum.Signals, sum.Rows, sum.RunID, sum.Took.Round(time.Millisecond), sum.IntentModel, sum.Matrix)
	if sum.Continues != "" {
		fmt.Fprintf(out, "it went on where run %s had died: %d finished steps were kept\n", sum.Continues, sum.Kept)
	}
}
