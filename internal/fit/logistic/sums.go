package logistic

import (
	"math"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"
)

// blockRows is how many rows are looked at together: their columns and sums stay in a core's cache. Sums of blocks are added in
// order, so that the number of workers changes no bit.
const blockRows = 8192

// each calls do for 0 to n−1, on as many workers as the options say.
func (s *solver) each(n int, do func(i int)) {
	workers := min(s.o.Workers, n)
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
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	group.Wait()
}

// look sets rest, weight and loss for the present weights.
func (s *solver) look() {
	blocks := (s.m.Rows + blockRows - 1) / blockRows
	losses := make([]float64, blocks)
	s.each(blocks, func(block int) {
		lo := block * blockRows
		hi := min(lo+blockRows, s.m.Rows)
		losses[block] = s.lookAt(lo, hi)
	})
	s.loss = 0
	for _, l := range losses {
		s.loss += l
	}
	for _, b := range s.beta[:s.params-1] {
		s.loss += s.o.L2 / 2 * b * b
	}
}

func (s *solver) lookAt(lo, hi int) (loss float64) {
	logits := s.rest[lo:hi] // the logits first, then label minus probability
	for i := range logits {
		logits[i] = s.beta[s.params-1]
	}
	for f, column := range s.m.Columns {
		weights := s.beta[s.offsets[f] : s.offsets[f]+s.m.Sizes[f]]
		for i, level := range column[lo:hi] {
			logits[i] += weights[level]
		}
	}
	for i, x := range logits {
		e := math.Exp(-math.Abs(x)) // never overflows
		p, other := 1/(1+e), e/(1+e)
		if x < 0 {
			p, other = other, p
		}
		loss += math.Log1p(e)
		if y := s.labels[lo+i]; y == 1 {
			loss += max(-x, 0)
			logits[i] = other
		} else {
			loss += max(x, 0)
			logits[i] = -p
		}
		s.weight[lo+i] = p * other
	}
	return loss
}

// slope sets the gradient of the penalised log-likelihood, and the curvature's diagonal without the penalty.
func (s *solver) slope() {
	s.each(len(s.m.Columns)+1, func(f int) {
		if f == len(s.m.Columns) {
			g, d := 0.0, 0.0
			for i, r := range s.rest {
				g += r
				d += s.weight[i]
			}
			s.gradient[s.params-1], s.diagonal[s.params-1] = g, d
			return
		}
		var g, d [256]float64
		for i, level := range s.m.Columns[f] {
			g[level] += s.rest[i]
			d[level] += s.weight[i]
		}
		for level := range s.m.Sizes[f] {
			at := s.offsets[f] + level
			s.gradient[at], s.diagonal[at] = g[level]-s.o.L2*s.beta[at], d[level]
		}
	})
}

// bend sets the curvature: for each pair of levels, the sum of the weights of the rows that have both.
func (s *solver) bend() {
	s.factor = nil
	if s.curvature == nil {
		s.curvature = mat.NewSymDense(s.params, nil)
	}
	raw := s.curvature.RawSymmetric()
	last := s.params - 1
	for i, d := range s.diagonal {
		raw.Data[i*raw.Stride+i] = d
		if i < last {
			raw.Data[i*raw.Stride+last] = d // every row has the intercept
		}
	}
	// The features with most pairs come first, so that workers end together.
	s.each(len(s.m.Columns), func(f int) {
		sums := make([]float64, 0, 1024)
		for g := f + 1; g < len(s.m.Columns); g++ {
			sums = s.pair(sums, f, g)
			n := s.m.Sizes[g]
			for level := range s.m.Sizes[f] {
				row := (s.offsets[f]+level)*raw.Stride + s.offsets[g]
				copy(raw.Data[row:row+n], sums[level*n:(level+1)*n])
			}
		}
	})
}

// pair sums the weights of the rows by their levels of two features.
func (s *solver) pair(sums []float64, f, g int) []float64 {
	n := s.m.Sizes[g]
	cells := s.m.Sizes[f] * n
	if cap(sums) < cells {
		sums = make([]float64, cells)
	}
	sums = sums[:cells]
	clear(sums)
	a, b, weight := s.m.Columns[f], s.m.Columns[g], s.weight
	b, weight = b[:len(a)], weight[:len(a)]
	for i, level := range a {
		sums[int(level)*n+int(b[i])] += weight[i]
	}
	return sums
}
