package queue

import (
	"context"
	"time"
)

// next waits for a message and what comes with it; none once in is closed. One worker gathers at a time,
// so that a batch is a run of the stream: acknowledged in order, it is cheapest to remove.
func (r *runner[T]) next(ctx context.Context, in <-chan *message) []*message {
	if r.opts.MaxBatch > 1 {
		r.gathering.Lock()
		defer r.gathering.Unlock()
	}
	first, ok := <-in
	if !ok {
		return nil
	}
	return r.gather(ctx, first, in)
}

// gather collects up to MaxBatch messages, for MaxWait after the first.
func (r *runner[T]) gather(ctx context.Context, first *message, in <-chan *message) []*message {
	batch := append(make([]*message, 0, r.opts.MaxBatch), first)
	if r.opts.MaxBatch == 1 {
		return batch
	}
	timer := time.NewTimer(r.opts.MaxWait)
	defer timer.Stop()
	for len(batch) < r.opts.MaxBatch {
		select {
		case m, ok := <-in:
			if !ok {
				return batch
			}
			batch = append(batch, m)
		case <-timer.C:
			return batch
		case <-ctx.Done():
			return batch
		}
	}
	return batch
}
