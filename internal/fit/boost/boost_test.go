package boost_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"telltale/internal/fit/boost"
	"telltale/internal/fit/features"
)

// draw makes rows of numbers and words; the outcome follows from how the first two meet, which no sum of single features says.
func draw(rows int, seed uint64) (features.Matrix, []features.Kind, []uint8) {
	rng := rand.New(rand.NewPCG(seed, 9))
	kinds := []features.Kind{features.Number, features.Number, features.Word, features.Flag}
	m := features.Matrix{Rows: rows, Sizes: []int{8, 8, 12, 3}}
	for _, n := range m.Sizes {
		c := make([]uint8, rows)
		for r := range c {
			c[r] = uint8(rng.IntN(n))
		}
		m.Columns = append(m.Columns, c)
	}
	labels := make([]uint8, rows)
	for r := range labels {
		p := 0.1
		if (m.Columns[0][r] < 4) != (m.Columns[1][r] < 4) {
			p = 0.7
		}
		if m.Columns[2][r]%3 == 0 {
			p += 0.2
		}
		if rng.Float64() < p {
			labels[r] = 1
		}
	}
	return m, kinds, labels
}

func fitted(t testing.TB, m features.Matrix, kinds []features.Kind, labels []uint8, o boost.Options) boost.Model {
	t.Helper()
	model, err := boost.Fit(m, kinds, labels, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := model.Validate(m.Sizes); err != nil {
		t.Fatal(err)
	}
	return model
}

func TestTreesSeeWhatNoSumOfFeaturesSays(t *testing.T) {
	m, kinds, labels := draw(6000, 1)
	model := fitted(t, m, kinds, labels, boost.Options{Trees: 60, Columns: 1})
	test, _, happened := draw(3000, 2)
	right := 0
	for r, y := range happened {
		if (model.Points(&test, r) > 0) == (y == 1) {
			right++
		}
	}
	if share := float64(right) / 3000; share < 0.75 {
		t.Errorf("right about %.2f of the rows; a guess by one feature is right about 0.55", share)
	}
}

func TestTheSameRowsGiveTheSameTreesHoweverManyWorkers(t *testing.T) {
	m, kinds, labels := draw(40_000, 3)
	one, err := json.Marshal(fitted(t, m, kinds, labels, boost.Options{Trees: 8, Workers: 1, SampleRows: 15_000}))
	if err != nil {
		t.Fatal(err)
	}
	many, err := json.Marshal(fitted(t, m, kinds, labels, boost.Options{Trees: 8, Workers: 5, SampleRows: 15_000}))
	if err != nil {
		t.Fatal(err)
	}
	if string(one) != string(many) {
		t.Error("the number of workers changed the trees")
	}
}

func TestAKnownDirectionIsNeverBroken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		way := rapid.SampledFrom([]int8{1, -1}).Draw(t, "way")
		m, kinds, labels := draw(800, rapid.Uint64Range(1, 1000).Draw(t, "seed"))
		model, err := boost.Fit(m, kinds, labels, nil, boost.Options{Trees: 12, Depth: 5, Rate: 0.3, MinRows: 5, Monotone: []int8{way}})
		if err != nil {
			t.Fatal(err)
		}
		row := m.Pick([]int32{int32(rapid.IntRange(0, 799).Draw(t, "row"))})
		last := int64(0)
		for level := range 7 { // the eighth is unknown, which has no direction
			row.Columns[0][0] = uint8(level)
			points := model.Points(&row, 0)
			if level > 0 && int64(way)*points < int64(way)*last {
				t.Fatalf("level %d scores %d, the one before %d", level, points, last)
			}
			last = points
		}
	})
}

func TestGrowingEndsWhenRowsThatDoNotGrowItStopGaining(t *testing.T) {
	m, kinds, labels := draw(600, 4)
	other, _, happened := draw(600, 5)
	check := &boost.Checked{Matrix: other, Labels: happened}
	model, err := boost.Fit(m, kinds, labels, check, boost.Options{Trees: 500, Depth: 6, Rate: 0.3, MinRows: 2, Patience: 10})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(model.Trees); n == 0 || n >= 490 {
		t.Errorf("%d trees were kept", n)
	}
}

// game is what the trees say on average of a row of which only the features of a set are known: the definition, worked out plainly.
func game(model *boost.Model, x *features.Matrix, row int, known map[int]bool) float64 {
	var ask func(t boost.Tree, at int) float64
	ask = func(t boost.Tree, at int) float64 {
		n := t[at]
		if n.Feature < 0 {
			return float64(n.Points)
		}
		if known[n.Feature] {
			if n.Lower.Has(x.Columns[n.Feature][row]) {
				return ask(t, n.Left)
			}
			return ask(t, n.Right)
		}
		l, r := float64(t[n.Left].Rows), float64(t[n.Right].Rows)
		return (l*ask(t, n.Left) + r*ask(t, n.Right)) / (l + r)
	}
	sum := float64(model.Intercept)
	for _, t := range model.Trees {
		sum += ask(t, 0)
	}
	return sum
}

