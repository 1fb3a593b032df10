package judge_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"telltale/internal/fit/judge"
)

func near(t *testing.T, what string, got, want, slack float64) {
	t.Helper()
	if !(math.Abs(got-want) <= slack) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestMetricsOfTenCasesByHand(t *testing.T) {
	c := &judge.Cases{
		Predicted: []float64{0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.3, 0.2, 0.1, 0.1},
		Won:       []uint8{1, 1, 0, 1, 1, 0, 0, 0, 0, 0},
	}
	m, err := judge.Measure(c)
	if err != nil {
		t.Fatal(err)
	}
	// Of 24 pairs of a won and a lost case, 21 stand right, one is tied, two are wrong.
	near(t, "AUC", m.AUC, 21.5/24, 1e-12)
	// Precision where recall grows: 1, 1, 3/4, and 4/6 at the tie.
	near(t, "average precision", m.AP, (1+1+0.75+4.0/6)/4, 1e-12)
	// The top tenth is the first case, which won; four of ten won.
	near(t, "lift", m.Lift, 2.5, 1e-12)
	near(t, "Brier", m.Brier, (0.01+0.04+0.49+0.16+0.25+0.25+0.09+0.04+0.01+0.01)/10, 1e-12)
	// Ties stand in one bin: |0.2 − 0|, |0.2 − 0|, |0.3 − 0|, |1.0 − 1|, |0.6 − 1|, |0.7 − 0|, |0.8 − 1|, |0.9 − 1| over ten.
	near(t, "ECE", m.ECE, (0.2+0.2+0.3+0+0.4+0.7+0.2+0.1)/10, 1e-12)
}

func TestAUCIsTheShareOfPairsThatStandRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 60).Draw(t, "n")
		c := &judge.Cases{Won: make([]uint8, n)}
		for i := range n {
			c.Predicted = append(c.Predicted, float64(rapid.IntRange(0, 8).Draw(t, "p"))/8)
			c.Won[i] = uint8(rapid.IntRange(0, 1).Draw(t, "won"))
		}
		c.Won[0], c.Won[1] = 1, 0
		right, pairs := 0.0, 0.0
		for i, a := range c.Won {
			for j, b := range c.Won {
				if a == 1 && b == 0 {
					pairs++
					switch {
					case c.Predicted[i] > c.Predicted[j]:
						right++
					case c.Predicted[i] == c.Predicted[j]:
						right += 0.5
					}
				}
			}
		}
		m, err := judge.Measure(c)
		if err != nil || math.Abs(m.AUC-right/pairs) > 1e-12 {
			t.Fatalf("AUC %v (%v), by pairs %v", m.AUC, err, right/pairs)
		}
		if m.ECE < 0 || m.ECE > 1 || m.AP <= 0 || m.AP > 1+1e-12 || m.Lift < 0 || m.Lift > float64(n)+1e-9 {
			t.Fatalf("out of range: %+v", m)
		}
	})
}

// drawn are predictions that hold, of accounts that come several times each.
func drawn(groups, each int, seed uint64) *judge.Cases {
	rng := rand.New(rand.NewPCG(seed, 3))
	c := &judge.Cases{}
	for g := range groups {
		p := judge.Sigmoid(rng.NormFloat64()*1.2 - 1.5)
		for range each {
			won := uint8(0)
			if rng.Float64() < p {
				won = 1
			}
			c.Predicted, c.Won, c.Groups = append(c.Predicted, p), append(c.Won, won), append(c.Groups, int32(g))
		}
	}
	return c
}

