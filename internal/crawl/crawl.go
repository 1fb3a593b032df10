// Package crawl is the stage that visits domains: it decides what of a domain is worth reading, in what
// order and how much of it, publishes the pages and says what each visit came to; it schedules the
// visits and turns their results into the next due times. How a page is fetched politely is the
// fetcher's business, how messages travel the queue's, where rows are kept the store's.
package crawl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/document/sitemap"
	"telltale/internal/pages"
	"telltale/internal/work"
)

// Fetcher fetches one address; every hop passes robots.txt, the guard and pacing. Every status is an
// answer but 429 and 503, which are errors with ReasonThrottled. Errors are *pages.FetchError.
type Fetcher interface {
	Fetch(ctx context.Context, r pages.Request) (*pages.Response, error)
}

// Prober asks DNS about a domain, and may ask TLS and HTTP. Errors are *pages.FetchError;
// ReasonNotFound says that the domain does not exist.
type Prober interface {
	Probe(ctx context.Context, domain string) (*pages.Probe, error)
}

// Robots tells what the robots.txt of a host says besides allowing and denying, from what the fetcher
// has read of it already.
type Robots interface {
	// Sitemaps are the addresses of its sitemap lines.
	Sitemaps(host string) []string
	// CrawlDelay is the delay kept between requests to the host; 0 where it names none.
	CrawlDelay(host string) time.Duration
}

// Control is what ops say of a domain. It is asked before every request, so it must answer from memory.
type Control interface {
	// Blocked returns why a domain must not be crawled now, "" where it may.
	Blocked(domain string) string
}

// Publisher puts messages on their streams and returns once they are durable.
type Publisher interface {
	PublishPage(ctx context.Context, p *pages.Page) error
	PublishResult(ctx context.Context, r pages.Result) error
}

// Config bounds a visit. Zero fields take the defaults named beside them.
type Config struct {
	// Crawler names this process in results.
	Crawler string
	// MaxPages is the number of pages a visit may read (40), MaxBytes the decoded bytes (32 MiB),
	// MaxTime how long it may take (10 minutes).
	MaxPages int
	MaxBytes int64
	MaxTime  time.Duration
	// MaxDepth is how many links away from the home page it goes (3).
	MaxDepth int
	// MaxSitemaps is the number of sitemaps it may read (4), SitemapEntries the addresses of each (50,000), MaxSitemapBytes
	// what they may be long together, in bytes, beside MaxBytes (50 MiB); each may be as long as a page in any case.
	MaxSitemaps, SitemapEntries, MaxSitemapBytes int
	// MaxRechecks is how many articles that were read before it reads again (10); another few each time.
	MaxRechecks int
	// Quotas bound the pages of each kind; nil means DefaultQuotas. A kind that is not named is not read.
	Quotas map[pages.Kind]int
}

// DefaultQuotas are the most pages of each kind in one visit.
func DefaultQuotas() map[pages.Kind]int {
	return map[pages.Kind]int{
		pages.KindFeed: 5, pages.KindBlog: 12, pages.KindPress: 12, pages.KindCareers: 3, pages.KindJob: 8,
		pages.KindForum: 8, pages.KindStory: 12, pages.KindProduct: 5, pages.KindLegal: 1, pages.KindOther: 4, pages.KindSocial: 8,
	}
}

func (c Config) withDefaults() Config {
	if c.MaxPages <= 0 {
		c.MaxPages = 40
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = 32 << 20
	}
	if c.MaxTime <= 0 {
		c.MaxTime = 10 * time.Minute
	}
	if c.MaxDepth <= 0 {
		c.MaxDepth = 3
	}
	if c.MaxSitemaps <= 0 {
		c.MaxSitemaps = 4
	}
	if c.SitemapEntries <= 0 {
		c.SitemapEntries = sitemap.MaxEntries
	}
	if c.MaxSitemapBytes <= 0 {
		c.MaxSitemapBytes = sitemap.MaxBytes
	}
	if c.MaxRechecks <= 0 {
		c.MaxRechecks = 10
	}
	if c.Quotas == nil {
		c.Quotas = DefaultQuotas()
	}
	return c
}

// Deps are what a Crawler works with. Robots and Control may be nil: no sitemap lines, nothing blocked.
type Deps struct {
	Fetcher   Fetcher
	Prober    Prober
	Robots    Robots
	Control   Control
	Publisher Publisher
	Log       *slog.Logger
	// Now is the clock of due times and fetch times.
	Now func() time.Time
	// Registry takes the metrics.
	Registry prometheus.Registerer
}

// Crawler handles visits. It is safe for concurrent use; a visit keeps to one goroutine, but for the reading of
// bodies.
type Crawler struct {
	config  Config
	deps    Deps
	metrics *visitMetrics
	// readers are the bodies being read at this moment.
	readers chan struct{}
}

// New returns a crawler; it registers its metrics and does nothing else.
func New(config Config, deps Deps) (*Crawler, error) {
	if deps.Fetcher == nil || deps.Prober == nil || deps.Publisher == nil {
		return nil, errors.New("new crawler: fetcher, prober and publisher are required")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	m, err := newVisitMetrics(deps.Registry)
	if err != nil {
		return nil, fmt.Errorf("new crawler: %w", err)
	}
	return &Crawler{config: config.withDefaults(), deps: deps, metrics: m, readers: make(chan struct{}, runtime.GOMAXPROCS(0))}, nil
}

// Handle makes one visit. It is done once its pages and its result are durable; a visit that ctx ends
// is handed back, and one whose messages could not be published comes again.
func (c *Crawler) Handle(ctx context.Context, d work.Delivery[pages.Visit]) work.Outcome {
	if d.Value.Domain == "" || d.Value.ID == "" {
		return work.Drop("visit without a domain or an id")
	}
	c.metrics.begin()
	defer c.metrics.end()
	// From here on the message's own list of what is known is not needed any more.
	v := newVisit(c, &d.Value, d.Attempt)
	return v.conclude(ctx, v.run(ctx))
}

// conclude publishes the result and says what becomes of the visit's message.
func (v *visit) conclude(ctx context.Context, err error) work.Outcome {
	c := v.c
	if err == nil {
		err = c.deps.Publisher.PublishResult(ctx, v.res)
	}
	switch {
	case ctx.Err() != nil:
		c.metrics.handedBack.Inc()
		return work.Retry(fmt.Errorf("visit handed back: %w", context.Cause(ctx)), 0)
	case err != nil:
		c.metrics.failedPublish.Inc()
		c.deps.Log.Warn("visit comes again", "domain", v.in.Domain, "attempt", v.attempt, "error", err)
		return work.Retry(err, 0)
	}
	c.metrics.visits.WithLabelValues(string(v.res.Outcome)).Inc()
	c.metrics.seconds.Observe(v.res.FinishedAt.Sub(v.res.StartedAt).Seconds())
	return work.Done()
}

// aside runs f on a stack of its own, as many at a time as there are processors: the parsers need deep stacks, and a
// visit that has waited on one would keep it for as long as it lasts. A panic is the caller's.
func (c *Crawler) aside(f func()) {
	c.readers <- struct{}{}
	failed := make(chan string, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				failed <- fmt.Sprintf("%v\n%s", p, debug.Stack())
			}
			close(failed)
			<-c.readers
		}()
		f()
	}()
	if p, ok := <-failed; ok {
		panic(p)
	}
}

func (c *Crawler) blocked(domain string) string {
	if c.deps.Control == nil {
		return ""
	}
	return c.deps.Control.Blocked(domain)
}
