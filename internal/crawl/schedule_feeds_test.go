package crawl_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/crawl"
	"telltale/internal/domains"
	"telltale/internal/pages"
)

// feed puts a feed on the board.
func (b *board) feed(domain, url, watch string, at time.Time) {
	b.feeds[domain+" "+url] = crawl.FeedEntry{Domain: domain, URL: url, Watch: watch, NextDue: at, Interval: 2 * time.Hour}
}

func TestDueFeedsArePublishedWithTheirDomainOrInAVisitOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		b, reg := newBoard(1, now), prometheus.NewRegistry()
		b.feed("d000.example", "https://d000.example/feed", "", now.Add(-time.Minute))
		b.feed("wire.example", "https://wire.example/1", "One", now.Add(-10*time.Minute))
		b.feed("wire.example", "https://wire.example/2", "Two", now)
		b.feed("later.example", "https://later.example/feed", "Later", now.Add(time.Minute))
		running(t, b, crawl.ScheduleConfig{}, reg, func() {
			sent := b.all()
			if len(sent) != 2 {
				t.Fatalf("sent %+v", sent)
			}
			if v := sent[0]; !v.FeedsOnly || len(v.Feeds) != 2 || v.ID != pages.FeedVisitID("wire.example", now.Add(-10*time.Minute)) {
				t.Errorf("the feeds' visit: %+v", v)
			}
			if v := sent[1]; v.FeedsOnly || len(v.Feeds) != 1 || v.ID != pages.VisitID("d000.example", now) {
				t.Errorf("the domain's visit: %+v", v)
			}
			for _, f := range b.feeds {
				if wait := time.Until(f.NextDue); f.Domain != "later.example" && (wait < 54*time.Minute || wait > 66*time.Minute || f.Interval != 2*time.Hour) {
					t.Errorf("provisional entry %+v in %v", f, wait)
				}
			}
			if _, added := b.schedule()["wire.example"]; added {
				t.Error("a visit of feeds moved a domain")
			}
		})
		for name, want := range map[string]float64{"feeds_total": 3, "feed_lag_seconds": 600, "published_total": 2, "lag_seconds": 0} {
			if got := value(t, reg, "telltale_crawl_scheduler_"+name, ""); got != want {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
	})
}

func TestAFeedWhoseDomainHasAVisitOutstandingIsTriedAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(0, time.Now())
		b.feed("a.example", "https://a.example/feed", "", time.Now())
		b.stream["a.example"] = pages.Visit{Domain: "a.example"}
		running(t, b, crawl.ScheduleConfig{}, nil, func() {
			b.set(func() { clear(b.stream) })
			<-time.After(12 * time.Minute)
			synctest.Wait()
			if sent := b.all(); len(sent) != 1 || !sent[0].FeedsOnly {
				t.Errorf("sent %+v", sent)
			}
		})
	})
}

func TestOncePublishesEachDomainOfDueFeedsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(5, time.Now())
		for i := range 20 {
			b.feed(fmt.Sprintf("d%03d.example", i), fmt.Sprintf("https://d%03d.example/feed", i), "", time.Now())
		}
		n, err := b.scheduler(t, crawl.ScheduleConfig{Batch: 7}, nil, time.Now).Once(t.Context())
		if err != nil || n != 20 || len(b.sent) != 20 {
			t.Fatalf("%d domains, %d visits, err %v", n, len(b.sent), err)
		}
	})
}

// TestDueTimesNeverBurst imports 20,000 domains at one moment, whose visits all find a change or none at the same time.
func TestDueTimesNeverBurst(t *testing.T) {
	const n = 20_000
	for name, s := range map[string]domains.Schedule{"domains": domains.DefaultSchedule(), "feeds": domains.FeedSchedule(), "watch lists": domains.WatchSchedule()} {
		t.Run(name, func(t *testing.T) {
			o := domains.Outlook{Reached: true}
			for round := range 12 {
				d := s.Next(o)
				// A tenth either way of the interval, in a hundred equal parts: a fair share is 1 %.
				parts := map[int64]int{}
				for i := range n {
					at := crawl.Spread(fmt.Sprintf("d%d.example", i), d)
					parts[int64(at-d*9/10)*100/int64(d/5+1)]++
				}
				for part, count := range parts {
					if count > n/50 {
						t.Errorf("round %d: %d of %d due times fall on part %d of the spread", round, count, n, part)
					}
				}
				o.Interval, o.Changed = s.Adapt(o), round%3 == 0
			}
		})
	}
}
