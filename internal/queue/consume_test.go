package queue_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

func (b *bundle) publishVisits(domains ...string) {
	b.t.Helper()
	for _, d := range domains {
		if err := b.q.PublishVisit(deadline(b.t), visit(d)); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bundle) publishResults(domains ...string) {
	b.t.Helper()
	for _, d := range domains {
		if err := b.q.PublishResult(deadline(b.t), pages.Result{VisitID: pages.VisitID(d, due), Domain: d, Outcome: pages.OutcomeOK}); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bundle) consumeVisits(concurrency int, h work.Handler[pages.Visit]) (stop func() error) {
	return run(func(ctx context.Context) error { return b.q.ConsumeVisits(ctx, concurrency, h) })
}

func TestHowAnOutcomeEndsAVisit(t *testing.T) {
	for name, tc := range map[string]struct {
		handle func(d work.Delivery[pages.Visit]) work.Outcome
		reason queue.DeadReason // empty: no dead letter
		text   string
		tries  int64
	}{
		"done is gone":                       {func(work.Delivery[pages.Visit]) work.Outcome { return work.Done() }, "", "", 1},
		"dropped is a dead letter at once":   {func(work.Delivery[pages.Visit]) work.Outcome { return work.Drop("no such\ncompany") }, queue.ReasonDropped, "no such company", 1},
		"a panic is retried, then dead":      {func(work.Delivery[pages.Visit]) work.Outcome { panic("index out of range") }, queue.ReasonExhausted, "handler panicked: index out of range", 3},
		"a forgotten verdict is a retry":     {func(work.Delivery[pages.Visit]) work.Outcome { return work.Outcome{} }, queue.ReasonExhausted, "handler gave no verdict", 3},
		"a retry that then works is no harm": {onlyLast, "", "", 3},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			b.publishVisits("contoso.com")
			var tries atomic.Int64
			stop := b.consumeVisits(2, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
				tries.Add(1)
				return tc.handle(d)
			})
			eventually(t, "the visit has ended", func() bool { return b.messages(queue.StreamVisits) == 0 })
			if err := stop(); err != nil {
				t.Error(err)
			}
			letters := b.letters(queue.Filter{})
			switch {
			case tc.reason == "" && len(letters) > 0:
				t.Errorf("letters %+v", letters)
			case tc.reason != "" && (len(letters) != 1 || letters[0].Reason != tc.reason || letters[0].Error != tc.text || letters[0].Deliveries != uint64(tc.tries)):
				t.Errorf("letters %+v, want one: %s, %q", letters, tc.reason, tc.text)
			}
			if tries.Load() != tc.tries {
				t.Errorf("handled %d times, want %d", tries.Load(), tc.tries)
			}
		})
	}
}

func onlyLast(d work.Delivery[pages.Visit]) work.Outcome {
	if d.Last {
		return work.Done()
	}
	return work.Retry(errors.New("not yet"), time.Millisecond)
}

