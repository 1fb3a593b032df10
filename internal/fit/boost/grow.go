package boost

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"telltale/internal/fit/features"
)

// bin sums the rows of one level: gradient, curvature, count.
type bin struct {
	g, h float64
	n    float64
}

// histogram has the bins of every feature, one after the other.
type histogram []bin

// grower grows trees over one set of rows.
type grower struct {
	m       features.Matrix
	kinds   []features.Kind
	labels  []uint8
	o       Options
	offsets []int
	bins    int

	logits []int64
	// open are the features that the tree that grows may split by, in order.
	open []int
	// rows are those of the tree that grows, columns their levels side by side: a tree asks for them again and again.
	rows    []int32
	columns [][]uint8
	// order holds indexes of rows, those of a node side by side; g and h are theirs, in that order.
	order, spare   []int32
	g, h           []float64
	spareG, spareH []float64
}

func newGrower(m features.Matrix, kinds []features.Kind, labels []uint8, o Options) *grower {
	gr := &grower{m: m, kinds: kinds, labels: labels, o: o, logits: make([]int64, m.Rows)}
	for _, n := range m.Sizes {
		gr.offsets = append(gr.offsets, gr.bins)
		gr.bins += n
	}
	most := min(m.Rows, o.SampleRows)
	gr.rows, gr.order, gr.spare = make([]int32, 0, most), make([]int32, most), make([]int32, most)
	gr.columns = make([][]uint8, len(m.Columns))
	for f := range gr.columns {
		gr.columns[f] = make([]uint8, most)
	}
	gr.g, gr.h = make([]float64, most), make([]float64, most)
	gr.spareG, gr.spareH = make([]float64, most), make([]float64, most)
	return gr
}

func (gr *grower) start(intercept int64) {
	for i := range gr.logits {
		gr.logits[i] = intercept
	}
}

// tree grows one tree on its rows: all, or evenly spread ones that begin elsewhere for each tree.
func (gr *grower) tree(number int) Tree {
	stride := (gr.m.Rows + gr.o.SampleRows - 1) / gr.o.SampleRows
	gr.rows = gr.rows[:0]
	for r := number % stride; r < gr.m.Rows; r += stride {
		gr.rows = append(gr.rows, int32(r))
	}
	gr.draw(number)
	gr.each(len(gr.open), func(i int) {
		from, to := gr.m.Columns[gr.open[i]], gr.columns[gr.open[i]]
		for i, r := range gr.rows {
			to[i] = from[r]
		}
	})
	blocks := (len(gr.rows) + blockRows - 1) / blockRows
	gr.each(blocks, func(block int) {
		lo := block * blockRows
		for i := lo; i < min(lo+blockRows, len(gr.rows)); i++ {
			r := gr.rows[i]
			gr.order[i] = int32(i)
			p := 1 / (1 + math.Exp(-float64(gr.logits[r])/1000))
			gr.g[i], gr.h[i] = p-float64(gr.labels[r]), p*(1-p)
		}
	})
	var t Tree
	whole := gr.sum(0, len(gr.rows))
	gr.node(&t, place{hi: len(gr.rows), low: math.Inf(-1), high: math.Inf(1)}, whole)
	return t
}

// draw opens some features to a tree: the number of the tree decides which.
func (gr *grower) draw(number int) {
	n := len(gr.m.Columns)
	most := min(max(int(math.Ceil(gr.o.Columns*float64(n))), 1), n)
	gr.open = rand.New(rand.NewPCG(uint64(number), 1)).Perm(n)[:most]
	slices.Sort(gr.open)
}

// place is where a node stands: its rows in order, its depth, and the bounds that monotone splits above set, in logits.
type place struct {
	lo, hi, depth int
	low, high     float64
}

