package scoring

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
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
	bounds, err := r.bounds(ctx)
	if err != nil {
		return err
	}
	for _, step := range []string{"subjects", "products", "regrouped_texts", "attributions"} {
		if err := r.exec(ctx, step, scope{}); err != nil {
			return err
		}
	}
	// A parameter of this one only: the run's own are read by signs of life meanwhile.
	if err := r.exec(ctx, "accounts", scope{}, "bounds", packed(bounds)); err != nil {
		return err
	}
	if err := r.check(ctx); err != nil {
		return err
	}
	r.reads.Gone = true
	if err := r.one(ctx, "has", nil, &r.reads.Elsewhere, &r.reads.Texts, &r.reads.Revised); err != nil {
		return err
	}
	if err := r.facts(ctx); err != nil {
		return err
	}
	return r.lay(ctx, bounds)
}

// facts gathers side by side what is known of the accounts besides their signals.
func (r *run) facts(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.cfg.Workers)
	g.Go(func() error { return r.exec(ctx, "fit", scope{}) })
	g.Go(func() error { return r.exec(ctx, "domains", scope{}) })
	g.Go(func() error { return r.exec(ctx, "purchases", scope{}) })
	g.Go(func() error {
		if err := r.endOfSupport(ctx); err != nil {
			return err
		}
		if err := r.exec(ctx, "holdings", scope{}); err != nil {
			return err
		}
		return r.exec(ctx, "revenue", scope{})
	})
	return g.Wait()
}

// lay does what is done span by span: evidence, then, once its ranks are known, the scores.
func (r *run) lay(ctx context.Context, bounds []string) error {
	spans, err := r.spans(ctx, bounds)
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

// check refuses a run that has nothing to say.
func (r *run) check(ctx context.Context) error {
	var products int64
	if err := r.one(ctx, "facts", nil, &r.sum.Accounts, &products); err != nil {
		return err
	}
	if r.sum.Accounts == 0 {
		return fmt.Errorf("%w by %s: import accounts first", ErrNoAccounts, stamp(r.sum.KnownBy))
	}
	if products == 0 {
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
