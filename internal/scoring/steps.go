package scoring

import (
	"context"
	"fmt"
)

// work does the steps of a run and publishes it. The run's place is kept by signs of life between and during steps.
func (r *run) work(ctx context.Context) error {
	living, stop := r.keepAlive(ctx)
	err := r.score(living)
	if lost := stop(); lost != nil {
		return lost
	}
	if err != nil {
		return err
	}
	return r.publish(ctx)
}

func (r *run) score(ctx context.Context) error {
	if err := r.register(ctx); err != nil {
		return err
	}
	if err := r.inherit(ctx); err != nil {
		return err
	}
	if err := r.plan(ctx); err != nil {
		return err
	}
	for _, step := range []string{"subjects", "products", "regrouped_texts"} {
		if err := r.exec(ctx, step, scope{}); err != nil {
			return err
		}
	}
	if err := r.placing(ctx); err != nil {
		return err
	}
	if err := r.people(ctx); err != nil {
		return err
	}
	if err := r.endOfSupport(ctx); err != nil {
		return err
	}
	if err := r.eachSlice(ctx, "gone", "domains", "fit", "holdings", "purchases"); err != nil {
		return err
	}
	if err := r.fitted(ctx); err != nil {
		return err
	}
	if err := r.exec(ctx, "revenue", scope{}); err != nil {
		return err
	}
	return r.lay(ctx)
}

// people finds the accounts and whose pages are, and what the store has of things that statements leave out where it has none.
func (r *run) people(ctx context.Context) error {
	if err := r.exec(ctx, "attributions", scope{}); err != nil {
		return err
	}
	if err := r.eachSlice(ctx, "owners"); err != nil {
		return err
	}
	if err := r.eachSlice(ctx, "accounts"); err != nil {
		return err
	}
	if err := r.one(ctx, "facts", nil, &r.sum.Accounts); err != nil {
		return err
	}
	if r.sum.Accounts == 0 {
		return fmt.Errorf("%w by %s: import accounts first", ErrNoAccounts, stamp(r.sum.KnownBy))
	}
	if err := r.exec(ctx, "elsewhere", scope{}); err != nil {
		return err
	}
	r.reads.Gone = true
	return r.one(ctx, "has", nil, &r.reads.Elsewhere, &r.reads.Texts, &r.reads.Revised)
}

// lay does what is done span by span: evidence, then, once its ranks are known, the scores.
func (r *run) lay(ctx context.Context) error {
	spans, err := r.spans(ctx)
	if err != nil {
		return err
	}
	if err := r.weigh(ctx, spans); err != nil {
		return err
	}
	if err := r.eachSpan(ctx, spans, r.evidence); err != nil {
		return err
	}
	if err := r.exec(ctx, "ranks", scope{}); err != nil {
		return err
	}
	if err := r.one(ctx, "used", nil, &r.sum.Signals); err != nil {
		return err
	}
	if err := r.unstage(ctx, day(r.sum.Month.Start())); err != nil {
		return err
	}
	if err := r.eachSpan(ctx, spans, r.scores); err != nil {
		return err
	}
	if err := r.verify(ctx); err != nil {
		return err
	}
	return r.attach(ctx)
}

// scores lays the intent of one span over its fit.
func (r *run) scores(ctx context.Context, s *span) error {
	return r.exec(ctx, "scores", s.reads, s.parameters()...)
}

// fitted refuses a run that has nothing to lay intent over.
func (r *run) fitted(ctx context.Context) error {
	var scores int64
	if err := r.one(ctx, "fitted", nil, &scores); err != nil {
		return err
	}
	if scores == 0 {
		return fmt.Errorf("%w that holds on %s and was known by %s: import or compute fit first", ErrNoFit, day(r.sum.AsOf), stamp(r.sum.KnownBy))
	}
	return nil
}

// endOfSupport lets the rules match the licences that occur.
func (r *run) endOfSupport(ctx context.Context) error {
	text, err := r.sql.text("licences", scope{})
	if err != nil {
		return err
	}
	matches := [][2]string{}
	err = r.deps.DB.Each(ctx, text, r.args, func(into func(dest ...any) error) error {
		var licence string
		if err := into(&licence); err != nil {
			return err
		}
		if release, ok := r.cfg.Calendar.Match(licence); ok && release.Due(r.sum.AsOf) {
			for _, product := range release.Products {
				matches = append(matches, [2]string{licence, product})
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("licences: %w", err)
	}
	const batch = 500 // a parameter travels in the request's head
	for len(matches) > 0 {
		n := min(batch, len(matches))
		if err := r.exec(ctx, "end_of_support", scope{}, "matches", packed(matches[:n])); err != nil {
			return err
		}
		matches = matches[n:]
	}
	return nil
}

// verify counts before publishing: a row for every account and product, in both tables.
func (r *run) verify(ctx context.Context) error {
	var intents, propensities int64
	if err := r.one(ctx, "written", nil, &intents, &propensities); err != nil {
		return err
	}
	want := r.sum.Accounts * int64(len(r.cfg.Weights.Products()))
	if intents != want || propensities != want {
		return fmt.Errorf("%d intent scores and %d propensities were written for %d accounts; want %d each", intents, propensities, r.sum.Accounts, want)
	}
	r.sum.Rows = want
	return nil
}
