package crawl_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"telltale/internal/crawl"
	"telltale/internal/pages"
)

var (
	errOutstanding = errors.New("outstanding")
	errFull        = errors.New("full")
	errAway        = errors.New("store is away")
)

// board is a schedule, a stream of visits that holds one visit a domain, and a lease, in memory.
type board struct {
	mu      sync.Mutex
	entries map[string]crawl.Entry
	feeds   map[string]crawl.FeedEntry
	// stream holds the outstanding visits, sent all that were ever put on it; room is the stream's limit.
	stream map[string]pages.Visit
	sent   []pages.Visit
	room   int
	visits []pages.Result
	away   error
	leads  bool
	asked  int
	// onFull runs when a visit meets a full stream.
	onFull func()
}

func newBoard(n int, at time.Time) *board {
	b := &board{entries: map[string]crawl.Entry{}, feeds: map[string]crawl.FeedEntry{}, stream: map[string]pages.Visit{}, room: 1 << 20, leads: true}
	for i := range n {
		name := fmt.Sprintf("d%03d.example", i)
		b.entries[name] = crawl.Entry{Domain: name, NextDue: at.Add(-time.Duration(i) * time.Minute), Interval: time.Hour, Failures: i % 2}
	}
	return b
}

func (b *board) Due(_ context.Context, now time.Time, limit int) (due []pages.Visit, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	byDomain := map[string]pages.Visit{}
	for _, e := range b.entries {
		if !e.NextDue.After(now) {
			byDomain[e.Domain] = pages.Visit{Domain: e.Domain, DueAt: e.NextDue, Interval: e.Interval, Failures: e.Failures}
		}
	}
	for _, f := range b.feeds {
		if f.Removed || f.NextDue.After(now) {
			continue
		}
		v, has := byDomain[f.Domain]
		if !has {
			v = pages.Visit{Domain: f.Domain, DueAt: f.NextDue, FeedsOnly: true}
		}
		if v.FeedsOnly && f.NextDue.Before(v.DueAt) {
			v.DueAt = f.NextDue
		}
		v.Feeds = append(v.Feeds, pages.Feed{URL: f.URL, Watch: f.Watch, Source: f.Source, DueAt: f.NextDue, Interval: f.Interval, Failures: f.Failures})
		byDomain[f.Domain] = v
	}
	due = slices.SortedFunc(maps.Values(byDomain), func(x, y pages.Visit) int {
		return cmp.Or(x.DueAt.Compare(y.DueAt), cmp.Compare(x.Domain, y.Domain))
	})
	return due[:min(len(due), limit)], b.away
}

func (b *board) RescheduleFeeds(_ context.Context, entries []crawl.FeedEntry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range entries {
		old := b.feeds[e.Domain+" "+e.URL]
		if e.LastRead.IsZero() {
			e.LastRead, e.LastChanged, e.LastError, e.Items = old.LastRead, old.LastChanged, old.LastError, old.Items
		}
		e.Floor, e.Source = old.Floor, cmp.Or(old.Source, e.Source)
		b.feeds[e.Domain+" "+e.URL] = e
	}
	return b.away
}

func (b *board) FeedSchedules(_ context.Context, names []string) (out []crawl.FeedEntry, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.feeds {
		if slices.Contains(names, f.Domain) {
			out = append(out, f)
		}
	}
	return out, b.away
}

func (b *board) Reschedule(_ context.Context, entries []crawl.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range entries {
		old, ok := b.entries[e.Domain]
		if !ok {
			continue
		}
		if e.LastVisit.IsZero() {
			e.LastVisit, e.LastOutcome = old.LastVisit, old.LastOutcome
		}
		b.entries[e.Domain] = e
	}
	return b.away
}

func (b *board) Schedules(_ context.Context, names []string) (map[string]crawl.Entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[string]crawl.Entry{}
	for _, n := range names {
		if e, ok := b.entries[n]; ok {
			out[n] = e
		}
	}
	return out, b.away
}

func (b *board) WriteResults(_ context.Context, results []pages.Result) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.visits = append(b.visits, results...)
	return b.away
}

func (b *board) PublishVisit(_ context.Context, v pages.Visit) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, twice := b.stream[v.Domain]; twice {
		return fmt.Errorf("publish: %w", errOutstanding)
	}
	if len(b.stream) >= b.room {
		if b.onFull != nil {
			b.onFull()
		}
		return fmt.Errorf("publish: %w", errFull)
	}
	b.stream[v.Domain] = v
	b.sent = append(b.sent, v)
	return nil
}

func (b *board) Lead(context.Context) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.leads, nil
}
