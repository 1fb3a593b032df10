package app

import (
	"context"
	"time"

	"telltale/internal/crawl"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/store"
)

// scheduleStore gives the scheduler and the result writer the store in their own words.
type scheduleStore struct{ *store.Store }

// Reschedule implements crawl.ScheduleStore.
func (s scheduleStore) Reschedule(ctx context.Context, entries []crawl.Entry) error {
	changes := make([]store.Next, len(entries))
	for i, e := range entries {
		changes[i] = store.Next{
			Domain: e.Domain, DueAt: e.NextDue, Interval: e.Interval, Failures: e.Failures, LastVisit: e.LastVisit, LastOutcome: e.LastOutcome, Address: e.Address,
		}
	}
	return s.SetNextDue(ctx, changes)
}

// Schedules implements crawl.ResultStore.
func (s scheduleStore) Schedules(ctx context.Context, names []string) (map[string]crawl.Entry, error) {
	rows, err := s.Scheduled(ctx, names)
	if err != nil {
		return nil, err
	}
	entries := make(map[string]crawl.Entry, len(rows))
	for name, r := range rows {
		entries[name] = crawl.Entry{
			Domain: r.Domain, NextDue: r.NextDue, Interval: r.Interval, Failures: r.Failures, LastVisit: r.LastVisit, LastOutcome: r.LastOutcome, Address: r.Address,
		}
	}
	return entries, nil
}

// RescheduleFeeds implements crawl.ScheduleStore.
func (s scheduleStore) RescheduleFeeds(ctx context.Context, entries []crawl.FeedEntry) error {
	changes := make([]store.Feed, len(entries))
	for i, e := range entries {
		changes[i] = store.Feed{
			Domain: e.Domain, URL: e.URL, Watch: e.Watch, Source: e.Source, NextDue: e.NextDue, Interval: e.Interval, Failures: e.Failures,
			LastRead: e.LastRead, LastChanged: e.LastChanged, LastError: e.LastError, Items: e.Items,
		}
	}
	return s.SetFeeds(ctx, changes)
}

// FeedSchedules implements crawl.ResultStore.
func (s scheduleStore) FeedSchedules(ctx context.Context, names []string) ([]crawl.FeedEntry, error) {
	rows, err := s.Feeds(ctx, names)
	if err != nil {
		return nil, err
	}
	entries := make([]crawl.FeedEntry, len(rows))
	for i, r := range rows {
		entries[i] = crawl.FeedEntry{
			Domain: r.Domain, URL: r.URL, Watch: r.Watch, Source: r.Source, NextDue: r.NextDue, Interval: r.Interval, Floor: r.Floor, Failures: r.Failures,
			LastRead: r.LastRead, LastChanged: r.LastChanged, LastError: r.LastError, Items: r.Items, Removed: r.Removed,
		}
	}
	return entries, nil
}

// scheduler returns the scheduler of this process. Where the queue is shared, one of them leads.
func (e *engines) scheduler(env *Env, s *Settings) (*crawl.Scheduler, error) {
	deps := crawl.ScheduleDeps{
		Store: scheduleStore{e.store}, Visits: e.queue, Outstanding: queue.ErrOutstanding, Full: queue.ErrFull,
		Log: env.Log, Now: env.Now, Registry: env.Registry,
	}
	if s.fleet() {
		deps.Leader = &leader{leases: e.queue.Leases(), owner: crawlerName(&Settings{}), ttl: leaderTTL}
	}
	return crawl.NewScheduler(crawl.ScheduleConfig{}, deps)
}

// leaderTTL is how long a scheduler leads without renewing; another takes over after it.
const leaderTTL = 30 * time.Second

// leader holds the fleet's lease of the one scheduler that leads.
type leader struct {
	leases *queue.Leases
	owner  string
	ttl    time.Duration
	token  uint64
	held   bool
}

// Lead implements crawl.Leader.
func (l *leader) Lead(ctx context.Context) (bool, error) {
	const key = "scheduler"
	if l.held {
		token, err := l.leases.Renew(ctx, key, l.owner, l.token, l.ttl)
		if err == nil {
			l.token = token
			return true, nil
		}
		l.held = false
	}
	token, ok, err := l.leases.Acquire(ctx, key, l.owner, l.ttl)
	if err != nil || !ok {
		return false, err
	}
	l.token, l.held = token, true
	return true, nil
}

var _ crawl.ScheduleStore = scheduleStore{}

var _ crawl.ResultStore = scheduleStore{}

var _ interface {
	PublishVisit(context.Context, pages.Visit) error
} = (*queue.Queue)(nil)
