// Package work holds the words in which a handler tells a queue what became of a message.
//
// A handler never touches an acknowledgement: it returns an Outcome, and one place in the queue
// adapter turns it into an ack, a termination or a delayed redelivery (after river's Work errors).
package work

import (
	"context"
	"fmt"
	"time"
)

// Verdict is what a handler decided about one message.
type Verdict uint8

// The verdicts. The zero value is invalid on purpose, so that a forgotten outcome is a retry, never a silent ack.
const (
	// VerdictDone means the message's effect is durable; it is acknowledged.
	VerdictDone Verdict = iota + 1
	// VerdictDrop means no redelivery can help; the message goes to the dead letters with its reason.
	VerdictDrop
	// VerdictRetry means the message should come again, no sooner than After.
	VerdictRetry
)

// Outcome is a handler's answer for one message.
type Outcome struct {
	Verdict Verdict
	// Reason says why a message is dropped or retried; it travels to the dead letters and the log.
	Reason string
	// After is the least wait before redelivery of a retried message; 0 means the queue's own backoff.
	After time.Duration
}

// Done reports that the message's effect is durable.
func Done() Outcome { return Outcome{Verdict: VerdictDone} }

// Drop reports that the message can never succeed.
func Drop(reason string) Outcome { return Outcome{Verdict: VerdictDrop, Reason: reason} }

// Retry reports that the message failed for now; after is the least wait, 0 for the queue's backoff.
func Retry(err error, after time.Duration) Outcome {
	return Outcome{Verdict: VerdictRetry, Reason: fmt.Sprint(err), After: after}
}

// Delivery is one message as a handler sees it.
type Delivery[T any] struct {
	Value T
	// Attempt counts deliveries of this message, from 1.
	Attempt int
	// Last reports that the queue will not deliver the message again.
	Last bool
}

// Handler handles one message at a time.
type Handler[T any] func(ctx context.Context, d Delivery[T]) Outcome

// BatchHandler handles several messages at once; it answers with one outcome for each, in order.
type BatchHandler[T any] func(ctx context.Context, batch []Delivery[T]) []Outcome
