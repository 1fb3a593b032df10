package crawl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	// WriteResults writes visits and their reads.
	WriteResults(ctx context.Context, results []pages.Result) error
}

// WriterDeps are what a Writer works with.
type WriterDeps struct {
	Store ResultStore
	// Schedule bounds the intervals; its zero value means domains.DefaultSchedule.
	Schedule domains.Schedule
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
	if deps.Schedule == (domains.Schedule{}) {
		deps.Schedule = domains.DefaultSchedule()
	}
	m, err := newResultMetrics(deps.Registry)
	if err != nil {
		return nil, fmt.Errorf("new writer: %w", err)
	}
	return &Writer{deps: deps, metrics: m}, nil
}

// Handle stores a batch of results. A result moves its domain's schedule only if its visit was due after
// the last visit that did had ended: a late or repeated one is stored and moves nothing. The schedule is
// moved first: a crash before the visits are stored repeats the storing alone.
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
	newest := newestByDomain(results)
	names := make([]string, 0, len(newest))
	for name := range newest {
		names = append(names, name)
	}
	entries, err := w.deps.Store.Schedules(ctx, names)
	if err != nil {
		return fmt.Errorf("read the schedule: %w", err)
	}
	moved := make([]Entry, 0, len(newest))
	effects := map[string]int{}
	for i := range results {
		r := &results[i]
		entry, known := entries[r.Domain]
		switch {
		case !known:
			effects["unknown"]++
		case newest[r.Domain] != r || !entry.LastVisit.IsZero() && !milli(r.DueAt).After(milli(entry.LastVisit)):
			effects["late"]++
		default:
			effects["moved"]++
			moved = append(moved, w.next(r))
		}
	}
	if len(moved) > 0 {
		if err := w.deps.Store.Reschedule(ctx, moved); err != nil {
			return fmt.Errorf("set the next due times: %w", err)
		}
	}
	if err := w.deps.Store.WriteResults(ctx, results); err != nil {
		return fmt.Errorf("save visits: %w", err)
	}
	for i := range results {
		w.metrics.lag.Observe(max(0, w.deps.Now().Sub(results[i].FinishedAt).Seconds()))
	}
	for effect, n := range effects {
		w.metrics.results.WithLabelValues(effect).Add(float64(n))
	}
	return nil
}

// newestByDomain picks for each domain the result that was due last; of one visit made twice, the first.
func newestByDomain(results []pages.Result) map[string]*pages.Result {
	newest := make(map[string]*pages.Result, len(results))
	for i := range results {
		r := &results[i]
		old := newest[r.Domain]
		if old == nil || r.DueAt.After(old.DueAt) || r.DueAt.Equal(old.DueAt) && r.FinishedAt.Before(old.FinishedAt) {
			newest[r.Domain] = r
		}
	}
	return newest
}

// milli drops what the store does not keep.
func milli(t time.Time) time.Time { return t.Truncate(time.Millisecond) }

// next is a domain's entry after a visit. Failures leave the interval as it was, so that a domain that
// comes back goes on where it left.
func (w *Writer) next(r *pages.Result) Entry {
	d := w.deps.Schedule.Next(domains.Outlook{
		Interval: r.Interval, Reached: r.Failures == 0, Changed: r.Published > 0, Failures: r.Failures,
	})
	interval := d
	if r.Failures > 0 {
		interval = r.Interval
	}
	return Entry{
		Domain: r.Domain, NextDue: r.FinishedAt.Add(Spread(r.Domain, d)), Interval: interval, Failures: r.Failures,
		LastVisit: r.FinishedAt, LastOutcome: r.Outcome,
	}
}
