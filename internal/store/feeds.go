package store

import (
	"context"
	"fmt"
	"time"

	"telltale/internal/domains"
	"telltale/internal/pages"
)

// Feed is one feed's row of the schedule; domain and address are its key.
type Feed struct {
	Domain, URL string
	// Watch is the name of the watch-list source; empty for an account's own feed.
	Watch string
	// Source says what its items are: blog, press, forum or social; empty where nobody said.
	Source   pages.Kind
	Priority domains.Priority
	NextDue  time.Time
	// Interval is what the adaptation works with, 0 before the first read; Floor the least time between two reads, as
	// the watch list says.
	Interval, Floor time.Duration
	Failures        int
	// LastRead and LastChanged are zero before the first; LastError is the reason of a last read that gave no feed.
	LastRead, LastChanged time.Time
	LastError             string
	Items                 int
	// Removed marks a source that left its watch list, or a feed whose domain no account owns any more.
	Removed bool
}

// Feeds returns the feeds of domains, of all domains where names is nil, those due first.
func (s *Store) Feeds(ctx context.Context, names []string) ([]Feed, error) {
	rows, err := s.feeds(ctx, "feeds", ofDomains(names))
	if err != nil {
		return nil, err
	}
	feeds := make([]Feed, len(rows))
	for i, r := range rows {
		feeds[i] = r.Feed
	}
	return feeds, nil
}

// SetFeeds sets when feeds are read next. LastRead, LastChanged, LastError and Items stay as they are where LastRead is
// zero, LastChanged and Items also where they are zero themselves. A feed that is new is put on the
// schedule where an account owns its domain; Priority, Floor and Removed are never changed. Sources that no watch list
// names are left out.
func (s *Store) SetFeeds(ctx context.Context, changes []Feed) error {
	if len(changes) == 0 {
		return nil
	}
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.Domain
	}
	owned, err := s.scheduled(ctx, names)
	if err != nil {
		return err
	}
	current, err := s.feedsByKey(ctx, names)
	if err != nil {
		return err
	}
	var rows []feedRow
	for _, c := range changes {
		row, known := current[feedKey{c.Domain, c.URL}]
		domain, listed := owned[c.Domain]
		switch {
		case known && !row.Removed:
		case c.Watch == "" && listed && !domain.Removed: // new, or an account's again that a watch list named
			row.Domain, row.URL, row.Watch, row.Priority, row.Removed = c.Domain, c.URL, "", domain.Priority, false
		case !known:
			continue
		}
		row.take(c)
		rows = append(rows, row)
	}
	return s.writeFeeds(ctx, rows)
}

// feedRow is a feed's row with what it was when it was read.
type feedRow struct {
	Feed
	was former
}

func (r *feedRow) entry(version uint64) dueEntry {
	return dueEntry{Priority: uint8(r.Priority), NextDue: r.NextDue, Domain: r.Domain, URL: r.URL, Version: version}
}

// take changes what SetFeeds may change.
func (r *feedRow) take(c Feed) {
	r.NextDue, r.Interval, r.Failures = c.NextDue, c.Interval, c.Failures
	if r.Source == "" {
		r.Source = c.Source
	}
	if c.LastRead.IsZero() {
		return
	}
	r.LastRead, r.LastError = c.LastRead, c.LastError
	if !c.LastChanged.IsZero() {
		r.LastChanged = c.LastChanged
	}
	if c.Items > 0 {
		r.Items = c.Items
	}
}

type feedKey struct{ domain, url string }

func (s *Store) feedsByKey(ctx context.Context, names []string) (map[feedKey]feedRow, error) {
	rows, err := s.feeds(ctx, "feeds", ofDomains(names))
	if err != nil {
		return nil, err
	}
	found := make(map[feedKey]feedRow, len(rows))
	for _, r := range rows {
		found[feedKey{r.Domain, r.URL}] = r
	}
	return found, nil
}

