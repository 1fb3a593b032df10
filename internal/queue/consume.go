package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"telltale/internal/pages"
	"telltale/internal/work"
)

const (
	// pollEvery is how long one pull request waits at the server; a stop waits for it.
	pollEvery = 500 * time.Millisecond
	// pullMax bounds the messages of one pull request.
	pullMax = 256
	// abandonAfter is how long handlers may ignore the end of their context before a stop leaves them.
	abandonAfter = 5 * time.Second
)

// BatchOptions say how messages are gathered for a batch handler. A zero field takes its default.
type BatchOptions struct {
	// MaxBatch is the most messages a handler gets at once (default 64).
	MaxBatch int
	// MaxWait is how long the first message of a batch waits for company (default 100 ms).
	MaxWait time.Duration
	// Workers is how many batches are handled at once (default 1).
	Workers int
}

func (o BatchOptions) withDefaults() BatchOptions {
	if o.MaxBatch <= 0 {
		o.MaxBatch = 64
	}
	if o.MaxWait <= 0 {
		o.MaxWait = 100 * time.Millisecond
	}
	o.Workers = max(o.Workers, 1)
	return o
}

// ConsumePages hands pages to h in batches until ctx ends, as ConsumeVisits does; it pulls one batch ahead.
func (q *Queue) ConsumePages(ctx context.Context, opts BatchOptions, h work.BatchHandler[*pages.Page]) error {
	return newBatchRunner(q, StreamPages, durablePages, opts, q.codec.decodePage, h).run(ctx)
}

// ConsumeResults hands results to h in batches until ctx ends, as ConsumePages does.
func (q *Queue) ConsumeResults(ctx context.Context, opts BatchOptions, h work.BatchHandler[pages.Result]) error {
	return newBatchRunner(q, StreamResults, durableResults, opts, decodeJSON[pages.Result](q.codec), h).run(ctx)
}

func newBatchRunner[T any](q *Queue, stream, durable string, opts BatchOptions, decode func([]byte) (T, error), h work.BatchHandler[T]) *runner[T] {
	opts = opts.withDefaults()
	ahead := (opts.Workers + 1) * opts.MaxBatch
	return &runner[T]{q: q, stream: stream, durable: durable, handle: h, decode: decode, opts: opts, budget: newTokens(ahead)}
}

func decodeJSON[T any](c *codec) func([]byte) (T, error) {
	return func(data []byte) (T, error) {
		var v T
		raw, err := c.unpack(data)
		if err != nil {
			return v, err
		}
		if err := json.Unmarshal(raw, &v); err != nil {
			return v, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		return v, nil
	}
}

func (c *codec) decodePage(data []byte) (*pages.Page, error) {
	frame, err := c.unpack(data)
	if err != nil {
		return nil, err
	}
	return pages.Decode(frame)
}

// runner moves the messages of one stream through one handler.
type runner[T any] struct {
	q      *Queue
	stream string
	// durable names the stream's consumer; visits have one a partition instead (visits.go).
	durable string
	opts    BatchOptions
	decode  func([]byte) (T, error)
	handle  work.BatchHandler[T]
	// budget bounds what is pulled and not settled.
	budget *tokens
	held   *held
	// gathering is held by the worker that gathers its batch.
	gathering sync.Mutex
	// hctx is the handlers' context: it outlives ctx by the drain timeout.
	hctx context.Context //nolint:containedctx // one run's context, shared by its workers
}

func (r *runner[T]) run(ctx context.Context) error {
	cancel, beat, err := r.begin(ctx)
	if err != nil {
		return err
	}
	defer cancel(nil)
	defer beat()
	in := make(chan *message, r.budget.total)
	var workers sync.WaitGroup
	for range r.opts.Workers {
		workers.Go(func() { r.work(ctx, in) })
	}
	r.pump(ctx, in)
	close(in)
	return r.drain(&workers, cancel)
}

// begin makes the handlers' context, which cancel ends, and gives signs of life until beat is called.
func (r *runner[T]) begin(ctx context.Context) (cancel context.CancelCauseFunc, beat func(), err error) {
	if _, err := r.q.stream(r.stream); err != nil {
		return nil, nil, fmt.Errorf("consume %s: %w", r.stream, err)
	}
	r.hctx, cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	r.held = newHeld(r.q, r.stream)
	return cancel, r.held.start(r.q.cfg.Consume.AckWait / 3), nil //nolint:contextcheck // beats past the end of ctx, until all is settled
}

// drain waits for the workers: first for the drain timeout, then, their context ended, a little longer.
func (r *runner[T]) drain(workers *sync.WaitGroup, cancel context.CancelCauseFunc) error {
	done := make(chan struct{})
	go func() { defer close(done); workers.Wait() }()
	timer := time.NewTimer(r.q.cfg.Consume.DrainTimeout)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
	}
	cancel(errDrained)
	timer.Reset(abandonAfter)
	select {
	case <-done:
		return nil
	case <-timer.C:
		return fmt.Errorf("consume %s: %d messages left to redelivery: handlers did not stop", r.stream, r.held.len())
	}
}

// errDrained is why a handler's context ends at a stop.
var errDrained = errors.New("drain timeout is over")

// pump pulls messages, never more than the budget, until ctx ends.
func (r *runner[T]) pump(ctx context.Context, in chan<- *message) {
	wait := backoffMin
	for {
		n := r.budget.take(ctx, pullMax)
		if n == 0 {
			return
		}
		got, err := r.pull(ctx, n, in)
		r.budget.give(n - got)
		if err == nil {
			wait = backoffMin
			continue
		}
		if ctx.Err() != nil {
			return
		}
		r.q.log.Warn("pulling failed; trying again", "stream", r.stream, "err", err)
		r.q.metrics.pullErrors.WithLabelValues(r.stream).Inc()
		if sleep(ctx, jitter(wait)) != nil {
			return
		}
		wait = min(2*wait, 5*time.Second)
		r.q.redeclare(ctx, r.stream, r.durable, err)
	}
}

// pull makes one pull request and passes on what it gives; after a stop it hands messages back.
func (r *runner[T]) pull(ctx context.Context, n int, in chan<- *message) (int, error) {
	cons, err := r.q.consumer(ctx, r.stream, r.durable)
	if err != nil {
		return 0, err
	}
	batch, err := cons.Fetch(n, jetstream.FetchMaxWait(pollEvery))
	if err != nil {
		return 0, err
	}
	got := 0
	for raw := range batch.Messages() {
		got++
		m, err := r.q.received(r.stream, raw)
		if err != nil {
			r.q.log.Error("message without JetStream metadata", "stream", r.stream, "err", err)
			r.budget.give(1)
			continue
		}
		r.held.add(m)
		if ctx.Err() != nil {
			r.release(m, func() { r.q.handBack(m) })
			r.budget.give(1)
			continue
		}
		in <- m
	}
	return got, batch.Error()
}

// release settles a message and lets go of it.
func (r *runner[T]) release(m *message, settle func()) {
	settle()
	r.held.remove(m)
}

// work gathers batches and handles them until in is closed.
func (r *runner[T]) work(ctx context.Context, in <-chan *message) {
	for {
		batch := r.next(ctx, in)
		if len(batch) == 0 {
			return
		}
		if ctx.Err() != nil {
			for _, m := range batch {
				r.release(m, func() { r.q.handBack(m) })
			}
			r.budget.give(len(batch))
			continue
		}
		r.process(batch) //nolint:contextcheck // handlers outlive ctx by the drain timeout
		// All at once, so that the next pull asks for a batch and not for single messages.
		r.budget.give(len(batch))
	}
}
