package crawl

import (
	"context"
	"errors"
	"fmt"
	"time"

	"telltale/internal/pages"
)

// batchOutcome says how many visits were read, whether the stream was full, how late the latest domain and feed were.
type batchOutcome struct {
	read         int
	full         bool
	lag, feedLag time.Duration
}

// batch publishes one batch; done, where given, collects the domains and keeps them from a second visit.
func (s *Scheduler) batch(ctx context.Context, now time.Time, done map[string]struct{}) (batchOutcome, error) {
	due, err := s.deps.Store.Due(ctx, now, s.config.Batch)
	if err != nil {
		return batchOutcome{}, fmt.Errorf("read what is due: %w", err)
	}
	out := batchOutcome{read: len(due)}
	var moved moves
	var failed error
	for i := range due {
		v := &due[i]
		out.late(v, now)
		if _, twice := done[v.Domain]; twice {
			continue
		}
		var outstanding bool
		if outstanding, failed = s.publish(ctx, v); failed != nil {
			break
		}
		if done != nil {
			done[v.Domain] = struct{}{}
		}
		moved.add(v, now, s.config, outstanding)
	}
	if out.full = errors.Is(failed, s.deps.Full); out.full {
		s.metrics.full.Inc()
		failed = nil
	}
	// Visits that were published are set down as such whatever happened to the others.
	if err := moved.write(ctx, s.deps.Store); err != nil {
		return out, errors.Join(failed, fmt.Errorf("set provisional due times: %w", err))
	}
	return out, failed
}

// publish puts a visit on the stream; it reports whether the domain has one outstanding already.
func (s *Scheduler) publish(ctx context.Context, v *pages.Visit) (outstanding bool, err error) {
	v.ID = pages.VisitID(v.Domain, v.DueAt)
	if v.FeedsOnly {
		v.ID = pages.FeedVisitID(v.Domain, v.DueAt)
	}
	err = s.deps.Visits.PublishVisit(ctx, *v)
	switch {
	case err == nil:
		s.metrics.published.Inc()
		s.metrics.feeds.Add(float64(len(v.Feeds)))
	case errors.Is(err, s.deps.Outstanding):
		s.metrics.outstanding.Inc()
		return true, nil
	default:
		err = fmt.Errorf("publish visit of %s: %w", v.Domain, err)
	}
	return false, err
}

func (o *batchOutcome) late(v *pages.Visit, now time.Time) {
	if !v.FeedsOnly {
		o.lag = max(o.lag, now.Sub(v.DueAt))
	}
	for i := range v.Feeds {
		o.feedLag = max(o.feedLag, now.Sub(v.Feeds[i].DueAt))
	}
}

// moves are the provisional due times of what was published.
type moves struct {
	domains []Entry
	feeds   []FeedEntry
}

func (m *moves) add(v *pages.Visit, now time.Time, c ScheduleConfig, outstanding bool) {
	if !v.FeedsOnly {
		m.domains = append(m.domains, Entry{
			Domain: v.Domain, NextDue: now.Add(Spread(v.Domain, c.Provisional)), Interval: v.Interval, Failures: v.Failures,
		})
	}
	wait := c.FeedProvisional
	if outstanding {
		wait = c.FeedRetry
	}
	for _, f := range v.Feeds {
		m.feeds = append(m.feeds, FeedEntry{
			Domain: v.Domain, URL: f.URL, Watch: f.Watch, NextDue: now.Add(Spread(f.URL, wait)), Interval: f.Interval, Failures: f.Failures,
		})
	}
}

func (m *moves) write(ctx context.Context, store ScheduleStore) error {
	var domains, feeds error
	if len(m.domains) > 0 {
		domains = store.Reschedule(ctx, m.domains)
	}
	if len(m.feeds) > 0 {
		feeds = store.RescheduleFeeds(ctx, m.feeds)
	}
	return errors.Join(domains, feeds)
}
