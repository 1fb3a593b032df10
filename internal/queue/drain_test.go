package queue_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

func TestAStopLetsTheHandlerFinishAndAcknowledges(t *testing.T) {
	b := setup(t)
	b.publishVisits("contoso.com")
	began, finish := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(deadline(t))
	done := make(chan error, 1)
	go func() {
		done <- b.q.ConsumeVisits(ctx, 1, func(ctx context.Context, _ work.Delivery[pages.Visit]) work.Outcome {
			close(began)
			<-finish
			if ctx.Err() != nil {
				t.Error("the handler's context ended with the stop, not with the drain timeout")
			}
			return work.Done()
		})
	}()
	<-began
	cancel()
	select {
	case err := <-done:
		t.Fatalf("returned before its handler: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(finish)
	if err := <-done; err != nil {
		t.Error(err)
	}
	eventually(t, "the visit is acknowledged", func() bool { return b.messages(queue.StreamVisits) == 0 })
}

func TestAStopHandsBackWhatWasPulledAndNotBegun(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Consume.AckWait = time.Minute }) // only a hand-back can be in time
	b.publishResults("a.example", "b.example", "c.example", "d.example")
	began, finish := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(deadline(t))
	done := make(chan error, 1)
	go func() {
		// Batches of one: while the first is handled, the second is pulled ahead.
		done <- b.q.ConsumeResults(ctx, queue.BatchOptions{MaxBatch: 1}, func(context.Context, []work.Delivery[pages.Result]) []work.Outcome {
			close(began)
			<-finish
			return []work.Outcome{work.Done()}
		})
	}()
	<-began
	eventually(t, "one is pulled ahead", func() bool { return b.value("telltale_queue_held_messages") == 2 })
	cancel()
	close(finish)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := b.value("telltale_queue_consumed_total", "outcome=handed_back"); n != 1 {
		t.Errorf("%v messages handed back, want 1", n)
	}
	got := make(chan string, 4)
	stop := run(func(ctx context.Context) error {
		return b.q.ConsumeResults(ctx, queue.BatchOptions{}, func(_ context.Context, batch []work.Delivery[pages.Result]) []work.Outcome {
			out := make([]work.Outcome, len(batch))
			for i, d := range batch {
				got <- d.Value.Domain
				out[i] = work.Done()
			}
			return out
		})
	})
	for range 3 {
		<-got
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestAfterTheDrainTimeoutAHandlersContextEndsAndItsMessageComesAgain(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) {
		c.Consume.DrainTimeout, c.Consume.MaxDeliver = 50*time.Millisecond, 1
	})
	b.publishVisits("contoso.com")
	began := make(chan struct{})
	stop := b.consumeVisits(1, func(ctx context.Context, _ work.Delivery[pages.Visit]) work.Outcome {
		close(began)
		<-ctx.Done()
		return work.Retry(context.Cause(ctx), 0)
	})
	<-began
	if err := stop(); err != nil {
		t.Error(err)
	}
	// It was its last delivery, but a stop is no failure of the visit.
	if l := b.letters(queue.Filter{}); len(l) != 0 {
		t.Errorf("a stop made dead letters: %+v", l)
	}
	again := make(chan int, 1)
	stop = b.consumeVisits(1, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
		again <- d.Attempt
		return work.Done()
	})
	if n := <-again; n != 2 {
		t.Errorf("delivery %d, want 2", n)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestAHandlerThatIgnoresItsContextDoesNotHoldUpAStopForEver(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Consume.DrainTimeout = 10 * time.Millisecond })
	b.publishVisits("contoso.com")
	began, finish := make(chan struct{}), make(chan struct{})
	left := make(chan struct{})
	stop := b.consumeVisits(1, func(context.Context, work.Delivery[pages.Visit]) work.Outcome {
		defer close(left)
		close(began)
		<-finish
		return work.Done()
	})
	<-began
	if err := stop(); err == nil || !strings.Contains(err.Error(), "1 messages left to redelivery") {
		t.Errorf("stop: %v, want an error that counts what was left", err)
	}
	close(finish)
	<-left
}

func TestAHandlerTimeoutEndsTheHandlersContext(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Consume.HandlerTimeout = 20 * time.Millisecond })
	b.publishVisits("contoso.com")
	stop := b.consumeVisits(1, func(ctx context.Context, _ work.Delivery[pages.Visit]) work.Outcome {
		<-ctx.Done()
		return work.Drop(ctx.Err().Error())
	})
	eventually(t, "a dead letter", func() bool { return len(b.letters(queue.Filter{})) == 1 })
	if l := b.letters(queue.Filter{})[0]; l.Error != context.DeadlineExceeded.Error() {
		t.Errorf("letter %+v", l)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
