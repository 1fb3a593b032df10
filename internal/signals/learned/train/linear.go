package train

import (
	"math"
	"math/rand/v2"
)

// vector is a sparse row: values at indexes, ascending or not; an index may stand there twice.
type vector struct {
	index []int32
	value []float32
	// norm is the sum of squares; an index that stands twice counts with its sum.
	norm float64
}

// logistic fits weights w that minimise ½|w|² + cost·Σ log(1+exp(-y·w·x)) by coordinate descent in the dual
// (Yu, Huang and Lin 2011). The same rows, labels and seed give the same weights.
func logistic(rows []vector, positive func(int) bool, cost float64, dims, rounds int, seed uint64) []float64 {
	w := make([]float64, dims)
	// t is the logit of each dual variable's share of cost.
	t := make([]float64, len(rows))
	order := make([]int, len(rows))
	for i := range rows {
		order[i], t[i] = i, -4
		rows[i].addTo(w, sign(positive(i))*cost*sigmoid(t[i]))
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	for range rounds {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		moved := 0.0
		for _, i := range order {
			y, was := sign(positive(i)), sigmoid(t[i])
			t[i] = solve(rows[i].norm*cost, y*rows[i].dot(w), was, t[i])
			delta := sigmoid(t[i]) - was
			rows[i].addTo(w, y*cost*delta)
			moved = max(moved, math.Abs(delta))
		}
		if moved < 1e-3 {
			break
		}
	}
	return w
}

// solve finds t with q·(σ(t)−was) + margin + t = 0 by Newton's steps inside a bracket; its left side rises everywhere.
func solve(q, margin, was, t float64) float64 {
	low, high := -margin-q*(1-was), -margin+q*was
	t = min(max(t, low), high)
	for range 20 {
		s := sigmoid(t)
		f := q*(s-was) + margin + t
		if math.Abs(f) < 1e-6 {
			break
		}
		if f > 0 {
			high = t
		} else {
			low = t
		}
		if t -= f / (q*s*(1-s) + 1); t <= low || t >= high {
			t = (low + high) / 2
		}
	}
	return t
}

func (v *vector) dot(w []float64) float64 {
	sum := 0.0
	for k, i := range v.index {
		sum += float64(v.value[k]) * w[i]
	}
	return sum
}

func (v *vector) addTo(w []float64, by float64) {
	for k, i := range v.index {
		w[i] += by * float64(v.value[k])
	}
}

// square sets norm.
func (v *vector) square() {
	sum := make(map[int32]float64, len(v.index))
	for k, i := range v.index {
		sum[i] += float64(v.value[k])
	}
	v.norm = 0
	for _, i := range v.index {
		v.norm += sum[i] * sum[i]
		sum[i] = 0
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func sign(positive bool) float64 {
	if positive {
		return 1
	}
	return -1
}
