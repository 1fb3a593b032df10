package lookalike

import (
	"fmt"
	"math"
	"slices"
	"time"

	"telltale/internal/fit/boost"
	"telltale/internal/fit/features"
	"telltale/internal/fit/judge"
	"telltale/internal/fit/logistic"
)

// penalties are the L2 penalties tried, the mildest first, where there are few enough rows for it to matter.
func penalties() [4]float64 { return [...]float64{1, 5, 20, 80} }

// tryRows is the most training rows for which penalties are tried: with more, the data speak louder than any of them.
const tryRows = 100_000

// seed decides the draws of every interval.
const seed = 1

// Judged is what a model is worth on rows it has not seen.
type Judged struct {
	Metrics   judge.Metrics   `json:"metrics"`
	Intervals judge.Intervals `json:"intervals"`
}

// Result is a trained model and what is known of it.
type Result struct {
	Model *Model `json:"-"`
	Split How    `json:"split"`
	// Tested is the model trained without the rows to test on, judged on those; the model that is kept has seen all rows.
	Tested Judged `json:"tested"`
	// Verdict compares it with the champion.
	Verdict Verdict `json:"verdict"`
}

// bench is what one training shares.
type bench struct {
	data   *Data
	recipe *Recipe
	table  *features.Table
	places []Place
}

// Do trains a model as the recipe says, judges it on rows that it did not see, compares it with the champion where there is one, and
// trains it anew on all rows. Errors wrap ErrLabels, ErrLeak or ErrFeatures where the data are at fault.
func Do(d *Data, r Recipe, champion *Model) (*Result, error) {
	if err := d.check(&r); err != nil {
		return nil, err
	}
	table, err := without(d.Table, r.Without)
	if err != nil {
		return nil, err
	}
	places, how, err := d.split()
	if err != nil {
		return nil, err
	}
	b := &bench{data: d, recipe: &r, table: table, places: places}
	held, err := b.hold(r.Kind)
	if err != nil {
		return nil, err
	}
	out := &Result{Split: how}
	test := rowsOf(places, Test)
	if out.Tested, err = b.judge(held, test); err != nil {
		return nil, err
	}
	if out.Verdict, err = b.verdict(held, out.Tested, champion, test); err != nil {
		return nil, err
	}
	if out.Model, err = b.final(held); err != nil {
		return nil, err
	}
	if champion != nil && champion.Version == out.Model.Version {
		out.Verdict.same()
	}
	return out, nil
}

// hold trains a kind on the rows to train on, tunes and calibrates it on those to tune on, and then trains it on both, as the model that
// is kept is trained on all.
func (b *bench) hold(kind Kind) (*Model, error) {
	train, tune := rowsOf(b.places, Train), rowsOf(b.places, Tune)
	fs := features.Learn(b.table, train, b.recipe.cut(kind))
	if len(fs) == 0 {
		return nil, fmt.Errorf("%w: nothing that is known of the accounts differs between them", ErrFeatures)
	}
	all := features.Encode(b.table, fs)
	x, y := all.Pick(train), pick(b.data.Won, train)
	if err := leak(&x, fs, y); err != nil {
		return nil, err
	}
	check, happened := all.Pick(tune), pick(b.data.Won, tune)
	first, err := b.tuned(kind, fs, x, y, check, happened)
	if err != nil {
		return nil, err
	}
	both := rowsOf(b.places, Train, Tune)
	held, err := b.fit(kind, fs, all.Pick(both), pick(b.data.Won, both), first.Tuning.again(kind), nil)
	if err != nil {
		return nil, err
	}
	if c, err := judge.Platt(first.Points(&check), happened); err == nil {
		held.Calibration = c
	} // else higher scores won less often there: the table shows it, and a calibration would hide it
	return held, nil
}

// treeBins is how finely numbers are cut for trees, which find their own thresholds.
const treeBins = 64

// cut says how columns are cut for a kind of model.
func (r *Recipe) cut(kind Kind) features.Options {
	o := r.Features
	if o.Bins == 0 && kind == Trees {
		o.Bins = treeBins
	}
	return o
}

// tuned picks the penalty that suits the rows to tune on best, or lets them say when to stop growing trees.
func (b *bench) tuned(kind Kind, fs []features.Feature, x features.Matrix, y []uint8, check features.Matrix, happened []uint8) (*Model, error) {
	if kind == Trees {
		return b.fit(kind, fs, x, y, Tuning{}, &boost.Checked{Matrix: check, Labels: happened})
	}
	var best *Model
	least := math.Inf(1)
	tries := penalties()
	for _, l2 := range tries {
		m, err := b.fit(kind, fs, x, y, Tuning{L2: l2}, nil)
		if err != nil {
			return nil, err
		}
		if loss := logLoss(m.Points(&check), happened); loss < least {
			best, least = m, loss
		}
		if x.Rows > tryRows {
			break
		}
	}
	return best, nil
}

