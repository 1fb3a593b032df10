package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"telltale/internal/archive"
	"telltale/internal/crawl"
	"telltale/internal/fetch"
	"telltale/internal/fetch/politeness"
	"telltale/internal/fetch/resolver"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/urls"
	"telltale/internal/work"
)

// robotsWait bounds how long a visit waits for what robots.txt says of sitemaps, once its pages were allowed by it.
const robotsWait = 30 * time.Second

// buildCrawler makes the crawler role ready: resolver, fetcher, prober, visits.
func (e *engines) buildCrawler(env *Env, s *Settings) (func(context.Context) error, error) {
	recorder, err := s.newRecorder(env, s)
	if err != nil {
		return nil, err
	}
	fetcher, err := e.buildFetcher(env, s, s.parts.names, recorder)
	if err != nil {
		return nil, err
	}
	crawler, err := crawl.New(crawl.Config{
		Crawler: crawlerName(s), MaxPages: s.VisitPages, MaxBytes: s.VisitBytes, MaxTime: s.VisitTime,
	}, crawl.Deps{
		Fetcher: fetcher, Prober: fetcher, Robots: robotsOf{fetcher}, Control: controlOf{e.queue.Control()}, Publisher: recorded(e.queue, recorder),
		Log: env.Log, Now: env.Now, Registry: env.Registry,
	})
	if err != nil {
		fetcher.Close()
		return nil, err
	}
	return whileRecording(recorder, func(ctx context.Context) error {
		defer fetcher.Close()
		deaf, err := e.queue.Leases().Wants(fetcher.Wanted)
		if err != nil {
			return err
		}
		defer deaf()
		return e.queue.ConsumeVisits(ctx, s.Visits, whenNotPaused(e.queue.Control(), crawler.Handle))
	}), nil
}

// whenNotPaused holds visits back while ops pause the fleet: they stay outstanding, and nothing is asked of anybody.
func whenNotPaused(control *queue.Control, next work.Handler[pages.Visit]) work.Handler[pages.Visit] {
	return func(ctx context.Context, d work.Delivery[pages.Visit]) work.Outcome {
		for {
			changed := control.Changed()
			if !control.Paused() {
				return next(ctx, d)
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return work.Retry(context.Cause(ctx), 0)
			}
		}
	}
}

func (e *engines) buildFetcher(env *Env, s *Settings, names *resolver.Resolver, recorder *archive.Recorder) (*fetch.Fetcher, error) {
	cfg := fetch.Config{
		Contact: s.Contact, Version: Version, AllowPrivate: s.AllowPrivateAddresses, TotalTimeout: s.FetchTimeout,
		HTTPPort: s.HTTPPort, HTTPSPort: s.HTTPSPort, Roots: s.parts.roots,
		Ports: s.Ports, Site: sitePolicy(e.queue.Control()),
		Politeness: politeness.Config{MinDelay: s.Delay, MaxWait: s.MaxDelay, Ranges: s.parts.ranges},
	}
	if s.fleet() {
		// A process that is started again under its old name must not take its dead self's leases for its own.
		cfg.Politeness.Owner = crawlerName(s) + "/" + rand.Text()
		cfg.Politeness.Leases = e.queue.Leases()
		cfg.Politeness.LeaseTTL = max(15*time.Second, 2*(s.FetchTimeout+s.Delay+time.Second))
	}
	deps := fetch.Deps{Resolver: names, Logger: env.Log, Registerer: env.Registry, Clock: env.Now}
	if recorder != nil {
		deps.Recorder = recorder
	}
	fetcher, err := fetch.New(cfg, deps)
	if err != nil {
		return nil, asInput(fmt.Errorf("crawler: %w", err))
	}
	return fetcher, nil
}

// sitePolicy is the fetcher's own, and what ops say of the domain that a hop leads to: a redirect to a blocked site, or
// a feed on one, is not asked for either.
func sitePolicy(control *queue.Control) fetch.SitePolicy {
	return func(asked, target string) error {
		if err := fetch.DefaultSite(asked, target); err != nil {
			return err
		}
		if why := (controlOf{control}).Blocked(urls.RegistrableDomain(target)); why != "" {
			return fmt.Errorf("%w: %s", fetch.ErrBlocked, why)
		}
		return nil
	}
}

// fleet reports whether other crawlers may share the queue, so that pace must be shared too.
func (s *Settings) fleet() bool { return s.NATSURL != "" || s.NATSListen != "" }

// robotsOf answers what the fetcher has read of a host's robots.txt already.
type robotsOf struct{ fetcher *fetch.Fetcher }

func (r robotsOf) site(host string) fetch.Site {
	ctx, cancel := context.WithTimeout(context.Background(), robotsWait)
	defer cancel()
	site, err := r.fetcher.Site(ctx, "https://"+host+"/")
	if err == nil {
		return site
	}
	site, _ = r.fetcher.Site(ctx, "http://"+host+"/")
	return site
}

// Sitemaps implements crawl.Robots.
func (r robotsOf) Sitemaps(host string) []string { return r.site(host).Sitemaps }

// CrawlDelay implements crawl.Robots.
func (r robotsOf) CrawlDelay(host string) time.Duration { return r.site(host).CrawlDelay }

// controlOf answers from the queue's local copy of pauses and blocks.
type controlOf struct{ control *queue.Control }

// Blocked implements crawl.Control.
func (c controlOf) Blocked(domain string) string {
	if b, ok := c.control.Blocked(domain); ok {
		return "blocked by " + b.By + ": " + b.Reason
	}
	if c.control.Paused(domain) {
		return "paused"
	}
	return ""
}

var _ crawl.Publisher = (*queue.Queue)(nil)

var _ crawl.Fetcher = (*fetch.Fetcher)(nil)

var _ crawl.Prober = (*fetch.Fetcher)(nil)
