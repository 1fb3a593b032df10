package learn

import (
	"fmt"
	"math"

	"telltale/internal/fit/judge"
	"telltale/internal/fit/ridge"
	"telltale/internal/intent"
)

// folds is how many parts the accounts are dealt to: a row is judged by weights that were learned without its account, and from earlier months.
const folds = 5

const maxPoints = 10_000

// HalfLives are the half-lives that are tried, in days; 0 is none.
func HalfLives() []float64 { return []float64{7, 14, 30, 60, 90, 180, 0} }

// pulls are how hard weights are pulled to those that are there: as hard as the information of so many signals.
func pulls() []float64 { return []float64{3, 30, 300} }

// Try is one half-life with the log loss that its weights had on the months to tune on.
type Try struct {
	HalfLifeDays float64 `json:"half_life_days"`
	Pull         float64 `json:"pull"`
	LogLoss      float64 `json:"log_loss"`
}

// Judged is what weights are worth on the months held out.
type Judged struct {
	Metrics   judge.Metrics   `json:"metrics"`
	Intervals judge.Intervals `json:"intervals"`
}

// Result is what was learned.
type Result struct {
	// Weights are the learned rows of the product in the scorer's form, in the order of Set.Weights.
	Weights []intent.Weight
	// Calibration turns the points of the weights into a probability, fitted to the months held out; nil where higher points did not win more often there.
	Calibration *judge.Calibration
	// Chosen is the best half-life; Tries are all, each at its best pull.
	Chosen Try
	Tries  []Try
	// Mine and InUse are the learned weights and those in use on the months held out, the latter calibrated on the earlier ones.
	Mine, InUse Judged
	// Difference is the interval of the log loss of mine less that of those in use.
	Difference judge.Interval
	// Better says that the rule lets the learned weights replace those in use, Why by which figures.
	Better bool
	Why    string
	Rows   int
	Won    int
}

// Learn fits the weights. Errors wrap ErrLabels or ErrLeak where the rows are at fault.
func Learn(d *Data, seed uint64) (*Result, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if err := d.leak(); err != nil {
		return nil, err
	}
	r := &Result{Rows: len(d.Rows), Chosen: Try{LogLoss: math.Inf(1)}}
	for i := range d.Rows {
		r.Won += int(d.Rows[i].Won)
	}
	tune, test := d.parts()
	for _, h := range HalfLives() {
		best, err := d.try(h, tune, test)
		if err != nil {
			return nil, err
		}
		if r.Tries = append(r.Tries, best); best.LogLoss < r.Chosen.LogLoss {
			r.Chosen = best
		}
	}
	b := d.bench(r.Chosen.HalfLifeDays)
	if err := b.judge(r, test, seed); err != nil {
		return nil, err
	}
	set, err := b.fit(r.Chosen.Pull, d.Months, -1)
	if err != nil {
		return nil, err
	}
	r.Weights = set.Weights()
	return r, nil
}

// try finds the best pull at a half-life.
func (d *Data) try(h float64, tune, test int32) (Try, error) {
	best, b := Try{LogLoss: math.Inf(1)}, d.bench(h)
	for _, pull := range pulls() {
		points, err := b.cross(pull, tune, test)
		if err != nil {
			return best, err
		}
		if m, err := measure(d.cases(probabilities(points, judge.Identity()), tune, test)); err != nil {
			return best, err
		} else if m.LogLoss < best.LogLoss {
			best = Try{h, pull, m.LogLoss}
		}
	}
	return best, nil
}

// bench holds the rows' evidence at one half-life.
type bench struct {
	*Data
	// tried are the present weights at the half-life.
	tried Set
	rows  []ridge.Row
}

func (d *Data) bench(h float64) *bench {
	b := &bench{d, d.at(h), make([]ridge.Row, len(d.Rows))}
	priors := d.surgePriors(&b.tried, 0, d.Months)
	for i := range d.Rows {
		b.rows[i] = b.tried.features(&d.Rows[i], priors[d.Rows[i].Month])
	}
	return b
}

