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
	rep.model = &intent.Learned{Product: product, Base: t.deps.ByHand.ID(), Rows: r.Weights, Calibration: rep.Calibration, SeenUntil: last.Until}
	if err := name(rep.model, last.Name); err != nil {
		return nil, err
	}
	if rep.Version = rep.model.Version; rep.Version == v.Champion {
		v.Promoted, v.Why = true, "it is the champion already, to the last bit"
	}
	rep.Changes = changes(used, r.Weights)
	return rep, nil
}

// inUse says what the learned weights are compared with, and returns the weights that scoring uses today.
func (t *Trainer) inUse(rep *Report, d *learn.Data, champions []intent.Learned, heldAfter string) []intent.Weight {
	rep.Verdict.Against = "the weights set by hand, " + t.deps.ByHand.ID()
	at := slices.IndexFunc(champions, func(l intent.Learned) bool { return l.Product == rep.Product })
	if at < 0 {
		return d.Weights()
	}
	champion := &champions[at]
	rep.Verdict.Champion = champion.Version
	laid := t.deps.ByHand.With(champions[at : at+1])
	u := parts(&laid, rep.Product, d.Set)
	rows := u.Base
	u.Base = make([]intent.Weight, len(d.Base))
	for i := range d.Base {
		for _, r := range rows {
			if r.Kind == d.Base[i].Kind && r.Name == d.Base[i].Name {
				u.Base[i] = r
			}
		}
	}
	if champion.SeenUntil <= heldAfter {
		d.InUse, rep.Verdict.Against = &u, "the champion itself, which has seen outcomes up to "+champion.SeenUntil+" only"
	} else {
		rep.Verdict.Against += ": the champion has seen outcomes up to " + champion.SeenUntil
	}
	return u.Weights()
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
		b, a := &used[i], intent.Weight{}
		// A champion may know of surges or purchases that the weights set by hand no longer have: these go.
		if at := slices.IndexFunc(learned, func(w intent.Weight) bool { return w.Kind == b.Kind && w.Name == b.Name }); at >= 0 {
			a = learned[at]
		}
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
