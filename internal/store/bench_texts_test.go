package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"telltale/internal/signals"
)

// BenchmarkTexts measures how many texts a second find their groups and are stored, a batch of 100 at a time (what 256 pages give), half of
// them copies, beside groups that are there already. TELLTALE_BENCH_TEXTS sets how many (1,000,000).
func BenchmarkTexts(b *testing.B) {
	groups := 1_000_000
	if s := os.Getenv("TELLTALE_BENCH_TEXTS"); s != "" {
		if _, err := fmt.Sscan(s, &groups); err != nil {
			b.Fatal(err)
		}
	}
	s := migrated(b)
	// The hash of a number stands for both hashes of a text; each band of a true similarity hash is as even.
	must(b, s.Exec(b.Context(), fmt.Sprintf(`INSERT INTO text_keys (place, text_key, group_key, simhash, recorded_at)
		SELECT toUInt32(65536 * band + bitAnd(bitShiftRight(h, if(band = 4, 0, 16 * band)), 65535)), h, h, h, '2025-01-01 00:00:00'
		FROM (SELECT cityHash64(number) AS h FROM numbers(%d)) ARRAY JOIN CAST([0, 1, 2, 3, 4], 'Array(UInt8)') AS band`, groups), nil))
	must(b, s.Exec(b.Context(), "OPTIMIZE TABLE text_keys FINAL", nil))
	r := rand.New(rand.NewPCG(1, 2))
	const batch = 100
	n := 0
	began := processorTime(b)
	for b.Loop() {
		texts := make([]signals.Text, batch)
		for i := range texts {
			n++
			sim := r.Uint64()
			if i%2 == 1 {
				sim = turned(texts[i-1].SimHash, r.Perm(64)[:5]...)
			}
			texts[i] = textAt(fmt.Sprintf("d%d.example", n%5000), fmt.Sprintf("/%d", n), r.Uint64(), sim, 0)
		}
		must(b, s.WriteTexts(b.Context(), texts))
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "texts/s")
	b.ReportMetric((processorTime(b)-began).Seconds()*1000/float64(n), "cpu-ms/text")
	b.ReportMetric(float64(count(b, s, "text_keys WHERE place < 65536")), "groups")
}

// processorTime is what this process has used of the processors, the engine's threads included.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