func TestIntervalsHoldTheFigureAndNarrowWithAccountsNotWithRepeats(t *testing.T) {
	width := func(c *judge.Cases) float64 {
		m, err := judge.Measure(c)
		if err != nil {
			t.Fatal(err)
		}
		i, err := judge.Bootstrap(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		if m.AUC < i.AUC.Low || m.AUC > i.AUC.High || m.AP < i.AP.Low || m.AP > i.AP.High {
			t.Errorf("AUC %v outside %+v, or AP %v outside %+v", m.AUC, i.AUC, m.AP, i.AP)
		}
		return i.AUC.High - i.AUC.Low
	}
	few, many := width(drawn(150, 4, 1)), width(drawn(2400, 4, 1))
	if !(many < few/2) {
		t.Errorf("sixteen times the accounts: width %v, before %v", many, few)
	}
	// One account that comes four times with one outcome is one account.
	c := drawn(300, 1, 2)
	four := &judge.Cases{}
	for i, p := range c.Predicted {
		for range 4 {
			four.Predicted, four.Won, four.Groups = append(four.Predicted, p), append(four.Won, c.Won[i]), append(four.Groups, int32(i))
		}
	}
	if a, b := width(c), width(four); math.Abs(a-b) > 1e-9 {
		t.Errorf("repeats narrowed the interval from %v to %v", a, b)
	}
}

func TestTheSameSeedDrawsTheSameInterval(t *testing.T) {
	c := drawn(200, 2, 5)
	a, err := judge.Bootstrap(c, 9)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := judge.Bootstrap(c, 9); a != b {
		t.Error("the same seed gave two intervals")
	}
}

func TestADifferenceIsDrawnOnTheSameCases(t *testing.T) {
	c := drawn(800, 1, 4)
	if i, err := judge.Difference(c, c.Predicted, 1); err != nil || i.Low != 0 || i.High != 0 {
		t.Errorf("against itself: %+v, %v", i, err)
	}
	worse := make([]float64, len(c.Predicted))
	rng := rand.New(rand.NewPCG(8, 8))
	for i := range worse {
		worse[i] = rng.Float64()
	}
	if i, err := judge.Difference(c, worse, 1); err != nil || !(i.Low > 0) {
		t.Errorf("against chance: %+v, %v", i, err)
	}
	if i, err := judge.LossDifference(c, c.Predicted, 1); err != nil || i.Low != 0 || i.High != 0 {
		t.Errorf("log loss against itself: %+v, %v", i, err)
	}
	if i, err := judge.LossDifference(c, worse, 1); err != nil || !(i.High < 0) {
		t.Errorf("log loss against chance: %+v, %v", i, err)
	}
	if _, err := judge.LossDifference(c, worse[1:], 1); !errors.Is(err, judge.ErrCases) {
		t.Errorf("of other cases: %v", err)
	}
}

func TestPlattFindsWhatWasDoneToTheLogits(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var points []int64
	var won []uint8
	for range 40_000 {
		x := rng.NormFloat64() * 1.5
		points = append(points, int64(1000*(2*x+1))) // twice too sure, and one logit too high
		y := uint8(0)
		if rng.Float64() < judge.Sigmoid(x) {
			y = 1
		}
		won = append(won, y)
	}
	c, err := judge.Platt(points, won)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "slope", c.Slope, 0.5, 0.02)
	near(t, "offset", c.Offset, -0.5, 0.05)
	if p := c.Probability(1000); math.Abs(p-0.5) > 0.02 {
		t.Errorf("a logit of 1 means %v, want a half", p)
	}
}

func TestScoresThatPointTheWrongWayAreNotCalibrated(t *testing.T) {
	var points []int64
	var won []uint8
	for i := range 200 {
		points, won = append(points, int64(i*10)), append(won, uint8((199-i)/100))
	}
	if _, err := judge.Platt(points, won); !errors.Is(err, judge.ErrCases) {
		t.Errorf("got %v", err)
	}
	if _, err := judge.Platt(points, make([]uint8, 200)); !errors.Is(err, judge.ErrCases) {
		t.Errorf("one class: got %v", err)
	}
}

func TestAShiftSetsTheMeanToTheBaseRate(t *testing.T) {
	points := []int64{-3000, -1000, 0, 500, 4000}
	weights := []float64{10, 10, 1, 1, 1}
	for _, rate := range []float64{0.001, 0.07, 0.5, 0.99} {
		by, err := judge.Shift(points, weights, rate)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i, p := range points {
			sum += weights[i] * judge.Sigmoid((float64(p)+by)/1000)
		}
		near(t, "mean", sum/23, rate, 1e-5)
	}
	for _, rate := range []float64{0, 1, math.NaN(), -2} {
		if _, err := judge.Shift(points, weights, rate); !errors.Is(err, judge.ErrCases) {
			t.Errorf("rate %v: got %v", rate, err)
		}
	}
}

func TestCasesThatCannotBeJudgedAreRefused(t *testing.T) {
	for name, c := range map[string]*judge.Cases{
		"none":             {},
		"one class":        {Predicted: []float64{0.1, 0.2}, Won: []uint8{1, 1}},
		"no probability":   {Predicted: []float64{0.1, 1.2}, Won: []uint8{1, 0}},
		"not a number":     {Predicted: []float64{0.1, math.NaN()}, Won: []uint8{1, 0}},
		"too few outcomes": {Predicted: []float64{0.1, 0.2}, Won: []uint8{1}},
		"too few groups":   {Predicted: []float64{0.1, 0.2}, Won: []uint8{1, 0}, Groups: []int32{0}},
	} {
		if _, err := judge.Measure(c); !errors.Is(err, judge.ErrCases) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
