package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"telltale/internal/intent"
	"telltale/internal/scoring"
	"telltale/internal/store"
)

// ScoreCommand scores a month and publishes it.
type ScoreCommand struct {
	Month    string `help:"Month to score, YYYY-MM." required:""`
	AsOf     string `help:"Replay: signals observed up to this time count, RFC 3339; none means the month's end, or now." placeholder:"TIME"`
	Known    string `name:"known-by" help:"Replay: signals detected up to this time count, RFC 3339; none means now." placeholder:"TIME"`
	Weights  string `help:"Weights to use: a YAML file, or the id of weights that a run used; none means the champions of intent (train) as of --known-by over the built-in ones." placeholder:"FILE|ID"`
	Computed bool   `name:"prefer-computed-fit" help:"Let computed fit scores win over imported ones."`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ScoreCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ScoreCommand) Run(ctx context.Context, env *Env) error {
	request, err := c.request(env)
	if err != nil {
		return err
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		sum, err := scoreMonth(ctx, env, e, request, c.Weights, scoring.Config{PreferComputedFit: c.Computed})
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
	if err != nil {
		return scoring.Summary{}, err
	}
	sum, err := scorer.RunAt(ctx, request)
	if errors.Is(err, scoring.ErrNotBegun) || errors.Is(err, scoring.ErrNoAccounts) || errors.Is(err, scoring.ErrNoFit) {
		err = asInput(err)
	}
	return sum, err
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

func printSummary(out io.Writer, sum scoring.Summary) {
	fmt.Fprintf(out, "%s scored as of %s: %d accounts, %d signals used, %d rows published by run %s in %s (weights %s, matrix %s)\n",
		sum.Month, sum.AsOf.Format(time.DateTime), sum.Accounts, sum.Signals, sum.Rows, sum.RunID, sum.Took.Round(time.Millisecond), sum.IntentModel, sum.Matrix)
}

// ExplainCommand says what a score is made of.
type ExplainCommand struct {
	Account string `help:"Account id." required:""`
	Product string `help:"Cloud product." required:""`
	Month   string `help:"Month, YYYY-MM." required:""`
	JSON    bool   `name:"json" help:"Write JSON."`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ExplainCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ExplainCommand) Run(ctx context.Context, env *Env) error {
	month, err := intent.ParseMonth(c.Month)
	if err != nil {
		return asInput(err)
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		scorer, err := e.scorer(env)
		if err != nil {
			return err
		}
		explained, err := scorer.Explain(ctx, c.Account, c.Product, month)
		switch {
		case errors.Is(err, scoring.ErrNotScored):
			return asInput(err)
		case err != nil:
			return err
		case c.JSON:
			return json.NewEncoder(env.Out).Encode(explained)
		}
		printExplanation(env.Out, &explained)
		return nil
	})
}

func printExplanation(out io.Writer, e *scoring.Explanation) {
	fmt.Fprintf(out, "%s, %s, %s: %s %s (%s, %s)\n", e.AccountID, e.Product, e.Month, e.Cluster, e.Cell, e.Segment, e.Motion)
	fmt.Fprintf(out, "fit %s %s from %s; intent %s %s: %.3f logit from %d signals of %d sources\n\n",
		scoreText(e.FitScore), e.FitRating, e.FitModel, scoreText(e.IntentScore), e.IntentRating, float64(e.Logit)/1000, e.Signals, e.Sources)
	if e.Probability != nil {
		fmt.Fprintf(out, "%.1f %% of accounts with such evidence win within the horizon that the weights were trained on (calibrated)\n\n", 100**e.Probability)
	}
	if !e.Covered {
		fmt.Fprintln(out, "No page of this account has been read: silence says nothing here.")
	}
	for _, d := range e.Drivers {
		fmt.Fprintf(out, "%+8.3f  %s\n", float64(d.Points)/1000, d.Name)
		for _, s := range d.Signals {
			fmt.Fprintf(out, "          %+.3f %s %s %s\n%s\n", float64(s.Points)/1000, s.ObservedAt.Format(time.DateOnly), s.Source, s.URL,
				text.WrapSoft("            “"+s.Span+"”", 100))
		}
		if d.Missing > 0 {
			fmt.Fprintf(out, "          %d signals are no longer stored\n", d.Missing)
		}
	}
	printSince(out, e)
}

// printSince says what changed since the published month before.
func printSince(out io.Writer, e *scoring.Explanation) {
	switch {
	case e.Since == nil:
		fmt.Fprintln(out, "\nNo earlier month is published to compare with.")
	case len(e.Since.Why) == 0:
		fmt.Fprintf(out, "\nNothing changed since %s.\n", e.SinceMonth)
	default:
		fmt.Fprintf(out, "\nSince %s: %s became %s.\n", e.SinceMonth, placeText(&e.Since.From), placeText(&e.Since.To))
		printReasons(out, e.Since.Why)
	}
}

func scoreText(score *float64) string {
	if score == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f", *score)
}
