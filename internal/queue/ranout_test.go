package queue_test

import (
	"sync/atomic"
	"testing"
	"time"

	"telltale/internal/queue"
	"telltale/internal/steady"
)

// later opens a second client of a bundle's server whose clock, once it is connected, can be put forward: what the server
// still holds has then run out long ago, as after a crash that brought it back.
func later(t *testing.T, b *bundle) (q *queue.Queue, forward func(time.Duration)) {
	t.Helper()
	var ahead atomic.Int64
	q, err := queue.Open(deadline(t), queue.Config{Server: b.srv, Name: "later", Steady: func() time.Time { return steady.Now().Add(time.Duration(ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	return q, func(d time.Duration) { ahead.Add(int64(d)) }
}

func TestALeaseThatRanOutIsNobodysThoughTheServerBringsItBack(t *testing.T) {
	b := setup(t)
	q, forward := later(t, b)
	if _, ok, err := b.q.Leases().Acquire(deadline(t), "192.0.2.1", "dead", 30*time.Second); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := b.q.Leases().SetNextAllowed(deadline(t), "192.0.2.1", steady.Now().Add(10*time.Second), 4, 30*time.Second); err != nil {
		t.Fatal(err)
	}
	forward(31 * time.Second)
	if _, ok, err := q.Leases().Acquire(deadline(t), "192.0.2.1", "next", 30*time.Second); ok || err != nil {
		t.Fatalf("within what the server may take to forget: %v, %v", ok, err)
	}
	if holder, err := q.Leases().Holder(deadline(t), "192.0.2.1"); holder != "dead" || err != nil {
		t.Errorf("held by %q, %v", holder, err)
	}
	forward(10 * time.Second)
	if holder, err := q.Leases().Holder(deadline(t), "192.0.2.1"); holder != "" || err != nil {
		t.Errorf("held by %q, %v", holder, err)
	}
	if at, strikes, err := q.Leases().NextAllowed(deadline(t), "192.0.2.1"); !at.IsZero() || strikes != 0 || err != nil {
		t.Errorf("a note that ran out: %v, %d strikes, %v", at, strikes, err)
	}
	if _, ok, err := q.Leases().Acquire(deadline(t), "192.0.2.1", "next", 30*time.Second); !ok || err != nil {
		t.Errorf("long after: %v, %v", ok, err)
	}
}

func TestARegistrationThatRanOutIsNoCrawlers(t *testing.T) {
	b := setup(t)
	stop := b.consumeVisits(1, doneVisit)
	q, forward := later(t, b)
	members := func() int {
		list, err := q.Members(deadline(t))
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := members(); n != 1 {
		t.Fatalf("%d crawlers, want the one", n)
	}
	forward(time.Hour)
	if n := members(); n != 0 {
		t.Errorf("%d crawlers an hour after", n)
	}
	// The one that lives registers again at its next look.
	forward(-time.Hour)
	eventually(t, "it is back", func() bool { return members() == 1 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}
