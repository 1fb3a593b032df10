// Package ridge fits logistic regressions of few numbers, pulled towards weights that are given and held to signs that are known. Rows are
// sparse: a feature that a row does not name is 0. It is pure, and the same rows give the same weights to the last bit.
package ridge

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// The coarse errors of a fit.
var (
	// ErrRows reports rows that cannot be fitted: none, of one class, or with numbers that are none.
	ErrRows = errors.New("rows")
	// ErrDiverged reports that the steps did not come to an end.
	ErrDiverged = errors.New("the fit did not converge")
)

const (
	maxSteps  = 200
	tolerance = 1e-7
	// slack keeps the curvature positive definite where a weight bears no penalty.
	slack = 1e-9
)

// Row is one labelled row.
type Row struct {
	// At are the features that the row names, each at most once; Value is beside each.
	At    []int32
	Value []float64
	// Won is 1 for positives.
	Won uint8
}

// Prior says what is known of one weight beforehand.
type Prior struct {
	// Towards is where the penalty pulls; L2 how hard (half of it times the squared distance), 0 not at all.
	Towards, L2 float64
	// Sign is +1 where the weight may not be negative, −1 where it may not be positive, 0 where either may be.
	Sign int8
}

// Model is an intercept, which bears no penalty, and a weight a feature, in logits.
type Model struct {
	Intercept float64
	Weights   []float64
	// Steps is how many steps it took, Loss the mean log loss of the rows.
	Steps int
	Loss  float64
}

// Logit of a row.
func (m *Model) Logit(r *Row) float64 {
	sum := m.Intercept
	for k, f := range r.At {
		sum += m.Weights[f] * r.Value[k]
	}
	return sum
}

// Fit finds the weights of least penalised loss by projected Newton steps (Bertsekas 1982): weights that stand at 0 and would leave their
// sign are held there, the others take a Newton step, which is cut where it leaves a sign. Errors wrap ErrRows or ErrDiverged.
func Fit(rows []Row, priors []Prior) (*Model, error) {
	if err := check(rows, len(priors)); err != nil {
		return nil, err
	}
	s := start(rows, priors)
	for step := 1; step <= maxSteps; step++ {
		size, err := s.step()
		if err != nil {
			return nil, err
		}
		if size < tolerance {
			m := &Model{Intercept: s.beta[len(priors)], Weights: s.beta[:len(priors)], Steps: step}
			m.Loss = s.plain(s.beta) / float64(len(rows))
			return m, nil
		}
	}
	return nil, fmt.Errorf("%w in %d steps", ErrDiverged, maxSteps)
}

func check(rows []Row, features int) error {
	won := 0
	for i := range rows {
		r := &rows[i]
		won += int(r.Won)
		if len(r.At) != len(r.Value) {
			return fmt.Errorf("%w: row %d names %d features and %d values", ErrRows, i, len(r.At), len(r.Value))
		}
		for k, f := range r.At {
			if f < 0 || int(f) >= features || math.IsNaN(r.Value[k]) || math.IsInf(r.Value[k], 0) {
				return fmt.Errorf("%w: row %d has %v for feature %d of %d", ErrRows, i, r.Value[k], f, features)
			}
		}
	}
	if won == 0 || won == len(rows) {
		return fmt.Errorf("%w: %d of %d are positive: two classes are needed", ErrRows, won, len(rows))
	}
	return nil
}

// solver holds what the steps share; the intercept comes last.
type solver struct {
	rows     []Row
	priors   []Prior
	beta     []float64
	gradient []float64
	curve    *mat.SymDense
}

func start(rows []Row, priors []Prior) *solver {
	n := len(priors) + 1
	s := &solver{rows: rows, priors: priors, beta: make([]float64, n), gradient: make([]float64, n), curve: mat.NewSymDense(n, nil)}
	won := 0.0
	for i := range rows {
		won += float64(rows[i].Won)
	}
	for i, p := range priors {
		if p.L2 > 0 {
			s.beta[i] = kept(p.Towards, p.Sign)
		}
	}
	s.beta[n-1] = math.Log(won / (float64(len(rows)) - won))
	return s
}