func TestAnUndecodablePayloadIsADeadLetterAtOnce(t *testing.T) {
	for name, tc := range map[string]struct{ subject, payload string }{
		"a visit that is no JSON":      {"visits.1.a_example", "{"},
		"a page without a frame":       {"pages.1.a_example", "<html>"},
		"a page of broken compression": {"pages.1.a_example", "\x28\xb5\x2f\xfd\x00\x01\x02"},
		"a result that is no JSON":     {"results.1.a_example", "\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			if _, err := b.js.Publish(deadline(t), tc.subject, []byte(tc.payload)); err != nil {
				t.Fatal(err)
			}
			stop := run(func(ctx context.Context) error {
				switch {
				case strings.HasPrefix(tc.subject, "visits"):
					return b.q.ConsumeVisits(ctx, 1, func(context.Context, work.Delivery[pages.Visit]) work.Outcome {
						t.Error("the handler saw it")
						return work.Done()
					})
				case strings.HasPrefix(tc.subject, "pages"):
					return b.q.ConsumePages(ctx, queue.BatchOptions{}, neverCalled[*pages.Page](t))
				}
				return b.q.ConsumeResults(ctx, queue.BatchOptions{}, neverCalled[pages.Result](t))
			})
			eventually(t, "a dead letter", func() bool { return len(b.letters(queue.Filter{})) == 1 })
			l := b.letters(queue.Filter{})[0]
			if l.Reason != queue.ReasonUndecodable || string(l.Payload) != tc.payload || l.Deliveries != 1 || l.Subject != tc.subject {
				t.Errorf("letter %+v", l)
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

func neverCalled[T any](t *testing.T) work.BatchHandler[T] {
	return func(_ context.Context, batch []work.Delivery[T]) []work.Outcome {
		t.Errorf("the handler saw %d messages", len(batch))
		return make([]work.Outcome, len(batch))
	}
}

func TestAPanicInABatchCostsOneMessageOnly(t *testing.T) {
	b := setup(t)
	b.publishResults("a.example", "poison.example", "c.example", "d.example")
	var mu sync.Mutex
	done := map[string]int{}
	stop := run(func(ctx context.Context) error {
		return b.q.ConsumeResults(ctx, queue.BatchOptions{MaxBatch: 4, MaxWait: time.Second}, func(_ context.Context, batch []work.Delivery[pages.Result]) []work.Outcome {
			out := make([]work.Outcome, len(batch))
			for i, d := range batch {
				if d.Value.Domain == "poison.example" {
					panic("poison")
				}
				out[i] = work.Done()
			}
			mu.Lock()
			defer mu.Unlock()
			for _, d := range batch {
				done[d.Value.Domain]++
			}
			return out
		})
	})
	eventually(t, "all have ended", func() bool { return b.messages(queue.StreamResults) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(done) != 3 || done["a.example"] != 1 || done["c.example"] != 1 || done["d.example"] != 1 {
		t.Errorf("done: %v, want a, c and d once each", done)
	}
	if l := b.letters(queue.Filter{}); len(l) != 1 || l[0].Domain != "poison.example" {
		t.Errorf("letters %+v", l)
	}
}

func TestABatchHandlerThatMiscountsLosesNothing(t *testing.T) {
	b := setup(t)
	b.publishResults("a.example", "b.example")
	stop := run(func(ctx context.Context) error {
		return b.q.ConsumeResults(ctx, queue.BatchOptions{MaxBatch: 2}, func(context.Context, []work.Delivery[pages.Result]) []work.Outcome { return nil })
	})
	eventually(t, "both are dead letters", func() bool { return len(b.letters(queue.Filter{Reason: queue.ReasonExhausted})) == 2 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestTwoConsumersNeverHandleOneDomainAtOnce(t *testing.T) {
	b := setup(t)
	other, err := queue.Open(deadline(t), queue.Config{Server: b.srv, Consume: queue.Consume{AckWait: 2 * time.Second, MaxDeliver: 3}})
	if err != nil {
		t.Fatal(err)
	}
	var busy sync.Map
	var handled atomic.Int64
	handle := func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
		if _, taken := busy.LoadOrStore(d.Value.Domain, true); taken {
			t.Errorf("%s is handled twice at once", d.Value.Domain)
		}
		if d.Attempt == 1 && handled.Load()%3 == 0 {
			busy.Delete(d.Value.Domain)
			handled.Add(1)
			return work.Retry(errors.New("again"), time.Millisecond)
		}
		busy.Delete(d.Value.Domain)
		handled.Add(1)
		return work.Done()
	}
	stops := []func() error{
		b.consumeVisits(8, handle),
		run(func(ctx context.Context) error { return other.ConsumeVisits(ctx, 8, handle) }),
	}
	// The scheduler publishes the same domains again and again; most are refused.
	domains := []string{"a.example", "b.example", "c.example", "d.example", "e.example"}
	stored := 0
	for i := range 500 {
		switch err := b.q.PublishVisit(deadline(t), visit(domains[i%len(domains)])); {
		case err == nil:
			stored++
		case !errors.Is(err, queue.ErrOutstanding):
			t.Fatal(err)
		}
	}
	eventually(t, "all are done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	for _, s := range append(stops, other.Close) {
		if err := s(); err != nil {
			t.Error(err)
		}
	}
	if int64(stored) > handled.Load() {
		t.Errorf("%d visits stored, %d handled", stored, handled.Load())
	}
}

func TestAHandlerSlowerThanTheAckWaitKeepsItsMessage(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Consume.AckWait = 300 * time.Millisecond })
	b.publishVisits("slow.example")
	var calls atomic.Int64
	stop := b.consumeVisits(4, func(context.Context, work.Delivery[pages.Visit]) work.Outcome {
		calls.Add(1)
		// Signs of life are sent each 100 ms; twelve of them are four times the ack wait.
		eventually(t, "twelve signs of life", func() bool { return b.value("telltale_queue_heartbeats_total") >= 12 })
		return work.Done()
	})
	eventually(t, "the visit is done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
	if calls.Load() != 1 {
		t.Errorf("handled %d times, want once", calls.Load())
	}
}
