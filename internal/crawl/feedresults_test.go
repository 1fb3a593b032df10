package crawl_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/crawl"
	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/work"
)

const feedURL = "https://d000.example/feed"

func (b *board) theFeed() crawl.FeedEntry { return b.feeds["d000.example "+feedURL] }

// readOf is the result of a visit that read one feed, two minutes after it was due.
func readOf(dueAt time.Time, f pages.FeedRead) pages.Result {
	r := resultOf("d000.example", dueAt)
	r.VisitID, r.FeedsOnly = pages.FeedVisitID(r.Domain, dueAt), true
	f.URL, f.ReadAt = feedURL, r.FinishedAt
	r.Feeds = []pages.FeedRead{f}
	return r
}

func TestAReadSetsWhenItsFeedIsDueNext(t *testing.T) {
	for _, tt := range []struct {
		name     string
		entry    crawl.FeedEntry
		read     pages.FeedRead
		interval time.Duration
		least    time.Duration
		most     time.Duration
		failures int
	}{
		{"news halve the interval", crawl.FeedEntry{Interval: 8 * time.Hour}, pages.FeedRead{Changed: true, Items: 3}, 4 * time.Hour, 216 * time.Minute, 264 * time.Minute, 0},
		{"no news lengthen it", crawl.FeedEntry{Interval: 8 * time.Hour}, pages.FeedRead{}, 12 * time.Hour, 648 * time.Minute, 792 * time.Minute, 0},
		{"a publisher that asks for a day is left alone for it", crawl.FeedEntry{Interval: 8 * time.Hour}, pages.FeedRead{Changed: true, AskLater: 24 * time.Hour}, 4 * time.Hour, 24 * time.Hour, 26*time.Hour + 24*time.Minute, 0},
		{"a failure leaves the interval and is tried again soon", crawl.FeedEntry{Interval: 8 * time.Hour, Failures: 1}, pages.FeedRead{Error: "timeout"}, 8 * time.Hour, 108 * time.Minute, 132 * time.Minute, 2},
		{"after ten failures it is tried weekly", crawl.FeedEntry{Interval: 8 * time.Hour, Failures: 9}, pages.FeedRead{Error: "timeout"}, 8 * time.Hour, 151 * time.Hour, 185 * time.Hour, 10},
		{"a source has bounds of its own", crawl.FeedEntry{Watch: "Wire", Interval: 20 * time.Minute}, pages.FeedRead{Changed: true, Watch: "Wire"}, 15 * time.Minute, 13 * time.Minute, 17 * time.Minute, 0},
		{"a source is never read before its watch list says", crawl.FeedEntry{Watch: "Wire", Interval: 20 * time.Minute, Floor: 6 * time.Hour}, pages.FeedRead{Changed: true, Watch: "Wire"}, 15 * time.Minute, 6 * time.Hour, 6*time.Hour + 36*time.Minute, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBoard(1, due)
			before := b.entries["d000.example"]
			tt.entry.Domain, tt.entry.URL = "d000.example", feedURL
			b.feeds["d000.example "+feedURL] = tt.entry
			r := readOf(due, tt.read)
			if out := b.writer(t, nil).Handle(t.Context(), deliver(r)); out[0].Verdict != work.VerdictDone || len(b.visits) != 1 {
				t.Fatalf("outcome %+v", out)
			}
			e := b.theFeed()
			wait := e.NextDue.Sub(r.FinishedAt)
			if e.Interval != tt.interval || wait < tt.least || wait > tt.most || e.Failures != tt.failures || !e.LastRead.Equal(r.FinishedAt) || e.LastError != tt.read.Error || e.LastChanged.IsZero() == tt.read.Changed {
				t.Errorf("in %v: %+v", wait, e)
			}
			if b.entries["d000.example"] != before {
				t.Error("a visit of feeds moved its domain")
			}
		})
	}
}

