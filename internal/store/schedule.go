package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"telltale/internal/domains"
	"telltale/internal/pages"
)

// Scheduled is one domain's row of the schedule.
type Scheduled struct {
	Domain   string
	Priority domains.Priority
	NextDue  time.Time
	// Interval is what the adaptation works with; 0 before the first visit.
	Interval time.Duration
	Failures int
	// LastVisit is the end of the last visit; zero before the first.
	LastVisit   time.Time
	LastOutcome pages.VisitOutcome
	// Address is where the domain was asked last; empty before.
	Address string
	// Removed marks a domain that no account owns any more.
	Removed bool
}

// Next is what a visit, or its publication, changes about a domain's schedule.
type Next struct {
	Domain   string
	DueAt    time.Time
	Interval time.Duration
	Failures int
	// LastVisit and LastOutcome are kept as they are where LastVisit is zero: a provisional due time.
	LastVisit   time.Time
	LastOutcome pages.VisitOutcome
	// Address is kept as it is where empty.
	Address string
}

// SetNextDue sets when domains are visited next. Domains that the schedule does not hold are left out.
func (s *Store) SetNextDue(ctx context.Context, changes []Next) error {
	if len(changes) == 0 {
		return nil
	}
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.Domain
	}
	current, err := s.scheduled(ctx, names)
	if err != nil {
		return err
	}
	var rows []scheduledRow
	for _, c := range changes {
		row, known := current[c.Domain]
		if !known {
			continue
		}
		row.NextDue, row.Interval, row.Failures = c.DueAt, c.Interval, c.Failures
		if !c.LastVisit.IsZero() {
			row.LastVisit, row.LastOutcome = c.LastVisit, c.LastOutcome
		}
		if c.Address != "" {
			row.Address = c.Address
		}
		rows = append(rows, row)
	}
	return s.writeSchedule(ctx, rows)
}

// Scheduled returns the schedule's rows of domains, by domain; of all domains where names is nil.
func (s *Store) Scheduled(ctx context.Context, names []string) (map[string]Scheduled, error) {
	rows, err := s.scheduled(ctx, names)
	if err != nil {
		return nil, err
	}
	found := make(map[string]Scheduled, len(rows))
	for name, row := range rows {
		found[name] = row.Scheduled
	}
	return found, nil
}

// scheduledRow is a row of the schedule with what it was when it was read.
type scheduledRow struct {
	Scheduled
	was former
}

// former is what a row of the schedule was when it was read: its entry, of version 0 where it is new, and whether the row
// was on the schedule, so that the entry stands.
type former struct {
	dueEntry
	stands bool
}

func (r *scheduledRow) entry(version uint64) dueEntry {
	return dueEntry{Priority: uint8(r.Priority), NextDue: r.NextDue, Domain: r.Domain, Version: version}
}

func (s *Store) scheduled(ctx context.Context, names []string) (map[string]scheduledRow, error) {
	var rows []struct {
		Domain      string     `ch:"domain"`
		Version     uint64     `ch:"version"`
		Priority    uint8      `ch:"priority"`
		NextDue     time.Time  `ch:"next_due"`
		Interval    uint32     `ch:"interval_s"`
		Failures    uint16     `ch:"failures"`
		LastVisit   *time.Time `ch:"last_visit"`
		LastOutcome string     `ch:"last_outcome"`
		Address     string     `ch:"address"`
		State       string     `ch:"state"`
	}
	if err := s.Select(ctx, &rows, text("scheduled"), ofDomains(names)); err != nil {
		return nil, fmt.Errorf("read the schedule: %w", err)
	}
	found := make(map[string]scheduledRow, len(rows))
	for _, r := range rows {
		row := scheduledRow{Scheduled: Scheduled{
			Domain: r.Domain, Priority: domains.Priority(r.Priority), NextDue: r.NextDue,
			Interval: time.Duration(r.Interval) * time.Second, Failures: int(r.Failures), LastVisit: orZero(r.LastVisit),
			LastOutcome: pages.VisitOutcome(r.LastOutcome), Address: r.Address, Removed: r.State == stateRemoved,
		}}
		row.was = former{row.entry(r.Version), !row.Removed}
		found[r.Domain] = row
	}
	return found, nil
}

// ofDomains are the parameters of a query that reads some domains, or all where names is nil.
func ofDomains(names []string) Params {
	if names == nil {
		return Params{"domains": []string{}, "all": true}
	}
	return Params{"domains": names, "all": false}
}

const (
	stateActive  = "active"
	stateRemoved = "removed"
)

func stateOf(removed bool) string {
	if removed {
		return stateRemoved
	}
	return stateActive
}

func (s *Store) writeSchedule(ctx context.Context, rows []scheduledRow) error {
	return replaceRows(ctx, s, "domain_rows", rows, func(r *scheduledRow) change { return change{r.was, r.entry(0), r.Removed} }, scheduleColumns)
}

func scheduleColumns(rows []scheduledRow, version uint64) []column {
	type R = scheduledRow
	return []column{
		project("domain", rows, func(r *R) string { return r.Domain }),
		project("version", rows, func(*R) uint64 { return version }),
		project("priority", rows, func(r *R) uint8 { return uint8(r.Priority) }),
		project("next_due", rows, func(r *R) time.Time { return r.NextDue }),
		project("interval_s", rows, func(r *R) uint32 { return seconds(r.Interval) }),
		project("failures", rows, func(r *R) uint16 { return uint16(min(count32(r.Failures), 1<<16-1)) }),
		project("last_visit", rows, func(r *R) *time.Time { return orNil(r.LastVisit) }),
		project("last_outcome", rows, func(r *R) string { return string(r.LastOutcome) }),
		project("address", rows, func(r *R) string { return r.Address }),
		project("state", rows, func(r *R) string { return stateOf(r.Removed) }),
	}
}

// seconds is a duration as the store keeps it.
func seconds(d time.Duration) uint32 { return count32(int(math.Round(d.Seconds()))) }

// orZero makes the zero time of a null.
func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// nextVersion grows with every call and from process to process, and is above newest, the versions that the change was
// made from: processes' clocks differ. It orders changes and is no time of the product's, so it reads the machine's
// clock, not the injected one, which a demo moves about.
func (s *Store) nextVersion(newest uint64) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = max(s.version+1, newest+1, uint64(max(time.Now().UnixNano(), 0)))
	return s.version
}