// node adds a node and what grows beneath it, and returns its index. It uses the histogram up.
func (gr *grower) node(t *Tree, at place, hist histogram) int {
	index := len(*t)
	total := gr.total(hist)
	*t = append(*t, Node{Feature: -1, Rows: int64(at.hi - at.lo)})
	best := split{}
	if at.depth < gr.o.Depth {
		best = gr.best(hist, total, at)
	}
	if best.gain <= 0 {
		value := min(max(gr.value(total), at.low), at.high)
		(*t)[index].Points = int64(math.RoundToEven(1000 * gr.o.Rate * value))
		return index
	}
	middle := gr.part(at, best)
	left, right := gr.children(at, best, middle)
	var lefts, rights histogram
	if middle-at.lo <= at.hi-middle {
		lefts = gr.sum(at.lo, middle)
		rights = hist.minus(lefts)
	} else {
		rights = gr.sum(middle, at.hi)
		lefts = hist.minus(rights)
	}
	l := gr.node(t, left, lefts)
	r := gr.node(t, right, rights)
	n := &(*t)[index]
	n.Feature, n.Lower, n.Left, n.Right = best.feature, best.lower, l, r
	return index
}

// children are the places of the two sides; a monotone split bounds both by what lies between them.
func (gr *grower) children(at place, best split, middle int) (left, right place) {
	left, right = at, at
	left.hi, right.lo = middle, middle
	left.depth, right.depth = at.depth+1, at.depth+1
	between := (best.left + best.right) / 2
	switch gr.monotone(best.feature) {
	case 1:
		left.high, right.low = between, between
	case -1:
		left.low, right.high = between, between
	}
	return left, right
}

// part moves the rows of the left side before those of the right, each in their order, and returns where the right begins.
func (gr *grower) part(at place, best split) int {
	column := gr.columns[best.feature]
	l, r := at.lo, 0
	for i := at.lo; i < at.hi; i++ {
		row := gr.order[i]
		if best.lower.Has(column[row]) {
			gr.order[l], gr.g[l], gr.h[l] = row, gr.g[i], gr.h[i]
			l++
		} else {
			gr.spare[r], gr.spareG[r], gr.spareH[r] = row, gr.g[i], gr.h[i]
			r++
		}
	}
	copy(gr.order[l:at.hi], gr.spare[:r])
	copy(gr.g[l:at.hi], gr.spareG[:r])
	copy(gr.h[l:at.hi], gr.spareH[:r])
	return l
}

// sum makes the histogram of some rows, each feature by one worker.
func (gr *grower) sum(lo, hi int) histogram {
	hist := make(histogram, gr.bins)
	rows, g, h := gr.order[lo:hi], gr.g[lo:hi], gr.h[lo:hi]
	one := func(i int) {
		f := gr.open[i]
		column := gr.columns[f]
		bins := hist[gr.offsets[f] : gr.offsets[f]+gr.m.Sizes[f]]
		for i, row := range rows {
			b := &bins[column[row]]
			b.g += g[i]
			b.h += h[i]
			b.n++
		}
	}
	if len(rows)*len(gr.open) < 1<<16 { // not worth waking anybody
		for i := range gr.open {
			one(i)
		}
		return hist
	}
	gr.each(len(gr.open), one)
	return hist
}

// minus takes one child's histogram from its parent's, which becomes the other child's.
func (hist histogram) minus(child histogram) histogram {
	for i, b := range child {
		hist[i].g -= b.g
		hist[i].h -= b.h
		hist[i].n -= b.n
	}
	return hist
}

// add moves every row's logit by a tree.
func (gr *grower) add(t Tree) {
	fast := t.compile()
	blocks := (gr.m.Rows + blockRows - 1) / blockRows
	gr.each(blocks, func(block int) {
		lo := block * blockRows
		for r := lo; r < min(lo+blockRows, gr.m.Rows); r++ {
			gr.logits[r] += fast.points(&gr.m, r)
		}
	})
}

const blockRows = 8192

// each calls do for 0 to n−1, on as many workers as the options say.
func (gr *grower) each(n int, do func(i int)) {
	workers := min(gr.o.Workers, n)
	if workers <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
}
