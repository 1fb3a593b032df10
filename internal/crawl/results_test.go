package crawl_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"telltale/internal/crawl"
	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/work"
)

// value sums the samples of a metric; of a histogram it counts them. label, where set, must be a value.
func value(t testing.TB, reg *prometheus.Registry, name, label string) (sum float64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		found = true
		for _, m := range family.GetMetric() {
			if label == "" || labelled(m, label) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	if !found && label == "" {
		t.Errorf("no metric %s", name)
	}
	return sum
}

func labelled(m *dto.Metric, value string) bool {
	for _, l := range m.GetLabel() {
		if l.GetValue() == value {
			return true
		}
	}
	return false
}

func deliver(results ...pages.Result) (batch []work.Delivery[pages.Result]) {
	for _, r := range results {
		batch = append(batch, work.Delivery[pages.Result]{Value: r, Attempt: 1})
	}
	return batch
}

func resultOf(domain string, dueAt time.Time) pages.Result {
	return pages.Result{
		VisitID: pages.VisitID(domain, dueAt), Domain: domain, DueAt: dueAt, StartedAt: dueAt.Add(time.Minute), FinishedAt: dueAt.Add(2 * time.Minute),
		Outcome: pages.OutcomeOK, Interval: 8 * 24 * time.Hour,
	}
}

func (b *board) writer(t testing.TB, reg prometheus.Registerer) *crawl.Writer {
	t.Helper()
	w, err := crawl.NewWriter(crawl.WriterDeps{Store: b, Registry: reg, Now: func() time.Time { return due.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAResultIsStoredAndSetsTheNextDueTime(t *testing.T) {
	day := 24 * time.Hour
	for _, tt := range []struct {
		name     string
		change   func(*pages.Result)
		interval time.Duration
		next     time.Duration
	}{
		{"a change halves the interval", func(r *pages.Result) { r.Published = 3 }, 4 * day, 4 * day},
		{"no change lengthens it", func(r *pages.Result) { r.Unchanged = 9 }, 12 * day, 12 * day},
		{"the first visit is followed within a week", func(r *pages.Result) { r.Interval = 0; r.Published = 9 }, 7 * day, 7 * day},
		{"a failure is tried again soon and leaves the interval", func(r *pages.Result) { r.Outcome, r.Failures = pages.OutcomeUnreachable, 1 }, 8 * day, day},
		{"failure upon failure waits longer", func(r *pages.Result) { r.Outcome, r.Failures = pages.OutcomeDead, 4 }, 8 * day, 8 * day},
		{"the dead are tried monthly, never forgotten", func(r *pages.Result) { r.Outcome, r.Failures = pages.OutcomeDead, 400 }, 8 * day, 30 * day},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBoard(1, due)
			b.entries["d000.example"] = crawl.Entry{Domain: "d000.example", NextDue: due.Add(6 * time.Hour)}
			r := resultOf("d000.example", due)
			tt.change(&r)
			out := b.writer(t, nil).Handle(t.Context(), deliver(r))
			e := b.entries["d000.example"]
			if out[0].Verdict != work.VerdictDone || len(b.visits) != 1 || e.Interval != tt.interval || e.Failures != r.Failures || e.LastOutcome != r.Outcome || !e.LastVisit.Equal(r.FinishedAt) {
				t.Fatalf("outcome %+v, entry %+v", out, e)
			}
			if want := r.FinishedAt.Add(crawl.Spread("d000.example", tt.next)); !e.NextDue.Equal(want) {
				t.Errorf("next due %v, want %v", e.NextDue, want)
			}
		})
	}
}

func TestALateOrRepeatedResultMovesNothing(t *testing.T) {
	b, reg := newBoard(1, due), prometheus.NewRegistry()
	w := b.writer(t, reg)
	first, second := resultOf("d000.example", due), resultOf("d000.example", due.Add(10*24*time.Hour))
	second.Published = 1
	again := second
	again.FinishedAt = second.FinishedAt.Add(time.Hour)
	w.Handle(t.Context(), deliver(second))
	want := b.entries["d000.example"]
	for _, late := range []pages.Result{second, again, first} {
		if out := w.Handle(t.Context(), deliver(late)); out[0].Verdict != work.VerdictDone || b.entries["d000.example"] != want {
			t.Errorf("outcome %+v, entry %+v, want %+v", out, b.entries["d000.example"], want)
		}
	}
	if moved, late := value(t, reg, "telltale_crawl_results_total", "moved"), value(t, reg, "telltale_crawl_results_total", "late"); moved != 1 || late != 3 || len(b.visits) != 4 {
		t.Errorf("%v moved, %v late, %d stored", moved, late, len(b.visits))
	}
}

func TestOneBatchMayHoldADomainTwiceAnUnknownOneAndNonsense(t *testing.T) {
	b, reg := newBoard(2, due), prometheus.NewRegistry()
	batch := deliver(resultOf("d000.example", due), resultOf("d000.example", due.Add(24*time.Hour)), resultOf("removed.example", due), pages.Result{}, resultOf("d001.example", due))
	out := b.writer(t, reg).Handle(t.Context(), batch)
	for i, want := range []work.Verdict{work.VerdictDone, work.VerdictDone, work.VerdictDone, work.VerdictDrop, work.VerdictDone} {
		if out[i].Verdict != want {
			t.Errorf("result %d: %+v", i, out[i])
		}
	}
	if e := b.entries["d000.example"]; !e.LastVisit.Equal(due.Add(24*time.Hour + 2*time.Minute)) {
		t.Errorf("the later visit counts: %+v", e)
	}
	if _, added := b.entries["removed.example"]; added || len(b.visits) != 4 {
		t.Errorf("%d visits stored, unknown domain scheduled %v", len(b.visits), added)
	}
	for label, want := range map[string]float64{"moved": 2, "late": 1, "unknown": 1} {
		if got := value(t, reg, "telltale_crawl_results_total", label); got != want {
			t.Errorf("%s: %v, want %v", label, got, want)
		}
	}
	if n := value(t, reg, "telltale_crawl_result_lag_seconds", ""); n != 4 {
		t.Errorf("lag of %v results", n)
	}
}

func TestResultsComeAgainWhileTheStoreIsAway(t *testing.T) {
	b, reg := newBoard(1, due), prometheus.NewRegistry()
	w := b.writer(t, reg)
	b.away = errAway
	if out := w.Handle(t.Context(), deliver(resultOf("d000.example", due), pages.Result{})); out[0].Verdict != work.VerdictRetry || out[1].Verdict != work.VerdictDrop {
		t.Fatalf("outcomes %+v", out)
	}
	if n := value(t, reg, "telltale_crawl_result_retries_total", ""); n != 1 {
		t.Errorf("%v retries", n)
	}
	b.away = nil
	if out := w.Handle(t.Context(), deliver(resultOf("d000.example", due))); out[0].Verdict != work.VerdictDone || len(b.visits) == 0 {
		t.Fatalf("outcomes %+v", out)
	}
}

func TestConstructorsSayWhatIsMissing(t *testing.T) {
	if _, err := crawl.New(crawl.Config{}, crawl.Deps{}); err == nil {
		t.Error("a crawler of nothing")
	}
	if _, err := crawl.NewScheduler(crawl.ScheduleConfig{}, crawl.ScheduleDeps{}); err == nil {
		t.Error("a scheduler of nothing")
	}
	if _, err := crawl.NewWriter(crawl.WriterDeps{Schedule: domains.DefaultSchedule()}); err == nil {
		t.Error("a writer to nothing")
	}
	b, reg := newBoard(0, due), prometheus.NewRegistry()
	b.writer(t, reg)
	if _, err := crawl.NewWriter(crawl.WriterDeps{Store: b, Registry: reg}); err == nil {
		t.Error("metrics registered twice")
	}
}
