package scoring

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"telltale/internal/intent"
)

// The states of a run. A run waits until it knows that it is alone, and only then runs.
const (
	stateWaiting   = "waiting"
	stateRunning   = "running"
	statePublished = "published"
	// stateSuperseded is a published run after which another of its month was published.
	stateSuperseded = "superseded"
	stateFailed     = "failed"
)

// pollWait is the pause between two looks at a rival that has yet to make up its mind.
const pollWait = 20 * time.Millisecond

// newRunID names a run: its month, when it began to the nanosecond, and a word of chance. Letters of a file name only.
func newRunID(month intent.Month, at time.Time) string {
	var chance [4]byte
	_, _ = rand.Read(chance[:]) // never fails (crypto/rand)
	return fmt.Sprintf("%s-%s-%s", month, at.UTC().Format("20060102t150405.000000000"), hex.EncodeToString(chance[:]))
}

// rival is another run of the month that has not ended.
type rival struct {
	id, state string
	seen      time.Time
	started   time.Time
}

// hold makes this run the only one of its month, or fails with ErrRunning. ClickHouse compares and swaps nothing, so
// runs agree as in Lamport's bakery: each writes that it waits and then looks. One that sees a running rival, or a
// waiting one with a lower id, withdraws; one that sees only waiting rivals with higher ids waits until they have
// withdrawn or run. Of two that overlap at least one sees the other, so both can never run.
func (r *run) hold(ctx context.Context) error {
	rivals, err := r.living(ctx)
	if err != nil {
		return err
	}
	if len(rivals) > 0 {
		return rivals[0].err()
	}
	if err := r.write(ctx, stateWaiting, ""); err != nil {
		return err
	}
	for {
		again, err := r.look(ctx)
		if err != nil {
			r.withdraw(ctx, err)
			return err
		}
		if !again {
			break
		}
		select {
		case <-ctx.Done():
			r.withdraw(ctx, ctx.Err())
			return ctx.Err()
		case <-time.After(pollWait):
		}
	}
	if err := r.write(ctx, stateRunning, ""); err != nil {
		r.withdraw(ctx, err)
		return err
	}
	if err := r.find(ctx); err != nil { // it only costs time
		r.deps.Log.Warn("no dead run was looked for to go on with", "run", r.sum.RunID, "error", err)
	}
	return nil
}

// look reports whether a rival must be waited for, and ErrRunning where this run has to withdraw.
func (r *run) look(ctx context.Context) (again bool, err error) {
	rivals, err := r.living(ctx)
	if err != nil {
		return false, err
	}
	for _, o := range rivals {
		if o.state == stateRunning || o.id < r.sum.RunID {
			return false, o.err()
		}
	}
	return len(rivals) > 0, r.write(ctx, stateWaiting, "")
}

func (o rival) err() error {
	return fmt.Errorf("%w: run %s, begun %s", ErrRunning, o.id, o.started.UTC().Format(time.DateTime))
}

// living reads the rivals that live, and ends those that do not: silent for a lease, or, where no other process can
// reach the store, last heard of before this one opened it.
func (r *run) living(ctx context.Context) ([]rival, error) {
	text, err := r.sql.text("rivals", scope{})
	if err != nil {
		return nil, err
	}
	var all []rival
	err = r.deps.DB.Each(ctx, text, r.args, func(into func(dest ...any) error) error {
		var o rival
		var version int64
		if err := into(&o.id, &o.state, &version, &o.started); err != nil {
			return err
		}
		o.seen = time.Unix(0, version)
		all = append(all, o)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for other runs: %w", err)
	}
	var living []rival
	for _, o := range all {
		if !r.dead(o) {
			living = append(living, o)
			continue
		}
		if err := r.abandon(ctx, o); err != nil {
			return nil, err
		}
	}
	return living, nil
}

func (r *run) dead(o rival) bool {
	return o.seen.Before(r.deps.AloneSince) || r.deps.Wall().Sub(o.seen) > r.cfg.Lease
}

// abandon marks a dead run as failed and clears away the scores it wrote.
func (r *run) abandon(ctx context.Context, o rival) error {
	err := r.exec(ctx, "abandon", scope{}, "run_id", o.id, "version", fmt.Sprint(r.deps.Wall().UnixNano()), "now", stamp(r.started))
	if err != nil {
		return err
	}
	r.metrics.takeovers.Inc()
	r.deps.Log.Warn("a scoring run was found dead and cleared away", "run", o.id, "last_sign_of_life", o.seen.UTC())
	r.eraseScores(ctx, o.id) // its benches another run may go on with; the next sweep clears them
	return nil
}

// write adds a version to the run's row. Versions are the wall clock's nanoseconds, so they are signs of life too.
func (r *run) write(ctx context.Context, state, finished string, reason ...string) error {
	r.version = max(r.version+1, uint64(max(r.deps.Wall().UnixNano(), 1)))
	why, counts := "", [3]int64{}
	if len(reason) > 0 {
		why = reason[0]
	}
	if finished != "" { // signs of life are given while the steps still count
		counts = [3]int64{r.sum.Accounts, r.sum.Signals, r.sum.Rows}
	}
	return r.exec(ctx, "state", scope{}, "version", fmt.Sprint(r.version), "state", state, "started", stamp(r.started),
		"finished", finished, "accounts", fmt.Sprint(counts[0]), "signals", fmt.Sprint(counts[1]), "rows", fmt.Sprint(counts[2]),
		"error", plain(why))
}

// publish makes the run the one that readers see.
func (r *run) publish(ctx context.Context) error {
	if err := r.stillMine(ctx); err != nil {
		return err
	}
	if err := r.write(ctx, statePublished, stamp(r.finish())); err != nil {
		return err
	}
	if err := r.exec(ctx, "publish", scope{}, "version", fmt.Sprint(r.version)); err != nil {
		// Published all the same: readers take the latest. The next run of the month supersedes both.
		r.deps.Log.Warn("earlier runs of the month could not be marked as superseded", "month", r.sum.Month.String(), "error", err)
	}
	return nil
}

// finish is when the run ended on the product's clock, which may stand still in a replay.
func (r *run) finish() time.Time { return r.deps.Now().UTC().Truncate(time.Millisecond) }
