package scoring

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// stateRehearsed is that of a run that was read once and never published.
const stateRehearsed = "rehearsed"

// Rehearse scores a month as RunAt does, has read look at the rows while they stand under the summary's run id, and clears them away: no reader of
// the month ever sees them, and what is published stays published. It is how a backtest asks what would have been recommended. Errors are
// those of RunAt, and what read returns.
func (s *Scorer) Rehearse(ctx context.Context, req Request, read func(context.Context, Summary) error) (Summary, error) {
	began := time.Now()
	r, err := s.newRun(req)
	if err == nil {
		err = s.kept(req.Month)
	}
	if err != nil {
		return Summary{}, err
	}
	if err := r.begin(ctx); err != nil {
		return Summary{}, fmt.Errorf("rehearse %s: %w", req.Month, err)
	}
	living, stop := r.keepAlive(ctx)
	err = r.score(living)
	if err == nil {
		err = read(living, r.sum)
	}
	if lost := stop(); lost != nil {
		err = errors.Join(err, lost)
	}
	if err != nil {
		r.fail(ctx, err)
		return Summary{}, fmt.Errorf("rehearse %s: %w", req.Month, err)
	}
	if err := r.write(ctx, stateRehearsed, stamp(r.finish())); err != nil {
		return Summary{}, fmt.Errorf("rehearse %s: %w", req.Month, err)
	}
	r.erase(ctx, r.sum.RunID)
	r.sum.Took = time.Since(began)
	return r.sum, nil
}
