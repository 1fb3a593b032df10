package scoring_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/intent"
	"telltale/internal/intent/segments"
	"telltale/internal/intent/support"
	"telltale/internal/scoring"
)

// twoMonths scores June, lets things happen, and scores July.
func twoMonths(t *testing.T) (b bridge, juneRun, julyRun string) {
	t.Helper()
	b = world(t)
	first, err := scorer(t, b).Run(t.Context(), june)
	if err != nil {
		t.Fatal(err)
	}
	b.signals(t, sig{domain: "looker.example", name: "competitor_adopted", product: "Azure", id: 60, observed: "2026-07-20 00:00:00"})
	b.Do(t, `INSERT INTO fit_score_rows VALUES ('quiet','Azure','2026-07-01','2026-07-15 00:00:00','lookalike-7',true,95,NULL)`)
	b.account(t, "new", 20, "Media", "new.example")
	later := scorer(t, b, func(_ *scoring.Config, d *scoring.Deps) { d.Now = at(now.AddDate(0, 1, 0)) })
	second, err := later.Run(t.Context(), month("2026-07"))
	if err != nil {
		t.Fatal(err)
	}
	return b, first.RunID, second.RunID
}

func TestTwoRunsAreComparedByWhoMovedAndWhy(t *testing.T) {
	b, from, to := twoMonths(t)
	s := scorer(t, b)
	d, err := s.Diff(t.Context(), from, to, 100)
	if err != nil {
		t.Fatal(err)
	}
	if d.From.Month != june || d.To.Month != month("2026-07") || int64(len(d.Moves)) != d.Moved {
		t.Errorf("%s to %s, %d moved, %d told", d.From.Month, d.To.Month, d.Moved, len(d.Moves))
	}
	got := map[string]string{}
	var sum int64
	for _, m := range d.Moves {
		var why []string
		for _, r := range m.Why {
			why = append(why, strings.TrimSpace(r.Cause+" "+r.Driver))
		}
		got[m.AccountID+"|"+m.Product] = m.From.Cluster + " " + m.From.Cell + " → " + m.To.Cluster + " " + m.To.Cell + ": " + strings.Join(why, ", ")
	}
	for _, x := range d.Transitions {
		sum += x.Count
	}
	if sum != d.Moved {
		t.Errorf("the transitions sum to %d of %d", sum, d.Moved)
	}
	looker := got["looker|Azure"]
	if !strings.HasPrefix(looker, "Evaluate B3 → Act Now A4: ") || !strings.Contains(looker, intent.CauseNew+" topic:competitor_adopted") || !strings.Contains(looker, intent.CauseAge+" topic:migration") {
		t.Errorf("looker: %s", looker)
	}
	if got["new|Azure"] != "  → Unknown : "+intent.CauseAppeared {
		t.Errorf("new: %s", got["new|Azure"])
	}
	if _, moved := got["dark|Azure"]; moved {
		t.Error("an account that stayed where it was is told as moved")
	}
	few, err := s.Diff(t.Context(), from, to, 1)
	if err != nil || len(few.Moves) != 1 || few.Moved != d.Moved {
		t.Errorf("one of %d: %d, %v", d.Moved, len(few.Moves), err)
	}
	if none, err := s.Diff(t.Context(), from, from, 10); err != nil || none.Moved != 0 || len(none.Moves) != 0 {
		t.Errorf("a run against itself: %+v, %v", none, err)
	}
	for _, ids := range [][2]string{{from, "nosuch"}, {"o'brien\\", to}} {
		if _, err := s.Diff(t.Context(), ids[0], ids[1], 10); !errors.Is(err, scoring.ErrNoRun) {
			t.Errorf("%v: %v", ids, err)
		}
	}
}

func TestAScoreIsExplainedByWhatChangedSinceTheMonthBefore(t *testing.T) {
	b, _, _ := twoMonths(t)
	s := scorer(t, b)
	causes := func(account string, m string) []string {
		t.Helper()
		e, err := s.Explain(t.Context(), account, "Azure", month(m))
		if err != nil {
			t.Fatal(err)
		}
		if e.Since == nil {
			return nil
		}
		var out []string
		for _, r := range e.Since.Why {
			out = append(out, strings.TrimSpace(r.Cause+" "+r.Driver))
		}
		return out
	}
	for account, want := range map[string][]string{
		"looker": {intent.CauseNew + " topic:competitor_adopted", intent.CauseAge + " topic:migration"},
		// Its fit changed, and what was published in July counts now.
		"quiet": {intent.CauseFitModel, intent.CauseNew + " base:rate", intent.CauseNew + " topic:migration"},
		"new":   {intent.CauseAppeared},
	} {
		if d := cmp.Diff(want, causes(account, "2026-07")); d != "" {
			t.Errorf("%s: %s", account, d)
		}
	}
	if got := causes("looker", "2026-06"); got != nil {
		t.Errorf("the first month: %v", got)
	}
}

func TestRunsByOtherRulesSayWhichDiffer(t *testing.T) {
	b := ruled(t)
	var ids []string
	for _, change := range []func(*scoring.Config, *scoring.Deps){ownRules(t), func(*scoring.Config, *scoring.Deps) {}} {
		sum, err := scorer(t, b, change).Run(t.Context(), june)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, sum.RunID)
	}
	told := func(from, to string) (out []string) {
		t.Helper()
		d, err := scorer(t, b).Diff(t.Context(), from, to, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range d.Rules {
			out = append(out, r.Cause+": "+strings.NewReplacer(segments.Default().ID(), "builtin", support.Default().ID(), "builtin", ids[0], "RUN").Replace(r.Text))
		}
		return out
	}
	got := told(ids[0], ids[1])
	if len(got) != 4 || !strings.HasPrefix(got[0], "segments: segments own-") || !strings.HasSuffix(got[0], " became builtin") || !strings.HasPrefix(got[1], "calendar: calendar own-") ||
		got[2] != "fiscal year: a fiscal year that begins in January became July" || got[3] != "preferred fit: fit scores preferred: computed became imported" {
		t.Errorf("told: %q", got)
	}
	if got := told(ids[1], ids[1]); len(got) != 0 {
		t.Errorf("a run and itself: %q", got)
	}
	b.rewritten(t, ids[0], notKept)
	if d := cmp.Diff([]string{"not kept: run RUN is older than the record of segments, calendar, fiscal year and preferred fit"}, told(ids[0], ids[1])); d != "" {
		t.Error(d)
	}
}
