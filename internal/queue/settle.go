package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"telltale/internal/work"
)

// handBackDelay is the wait before a message that was handed back at a stop comes again elsewhere.
const handBackDelay = 100 * time.Millisecond

// stuckText is the error of a message that nobody ever answered.
const stuckText = "delivered more often than allowed and never answered: its handlers crashed or hung"

// process decodes a batch, hands it to the handler and settles every message.
func (r *runner[T]) process(batch []*message) {
	good := make([]*message, 0, len(batch))
	deliveries := make([]work.Delivery[T], 0, len(batch))
	for _, m := range batch {
		if m.attempt() > r.q.cfg.Consume.MaxDeliver+spareDeliveries {
			r.release(m, func() { r.q.bury(m, ReasonStuck, stuckText) })
			continue
		}
		v, err := r.decode(m.Data())
		if err != nil {
			r.release(m, func() { r.q.bury(m, ReasonUndecodable, err.Error()) })
			continue
		}
		good = append(good, m)
		deliveries = append(deliveries, work.Delivery[T]{
			Value: v, Attempt: m.attempt(), Last: m.attempt() >= r.q.cfg.Consume.MaxDeliver,
		})
	}
	if len(good) == 0 {
		return
	}
	for i, o := range r.call(deliveries) {
		m := good[i]
		r.release(m, func() { r.q.settle(m, o, r.hctx.Err() != nil) })
	}
}

// call runs the handler. A panic costs the message that caused it: a batch that panics is handled again
// one by one, which effects that are exactly once allow.
func (r *runner[T]) call(batch []work.Delivery[T]) []work.Outcome {
	out, err := r.safely(batch)
	if err == nil {
		return out
	}
	if len(batch) == 1 {
		return []work.Outcome{work.Retry(err, 0)}
	}
	out = make([]work.Outcome, 0, len(batch))
	for i := range batch {
		one, err := r.safely(batch[i : i+1])
		if err != nil {
			one = []work.Outcome{work.Retry(err, 0)}
		}
		out = append(out, one...)
	}
	return out
}

// safely runs the handler and turns a panic, or a wrong number of outcomes, into an error.
func (r *runner[T]) safely(batch []work.Delivery[T]) (out []work.Outcome, err error) {
	ctx := r.hctx
	if d := r.q.cfg.Consume.HandlerTimeout; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	defer func() {
		if p := recover(); p != nil {
			r.q.metrics.panics.WithLabelValues(r.stream).Inc()
			r.q.log.Error("handler panicked", "stream", r.stream, "messages", len(batch), "panic", p, "stack", string(debug.Stack()))
			out, err = nil, fmt.Errorf("handler panicked: %v", p)
		}
	}()
	out = r.handle(ctx, batch)
	if len(out) != len(batch) {
		return nil, fmt.Errorf("handler gave %d outcomes for %d messages", len(out), len(batch))
	}
	return out, nil
}

// settle is the one place where an outcome becomes an ack, a termination or a redelivery. stopping says
// that the handler was cut short by a stop, which is no failure of the message.
func (q *Queue) settle(m *message, o work.Outcome, stopping bool) {
	switch o.Verdict {
	case work.VerdictDone:
		q.answer(m, "done", m.Ack())
	case work.VerdictDrop:
		q.bury(m, ReasonDropped, o.Reason)
	case work.VerdictRetry:
		q.retry(m, o, stopping)
	default:
		q.retry(m, work.Retry(errors.New("handler gave no verdict"), 0), stopping)
	}
}

func (q *Queue) retry(m *message, o work.Outcome, stopping bool) {
	switch {
	case stopping:
		q.handBack(m)
	case m.attempt() >= q.cfg.Consume.MaxDeliver:
		q.bury(m, ReasonExhausted, o.Reason)
	default:
		wait := o.After
		if wait <= 0 {
			wait = q.backoff(m.attempt())
		}
		q.log.Debug("message comes again", "stream", m.meta.Stream, "subject", m.Subject(), "attempt", m.attempt(), "after", wait, "reason", o.Reason)
		q.answer(m, "retry", m.NakWithDelay(wait))
	}
}

// handBack returns a message whose handling never began, or was cut short by a stop. The server counts
// it as a delivery all the same, hence spareDeliveries.
func (q *Queue) handBack(m *message) {
	q.answer(m, "handed_back", m.NakWithDelay(handBackDelay))
}

// bury makes a dead letter durable, then frees the message's subject. Where the first fails, the message
// comes again; where the process dies between the two, the letter is found to exist already.
func (q *Queue) bury(m *message, reason DeadReason, text string) {
	ctx, cancel := context.WithTimeout(context.Background(), ackTimeout)
	defer cancel()
	err := q.writeDead(ctx, letterOf(m, reason, text, q.cfg.Now()))
	if err != nil {
		q.log.Error("dead letter not written; message comes again", "stream", m.meta.Stream, "subject", m.Subject(), "err", err)
		q.answer(m, "retry", m.NakWithDelay(q.backoff(m.attempt())))
		return
	}
	q.log.Warn("message is a dead letter", "stream", m.meta.Stream, "subject", m.Subject(), "attempt", m.attempt(), "reason", reason, "error", text)
	q.answer(m, "dead", m.TermWithReason(string(reason)))
}

// answer counts how a message was settled. An answer that does not reach the server means a redelivery.
func (q *Queue) answer(m *message, outcome string, err error) {
	if err != nil {
		outcome = "unanswered"
		q.log.Warn("answer not sent; message comes again", "stream", m.meta.Stream, "subject", m.Subject(), "err", err)
	}
	q.metrics.consumed.WithLabelValues(m.meta.Stream, outcome).Inc()
	q.metrics.ackSeconds.WithLabelValues(m.meta.Stream).Observe(q.cfg.Now().Sub(m.received).Seconds())
}

// backoff is the least wait before delivery attempt+1.
func (q *Queue) backoff(attempt int) time.Duration {
	b := q.cfg.Consume.Backoff
	return b[min(max(attempt-1, 0), len(b)-1)]
}
