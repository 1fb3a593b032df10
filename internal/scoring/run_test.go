package scoring_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/scoring"
)

// world is a small world worked out by hand.
func world(t testing.TB) bridge {
	b := open(t)
	b.account(t, "mover", 400, "Retail", "mover.example", "mover.test")
	b.account(t, "looker", 50, "Retail", "looker.example")
	b.account(t, "quiet", 12, "Media", "quiet.example")
	b.account(t, "dark", 5, "Media", "dark.example")
	b.account(t, "bound", 30, "Media", "bound.example")
	for _, id := range []string{"mover", "looker", "quiet", "bound"} {
		b.fit(t, id, "Azure", map[string]float64{"mover": 90, "looker": 60, "quiet": 40, "bound": 10}[id])
	}
	b.Do(t, `INSERT INTO pages (domain, url, fetched_at, kind, status, error) VALUES ('quiet.example','https://quiet.example/','2026-06-01 00:00:00','home',200,'')`)
	end := "2026-06-30 23:59:59.999"
	b.signals(t,
		sig{domain: "mover.example", name: "migration", product: "Azure", id: 1, observed: end, detected: "2026-07-01 00:00:00", evidence: "We move to Azure"},
		// The same text elsewhere, a day later and in other case: a syndicated copy.
		sig{domain: "mover.test", name: "migration", product: "Azure", id: 2, observed: "2026-06-30 23:59:59.999", evidence: "we MOVE to azure", source: "press"},
		sig{domain: "mover.test", name: "evaluation", product: "Azure", id: 3, observed: end, source: "press"},
		sig{domain: "mover.example", kind: "event", name: "funding", id: 4, observed: end, source: "press"},
		sig{domain: "looker.example", name: "migration", product: "Azure", id: 5, observed: "2026-05-31 23:59:59.999", strength: 0.5},
		sig{domain: "looker.example", kind: "technology", name: "Google Workspace", id: 6, observed: "2026-02-01 00:00:00", source: "dns", url: "dns:looker.example"},
		sig{domain: "bound.example", name: "competitor_adopted", product: "Azure", id: 7, observed: end, sign: -1},
		// Not yet, on either clock; and nobody's.
		sig{domain: "quiet.example", name: "migration", product: "Azure", id: 8, observed: "2026-07-01 00:00:00"},
		sig{domain: "quiet.example", name: "migration", product: "Azure", id: 9, observed: "2026-06-01 00:00:00", detected: "2026-07-11 00:00:00"},
		sig{domain: "nobody.example", name: "migration", product: "Azure", id: 10, observed: "2026-06-01 00:00:00"})
	return b
}

const readIntent = `SELECT account_id, product, logit, ifNull(toString(round(score, 3)), '-'), rating, signals, sources, covered,
	arrayStringConcat(arrayMap(d -> concat(d.1, '=', toString(d.2)), drivers), ' ') FROM intent_scores ORDER BY account_id, product`

func TestAMonthWorkedOutByHand(t *testing.T) {
	b := world(t)
	sum, err := scorer(t, b).Run(t.Context(), june)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Accounts != 5 || sum.Signals != 6 || sum.Rows != 10 || !sum.AsOf.Equal(june.End()) || !sum.KnownBy.Equal(now) {
		t.Errorf("summary %+v", sum)
	}
	want := []string{
		"bound\tAzure\t-2900\t16.667\tVery Low\t1\t0\ttrue\tbase:rate=-2000 topic:competitor_adopted=-900",
		"bound\tMicrosoft 365\t0\t-\tUnknown\t0\t0\tfalse\t",
		"dark\tAzure\t0\t-\tUnknown\t0\t0\tfalse\t",
		"dark\tMicrosoft 365\t0\t-\tUnknown\t0\t0\tfalse\t",
		"looker\tAzure\t-1750\t50\tLow\t1\t1\ttrue\tbase:rate=-2000 topic:migration=250",
		"looker\tMicrosoft 365\t-1400\t50\tLow\t1\t1\ttrue\tbase:rate=-2000 technology:Google Workspace=600",
		"mover\tAzure\t-149\t83.333\tHigh\t3\t2\ttrue\tbase:rate=-2000 topic:migration=1000 topic:evaluation=551 event:funding=200 breadth:sources=100",
		"mover\tMicrosoft 365\t0\t-\tUnknown\t0\t0\tfalse\t",
		"quiet\tAzure\t0\t-\tUnknown\t0\t0\ttrue\t",
		"quiet\tMicrosoft 365\t0\t-\tUnknown\t0\t0\ttrue\t",
	}
	if d := cmp.Diff(want, b.Lines(t, readIntent)); d != "" {
		t.Error(d)
	}
	want = []string{
		"bound\t10\tVery Low\tVery Low\tD4\tEducate\tMedium\twhitespace",
		"dark\t-\tUnknown\tUnknown\t\tUnknown\tVery Small\twhitespace",
		"looker\t60\tMedium\tLow\tB3\tEvaluate\tMedium\twhitespace",
		"mover\t90\tHigh\tHigh\tA1\tAct Now\tTop Unmanaged user-based\twhitespace",
		"quiet\t40\tLow\tUnknown\t\tUnknown\tSmall\twhitespace",
	}
	got := b.Lines(t, `SELECT account_id, ifNull(toString(fit_score), '-'), fit_rating, intent_rating, cell, cluster, segment, motion FROM propensity WHERE product = 'Azure' ORDER BY account_id`)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, table := range []string{"run_attributions", "run_accounts", "run_domains", "run_end_of_support", "run_holdings", "run_revenue", "run_evidence", "run_ranks", "run_fit", "run_subjects", "run_products", "run_regrouped", "run_purchases", "run_owners", "run_elsewhere", "run_gone", "run_bands", "run_cells"} {
		if n := b.Lines(t, "SELECT count() FROM "+table); n[0] != "0" {
			t.Errorf("%s rows were left in %s", n[0], table)
		}
	}
}

