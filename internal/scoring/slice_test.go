package scoring

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBoundsAreThinnedEvenly(t *testing.T) {
	nine := []string{"b", "c", "d", "e", "f", "g", "h", "i", "j"}
	for _, c := range []struct {
		bounds []string
		n      int64
		want   []string
	}{
		{nine, 1, []string{}},
		{nine, 2, []string{"f"}},
		{nine, 3, []string{"d", "g"}},
		{nine, 5, []string{"c", "e", "g", "i"}},
		{nine, 10, nine},
		{nine, 99, nine},
		{nil, 4, []string{}},
	} {
		if d := cmp.Diff(c.want, thin(c.bounds, c.n)); d != "" {
			t.Errorf("%d of %v: %s", c.n, c.bounds, d)
		}
	}
}

func TestSpansAreSmallerWhereAccountsAreFew(t *testing.T) {
	for _, c := range []struct{ above, accounts, want int64 }{
		{40_000, 10_000_000, 40_000},
		{40_000, 320_000, 40_000},
		{40_000, 200_000, 25_000},
		{40_000, 100_000, 12_500},
		{40_000, 30_000, 10_000},
		{40_000, 5, 10_000},
		{1, 100, 1},
		{1, 0, 1},
	} {
		r := &run{Scorer: &Scorer{cfg: Config{ShardAbove: c.above}}, sum: Summary{Accounts: c.accounts}}
		if got := r.spanSize(); got != c.want {
			t.Errorf("%d accounts in spans of %d at most: %d, want %d", c.accounts, c.above, got, c.want)
		}
	}
}

func TestAPlanSaysHowManyPartsAStepHas(t *testing.T) {
	p := plan{Domains: []string{"b", "c", "d", "e", "f"}, Accounts: []string{"m"}}
	for step, want := range map[string]int{"gone": 6, "owners": 2, "accounts": 2, "domains": 2, "fit": 2, "holdings": 2, "purchases": 2, "evidence": 0, "ranks": 0, "subjects": 0} {
		if got := p.partsOf(step); got != want {
			t.Errorf("%s has %d parts, want %d", step, got, want)
		}
	}
}
