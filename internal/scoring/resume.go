package scoring

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// inheritance is what a run takes over from one of its month that died.
type inheritance struct {
	from string
	done map[finished]bool
	// plan is how it parted what it did, and known says that it was read.
	plan  plan
	known bool
}

// find looks for a run of the month that died and was asked the same. This one then goes on with its two times, unless it was given others. What
// it wrote is copied, never shared: a statement of the dead run that a server is still busy with can spoil nothing.
func (r *run) find(ctx context.Context) error {
	text, err := r.sql.text("unfinished", scope{})
	if err != nil {
		return err
	}
	return r.deps.DB.Each(ctx, text, r.with("asked", r.asked(), "started", stamp(r.started)), func(into func(dest ...any) error) error {
		var id string
		var asOf, knownBy time.Time
		if err := into(&id, &asOf, &knownBy); err != nil {
			return err
		}
		if r.goesOn(asOf, knownBy) {
			r.heir.from, r.sum.Continues = id, id
			r.sum.AsOf, r.sum.KnownBy = asOf.UTC(), knownBy.UTC()
			r.args = r.parameters()
		}
		return nil
	})
}

// goesOn reports whether the times of a dead run are those that this one would have, but for the moment it was started.
func (r *run) goesOn(asOf, knownBy time.Time) bool {
	end := r.sum.Month.End()
	sameAsOf := asOf.Equal(r.sum.AsOf) || r.req.AsOf.IsZero() && asOf.Before(end) && r.sum.AsOf.Before(end)
	return sameAsOf && (r.req.KnownBy.IsZero() || knownBy.Equal(r.sum.KnownBy))
}

// inherit copies what the dead run had finished, step by step, and stops at the first that is not whole. It then clears what dead runs left.
func (r *run) inherit(ctx context.Context) error {
	defer r.sweep(ctx)
	if r.heir.from == "" {
		return nil
	}
	all, err := r.finishedBy(ctx)
	if err != nil {
		return err
	}
	r.heir.done = map[finished]bool{}
	for _, step := range keptSteps() {
		parts := all[step]
		if len(parts) == 0 {
			break
		}
		whole, err := r.takeOver(ctx, step, parts)
		if err != nil {
			return err
		}
		if !whole {
			break
		}
		for span := range parts {
			r.heir.done[finished{step, span}] = true
		}
		r.metrics.kept.Add(float64(len(parts)))
		if len(parts) < r.heir.plan.partsOf(step) {
			break // what builds on it was not built, or on parts that were not noted
		}
	}
	r.sum.Kept = len(r.heir.done)
	r.deps.Log.Info("a scoring run goes on where another died", "run", r.sum.RunID, "continues", r.heir.from, "steps_kept", r.sum.Kept)
	return nil
}

// finishedBy reads what the dead run had finished: by step and span, the rows.
func (r *run) finishedBy(ctx context.Context) (map[string]map[int64]int64, error) {
	text, err := r.sql.text("finished", scope{})
	if err != nil {
		return nil, err
	}
	all := map[string]map[int64]int64{}
	err = r.deps.DB.Each(ctx, text, r.with("from", r.heir.from), func(into func(dest ...any) error) error {
		var step, bounds string
		var span, rows int64
		if err := into(&step, &span, &rows, &bounds); err != nil {
			return err
		}
		if all[step] == nil {
			all[step] = map[int64]int64{}
		}
		all[step][span] = rows
		if r.heir.known {
			return nil
		}
		raw, err := base64.StdEncoding.DecodeString(bounds)
		if err == nil {
			err = json.Unmarshal(raw, &r.heir.plan)
		}
		r.heir.known = err == nil
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("finished: %w", err)
	}
	return all, nil
}

// takeOver copies the rows of a step and counts them; where they are not as many as were noted, as after a loss of power, none is kept.
func (r *run) takeOver(ctx context.Context, step string, parts map[int64]int64) (whole bool, err error) {
	spans := make([]int64, 0, len(parts))
	for span := range parts {
		spans = append(spans, span)
	}
	if err := r.exec(ctx, "take_over", about(step), "from", r.heir.from, "spans", packed(spans)); err != nil {
		return false, err
	}
	text, err := r.sql.text("taken", about(step))
	if err != nil {
		return false, err
	}
	taken := map[int64]int64{}
	err = r.deps.DB.Each(ctx, text, r.args, func(into func(dest ...any) error) error {
		var span, rows int64
		err := into(&span, &rows)
		taken[span] = rows
		return err
	})
	if err != nil {
		return false, fmt.Errorf("taken: %w", err)
	}
	whole = r.heir.known
	for span, rows := range parts {
		whole = whole && taken[span] == rows
	}
	if !whole {
		return false, r.deps.DB.Exec(ctx, "ALTER TABLE run_"+step+" DROP PARTITION '"+r.sum.RunID+"'", nil)
	}
	return true, r.exec(ctx, "keep", about(step), "asked", r.asked(), "bounds", packed(r.heir.plan), "spans", packed(spans))
}
