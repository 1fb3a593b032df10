package scoring_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"telltale/internal/scoring"
)

func TestAReplayGivesTheSameRowsAndNamesWhatWasRemoved(t *testing.T) {
	b := world(t)
	sum, err := scorer(t, b).Run(t.Context(), june)
	if err != nil {
		t.Fatal(err)
	}
	// A month later more is known, and the built-in weights are others: the replay has the run's.
	b.signals(t, sig{domain: "dark.example", name: "migration", product: "Azure", id: 50, observed: "2026-06-15 00:00:00", detected: "2026-07-12 00:00:00"})
	later := scorer(t, b, func(c *scoring.Config, d *scoring.Deps) { *c, d.Now = scoring.Config{}, at(now.AddDate(0, 1, 0)) })
	replay := func() *scoring.Replayed {
		t.Helper()
		r, err := later.Replay(t.Context(), sum.RunID, 10)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := replay(); !r.Whole() || r.Same != 10 || r.GoneSignals != 0 || len(r.Touched) != 0 || len(r.Moves) != 0 {
		t.Errorf("with all still stored: %+v", r)
	}
	b.Do(t, "DELETE FROM signal_rows WHERE domain = 'mover.example' AND kind = 'topic'", "DELETE FROM account_rows WHERE account_id = 'quiet'", "DELETE FROM fit_score_rows WHERE account_id = 'bound'")
	r := replay()
	// mover loses a signal and its place, quiet both its rows, bound its fit; those ranked among them keep theirs.
	if r.Whole() || r.Missing != 2 || r.Added != 0 || r.Different < 2 || r.Same+r.Different != 8 || r.GoneSignals != 1 || r.GoneOf != 1 || r.GoneAccounts != 1 || r.GoneFits != 1 ||
		!slices.Equal(r.Touched, []string{"bound", "mover", "quiet"}) || len(r.Moves) == 0 {
		t.Errorf("after erasures: %+v", r)
	}
	if n := b.Lines(t, "SELECT (SELECT count() FROM propensity_rows), (SELECT uniqExact(run_id) FROM propensity), (SELECT count() FROM run_accounts)")[0]; n != "10\t1\t0" {
		t.Errorf("a replay published or left something: %s", n)
	}
	if _, err := later.Replay(t.Context(), "nosuch", 10); !errors.Is(err, scoring.ErrNoRun) || !strings.Contains(err.Error(), "replay nosuch: no such scoring run") {
		t.Errorf("a run that is not there: %v", err)
	}
	b.Do(t, "DELETE FROM models WHERE name = 'intent'")
	if _, err := later.Replay(t.Context(), sum.RunID, 10); !errors.Is(err, scoring.ErrNoRun) || !strings.Contains(err.Error(), "no longer stored") {
		t.Errorf("without its weights: %v", err)
	}
}
