package queue_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

// sharing returns so many addresses of one partition.
func sharing(n int) []string {
	byPart := map[int][]string{}
	for i := 0; ; i++ {
		a := fmt.Sprintf("10.0.%d.%d", i/250, i%250)
		p := queue.Partition(a)
		if byPart[p] = append(byPart[p], a); len(byPart[p]) == n {
			return byPart[p]
		}
	}
}

func TestAnAddressWithManyVisitsLeavesRoomForItsNeighboursInTheStream(t *testing.T) {
	const hot, perAddress = 120, 16
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Consume.AckWait = time.Minute })
	addresses := sharing(31)
	for i := range hot {
		if err := b.q.PublishVisit(deadline(t), movedTo(fmt.Sprintf("hot%d.example", i), addresses[0])); err != nil {
			t.Fatal(err)
		}
	}
	for i, a := range addresses[1:] { // behind all of them, in the same partition
		if err := b.q.PublishVisit(deadline(t), movedTo(fmt.Sprintf("other%d.example", i), a)); err != nil {
			t.Fatal(err)
		}
	}
	var begun, most, others atomic.Int64
	release := make(chan struct{})
	stop := b.consumeVisits(128, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
		if d.Value.Address != addresses[0] {
			others.Add(1)
			return work.Done()
		}
		now := begun.Add(1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
			continue
		}
		<-release
		begun.Add(-1)
		return work.Done()
	})
	eventually(t, "the others are done while the address is busy", func() bool { return others.Load() == 30 })
	if n := begun.Load(); n != perAddress {
		t.Errorf("%d visits of the address are under way, want %d", n, perAddress)
	}
	if n := b.value("telltale_queue_waiting_visits"); n != hot-perAddress {
		t.Errorf("%v visits wait in hand, want %d", n, hot-perAddress)
	}
	close(release)
	eventually(t, "all are done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if most.Load() > perAddress {
		t.Errorf("%d visits of one address at once, want %d at most", most.Load(), perAddress)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestNoPartitionTakesAllSlots(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Consume.AckWait = time.Minute })
	addresses := sharing(100)
	for i, a := range addresses {
		if err := b.q.PublishVisit(deadline(t), movedTo(fmt.Sprintf("same%d.example", i), a)); err != nil {
			t.Fatal(err)
		}
	}
	var same atomic.Int64
	other, release := make(chan struct{}), make(chan struct{})
	stop := b.consumeVisits(32, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
		if d.Value.Domain == "other.example" {
			close(other)
			return work.Done()
		}
		same.Add(1)
		<-release
		return work.Done()
	})
	eventually(t, "a quarter of the slots is taken", func() bool { return same.Load() == 8 })
	elsewhere := "203.0.113.1"
	for i := 1; queue.Partition(elsewhere) == queue.Partition(addresses[0]); i++ {
		elsewhere = fmt.Sprintf("203.0.113.%d", i)
	}
	if err := b.q.PublishVisit(deadline(t), movedTo("other.example", elsewhere)); err != nil {
		t.Fatal(err)
	}
	<-other
	if n := same.Load(); n != 8 {
		t.Errorf("%d visits of one partition under way, want 8", n)
	}
	close(release)
	eventually(t, "all are done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestAStopHandsBackVisitsThatWaitForTheirAddress(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) {
		c.Consume.AckWait, c.Consume.PerAddress = time.Minute, 1 // only a hand-back can be in time
	})
	for i := range 5 {
		if err := b.q.PublishVisit(deadline(t), movedTo(fmt.Sprintf("c%d.example", i), "192.0.2.1")); err != nil {
			t.Fatal(err)
		}
	}
	began, finish := make(chan struct{}), make(chan struct{})
	stop := b.consumeVisits(8, func(context.Context, work.Delivery[pages.Visit]) work.Outcome {
		close(began)
		<-finish
		return work.Done()
	})
	<-began
	eventually(t, "four wait", func() bool { return b.value("telltale_queue_waiting_visits") == 4 })
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	eventually(t, "they are handed back", func() bool { return b.value("telltale_queue_consumed_total", "outcome=handed_back") == 4 })
	close(finish)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	stop = b.consumeVisits(8, doneVisit)
	eventually(t, "another has them", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestALostPartitionKeepsWhatBeganAndHandsBackWhatWaits(t *testing.T) {
	b := setup(t)
	address := "192.0.2.1"
	began, finish := make(chan struct{}, 4), make(chan struct{})
	first := b.join("first", 8, func(ctx context.Context, d work.Delivery[pages.Visit]) work.Outcome { // one of an address at once
		began <- struct{}{}
		<-finish
		if d.Attempt != 1 || ctx.Err() != nil {
			t.Errorf("what had begun was disturbed: attempt %d, %v", d.Attempt, ctx.Err())
		}
		return work.Done()
	})
	for i := range 3 {
		if err := b.q.PublishVisit(deadline(t), movedTo(fmt.Sprintf("c%d.example", i), address)); err != nil {
			t.Fatal(err)
		}
	}
	<-began
	eventually(t, "two wait", func() bool { return first.value("telltale_queue_waiting_visits") == 2 })
	// Crawlers come until one of them has the address.
	l := newTally()
	for i := 0; ; i++ {
		if i == 20 {
			t.Fatal("nobody took the address over")
		}
		name := fmt.Sprintf("late-%d", i)
		late := b.join(name, 4, l.note(name))
		eventually(t, "it has its part", func() bool {
			return late.value("telltale_queue_crawlers") == float64(i+2) && first.value("telltale_queue_crawlers") == float64(i+2)
		})
		if first.value("telltale_queue_waiting_visits") == 0 {
			break
		}
	}
	eventually(t, "the two are done elsewhere", func() bool { return b.messages(queue.StreamVisits) == 1 })
	close(finish)
	eventually(t, "all are done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	l.once(t, 2)
}

func TestVisitsAreHandledWithASlotToTheLast(t *testing.T) {
	// Slots and places are given back on every way out; a leak would end this early.
	b := setup(t)
	stop := b.consumeVisits(4, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
		switch len(d.Value.Domain) % 3 {
		case 0:
			return work.Drop("no")
		case 1:
			panic("yes")
		}
		return work.Retry(errors.New("later"), time.Millisecond)
	})
	for i := range 100 {
		if err := b.q.PublishVisit(deadline(t), movedTo(fmt.Sprintf("c%0*d.example", 1+i%3, i), fmt.Sprintf("192.0.2.%d", i%5))); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all have ended", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if n := b.value("telltale_queue_held_messages", "stream=VISITS"); n != 0 {
		t.Errorf("%v are held", n)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
