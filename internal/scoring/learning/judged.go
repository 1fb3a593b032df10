package learning

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"telltale/internal/fit/lookalike"
	"telltale/internal/intent"
	"telltale/internal/intent/learn"
)

// learn fits and judges the weights of one product.
func (t *Trainer) learn(g *gathering, req *Request, product string, champions []intent.Learned) (*Report, error) {
	d := g.data[product]
	last := g.months[len(g.months)-1]
	rep := &Report{Product: product, Labels: "opportunities", Kind: "ridge", AsOf: last.After, HorizonDays: req.Horizon, Hindsight: req.Hindsight}
	for _, m := range g.months {
		rep.Months = append(rep.Months, m.Name)
	}
	held := g.months[d.HeldOut()]
	rep.HeldOut = held.Name
	used := t.inUse(rep, d, champions, held.After)
	r, err := learn.Learn(d, seed)
	if err != nil {
		return nil, err
	}
	rep.Rows, rep.Won, rep.Chosen, rep.Tries = r.Rows, r.Won, r.Chosen, r.Tries
	mine, other := lookalike.Judged(r.Mine), lookalike.Judged(r.InUse)
	rep.Tested = mine
	v := &rep.Verdict
	v.Mine, v.Other, v.Promoted, v.Why = &mine, &other, r.Better, r.Why
	if c := r.Calibration; c != nil {
		rep.Calibration = &intent.Calibration{Product: product, Slope: c.Slope, Offset: c.Offset}
	}
	used, rows := t.evidenceAlone(product, used, r.Weights)
	rep.model = &intent.Learned{Product: product, Base: t.deps.ByHand.ID(), Rows: rows, Calibration: rep.Calibration, SeenUntil: last.Until}
	if err := name(rep.model, last.Name); err != nil {
		return nil, err
	}
	if rep.Version = rep.model.Version; rep.Version == v.Champion {
		v.Promoted, v.Why = true, "it is the champion already, to the last bit"
	}
	rep.Changes = changes(used, rows)
	return rep, nil
}

// evidenceAlone lets surges and purchases count nothing for a product that was trained: they are no part of the evidence that was judged, and a logit that
// they had moved would not be the one that the probability was calibrated on.
func (t *Trainer) evidenceAlone(product string, used, learned []intent.Weight) (before, after []intent.Weight) {
	before, after = slices.Clone(used), slices.Clone(learned)
	for _, w := range t.deps.ByHand.Rows {
		if w.Product == product && w.Situation() {
			before = append(before, w)
			w.Points = 0
			after = append(after, w)
		}
	}
	return before, after
}

// inUse says what the learned weights are compared with, and returns the weights that scoring uses today.
func (t *Trainer) inUse(rep *Report, d *learn.Data, champions []intent.Learned, heldAfter string) []intent.Weight {
	rep.Verdict.Against = "the weights set by hand, " + t.deps.ByHand.ID()
	used := slices.Concat(d.Base, []intent.Weight{d.Rate, d.Breadth})
	at := slices.IndexFunc(champions, func(l intent.Learned) bool { return l.Product == rep.Product })
	if at < 0 {
		return used
	}
	champion := &champions[at]
	rep.Verdict.Champion = champion.Version
	laid := t.deps.ByHand.With(champions[at : at+1])
	rows, rate, breadth := parts(&laid, rep.Product, d.Rate, d.Breadth)
	u := &learn.InUse{Base: make([]intent.Weight, len(d.Base)), Rate: rate, Breadth: breadth}
	for i := range d.Base {
		for _, r := range rows {
			if r.Kind == d.Base[i].Kind && r.Name == d.Base[i].Name {
				u.Base[i] = r
			}
		}
	}
	if champion.SeenUntil <= heldAfter {
		d.InUse, rep.Verdict.Against = u, "the champion itself, which has seen outcomes up to "+champion.SeenUntil+" only"
	} else {
		rep.Verdict.Against += ": the champion has seen outcomes up to " + champion.SeenUntil
	}
	return slices.Concat(u.Base, []intent.Weight{rate, breadth})
}

// name gives learned weights a version that follows from their content.
func name(l *intent.Learned, month string) error {
	content, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("name the weights: %w", err)
	}
	sum := sha256.Sum256(content)
	l.Version = "learned-" + month + "-" + hex.EncodeToString(sum[:4])
	return l.Validate()
}

// changes lists what became of each weight in use, the biggest change first.
func changes(used, learned []intent.Weight) []Change {
	out := make([]Change, len(used))
	for i := range used {
		b, a := &used[i], &learned[i]
		out[i] = Change{b.Kind, b.Name, b.Points, a.Points, b.HalfLifeDays, a.HalfLifeDays}
	}
	size := func(c *Change) int64 { return max(c.After-c.Before, c.Before-c.After) }
	slices.SortStableFunc(out, func(a, b Change) int { return cmp.Compare(size(&b), size(&a)) })
	return out
}

// store registers the model, and makes it the champion where the rule lets it.
func (t *Trainer) store(ctx context.Context, req *Request, rep *Report) error {
	if req.DryRun {
		return nil
	}
	rep.Stored = true
	content, err := json.Marshal(rep.model)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	metrics, err := json.Marshal(rep)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	now := t.deps.Now().UTC().Truncate(time.Millisecond)
	if err := t.deps.Registry.Register(ctx, family, rep.Product, rep.Version, string(content), string(metrics), now); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	if rep.Verdict.Promoted && rep.Version != rep.Verdict.Champion {
		if err := t.deps.Registry.Decide(ctx, family, rep.Product, rep.Version, "champion", rep.Verdict.Why, now); err != nil {
			return fmt.Errorf("promote: %w", err)
		}
	}
	t.deps.Log.Info("weights of intent learned", "product", rep.Product, "version", rep.Version, "rows", rep.Rows, "positives", rep.Won,
		"auc", rep.Tested.Metrics.AUC, "champion", rep.Verdict.Promoted)
	return nil
}