func TestTheSameInputsGiveTheSameRows(t *testing.T) {
	b := world(t)
	const all = `SELECT * EXCEPT (run_id) FROM propensity ORDER BY account_id, product`
	s := scorer(t, b)
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	first, firstIntent := b.Lines(t, all), b.Lines(t, readIntent)
	// What is learned later, and merges, change nothing for a replay with the run's two times.
	b.signals(t, sig{domain: "dark.example", name: "migration", product: "Azure", id: 50, observed: "2026-06-15 00:00:00", detected: "2026-07-12 00:00:00"})
	b.Do(t, `INSERT INTO account_domains VALUES ('dark','mover.example','2026-07-11 00:00:00','`+ever+`','2026-07-11 00:00:00',0)`,
		`INSERT INTO fit_score_rows VALUES ('dark','Azure','1970-01-01','2026-07-11 00:00:00','imported',true,99,NULL)`,
		`OPTIMIZE TABLE signal_rows FINAL`, `OPTIMIZE TABLE account_domains FINAL`)
	later := scorer(t, b, func(_ *scoring.Config, d *scoring.Deps) { d.Now = at(now.AddDate(0, 1, 0)) })
	if _, err := later.RunAt(t.Context(), scoring.Request{Month: june, AsOf: june.End(), KnownBy: now}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, b.Lines(t, all)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(firstIntent, b.Lines(t, readIntent)); d != "" {
		t.Error(d)
	}
	states := b.Lines(t, "SELECT state FROM scoring_runs ORDER BY state")
	if !slices.Equal(states, []string{"published", "superseded"}) {
		t.Errorf("states %v", states)
	}
	// A run today of the same month counts what is known today.
	if _, err := later.Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(first, b.Lines(t, all)) {
		t.Error("what was learned in July did not count in a run of August")
	}
}

func TestARunThatHasNothingToSayIsRefused(t *testing.T) {
	b := open(t)
	s := scorer(t, b)
	refused := func(want error, says string, req scoring.Request) {
		t.Helper()
		_, err := s.RunAt(t.Context(), req)
		if !errors.Is(err, want) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	refused(scoring.ErrNotBegun, "score 2026-08: the month has not begun: it is 2026-07-10", scoring.Request{Month: month("2026-08")})
	refused(scoring.ErrTooOld, "score 2020-01: scores of the month are no longer kept: the store has scores of the last 37 months", scoring.Request{Month: month("2020-01")})
	refused(scoring.ErrNoAccounts, "score 2026-06: no accounts are known by 2026-07-10", scoring.Request{Month: june})
	b.account(t, "a", 10, "", "a.example")
	refused(scoring.ErrNoFit, "score 2026-06: no product has a fit score", scoring.Request{Month: june})
	b.fit(t, "a", "Teleportation", 50)
	refused(scoring.ErrNoFit, "no product has a fit score", scoring.Request{Month: june})
	b.fit(t, "nobody", "Azure", 50)
	refused(scoring.ErrNoFit, "no product has a fit score", scoring.Request{Month: june})
	b.fit(t, "a", "Azure", 50)
	refused(scoring.ErrNoAccounts, "by 2025", scoring.Request{Month: june, KnownBy: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)})
	if n := b.Lines(t, "SELECT count() FROM propensity")[0]; n != "0" {
		t.Errorf("%s rows were published", n)
	}
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Errorf("and then: %v", err)
	}
}
