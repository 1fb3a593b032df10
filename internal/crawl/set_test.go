package crawl

import (
	"math/rand/v2"
	"testing"
)

func TestAHashSetIsAMap(t *testing.T) {
	var set hashSet
	want := map[uint64]bool{}
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's numbers
	for range 5000 {
		h := rng.Uint64N(3000) << 32 // many that fall into one place
		if set.has(h) != want[max(h, 1)] || set.add(h) == want[max(h, 1)] {
			t.Fatalf("%d: in the set %v, in the map %v", h, set.has(h), want[max(h, 1)])
		}
		want[max(h, 1)] = true
		if !set.has(h) || set.n != len(want) {
			t.Fatalf("%d is gone, or counted twice: %d, %d", h, set.n, len(want))
		}
	}
}
