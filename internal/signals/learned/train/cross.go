package train

import (
	"fmt"
	"math"
	"runtime"
	"sync"
)

// Options say how a model is fitted. Default gives those of the shipped one.
type Options struct {
	// Bits is the size of the hashed feature space, 1–20: 2^Bits places.
	Bits int
	// Cost weighs errors against the size of weights; larger follows the examples more closely.
	Cost float64
	// Rounds is the most passes over the examples; Folds is k of the cross-validation.
	Rounds, Folds int
	Seed          uint64
	// Plain says that the examples tell no modality: all they tell of is to be reported.
	Plain bool
	// AddPrecision is the aim, 0–1, of the threshold from which a claim is added that no rule made: at least that share of such claims is right. Nothing is
	// how often a wrong one counts there on an example of no class.
	AddPrecision float64
	Nothing      int
	// VetoPrecision and VetoLoss are the aims, 0–1, of the threshold below which a rule's claim is dropped: at least that share
	// of what is dropped is wrong, and no more than that share of the rules' right claims goes.
	VetoPrecision, VetoLoss float64
}

// Default are the options of the shipped model of events.
func Default() Options {
	return Options{Bits: 17, Cost: 5, Rounds: 60, Folds: 5, Seed: 1, AddPrecision: 0.8, Nothing: 5, VetoPrecision: 0.7, VetoLoss: 0.06}
}

// Topics are the options of the shipped model of topics. A sentence that it is asked about names a product, so that those of no topic are no rule; and
// the rules of topics are broader than those of events: of what they find in wording that nobody foresaw half is wrong, and the model knows which half.
func Topics() Options {
	o := Default()
	o.Plain, o.Nothing, o.AddPrecision = true, 1, 0.7
	return o
}

// Outcome is what cross-validation says of one class: of each example, by a model that saw neither it nor its group.
type Outcome struct {
	Class string
	// Truth, Rules, Learned and Combined are by example: labelled and to be reported, and claimed by whom.
	Truth, Rules, Learned, Combined []bool
	// P is the combined probability.
	P []float64
}

// Result is a cross-validation's.
type Result struct {
	Groups []int
	Events []Outcome
	// Modality is, by example, the modality predicted; empty where the data tell none.
	Modality []string
}

// Cross cross-validates the events given, in the order of the examples' Rules. Examples of one group are never on both
// sides of a split, neither of the outer one nor of the inner one, which calibrates and sets thresholds.
func Cross(examples []Example, events []string, o Options) (Result, error) {
	r := Result{Groups: Groups(examples), Modality: make([]string, len(examples))}
	if distinct(r.Groups) < 2*o.Folds {
		return r, fmt.Errorf("%w: %d groups of examples are too few for %d folds", ErrData, distinct(r.Groups), o.Folds)
	}
	t := newTrainer(examples, events, o)
	for _, e := range events {
		n := len(examples)
		r.Events = append(r.Events, Outcome{
			Class: e, Truth: make([]bool, n), Rules: make([]bool, n), Learned: make([]bool, n), Combined: make([]bool, n), P: make([]float64, n),
		})
	}
	for k := range r.Events {
		for i := range examples {
			r.Events[k].Truth[i] = t.reportable(k, i)
			r.Events[k].Rules[i] = t.rules[k][i] > 0
		}
	}
	fold := folds(r.Groups, o.Folds, o.Seed)
	for f := range o.Folds {
		var on, test []int
		for i, g := range fold {
			if g == f {
				test = append(test, i)
			} else {
				on = append(on, i)
			}
		}
		t.judge(on, test, r)
	}
	return r, nil
}

func distinct(list []int) int {
	seen := map[int]bool{}
	for _, x := range list {
		seen[x] = true
	}
	return len(seen)
}

// trainer holds the examples as rows and the heads to be fitted: events, then modalities.
type trainer struct {
	o        Options
	c        *corpus
	examples []Example
	events   []string
	heads    []head
	// rules are the rules' confidences by event and example.
	rules [][]float64
}

// head is one class: the examples it is fitted on, and which of them are positive.
type head struct {
	on func(i int) bool
	is func(i int) bool
}

