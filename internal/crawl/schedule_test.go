package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/crawl"
	"telltale/internal/pages"
)

func (b *board) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

func (b *board) count() int { return len(b.all()) }

// all returns the visits that were ever published.
func (b *board) all() []pages.Visit {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.sent)
}

func (b *board) schedule() map[string]crawl.Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.entries)
}

func (b *board) scheduler(t testing.TB, config crawl.ScheduleConfig, reg prometheus.Registerer, now func() time.Time) *crawl.Scheduler {
	t.Helper()
	s, err := crawl.NewScheduler(config, crawl.ScheduleDeps{
		Store: b, Visits: b, Outstanding: errOutstanding, Full: errFull, Leader: b, Registry: reg, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// running runs a scheduler within a bubble of synthetic time until the test body ends.
func running(t *testing.T, b *board, config crawl.ScheduleConfig, reg prometheus.Registerer, body func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	s := b.scheduler(t, config, reg, time.Now)
	go func() { done <- s.Run(ctx) }()
	synctest.Wait()
	body()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestTheSchedulerPublishesWhatIsDueMostOverdueFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(25, time.Now())
		b.entries["later.example"] = crawl.Entry{Domain: "later.example", NextDue: time.Now().Add(15 * time.Second)}
		running(t, b, crawl.ScheduleConfig{Batch: 10, Tick: 10 * time.Second}, nil, func() {
			sent := b.all()
			if len(sent) != 25 || sent[0].Domain != "d024.example" || sent[0].ID != pages.VisitID("d024.example", sent[0].DueAt) || sent[0].Interval != time.Hour {
				t.Errorf("%d visits, the first %+v", len(sent), sent[0])
			}
			failures := map[string]int{}
			for _, v := range sent {
				failures[v.Domain] = v.Failures
			}
			for name, e := range b.schedule() {
				wait := time.Until(e.NextDue)
				if name != "later.example" && (wait < 5*time.Hour || wait > 7*time.Hour || e.Interval != time.Hour || e.Failures != failures[name]) {
					t.Errorf("provisional entry %+v in %v", e, wait)
				}
			}
			<-time.After(21 * time.Second)
			synctest.Wait()
			if sent := b.all(); len(sent) != 26 || sent[25].Domain != "later.example" {
				t.Errorf("%d visits after two ticks", len(sent))
			}
		})
	})
}

func TestALostVisitIsPublishedAgainAndAnOutstandingOneIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(2, time.Now())
		reg := prometheus.NewRegistry()
		running(t, b, crawl.ScheduleConfig{}, reg, func() {
			b.set(func() { delete(b.stream, "d001.example") })
			<-time.After(7 * time.Hour)
			synctest.Wait()
			if sent := b.all(); len(sent) != 3 || sent[2].Domain != "d001.example" || sent[2].ID == sent[0].ID {
				t.Errorf("sent %+v", sent)
			}
		})
		if n := value(t, reg, "telltale_crawl_scheduler_outstanding_total", ""); n != 1 {
			t.Errorf("%v outstanding visits met", n)
		}
	})
}

func TestAFullStreamEndsTheBatchAndTheRestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(10, time.Now())
		b.room = 4
		reg := prometheus.NewRegistry()
		running(t, b, crawl.ScheduleConfig{}, reg, func() {
			b.set(func() {
				if len(b.sent) != 4 || b.asked != 1 {
					t.Errorf("%d visits in %d batches", len(b.sent), b.asked)
				}
			})
			b.set(func() { clear(b.stream); b.room = 100 })
			<-time.After(11 * time.Second)
			synctest.Wait()
			if b.count() != 10 {
				t.Errorf("%d visits once there was room", b.count())
			}
			if lag := value(t, reg, "telltale_crawl_scheduler_lag_seconds", ""); lag < 300 {
				t.Errorf("lag %v s", lag)
			}
		})
		if n := value(t, reg, "telltale_crawl_scheduler_full_total", ""); n != 1 {
			t.Errorf("full %v times", n)
		}
		if n := value(t, reg, "telltale_crawl_scheduler_published_total", ""); n != 10 {
			t.Errorf("published %v", n)
		}
	})
}

func TestOnlyTheLeaderSchedulesAndAnotherTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(3, time.Now())
		b.leads = false
		reg := prometheus.NewRegistry()
		running(t, b, crawl.ScheduleConfig{}, reg, func() {
			if b.count() != 0 || value(t, reg, "telltale_crawl_scheduler_leading", "") != 0 {
				t.Errorf("a follower published %d visits", b.count())
			}
			b.set(func() { b.leads = true })
			<-time.After(11 * time.Second)
			synctest.Wait()
			if b.count() != 3 || value(t, reg, "telltale_crawl_scheduler_leading", "") != 1 {
				t.Errorf("the new leader published %d visits", b.count())
			}
		})
		if value(t, reg, "telltale_crawl_scheduler_leading", "") != 0 {
			t.Error("a stopped scheduler says it leads")
		}
	})
}

func TestATickThatFailsIsCountedAndTheNextOneTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(3, time.Now())
		b.away = errAway
		reg := prometheus.NewRegistry()
		running(t, b, crawl.ScheduleConfig{}, reg, func() {
			b.set(func() { b.away = nil })
			<-time.After(11 * time.Second)
			synctest.Wait()
			if n := value(t, reg, "telltale_crawl_scheduler_failures_total", ""); n != 1 || b.count() != 3 {
				t.Errorf("%v failures, %d visits", n, b.count())
			}
		})
	})
}

func TestOncePublishesEachDueDomainOnceAndWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(30, time.Now())
		b.entries["later.example"] = crawl.Entry{Domain: "later.example", NextDue: time.Now().Add(time.Minute)}
		b.stream["d029.example"] = pages.Visit{Domain: "d029.example"}
		b.room = 8
		b.onFull = func() { clear(b.stream) }
		n, err := b.scheduler(t, crawl.ScheduleConfig{Batch: 7}, nil, time.Now).Once(t.Context())
		if err != nil || n != 30 || len(b.sent) != 29 {
			t.Fatalf("%d domains, %d visits, err %v", n, len(b.sent), err)
		}
		seen := map[string]int{}
		for _, v := range b.sent {
			if seen[v.Domain]++; seen[v.Domain] > 1 {
				t.Errorf("%s twice", v.Domain)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		b.room, b.onFull = 0, cancel
		for name, e := range b.entries {
			e.NextDue = time.Now()
			b.entries[name] = e
		}
		clear(b.stream)
		if n, err := b.scheduler(t, crawl.ScheduleConfig{}, nil, time.Now).Once(ctx); !errors.Is(err, context.Canceled) || n != 0 {
			t.Errorf("%d domains, err %v: a full stream is waited for until the end", n, err)
		}
	})
}

func TestSpreadIsTheDomainsOwnAndSmall(t *testing.T) {
	seen := map[time.Duration]bool{}
	for i := range 1000 {
		name := fmt.Sprintf("d%d.example", i)
		d := crawl.Spread(name, time.Hour)
		if d < 54*time.Minute || d > 66*time.Minute || d != crawl.Spread(name, time.Hour) {
			t.Fatalf("%s: %v", name, d)
		}
		seen[d.Truncate(time.Minute)] = true
	}
	if len(seen) < 10 {
		t.Errorf("a thousand domains fall on %d minutes", len(seen))
	}
}
