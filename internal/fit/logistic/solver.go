package logistic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"telltale/internal/fit/features"
)

// A curvature is made anew after a step longer than longStep, in logits, and where a step is not this much shorter than the one before.
const (
	longStep  = 0.5
	minShrink = 0.6
)

// solver holds what the steps of one fit share.
type solver struct {
	m      features.Matrix
	labels []uint8
	o      Options
	// offsets are where each feature's weights begin; the intercept comes last of params.
	offsets []int
	params  int

	beta, gradient, diagonal []float64
	// rest is label minus probability, weight the variance of the label, a row each.
	rest, weight []float64
	// curvature is without the penalty, penalised with it, factor of that one; nil where the curvature is newer.
	curvature, penalised *mat.SymDense
	factor               *mat.Cholesky
	direction            *mat.VecDense
	from                 []float64
	loss                 float64
}

func newSolver(m features.Matrix, labels []uint8, o Options) *solver {
	s := &solver{m: m, labels: labels, o: o, offsets: make([]int, len(m.Sizes))}
	for f, n := range m.Sizes {
		s.offsets[f] = s.params
		s.params += n
	}
	s.params++
	s.beta, s.gradient, s.diagonal = make([]float64, s.params), make([]float64, s.params), make([]float64, s.params)
	s.from, s.direction = make([]float64, s.params), mat.NewVecDense(s.params, nil)
	s.rest, s.weight = make([]float64, m.Rows), make([]float64, m.Rows)
	return s
}

// newton steps from a start with a curvature of all rows of the solver.
func (s *solver) newton(start []float64) (Model, error) {
	copy(s.beta, start)
	s.look()
	s.slope()
	s.bend()
	return s.descend(1)
}

// refine steps from a sample's optimum to that of all rows: the gradient is of all rows, the curvature the sample's times stride, at
// least that of all rows on the diagonal.
func (s *solver) refine(start []float64, sample *mat.SymDense, stride float64, made int) (Model, error) {
	copy(s.beta, start)
	s.look()
	s.slope()
	s.curvature = mat.NewSymDense(s.params, nil)
	s.curvature.ScaleSym(stride, sample)
	for i, d := range s.diagonal {
		s.curvature.SetSym(i, i, max(s.curvature.At(i, i), d))
	}
	return s.descend(made)
}

// descend steps until the last step is within the tolerance. The curvature is kept while steps are short and shrink well, as it hardly
// changes then and costs many times a step; made counts those that were made before.
func (s *solver) descend(made int) (Model, error) {
	last := math.Inf(1)
	for step := 1; step <= s.o.MaxSteps; step++ {
		size, err := s.step()
		if err != nil {
			return Model{}, err
		}
		if size < s.o.Tolerance {
			return s.model(step, made), nil
		}
		s.slope()
		if size > longStep || size > minShrink*last {
			s.bend()
			made++
			size = math.Inf(1)
		}
		last = size
	}
	return Model{}, fmt.Errorf("%w in %d steps", ErrDiverged, s.o.MaxSteps)
}

// factorise prepares the present curvature for steps.
func (s *solver) factorise() error {
	if s.factor != nil {
		return nil
	}
	if s.penalised == nil {
		s.penalised = mat.NewSymDense(s.params, nil)
	}
	s.penalised.CopySym(s.curvature)
	for i := range s.params {
		add := s.o.L2
		if i == s.params-1 {
			add = 1e-9 // the intercept bears no penalty, and rows of one certainty would leave it without curvature
		}
		s.penalised.SetSym(i, i, s.penalised.At(i, i)+add)
	}
	s.factor = &mat.Cholesky{}
	if !s.factor.Factorize(s.penalised) {
		return fmt.Errorf("%w: the curvature is not positive definite", ErrDiverged)
	}
	return nil
}

// step moves the weights by what curvature and gradient say, halved until the loss does not rise, and returns the largest change.
func (s *solver) step() (size float64, err error) {
	if err := s.factorise(); err != nil {
		return 0, err
	}
	if err := s.factor.SolveVecTo(s.direction, mat.NewVecDense(s.params, s.gradient)); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrDiverged, err)
	}
	d := s.direction.RawVector().Data
	before := s.loss
	copy(s.from, s.beta)
	for scale := 1.0; ; scale /= 2 {
		size = 0
		for i := range d {
			s.beta[i] = s.from[i] + scale*d[i]
			size = max(size, math.Abs(scale*d[i]))
		}
		s.look()
		if s.loss <= before+1e-12*math.Abs(before) || size < s.o.Tolerance {
			return size, nil
		}
	}
}

func (s *solver) model(steps, made int) Model {
	m := Model{Intercept: s.beta[s.params-1], Steps: steps, Curvatures: made, Loss: s.loss / float64(s.m.Rows)}
	for f, at := range s.offsets {
		m.Weights = append(m.Weights, append([]float64(nil), s.beta[at:at+s.m.Sizes[f]]...))
	}
	return m
}
