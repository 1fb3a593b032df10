// Package judge measures predictions against what happened: how well they rank, how far they can be believed, within which
// interval, and how to calibrate them. Rows of one group (an account) are drawn together, so that repeated customers do not
// narrow an interval.
package judge

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// ErrCases reports predictions that cannot be judged.
var ErrCases = errors.New("predictions")

// TopShare is the part of the cases that lift looks at, from the highest prediction down.
const TopShare = 0.1

// bins is how many bins of equal rows the calibration error averages over.
const bins = 10

// Metrics are what predictions are worth.
type Metrics struct {
	// Cases and Won count the rows and the positives among them.
	Cases int `json:"cases"`
	Won   int `json:"won"`
	// AUC is the chance that a positive has a higher prediction than a negative, ties counting half; AP the average precision.
	AUC float64 `json:"auc"`
	AP  float64 `json:"ap"`
	// Lift is the win rate of the top tenth over that of all.
	Lift float64 `json:"lift_10"`
	// Brier is the mean squared error, ECE the expected calibration error over ten bins of equal rows; both 0–1.
	Brier float64 `json:"brier"`
	ECE   float64 `json:"ece"`
	// LogLoss is the mean of −ln of the probability given to what happened; draws of intervals leave it out.
	LogLoss float64 `json:"log_loss"`
}

// Interval is a range that holds a figure with 95 % confidence.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Intervals are those of the metrics.
type Intervals struct {
	AUC  Interval `json:"auc"`
	AP   Interval `json:"ap"`
	Lift Interval `json:"lift_10"`
	ECE  Interval `json:"ece"`
}

// Cases are predictions with what happened, and the group of each.
type Cases struct {
	// Predicted are probabilities, 0–1; Won is 1 where it happened.
	Predicted []float64
	Won       []uint8
	// Groups number the groups from 0; nil means that each case is its own.
	Groups []int32
}

func (c *Cases) check() error {
	won := 0
	for i, p := range c.Predicted {
		if math.IsNaN(p) || p < 0 || p > 1 {
			return fmt.Errorf("%w: %v is no probability", ErrCases, p)
		}
		if i < len(c.Won) {
			won += int(c.Won[i])
		}
	}
	if len(c.Won) != len(c.Predicted) || c.Groups != nil && len(c.Groups) != len(c.Predicted) {
		return fmt.Errorf("%w: %d with %d outcomes and %d groups", ErrCases, len(c.Predicted), len(c.Won), len(c.Groups))
	}
	if won == 0 || won == len(c.Won) {
		return fmt.Errorf("%w: %d of %d happened: two classes are needed", ErrCases, won, len(c.Won))
	}
	return nil
}

// Measure measures the cases. Errors wrap ErrCases.
func Measure(c *Cases) (Metrics, error) {
	if err := c.check(); err != nil {
		return Metrics{}, err
	}
	m := c.weighed(c.order(), nil)
	m.LogLoss = c.logLoss()
	return m, nil
}

// order lists the cases from the lowest prediction up.
func (c *Cases) order() []int32 {
	order := make([]int32, len(c.Predicted))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(c.Predicted[a], c.Predicted[b]), cmp.Compare(a, b))
	})
	return order
}

// tie is the cases of one prediction, weighed.
type tie struct{ p, all, won float64 }

// weighed measures in one pass; weights are by group, nil means one each.
func (c *Cases) weighed(order []int32, weights []float64) Metrics {
	ties := make([]tie, 0, len(order))
	var all, won, brier float64
	for _, i := range order {
		w := 1.0
		if weights != nil {
			w = weights[c.group(i)]
		}
		p, y := c.Predicted[i], float64(c.Won[i])
		if n := len(ties); n == 0 || ties[n-1].p != p {
			ties = append(ties, tie{p: p})
		}
		t := &ties[len(ties)-1]
		t.all += w
		t.won += w * y
		all, won, brier = all+w, won+w*y, brier+w*(p-y)*(p-y)
	}
	m := Metrics{Cases: len(c.Won), Brier: brier / all, AUC: areaUnder(ties, all, won), ECE: calibrationError(ties, all)}
	for _, y := range c.Won {
		m.Won += int(y)
	}
	m.AP, m.Lift = fromTheTop(ties, all, won)
	return m
}

func (c *Cases) group(i int32) int32 {
	if c.Groups == nil {
		return i
	}
	return c.Groups[i]
}

func areaUnder(ties []tie, all, won float64) float64 {
	below, area := 0.0, 0.0
	for _, t := range ties {
		lost := t.all - t.won
		area += t.won * (below + lost/2)
		below += lost
	}
	return area / (won * (all - won))
}

