package queue_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
	"telltale/internal/queue"
)

// keyTTL reads the time to live the last message of a bucket's subject carries; empty where it has none.
func keyTTL(t *testing.T, b *bundle, bucket, key string) string {
	t.Helper()
	s, err := b.js.Stream(deadline(t), "KV_"+bucket)
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.GetLastMsgForSubject(deadline(t), key)
	if err != nil {
		t.Fatal(err)
	}
	return m.Header.Get(jetstream.MsgTTLHeader)
}

func TestFindingTheClientsUpdateDropsAKeysTimeToLive(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	kv, err := b.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "RAW", LimitMarkerTTL: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	rev, err := kv.Create(ctx, "k", []byte("me"), jetstream.KeyTTL(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if ttl := keyTTL(t, b, "RAW", "$KV.RAW.k"); ttl != "1m0s" {
		t.Fatalf("a new key lives %q", ttl)
	}
	if _, err := kv.Update(ctx, "k", []byte("me"), rev); err != nil {
		t.Fatal(err)
	}
	if ttl := keyTTL(t, b, "RAW", "$KV.RAW.k"); ttl != "" {
		t.Fatalf("an updated key lives %q: Update keeps it by now", ttl)
	}
}

func TestARenewedLeaseKeepsItsTimeToLiveAndRunsOutByItself(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	l := b.q.Leases()
	token, ok, err := l.Acquire(ctx, "192.0.2.7", "one", time.Minute)
	if err != nil || !ok {
		t.Fatalf("acquire: %v, %v", ok, err)
	}
	if token, err = l.Renew(ctx, "192.0.2.7", "one", token, 1200*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if ttl := keyTTL(t, b, queue.BucketLeases, queue.LeaseSubject(queue.BucketLeases, "192.0.2.7")); ttl != "2s" {
		t.Errorf("renewed lease lives %q, want 2s (rounded up)", ttl)
	}
	eventually(t, "the lease runs out", func() bool { h, err := l.Holder(ctx, "192.0.2.7"); return err == nil && h == "" })
	if _, err := l.Renew(ctx, "192.0.2.7", "one", token, time.Minute); !errors.Is(err, queue.ErrLeaseLost) {
		t.Errorf("renewing a lease that ran out: %v, want ErrLeaseLost", err)
	}
	if _, ok, err := l.Acquire(ctx, "192.0.2.7", "two", time.Minute); !ok || err != nil {
		t.Errorf("the next holder: %v, %v", ok, err)
	}
}

func TestFindingTimesToLiveAreWholeSecondsAndTruncate(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	m := &nats.Msg{Subject: "$KV.LEASES.short", Header: nats.Header{jetstream.MsgTTLHeader: {"900ms"}}}
	if _, err := b.js.PublishMsg(ctx, m); err == nil {
		t.Error("a time to live under a second is taken by now")
	}
	// By the server's own clock: when the key was stored, and when its mark of expiry was.
	kv, err := b.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "RAW", LimitMarkerTTL: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.Create(ctx, "k", nil, jetstream.KeyTTL(1900*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	e, err := kv.Get(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.js.Stream(ctx, "KV_RAW")
	if err != nil {
		t.Fatal(err)
	}
	var mark *jetstream.RawStreamMsg
	eventually(t, "the key runs out", func() bool {
		mark, err = s.GetLastMsgForSubject(ctx, "$KV.RAW.k")
		return err == nil && mark.Sequence > e.Revision()
	})
	if d := mark.Time.Sub(e.Created()); d >= 1900*time.Millisecond {
		t.Errorf("a key of 1.9 s lived %v: fractions count by now", d)
	}
}

func TestTimesToLiveAreRoundedUp(t *testing.T) {
	for in, want := range map[time.Duration]time.Duration{
		-time.Second: time.Second, 0: time.Second, time.Millisecond: time.Second, time.Second: time.Second,
		time.Second + 1: 2 * time.Second, 1900 * time.Millisecond: 2 * time.Second, time.Hour: time.Hour,
	} {
		if got := queue.WholeSeconds(in); got != want {
			t.Errorf("%v becomes %v, want %v", in, got, want)
		}
	}
}

func TestALeaseHasOneHolder(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	l := b.q.Leases()
	token, ok, err := l.Acquire(ctx, "k", "one", time.Minute)
	if err != nil || !ok {
		t.Fatalf("first: %v, %v", ok, err)
	}
	if _, ok, err := l.Acquire(ctx, "k", "two", time.Minute); ok || err != nil {
		t.Errorf("second holder: %v, %v, want false", ok, err)
	}
	again, ok, err := l.Acquire(ctx, "k", "one", time.Minute) // its first answer was lost
	if !ok || err != nil || again == token {
		t.Errorf("the holder again: %d, %v, %v", again, ok, err)
	}
	if _, err := l.Renew(ctx, "k", "one", token, time.Minute); !errors.Is(err, queue.ErrLeaseLost) {
		t.Errorf("renew with an old token: %v, want ErrLeaseLost", err)
	}
	if err := l.Release(ctx, "k", token); err != nil {
		t.Errorf("release with an old token: %v, want nothing to happen", err)
	}
	if h, err := l.Holder(ctx, "k"); h != "one" || err != nil {
		t.Errorf("held by %q, %v", h, err)
	}
	if err := l.Release(ctx, "k", again); err != nil {
		t.Error(err)
	}
	if h, err := l.Holder(ctx, "k"); h != "" || err != nil {
		t.Errorf("released, and held by %q, %v", h, err)
	}
	if _, ok, err := l.Acquire(ctx, "k", "two", time.Minute); !ok || err != nil {
		t.Errorf("next holder: %v, %v", ok, err)
	}
	if _, _, err := l.Acquire(ctx, "", "two", time.Minute); !errors.Is(err, queue.ErrBadName) {
		t.Errorf("a lease without a key: %v", err)
	}
	for result, want := range map[string]float64{"acquired": 3, "held": 1, "lost": 1, "released": 1} {
		if n := b.value("telltale_queue_leases_total", "result="+result); n != want {
			t.Errorf("%v leases %s counted, want %v", n, result, want)
		}
	}
}

func TestManyWhoWantOneLeaseGetItOneAtATime(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	l := b.q.Leases()
	var inside, taken atomic.Int64
	var g errgroup.Group
	for i := range 16 {
		g.Go(func() error {
			owner := "owner-" + itoa(i)
			for {
				token, ok, err := l.Acquire(ctx, "k", owner, time.Minute)
				if err != nil {
					return err
				}
				if !ok {
					continue
				}
				if inside.Add(1) != 1 {
					t.Error("two hold the lease")
				}
				taken.Add(1)
				inside.Add(-1)
				return l.Release(ctx, "k", token)
			}
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if taken.Load() != 16 {
		t.Errorf("taken %d times, want 16", taken.Load())
	}
	s, err := b.js.Stream(ctx, "KV_LEASES")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "released leases leave nothing behind", func() bool {
		info, err := s.Info(ctx)
		return err == nil && info.State.Msgs == 0
	})
}

func TestPaceIsKeptByTheServersClockAndOutlivesItsWriter(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	open := func(skew time.Duration) *queue.Queue {
		q, err := queue.Open(ctx, queue.Config{
			// The wall clock steps between any two looks at it; the steady ones are those of machines started at other times.
			Server: b.srv, Now: func() time.Time { return time.Now().Add(rand.N(time.Hour)) }, Steady: func() time.Time { return time.Now().Add(skew) },
		})
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	fast, slow := open(time.Hour), open(-time.Hour)
	// The fast one, by its clock, wants ten seconds of rest for an address.
	before := time.Now()
	at := before.Add(time.Hour).Add(10 * time.Second)
	if err := fast.Leases().SetNextAllowed(ctx, "192.0.2.7", at, 3, time.Second); err != nil {
		t.Fatal(err)
	}
	if err := fast.Close(); err != nil {
		t.Fatal(err)
	}
	got, strikes, err := slow.Leases().NextAllowed(ctx, "192.0.2.7")
	if err != nil || strikes != 3 {
		t.Fatalf("%d strikes, %v", strikes, err)
	}
	if late := got.Sub(before.Add(-time.Hour).Add(10 * time.Second)); late < 0 || late > time.Second {
		t.Errorf("the slow one reads %v, late by %v: want it late by two round trips at most, and never early", got, late)
	}
	if ttl := keyTTL(t, b, queue.BucketPace, queue.LeaseSubject(queue.BucketPace, "192.0.2.7")); ttl != "10s" {
		t.Errorf("the note lives %q, want 10s: until it is of no use", ttl)
	}
	if at, _, err := slow.Leases().NextAllowed(ctx, "192.0.2.8"); err != nil || !at.IsZero() {
		t.Errorf("nothing noted: %v, %v", at, err)
	}
	if err := slow.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhoWaitsForALeaseIsHeardByEverybody(t *testing.T) {
	b := setup(t)
	other, err := queue.Open(deadline(t), queue.Config{Server: b.srv})
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 2)
	stop, err := other.Leases().Wants(func(key string) { heard <- key })
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Ping(deadline(t)); err != nil { // the server knows the subscription
		t.Fatal(err)
	}
	if err := b.q.Leases().Want("addr 192.0.2.7"); err != nil {
		t.Fatal(err)
	}
	select {
	case key := <-heard:
		if key != "addr 192.0.2.7" {
			t.Errorf("heard %q", key)
		}
	case <-deadline(t).Done():
		t.Fatal("nobody heard it")
	}
	stop()
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	if err := other.Leases().Want("k"); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("a closed queue: %v", err)
	}
	if _, err := other.Leases().Wants(nil); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("a closed queue: %v", err)
	}
}

func TestALeaseOutlivesARestartOfTheServer(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	if _, ok, err := b.q.Leases().Acquire(ctx, "k", "one", time.Minute); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := b.srv.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := b.srv.Start(ctx); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the client is back", func() bool { return b.q.Ping(context.Background()) == nil })
	if _, ok, err := b.q.Leases().Acquire(ctx, "k", "two", time.Minute); ok || err != nil {
		t.Errorf("the lease did not outlive the restart: %v, %v", ok, err)
	}
}
