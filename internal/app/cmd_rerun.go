package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"telltale/internal/scoring"
)

// replayMoves is how many accounts of a replay that stand elsewhere are told in full.
const replayMoves = 20

// replay does a run once more and says how its rows differ.
func (c *ScoreCommand) replay(ctx context.Context, env *Env) error {
	if c.AsOf != "" || c.Known != "" || c.Matrix != "" || c.Segments != "" || c.Calendar != "" || c.FiscalYear != "" {
		return inputf("--replay: takes --as-of, --known-by, --matrix, --segments, --calendar and --fiscal-year-start from the run; leave them out")
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		scorer, err := e.scorerOf(env, scoring.Config{PreferComputedFit: c.Computed})
		if err != nil {
			return err
		}
		if err := c.contradicted(ctx, scorer); err != nil {
			return err
		}
		r, err := scorer.Replay(ctx, c.Replay, replayMoves)
		switch {
		case errors.Is(err, scoring.ErrNoRun):
			return asInput(err)
		case err != nil:
			return runInput(err)
		case c.JSON:
			return json.NewEncoder(env.Out).Encode(r)
		}
		printReplayed(env.Out, r)
		return nil
	})
}

// contradicted refuses to let computed fit win in the replay of a run that is known not to have done so.
func (c *ScoreCommand) contradicted(ctx context.Context, scorer *scoring.Scorer) error {
	if !c.Computed {
		return nil
	}
	runs, err := scorer.Runs(ctx)
	if err != nil {
		return err
	}
	for i := range runs {
		if r := &runs[i]; r.RunID == c.Replay && r.Kept() && !r.ComputedFirst() {
			return inputf("--prefer-computed-fit: imported fit won in run %s, and a replay goes by its run; leave it out", r.RunID)
		}
	}
	return nil
}

// rulesText names what a run was done by, as far as it is kept.
func rulesText(r *scoring.RunInfo) string {
	text := fmt.Sprintf("weights %s, matrix %s", r.IntentModel, r.Matrix)
	if !r.Kept() {
		return text
	}
	first := "imported"
	if r.ComputedFirst() {
		first = "computed"
	}
	return fmt.Sprintf("%s, segments %s, calendar %s, fiscal year from %s, %s fit first", text, r.Segments, r.Calendar, r.FiscalYearStart, first)
}

func printReplayed(out io.Writer, r *scoring.Replayed) {
	fmt.Fprintf(out, "run %s of %s, done again as of %s, known by %s (%s)\n", r.Run.RunID, r.Run.Month, rfc3339(r.Run.AsOf), rfc3339(r.Run.KnownBy),
		rulesText(&r.Run))
	if !r.Run.Kept() {
		fmt.Fprintln(out, "the run is older than the record of its segments, calendar, fiscal year and which fit wins: these are the program's, and may differ from the run's")
	}
	if r.Whole() {
		fmt.Fprintf(out, "all %d rows are the same\n", r.Same)
	} else {
		fmt.Fprintf(out, "%d rows are the same, %d differ, %d are missing, %d are new\n", r.Same, r.Different, r.Missing, r.Added)
	}
	if len(r.Touched) == 0 {
		fmt.Fprintln(out, "nothing that the run names was removed by retention or erasure")
	} else {
		fmt.Fprintf(out, "removed since by retention or erasure: %d signals of %d accounts, %d accounts, %d fit scores; of %s\n", r.GoneSignals, r.GoneOf, r.GoneAccounts, r.GoneFits,
			plainLine(strings.Join(r.Touched, ", ")))
	}
	for i := range r.Moves {
		m := &r.Moves[i]
		fmt.Fprintf(out, "\n%s, %s: %s became %s\n", m.AccountID, m.Product, placeText(&m.From), placeText(&m.To))
		printReasons(out, m.Why)
	}
}
