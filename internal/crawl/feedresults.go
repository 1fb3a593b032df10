package crawl

import (
	"context"
	"fmt"
	"time"

	"telltale/internal/domains"
	"telltale/internal/pages"
)

// maxFeeds bounds an account's feeds on one domain, so that no site fills the schedule.
const maxFeeds = 20

// FeedEntry is one feed's place on the schedule; domain and address name it.
type FeedEntry struct {
	Domain, URL string
	// Watch is the name of the watch-list source; empty for an account's own feed.
	Watch string
	// Source says what its items are; empty where nobody said.
	Source pages.Kind
	// NextDue is when it is due, Interval what the adaptation works with (0 before the first read), Floor the least time
	// between two reads that a watch list asks for, Failures how many reads in a row gave no feed.
	NextDue         time.Time
	Interval, Floor time.Duration
	Failures        int
	// LastRead is when it was read last, LastChanged when it last showed a new item, LastError why its last read gave no
	// feed, Items how many it had. A zero LastRead leaves all of them as they are when written, as with a provisional
	// due time; a zero LastChanged, and no Items, leave these.
	LastRead, LastChanged time.Time
	LastError             string
	Items                 int
	// Removed marks a feed that is read no more. It is never written.
	Removed bool
}

type feedKey struct{ domain, url string }

// feedMoves collects what results do to feeds.
type feedMoves struct {
	w *Writer
	// listed are the domains on the schedule, current the feeds as they stand, own how many of them are a domain's own.
	listed  map[string]Entry
	current map[feedKey]FeedEntry
	own     map[string]int
	moved   map[feedKey]struct{}
	effects map[string]int
}

// moveFeeds moves the feeds that results speak of, and puts those on the schedule that were found.
func (w *Writer) moveFeeds(ctx context.Context, results []pages.Result, listed map[string]Entry) (map[string]int, error) {
	var speaking []pages.Result
	for i := range results {
		if len(results[i].Feeds) > 0 {
			speaking = append(speaking, results[i])
		}
	}
	if len(speaking) == 0 {
		return nil, nil
	}
	current, err := w.deps.Store.FeedSchedules(ctx, namesOf(speaking))
	if err != nil {
		return nil, fmt.Errorf("read the schedule of feeds: %w", err)
	}
	m := feedMoves{w, listed, make(map[feedKey]FeedEntry, len(current)), map[string]int{}, map[feedKey]struct{}{}, map[string]int{}}
	for _, e := range current {
		m.current[feedKey{e.Domain, e.URL}] = e
		if e.Watch == "" && !e.Removed {
			m.own[e.Domain]++
		}
	}
	for i := range speaking {
		for j := range speaking[i].Feeds {
			m.effects[m.take(&speaking[i], &speaking[i].Feeds[j])]++
		}
	}
	entries := make([]FeedEntry, 0, len(m.moved))
	for key := range m.moved {
		entries = append(entries, m.current[key])
	}
	if len(entries) > 0 {
		if err := w.deps.Store.RescheduleFeeds(ctx, entries); err != nil {
			return nil, fmt.Errorf("set when feeds are due: %w", err)
		}
	}
	return m.effects, nil
}

// take applies what a visit learnt of one feed and names the effect.
func (m *feedMoves) take(r *pages.Result, f *pages.FeedRead) string {
	key := feedKey{r.Domain, f.URL}
	entry, known := m.current[key]
	if known && entry.Removed && entry.Watch != "" && f.Watch == "" {
		known = false // it left its watch list; now the account's own site names it
	}
	switch {
	case known && entry.Removed, f.URL == "":
		return "unknown"
	case known && f.ReadAt.IsZero():
		return "known"
	case known:
		if !entry.LastRead.IsZero() && !milli(f.ReadAt).After(milli(entry.LastRead)) || r.FeedsOnly && late(r, entry.LastRead) {
			return "late"
		}
		m.put(key, m.w.nextFeed(entry, f))
		return "moved"
	}
	return m.takeNew(key, r, f)
}

// takeNew puts a feed on the schedule that a visit of an account's domain found.
func (m *feedMoves) takeNew(key feedKey, r *pages.Result, f *pages.FeedRead) string {
	if _, listed := m.listed[r.Domain]; !listed || f.Watch != "" {
		return "unknown"
	}
	if m.own[r.Domain] >= maxFeeds {
		return "over"
	}
	m.own[r.Domain]++
	entry := FeedEntry{Domain: r.Domain, URL: f.URL, Source: f.Source}
	if f.ReadAt.IsZero() {
		// Soon, but not all that a visit found together.
		entry.NextDue = r.FinishedAt.Add(time.Duration(float64(m.w.deps.Feeds.Shortest) * share(f.URL)))
		m.put(key, entry)
		return "found"
	}
	m.put(key, m.w.nextFeed(entry, f))
	return "found"
}

func (m *feedMoves) put(key feedKey, e FeedEntry) {
	m.current[key] = e
	m.moved[key] = struct{}{}
}

// nextFeed is a feed's entry after a read. What the schedule holds counts, not what the visit brought along: a full visit
// reads feeds that it was not given.
func (w *Writer) nextFeed(e FeedEntry, f *pages.FeedRead) FeedEntry {
	bounds := w.deps.Feeds
	if e.Watch != "" {
		bounds = w.deps.Watch
	}
	if e.Failures++; f.Error == "" {
		e.Failures = 0
	}
	o := domains.Outlook{
		Interval: e.Interval, Reached: f.Error == "", Changed: f.Changed, Failures: e.Failures, AskLater: max(f.AskLater, e.Floor),
	}
	e.NextDue = f.ReadAt.Add(spreadAbove(e.URL, bounds.Next(o), bounds.Asked(o)))
	e.Interval, e.LastRead, e.LastError = bounds.Adapt(o), f.ReadAt, f.Error
	if f.Changed {
		e.LastChanged = f.ReadAt
	}
	if f.Error == "" && f.Items > 0 {
		e.Items = f.Items
	}
	if e.Source == "" {
		e.Source = f.Source
	}
	return e
}
