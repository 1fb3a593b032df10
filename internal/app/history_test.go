package app_test

import (
	"strings"
	"testing"
	"time"

	"telltale/internal/sampleweb"
)

// at puts the web and every program that starts from now on into a month, a day and a half before its end.
func (f *fleet) at(month string) {
	f.t.Helper()
	f.now = sampleweb.MonthEnd(month).Add(-36 * time.Hour)
	f.web.SetNow(f.now)
	for i, flag := range f.network {
		if flag == "--as-if" {
			f.network[i+1] = f.now.Format(time.RFC3339)
		}
	}
	if err := f.web.WriteInputs(f.path("inputs")); err != nil {
		f.t.Fatal(err)
	}
}

// pass makes one whole pass over what is due in a month, on the same data.
func (f *fleet) pass(month string) {
	f.t.Helper()
	f.at(month)
	args := []string{"run", "--month", month, "--data-dir", f.path("one"), "--out", f.path("out-" + month)}
	for _, name := range []string{"accounts", "fit", "subscriptions", "transactions", "opportunities", "best_customers", "licences"} {
		args = append(args, "--"+strings.ReplaceAll(name, "_", "-"), f.path("inputs/"+name+".csv"))
	}
	f.mustCall("telltale", append(args, f.network...)...)
}

func (f *fleet) ask(sql string) string {
	f.t.Helper()
	return strings.TrimSpace(f.query(sql, "--data-dir", f.path("one")))
}

// TestThePastIsKept crawls three month-ends and looks for what a past must show: news, unchanged pages that are not read
// twice, technologies that went, and a first month that can be scored again as it was.
func TestThePastIsKept(t *testing.T) {
	f := newFleet(t, 40).asShipped()
	const byMonth = "SELECT month, account_id, product, fit_score, intent_score, cell, cluster, drivers FROM propensity WHERE month = '2026-08-01' ORDER BY account_id, product"
	f.pass("2026-08")
	august := f.ask(byMonth)
	run := strings.Fields(f.ask("SELECT formatDateTime(as_of, '%Y-%m-%dT%H:%i:%S.%fZ', 'UTC'), formatDateTime(known_by, '%Y-%m-%dT%H:%i:%S.%fZ', 'UTC') FROM scoring_runs WHERE state = 'published'"))
	first := f.ask("SELECT count() FROM signals")
	f.pass("2026-09")
	f.pass("2026-10")

	if second := f.ask("SELECT count() FROM signals"); second == first {
		t.Errorf("%s signals in August and as many in October: two months without news", first)
	}
	if n := f.ask("SELECT countIf(unchanged) > countIf(extractor_version != '') FROM pages FINAL WHERE fetched_at > '2026-09-01' AND kind != 'probe'"); n != "1" {
		t.Error("in the later months more pages were read anew than were found unchanged")
	}
	f.checkRemoved()

	f.mustCall("intent-scorer", append([]string{"run", "--month", "2026-08", "--as-of", run[0], "--known-by", run[1], "--data-dir", f.path("one")}, f.clock(time.Hour)...)...)
	compareTables(t, august, f.ask(byMonth))
}

// checkRemoved compares the technologies that are gone with the truth: read twice more without them, never mere silence.
func (f *fleet) checkRemoved() {
	f.t.Helper()
	removed := map[string]bool{}
	for line := range strings.Lines(f.ask("SELECT domain, technology FROM technologies WHERE removed_at IS NOT NULL")) {
		removed[strings.TrimSpace(line)] = true
	}
	right, wrong := 0, 0
	for _, c := range f.web.Truth().Companies {
		gone, there := map[string]bool{}, map[string]bool{}
		for _, x := range c.Technologies {
			seen := x.From.Before(sampleweb.MonthEnd("2026-08").Add(-36 * time.Hour))
			if !x.To.IsZero() && x.To.Before(sampleweb.MonthEnd("2026-09").Add(-36*time.Hour)) && x.To.After(sampleweb.MonthEnd("2026-08")) && seen {
				gone[x.Name] = true
			}
			if x.To.IsZero() {
				there[x.Name] = true
			}
		}
		for name := range gone {
			if removed[c.Domains[0]+"\t"+name] {
				right++
			}
		}
		for name := range there {
			if removed[c.Domains[0]+"\t"+name] && !gone[name] {
				wrong++
				f.t.Logf("%s still shows %s, but it is marked as removed", c.Domains[0], name)
			}
		}
	}
	f.t.Logf("%d technologies marked as removed; %d that went in September among them, %d that are still there", len(removed), right, wrong)
	if right == 0 || wrong > 0 {
		f.t.Errorf("removal: %d right, %d wrong", right, wrong)
	}
}
