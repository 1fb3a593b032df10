package judge_test

import (
	"errors"
	"math"
	"testing"

	"telltale/internal/fit/judge"
)

func TestWilsonIntervalsAreThePublishedOnes(t *testing.T) {
	for _, c := range []struct {
		hits, cases int
		low, high   float64
	}{
		{8, 10, 0.4902, 0.9433}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {81, 263, 0.2553, 0.3662}, {0, 0, 0, 1},
	} {
		got := judge.Wilson(c.hits, c.cases)
		if math.Abs(got.Low-c.low) > 1e-4 || math.Abs(got.High-c.high) > 1e-4 {
			t.Errorf("%d of %d: %.4f–%.4f, want %.4f–%.4f", c.hits, c.cases, got.Low, got.High, c.low, c.high)
		}
	}
}

func TestLogLossIsThatOfWhatHappened(t *testing.T) {
	c := &judge.Cases{Predicted: []float64{0.5, 0.5, 0.5, 0.5}, Won: []uint8{1, 0, 0, 1}}
	if m, err := judge.Measure(c); err != nil || math.Abs(m.LogLoss-math.Ln2) > 1e-12 {
		t.Errorf("of a coin %v (%v)", m.LogLoss, err)
	}
	c.Predicted = []float64{1, 0, 0, 1}
	if m, err := judge.Measure(c); err != nil || m.LogLoss > 1e-8 {
		t.Errorf("of an oracle %v (%v)", m.LogLoss, err)
	}
	c.Predicted = []float64{0, 1, 1, 0}
	if m, err := judge.Measure(c); err != nil || math.IsInf(m.LogLoss, 0) || m.LogLoss < 20 {
		t.Errorf("of one that is certain and wrong %v (%v)", m.LogLoss, err)
	}
	c.Won = []uint8{1, 1, 1, 1}
	if _, err := judge.Measure(c); !errors.Is(err, judge.ErrCases) {
		t.Errorf("of one class: %v", err)
	}
}

func TestACalibrationTableHoldsEveryCaseOnce(t *testing.T) {
	c := &judge.Cases{}
	for i := range 1000 {
		p := float64(i%100) / 100
		c.Predicted, c.Won = append(c.Predicted, p), append(c.Won, 0)
		if float64(i/100)/10 < p {
			c.Won[i] = 1
		}
	}
	bins, err := judge.Calibrate(c)
	if err != nil || len(bins) != 10 {
		t.Fatalf("%d bins, %v", len(bins), err)
	}
	all, won := 0, 0
	for i, b := range bins {
		all, won = all+b.Cases, won+b.Won
		if math.Abs(b.Said-b.Was) > 0.06 || b.Interval.Low > b.Was || b.Interval.High < b.Was {
			t.Errorf("bin %d: said %.3f, was %.3f in %+v", i, b.Said, b.Was, b.Interval)
		}
	}
	if all != 1000 || won == 0 {
		t.Errorf("%d cases in all bins", all)
	}
	same := &judge.Cases{Predicted: []float64{0.3, 0.3, 0.3}, Won: []uint8{1, 0, 0}}
	if bins, err := judge.Calibrate(same); err != nil || len(bins) != 1 || bins[0].Cases != 3 {
		t.Errorf("of one prediction for all: %+v, %v", bins, err)
	}
}
