package scoring_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/intent/segments"
	"telltale/internal/intent/support"
	"telltale/internal/scoring"
)

// ownRules are rules unlike the built-in ones, each of which changes rows of ruled.
func ownRules(t testing.TB) func(*scoring.Config, *scoring.Deps) {
	t.Helper()
	calendar, err := support.Load(strings.NewReader(`{version: own, releases: [{name: "Abacus & Son <1>", ends: 2026-12-31, products: [Azure]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return func(c *scoring.Config, _ *scoring.Deps) {
		c.Segments = segments.Rules{Version: "own", Rules: []segments.Rule{{Name: "Giants & co.", EmployeesMin: 100}, {Name: "Dwarfs", EmployeesMin: 1}}}
		c.Calendar, c.FiscalYearStart, c.PreferComputedFit = calendar, time.January, true
	}
}

// ruled is a world in which each rule of a run matters: the fiscal year to mover and quiet, the calendar to looker, which fit wins to bound, segments to all.
func ruled(t testing.TB) bridge {
	t.Helper()
	b := world(t)
	b.agreements(t,
		agreement{"mover", "Azure", "s", "2025-01-01", "2026-10-31", "2026-01-01", "1000", "EA"},
		// Renewed: its motion is the same in any fiscal year, but in which it expired is told beside.
		agreement{"quiet", "Azure", "s", "2024-01-01", "2025-12-31", "2026-01-01", "500", "EA"},
		agreement{"quiet", "Azure", "t", "2026-01-01", "2028-12-31", "2026-01-01", "700", "EA"})
	b.Do(t, `INSERT INTO licences VALUES ('looker','Abacus & Son <1> Gold','2026-01-01',4,'2026-01-01 00:00:00')`,
		`INSERT INTO fit_score_rows VALUES ('bound','Azure','2026-06-01','2026-06-01 00:00:00','lookalike',false,99,0.9)`)
	return b
}

// rewritten gives a run's row other columns, as versions of it are given.
func (b bridge) rewritten(t testing.TB, run, columns string) {
	t.Helper()
	b.Do(t, "INSERT INTO scoring_run_rows SELECT * REPLACE (version + 1 AS version, "+columns+") FROM scoring_run_rows FINAL WHERE run_id = '"+run+"'")
}

// notKept is the row of a run that is older than the record of its rules.
const notKept = "'' AS segments, '' AS calendar, 0 AS fiscal_year_start, NULL AS prefer_computed_fit"

func TestAReplayGoesByTheRunsOwnRulesWhateverTheProgramsAre(t *testing.T) {
	b := ruled(t)
	own, builtin := scorer(t, b, ownRules(t)), scorer(t, b, func(c *scoring.Config, _ *scoring.Deps) { *c = scoring.Config{} })
	sum, err := own.Run(t.Context(), june)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"bound\tDwarfs\twhitespace\t\tlookalike", "dark\tDwarfs\twhitespace\t\t", "looker\tDwarfs\tend_of_support\t\timported",
		"mover\tGiants & co.\trenewal\topen\timported", "quiet\tDwarfs\tupsell\t\timported"}
	if d := cmp.Diff(want, b.Lines(t, "SELECT account_id, segment, motion, expiration, fit_model FROM propensity WHERE product = 'Azure' ORDER BY account_id")); d != "" {
		t.Fatal(d)
	}
	// A run by the built-in rules supersedes it, which writes its row anew.
	later, err := scorer(t, b).Run(t.Context(), june)
	if err != nil {
		t.Fatal(err)
	}
	for run, s := range map[string]*scoring.Scorer{sum.RunID: builtin, later.RunID: own} {
		if r, err := s.Replay(t.Context(), run, 10); err != nil || !r.Whole() || r.Same != 10 || !r.Run.Kept() {
			t.Errorf("run %s: %+v, %v", run, r, err)
		}
	}
	b.rewritten(t, sum.RunID, notKept)
	if r, err := builtin.Replay(t.Context(), sum.RunID, 10); err != nil || r.Run.Kept() || r.Different != 10 || r.Run.PreferComputedFit != nil {
		t.Errorf("a run that keeps none, by other rules: %+v, %v", r, err)
	}
	if r, err := own.Replay(t.Context(), sum.RunID, 10); err != nil || !r.Whole() {
		t.Errorf("a run that keeps none, by the same rules: %+v, %v", r, err)
	}
}

func TestEachRuleOfARunIsKeptAndMatters(t *testing.T) {
	b := ruled(t)
	s := scorer(t, b) // of the built-in rules
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	sum, err := scorer(t, b, ownRules(t)).Run(t.Context(), june)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.Runs(t.Context())
	if err != nil || len(runs) != 2 || runs[0].Segments != sum.Segments || runs[0].Calendar != sum.Calendar || !strings.HasPrefix(sum.Segments, "own-") || !strings.HasPrefix(sum.Calendar, "own-") ||
		runs[0].FiscalYearStart != time.January || !runs[0].ComputedFirst() || runs[1].ComputedFirst() || runs[1].FiscalYearStart != time.July {
		t.Fatalf("%+v, %v", runs, err)
	}
	kept := "'" + sum.Segments + "' AS segments, '" + sum.Calendar + "' AS calendar, 1 AS fiscal_year_start, true AS prefer_computed_fit"
	for column, c := range map[string]struct {
		other string
		moves int64
	}{
		"segments": {"'" + segments.Default().ID() + "'", 10}, "calendar": {"'" + support.Default().ID() + "'", 1},
		"fiscal_year_start": {"7", 2}, "prefer_computed_fit": {"false", 1},
	} {
		b.rewritten(t, sum.RunID, c.other+" AS "+column)
		if r, err := s.Replay(t.Context(), sum.RunID, 10); err != nil || r.Different != c.moves {
			t.Errorf("with another %s: %+v, %v", column, r, err)
		}
		b.rewritten(t, sum.RunID, kept)
	}
	for name, version := range map[string]string{"segments": sum.Segments, "calendar": sum.Calendar} {
		b.Do(t, "INSERT INTO models SELECT * REPLACE (created_at + 1 AS created_at, replaceOne(content, '\"own\"', '\"foreign\"') AS content) FROM models WHERE name = '"+name+"' AND version = '"+version+"'")
		if _, err := s.Replay(t.Context(), sum.RunID, 10); !errors.Is(err, scoring.ErrNoRun) || !strings.Contains(err.Error(), "what is stored as its "+name+" "+version+" is foreign-") {
			t.Errorf("with other %s under the version: %v", name, err)
		}
		b.rewritten(t, sum.RunID, "'gone-1' AS "+name)
		if _, err := s.Replay(t.Context(), sum.RunID, 10); !errors.Is(err, scoring.ErrNoRun) || !strings.Contains(err.Error(), "its "+name+" gone-1 is no longer stored") {
			t.Errorf("without its %s: %v", name, err)
		}
		b.rewritten(t, sum.RunID, "'"+map[string]string{"segments": segments.Default().ID(), "calendar": support.Default().ID()}[name]+"' AS "+name)
	}
}
