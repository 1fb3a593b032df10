// Package boost fits gradient-boosted trees over binned features, by histograms, with monotone constraints where the direction of
// a feature is known. Leaves are whole thousandths of a logit and rows' logits are sums of them, so that a score is the same however
// it is added up; the same rows give the same trees, however many workers there are. Explain takes a score apart exactly.
package boost

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"

	"telltale/internal/fit/features"
)

// ErrData reports rows that cannot be fitted: none, one class only, or labels that are not as many as the rows.
var ErrData = errors.New("boosted trees")

// Bounds of a model, beyond which it is not ours.
const (
	MaxTrees = 2000
	MaxDepth = 6
)

// Options say how trees are grown; the zero value is what is meant in most cases.
type Options struct {
	// Trees is the most trees; 0 means 400. With rows to check on, growing ends once Patience trees have not helped.
	Trees, Patience int
	// Depth is the most splits between the root and a leaf; 0 means 5.
	Depth int
	// Rate is the share of a leaf's step that is taken; 0 means 0.06.
	Rate float64
	// MinRows is the fewest rows of a leaf; 0 means 20. L2 shrinks leaves as that many pseudo-rows of curvature would; 0 means 2.
	MinRows int
	L2      float64
	// SampleRows is the most rows that grow one tree: with more, each tree takes evenly spread ones, another set each. 0 means 65,536.
	SampleRows int
	// Columns is the share of the features that each tree may split by, another draw each; 0 means half.
	Columns float64
	// Monotone is the direction by feature: +1 where a higher level must never lower the score, −1 where it must never raise it;
	// only numbers have one. Shorter than the features, the rest are free.
	Monotone []int8
	// Workers is how many processors are used; 0 means all.
	Workers int
}

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		v    *int
		unit int
	}{{&o.Trees, 400}, {&o.Patience, 40}, {&o.Depth, 5}, {&o.MinRows, 20}, {&o.SampleRows, 1 << 16}, {&o.Workers, runtime.GOMAXPROCS(0)}} {
		if *d.v == 0 {
			*d.v = d.unit
		}
	}
	if o.Rate == 0 {
		o.Rate = 0.06
	}
	if o.L2 == 0 {
		o.L2 = 2
	}
	if o.Columns == 0 {
		o.Columns = 0.5
	}
	return o
}

// Node is a split, or a leaf where Feature is negative.
type Node struct {
	// Feature is an index of the features; rows whose level is in Lower go to Left, others to Right (indexes of the tree's nodes).
	Feature int `json:"f"`
	Lower   Set `json:"in,omitzero"`
	Left    int `json:"l,omitempty"`
	Right   int `json:"r,omitempty"`
	// Points is a leaf's value, in thousandths of a logit.
	Points int64 `json:"p,omitempty"`
	// Rows is how many training rows came here, which explanations weigh by.
	Rows int64 `json:"n"`
}

// Set is a set of levels.
type Set [4]uint64

// Has reports whether the set has the level.
func (s *Set) Has(level uint8) bool { return s[level>>6]>>(level&63)&1 == 1 }

// Add puts a level in.
func (s *Set) Add(level uint8) { s[level>>6] |= 1 << (level & 63) }

// MarshalJSON lists the levels.
func (s Set) MarshalJSON() ([]byte, error) {
	levels := []int{}
	for l := range features.MaxLevels {
		if s.Has(uint8(l)) {
			levels = append(levels, l)
		}
	}
	return json.Marshal(levels)
}

// UnmarshalJSON reads a list of levels, 0–255.
func (s *Set) UnmarshalJSON(text []byte) error {
	var levels []int
	if err := json.Unmarshal(text, &levels); err != nil {
		return fmt.Errorf("set of levels: %w", err)
	}
	*s = Set{}
	for _, l := range levels {
		if l < 0 || l >= features.MaxLevels {
			return fmt.Errorf("%w: level %d", ErrData, l)
		}
		s.Add(uint8(l))
	}
	return nil
}

// Tree is one tree; node 0 is its root.
type Tree []Node

// Model is a sum of trees over an intercept, in thousandths of a logit.
type Model struct {
	Intercept int64  `json:"intercept"`
	Trees     []Tree `json:"trees"`
}

// Checked are rows that do not grow trees but say when to stop.
type Checked struct {
	Matrix features.Matrix
	Labels []uint8
}

