package crawl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/pages"
)

// ScheduleStore is where the schedule lives.
type ScheduleStore interface {
	// Due returns the visits of domains that are due at now or have feeds that are, the most urgent first, at
	// most limit and fewer only where no more are due, each domain once, with its due feeds and what is known of it.
	// The visits' ids need not be set.
	Due(ctx context.Context, now time.Time, limit int) ([]pages.Visit, error)
	// Reschedule writes entries; domains that are not on the schedule are left out.
	Reschedule(ctx context.Context, entries []Entry) error
	// RescheduleFeeds writes entries of feeds; it leaves out those that are not on the schedule and cannot be put there.
	RescheduleFeeds(ctx context.Context, entries []FeedEntry) error
}

// Entry is one domain's place on the schedule.
type Entry struct {
	Domain string
	// NextDue is when it is due, Interval what lay between its last two due times (0 before the first
	// visit), Failures how many visits in a row reached nothing.
	NextDue  time.Time
	Interval time.Duration
	Failures int
	// LastVisit is when its last visit ended, LastOutcome how. A zero LastVisit leaves both as they are
	// when written: the due time is then a provisional one, while a visit is under way, so that a lost
	// visit or result costs a revisit, not the domain.
	LastVisit   time.Time
	LastOutcome pages.VisitOutcome
	// Address is where the domain was asked last; an empty one leaves it as it is when written.
	Address string
}

// VisitPublisher puts visits on their stream; a visit is durable once it returns nil.
type VisitPublisher interface {
	PublishVisit(ctx context.Context, v pages.Visit) error
}

// Leader holds the lease of the one scheduler that leads.
type Leader interface {
	// Lead takes or renews the lease and reports whether this process leads; true holds for longer than
	// one tick.
	Lead(ctx context.Context) (bool, error)
}

// ScheduleConfig says how often and how much is scheduled. Zero fields take the defaults beside them.
type ScheduleConfig struct {
	// Tick is the time between two looks at the schedule (10 s).
	Tick time.Duration
	// Batch is the number of domains read at once (500).
	Batch int
	// Provisional is how long a published visit may go without a result before its domain is due again
	// (6 hours); it is spread by a tenth.
	Provisional time.Duration
	// FeedProvisional is the same for the feeds that a visit carries (1 hour), FeedRetry when they are due again
	// where their domain had a visit outstanding that does not carry them (10 minutes).
	FeedProvisional, FeedRetry time.Duration
}

func (c ScheduleConfig) withDefaults() ScheduleConfig {
	if c.Tick <= 0 {
		c.Tick = 10 * time.Second
	}
	if c.Batch <= 0 {
		c.Batch = 500
	}
	if c.Provisional <= 0 {
		c.Provisional = 6 * time.Hour
	}
	if c.FeedProvisional <= 0 {
		c.FeedProvisional = time.Hour
	}
	if c.FeedRetry <= 0 {
		c.FeedRetry = 10 * time.Minute
	}
	return c
}

// ScheduleDeps are what a Scheduler works with. Leader may be nil: this process leads.
type ScheduleDeps struct {
	Store  ScheduleStore
	Visits VisitPublisher
	// Outstanding and Full are the errors by which Visits says that a domain has a visit outstanding, and
	// that the stream is at its limit.
	Outstanding, Full error
	Leader            Leader
	Log               *slog.Logger
	Now               func() time.Time
	Registry          prometheus.Registerer
}

// Scheduler publishes the visits that are due.
type Scheduler struct {
	config  ScheduleConfig
	deps    ScheduleDeps
	metrics *scheduleMetrics
}

// NewScheduler returns a scheduler; it registers its metrics and does nothing else.
func NewScheduler(config ScheduleConfig, deps ScheduleDeps) (*Scheduler, error) {
	if deps.Store == nil || deps.Visits == nil || deps.Outstanding == nil || deps.Full == nil {
		return nil, errors.New("new scheduler: store, visits and their errors are required")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	m, err := newScheduleMetrics(deps.Registry)
	if err != nil {
		return nil, fmt.Errorf("new scheduler: %w", err)
	}
	return &Scheduler{config: config.withDefaults(), deps: deps, metrics: m}, nil
}

// Run publishes what is due, every tick, until ctx ends. A tick that fails is logged and counted; the
// next one tries again.
func (s *Scheduler) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.config.Tick)
	defer ticker.Stop()
	defer s.metrics.leading.Set(0)
	for {
		if err := s.tick(ctx); err != nil && ctx.Err() == nil {
			s.metrics.failures.Inc()
			s.deps.Log.Warn("scheduling failed; the next tick tries again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// tick publishes batches until nothing more is due, the stream is full, or another process leads.
func (s *Scheduler) tick(ctx context.Context) error {
	for {
		leads, err := s.leads(ctx)
		if err != nil || !leads {
			return err
		}
		now := s.deps.Now()
		b, err := s.batch(ctx, now, nil)
		s.metrics.lag.Set(b.lag.Seconds())
		s.metrics.feedLag.Set(b.feedLag.Seconds())
		if err != nil || b.full || b.read < s.config.Batch {
			return err
		}
	}
}

func (s *Scheduler) leads(ctx context.Context) (bool, error) {
	leads := true
	if s.deps.Leader != nil {
		var err error
		if leads, err = s.deps.Leader.Lead(ctx); err != nil {
			s.metrics.leading.Set(0)
			return false, fmt.Errorf("take the scheduler's lease: %w", err)
		}
	}
	s.metrics.leading.Set(map[bool]float64{true: 1}[leads])
	return leads, nil
}

// Once publishes a visit of every domain that is due when it is called, or has feeds that are, waiting while the stream is full, and
// returns how many visits are on the stream for it: those published and those outstanding already.
// It asks no lease.
func (s *Scheduler) Once(ctx context.Context) (int, error) {
	now := s.deps.Now()
	done := map[string]struct{}{}
	for wait := 10 * time.Millisecond; ; {
		before := len(done)
		b, err := s.batch(ctx, now, done)
		if err != nil {
			return len(done), err
		}
		if !b.full {
			if b.read < s.config.Batch || len(done) == before {
				return len(done), nil
			}
			continue
		}
		if len(done) > before {
			wait = 10 * time.Millisecond
		}
		if err := pause(ctx, wait); err != nil {
			return len(done), err
		}
		wait = min(2*wait, time.Second)
	}
}