func TestAnExplanationIsExact(t *testing.T) {
	m, kinds, labels := draw(3000, 6)
	model := fitted(t, m, kinds, labels, boost.Options{Trees: 25, Depth: 5})
	features := len(m.Columns)
	orders := permutations(features)
	for row := range 40 {
		base, points := model.Explain(&m, row)
		sum := base
		for _, p := range points {
			sum += p
		}
		if sum != model.Points(&m, row) {
			t.Fatalf("row %d: base and points come to %d, the score is %d", row, sum, model.Points(&m, row))
		}
		want := make([]float64, features)
		for _, order := range orders {
			known := map[int]bool{}
			before := game(&model, &m, row, known)
			for _, f := range order {
				known[f] = true
				after := game(&model, &m, row, known)
				want[f] += (after - before) / float64(len(orders))
				before = after
			}
		}
		for f := range want {
			if math.Abs(want[f]-float64(points[f])) > 2 { // each is rounded, and takes part in making up the sum
				t.Errorf("row %d, feature %d: %d points, by definition %.2f", row, f, points[f], want[f])
			}
		}
	}
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for _, p := range permutations(n - 1) {
		for at := range n {
			out = append(out, slices.Insert(slices.Clone(p), at, n-1))
		}
	}
	return out
}

func TestModelsTravelAsJSONAndDamagedOnesAreRefused(t *testing.T) {
	m, kinds, labels := draw(1000, 7)
	model := fitted(t, m, kinds, labels, boost.Options{Trees: 3})
	text, err := json.Marshal(model)
	if err != nil {
		t.Fatal(err)
	}
	var back boost.Model
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	for r := range m.Rows {
		if back.Points(&m, r) != model.Points(&m, r) {
			t.Fatal("the model that was read scores otherwise")
		}
	}
	for name, tree := range map[string]boost.Tree{
		"an empty tree":          {},
		"a child that is absent": {{Feature: 0, Left: 1, Right: 2}, {Feature: -1}},
		"a child before it":      {{Feature: 0, Left: 1, Right: 2}, {Feature: 0, Left: 0, Right: 2}, {Feature: -1}},
		"a feature that is none": {{Feature: 9, Left: 1, Right: 2}, {Feature: -1}, {Feature: -1}},
	} {
		bad := boost.Model{Trees: []boost.Tree{tree}}
		if err := bad.Validate(m.Sizes); !errors.Is(err, boost.ErrData) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var set boost.Set
	if err := json.Unmarshal([]byte(`[1, 256]`), &set); err == nil {
		t.Error("a level of 256 was read")
	}
}

func TestRowsThatCannotGrowTreesAreRefused(t *testing.T) {
	m, kinds, labels := draw(100, 8)
	for name, do := range map[string]func() error{
		"one class":       func() error { _, err := boost.Fit(m, kinds, make([]uint8, 100), nil, boost.Options{}); return err },
		"too few labels":  func() error { _, err := boost.Fit(m, kinds, labels[:9], nil, boost.Options{}); return err },
		"too few kinds":   func() error { _, err := boost.Fit(m, kinds[:1], labels, nil, boost.Options{}); return err },
		"trees too deep":  func() error { _, err := boost.Fit(m, kinds, labels, nil, boost.Options{Depth: 20}); return err },
		"a rate above 1":  func() error { _, err := boost.Fit(m, kinds, labels, nil, boost.Options{Rate: 2}); return err },
		"trees past 2000": func() error { _, err := boost.Fit(m, kinds, labels, nil, boost.Options{Trees: 3000}); return err },
	} {
		if err := do(); !errors.Is(err, boost.ErrData) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// BenchmarkFit grows 100 trees on a million rows of 64 features of 12 levels.
func BenchmarkFit(b *testing.B) {
	const rows, wide = 1_000_000, 64
	rng := rand.New(rand.NewPCG(1, 1))
	m := features.Matrix{Rows: rows}
	kinds := slices.Repeat([]features.Kind{features.Number}, wide)
	logits := make([]float64, rows)
	for range wide {
		c := make([]uint8, rows)
		weight := rng.NormFloat64() * 0.1
		for r := range c {
			c[r] = uint8(rng.IntN(11))
			logits[r] += weight * float64(c[r])
		}
		m.Columns, m.Sizes = append(m.Columns, c), append(m.Sizes, 12)
	}
	labels := make([]uint8, rows)
	for r, x := range logits {
		if rng.Float64() < 1/(1+math.Exp(2-x)) {
			labels[r] = 1
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		if _, err := boost.Fit(m, kinds, labels, nil, boost.Options{Trees: 100}); err != nil {
			b.Fatal(err)
		}
	}
}