// Fit grows trees on rows with labels 0 or 1. kinds are the kinds of the features. Errors wrap ErrData.
func Fit(m features.Matrix, kinds []features.Kind, labels []uint8, check *Checked, o Options) (Model, error) {
	o = o.withDefaults()
	won, err := o.check(m, kinds, labels)
	if err != nil {
		return Model{}, err
	}
	g := newGrower(m, kinds, labels, o)
	model := Model{Intercept: int64(math.RoundToEven(1000 * math.Log(float64(won)/float64(m.Rows-won))))}
	g.start(model.Intercept)
	var watch *watcher
	if check != nil && check.Matrix.Rows > 0 {
		watch = newWatcher(check, model.Intercept)
	}
	for t := range o.Trees {
		tree := g.tree(t)
		model.Trees = append(model.Trees, tree)
		g.add(tree)
		if watch != nil && watch.late(tree, len(model.Trees), o.Patience) {
			break
		}
	}
	if watch != nil {
		model.Trees = model.Trees[:watch.best]
	}
	return model, nil
}

// check counts the positives, and refuses what cannot be fitted.
func (o *Options) check(m features.Matrix, kinds []features.Kind, labels []uint8) (won int, err error) {
	for _, y := range labels {
		won += int(y)
	}
	switch {
	case len(labels) != m.Rows || len(kinds) != len(m.Columns):
		return won, fmt.Errorf("%w: %d labels for %d rows, %d kinds for %d features", ErrData, len(labels), m.Rows, len(kinds), len(m.Columns))
	case won == 0 || won == m.Rows:
		return won, fmt.Errorf("%w: %d of %d rows are positive: two classes are needed", ErrData, won, m.Rows)
	case o.Trees < 1 || o.Trees > MaxTrees || o.Depth < 1 || o.Depth > MaxDepth || !(o.Rate > 0 && o.Rate <= 1) || !(o.Columns > 0 && o.Columns <= 1):
		return won, fmt.Errorf("%w: %d trees of depth %d at a rate of %v by %v of the features: want 1–%d, 1–%d, 0–1, 0–1", ErrData, o.Trees, o.Depth, o.Rate, o.Columns, MaxTrees, MaxDepth)
	}
	return won, nil
}

// Points is the score of one row of a matrix, in thousandths of a logit.
func (m *Model) Points(x *features.Matrix, row int) int64 {
	sum := m.Intercept
	for _, t := range m.Trees {
		n := &t[0]
		for n.Feature >= 0 {
			if n.Lower.Has(x.Columns[n.Feature][row]) {
				n = &t[n.Left]
			} else {
				n = &t[n.Right]
			}
		}
		sum += n.Points
	}
	return sum
}

// All are the scores of all rows.
func (m *Model) All(x *features.Matrix) []int64 {
	out := make([]int64, x.Rows)
	for i := range out {
		out[i] = m.Intercept
	}
	for _, t := range m.Trees {
		fast := t.compile()
		for i := range out {
			out[i] += fast.points(x, i)
		}
	}
	return out
}

// watcher follows the loss of rows that do not grow trees.
type watcher struct {
	*Checked
	logits []int64
	loss   float64
	best   int
}

func newWatcher(c *Checked, intercept int64) *watcher {
	w := &watcher{Checked: c, logits: make([]int64, c.Matrix.Rows)}
	for i := range w.logits {
		w.logits[i] = intercept
	}
	w.loss = w.sum()
	return w
}

// late adds a tree and reports whether the last patience trees brought nothing.
func (w *watcher) late(t Tree, trees, patience int) bool {
	fast := t.compile()
	for i := range w.logits {
		w.logits[i] += fast.points(&w.Matrix, i)
	}
	if loss := w.sum(); loss < w.loss {
		w.loss, w.best = loss, trees
	}
	return trees-w.best >= patience
}

func (w *watcher) sum() (loss float64) {
	for i, y := range w.Labels {
		x := float64(w.logits[i]) / 1000
		if y == 1 {
			x = -x
		}
		loss += max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
	}
	return loss
}

// Validate checks a model that was read from outside against the sizes of its features: every child comes after its node and is
// there, features and depth are in bounds. Errors wrap ErrData.
func (m *Model) Validate(sizes []int) error {
	if len(m.Trees) > MaxTrees {
		return fmt.Errorf("%w: %d trees; at most %d", ErrData, len(m.Trees), MaxTrees)
	}
	for i, t := range m.Trees {
		if len(t) == 0 || len(t) >= 1<<(MaxDepth+1) {
			return fmt.Errorf("%w: tree %d has %d nodes", ErrData, i, len(t))
		}
		depth := make([]int, len(t))
		for at, n := range t {
			if n.Feature < 0 {
				continue
			}
			if n.Feature >= len(sizes) || n.Left <= at || n.Right <= at || n.Left >= len(t) || n.Right >= len(t) || n.Left == n.Right || depth[at] >= MaxDepth {
				return fmt.Errorf("%w: tree %d, node %d does not stand", ErrData, i, at)
			}
			depth[n.Left], depth[n.Right] = depth[at]+1, depth[at]+1
		}
	}
	return nil
}
