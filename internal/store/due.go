package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"telltale/internal/pages"
)

const (
	// staleAfter is how long an entry may stand without its row before a poll takes it for stale: whoever wrote it has
	// written the row by then, or died.
	staleAfter = 10 * time.Minute
	// repairEvery is how often a store that polls looks for rows without an entry.
	repairEvery = time.Hour
	// maxDueFeeds bounds the feeds that one visit carries, those due longest first.
	maxDueFeeds = 100
)

// dueEntry leads a poll to a row of the schedule; URL is empty for a domain's row.
type dueEntry struct {
	Priority uint8     `ch:"priority"`
	NextDue  time.Time `ch:"next_due"`
	Domain   string    `ch:"domain"`
	URL      string    `ch:"url"`
	Version  uint64    `ch:"version"`
}

// Due returns the visits that are due at now, the most urgent first, at most limit, each with what is known of its
// domain's pages. Feeds that are due travel with their domain's visit, or in one of their own where the domain is not
// due. It moves nothing: SetNextDue and SetFeeds do, when the visits are published.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]pages.Visit, error) {
	if err := s.repairDue(ctx, now); err != nil {
		return nil, err
	}
	visits, err := s.dueVisits(ctx, now, limit)
	if err != nil {
		return nil, fmt.Errorf("read the due visits: %w", err)
	}
	names := make([]string, len(visits))
	for i := range visits {
		names[i] = visits[i].Domain
	}
	known, err := s.Known(ctx, names)
	if err != nil {
		return nil, err
	}
	for i := range visits {
		visits[i].Known = known[visits[i].Domain]
	}
	return visits, nil
}

// dueVisits reads due entries until limit of them lead to visits or there are no more. Stale entries are cancelled;
// those too young to tell are passed over.
func (s *Store) dueVisits(ctx context.Context, now time.Time, limit int) ([]pages.Visit, error) {
	for passed := 0; ; {
		var entries []dueEntry
		want := limit + passed
		if err := s.Select(ctx, &entries, text("due"), Params{"now": now.UTC(), "limit": count32(want)}); err != nil {
			return nil, err
		}
		held, err := s.heldOf(ctx, entries)
		if err != nil {
			return nil, err
		}
		visits, young, old := held.visits(entries, now, uint64(max(time.Now().Add(-staleAfter).UnixNano(), 0)))
		if err := s.writeEntries(ctx, old, -1); err != nil {
			return nil, err
		}
		if len(entries) < want || len(old) == 0 && young <= passed {
			return visits[:min(len(visits), limit)], nil
		}
		passed = young
	}
}

// held are the rows of the schedule that entries lead to.
type held struct {
	domains map[string]scheduledRow
	feeds   map[string][]feedRow
}

func (s *Store) heldOf(ctx context.Context, entries []dueEntry) (h held, err error) {
	if len(entries) == 0 {
		return h, nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Domain
	}
	if h.domains, err = s.scheduled(ctx, names); err != nil {
		return h, err
	}
	feeds, err := s.feeds(ctx, "feeds", ofDomains(names))
	h.feeds = make(map[string][]feedRow, len(names))
	for _, f := range feeds {
		h.feeds[f.Domain] = append(h.feeds[f.Domain], f)
	}
	return h, err
}

// visits makes the visits that entries lead to, in their order, and finds the entries that lead nowhere: old ones are
// of a version before the given one, the younger are counted.
func (h held) visits(entries []dueEntry, now time.Time, before uint64) (visits []pages.Visit, young int, old []dueEntry) {
	for _, e := range entries {
		v, due := h.visit(e.Domain, now)
		if due {
			visits = append(visits, v)
		}
		switch {
		case h.agrees(e):
		case e.Version < before:
			old = append(old, e)
		case !due:
			young++
		}
	}
	return visits, young, old
}

