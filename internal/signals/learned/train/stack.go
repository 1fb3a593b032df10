package train

import (
	"math"

	"telltale/internal/signals/learned"
)

// stack fits the weights that turn opinions, one a column, into one log-odds on the given examples: constant first.
func stack(columns [][]float64, on []int, positive []bool, seed uint64) []float64 {
	rows := make([]vector, len(on))
	some := false
	for k, i := range on {
		v := vector{index: []int32{0}, value: []float32{1}}
		for c := range columns {
			v.index = append(v.index, int32(c+1))
			v.value = append(v.value, float32(columns[c][i]))
		}
		v.square()
		rows[k] = v
		some = some || positive[i]
	}
	if !some {
		w := make([]float64, len(columns)+1)
		w[0] = never
		return w
	}
	return logistic(rows, func(k int) bool { return positive[on[k]] }, 1, len(columns)+1, 200, seed)
}

// The heads of a denial and of the past, behind the events'.
const (
	headDenied = 3
	headPast   = 4
)

// weigh fits, on the given examples' log-odds, how to judge one event and, where modality is told, when not to report.
func (t *trainer) weigh(event int, z [][]float64, rules bool, on []int) (learned.Judge, learned.Untold) {
	is := make([]bool, len(t.examples))
	for _, i := range on {
		is[i] = t.heads[event].is(i)
	}
	columns := [][]float64{z[event]}
	if rules {
		columns = append(columns, t.rules[event])
	}
	w := append(stack(columns, on, is, t.o.Seed), 0)
	return learned.Judge{Constant: w[0], Learned: w[1], Rules: w[2]}, t.untold(z, rules, on)
}

// untold fits, on the examples that tell of some event, when they are not to be reported.
func (t *trainer) untold(z [][]float64, rules bool, on []int) learned.Untold {
	if !t.modal() {
		return learned.Untold{Constant: never}
	}
	var part []int
	is, rule := make([]bool, len(t.examples)), make([]float64, len(t.examples))
	for _, i := range on {
		if t.examples[i].Modality == "" {
			continue
		}
		part = append(part, i)
		is[i] = !t.examples[i].Reportable()
		for k := range t.events {
			if t.heads[k].is(i) {
				rule[i] = max(rule[i], t.rules[k][i])
			}
		}
	}
	columns := [][]float64{z[len(t.events)+headDenied], z[len(t.events)+headPast]}
	if rules {
		columns = append(columns, rule)
	}
	w := append(stack(columns, part, is, t.o.Seed), 0)
	return learned.Untold{Constant: w[0], Denied: w[1], Past: w[2], Rules: w[3]}
}

// probability is that of learned.Model, from log-odds at hand.
func (t *trainer) probability(event int, z [][]float64, j learned.Judge, u learned.Untold, i int) float64 {
	rule := t.rules[event][i]
	p := sigmoid(j.Constant + j.Learned*z[event][i] + j.Rules*rule)
	if len(t.heads) == len(t.events) {
		return p
	}
	return p * sigmoid(-(u.Constant + u.Denied*z[len(t.events)+headDenied][i] + u.Past*z[len(t.events)+headPast][i] + u.Rules*rule))
}

// bestThreshold is the probability from which claiming gives the best F1 on the given examples; a grid keeps it from
// following single examples.
func bestThreshold(p []float64, on []int, truth []bool) float64 {
	best, at := -1.0, 0.5
	for step := 2; step <= 45; step++ {
		limit := float64(step) / 50
		var t Tally
		for _, i := range on {
			t.Add(p[i] >= limit, truth[i])
		}
		if f := t.F1(); f > best+1e-9 || f > best-1e-9 && math.Abs(limit-0.4) < math.Abs(at-0.4) {
			best, at = f, limit
		}
	}
	return at
}
