package queue_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

// The tests of this file show, on the real server, what DESIGN §1 says was tried and found about streams,
// and that we are safe from it. (What was found about leases is in leases_test.go.)

// rawWork declares a work-queue stream as one would at first, and its consumer.
func rawWork(t *testing.T, b *bundle, sc jetstream.StreamConfig, cc jetstream.ConsumerConfig) jetstream.Consumer {
	t.Helper()
	ctx := deadline(t)
	sc.Name, sc.Subjects, sc.Retention, sc.Discard = "RAW", []string{"raw.>"}, jetstream.WorkQueuePolicy, jetstream.DiscardNew
	if _, err := b.js.CreateStream(ctx, sc); err != nil {
		t.Fatal(err)
	}
	cc.Durable, cc.AckPolicy = "raw", jetstream.AckExplicitPolicy
	cons, err := b.js.CreateConsumer(ctx, "RAW", cc)
	if err != nil {
		t.Fatal(err)
	}
	return cons
}

func fetchOne(t *testing.T, cons jetstream.Consumer, wait time.Duration) jetstream.Msg {
	t.Helper()
	batch, err := cons.Fetch(1, jetstream.FetchMaxWait(wait))
	if err != nil {
		t.Fatal(err)
	}
	var got jetstream.Msg
	for m := range batch.Messages() {
		got = m
	}
	return got
}

func TestFindingAtMaxDeliverAWorkQueueMessageStaysAndItsSubjectRefusesNewOnes(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	cons := rawWork(t, b, jetstream.StreamConfig{MaxMsgsPerSubject: 1, DiscardNewPerSubject: true},
		jetstream.ConsumerConfig{MaxDeliver: 1, AckWait: 50 * time.Millisecond})
	if _, err := b.js.Publish(ctx, "raw.a", []byte("1")); err != nil {
		t.Fatal(err)
	}
	if fetchOne(t, cons, time.Second) == nil {
		t.Fatal("nothing delivered")
	}
	if fetchOne(t, cons, 500*time.Millisecond) != nil {
		t.Fatal("delivered beyond MaxDeliver")
	}
	_, err := b.js.Publish(ctx, "raw.a", []byte("2"))
	if err == nil || b.messages("RAW") != 1 {
		t.Fatalf("the jam is gone from the server (err %v, %d messages): the sweeper may go too", err, b.messages("RAW"))
	}
}

func TestAFailingVisitFreesItsDomainAtTheLastDelivery(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	if err := b.q.PublishVisit(ctx, visit("contoso.com")); err != nil {
		t.Fatal(err)
	}
	stop := run(func(ctx context.Context) error {
		return b.q.ConsumeVisits(ctx, 1, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
			if d.Last != (d.Attempt == 3) {
				t.Errorf("attempt %d says last %v", d.Attempt, d.Last)
			}
			return work.Retry(errors.New("store is away"), 0)
		})
	})
	eventually(t, "a dead letter", func() bool { return len(b.letters(queue.Filter{})) == 1 })
	if err := stop(); err != nil {
		t.Error(err)
	}
	if l := b.letters(queue.Filter{})[0]; l.Reason != queue.ReasonExhausted || l.Deliveries != 3 || l.Error != "store is away" {
		t.Errorf("letter %+v", l)
	}
	eventually(t, "the domain is free", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := b.q.PublishVisit(ctx, visit("contoso.com")); err != nil {
		t.Errorf("the domain is jammed: %v", err)
	}
}

// giveUp makes the server give up on a visit: it limits the consumer's deliveries, as one would at first.
func giveUp(t *testing.T, b *bundle, domain string) jetstream.Consumer {
	t.Helper()
	ctx := deadline(t)
	if err := b.q.PublishVisit(ctx, visit(domain)); err != nil {
		t.Fatal(err)
	}
	cons, err := b.js.Consumer(ctx, queue.StreamVisits, queue.VisitConsumer(queue.Partition(domain)))
	if err != nil {
		t.Fatal(err)
	}
	cc := cons.CachedInfo().Config
	cc.MaxDeliver = 2
	if cons, err = b.js.UpdateConsumer(ctx, queue.StreamVisits, cc); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		m := fetchOne(t, cons, 5*time.Second)
		if m == nil {
			t.Fatalf("delivery %d never came", i+1)
		}
		if err := m.Nak(); err != nil {
			t.Fatal(err)
		}
	}
	if m := fetchOne(t, cons, 200*time.Millisecond); m != nil {
		t.Fatal("delivered beyond the server's limit")
	}
	return cons
}

