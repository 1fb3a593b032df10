package judge

import (
	"fmt"
	"math"
)

// Calibration turns a logit into a probability: 1/(1+e^−(Slope·logit+Offset)). The zero value is none; Identity leaves the logit as it is.
type Calibration struct {
	Slope  float64 `json:"slope"`
	Offset float64 `json:"offset"`
}

// Identity takes a logit at its word.
func Identity() Calibration { return Calibration{Slope: 1} }

// Probability of a logit given in thousandths, 0–1.
func (c Calibration) Probability(points int64) float64 {
	return Sigmoid(c.Slope*float64(points)/1000 + c.Offset)
}

// Valid reports whether both figures are finite and a higher logit never means a lower probability.
func (c Calibration) Valid() bool {
	return c.Slope > 0 && !math.IsInf(c.Slope, 0) && !math.IsNaN(c.Offset) && !math.IsInf(c.Offset, 0)
}

// Sigmoid is the probability of a logit.
func Sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Platt fits a calibration to logits (in thousandths) and outcomes that the model has not seen: a logistic regression of two figures on
// smoothed targets (Platt 1999), by Newton's method. Errors wrap ErrCases, also where higher logits won less often: such a
// model must not be calibrated, it is wrong.
func Platt(points []int64, won []uint8) (Calibration, error) {
	positives := 0
	for _, y := range won {
		positives += int(y)
	}
	if len(points) != len(won) || positives == 0 || positives == len(won) {
		return Calibration{}, fmt.Errorf("%w: %d of %d happened: two classes are needed to calibrate", ErrCases, positives, len(won))
	}
	high := (float64(positives) + 1) / (float64(positives) + 2)
	low := 1 / (float64(len(won)-positives) + 2)
	c, loss := Identity(), Identity().loss(points, won, high, low)
	for range 100 {
		slope, offset := c.newton(points, won, high, low)
		for scale := 1.0; scale > 1e-6; scale /= 2 {
			next := Calibration{c.Slope + scale*slope, c.Offset + scale*offset}
			if now := next.loss(points, won, high, low); now <= loss {
				c, loss = next, now
				break
			}
		}
		if math.Abs(slope)+math.Abs(offset) < 1e-8 {
			break
		}
	}
	if !c.Valid() {
		return Calibration{}, fmt.Errorf("%w: higher scores did not win more often (slope %.3f): nothing to calibrate", ErrCases, c.Slope)
	}
	return c, nil
}

// newton is the step from here.
func (c Calibration) newton(points []int64, won []uint8, high, low float64) (slope, offset float64) {
	var ga, gb, haa, hab, hbb float64
	for i, pts := range points {
		x, t := float64(pts)/1000, low
		if won[i] == 1 {
			t = high
		}
		p := Sigmoid(c.Slope*x + c.Offset)
		w := p * (1 - p)
		ga, gb = ga+(t-p)*x, gb+(t-p)
		haa, hab, hbb = haa+w*x*x, hab+w*x, hbb+w
	}
	haa, hbb = haa+1e-9, hbb+1e-9 // one score for all would leave it singular
	det := haa*hbb - hab*hab
	return (hbb*ga - hab*gb) / det, (haa*gb - hab*ga) / det
}

func (c Calibration) loss(points []int64, won []uint8, high, low float64) (sum float64) {
	for i, pts := range points {
		x, t := c.Slope*float64(pts)/1000+c.Offset, low
		if won[i] == 1 {
			t = high
		}
		sum += max(x, 0) - t*x + math.Log1p(math.Exp(-math.Abs(x)))
	}
	return sum
}

// Shift finds what must be added to every logit (in thousandths) so that the weighed mean probability is a rate between 0 and 1: how a
// model that ranks positives against unlabelled rows is set to a known base rate. It bisects to a hundredth of a thousandth.
func Shift(points []int64, weights []float64, rate float64) (float64, error) {
	if !(rate > 0 && rate < 1) || len(points) == 0 || len(points) != len(weights) {
		return 0, fmt.Errorf("%w: a base rate of %v over %d cases", ErrCases, rate, len(points))
	}
	all := 0.0
	for _, w := range weights {
		all += w
	}
	low, high := -40_000.0, 40_000.0
	for high-low > 0.01 {
		at := (low + high) / 2
		sum := 0.0
		for i, p := range points {
			sum += weights[i] * Sigmoid((float64(p)+at)/1000)
		}
		if sum/all < rate {
			low = at
		} else {
			high = at
		}
	}
	return (low + high) / 2, nil
}
