package app

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"telltale/internal/queue"
	natsd "telltale/internal/queue/embedded"
)

// contender is a scheduler's claim to lead, over a connection of its own.
func contender(t *testing.T, server *natsd.Server, name string, ttl time.Duration) (*leader, *queue.Queue) {
	t.Helper()
	q, err := queue.Open(t.Context(), queue.Config{Server: server, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	return &leader{leases: q.Leases(), owner: name, ttl: ttl}, q
}

func leads(ctx context.Context, t *testing.T, l *leader) bool {
	t.Helper()
	ok, err := l.Lead(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestOneSchedulerLeadsAndWhenItDiesAnotherDoesWithinTheLease(t *testing.T) {
	server := natsd.New(natsd.Config{Dir: t.TempDir(), RelaxedSync: true})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	const ttl = 2 * time.Second
	first, connection := contender(t, server, "first", ttl)
	second, _ := contender(t, server, "second", ttl)
	third, _ := contender(t, server, "third", ttl)
	if !leads(t.Context(), t, first) || leads(t.Context(), t, second) || leads(t.Context(), t, third) {
		t.Fatal("at the beginning the first leads, alone")
	}
	// It dies without giving the lease back; until it runs out nobody leads, then exactly one does.
	if err := connection.Close(); err != nil {
		t.Fatal(err)
	}
	died := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !leads(t.Context(), t, second) {
		if time.Since(died) > 20*ttl {
			t.Fatal("nobody took over")
		}
		<-tick.C
	}
	// The server removes a key up to a second after it ran out; the rest is what a busy machine takes.
	if took := time.Since(died); took > ttl+5*time.Second {
		t.Errorf("another led after %v, with a lease of %v", took, ttl)
	}
	if leads(t.Context(), t, third) || !leads(t.Context(), t, second) {
		t.Error("after the first died, the second and the third both lead, or neither")
	}
	if ok, err := first.Lead(t.Context()); ok || err == nil {
		t.Errorf("the dead one leads: %v, %v", ok, err)
	}
}

func TestASchedulerThatWasFrozenPastItsLeaseLeadsNoMore(t *testing.T) {
	server := natsd.New(natsd.Config{Dir: t.TempDir(), RelaxedSync: true})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	first, _ := contender(t, server, "first", time.Second)
	second, _ := contender(t, server, "second", time.Minute)
	if !leads(t.Context(), t, first) {
		t.Fatal("it does not lead")
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !leads(t.Context(), t, second) {
		<-tick.C
	}
	if leads(t.Context(), t, first) {
		t.Error("it wakes and leads beside the other")
	}
}
