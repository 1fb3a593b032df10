package train

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"telltale/internal/signals/learned"
)

// Fit trains a model on all examples: weights on all of them, judges and thresholds on what cross-validation said of
// each. hints names the examples' Hints; licence is that of the data, and travels in the model.
func Fit(examples []Example, events, hints []string, licence string, o Options) (*learned.Model, error) {
	groups := Groups(examples)
	if distinct(groups) < 2*o.Folds {
		return nil, fmt.Errorf("%w: %d groups of examples are too few for %d folds", ErrData, distinct(groups), o.Folds)
	}
	t := newTrainer(examples, events, o)
	if !t.modal() && !o.Plain {
		return nil, fmt.Errorf("%w: no example tells its modality", ErrData)
	}
	all := make([]int, len(examples))
	for i := range all {
		all[i] = i
	}
	z := t.room()
	t.outOfFold(all, groups, o.Folds, z)
	digest := Digest(examples)
	h := learned.Header{
		Version: digest[:12], Events: events, Modalities: Modalities(), Hints: hints, Bits: o.Bits, Digest: digest, Licence: licence, Examples: len(examples),
	}
	if o.Plain {
		h.Modalities = nil
	}
	p := make([][]float64, len(events))
	for k := range events {
		judge, untold := t.weigh(k, z, true, all)
		h.Judges, h.Untold = append(h.Judges, judge), untold
		p[k] = make([]float64, len(examples))
		for i := range examples {
			p[k][i] = t.probability(k, z, judge, untold, i)
		}
	}
	h.Veto, h.Add = t.vetoBelow(p), t.addFrom(p)
	return t.build(h, all)
}

// build fits every head on the given examples and makes the model of their weights.
func (t *trainer) build(h learned.Header, on []int) (*learned.Model, error) {
	weights := make([][]float64, len(t.heads))
	t.each(func(k int) {
		if weights[k] = t.fit(k, on); weights[k] == nil {
			weights[k] = make([]float64, t.c.width())
			weights[k][t.c.width()-1] = never
		}
	})
	n := len(t.c.buckets)
	column := func(j int) []float64 {
		out := make([]float64, len(weights))
		for k := range weights {
			out[k] = weights[k][j]
		}
		return out
	}
	places := make([]learned.Place, n)
	for j, b := range t.c.buckets {
		places[j] = learned.Place{At: b, IDF: t.c.idf[j], Weights: column(j)}
	}
	for k := range t.c.hints {
		h.HintWeights = append(h.HintWeights, column(n+k))
	}
	h.Bias = column(t.c.width() - 1)
	return learned.Build(h, places)
}

// fewClaims prove nothing of a threshold.
const fewClaims = 25

// addFrom is the lowest limit from which on every higher one keeps the aim, too, on the cross-validated probabilities by
// event and example, all events together. On the web, sentences that tell of no event outnumber the others far more than among the examples, so
// wrong claims on those count several times.
func (t *trainer) addFrom(p [][]float64) float64 {
	for step := 99; step >= 50; step-- {
		limit := float64(step) / 100
		s := t.count(p, t.o.Nothing, func(q, rule float64) bool { return rule == 0 && q >= limit })
		if s.Right+s.Wrong >= fewClaims && s.Precision() < t.o.AddPrecision {
			return float64(step+1) / 100
		}
	}
	return 0.5
}

// vetoBelow is the limit below which an event that a rule found is dropped; 0 where none keeps the aim. How sure the rule was is part of the probability.
func (t *trainer) vetoBelow(p [][]float64) float64 {
	veto := 0.0
	all := t.count(p, 1, func(_, rule float64) bool { return rule > 0 })
	for step := 1; step <= 40; step++ {
		limit := float64(step) / 100
		s := t.count(p, 1, func(q, rule float64) bool { return rule > 0 && q < limit })
		if s.Wrong > 0 && share(s.Wrong, s.Right+s.Wrong) >= t.o.VetoPrecision && share(s.Right, all.Right) <= t.o.VetoLoss {
			veto = limit
		}
	}
	return veto
}

// count tells right from wrong among the examples and events that choose picks; wrong ones on examples of no event
// count nothing times.
func (t *trainer) count(p [][]float64, nothing int, choose func(q, rule float64) bool) Tally {
	var s Tally
	for k := range p {
		for i, q := range p[k] {
			switch {
			case !choose(q, t.rules[k][i]):
			case t.reportable(k, i):
				s.Right++
			case len(t.examples[i].Labels) == 0:
				s.Wrong += nothing
			default:
				s.Wrong++
			}
		}
	}
	return s
}

// Digest is the SHA-256 of the examples as they are labelled, in hexadecimal.
func Digest(examples []Example) string {
	h := sha256.New()
	e := json.NewEncoder(h)
	for i := range examples {
		// Neither can fail: a hash takes every byte, an Example holds nothing that JSON cannot.
		_ = e.Encode(&examples[i])
	}
	return hex.EncodeToString(h.Sum(nil))
}
