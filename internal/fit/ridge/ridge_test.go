package ridge_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"telltale/internal/fit/ridge"
)

// drawn are rows of known weights: 1.5, −1, and 0 for the third feature.
func drawn(n int, seed uint64) []ridge.Row {
	rng := rand.New(rand.NewPCG(seed, 1))
	rows := make([]ridge.Row, n)
	for i := range rows {
		x := []float64{rng.Float64() * 2, rng.Float64() * 2, rng.Float64() * 2}
		rows[i] = ridge.Row{At: []int32{0, 1, 2}, Value: x}
		if rng.Float64() < 1/(1+math.Exp(0.5-1.5*x[0]+x[1])) {
			rows[i].Won = 1
		}
	}
	return rows
}

func TestWeightsThatMadeTheRowsAreFoundAgain(t *testing.T) {
	m, err := ridge.Fit(drawn(20_000, 1), make([]ridge.Prior, 3))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1.5, -1, 0} {
		if math.Abs(m.Weights[i]-want) > 0.1 {
			t.Errorf("weight %d is %.3f, want %.1f", i, m.Weights[i], want)
		}
	}
	if math.Abs(m.Intercept+0.5) > 0.1 || m.Steps > 12 {
		t.Errorf("intercept %.3f in %d steps", m.Intercept, m.Steps)
	}
}

func TestAKnownSignHoldsAndTheOthersMakeTheBestOfIt(t *testing.T) {
	rows := drawn(5000, 2)
	priors := []ridge.Prior{{Sign: 1}, {Sign: 1}, {}}
	m, err := ridge.Fit(rows, priors)
	if err != nil {
		t.Fatal(err)
	}
	if m.Weights[1] != 0 || m.Weights[0] <= 1 {
		t.Errorf("weights %v: the second speaks against what is known and must be 0", m.Weights)
	}
	// The optimum under the constraint is that without the feature.
	for i := range rows {
		rows[i].At, rows[i].Value = []int32{0, 1}, []float64{rows[i].Value[0], rows[i].Value[2]}
	}
	less, err := ridge.Fit(rows, make([]ridge.Prior, 2))
	if err != nil || math.Abs(less.Loss-m.Loss) > 1e-9 || math.Abs(less.Weights[0]-m.Weights[0]) > 1e-4 {
		t.Errorf("without the feature %+v (%v), held at 0 %+v", less, err, m)
	}
}

func TestAStrongPullKeepsTheGivenWeights(t *testing.T) {
	rows := drawn(500, 3)
	m, err := ridge.Fit(rows, []ridge.Prior{{Towards: 0.2, L2: 1e9}, {Towards: 0.3, L2: 1e9}, {Towards: -0.1, L2: 1e9}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.2, 0.3, -0.1} {
		if math.Abs(m.Weights[i]-want) > 1e-4 {
			t.Errorf("weight %d is %.5f, want %.1f", i, m.Weights[i], want)
		}
	}
	if r := (ridge.Row{At: []int32{1}, Value: []float64{2}}); math.Abs(m.Logit(&r)-m.Intercept-2*m.Weights[1]) > 1e-12 {
		t.Errorf("logit %v", m.Logit(&r))
	}
}

func TestRowsThatCannotBeFittedAreRefused(t *testing.T) {
	for name, rows := range map[string][]ridge.Row{
		"none":              nil,
		"one class":         {{Won: 1}, {Won: 1}},
		"a feature unknown": {{At: []int32{7}, Value: []float64{1}, Won: 1}, {}},
		"no number":         {{At: []int32{0}, Value: []float64{math.NaN()}, Won: 1}, {}},
		"a value too few":   {{At: []int32{0, 1}, Value: []float64{1}, Won: 1}, {}},
	} {
		if _, err := ridge.Fit(rows, make([]ridge.Prior, 2)); !errors.Is(err, ridge.ErrRows) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRowsThatPartPerfectlyStillEnd(t *testing.T) {
	rows := []ridge.Row{{At: []int32{0}, Value: []float64{1}, Won: 1}, {At: []int32{0}, Value: []float64{2}, Won: 1}, {}, {}}
	if m, err := ridge.Fit(rows, []ridge.Prior{{L2: 1}}); err != nil || m.Weights[0] <= 0 || m.Weights[0] > 10 {
		t.Errorf("%+v, %v", m, err)
	}
}
