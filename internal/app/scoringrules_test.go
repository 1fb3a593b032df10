package app_test

import (
	"path/filepath"
	"testing"
)

func TestSegmentsCalendarAndFiscalYearAreThoseThatAreNamed(t *testing.T) {
	_, store := newHub(t)
	for kind, text := range map[string]string{
		"accounts":      "account_id,name,domain,employees\nA,Alpha,a.example,40\n",
		"fit":           "account_id,product,score\nA,Azure,80\n",
		"subscriptions": "account_id,product,start,end,annual_revenue\nA,Azure,2025-01-01,2026-09-30,1000\n",
		"licences":      "account_id,product,seen\nA,Hydra 3,2026-01-01\n",
	} {
		ask(t, "", "telltale", append([]string{"import", kind, file(t, kind+".csv", text)}, store...)...).fine(t)
	}
	run := func(flags ...string) answer {
		return ask(t, "", "intent-scorer", append(append([]string{"run", "--month", "2026-05"}, flags...), store...)...)
	}
	motions := func() string {
		const q = "SELECT product, segment, motion FROM propensity WHERE product IN ('Azure', 'Microsoft 365') ORDER BY product"
		return ask(t, "", "telltale", append([]string{"query", "--format", "TSV", q}, store...)...).fine(t).out
	}
	run().fine(t)
	if got := motions(); got != "Azure\tMedium\tupsell\nMicrosoft 365\tMedium\twhitespace\n" {
		t.Errorf("by the built-in rules:\n%s", got)
	}
	sizes := file(t, "sizes.yaml", "version: own\nrules: [{name: Large, employees_min: 30}, {name: Rest, employees_min: 1}]\n")
	calendar := file(t, "calendar.yaml", "version: own\nreleases: [{name: Hydra 3, ends: 2026-10-01, products: [Microsoft 365], source: \"https://maker.example/lifecycle\"}]\n")
	run("--segments", sizes, "--calendar", calendar, "--fiscal-year-start", "January").fine(t)
	if got := motions(); got != "Azure\tLarge\trenewal\nMicrosoft 365\tLarge\tend_of_support\n" {
		t.Errorf("by our own:\n%s", got)
	}

	missing := filepath.Join(t.TempDir(), "none.yaml")
	hidden := file(t, "hidden.yaml", "version: v\nrules: [{name: Rest, employees_min: 1}, {name: Large, employees_min: 30}]\n")
	dateless := file(t, "dateless.yaml", "version: v\nreleases: [{name: Hydra 3, ends: soon}]\n")
	run("--segments", missing).refused(t, "intent-scorer", 2, "--segments", missing, "no such file")
	run("--segments", hidden).refused(t, "intent-scorer", 2, hidden, "Large is hidden by Rest")
	run("--calendar", missing).refused(t, "intent-scorer", 2, "--calendar", missing, "no such file")
	run("--calendar", dateless).refused(t, "intent-scorer", 2, dateless, `release "Hydra 3"`, `ends "soon"`)
	run("--fiscal-year-start", "13").refused(t, "intent-scorer", 2, `--fiscal-year-start "13": want 1 to 12`)
	ask(t, "", "intent-scorer", append([]string{"run", "--replay", "R", "--fiscal-year-start", "1"}, store...)...).refused(t, "intent-scorer", 2, "--fiscal-year-start from the run")
}
