package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"telltale/internal/intent/segments"
	"telltale/internal/intent/support"
)

// TestAnExplanationLeadsFromSignalsToTheCell imports two accounts and their fit, reads a page of one, scores the month and asks why.
func TestAnExplanationLeadsFromSignalsToTheCell(t *testing.T) {
	_, store := newHub(t)
	run := func(program string, args ...string) answer {
		t.Helper()
		return ask(t, "", program, append(args, store...)...).fine(t)
	}
	run("telltale", "import", "accounts", file(t, "accounts.csv", "account_id,name,domain,industry,employees\nA,Alpha,a.example,Retail,50\nB,Beta,b.example,Retail,60\n"))
	run("telltale", "import", "fit", file(t, "fit.csv", "account_id,product,score,valid_from\nA,Azure,80,2020-01-01\nB,Azure,40,2020-01-01\n"))
	run("telltale", "import", "subscriptions", file(t, "subs.csv", "account_id,product,start,end,annual_revenue,program\nB,Azure,2025-07-01,2026-06-30,5000,EA\n"))
	run("telltale", "replay", warcOf(t, "http://a.example/blog/one", "2026-05-01T10:00:00Z", `<html lang="en"><head><title>Moving</title></head><body><article><h1>Moving</h1>`+
		`<p>We are migrating our workloads to Microsoft Azure this quarter and are planning to leave our own data centre.</p></article></body></html>`))
	run("intent-scorer", "run", "--month", "2026-05")
	a := run("intent-scorer", "explain", "--account", "A", "--product", "Azure", "--month", "2026-05").out
	for _, want := range []string{"the sum: the logit", "probability  not calibrated", "rank 1 of 1 accounts with evidence, 0 below it and 0 with the same logit", "interval ", "http://a.example/blog/one",
		"Fit: imported (imported), valid from 2020-01-01", "estimated whitespace revenue $5000.00 a year from comparable owners: segment, industry and size: 1 at $5000", "freshest     2026-05-01"} {
		if !strings.Contains(a, want) {
			t.Errorf("the explanation does not say %q:\n%s", want, a)
		}
	}
	b := run("intent-scorer", "explain", "--account", "B", "--product", "Azure", "--month", "2026-05").out
	if !strings.Contains(b, "expiration open on 2026-06-30 (EA): $5000.00 a year expires, of it open $5000.00") || !strings.Contains(b, "Without evidence there is no score") {
		t.Errorf("of an account that renews, without evidence:\n%s", b)
	}
	id := strings.TrimSpace(run("telltale", "query", "--format", "TSV", "SELECT run_id FROM published_runs").out)
	if out := run("intent-scorer", "run", "--replay", id).out; !strings.Contains(out, "all 16 rows are the same") || !strings.Contains(out, "nothing that the run names was removed") ||
		!strings.Contains(out, ", segments "+segments.Default().ID()+", calendar "+support.Default().ID()+", fiscal year from July, imported fit first)") {
		t.Errorf("a replay:\n%s", out)
	}
	if out := run("intent-scorer", "runs", "--json").out; !strings.Contains(out, `"Segments":"`+segments.Default().ID()+`"`) || !strings.Contains(out, `"FiscalYearStart":7,"PreferComputedFit":false`) {
		t.Errorf("the runs:\n%s", out)
	}
	ask(t, "", "intent-scorer", append([]string{"run", "--replay", "nosuch"}, store...)...).refused(t, "intent-scorer", 2, "nosuch", "no such scoring run")
	ask(t, "", "intent-scorer", append([]string{"run", "--replay", id, "--as-of", "2026-05-31T00:00:00Z"}, store...)...).refused(t, "intent-scorer", 2, "--replay", "--as-of")
	ask(t, "", "intent-scorer", append([]string{"run", "--replay", id, "--prefer-computed-fit"}, store...)...).refused(t, "intent-scorer", 2, "--prefer-computed-fit", id)
	ask(t, "", "intent-scorer", append([]string{"run"}, store...)...).refused(t, "intent-scorer", 2, "--month")
	var x struct {
		Logit   int64
		Drivers []struct{ Points int64 }
		Steps   struct {
			Probability   *float64
			Ranked, Equal int64
		}
		Fit struct {
			Imported bool
			Score    float64
		}
	}
	text := run("intent-scorer", "explain", "--account", "A", "--product", "Azure", "--month", "2026-05", "--json").out
	if err := json.Unmarshal([]byte(text), &x); err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, d := range x.Drivers {
		sum += d.Points
	}
	run("telltale", "query", "INSERT INTO scoring_run_rows SELECT * REPLACE (version + 1 AS version, '' AS segments) FROM scoring_run_rows FINAL")
	if out := run("intent-scorer", "run", "--replay", id, "--prefer-computed-fit").out; !strings.Contains(out, "all 16 rows are the same") || !strings.Contains(out, "older than the record of its segments") {
		t.Errorf("a replay of a run that keeps no segments:\n%s", out)
	}
	if out := run("intent-scorer", "runs", "diff", id, id).out; !strings.Contains(out, "not kept: run "+id+" is older") {
		t.Errorf("the run and itself:\n%s", out)
	}
	if sum != x.Logit || len(x.Drivers) < 2 || x.Steps.Ranked != 1 || x.Steps.Equal != 1 || x.Steps.Probability != nil || !x.Fit.Imported || x.Fit.Score != 80 {
		t.Errorf("as JSON: %s", text)
	}
}