func TestASweepAtStartFindsMessagesWhoseAdvisoryNobodyHeard(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.SweepEvery = 50 * time.Millisecond })
	giveUp(t, b, "stuck.example")
	if err := b.q.PublishVisit(deadline(t), visit("stuck.example")); !errors.Is(err, queue.ErrOutstanding) {
		t.Fatalf("the domain is not jammed: %v", err)
	}
	stop := run(b.q.Run)
	eventually(t, "the sweeper buries it", func() bool { return len(b.letters(queue.Filter{Reason: queue.ReasonStuck})) == 1 })
	if l := b.letters(queue.Filter{})[0]; l.Domain != "stuck.example" || l.Deliveries != 2 {
		t.Errorf("letter %+v", l)
	}
	eventually(t, "the domain is free", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestTheSweeperActsOnTheServersAdvisory(t *testing.T) {
	b := setup(t) // scans a minute apart: only the advisory can tell
	ctx, cancel := context.WithCancel(deadline(t))
	stop := run(b.q.Run)
	// Run sets the gauges after it listens.
	eventually(t, "the sweeper listens", func() bool { return b.has("telltale_queue_stream_messages") })
	giveUp(t, b, "stuck.example")
	eventually(t, "the sweeper buries it", func() bool { return len(b.letters(queue.Filter{Reason: queue.ReasonStuck})) == 1 })
	eventually(t, "the domain is free", func() bool { return b.q.PublishVisit(ctx, visit("stuck.example")) == nil })
	cancel()
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestASweepLeavesMessagesThatAreBeingHandledOrWait(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.SweepEvery = 10 * time.Millisecond })
	ctx := deadline(t)
	for _, d := range []string{"a.example", "b.example", "c.example"} {
		if err := b.q.PublishVisit(ctx, visit(d)); err != nil {
			t.Fatal(err)
		}
	}
	began, finish := make(chan string, 3), make(chan struct{})
	stop := run(func(ctx context.Context) error {
		return b.q.ConsumeVisits(ctx, 2, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
			began <- d.Value.Domain
			<-finish
			return work.Done()
		})
	})
	<-began
	<-began
	sweep, cancel := context.WithTimeout(ctx, 300*time.Millisecond) // some thirty scans
	defer cancel()
	if err := b.q.Run(sweep); err != nil {
		t.Fatal(err)
	}
	if n, l := b.messages(queue.StreamVisits), b.letters(queue.Filter{}); n != 3 || len(l) != 0 {
		t.Errorf("%d visits and %d letters, want 3 and 0", n, len(l))
	}
	close(finish)
	eventually(t, "all done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestFindingStreamFullAndSubjectFullShareTheirErrorCode(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	rawWork(t, b, jetstream.StreamConfig{MaxMsgsPerSubject: 1, DiscardNewPerSubject: true, MaxMsgs: 1}, jetstream.ConsumerConfig{})
	if _, err := b.js.Publish(ctx, "raw.a", nil); err != nil {
		t.Fatal(err)
	}
	for subject, text := range map[string]string{"raw.a": "maximum messages per subject exceeded", "raw.b": "maximum messages exceeded"} {
		_, err := b.js.Publish(ctx, subject, nil)
		var api *jetstream.APIError
		if !errors.As(err, &api) || api.ErrorCode != 10077 || !strings.Contains(api.Description, text) {
			t.Errorf("publish to %s: %v, want code 10077 and %q", subject, err, text)
		}
	}
}

func TestSubjectFullAndStreamFullAreToldApart(t *testing.T) {
	for name, limit := range map[string]queue.Limits{"by messages": {Visits: 1}, "by bytes": {VisitBytes: 500}} {
		t.Run(name, func(t *testing.T) {
			b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Limits = limit })
			ctx := deadline(t)
			if err := b.q.PublishVisit(ctx, visit("a.example")); err != nil {
				t.Fatal(err)
			}
			if err := b.q.PublishVisit(ctx, visit("a.example")); !errors.Is(err, queue.ErrOutstanding) || errors.Is(err, queue.ErrFull) {
				t.Errorf("same domain: %v, want ErrOutstanding only", err)
			}
			if err := b.q.PublishVisit(ctx, visit("b.example")); !errors.Is(err, queue.ErrFull) || errors.Is(err, queue.ErrOutstanding) {
				t.Errorf("another domain: %v, want ErrFull only", err)
			}
		})
	}
}

func TestFindingAReusedMessageIDIsDroppedInSilence(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	cons := rawWork(t, b, jetstream.StreamConfig{}, jetstream.ConsumerConfig{})
	if _, err := b.js.Publish(ctx, "raw.a", []byte("1"), jetstream.WithMsgID("same")); err != nil {
		t.Fatal(err)
	}
	if err := fetchOne(t, cons, time.Second).DoubleAck(ctx); err != nil {
		t.Fatal(err)
	}
	ack, err := b.js.Publish(ctx, "raw.a", []byte("2"), jetstream.WithMsgID("same"))
	if err != nil || !ack.Duplicate || b.messages("RAW") != 0 {
		t.Fatalf("ack %+v, err %v, %d messages: the server no longer drops it", ack, err, b.messages("RAW"))
	}
}

func TestFindingADelayedRedeliveryCountsAgainstTheAckPendingLimit(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	cons := rawWork(t, b, jetstream.StreamConfig{}, jetstream.ConsumerConfig{MaxAckPending: 1})
	for _, s := range []string{"raw.a", "raw.b"} {
		if _, err := b.js.Publish(ctx, s, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := fetchOne(t, cons, time.Second).NakWithDelay(time.Hour); err != nil {
		t.Fatal(err)
	}
	if m := fetchOne(t, cons, 300*time.Millisecond); m != nil {
		t.Fatalf("%s was delivered: delays no longer count", m.Subject())
	}
}

func TestVisitsThatWaitForARetryDoNotStopTheOthers(t *testing.T) {
	const failing = 1500 // above the server's default limit of 1,000
	b := setup(t)
	ctx := deadline(t)
	for i := range failing {
		m := &nats.Msg{Subject: "visits.0.fail-" + itoa(i), Data: []byte(`{"domain":"fail"}`)}
		if _, err := b.js.PublishMsgAsync(m); err != nil {
			t.Fatal(err)
		}
	}
	<-b.js.PublishAsyncComplete()
	if err := b.q.PublishVisit(ctx, visit("good.example")); err != nil {
		t.Fatal(err)
	}
	good := make(chan struct{})
	stop := run(func(ctx context.Context) error {
		return b.q.ConsumeVisits(ctx, 50, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
			if d.Value.Domain == "good.example" {
				close(good)
				return work.Done()
			}
			return work.Retry(errors.New("later"), time.Hour)
		})
	})
	select {
	case <-good:
	case <-ctx.Done():
		t.Error("the last visit never came: the waiting ones hold it up")
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