func TestAFullVisitMovesTheFeedsItReadAndPutsThoseItFoundOnTheSchedule(t *testing.T) {
	b, reg := newBoard(1, due), prometheus.NewRegistry()
	b.feed("d000.example", feedURL, "", due.Add(time.Hour))
	r := resultOf("d000.example", due)
	r.Address = "192.0.2.9"
	r.Feeds = []pages.FeedRead{
		{URL: feedURL, ReadAt: r.FinishedAt, Changed: true, Items: 4},
		{URL: "https://video.example/feed", Source: pages.KindSocial}, {URL: feedURL},
		{URL: "https://d000.example/press.xml", Source: pages.KindPress, ReadAt: r.FinishedAt, Changed: true, Items: 2},
		{URL: "https://wire.example/", Watch: "Gone", ReadAt: r.FinishedAt},
	}
	b.writer(t, reg).Handle(t.Context(), deliver(r))
	if e := b.theFeed(); e.Interval != time.Hour || e.Items != 4 {
		t.Errorf("the feed that was read: %+v", e)
	}
	if e := b.feeds["d000.example https://video.example/feed"]; e.Source != pages.KindSocial || !e.LastRead.IsZero() || e.NextDue.Before(r.FinishedAt) || e.NextDue.After(r.FinishedAt.Add(time.Hour)) {
		t.Errorf("the feed that was found: %+v", e)
	}
	if e := b.feeds["d000.example https://d000.example/press.xml"]; e.Interval != 7*time.Hour || e.Source != pages.KindPress || e.Items != 2 {
		t.Errorf("the feed that was found and read: %+v", e)
	}
	if e := b.entries["d000.example"]; e.Address != "192.0.2.9" || !e.LastVisit.Equal(r.FinishedAt) || len(b.feeds) != 3 {
		t.Errorf("domain %+v, feeds %+v", e, b.feeds)
	}
	for effect, want := range map[string]float64{"moved": 1, "found": 2, "known": 1, "unknown": 1} {
		if got := value(t, reg, "telltale_crawl_feed_results_total", effect); got != want {
			t.Errorf("%s: %v, want %v", effect, got, want)
		}
	}
}

func TestALateOrRepeatedReadMovesNothing(t *testing.T) {
	b, reg := newBoard(1, due), prometheus.NewRegistry()
	b.feed("d000.example", feedURL, "", due)
	w := b.writer(t, reg)
	first, second := readOf(due, pages.FeedRead{Changed: true}), readOf(due.Add(3*time.Hour), pages.FeedRead{})
	again := second // the visit was made twice
	again.Feeds = []pages.FeedRead{second.Feeds[0]}
	again.Feeds[0].ReadAt = second.FinishedAt.Add(time.Minute)
	w.Handle(t.Context(), deliver(second))
	want := b.theFeed()
	for _, late := range []pages.Result{second, again, first} {
		if out := w.Handle(t.Context(), deliver(late)); out[0].Verdict != work.VerdictDone || b.theFeed() != want {
			t.Errorf("outcome %+v, entry %+v, want %+v", out, b.theFeed(), want)
		}
	}
	for effect, n := range map[string]float64{"moved": 1, "late": 3} {
		if got := value(t, reg, "telltale_crawl_feed_results_total", effect); got != n {
			t.Errorf("%s: %v, want %v", effect, got, n)
		}
	}
	if n := value(t, reg, "telltale_crawl_results_total", "feeds"); n != 4 {
		t.Errorf("%v results of feeds", n)
	}
}

func TestNoSiteFillsTheScheduleWithFeedsAndARemovedOneStaysAway(t *testing.T) {
	b, reg := newBoard(1, due), prometheus.NewRegistry()
	r := resultOf("d000.example", due)
	for i := range 100 {
		r.Feeds = append(r.Feeds, pages.FeedRead{URL: fmt.Sprintf("https://d000.example/%d", i)})
	}
	stranger := resultOf("stranger.example", due)
	stranger.Feeds = []pages.FeedRead{{URL: "https://stranger.example/feed"}}
	w := b.writer(t, reg)
	w.Handle(t.Context(), deliver(r, stranger))
	if over := value(t, reg, "telltale_crawl_feed_results_total", "over"); len(b.feeds) != 20 || over != 80 {
		t.Errorf("%d feeds on the schedule, %v over", len(b.feeds), over)
	}
	removed := crawl.FeedEntry{Domain: "wire.example", URL: "https://wire.example/1", Watch: "Gone", Removed: true}
	b.feeds["wire.example https://wire.example/1"] = removed
	read := resultOf("wire.example", due)
	read.FeedsOnly, read.Feeds = true, []pages.FeedRead{{URL: removed.URL, Watch: "Gone", ReadAt: read.FinishedAt, Changed: true}}
	w.Handle(t.Context(), deliver(read))
	if e := b.feeds["wire.example https://wire.example/1"]; e != removed || value(t, reg, "telltale_crawl_feed_results_total", "unknown") != 2 {
		t.Errorf("a removed source became %+v", e)
	}
}

func TestADomainThatAsksForMoreThanTheLimitIsVisitedMoreRarely(t *testing.T) {
	b := newBoard(1, due)
	w, err := crawl.NewWriter(crawl.WriterDeps{Store: b, MaxDelay: 30 * time.Second, Schedule: domains.DefaultSchedule()})
	if err != nil {
		t.Fatal(err)
	}
	r := resultOf("d000.example", due)
	r.Published, r.CrawlDelay = 1, 90*time.Second
	w.Handle(t.Context(), deliver(r))
	e := b.entries["d000.example"]
	if want := r.FinishedAt.Add(crawl.Spread("d000.example", 12*24*time.Hour)); !e.NextDue.Equal(want) || e.Interval != 4*24*time.Hour {
		t.Errorf("next due %v, want %v; interval %v", e.NextDue, want, e.Interval)
	}
}
