package queue_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"pgregory.net/rapid"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/queue/embedded"
	"telltale/internal/work"
)

func TestNeighboursShareAPlace(t *testing.T) {
	for name, tc := range map[string]struct{ address, want string }{
		"an IPv4 address is a place":           {"192.0.2.7", "192.0.2.7"},
		"a mapped one is the same place":       {"::ffff:192.0.2.7", "192.0.2.7"},
		"an IPv6 address stands for its /64":   {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		"a zone is no part of it":              {"fe80::1%eth0", "fe80::/64"},
		"without an address it is the domain":  {"", "contoso.com"},
		"what is no address is as good as not": {"192.0.2.300", "contoso.com"},
	} {
		if got := queue.PlaceOf("contoso.com", tc.address); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestALeaseIsInThePartitionOfTheVisitsToItsPlace(t *testing.T) {
	want := queue.Partition("192.0.2.7")
	for _, key := range []string{"192.0.2.7", "addr 192.0.2.7", "addr 192.0.2.7#3"} {
		if got := queue.LeaseSubject("LEASES", key); got != fmt.Sprintf("$KV.LEASES.%d.%s", want, queue.Token(key)) {
			t.Errorf("%s: %s, want partition %d", key, got, want)
		}
	}
}

func TestEveryPartitionHasAnOwnerAndEveryMemberItsPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,8}#[A-Z]{3}`), 1, 200, rapid.ID).Draw(t, "members")
		parts := queue.Assign(members)
		owners := map[int]int{}
		least, most := queue.Partitions, 0
		for _, m := range members {
			least, most = min(least, len(parts[m])), max(most, len(parts[m]))
			for _, p := range parts[m] {
				owners[p]++
			}
		}
		if len(owners) != queue.Partitions || (len(members) <= queue.Partitions && most-least > 1) || least == 0 {
			t.Fatalf("%d members: %d partitions have owners; parts of %d to %d", len(members), len(owners), least, most)
		}
		for p, n := range owners {
			if most := (len(members) + queue.Partitions - 1) / queue.Partitions; n > most {
				t.Fatalf("%d members: partition %d has %d owners, want %d at most", len(members), p, n, most)
			}
		}
	})
}

func TestAMemberThatComesOrGoesMovesFewPartitions(t *testing.T) {
	var members []string
	for i := range 10 {
		members = append(members, fmt.Sprintf("crawler-%d#X", i))
	}
	owner := func(members []string) map[int]string {
		of := map[int]string{}
		for m, list := range queue.Assign(members) {
			for _, p := range list {
				of[p] = m
			}
		}
		return of
	}
	total := 0
	before := owner(members)
	for i := range members {
		without := append(append([]string{}, members[:i]...), members[i+1:]...)
		for p, m := range owner(without) {
			if before[p] != m {
				total++
			}
		}
	}
	// 6.4 are the leaver's own.
	if mean := float64(total) / float64(len(members)); mean > 16 {
		t.Errorf("%.1f of %d partitions move when one of ten leaves, want 16 at most", mean, queue.Partitions)
	}
}

// movedTo is a visit of a domain last asked at an address.
func movedTo(domain, address string) pages.Visit {
	v := visit(domain)
	v.Address = address
	return v
}