// fromTheTop gives average precision and lift; where the top tenth ends inside a tie, its part counts at the tie's rate.
func fromTheTop(ties []tie, all, won float64) (ap, lift float64) {
	seen, hit := 0.0, 0.0
	top, caught := TopShare*all, 0.0
	for i := len(ties) - 1; i >= 0; i-- {
		t := ties[i]
		if t.all == 0 {
			continue
		}
		caught += t.won / t.all * min(t.all, max(top-seen, 0))
		seen, hit = seen+t.all, hit+t.won
		ap += t.won / won * hit / seen
	}
	return ap, caught / top / (won / all)
}

// calibrationError is the mean distance between what was predicted and what happened, over bins of equal weight; ties are not parted.
func calibrationError(ties []tie, all float64) float64 {
	var said, was [bins]float64
	before := 0.0
	for _, t := range ties {
		at := min(int(float64(bins)*(before+t.all/2)/all), bins-1)
		said[at] += t.all * t.p
		was[at] += t.won
		before += t.all
	}
	sum := 0.0
	for i := range said {
		sum += math.Abs(said[i] - was[i])
	}
	return sum / all
}

// Draws is how many resamples an interval is made of.
const Draws = 200

// Bootstrap gives the intervals of the metrics by drawing groups with replacement, Draws times. The seed decides every draw. Draws
// without two classes are left out. Errors wrap ErrCases.
func Bootstrap(c *Cases, seed uint64) (Intervals, error) {
	if err := c.check(); err != nil {
		return Intervals{}, err
	}
	order := c.order()
	var auc, ap, lift, ece []float64
	c.draw(seed, func(weights []float64) {
		m := c.weighed(order, weights)
		if !math.IsNaN(m.AUC) && !math.IsInf(m.AUC, 0) {
			auc, ap, lift, ece = append(auc, m.AUC), append(ap, m.AP), append(lift, m.Lift), append(ece, m.ECE)
		}
	})
	return Intervals{AUC: middle(auc), AP: middle(ap), Lift: middle(lift), ECE: middle(ece)}, nil
}

// Difference gives the interval of one set of predictions' AUC less another's on the same cases, drawn together. Errors wrap ErrCases.
func Difference(c *Cases, other []float64, seed uint64) (Interval, error) {
	d := *c
	d.Predicted = other
	if err := errors.Join(c.check(), d.check()); err != nil {
		return Interval{}, err
	}
	mine, theirs := c.order(), d.order()
	var gaps []float64
	c.draw(seed, func(weights []float64) {
		if gap := c.weighed(mine, weights).AUC - d.weighed(theirs, weights).AUC; !math.IsNaN(gap) && !math.IsInf(gap, 0) {
			gaps = append(gaps, gap)
		}
	})
	return middle(gaps), nil
}

// LossDifference gives the interval of one set of predictions' log loss less another's on the same cases, drawn together: below 0 throughout, the first
// predicts better beyond doubt. Errors wrap ErrCases.
func LossDifference(c *Cases, other []float64, seed uint64) (Interval, error) {
	d := *c
	d.Predicted = other
	if err := errors.Join(c.check(), d.check()); err != nil {
		return Interval{}, err
	}
	each := make([]float64, len(c.Won))
	for i := range each {
		each[i] = loss(c.Predicted[i], c.Won[i]) - loss(other[i], c.Won[i])
	}
	var gaps []float64
	c.draw(seed, func(weights []float64) {
		sum, all := 0.0, 0.0
		for i, gap := range each {
			w := weights[c.group(int32(i))]
			sum, all = sum+w*gap, all+w
		}
		if all > 0 {
			gaps = append(gaps, sum/all)
		}
	})
	return middle(gaps), nil
}

// draw calls with how often each group was drawn.
func (c *Cases) draw(seed uint64, with func(weights []float64)) {
	groups := int32(len(c.Predicted))
	if c.Groups != nil {
		groups = slices.Max(c.Groups) + 1
	}
	rng := rand.New(rand.NewPCG(seed, 0x5eed))
	weights := make([]float64, groups)
	for range Draws {
		clear(weights)
		for range groups {
			weights[rng.Int32N(groups)]++
		}
		with(weights)
	}
}

// middle is the range of the middle 95 %; of nothing, it is empty.
func middle(values []float64) Interval {
	if len(values) == 0 {
		return Interval{}
	}
	slices.Sort(values)
	at := func(share float64) float64 { return values[int(math.Round(share*float64(len(values)-1)))] }
	return Interval{at(0.025), at(0.975)}
}
