package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telltale/internal/backtest"
)

// TestTheSampleWebsClustersFallFromActNowToEducate crawls the sample web once and judges the year before by what closed.
func TestTheSampleWebsClustersFallFromActNowToEducate(t *testing.T) {
	if os.Getenv("TELLTALE_NIGHTLY") == "" {
		t.Skip("takes minutes: make nightly runs this")
	}
	f := newFleet(t, 320).asShipped()
	f.pass(month)
	page := f.path("backtest.html")
	args := append([]string{"backtest", "--hindsight", "--data-dir", f.path("one"), "--report", page}, f.clock(time.Hour)...)
	var rep struct {
		Version  string
		Clusters []backtest.Rate
	}
	if err := json.Unmarshal([]byte(f.mustCall("intent-scorer", append(args, "--json")...)), &rep); err != nil {
		t.Fatal(err)
	}
	last := 1e9
	for i, name := range []string{"Act Now", "Evaluate", "Nurture", "Educate"} {
		c := rep.Clusters[i]
		t.Logf("%-9s lift %.2f (%.2f–%.2f), %d of %d won", c.Name, c.Lift, c.LiftInterval.Low, c.LiftInterval.High, c.Winners, c.Cases)
		if c.Name != name || c.Lift >= last {
			t.Errorf("%s with a lift of %.2f stands where %s should, after %.2f", c.Name, c.Lift, name, last)
		}
		last = c.Lift
	}
	if act, educate := rep.Clusters[0].LiftInterval, rep.Clusters[3].LiftInterval; act.Low <= educate.High {
		t.Errorf("the intervals of Act Now %+v and Educate %+v overlap", act, educate)
	}
	text, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(text), rep.Version) || !strings.Contains(string(text), "times as often as Educate") {
		t.Errorf("the page does not say it: %v", err)
	}
	if got := f.ask("SELECT count(), uniqExact(month) FROM backtests LEFT JOIN (SELECT DISTINCT month FROM propensity) AS p ON true"); got != "1\t1" {
		t.Errorf("backtests stored and months published: %s", got)
	}
}

func TestABacktestThatCannotBeIsToldInOneLine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	for _, c := range []struct {
		name string
		args []string
		says []string
	}{
		{"no accounts", nil, []string{"no accounts are known", "import accounts first"}},
		{"a month that is none", []string{"--to", "June"}, []string{"--to", `"June"`, "YYYY-MM"}},
		{"a month that has not begun", []string{"--to", "2190-01"}, []string{"--to", "2190-01"}},
		{"a month to come", []string{"--from", "2140-01"}, []string{"--from", "2140-01", "has not begun"}},
		{"months the wrong way round", []string{"--from", "2026-03", "--to", "2026-01"}, []string{"--from 2026-03 lies after --to 2026-01"}},
		{"no horizon", []string{"--horizon=0"}, []string{"--horizon 0", "want 1 or more"}},
		{"a page nowhere", []string{"--report", "/nowhere/backtest.html"}, []string{"--report", "/nowhere"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"backtest", "--data-dir", dir, "--as-if", "2026-10-31T12:00:00Z"}, c.args...)
			ask(t, "", "intent-scorer", args...).refused(t, "intent-scorer", 2, c.says...)
		})
	}
}