// judge compares the learned weights with those in use on the months held out.
func (b *bench) judge(r *Result, test int32, seed uint64) error {
	mine, err := b.cross(r.Chosen.Pull, test, b.Months)
	if err != nil {
		return err
	}
	held := b.cases(probabilities(mine, judge.Identity()), test, b.Months)
	used := b.cases(b.inUse(test), test, b.Months)
	for _, x := range []struct {
		cases *judge.Cases
		into  *Judged
	}{{held, &r.Mine}, {used, &r.InUse}} {
		if x.into.Metrics, err = measure(x.cases); err != nil {
			return err
		}
		if x.into.Intervals, err = judge.Bootstrap(x.cases, seed); err != nil {
			return fmt.Errorf("%w: %w", ErrLabels, err)
		}
	}
	if r.Difference, err = judge.LossDifference(held, used.Predicted, seed); err != nil {
		return fmt.Errorf("%w: %w", ErrLabels, err)
	}
	r.decide()
	var points []int64
	for i := range b.Rows {
		if b.Rows[i].Month >= test {
			points = append(points, mine[i])
		}
	}
	if c, err := judge.Platt(points, held.Won); err == nil { // else the weights do not rank, and the rule refuses them
		r.Calibration = &c
	}
	return nil
}

// inUse predicts by the weights in use, calibrated on the months before the held-out ones. Where higher points did not win more often there, every row
// gets the rate of wins, in the order of its points.
func (b *bench) inUse(test int32) []float64 {
	used := &b.Set
	if b.InUse != nil {
		used = b.InUse
	}
	var earlier []int64
	var outcomes []uint8
	points, won := b.Points(used), 0.0
	for i := range b.Rows {
		if b.Rows[i].Month < test {
			earlier, outcomes = append(earlier, points[i]), append(outcomes, b.Rows[i].Won)
			won += float64(b.Rows[i].Won)
		}
	}
	c, err := judge.Platt(earlier, outcomes)
	if err != nil {
		c = judge.Calibration{Slope: 1e-6, Offset: math.Log(won / (float64(len(outcomes)) - won))}
	}
	return probabilities(points, c)
}

func probabilities(points []int64, c judge.Calibration) []float64 {
	out := make([]float64, len(points))
	for i, p := range points {
		out[i] = c.Probability(p)
	}
	return out
}

func measure(c *judge.Cases) (judge.Metrics, error) {
	m, err := judge.Measure(c)
	if err != nil {
		return m, fmt.Errorf("%w: %w", ErrLabels, err)
	}
	return m, nil
}

// cases are the predictions of some months.
func (d *Data) cases(predicted []float64, from, to int32) *judge.Cases {
	c := &judge.Cases{}
	number := map[int32]int32{}
	for i := range d.Rows {
		r := &d.Rows[i]
		if r.Month < from || r.Month >= to {
			continue
		}
		n, known := number[r.Account]
		if !known {
			n = int32(len(number))
			number[r.Account] = n
		}
		c.Predicted, c.Won, c.Groups = append(c.Predicted, predicted[i]), append(c.Won, r.Won), append(c.Groups, n)
	}
	return c
}

// cross gives the rows of some months their points by weights learned from earlier ones without their accounts.
func (b *bench) cross(pull float64, first, end int32) ([]int64, error) {
	out := make([]int64, len(b.Rows))
	for k := range int32(folds) {
		set, err := b.fit(pull, first, k)
		if err != nil {
			return nil, err
		}
		priors := b.surgePriors(set, first, end)
		for i := range b.Rows {
			if r := &b.Rows[i]; r.Month >= first && r.Month < end && r.Account%folds == k {
				out[i] = set.points(r, priors[r.Month])
			}
		}
	}
	return out, nil
}

// fit learns from the rows before a month without a part of the accounts, and writes the weights in the scorer's form.
func (b *bench) fit(pull float64, before, without int32) (*Set, error) {
	var rows []ridge.Row
	for i := range b.rows {
		if r := &b.Rows[i]; r.Month < before && r.Account%folds != without {
			rows = append(rows, b.rows[i])
		}
	}
	m, err := ridge.Fit(rows, b.priors(pull))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLabels, err)
	}
	out, rest := b.tried, m.Weights
	next := func(w *intent.Weight) intent.Weight {
		x := learned(w, rest[0])
		rest = rest[1:]
		return x
	}
	out.Base = make([]intent.Weight, len(b.Base))
	for k := range out.Base {
		out.Base[k] = next(&b.tried.Base[k])
	}
	out.Rate.Points, out.Breadth = thousandths(m.Intercept), next(&b.Breadth)
	for _, w := range []**intent.Weight{&out.Surge, &out.Bought} {
		if *w != nil {
			x := next(*w)
			*w = &x
		}
	}
	return &out, nil
}
