package crawl

import (
	"runtime/metrics"
	"sync/atomic"
)

// memoryGauge tells what a visit costs while the process runs: what of the heap was alive at the last collection, and the
// stacks, beyond what they were when the crawler was made, over the visits under way. Whatever else the process does
// counts in, so that the figure is an upper bound, and one that means something where visits are many.
type memoryGauge struct {
	visits atomic.Int64
	before float64
}

func newMemoryGauge() *memoryGauge { return &memoryGauge{before: inUse()} }

// perVisit is in bytes; 0 while there is no visit.
func (g *memoryGauge) perVisit() float64 {
	n := g.visits.Load()
	if n == 0 {
		return 0
	}
	return max(0, inUse()-g.before) / float64(n)
}

// inUse is what is alive on the heap, as of the last collection, and the stacks, in bytes.
func inUse() float64 {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	sum := 0.0
	for i := range samples {
		if samples[i].Value.Kind() == metrics.KindUint64 {
			sum += float64(samples[i].Value.Uint64())
		}
	}
	return sum
}
