package crawl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/work"
)

// ResultStore is where visits and the schedule are written down. Every method is idempotent.
type ResultStore interface {
	// Schedules returns the entries of those domains that are on the schedule.
	Schedules(ctx context.Context, names []string) (map[string]Entry, error)
	// Reschedule writes entries; domains that are not on the schedule are left out.
	Reschedule(ctx context.Context, entries []Entry) error
	// FeedSchedules returns the entries of all feeds of those domains.
	FeedSchedules(ctx context.Context, names []string) ([]FeedEntry, error)
	// RescheduleFeeds writes entries of feeds; new ones are put on the schedule where their domain is.
	RescheduleFeeds(ctx context.Context, entries []FeedEntry) error
	// WriteResults writes visits and their reads.
	WriteResults(ctx context.Context, results []pages.Result) error
}

// WriterDeps are what a Writer works with.
type WriterDeps struct {
	Store ResultStore
	// Schedule bounds the intervals of domains, Feeds those of accounts' feeds, Watch those of watch-list sources; a zero
	// value means domains.DefaultSchedule, FeedSchedule and WatchSchedule.
	Schedule, Feeds, Watch domains.Schedule
	// MaxDelay is the longest crawl-delay that is kept within a visit: a domain that asks for more is visited as much more
	// rarely. 0 means that there is no limit.
	MaxDelay time.Duration
	Log      *slog.Logger
	// Now is the clock by which the lag of results is measured.
	Now      func() time.Time
	Registry prometheus.Registerer
}

// Writer stores visit results and sets the next due times.
type Writer struct {
	deps    WriterDeps
	metrics *resultMetrics
}

// NewWriter returns a writer; it registers its metrics and does nothing else.
func NewWriter(deps WriterDeps) (*Writer, error) {
	if deps.Store == nil {
		return nil, errors.New("new writer: a store is required")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	none := domains.Schedule{}
	if deps.Schedule == none {
		deps.Schedule = domains.DefaultSchedule()
	}
	if deps.Feeds == none {
		deps.Feeds = domains.FeedSchedule()
	}
	if deps.Watch == none {
		deps.Watch = domains.WatchSchedule()
	}
	m, err := newResultMetrics(deps.Registry)
	if err != nil {
		return nil, fmt.Errorf("new writer: %w", err)
	}
	return &Writer{deps: deps, metrics: m}, nil
}

// Handle stores a batch of results. A result moves its domain's schedule only if its visit was due after
// the last visit that did had ended: a late or repeated one is stored and moves nothing. The schedule is
// moved first: a crash before the visits are stored repeats the storing alone. A visit of feeds only moves no domain.
func (w *Writer) Handle(ctx context.Context, batch []work.Delivery[pages.Result]) []work.Outcome {
	out := make([]work.Outcome, len(batch))
	results := make([]pages.Result, 0, len(batch))
	for i := range batch {
		if r := &batch[i].Value; r.Domain == "" || r.VisitID == "" || r.DueAt.IsZero() || r.FinishedAt.IsZero() {
			out[i] = work.Drop("visit result without domain, id or times")
			continue
		}
		results = append(results, batch[i].Value)
	}
	err := w.write(ctx, results)
	if err != nil {
		w.metrics.retries.Add(float64(len(results)))
		w.deps.Log.Warn("visit results come again", "results", len(results), "error", err)
	}
	for i := range out {
		switch {
		case out[i].Verdict == work.VerdictDrop:
		case err != nil:
			out[i] = work.Retry(err, 0)
		default:
			out[i] = work.Done()
		}
	}
	return out
}

func (w *Writer) write(ctx context.Context, results []pages.Result) error {
	if len(results) == 0 {
		return nil
	}
	names := namesOf(results)
	entries, err := w.deps.Store.Schedules(ctx, names)
	if err != nil {
		return fmt.Errorf("read the schedule: %w", err)
	}
	moved, effects := w.moveDomains(results, entries)
	if len(moved) > 0 {
		if err := w.deps.Store.Reschedule(ctx, moved); err != nil {
			return fmt.Errorf("set the next due times: %w", err)
		}
	}
	feedEffects, err := w.moveFeeds(ctx, results, entries)
	if err != nil {
		return err
	}
	if err := w.deps.Store.WriteResults(ctx, results); err != nil {
		return fmt.Errorf("save visits: %w", err)
	}
	for i := range results {
		w.metrics.lag.Observe(max(0, w.deps.Now().Sub(results[i].FinishedAt).Seconds()))
	}
	add(w.metrics.results, effects)
	add(w.metrics.feeds, feedEffects)
	return nil
}

// namesOf lists the domains of results, each once.
func namesOf(results []pages.Result) []string {
	seen := make(map[string]struct{}, len(results))
	for i := range results {
		seen[results[i].Domain] = struct{}{}
	}
	return slices.Sorted(maps.Keys(seen))
}

func add(to *prometheus.CounterVec, effects map[string]int) {
	for effect, n := range effects {
		to.WithLabelValues(effect).Add(float64(n))
	}
}

// moveDomains returns the new entries of domains, and how many results did what.
func (w *Writer) moveDomains(results []pages.Result, entries map[string]Entry) (moved []Entry, effects map[string]int) {
	newest := newestByDomain(results)
	effects = map[string]int{}
	for i := range results {
		r := &results[i]
		entry, known := entries[r.Domain]
		switch {
		case r.FeedsOnly:
			effects["feeds"]++
		case !known:
			effects["unknown"]++
		case newest[r.Domain] != r || late(r, entry.LastVisit):
			effects["late"]++
		default:
			effects["moved"]++
			moved = append(moved, w.next(r))
		}
	}
	return moved, effects
}

// late reports that a visit was not due after the last one that moved the schedule had ended.
func late(r *pages.Result, last time.Time) bool {
	return !last.IsZero() && !milli(r.DueAt).After(milli(last))
}

// newestByDomain picks for each domain the result that was due last; of one visit made twice, the first.
func newestByDomain(results []pages.Result) map[string]*pages.Result {
	newest := make(map[string]*pages.Result, len(results))
	for i := range results {
		r := &results[i]
		if r.FeedsOnly {
			continue
		}
		old := newest[r.Domain]
		if old == nil || r.DueAt.After(old.DueAt) || r.DueAt.Equal(old.DueAt) && r.FinishedAt.Before(old.FinishedAt) {
			newest[r.Domain] = r
		}
	}
	return newest
}

// milli drops what the store does not keep.
func milli(t time.Time) time.Time { return t.Truncate(time.Millisecond) }

// next is a domain's entry after a visit.
func (w *Writer) next(r *pages.Result) Entry {
	o := domains.Outlook{
		Interval: r.Interval, Reached: r.Failures == 0, Changed: r.Published > 0, Failures: r.Failures,
		CrawlDelay: r.CrawlDelay, DelayLimit: w.deps.MaxDelay,
	}
	return Entry{
		Domain: r.Domain, NextDue: r.FinishedAt.Add(Spread(r.Domain, w.deps.Schedule.Next(o))), Interval: w.deps.Schedule.Adapt(o), Failures: r.Failures,
		LastVisit: r.FinishedAt, LastOutcome: r.Outcome, Address: r.Address,
	}
}