// agrees reports whether an entry says what its row says.
func (h held) agrees(e dueEntry) bool {
	if e.URL == "" {
		row, ok := h.domains[e.Domain]
		return ok && !row.Removed && uint8(row.Priority) == e.Priority && row.NextDue.Equal(e.NextDue)
	}
	return slices.ContainsFunc(h.feeds[e.Domain], func(f feedRow) bool {
		return f.URL == e.URL && !f.Removed && uint8(f.Priority) == e.Priority && f.NextDue.Equal(e.NextDue)
	})
}

// visit is the visit of a domain that is due itself or whose feeds are.
func (h held) visit(domain string, now time.Time) (pages.Visit, bool) {
	row, listed := h.domains[domain]
	v := pages.Visit{Domain: domain, Address: row.Address, FeedsOnly: !listed || row.Removed || row.NextDue.After(now)}
	for _, f := range h.feeds[domain] { // those due first come first
		if !f.Removed && !f.NextDue.After(now) && len(v.Feeds) < maxDueFeeds {
			v.Feeds = append(v.Feeds, pages.Feed{
				URL: f.URL, Watch: f.Watch, Source: f.Source, DueAt: f.NextDue, Interval: f.Interval, Failures: f.Failures,
			})
		}
	}
	if !v.FeedsOnly {
		v.DueAt, v.Interval, v.Failures = row.NextDue, row.Interval, row.Failures
		v.ID = pages.VisitID(domain, v.DueAt)
		return v, true
	}
	if len(v.Feeds) == 0 {
		return v, false
	}
	v.DueAt = v.Feeds[0].DueAt
	v.ID = pages.FeedVisitID(domain, v.DueAt)
	return v, true
}

// repairDue makes up for entries that are missing among what is due until the next repair and one more; it does so on
// the first call and then once in a while.
func (s *Store) repairDue(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	due := time.Since(s.repaired) >= repairEvery
	s.mu.Unlock()
	if !due {
		return nil
	}
	if err := s.Exec(ctx, text("due_repair"), Params{"until": now.Add(2 * repairEvery).UTC(), "version": s.nextVersion(0)}); err != nil {
		return fmt.Errorf("look for rows of the schedule without an entry: %w", err)
	}
	s.mu.Lock()
	s.repaired = time.Now()
	s.mu.Unlock()
	return nil
}

// change is what a row of the schedule was, and the entry it has now unless it is removed.
type change struct {
	was     former
	now     dueEntry
	removed bool
}

// replaceRows writes rows of the schedule among their entries: the new entries, the rows, and only then the cancellation
// of the entries that the rows had before, so that whatever is cut off leaves an entry too many.
func replaceRows[R any](ctx context.Context, s *Store, table string, rows []R, of func(*R) change, columns func([]R, uint64) []column) error {
	if len(rows) == 0 {
		return nil
	}
	changes := make([]change, len(rows))
	var newest uint64
	for i := range rows {
		changes[i] = of(&rows[i])
		newest = max(newest, changes[i].was.Version)
	}
	version := s.nextVersion(newest)
	var before, after []dueEntry
	for _, c := range changes {
		if c.was.stands {
			before = append(before, c.was.dueEntry)
		}
		if !c.removed {
			c.now.Version = version
			after = append(after, c.now)
		}
	}
	if err := s.writeEntries(ctx, after, 1); err != nil {
		return err
	}
	err := insertParted(ctx, s, table, rows, func(*R) int { return 0 }, func(rows []R) []column { return columns(rows, version) })
	if err != nil {
		return err
	}
	return s.writeEntries(ctx, before, -1)
}

func (s *Store) writeEntries(ctx context.Context, entries []dueEntry, sign int8) error {
	return insertParted(ctx, s, "due_rows", entries, func(*dueEntry) int { return 0 }, func(rows []dueEntry) []column {
		type R = dueEntry
		return []column{
			project("priority", rows, func(r *R) uint8 { return r.Priority }),
			project("next_due", rows, func(r *R) time.Time { return r.NextDue }),
			project("domain", rows, func(r *R) string { return r.Domain }),
			project("url", rows, func(r *R) string { return r.URL }),
			project("version", rows, func(r *R) uint64 { return r.Version }),
			project("sign", rows, func(*R) int8 { return sign }),
		}
	})
}