// feeds reads feeds by a query of sql/: feeds or watched.
func (s *Store) feeds(ctx context.Context, query string, params Params) ([]feedRow, error) {
	var rows []struct {
		Domain      string     `ch:"domain"`
		URL         string     `ch:"url"`
		Version     uint64     `ch:"version"`
		Watch       string     `ch:"watch"`
		Source      string     `ch:"source"`
		Priority    uint8      `ch:"priority"`
		NextDue     time.Time  `ch:"next_due"`
		Interval    uint32     `ch:"interval_s"`
		Floor       uint32     `ch:"floor_s"`
		Failures    uint16     `ch:"failures"`
		LastRead    *time.Time `ch:"last_read"`
		LastChanged *time.Time `ch:"last_changed"`
		LastError   string     `ch:"last_error"`
		Items       uint32     `ch:"items"`
		State       string     `ch:"state"`
	}
	if err := s.Select(ctx, &rows, text(query), params); err != nil {
		return nil, fmt.Errorf("read the schedule of feeds: %w", err)
	}
	found := make([]feedRow, len(rows))
	for i, r := range rows {
		row := feedRow{Feed: Feed{
			Domain: r.Domain, URL: r.URL, Watch: r.Watch, Source: pages.Kind(r.Source), Priority: domains.Priority(r.Priority), NextDue: r.NextDue,
			Interval: time.Duration(r.Interval) * time.Second, Floor: time.Duration(r.Floor) * time.Second, Failures: int(r.Failures),
			LastRead: orZero(r.LastRead), LastChanged: orZero(r.LastChanged), LastError: r.LastError, Items: int(r.Items), Removed: r.State == stateRemoved,
		}}
		row.was = former{row.entry(r.Version), !row.Removed}
		found[i] = row
	}
	return found, nil
}

// followDomains gives the feeds of accounts the priority and state that their domains get.
func (s *Store) followDomains(ctx context.Context, domains []scheduledRow) error {
	if len(domains) == 0 {
		return nil
	}
	names, want := make([]string, len(domains)), make(map[string]Scheduled, len(domains))
	for i, d := range domains {
		names[i], want[d.Domain] = d.Domain, d.Scheduled
	}
	feeds, err := s.feeds(ctx, "feeds", ofDomains(names))
	if err != nil {
		return err
	}
	var rows []feedRow
	for _, f := range feeds {
		if d := want[f.Domain]; f.Watch == "" && (f.Removed != d.Removed || f.Priority != d.Priority) {
			f.Removed, f.Priority = d.Removed, d.Priority
			rows = append(rows, f)
		}
	}
	return s.writeFeeds(ctx, rows)
}

func (s *Store) writeFeeds(ctx context.Context, rows []feedRow) error {
	return replaceRows(ctx, s, "feed_rows", rows, func(r *feedRow) change { return change{r.was, r.entry(0), r.Removed} }, feedColumns)
}

func feedColumns(rows []feedRow, version uint64) []column {
	type R = feedRow
	return []column{
		project("domain", rows, func(r *R) string { return r.Domain }),
		project("url", rows, func(r *R) string { return r.URL }),
		project("version", rows, func(*R) uint64 { return version }),
		project("watch", rows, func(r *R) string { return r.Watch }),
		project("source", rows, func(r *R) string { return string(r.Source) }),
		project("priority", rows, func(r *R) uint8 { return uint8(r.Priority) }),
		project("next_due", rows, func(r *R) time.Time { return r.NextDue }),
		project("interval_s", rows, func(r *R) uint32 { return seconds(r.Interval) }),
		project("floor_s", rows, func(r *R) uint32 { return seconds(r.Floor) }),
		project("failures", rows, func(r *R) uint16 { return uint16(min(count32(r.Failures), 1<<16-1)) }),
		project("last_read", rows, func(r *R) *time.Time { return orNil(r.LastRead) }),
		project("last_changed", rows, func(r *R) *time.Time { return orNil(r.LastChanged) }),
		project("last_error", rows, func(r *R) string { return r.LastError }),
		project("items", rows, func(r *R) uint32 { return count32(r.Items) }),
		project("state", rows, func(r *R) string { return stateOf(r.Removed) }),
	}
}
