package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

// crawler is one member of a fleet: a client of its own, with metrics of its own.
type crawler struct {
	*bundle
	name string
	stop func() error
}

// join starts a member on a bundle's server.
func (b *bundle) join(name string, concurrency int, h work.Handler[pages.Visit]) *crawler {
	b.t.Helper()
	reg := prometheus.NewRegistry()
	q, err := queue.Open(deadline(b.t), queue.Config{
		Server: b.srv, Name: name, Registerer: reg,
		Consume: queue.Consume{
			AckWait: 2 * time.Second, MaxDeliver: 3, MemberTTL: time.Second, DrainTimeout: time.Second, PerAddress: 1, Backoff: []time.Duration{10 * time.Millisecond},
		},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	c := &crawler{bundle: &bundle{t: b.t, q: q, srv: b.srv, js: b.js, reg: reg}, name: name}
	stop := c.consumeVisits(concurrency, h)
	c.stop = sync.OnceValue(func() error { return errors.Join(stop(), q.Close()) })
	b.t.Cleanup(func() {
		if err := c.stop(); err != nil {
			b.t.Error(err)
		}
	})
	return c
}

// owned waits until the fleet has settled on so many members, and returns how many partitions each has.
func owned(t *testing.T, fleet []*crawler) map[string]int {
	t.Helper()
	parts := map[string]int{}
	eventually(t, fmt.Sprintf("%d members share the partitions", len(fleet)), func() bool {
		sum := 0
		for _, c := range fleet {
			if c.value("telltale_queue_crawlers") != float64(len(fleet)) {
				return false
			}
			parts[c.name] = int(c.value("telltale_queue_partitions_owned"))
			sum += parts[c.name]
		}
		return sum == queue.Partitions
	})
	return parts
}

// tally notes who handled what.
type tally struct {
	mu sync.Mutex
	// by are the names of those who handled visits of an address, times how often each domain's was.
	by    map[string]map[string]bool
	times map[string]int
}

func newTally() *tally { return &tally{by: map[string]map[string]bool{}, times: map[string]int{}} }

func (l *tally) note(name string) work.Handler[pages.Visit] {
	return func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.by[d.Value.Address] == nil {
			l.by[d.Value.Address] = map[string]bool{}
		}
		l.by[d.Value.Address][name] = true
		l.times[d.Value.Domain]++
		return work.Done()
	}
}

// once fails the test where a visit was not handled, or twice.
func (l *tally) once(t *testing.T, visits int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for d, n := range l.times {
		if n != 1 {
			t.Errorf("%s was handled %d times", d, n)
		}
	}
	if len(l.times) != visits {
		t.Errorf("%d visits were handled, want %d", len(l.times), visits)
	}
}

// publishNeighbours publishes visits of so many domains, each address having several.
func (b *bundle) publishNeighbours(prefix string, visits, addresses int) {
	b.t.Helper()
	for i := range visits {
		v := movedTo(fmt.Sprintf("%s%d.example", prefix, i), fmt.Sprintf("192.0.2.%d", i%addresses))
		if err := b.q.PublishVisit(deadline(b.t), v); err != nil {
			b.t.Fatal(err)
		}
	}
}

func TestTenCrawlersShareThePartitionsAndEachAddressHasOne(t *testing.T) {
	b := setup(t)
	l := newTally()
	var fleet []*crawler
	for i := range 10 {
		name := fmt.Sprintf("crawler-%d", i)
		fleet = append(fleet, b.join(name, 16, l.note(name)))
	}
	for name, n := range owned(t, fleet) {
		if mean := float64(queue.Partitions) / 10; float64(n) < mean/2 || float64(n) > mean*3/2 {
			t.Errorf("%s has %d partitions, want within half of %.1f", name, n, mean)
		}
	}
	b.publishNeighbours("a", 600, 60)
	eventually(t, "all are done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	l.once(t, 600)
	busy := map[string]bool{}
	for address, names := range l.by {
		if len(names) != 1 {
			t.Errorf("visits of %s went to %v, want one crawler", address, names)
		}
		for n := range names {
			busy[n] = true
		}
	}
	if len(busy) != len(fleet) {
		t.Errorf("%d crawlers had something to do, want %d", len(busy), len(fleet))
	}
	members, err := b.q.Members(deadline(t))
	if err != nil || len(members) != 10 || members[0].Name != "crawler-0" || members[0].Partitions == 0 {
		t.Errorf("members %+v, %v", members, err)
	}
}

func TestADeadCrawlersVisitsAreTakenOver(t *testing.T) {
	b := setup(t)
	l := newTally()
	held := make(chan string, 64)
	frozen := func(ctx context.Context, d work.Delivery[pages.Visit]) work.Outcome {
		held <- d.Value.Domain
		<-ctx.Done()
		return work.Retry(context.Cause(ctx), 0)
	}
	victim := b.join("victim", 64, frozen)
	others := []*crawler{b.join("b", 16, l.note("b")), b.join("c", 16, l.note("c"))}
	owned(t, append(others, victim))
	b.publishNeighbours("a", 100, 100)
	eventually(t, "only the victim's are left", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(held) > 0 && len(l.times)+len(held) == 100
	})
	queue.Sever(victim.q) // its connection is gone, and nothing is withdrawn
	severed := time.Now()
	eventually(t, "the others have them", func() bool { return b.messages(queue.StreamVisits) == 0 })
	// Time to live and acknowledgement wait run side by side; a poll and an idle wait come on top.
	if took := time.Since(severed); took > 20*time.Second {
		t.Errorf("taken over after %v", took)
	}
	l.once(t, 100)
	if n := owned(t, others); n["b"]+n["c"] != queue.Partitions {
		t.Errorf("partitions %v", n)
	}
}

func TestCrawlersThatComeAndGoInMidRunLoseAndDoubleNothing(t *testing.T) {
	b := setup(t)
	l := newTally()
	fleet := []*crawler{b.join("first", 8, l.note("first")), b.join("leaver", 8, l.note("leaver"))}
	owned(t, fleet)
	b.publishNeighbours("a", 200, 50)
	for i := range 3 {
		name := fmt.Sprintf("late-%d", i)
		fleet = append(fleet, b.join(name, 8, l.note(name)))
		b.publishNeighbours(name, 100, 50)
	}
	if err := fleet[1].stop(); err != nil {
		t.Error(err)
	}
	b.publishNeighbours("z", 100, 50)
	eventually(t, "all are done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	l.once(t, 600)
	rest := slices.Delete(slices.Clone(fleet), 1, 2)
	if n := owned(t, rest); len(n) != 4 {
		t.Errorf("partitions %v", n)
	}
	if n := fleet[0].value("telltale_queue_rebalances_total"); n < 2 {
		t.Errorf("the first crawler saw %v changes, want 2 at least", n)
	}
}

func TestMembersOutliveARestartOfTheServer(t *testing.T) {
	b := setup(t)
	l := newTally()
	fleet := []*crawler{b.join("a", 8, l.note("a")), b.join("b", 8, l.note("b"))}
	before := owned(t, fleet)
	if err := b.srv.Stop(); err != nil {
		t.Fatal(err)
	}
	// Nobody can read the members: the last view holds.
	eventually(t, "a failed look", func() bool { return fleet[0].value("telltale_queue_disconnects_total") > 0 })
	if n := int(fleet[0].value("telltale_queue_partitions_owned")); n != before["a"] {
		t.Errorf("%d partitions with the server away, want the %d of before", n, before["a"])
	}
	if err := b.srv.Start(deadline(t)); err != nil {
		t.Fatal(err)
	}
	b.publishNeighbours("a", 100, 20)
	eventually(t, "all are done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	l.once(t, 100)
	owned(t, fleet)
}

func TestAMemberThatSeesItselfMissingRegistersAgain(t *testing.T) {
	b := setup(t)
	c := b.join("lost", 1, doneVisit)
	owned(t, []*crawler{c})
	s, err := b.js.Stream(deadline(t), "KV_"+queue.BucketMembers)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(deadline(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is back", func() bool {
		m, err := b.q.Members(deadline(t))
		return err == nil && len(m) == 1 && m[0].Name == "lost" && m[0].Partitions == queue.Partitions
	})
	if err := c.stop(); err != nil {
		t.Error(err)
	}
	if m, err := b.q.Members(deadline(t)); err != nil || len(m) != 0 {
		t.Errorf("members after a stop: %+v, %v; want none at once", m, err)
	}
}