func newTrainer(examples []Example, events []string, o Options) *trainer {
	t := &trainer{o: o, c: read(examples, o.Bits), examples: examples, events: events}
	for k, e := range events {
		t.heads = append(t.heads, head{on: func(int) bool { return true }, is: func(i int) bool { return examples[i].Has(e) }})
		column := make([]float64, len(examples))
		for i := range examples {
			if k < len(examples[i].Rules) {
				column[i] = examples[i].Rules[k]
			}
		}
		t.rules = append(t.rules, column)
	}
	if !t.modal() {
		return t
	}
	for _, m := range Modalities() {
		t.heads = append(t.heads, head{
			on: func(i int) bool { return examples[i].Modality != "" }, is: func(i int) bool { return examples[i].Modality == m },
		})
	}
	return t
}

// modal reports that the examples tell their modality.
func (t *trainer) modal() bool {
	for i := range t.examples {
		if t.examples[i].Modality != "" {
			return true
		}
	}
	return false
}

func (t *trainer) reportable(event, i int) bool {
	return t.examples[i].Has(t.events[event]) && t.examples[i].Reportable()
}

// logits gives, by head, log-odds of the examples in test by weights fitted on those in on.
func (t *trainer) logits(on, test []int, into [][]float64) {
	t.each(func(h int) {
		w := t.fit(h, on)
		for _, i := range test {
			into[h][i] = t.c.logit(w, i)
		}
	})
}

// each runs fn for every head, side by side.
func (t *trainer) each(fn func(h int)) {
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for h := range t.heads {
		wait.Go(func() {
			slots <- struct{}{}
			fn(h)
			<-slots
		})
	}
	wait.Wait()
}

func (t *trainer) fit(h int, on []int) []float64 {
	var part []int
	for _, i := range on {
		if t.heads[h].on(i) {
			part = append(part, i)
		}
	}
	return t.c.fit(part, t.heads[h].is, t.o)
}

// outOfFold gives each of the examples log-odds by weights that saw neither it nor its group.
func (t *trainer) outOfFold(on []int, groups []int, k int, into [][]float64) {
	mine := make([]int, len(on))
	for j, i := range on {
		mine[j] = groups[i]
	}
	fold := folds(mine, k, t.o.Seed+1)
	for f := range k {
		var in, out []int
		for j, i := range on {
			if fold[j] == f {
				out = append(out, i)
			} else {
				in = append(in, i)
			}
		}
		t.logits(in, out, into)
	}
}

func (t *trainer) room() [][]float64 {
	room := make([][]float64, len(t.heads))
	for h := range room {
		room[h] = make([]float64, len(t.examples))
	}
	return room
}

// innerFolds split the training side once more, for calibration and thresholds on sentences the weights did not see.
const innerFolds = 3

// judge claims the events of the examples in test by what those in on teach.
func (t *trainer) judge(on, test []int, r Result) {
	z := t.room()
	t.outOfFold(on, r.Groups, innerFolds, z)
	t.logits(on, test, z)
	for k := range t.events {
		out := &r.Events[k]
		t.claim(k, z, false, on, test, out.Learned, nil)
		t.claim(k, z, true, on, test, out.Combined, out.P)
	}
	for _, i := range test {
		best := math.Inf(-1)
		for m, h := 0, len(t.events); h < len(t.heads); m, h = m+1, h+1 {
			if z[h][i] > best {
				best, r.Modality[i] = z[h][i], Modalities()[m]
			}
		}
	}
}

// claim judges one event, with the rules' opinion or without, and claims it from the threshold on that is best for on.
func (t *trainer) claim(event int, z [][]float64, rules bool, on, test []int, claimed []bool, p []float64) {
	if p == nil {
		p = make([]float64, len(t.examples))
	}
	j, u := t.weigh(event, z, rules, on)
	truth := make([]bool, len(t.examples))
	for _, i := range on {
		truth[i] = t.reportable(event, i)
		p[i] = t.probability(event, z, j, u, i)
	}
	limit := bestThreshold(p, on, truth)
	for _, i := range test {
		p[i] = t.probability(event, z, j, u, i)
		claimed[i] = p[i] >= limit
	}
}