func logLoss(points []int64, won []uint8) (sum float64) {
	for i, p := range points {
		x := float64(p) / 1000
		if won[i] == 1 {
			x = -x
		}
		sum += max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
	}
	return sum
}

// fit trains one kind on some rows.
func (b *bench) fit(kind Kind, fs []features.Feature, x features.Matrix, y []uint8, t Tuning, check *boost.Checked) (*Model, error) {
	m := &Model{Format: format, Product: b.recipe.Product, Labels: b.recipe.Labels, Kind: kind, AsOf: b.recipe.AsOf.Format(time.DateOnly),
		Rows: x.Rows, Positives: count(y), Tuning: t, Calibration: judge.Identity(), Without: b.recipe.Without}
	for _, f := range fs {
		m.Features = append(m.Features, Feature{Feature: f})
	}
	if kind == Trees {
		return m, b.grow(m, fs, x, y, check)
	}
	found, err := logistic.Fit(x, y, logistic.Options{L2: t.L2, Workers: b.recipe.Workers})
	if err != nil {
		return nil, err
	}
	m.weigh(&found, &x)
	return m, nil
}

func (b *bench) grow(m *Model, fs []features.Feature, x features.Matrix, y []uint8, check *boost.Checked) error {
	kinds, ways := make([]features.Kind, len(fs)), make([]int8, len(fs))
	for i, f := range fs {
		kinds[i], ways[i] = f.Kind, b.recipe.Monotone[f.Name]
	}
	found, err := boost.Fit(x, kinds, y, check, boost.Options{Trees: m.Tuning.Trees, Monotone: ways, Workers: b.recipe.Workers})
	if err != nil {
		return err
	}
	m.Intercept, m.Trees, m.Tuning.Trees = found.Intercept, found.Trees, len(found.Trees)
	return nil
}

// weigh takes the weights over as points, each feature's centred on the rows so that a point says "more than most" or "less".
func (m *Model) weigh(found *logistic.Model, x *features.Matrix) {
	m.Intercept = thousandths(found.Intercept)
	for f := range m.Features {
		points := make([]int64, len(found.Weights[f]))
		for l, w := range found.Weights[f] {
			points[l] = thousandths(w)
		}
		sum := int64(0)
		for _, level := range x.Columns[f] {
			sum += points[level]
		}
		mean := int64(math.RoundToEven(float64(sum) / float64(max(x.Rows, 1))))
		for l := range points {
			points[l] -= mean
		}
		m.Intercept += mean
		m.Features[f].Points = points
	}
}

// final trains the model anew on every row, with the tuning and calibration that were found, and sets it to the known base rate.
func (b *bench) final(held *Model) (*Model, error) {
	rows := rowsOf(b.places, Train, Tune, Test, Out)
	fs := features.Learn(b.table, rows, b.recipe.cut(held.Kind))
	x := features.Encode(b.table, fs)
	m, err := b.fit(held.Kind, fs, x, b.data.Won, held.Tuning.again(held.Kind), nil)
	if err != nil {
		return nil, err
	}
	m.Calibration = held.Calibration
	if last := slices.Max(b.data.Days); last > 0 && b.recipe.Labels == Opportunities {
		m.SeenUntil = date(last)
	}
	if b.recipe.BaseRate > 0 {
		if err := b.settle(m, &x); err != nil {
			return nil, err
		}
	}
	return m, m.seal()
}

// again is the tuning of a refit: a tree at least, as none would mean as many as the default.
func (t Tuning) again(kind Kind) Tuning {
	if kind == Trees {
		t.Trees = max(t.Trees, 1)
	}
	return t
}

// settle moves the intercept so that the mean probability over the accounts is the known base rate: rows that stand for many count as many.
func (b *bench) settle(m *Model, x *features.Matrix) error {
	weights := b.data.Weights
	if weights == nil {
		weights = slices.Repeat([]float64{1}, x.Rows)
	}
	m.Calibration.Offset = 0
	scaled := m.Points(x)
	for i, p := range scaled {
		scaled[i] = int64(math.RoundToEven(m.Calibration.Slope * float64(p)))
	}
	by, err := judge.Shift(scaled, weights, b.recipe.BaseRate)
	if err != nil {
		return fmt.Errorf("base rate: %w", err)
	}
	m.Intercept += int64(math.RoundToEven(by / m.Calibration.Slope))
	m.BaseRate, m.BaseRateFrom = b.recipe.BaseRate, b.recipe.BaseRateFrom
	return nil
}

// judge measures a model on some rows.
func (b *bench) judge(m *Model, rows []int32) (Judged, error) {
	cases := b.cases(m, rows)
	metrics, err := judge.Measure(cases)
	if err != nil {
		return Judged{}, err
	}
	intervals, err := judge.Bootstrap(cases, seed)
	return Judged{metrics, intervals}, err
}

func (b *bench) cases(m *Model, rows []int32) *judge.Cases {
	all := m.Encode(b.table)
	x := all.Pick(rows)
	return &judge.Cases{Predicted: m.predict(&x), Won: pick(b.data.Won, rows), Groups: b.data.groups(rows)}
}