// kept cuts a weight at 0 where it would leave its sign.
func kept(w float64, sign int8) float64 {
	if float64(sign)*w < 0 {
		return 0
	}
	return w
}

func (s *solver) logit(beta []float64, r *Row) float64 {
	sum := beta[len(s.priors)]
	for k, f := range r.At {
		sum += beta[f] * r.Value[k]
	}
	return sum
}

// plain is the loss of the rows, penalised that with the penalty.
func (s *solver) plain(beta []float64) (sum float64) {
	for i := range s.rows {
		r := &s.rows[i]
		x := s.logit(beta, r)
		sum += max(x, 0) - float64(r.Won)*x + math.Log1p(math.Exp(-math.Abs(x)))
	}
	return sum
}

func (s *solver) penalised(beta []float64) float64 {
	sum := s.plain(beta)
	for i, p := range s.priors {
		d := beta[i] - p.Towards
		sum += p.L2 / 2 * d * d
	}
	return sum
}

// look makes gradient and curvature where the weights stand.
func (s *solver) look() {
	n := len(s.priors)
	clear(s.gradient)
	s.curve.Zero()
	raw := s.curve.RawSymmetric()
	add := func(i, j int, v float64) { raw.Data[min(i, j)*raw.Stride+max(i, j)] += v }
	for i := range s.rows {
		r := &s.rows[i]
		p := 1 / (1 + math.Exp(-s.logit(s.beta, r)))
		rest, weight := p-float64(r.Won), p*(1-p)
		s.gradient[n] += rest
		add(n, n, weight)
		for k, f := range r.At {
			v := r.Value[k]
			s.gradient[f] += rest * v
			add(int(f), n, weight*v)
			for l := k; l < len(r.At); l++ {
				add(int(f), int(r.At[l]), weight*v*r.Value[l])
			}
		}
	}
	for i, p := range s.priors {
		s.gradient[i] += p.L2 * (s.beta[i] - p.Towards)
		add(i, i, p.L2+slack)
	}
	add(n, n, slack)
}

// free lists the weights that may move: all but those that stand at 0 and are pushed out of their sign.
func (s *solver) free() []int {
	var out []int
	for i := range s.beta {
		if i < len(s.priors) && s.priors[i].Sign != 0 && s.beta[i] == 0 && float64(s.priors[i].Sign)*s.gradient[i] >= 0 {
			continue
		}
		out = append(out, i)
	}
	return out
}

// step moves the free weights by a Newton step, halved until the loss does not rise, and returns the largest change.
func (s *solver) step() (float64, error) {
	s.look()
	free := s.free()
	sub, down := mat.NewSymDense(len(free), nil), mat.NewVecDense(len(free), nil)
	for a, i := range free {
		down.SetVec(a, -s.gradient[i])
		for b := a; b < len(free); b++ {
			sub.SetSym(a, b, s.curve.At(i, free[b]))
		}
	}
	var factor mat.Cholesky
	if !factor.Factorize(sub) {
		return 0, fmt.Errorf("%w: the curvature is not positive definite", ErrDiverged)
	}
	if err := factor.SolveVecTo(down, down); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrDiverged, err)
	}
	before := s.penalised(s.beta)
	next := make([]float64, len(s.beta))
	for scale := 1.0; ; scale /= 2 {
		copy(next, s.beta)
		size := 0.0
		for a, i := range free {
			next[i] += scale * down.AtVec(a)
			if i < len(s.priors) {
				next[i] = kept(next[i], s.priors[i].Sign)
			}
			size = max(size, math.Abs(next[i]-s.beta[i]))
		}
		if s.penalised(next) <= before+1e-12*math.Abs(before) || size < tolerance {
			copy(s.beta, next)
			return size, nil
		}
	}
}
