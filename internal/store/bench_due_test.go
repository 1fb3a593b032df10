package store

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkDue polls 1,000 due domains among 10,000 and among 1,000,000, each with what is known of it, and moves them on.
func BenchmarkDue(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("among %d", n), func(b *testing.B) {
			s := migrated(b)
			fill(b, s, n)
			must(b, s.Exec(b.Context(), "OPTIMIZE TABLE domain_rows FINAL", nil))
			now := noon.Add(999 * time.Second)
			if got := dueAt(b, s, now, 2000); len(got) != 1000 { // the first poll also looks for missing entries
				b.Fatalf("%d are due", len(got))
			}
			var polls, moves []time.Duration
			for b.Loop() {
				began := time.Now()
				visits, err := s.Due(b.Context(), now, 2000)
				must(b, err)
				polls = append(polls, time.Since(began))
				changes := make([]Next, len(visits))
				for i, v := range visits {
					changes[i] = Next{Domain: v.Domain, DueAt: now.Add(-time.Duration(i) * time.Millisecond)}
				}
				began = time.Now()
				must(b, s.SetNextDue(b.Context(), changes))
				moves = append(moves, time.Since(began))
			}
			slices.Sort(polls)
			slices.Sort(moves)
			b.ReportMetric(float64(polls[len(polls)/2].Microseconds())/1000, "poll-ms")
			b.ReportMetric(float64(moves[len(moves)/2].Microseconds())/1000, "move-ms")
			b.ReportMetric(float64(rowsRead(b, s, "due", Params{"now": now, "limit": uint32(2000)})), "index-rows")
		})
	}
}
