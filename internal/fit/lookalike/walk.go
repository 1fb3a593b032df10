package lookalike

import (
	"cmp"
	"fmt"
	"slices"

	"telltale/internal/fit/features"
	"telltale/internal/fit/judge"
)

// Walk compares a model that is trained once with one that is refitted as time goes on, on the same rows.
type Walk struct {
	// Refits is how often the model was refitted, Window the most rows each time, 0 for all before.
	Refits int `json:"refits"`
	Window int `json:"window"`
	// From and To are the first and last day that were predicted.
	From string `json:"from"`
	To   string `json:"to"`
	// Frozen was trained once, on all rows before From; Rolling on those before each block, within the window.
	Frozen  Judged `json:"frozen"`
	Rolling Judged `json:"rolling"`
}

// Forward walks through the rows in the order of their days: the last fifth is cut into blocks, and each is predicted by a model of the
// rows before it, without the accounts of the block. Errors wrap ErrLabels where rows are undated or too few.
func Forward(d *Data, r Recipe, blocks, window int) (*Walk, error) {
	if err := d.check(&r); err != nil {
		return nil, err
	}
	table, err := without(d.Table, r.Without)
	if err != nil {
		return nil, err
	}
	order := make([]int32, len(d.Won))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(d.Days[a], d.Days[b]) })
	from := int(tuneShare * float64(len(order)))
	if d.Days[order[0]] == 0 || len(order)-from < blocks || blocks < 1 {
		return nil, fmt.Errorf("%w: %d rows, of which a fifth is walked through in %d blocks: too few, or undated", ErrLabels, len(order), blocks)
	}
	b := &bench{data: d, recipe: &r, table: table}
	w := &Walk{Refits: blocks, Window: window, From: date(d.Days[order[from]]), To: date(d.Days[order[len(order)-1]])}
	if w.Frozen, err = b.ahead(order, from, 1, 0); err != nil {
		return nil, fmt.Errorf("frozen: %w", err)
	}
	if w.Rolling, err = b.ahead(order, from, blocks, window); err != nil {
		return nil, fmt.Errorf("rolling: %w", err)
	}
	return w, nil
}

// ahead predicts the rows from an index of order on, block by block, and judges all predictions together.
func (b *bench) ahead(order []int32, from, blocks, window int) (Judged, error) {
	ahead := order[from:]
	predicted := make([]float64, 0, len(ahead))
	for k := range blocks {
		lo, hi := from+k*len(ahead)/blocks, from+(k+1)*len(ahead)/blocks
		begin := 0
		if window > 0 {
			begin = max(0, lo-window)
		}
		m, err := b.before(order[begin:lo], order[lo:hi])
		if err != nil {
			return Judged{}, err
		}
		predicted = append(predicted, b.cases(m, order[lo:hi]).Predicted...)
	}
	cases := &judge.Cases{Predicted: predicted, Won: pick(b.data.Won, ahead), Groups: b.data.groups(ahead)}
	metrics, err := judge.Measure(cases)
	if err != nil {
		return Judged{}, err
	}
	intervals, err := judge.Bootstrap(cases, seed)
	return Judged{metrics, intervals}, err
}

// before trains on some rows without the accounts of others; the last fifth of them stops the growing of trees.
func (b *bench) before(rows, block []int32) (*Model, error) {
	apart := map[string]bool{}
	for _, r := range block {
		apart[b.data.Accounts[r]] = true
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(r int32) bool { return apart[b.data.Accounts[r]] })
	fs := features.Learn(b.table, rows, b.recipe.cut(b.recipe.Kind))
	if len(fs) == 0 {
		return nil, fmt.Errorf("%w: nothing differs among %d rows", ErrFeatures, len(rows))
	}
	all := features.Encode(b.table, fs)
	cut := int(tuneShare * float64(len(rows)))
	x, tune := all.Pick(rows[:cut]), all.Pick(rows[cut:])
	m, err := b.tuned(b.recipe.Kind, fs, x, pick(b.data.Won, rows[:cut]), tune, pick(b.data.Won, rows[cut:]))
	if err != nil {
		return nil, err
	}
	whole := all.Pick(rows)
	return b.fit(b.recipe.Kind, fs, whole, pick(b.data.Won, rows), m.Tuning.again(b.recipe.Kind), nil)
}
