package store

import (
	"context"
	"time"

	"telltale/internal/domains"
	"telltale/internal/pages"
)

// WatchSource is one source of a watch list.
type WatchSource struct {
	// Name is unique in the list; Domain is the registrable domain of URL, which is canonical.
	Name, Domain, URL string
	// Source says what its items are: blog, press, forum or social; empty where nobody said.
	Source pages.Kind
	// Floor is the least time between two reads; 0 where the list does not say.
	Floor time.Duration
}

// watchPriority is that of watch-list sources: beside the Medium segment.
const watchPriority = domains.PriorityMedium

// ImportWatch makes the sources of a watch list those that are watched: new ones are due at known, those that differ take
// what the list says, those that left it are removed and keep their history. Written counts all of these.
func (s *Store) ImportWatch(ctx context.Context, sources []WatchSource, known time.Time) (Imported, error) {
	done := Imported{Rows: len(sources)}
	names := make([]string, len(sources))
	for i, w := range sources {
		names[i] = w.Domain
	}
	current, err := s.feedsByKey(ctx, names)
	if err != nil {
		return done, err
	}
	watched, err := s.feeds(ctx, "watched", nil)
	if err != nil {
		return done, err
	}
	var rows []feedRow
	listed := make(map[feedKey]bool, len(sources))
	for i := range sources {
		key := feedKey{sources[i].Domain, sources[i].URL}
		listed[key] = true
		row, has := current[key]
		if !has || row.Removed {
			row.NextDue = known
		}
		if row.watchedAs(&sources[i], has) {
			rows = append(rows, row)
		}
	}
	for _, row := range watched {
		if !row.Removed && !listed[feedKey{row.Domain, row.URL}] {
			row.Removed = true
			rows = append(rows, row)
		}
	}
	if err := s.writeFeeds(ctx, rows); err != nil {
		return done, err
	}
	done.Written = len(rows)
	return done, nil
}

// watchedAs has a row say what a watch list does of its source, and reports whether that is news.
func (r *feedRow) watchedAs(w *WatchSource, has bool) bool {
	if has && !r.Removed && r.Watch == w.Name && r.Source == w.Source && r.Floor == w.Floor {
		return false
	}
	r.Domain, r.URL, r.Watch, r.Source, r.Floor = w.Domain, w.URL, w.Name, w.Source, w.Floor
	r.Priority, r.Removed = watchPriority, false
	return true
}
