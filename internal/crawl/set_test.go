package crawl

import (
	"math/rand/v2"
	"testing"
)

func TestAHashSetIsAMap(t *testing.T) {
	var set hashSet
	want := map[uint32]bool{}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		h := rng.Uint32N(3000) << 16 // many that fall into one place
		if set.contains(h) != want[max(h, 1)] || set.insert(h) == want[max(h, 1)] {
			t.Fatalf("%d: in the set %v, in the map %v", h, set.contains(h), want[max(h, 1)])
		}
		want[max(h, 1)] = true
		if !set.contains(h) || set.n != len(want) {
			t.Fatalf("%d is gone, or counted twice: %d, %d", h, set.n, len(want))
		}
	}
	if set.has("a") || !set.add("a") || set.add("a") || !set.has("a") {
		t.Error("a string is not what its hash is")
	}
}
