package boost

import (
	"cmp"
	"math"
	"slices"

	"telltale/internal/fit/features"
)

// Explain takes the score of a row apart: base is what the trees say of all training rows on average, points by feature are exact
// Shapley values of the trees, the rows of each side of a split standing for a feature that is not asked. They are rounded to whole
// thousandths of a logit so that base and points sum to the score exactly.
func (m *Model) Explain(x *features.Matrix, row int) (base int64, points []int64) {
	parts := make([]float64, len(x.Columns))
	sum := float64(m.Intercept)
	for _, t := range m.Trees {
		walk := path{tree: t, x: x, row: row, parts: parts}
		walk.from(0, nil)
		sum += walk.mean
	}
	base = int64(math.RoundToEven(sum))
	return base, whole(parts, m.Points(x, row)-base)
}

// asked is a feature on the way to a leaf: share is the part of its rows that go that way whatever the row says, goes whether the row does.
type asked struct {
	feature int
	share   float64
	goes    bool
}

// path walks one tree for one row.
type path struct {
	tree  Tree
	x     *features.Matrix
	row   int
	parts []float64
	mean  float64
}

func (p *path) from(at int, way []asked) {
	n := &p.tree[at]
	if n.Feature < 0 {
		p.leaf(float64(n.Points), way)
		return
	}
	lower := n.Lower.Has(p.x.Columns[n.Feature][p.row])
	for _, side := range [...]struct {
		node int
		goes bool
	}{{n.Left, lower}, {n.Right, !lower}} {
		share := float64(p.tree[side.node].Rows) / float64(max(n.Rows, 1))
		next := slices.Clone(way)
		if i := slices.IndexFunc(next, func(a asked) bool { return a.feature == n.Feature }); i >= 0 {
			next[i].share *= share
			next[i].goes = next[i].goes && side.goes
		} else {
			next = append(next, asked{n.Feature, share, side.goes})
		}
		p.from(side.node, next)
	}
}

// leaf gives each feature on the way its Shapley value of the game "is the leaf reached, and what does it say": the mean, over the
// orders in which features are asked, of what asking it changes. At most MaxDepth features stand on a way, so all sets are tried.
func (p *path) leaf(value float64, way []asked) {
	k := len(way)
	reach := func(known int) float64 {
		r := value
		for i, a := range way {
			switch {
			case known>>i&1 == 0:
				r *= a.share
			case !a.goes:
				return 0
			}
		}
		return r
	}
	p.mean += reach(0)
	for i := range way {
		for known := range 1 << k {
			if known>>i&1 == 1 {
				continue
			}
			p.parts[way[i].feature] += (reach(known|1<<i) - reach(known)) / (float64(k) * choose(k-1, ones(known)))
		}
	}
}

func ones(set int) (n int) {
	for ; set > 0; set >>= 1 {
		n += set & 1
	}
	return n
}

func choose(n, k int) float64 {
	c := 1.0
	for i := range k {
		c = c * float64(n-i) / float64(i+1)
	}
	return c
}

// whole rounds parts to whole numbers with a given sum: down first, then one more for those that lost most.
func whole(parts []float64, sum int64) []int64 {
	out := make([]int64, len(parts))
	order := make([]int, len(parts))
	left := sum
	for i, v := range parts {
		out[i] = int64(math.Floor(v))
		left -= out[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(parts[b]-math.Floor(parts[b]), parts[a]-math.Floor(parts[a]))
	})
	for i := 0; left != 0 && len(order) > 0; i = (i + 1) % len(order) {
		step := int64(1)
		if left < 0 {
			step = -1
		}
		out[order[i]] += step
		left -= step
	}
	return out
}
