package scoring

import (
	"context"
	"fmt"
)

// stages are the tables in which scores wait until their run is whole, each with the table that they go to.
func stages() [2]struct{ from, to string } {
	return [...]struct{ from, to string }{{"run_intent", "intent_score_rows"}, {"run_propensity", "propensity_rows"}}
}

// attach moves the run's rows to the tables that are read, by linking files; no reader sees them before the run is published.
func (r *run) attach(ctx context.Context) error {
	if err := r.stillMine(ctx); err != nil {
		return err
	}
	return r.step(ctx, "attach", nil, func() error {
		for _, s := range stages() {
			if err := r.deps.DB.Exec(ctx, fmt.Sprintf("ALTER TABLE %s ATTACH PARTITION '%s' FROM %s", s.to, day(r.sum.Month.Start()), s.from), nil); err != nil {
				return err
			}
		}
		return r.unstage(ctx, day(r.sum.Month.Start()))
	})
}

// unstage drops what waits of a month. Runs of a month exclude each other, so it is the caller's own, or a dead run's.
func (r *run) unstage(ctx context.Context, month string) error {
	for _, s := range stages() {
		if err := r.deps.DB.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DROP PARTITION '%s'", s.from, month), nil); err != nil {
			return fmt.Errorf("unstage: %w", err)
		}
	}
	return nil
}

// sweepStages drops what waits of months that no run is at work on.
func (r *run) sweepStages(ctx context.Context) error {
	var months []string
	err := r.read(ctx, "staged", scope{}, nil, func(into func(dest ...any) error) error {
		var month string
		err := into(&month)
		months = append(months, month)
		return err
	})
	for i := 0; i < len(months) && err == nil; i++ {
		err = r.unstage(ctx, months[i])
	}
	return err
}
