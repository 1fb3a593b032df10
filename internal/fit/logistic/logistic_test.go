package logistic_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"telltale/internal/fit/features"
	"telltale/internal/fit/logistic"
)

// draw makes rows of some features whose levels decide the outcome by known weights.
func draw(rows int, sizes []int, seed uint64) (features.Matrix, []uint8) {
	rng := rand.New(rand.NewPCG(seed, 7))
	m := features.Matrix{Rows: rows, Sizes: sizes}
	logits := make([]float64, rows)
	for _, n := range sizes {
		weights := make([]float64, n)
		for l := range weights {
			weights[l] = rng.NormFloat64() * 0.6
		}
		column := make([]uint8, rows)
		for r := range column {
			column[r] = uint8(rng.IntN(n))
			logits[r] += weights[column[r]]
		}
		m.Columns = append(m.Columns, column)
	}
	labels := make([]uint8, rows)
	for r, x := range logits {
		if rng.Float64() < 1/(1+math.Exp(1.5-x)) {
			labels[r] = 1
		}
	}
	return m, labels
}

// slope is the largest derivative of the penalised log-likelihood, computed plainly.
func slope(m features.Matrix, labels []uint8, found logistic.Model, l2 float64) float64 {
	rest := make([]float64, m.Rows)
	for r := range rest {
		x := found.Intercept
		for f, c := range m.Columns {
			x += found.Weights[f][c[r]]
		}
		rest[r] = float64(labels[r]) - 1/(1+math.Exp(-x))
	}
	sum := 0.0
	for _, d := range rest {
		sum += d
	}
	worst := math.Abs(sum)
	for f, c := range m.Columns {
		g := make([]float64, m.Sizes[f])
		for r, l := range c {
			g[l] += rest[r]
		}
		for l := range g {
			worst = max(worst, math.Abs(g[l]-l2*found.Weights[f][l]))
		}
	}
	return worst
}

func TestAtTheOptimumNothingSlopes(t *testing.T) {
	for _, c := range []struct {
		name string
		rows int
		o    logistic.Options
	}{
		{"Newton on all rows", 3000, logistic.Options{L2: 1}},
		{"a strong penalty", 3000, logistic.Options{L2: 50}},
		{"a sample's curvature, then all rows", 20_000, logistic.Options{L2: 2, CurvatureRows: 1500}},
		{"a sample too small to be of use", 20_000, logistic.Options{L2: 0.5, CurvatureRows: 60}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, labels := draw(c.rows, []int{3, 12, 7, 2, 30}, 1)
			found, err := logistic.Fit(m, labels, c.o)
			if err != nil {
				t.Fatal(err)
			}
			if s := slope(m, labels, found, c.o.L2); s > 0.02 {
				t.Errorf("a slope of %v is left after %d steps", s, found.Steps)
			}
		})
	}
}

func TestWorkersChangeNoBit(t *testing.T) {
	m, labels := draw(30_000, []int{12, 12, 5, 9, 3}, 2)
	one, err := logistic.Fit(m, labels, logistic.Options{Workers: 1, CurvatureRows: 4000})
	if err != nil {
		t.Fatal(err)
	}
	many, err := logistic.Fit(m, labels, logistic.Options{Workers: 5, CurvatureRows: 4000})
	if err != nil {
		t.Fatal(err)
	}
	if one.Intercept != many.Intercept || one.Loss != many.Loss {
		t.Errorf("intercepts %v and %v", one.Intercept, many.Intercept)
	}
	for f := range one.Weights {
		for l, w := range one.Weights[f] {
			if w != many.Weights[f][l] {
				t.Fatalf("feature %d, level %d: %v and %v", f, l, w, many.Weights[f][l])
			}
		}
	}
}

func TestALevelThatNoRowHasWeighsNothing(t *testing.T) {
	m, labels := draw(2000, []int{4, 4}, 3)
	m.Sizes = []int{6, 4}
	found, err := logistic.Fit(m, labels, logistic.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if found.Weights[0][4] != 0 || found.Weights[0][5] != 0 {
		t.Errorf("weights %v", found.Weights[0])
	}
}

func TestRowsThatASingleLevelParts(t *testing.T) {
	m := features.Matrix{Rows: 400, Sizes: []int{2}, Columns: [][]uint8{make([]uint8, 400)}}
	labels := make([]uint8, 400)
	for i := range 200 {
		m.Columns[0][i], labels[i] = 1, 1
	}
	found, err := logistic.Fit(m, labels, logistic.Options{L2: 1})
	if err != nil {
		t.Fatal(err)
	}
	if d := found.Weights[0][1] - found.Weights[0][0]; !(d > 5) || math.IsInf(d, 0) {
		t.Errorf("the penalty should keep certainty finite, and large: %v", d)
	}
}

func TestRowsThatCannotBeFittedAreRefused(t *testing.T) {
	m, labels := draw(100, []int{3}, 4)
	wide := features.Matrix{Rows: 100, Sizes: make([]int, 40), Columns: make([][]uint8, 40)}
	for f := range wide.Sizes {
		wide.Sizes[f], wide.Columns[f] = 200, make([]uint8, 100)
	}
	for _, c := range []struct {
		name   string
		m      features.Matrix
		labels []uint8
		l2     float64
	}{
		{"too few labels", m, labels[:50], 1},
		{"one class", m, make([]uint8, 100), 1},
		{"no rows", features.Matrix{Sizes: []int{3}, Columns: [][]uint8{nil}}, nil, 1},
		{"no features", features.Matrix{Rows: 100}, labels, 1},
		{"too many weights", wide, labels, 1},
		{"a penalty below nought", m, labels, -1},
		{"a penalty that is no number", m, labels, math.NaN()},
	} {
		if _, err := logistic.Fit(c.m, c.labels, logistic.Options{L2: c.l2}); !errors.Is(err, logistic.ErrData) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

// BenchmarkFit trains on a million rows of 64 features of 12 levels. The rival is the plainest thing that could work: one pass over the
// same rows that only sums the labels of each level.
func BenchmarkFit(b *testing.B) {
	sizes := make([]int, 64)
	for f := range sizes {
		sizes[f] = 12
	}
	m, labels := draw(1_000_000, sizes, 5)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		found, err := logistic.Fit(m, labels, logistic.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(found.Steps), "steps")
		b.ReportMetric(float64(found.Curvatures), "curvatures")
	}
}
