package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"telltale/internal/domains"
	"telltale/internal/pages"
)

// maxKnown bounds the addresses of one domain that travel in a visit, the latest read first.
const maxKnown = 500

// Due returns the visits that are due at now, the most urgent first, at most limit, each with what is
// known of its domain's pages. It changes nothing: SetNextDue does, when the visits are published.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]pages.Visit, error) {
	var due []struct {
		Domain   string    `ch:"domain"`
		DueAt    time.Time `ch:"next_due"`
		Interval uint32    `ch:"interval_s"`
		Failures uint16    `ch:"failures"`
	}
	if err := s.Select(ctx, &due, text("due"), Params{"now": now.UTC(), "limit": count32(limit)}); err != nil {
		return nil, fmt.Errorf("read the due visits: %w", err)
	}
	names := make([]string, len(due))
	for i, d := range due {
		names[i] = d.Domain
	}
	known, err := s.Known(ctx, names)
	if err != nil {
		return nil, err
	}
	visits := make([]pages.Visit, len(due))
	for i, d := range due {
		visits[i] = pages.Visit{
			ID: pages.VisitID(d.Domain, d.DueAt), Domain: d.Domain, DueAt: d.DueAt,
			Interval: time.Duration(d.Interval) * time.Second, Failures: int(d.Failures), Known: known[d.Domain],
		}
	}
	return visits, nil
}

// Known returns, by domain, the validators and content hashes of the pages last extracted.
func (s *Store) Known(ctx context.Context, names []string) (map[string][]pages.Known, error) {
	known := map[string][]pages.Known{}
	if len(names) == 0 {
		return known, nil
	}
	var rows []struct {
		Domain       string `ch:"domain"`
		URL          string `ch:"url"`
		ETag         string `ch:"etag"`
		LastModified string `ch:"last_modified"`
		ContentHash  string `ch:"content_hash"`
		Kind         string `ch:"kind"`
	}
	if err := s.Select(ctx, &rows, text("known"), Params{"domains": names, "limit": uint32(maxKnown)}); err != nil {
		return nil, fmt.Errorf("read what is known of domains: %w", err)
	}
	for _, r := range rows {
		known[r.Domain] = append(known[r.Domain], pages.Known{
			URL: r.URL, ETag: r.ETag, LastModified: r.LastModified, ContentHash: r.ContentHash, Kind: pages.Kind(r.Kind),
		})
	}
	return known, nil
}

// Scheduled is one domain's row of the schedule.
type Scheduled struct {
	Domain   string
	Priority domains.Priority
	NextDue  time.Time
	// Interval lies between the last two due times; 0 before the first visit.
	Interval time.Duration
	Failures int
	// LastVisit is the end of the last visit; zero before the first.
	LastVisit   time.Time
	LastOutcome pages.VisitOutcome
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
}

// SetNextDue sets when domains are visited next. Domains that the schedule does not hold are left out.
func (s *Store) SetNextDue(ctx context.Context, changes []Next) error {
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.Domain
	}
	current, err := s.Scheduled(ctx, names)
	if err != nil {
		return err
	}
	var rows []Scheduled
	for _, c := range changes {
		row, known := current[c.Domain]
		if !known {
			continue
		}
		row.NextDue, row.Interval, row.Failures = c.DueAt, c.Interval, c.Failures
		if !c.LastVisit.IsZero() {
			row.LastVisit, row.LastOutcome = c.LastVisit, c.LastOutcome
		}
		rows = append(rows, row)
	}
	return s.writeSchedule(ctx, rows)
}

// Scheduled returns the schedule's rows of domains, by domain; of all domains where names is nil.
func (s *Store) Scheduled(ctx context.Context, names []string) (map[string]Scheduled, error) {
	var rows []struct {
		Domain      string     `ch:"domain"`
		Priority    uint8      `ch:"priority"`
		NextDue     time.Time  `ch:"next_due"`
		Interval    uint32     `ch:"interval_s"`
		Failures    uint16     `ch:"failures"`
		LastVisit   *time.Time `ch:"last_visit"`
		LastOutcome string     `ch:"last_outcome"`
		State       string     `ch:"state"`
	}
	params := Params{"domains": names, "all": names == nil}
	if names == nil {
		params["domains"] = []string{}
	}
	if err := s.Select(ctx, &rows, text("scheduled"), params); err != nil {
		return nil, fmt.Errorf("read the schedule: %w", err)
	}
	found := make(map[string]Scheduled, len(rows))
	for _, r := range rows {
		row := Scheduled{
			Domain: r.Domain, Priority: domains.Priority(r.Priority), NextDue: r.NextDue,
			Interval: time.Duration(r.Interval) * time.Second, Failures: int(r.Failures),
			LastOutcome: pages.VisitOutcome(r.LastOutcome), Removed: r.State == stateRemoved,
		}
		if r.LastVisit != nil {
			row.LastVisit = *r.LastVisit
		}
		found[r.Domain] = row
	}
	return found, nil
}

const (
	stateActive  = "active"
	stateRemoved = "removed"
)

func (s *Store) writeSchedule(ctx context.Context, rows []Scheduled) error {
	version := s.nextVersion()
	columns := func(rows []Scheduled) []column {
		type R = Scheduled
		return []column{
			project("domain", rows, func(r *R) string { return r.Domain }),
			project("version", rows, func(*R) uint64 { return version }),
			project("priority", rows, func(r *R) uint8 { return uint8(r.Priority) }),
			project("next_due", rows, func(r *R) time.Time { return r.NextDue }),
			project("interval_s", rows, func(r *R) uint32 { return count32(int(math.Round(r.Interval.Seconds()))) }),
			project("failures", rows, func(r *R) uint16 { return uint16(min(count32(r.Failures), 1<<16-1)) }),
			project("last_visit", rows, func(r *R) *time.Time { return orNil(r.LastVisit) }),
			project("last_outcome", rows, func(r *R) string { return string(r.LastOutcome) }),
			project("state", rows, func(r *R) string {
				if r.Removed {
					return stateRemoved
				}
				return stateActive
			}),
		}
	}
	return insertParted(ctx, s, "domain_rows", rows, func(*Scheduled) int { return 0 }, columns)
}

// nextVersion grows with every call and from process to process. It orders changes and is no time of the
// product's, so it reads the machine's clock, not the injected one, which a demo moves about.
func (s *Store) nextVersion() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = max(s.version+1, uint64(max(time.Now().UnixNano(), 0)))
	return s.version
}
