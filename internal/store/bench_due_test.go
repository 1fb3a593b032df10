package store

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// wholeSchedule is the plain poll: it reads the schedule from end to end.
const wholeSchedule = `SELECT domain, next_due, interval_s, failures FROM domain_rows FINAL
WHERE state = 'active' AND next_due <= {now:DateTime64(3, 'UTC')} ORDER BY priority, next_due, domain LIMIT 2000`

// BenchmarkDue polls 10 and 1,000 due domains among 10,000 and among 1,000,000, each with what is known of it, and moves the
// 1,000 on. Its rival, plain, is the query alone that reads the whole schedule.
func BenchmarkDue(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("among %d", n), func(b *testing.B) {
			s := migrated(b)
			fill(b, s, n)
			must(b, s.Exec(b.Context(), "OPTIMIZE TABLE domain_rows FINAL", nil))
			few, many := noon.Add(9*time.Second), noon.Add(999*time.Second)
			if got := dueAt(b, s, many, 2000); len(got) != 1000 { // the first poll also looks for missing entries
				b.Fatalf("%d are due", len(got))
			}
			b.ReportMetric(float64(rowsRead(b, s, "due", Params{"now": many, "limit": uint32(2000)})), "index-rows")
			took := map[string][]time.Duration{}
			timed := func(what string, run func() error) {
				began := time.Now()
				must(b, run())
				took[what] = append(took[what], time.Since(began))
			}
			for b.Loop() {
				timed("few-ms", func() error { _, err := s.Due(b.Context(), few, 2000); return err })
				timed("many-ms", func() error { _, err := s.Due(b.Context(), many, 2000); return err })
				timed("plain-ms", func() error {
					return s.Each(b.Context(), wholeSchedule, Params{"now": many}, func(func(...any) error) error { return nil })
				})
			}
			changes := make([]Next, 1000)
			for i := range changes {
				changes[i] = Next{Domain: fmt.Sprintf("d%d.example", i), DueAt: many.Add(time.Hour)}
			}
			for range 5 {
				timed("move-ms", func() error { return s.SetNextDue(b.Context(), changes) })
			}
			for what, all := range took {
				slices.Sort(all)
				b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, what)
			}
		})
	}
}
