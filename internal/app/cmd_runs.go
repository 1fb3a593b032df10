package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/intent"
	"telltale/internal/scoring"
)

// RunsCommand lists the scoring runs and compares two of them.
type RunsCommand struct {
	List RunsListCommand `cmd:"" default:"withargs" help:"List the scoring runs, the default."`
	Diff RunsDiffCommand `cmd:"" help:"Compare two runs: who moved cell and why."`
}

// RunsListCommand lists the scoring runs.
type RunsListCommand struct {
	JSON bool `name:"json" help:"Write JSON."`

	program *IntentScorerProgram
}

// AfterApply keeps the program's flags for Run.
func (c *RunsListCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *RunsListCommand) Run(ctx context.Context, env *Env) error {
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		scorer, err := e.scorer(env)
		if err != nil {
			return err
		}
		runs, err := scorer.Runs(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(env.Out).Encode(runs)
		}
		t := table.NewWriter()
		t.SetStyle(table.StyleLight)
		t.AppendHeader(table.Row{"month", "run", "state", "as of", "started", "accounts", "signals", "rows", "error"})
		for _, r := range runs {
			t.AppendRow(table.Row{r.Month, r.RunID, r.State, r.AsOf.Format(time.DateTime), r.Started.Format(time.DateTime), r.Accounts, r.Signals, r.Rows, r.Error})
		}
		fmt.Fprintln(env.Out, t.Render())
		return nil
	})
}

// RunsDiffCommand compares two runs.
type RunsDiffCommand struct {
	From string `arg:"" help:"The earlier run's id, as runs lists it." placeholder:"RUN"`
	To   string `arg:"" help:"The later run's id." placeholder:"RUN"`
	Most int    `help:"Most accounts and products to show in full, 0 to 100,000; the counts are of all." default:"100"`
	JSON bool   `name:"json" help:"Write JSON."`

	program *IntentScorerProgram
}

// maxMoves bounds what a comparison holds in memory.
const maxMoves = 100_000

// AfterApply keeps the program's flags for Run.
func (c *RunsDiffCommand) AfterApply(p *IntentScorerProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *RunsDiffCommand) Run(ctx context.Context, env *Env) error {
	if c.Most < 0 || c.Most > maxMoves {
		return inputf("--most %d: want 0 to %d", c.Most, maxMoves)
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		scorer, err := e.scorer(env)
		if err != nil {
			return err
		}
		d, err := scorer.Diff(ctx, c.From, c.To, c.Most)
		switch {
		case errors.Is(err, scoring.ErrNoRun):
			return asInput(err)
		case err != nil:
			return err
		case c.JSON:
			return json.NewEncoder(env.Out).Encode(d)
		}
		printDiff(env.Out, &d)
		return nil
	})
}

func printDiff(out io.Writer, d *scoring.Diff) {
	fmt.Fprintf(out, "%d accounts and products moved from %s (%s) to %s (%s)\n", d.Moved, d.From.RunID, d.From.Month, d.To.RunID, d.To.Month)
	printReasons(out, d.Rules)
	for _, t := range d.Transitions {
		fmt.Fprintf(out, "%8d  %s → %s\n", t.Count, t.From, t.To)
	}
	for i := range d.Moves {
		m := &d.Moves[i]
		fmt.Fprintf(out, "\n%s, %s: %s became %s\n", m.AccountID, m.Product, placeText(&m.From), placeText(&m.To))
		printReasons(out, m.Why)
	}
	if rest := d.Moved - int64(len(d.Moves)); rest > 0 {
		fmt.Fprintf(out, "\n%d more; --most shows them\n", rest)
	}
}

func printReasons(out io.Writer, why []intent.Reason) {
	for _, r := range why {
		fmt.Fprintf(out, "  %s: %s\n", r.Cause, r.Text)
	}
}

// placeText writes where an account stood.
func placeText(s *intent.Stand) string {
	switch {
	case !s.Present:
		return "not there"
	case s.Cell == "":
		return fmt.Sprintf("%s (fit %s, intent %s)", s.Cluster, s.FitRating, s.IntentRating)
	}
	return fmt.Sprintf("%s %s (fit %s, intent %s)", s.Cluster, s.Cell, scoreText(s.FitScore), scoreText(s.IntentScore))
}
