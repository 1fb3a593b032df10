package boost

import (
	"cmp"
	"slices"

	"telltale/internal/fit/features"
)

// calm keeps the order of words from following a few rows: as many pseudo-rows of curvature are added to each.
const calm = 10

// split is the best way found to part a node's rows; no gain means none.
type split struct {
	gain    float64
	feature int
	lower   Set
	// left and right are the values of the two sides, in logits, before the rate.
	left, right float64
}

// value is what a leaf of some rows would say, in logits, before the rate.
func (gr *grower) value(b bin) float64 { return -b.g / (b.h + gr.o.L2) }

// worth is how much the loss falls by a leaf of that value.
func (gr *grower) worth(b bin, value float64) float64 {
	return -(b.g*value + (b.h+gr.o.L2)*value*value/2)
}

func (gr *grower) total(hist histogram) (t bin) {
	f := gr.open[0] // any feature's bins hold every row
	for _, b := range hist[gr.offsets[f] : gr.offsets[f]+gr.m.Sizes[f]] {
		t.g, t.h, t.n = t.g+b.g, t.h+b.h, t.n+b.n
	}
	return t
}

func (gr *grower) monotone(f int) int8 {
	if f < len(gr.o.Monotone) && gr.kinds[f] == features.Number {
		return gr.o.Monotone[f]
	}
	return 0
}

// best looks for the split with the largest gain; the first feature and the lowest threshold win a tie.
func (gr *grower) best(hist histogram, total bin, at place) split {
	best := split{gain: 1e-9}
	found := false
	for _, f := range gr.open {
		bins := hist[gr.offsets[f] : gr.offsets[f]+gr.m.Sizes[f]]
		s := split{gain: best.gain, feature: f}
		if gr.kinds[f] == features.Number {
			gr.thresholds(&s, bins, total, at)
		} else {
			gr.subsets(&s, bins, total, at)
		}
		if s.gain > best.gain {
			best, found = s, true
		}
	}
	if !found {
		return split{}
	}
	return best
}

// try keeps a split where it gains more than the one at hand, and its sides are large enough and in their bounds.
func (gr *grower) try(s *split, left, total bin, at place) bool {
	right := bin{total.g - left.g, total.h - left.h, total.n - left.n}
	least := float64(gr.o.MinRows)
	if left.n < least || right.n < least {
		return false
	}
	l := min(max(gr.value(left), at.low), at.high)
	r := min(max(gr.value(right), at.low), at.high)
	if way := float64(gr.monotone(s.feature)); way*l > way*r {
		return false
	}
	whole := min(max(gr.value(total), at.low), at.high)
	gain := gr.worth(left, l) + gr.worth(right, r) - gr.worth(total, whole)
	if gain <= s.gain {
		return false
	}
	s.gain, s.left, s.right = gain, l, r
	return true
}

// thresholds tries to part a number below and above each edge, those that are unknown with either side.
func (gr *grower) thresholds(s *split, bins []bin, total bin, at place) {
	last := len(bins) - 1
	var left bin
	for level := range last {
		b := bins[level]
		left = bin{left.g + b.g, left.h + b.h, left.n + b.n}
		with := bin{left.g + bins[last].g, left.h + bins[last].h, left.n + bins[last].n}
		var unknownBelow bool
		below := gr.try(s, left, total, at)
		if bins[last].n > 0 {
			unknownBelow = gr.try(s, with, total, at)
		} else {
			unknownBelow = below && 2*left.n > total.n // nobody knows: with the larger side
		}
		if !below && !unknownBelow {
			continue
		}
		s.lower = Set{}
		for l := range level + 1 {
			s.lower.Add(uint8(l))
		}
		if unknownBelow {
			s.lower.Add(uint8(last))
		}
	}
}

// subsets tries to part words: in the order of what they say, before and after each. Levels that no row has go with the larger side.
func (gr *grower) subsets(s *split, bins []bin, total bin, at place) {
	order := make([]int, 0, len(bins))
	for level, b := range bins {
		if b.n > 0 {
			order = append(order, level)
		}
	}
	if len(order) < 2 {
		return
	}
	slices.SortStableFunc(order, func(x, y int) int {
		return cmp.Compare(bins[x].g/(bins[x].h+calm), bins[y].g/(bins[y].h+calm))
	})
	var left bin
	for i, level := range order[:len(order)-1] {
		b := bins[level]
		left = bin{left.g + b.g, left.h + b.h, left.n + b.n}
		if !gr.try(s, left, total, at) {
			continue
		}
		s.lower = Set{}
		for _, l := range order[:i+1] {
			s.lower.Add(uint8(l))
		}
		for l, b := range bins {
			if b.n == 0 && 2*left.n > total.n {
				s.lower.Add(uint8(l))
			}
		}
	}
}
