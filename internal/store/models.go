package store

import (
	"context"
	"fmt"
	"time"
)

// modelRow is one row of models.
type modelRow struct {
	name, product, version, state, content, metrics string
	at                                              time.Time
}

// fitFamily names the models of fit in models and model_decisions.
const fitFamily = "fit"

// RegisterModel stores a model of fit as Register does.
func (s *Store) RegisterModel(ctx context.Context, product, version, content, metrics string, at time.Time) error {
	return s.Register(ctx, fitFamily, product, version, content, metrics, at)
}

// Register stores a model of a family (fit or intent) as a challenger, with what was measured of it as JSON; a version that is there stays as it is, as it
// follows from the content.
func (s *Store) Register(ctx context.Context, family, product, version, content, metrics string, at time.Time) error {
	var there []struct {
		Version string `ch:"version"`
	}
	if err := s.Select(ctx, &there, text("model_there"), Params{"name": family, "product": product, "version": version}); err != nil {
		return fmt.Errorf("register model %s: %w", version, err)
	}
	if len(there) > 0 {
		return nil
	}
	rows := []modelRow{{family, product, version, "challenger", content, metrics, at}}
	err := s.insertBlock(ctx, "models", 1, []column{
		project("name", rows, func(r *modelRow) string { return r.name }),
		project("product", rows, func(r *modelRow) string { return r.product }),
		project("version", rows, func(r *modelRow) string { return r.version }),
		project("created_at", rows, func(r *modelRow) time.Time { return r.at }),
		project("state", rows, func(r *modelRow) string { return r.state }),
		project("content", rows, func(r *modelRow) string { return r.content }),
		project("metrics", rows, func(r *modelRow) string { return r.metrics }),
	})
	if err != nil {
		return fmt.Errorf("register model %s: %w", version, err)
	}
	return nil
}

// Promote makes a registered model of fit the champion of its product from a time on, and keeps why. Nothing of the past is
// rewritten: promoting an earlier version again is a rollback.
func (s *Store) Promote(ctx context.Context, product, version, why string, at time.Time) error {
	return s.Decide(ctx, fitFamily, product, version, "champion", why, at)
}

// Decide keeps a decision on a registered model of a family (fit or intent): champion, challenger or retired, from a time on, and why. Decisions are
// a history: the latest on a model holds, and the model last made champion is the champion.
func (s *Store) Decide(ctx context.Context, family, product, version, state, why string, at time.Time) error {
	rows := []modelRow{{name: family, product: product, version: version, state: state, content: why, at: at}}
	err := s.insertBlock(ctx, "model_decisions", 1, []column{
		project("name", rows, func(r *modelRow) string { return r.name }),
		project("product", rows, func(r *modelRow) string { return r.product }),
		project("version", rows, func(r *modelRow) string { return r.version }),
		project("decided_at", rows, func(r *modelRow) time.Time { return r.at }),
		project("state", rows, func(r *modelRow) string { return r.state }),
		project("why", rows, func(r *modelRow) string { return r.content }),
	})
	if err != nil {
		return fmt.Errorf("decide that model %s is %s: %w", version, state, err)
	}
	return nil
}
