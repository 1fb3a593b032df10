package scoring

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// cleanGrace bounds the clearing away after a failure, when the caller's context may be gone already.
const cleanGrace = 15 * time.Second

// benches are the tables a running score works in, partitioned by run.
func benches() [19]string {
	return [...]string{"run_attributions", "run_elsewhere", "run_owners", "run_gone", "run_accounts", "run_domains", "run_end_of_support", "run_holdings", "run_revenue", "run_evidence", "run_ranks", "run_fit", "run_subjects", "run_products", "run_bands", "run_cells",
		"run_regrouped", "run_purchases", "run_steps"}
}

// keepAlive gives signs of life three times a lease until stop is called. Where another run has taken this one for
// dead, or none could be given for a lease, the context ends and stop says why.
func (r *run) keepAlive(ctx context.Context) (context.Context, func() error) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(r.cfg.Lease / 3)
		defer ticker.Stop()
		failures := 0
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			err := r.signOfLife(ctx)
			switch {
			case err == nil:
				failures = 0
			case errors.Is(err, ErrRunning):
				cancel(err)
				return
			default:
				if failures++; failures >= 3 {
					cancel(fmt.Errorf("no sign of life could be given for a lease: %w", err))
					return
				}
			}
		}
	}()
	ended := errors.New("the run's steps are done")
	return ctx, func() error {
		cancel(ended)
		<-done
		if cause := context.Cause(ctx); !errors.Is(cause, ended) && !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
			return cause
		}
		return nil
	}
}

func (r *run) signOfLife(ctx context.Context) error {
	if err := r.stillMine(ctx); err != nil {
		return err
	}
	return r.write(ctx, stateRunning, "")
}

// stillMine checks that no other run took this one for dead.
func (r *run) stillMine(ctx context.Context) error {
	var state string
	if err := r.one(ctx, "mine", nil, &state); err != nil {
		return err
	}
	if state != stateRunning {
		return fmt.Errorf("%w: it took this one, silent for longer than the lease of %s, for dead", ErrRunning, r.cfg.Lease)
	}
	return nil
}

// withdraw ends a run that never ran.
func (r *run) withdraw(ctx context.Context, why error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanGrace)
	defer cancel()
	if err := r.write(ctx, stateFailed, stamp(r.finish()), why.Error()); err != nil {
		r.deps.Log.Warn("a withdrawn scoring run could not be marked as such", "run", r.sum.RunID, "error", err)
	}
}

// fail ends a run that published nothing, and clears away what it wrote. Where the store is gone, the next run does.
func (r *run) fail(ctx context.Context, why error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanGrace)
	defer cancel()
	r.sum.Rows = 0
	mine := r.stillMine(ctx) == nil // else another run's rows wait beside
	if err := r.write(ctx, stateFailed, stamp(r.finish()), why.Error()); err != nil {
		r.deps.Log.Warn("a failed scoring run could not be marked as such; the next run of the month clears it away", "run", r.sum.RunID, "error", err)
		return
	}
	if mine {
		if err := r.unstage(ctx, day(r.sum.Month.Start())); err != nil {
			r.deps.Log.Warn("rows of a failed scoring run were left waiting", "run", r.sum.RunID, "error", err)
		}
	}
	r.erase(ctx, r.sum.RunID)
}

// erase clears away everything an unpublished run wrote. Its rows are invisible as it is, so a failure here costs only space.
func (r *run) erase(ctx context.Context, id string) {
	r.clear(ctx, id)
	r.eraseScores(ctx, id)
}

func (r *run) eraseScores(ctx context.Context, id string) {
	for _, s := range stages() {
		query := "DELETE FROM " + s.to + " WHERE run_id = '" + id + "'"
		if err := r.deps.DB.Exec(ctx, query, nil); err != nil {
			r.deps.Log.Warn("rows of an unpublished scoring run were left behind", "run", id, "table", s.to, "error", err)
		}
	}
}

// clear drops a run's partitions of the benches.
func (s *Scorer) clear(ctx context.Context, id string) {
	for _, table := range benches() {
		if err := s.deps.DB.Exec(ctx, "ALTER TABLE "+table+" DROP PARTITION '"+id+"'", nil); err != nil {
			s.deps.Log.Warn("a bench of a scoring run was left behind", "run", id, "table", table, "error", err)
		}
	}
}

// sweep clears the benches of runs that have ended without doing so.
func (r *run) sweep(ctx context.Context) {
	if err := r.sweepStages(ctx); err != nil {
		r.deps.Log.Warn("rows of dead scoring runs were left waiting", "error", err)
	}
	text, err := r.sql.text("leftovers", scope{})
	if err != nil {
		r.deps.Log.Warn("benches of dead runs were not looked for", "error", err)
		return
	}
	var ids []string
	err = r.deps.DB.Each(ctx, text, r.args, func(into func(dest ...any) error) error {
		var id string
		err := into(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		r.deps.Log.Warn("benches of dead runs were not looked for", "error", err)
	}
	for _, id := range ids {
		r.clear(ctx, id)
	}
}
