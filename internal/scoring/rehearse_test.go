package scoring_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/scoring"
)

func TestARehearsalIsReadAndNeverPublished(t *testing.T) {
	b := world(t)
	s := scorer(t, b)
	const published = "SELECT account_id, product, intent_score, cell, run_id FROM propensity ORDER BY ALL"
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	before := b.Lines(t, published)
	seen := ""
	sum, err := s.Rehearse(t.Context(), scoring.Request{Month: june, AsOf: june.End(), KnownBy: june.End()}, func(_ context.Context, sum scoring.Summary) error {
		seen = b.Lines(t, "SELECT count(), countIf(cell != '') FROM propensity_rows WHERE run_id = '"+sum.RunID+"'")[0]
		return nil
	})
	if err != nil || seen != "10\t3" || sum.Rows != 10 {
		t.Fatalf("saw %q, summary %+v, %v", seen, sum, err)
	}
	if d := cmp.Diff(before, b.Lines(t, published)); d != "" {
		t.Error(d)
	}
	stop := errors.New("seen enough")
	if _, err := s.Rehearse(t.Context(), scoring.Request{Month: june}, func(context.Context, scoring.Summary) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("what the reader says is %v", err)
	}
	if _, err := s.Rehearse(t.Context(), scoring.Request{Month: month("2026-08")}, nil); !errors.Is(err, scoring.ErrNotBegun) {
		t.Errorf("a month to come: %v", err)
	}
	if n := b.Lines(t, "SELECT uniqExact(run_id) FROM propensity_rows"); n[0] != "1" {
		t.Errorf("rows of %s runs are left, want those of the published one", n[0])
	}
	if states := b.Lines(t, "SELECT state FROM scoring_runs ORDER BY state"); !slices.Equal(states, []string{"failed", "published", "rehearsed"}) {
		t.Errorf("states %v", states)
	}
}
