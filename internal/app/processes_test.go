package app_test

import (
	"os"
	"strings"
	"testing"
	"time"
)

// oneProcess runs everything in one process and returns its propensity table.
func (f *fleet) oneProcess() string {
	f.t.Helper()
	args := []string{"run", "--month", month, "--data-dir", f.path("one"), "--out", f.path("out")}
	for _, name := range []string{"accounts", "fit", "subscriptions", "transactions", "opportunities", "best_customers", "licences"} {
		args = append(args, "--"+strings.ReplaceAll(name, "_", "-"), f.path("inputs/"+name+".csv"))
	}
	f.mustCall("telltale", append(args, f.network...)...)
	return f.query(propensity, "--data-dir", f.path("one"))
}

// apart runs the four programs as processes of their own over one hub, lets disturb interfere while they work, and
// returns the propensity table.
func (f *fleet) apart(disturb func(hub, crawler, worker *process)) string {
	f.t.Helper()
	hub := f.hub()
	f.importAll("--clickhouse-url", f.storeURL())
	queue := []string{"--nats-url", "nats://" + f.nats, "--nats-token", "secret"}
	crawler := f.start("crawler", append(queue, f.network...)...)
	worker := f.start("signal-worker", append(append(queue, "--clickhouse-url", f.storeURL()), f.clock(0)...)...)
	if disturb != nil {
		disturb(hub, crawler, worker)
	}
	f.eventually("every domain is visited", func() bool { return f.visited() == "1" })
	if shown := f.mustCall("telltale", append([]string{"queues"}, queue...)...); disturb == nil && !strings.Contains(shown, "has 64 of 64 partitions of visits") {
		f.t.Errorf("queues does not show the crawler:\n%s", shown)
	}
	f.eventually("every page is read", func() bool { n, ok := f.left(); return ok && n == 0 })
	score := append([]string{"run", "--month", month, "--clickhouse-url", f.storeURL()}, f.clock(time.Hour)...)
	if disturb != nil {
		scorer := f.start("intent-scorer", score...)
		scorer.end()
	}
	f.mustCall("intent-scorer", score...)
	table := f.query(propensity, "--clickhouse-url", f.storeURL())
	f.t.Log(f.query("SELECT outcome, reason, count(), sum(published), sum(unchanged), sum(failed) FROM visits FINAL GROUP BY 1, 2 ORDER BY 1, 2", "--clickhouse-url", f.storeURL()))
	f.t.Log(f.mustCall("telltale", append([]string{"queues", "--dead"}, queue...)...))
	for _, p := range []*process{crawler, worker, hub} {
		p.stop()
	}
	return table
}

func TestFourProcessesGiveTheTableOfOne(t *testing.T) {
	f := newFleet(t, 30)
	want := f.oneProcess()
	checkTable(t, want)
	compareTables(t, want, f.apart(nil))
}

func TestKilledProcessesEndInTheSameTable(t *testing.T) {
	if os.Getenv("TELLTALE_NIGHTLY") == "" {
		t.Skip("takes minutes: make nightly runs this")
	}
	f := newFleet(t, 320).asShipped()
	want := f.oneProcess()
	got := f.apart(func(hub, crawler, worker *process) {
		f.eventually("pages are under way", func() bool { n, ok := f.left(); return ok && n > 0 })
		for _, victim := range []*process{crawler, worker, hub, worker, crawler} {
			// A program that was just starting when the hub went has ended by itself, as its contract says: exit 2.
			victim.end()
			victim.restart()
			f.eventually("the hub answers", f.answers)
		}
	})
	checkTable(t, want)
	compareTables(t, want, got)
}

// checkTable makes sure that what is compared is worth comparing.
func checkTable(t *testing.T, table string) {
	t.Helper()
	for _, cluster := range []string{"Act Now", "Educate", "Unknown"} {
		if !strings.Contains(table, cluster) {
			t.Errorf("the table of %d lines has no row with cluster %s", strings.Count(table, "\n"), cluster)
		}
	}
}

func compareTables(t *testing.T, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	t.Errorf("%d rows and %d rows differ", len(w), len(g))
	shown := 0
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] && shown < 5 {
			shown++
			t.Errorf("row %d\n one process: %s\n apart:       %s", i, w[i], g[i])
		}
	}
}
