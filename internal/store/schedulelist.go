package store

import (
	"context"
	"fmt"
	"time"
)

// ScheduleKind says what a place on the schedule is of.
type ScheduleKind string

// The kinds: a domain, a feed of an account's own, a source of a watch list.
const (
	KindDomain ScheduleKind = "domain"
	KindFeed   ScheduleKind = "feed"
	KindWatch  ScheduleKind = "watch"
)

// ScheduleFilter chooses places on the schedule; its zero value chooses all.
type ScheduleFilter struct {
	// Domains and URLs choose by domain or by the address of a feed; both empty means any.
	Domains, URLs []string
	// Kinds are the kinds wanted; empty means all.
	Kinds []ScheduleKind
	// DueBy chooses what is due by then; zero means whenever. Failing chooses what failed when it was last tried.
	DueBy   time.Time
	Failing bool
	// Limit bounds the places; 0 means that there is no limit.
	Limit int
}

// ScheduleEntry is a place on the schedule as ops see it.
type ScheduleEntry struct {
	Kind ScheduleKind
	// URL is the address of a feed; empty for a domain. Watch names the source of a watch list, Source what its items are.
	Domain, URL, Watch, Source string
	Priority                   uint8
	NextDue                    time.Time
	// Interval is what the adaptation works with, Floor the least time between two reads that a watch list asks for.
	Interval, Floor time.Duration
	Failures        int
	// Last is the last visit or read and Outcome how it ended, LastChanged the last read that showed a new item; zero before
	// the first. Items are those of a feed.
	Last, LastChanged time.Time
	Outcome           string
	Items             int
}

// ScheduleEntries lists places on the schedule, those due first.
func (s *Store) ScheduleEntries(ctx context.Context, f ScheduleFilter) ([]ScheduleEntry, error) {
	if len(f.Kinds) == 0 {
		f.Kinds = []ScheduleKind{KindDomain, KindFeed, KindWatch}
	}
	if f.DueBy.IsZero() {
		f.DueBy = endOfTime()
	}
	if f.Limit <= 0 {
		f.Limit = 1<<32 - 1
	}
	kinds := make([]string, len(f.Kinds))
	for i, k := range f.Kinds {
		kinds[i] = string(k)
	}
	var rows []struct {
		Kind        string     `ch:"kind"`
		Domain      string     `ch:"domain"`
		URL         string     `ch:"url"`
		Watch       string     `ch:"watch"`
		Source      string     `ch:"source"`
		Priority    uint8      `ch:"priority"`
		NextDue     time.Time  `ch:"next_due"`
		Interval    uint32     `ch:"interval_s"`
		Floor       uint32     `ch:"floor_s"`
		Failures    uint16     `ch:"failures"`
		Last        *time.Time `ch:"last"`
		LastChanged *time.Time `ch:"last_changed"`
		Outcome     string     `ch:"outcome"`
		Items       uint32     `ch:"items"`
	}
	err := s.Select(ctx, &rows, text("schedule_list"), Params{
		"kinds": kinds, "all": len(f.Domains)+len(f.URLs) == 0, "domains": some(f.Domains), "urls": some(f.URLs),
		"now": f.DueBy.UTC(), "failing": f.Failing, "limit": count32(f.Limit),
	})
	if err != nil {
		return nil, fmt.Errorf("list the schedule: %w", err)
	}
	entries := make([]ScheduleEntry, len(rows))
	for i, r := range rows {
		entries[i] = ScheduleEntry{
			Kind: ScheduleKind(r.Kind), Domain: r.Domain, URL: r.URL, Watch: r.Watch, Source: r.Source, Priority: r.Priority, NextDue: r.NextDue,
			Interval: time.Duration(r.Interval) * time.Second, Floor: time.Duration(r.Floor) * time.Second, Failures: int(r.Failures),
			Last: orZero(r.Last), LastChanged: orZero(r.LastChanged), Outcome: r.Outcome, Items: int(r.Items),
		}
	}
	return entries, nil
}

// some makes a missing list an empty one, as a parameter must be.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
