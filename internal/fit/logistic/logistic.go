// Package logistic fits an L2-regularised logistic regression over binned features: each level of each feature has a weight, an
// intercept stands free of the penalty. It is Newton's method (iteratively reweighted least squares) with a Cholesky factor; the
// curvature is summed from pairs of bins, never from a dense matrix of ones and noughts. The same rows give the same bits, however
// many workers there are.
package logistic

import (
	"errors"
	"fmt"
	"math"
	"runtime"

	"telltale/internal/fit/features"
)

// The coarse errors of a fit.
var (
	// ErrData reports rows that cannot be fitted: none, one class only, or labels that are not as many as the rows.
	ErrData = errors.New("logistic regression")
	// ErrDiverged reports a fit whose steps stopped helping before it had converged.
	ErrDiverged = errors.New("logistic regression did not converge")
)

// MaxWeights bounds the weights of one fit: the factor takes their square in memory.
const MaxWeights = 4096

// nearEnough is the largest last step on a sample, in logits: its optimum is only a place to start from.
const nearEnough = 0.03

// Options say how a fit is done; the zero value is what is meant in most cases.
type Options struct {
	// L2 is the penalty: half of it times the sum of squared weights is added to the negative log-likelihood. 0 means 1.
	L2 float64
	// CurvatureRows is the most rows whose curvature is computed: with more, Newton's method runs on evenly spread rows, and steps
	// with their factor and the gradient of all rows lead from there to the optimum of all. 0 means 32,768.
	CurvatureRows int
	// Tolerance is the largest last step of any weight, in logits; 0 means 1e-5, a hundredth of the thousandth that is kept.
	Tolerance float64
	// MaxSteps bounds the steps of each phase; 0 means 60.
	MaxSteps int
	// Workers is how many processors are used; 0 means all.
	Workers int
}

// Model is a fitted regression, in logits.
type Model struct {
	Intercept float64
	// Weights are by feature and level.
	Weights [][]float64
	// Steps counts the steps that were taken over all rows, Curvatures the factors that were made.
	Steps, Curvatures int
	// Loss is the penalised negative log-likelihood, per row.
	Loss float64
}

func (o Options) withDefaults() Options {
	if o.L2 == 0 {
		o.L2 = 1
	}
	if o.CurvatureRows == 0 {
		o.CurvatureRows = 1 << 15
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-5
	}
	if o.MaxSteps == 0 {
		o.MaxSteps = 60
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return o
}

// Fit finds the weights under which the labels (0 or 1) are most likely. Errors wrap ErrData or ErrDiverged.
func Fit(m features.Matrix, labels []uint8, o Options) (Model, error) {
	o = o.withDefaults()
	if err := check(m, labels, o); err != nil {
		return Model{}, err
	}
	s := newSolver(m, labels, o)
	start := make([]float64, s.params)
	start[s.params-1] = prior(labels)
	if m.Rows <= o.CurvatureRows {
		return s.newton(start)
	}
	stride := (m.Rows + o.CurvatureRows - 1) / o.CurvatureRows
	sample, sampled := every(m, labels, stride)
	if check(sample, sampled, o) != nil { // one class only: too rare for a sample
		return s.newton(start)
	}
	so := o
	so.L2 = o.L2 / float64(stride)
	so.Tolerance = max(o.Tolerance, nearEnough)
	near := newSolver(sample, sampled, so)
	found, err := near.newton(start)
	if err != nil {
		return Model{}, err
	}
	return s.refine(near.beta, near.curvature, float64(stride), found.Curvatures)
}

func check(m features.Matrix, labels []uint8, o Options) error {
	won := 0
	for _, y := range labels {
		won += int(y)
	}
	params := 1
	for _, n := range m.Sizes {
		params += n
	}
	switch {
	case len(labels) != m.Rows:
		return fmt.Errorf("%w: %d labels for %d rows", ErrData, len(labels), m.Rows)
	case won == 0 || won == m.Rows:
		return fmt.Errorf("%w: %d of %d rows are positive: two classes are needed", ErrData, won, m.Rows)
	case len(m.Columns) == 0:
		return fmt.Errorf("%w: no features", ErrData)
	case params > MaxWeights:
		return fmt.Errorf("%w: %d weights; at most %d", ErrData, params, MaxWeights)
	case !(o.L2 > 0) || math.IsInf(o.L2, 0):
		return fmt.Errorf("%w: an L2 penalty of %v: want more than 0", ErrData, o.L2)
	}
	return nil
}

// prior is the logit of the share of positives.
func prior(labels []uint8) float64 {
	won := 0
	for _, y := range labels {
		won += int(y)
	}
	return math.Log(float64(won) / float64(len(labels)-won))
}

// every takes evenly spread rows.
func every(m features.Matrix, labels []uint8, stride int) (features.Matrix, []uint8) {
	rows := make([]int32, 0, m.Rows/stride+1)
	picked := make([]uint8, 0, cap(rows))
	for r := 0; r < m.Rows; r += stride {
		rows, picked = append(rows, int32(r)), append(picked, labels[r])
	}
	return m.Pick(rows), picked
}