// TestADomainHasOneOutstandingVisitThoughItsAddressMoves stands for every way in which a visit can be published
// while the last one of its domain is still outstanding in another partition; see onlyVisit.
func TestADomainHasOneOutstandingVisitThoughItsAddressMoves(t *testing.T) {
	const old, moved = "192.0.2.1", "198.51.100.9"
	if queue.Partition(old) == queue.Partition(moved) {
		t.Fatal("choose other addresses")
	}
	for name, first := range map[string]func(b *bundle) error{
		"from its domain's partition": func(b *bundle) error { return b.q.PublishVisit(deadline(b.t), visit("contoso.com")) },
		"from another address":        func(b *bundle) error { return b.q.PublishVisit(deadline(b.t), movedTo("contoso.com", old)) },
		"published before partitions went by address": func(b *bundle) error {
			_, err := b.js.Publish(deadline(b.t), fmt.Sprintf("visits.%d.contoso_com", queue.Partition("contoso.com")), []byte(`{"domain":"contoso.com"}`))
			return err
		},
		"a dead letter replayed": func(b *bundle) error {
			if err := b.q.PublishVisit(deadline(b.t), movedTo("contoso.com", old)); err != nil {
				return err
			}
			b.dropAll("no")
			_, err := b.q.Replay(deadline(b.t), queue.Filter{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			if err := first(b); err != nil {
				t.Fatal(err)
			}
			if err := b.q.PublishVisit(deadline(t), movedTo("contoso.com", moved)); !errors.Is(err, queue.ErrOutstanding) {
				t.Errorf("a second visit of the domain: %v, want ErrOutstanding", err)
			}
			if err := b.q.PublishVisit(deadline(t), movedTo("www.contoso.com", moved)); err != nil {
				t.Errorf("a visit of its neighbour: %v", err)
			}
			stop := b.consumeVisits(4, doneVisit)
			eventually(t, "both are done", func() bool { return b.messages(queue.StreamVisits) == 0 })
			if err := b.q.PublishVisit(deadline(t), movedTo("contoso.com", moved)); err != nil {
				t.Errorf("once the first is done: %v", err)
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestADeadVisitStaysWhileItsDomainIsOutstandingElsewhereAndThenGoesBackToItsPartition(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	if err := b.q.PublishVisit(ctx, movedTo("contoso.com", "192.0.2.1")); err != nil {
		t.Fatal(err)
	}
	b.dropAll("no")
	if err := b.q.PublishVisit(ctx, movedTo("contoso.com", "198.51.100.9")); err != nil {
		t.Fatal(err)
	}
	if n, err := b.q.Replay(ctx, queue.Filter{}); n != 0 || !errors.Is(err, queue.ErrOutstanding) {
		t.Errorf("replayed %d, %v; want none and ErrOutstanding", n, err)
	}
	if n, err := b.q.Purge(ctx, queue.StreamVisits, "contoso.com"); n != 1 || err != nil {
		t.Errorf("purged %d, %v; want the one in the new partition", n, err)
	}
	if n, err := b.q.Replay(ctx, queue.Filter{}); n != 1 || err != nil {
		t.Errorf("replayed %d, %v; want 1", n, err)
	}
	s, err := b.js.Stream(ctx, queue.StreamVisits)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("visits.%d.contoso_com", queue.Partition("192.0.2.1"))
	if m, err := s.GetLastMsgForSubject(ctx, want); err != nil || m.Header.Get("Telltale-Place") != "192.0.2.1" {
		t.Errorf("the replayed visit at %s: %v", want, err)
	}
}

// oldTopology is a server as a version before partitions left it: one consumer of all visits, one in hand.
func oldTopology(t *testing.T, visits int) *embedded.Server {
	t.Helper()
	srv := embedded.New(embedded.Config{Dir: t.TempDir(), RelaxedSync: true})
	ctx := deadline(t)
	if err := srv.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Stop(); err != nil {
			t.Error(err)
		}
	})
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(ctx, jetstream.StreamConfig{
		Name: queue.StreamVisits, Subjects: []string{"visits.>"}, Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew,
		MaxMsgsPerSubject: 1, DiscardNewPerSubject: true,
	}); err != nil {
		t.Fatal(err)
	}
	cons, err := js.CreateConsumer(ctx, queue.StreamVisits, jetstream.ConsumerConfig{
		Durable: "crawler", AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Hour, MaxDeliver: -1, MaxAckPending: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range visits {
		domain := fmt.Sprintf("c%d.example", i)
		subject := fmt.Sprintf("visits.%d.%s", queue.Partition(domain), queue.Token(domain))
		if _, err := js.Publish(ctx, subject, fmt.Appendf(nil, `{"domain":%q}`, domain)); err != nil {
			t.Fatal(err)
		}
	}
	if m := fetchOne(t, cons, time.Second); m == nil {
		t.Fatal("nothing delivered")
	}
	return srv
}

func TestVisitsOfAnOldTopologyAreHandledByPartitions(t *testing.T) {
	const visits = 200
	srv := oldTopology(t, visits)
	q, err := queue.Open(deadline(t), queue.Config{Server: srv})
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 2*visits)
	stop := run(func(ctx context.Context) error {
		return q.ConsumeVisits(ctx, 50, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
			got <- d.Value.Domain
			return work.Done()
		})
	})
	// The one in hand too, an hour before its hour is over.
	seen := map[string]bool{}
	ctx := deadline(t)
	for len(seen) < visits {
		select {
		case d := <-got:
			seen[d] = true
		case <-ctx.Done():
			t.Fatalf("%d visits handled, want %d", len(seen), visits)
		}
	}
	for _, f := range []func() error{stop, q.Close} {
		if err := f(); err != nil {
			t.Error(err)
		}
	}
}

func TestAnOldProcessThatPutsItsConsumerBackDoesNotStopThePartitions(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	for p := range queue.Partitions {
		if err := b.js.DeleteConsumer(ctx, queue.StreamVisits, queue.VisitConsumer(p)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.js.CreateConsumer(ctx, queue.StreamVisits, jetstream.ConsumerConfig{Durable: "crawler", AckPolicy: jetstream.AckExplicitPolicy}); err != nil {
		t.Fatal(err)
	}
	b.publishVisits("a.example", "b.example", "c.example")
	stop := b.consumeVisits(4, doneVisit)
	eventually(t, "all are done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := b.js.Consumer(ctx, queue.StreamVisits, "crawler"); !errors.Is(err, jetstream.ErrConsumerNotFound) {
		t.Errorf("the old consumer: %v, want it gone", err)
	}
}
