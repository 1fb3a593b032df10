package fetch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gocolly/colly/v2"
	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/fetch/politeness"
	"telltale/internal/fetch/probe"
	"telltale/internal/fetch/resolver"
	"telltale/internal/fetch/robots"
	"telltale/internal/pages"
	"telltale/internal/steady"
	"telltale/internal/urls"
)

// maxAttempts bounds the addresses of a host that are tried.
const maxAttempts = 3

// Deps are what a Fetcher works with.
type Deps struct {
	Resolver *resolver.Resolver
	// Logger may be nil.
	Logger *slog.Logger
	// Registerer may be nil: then nothing is exported.
	Registerer prometheus.Registerer
	// Clock dates what is fetched; by default time.Now.
	Clock func() time.Time
	// Steady keeps paces, leases and ages; by default steady.Now. A step of the wall clock must not move them.
	Steady steady.Clock
	// Recorder may be nil: then nothing is kept.
	Recorder Recorder
}

// Fetcher fetches. It is safe for concurrent use; Close it at the end.
type Fetcher struct {
	config    Config
	deps      Deps
	colly     *colly.Collector
	transport *transport
	pacer     *politeness.Pacer
	robots    *robots.Cache
	metrics   *metrics
	prober    *probe.Prober
	agent     string
}

// New returns a fetcher; nothing is sent before the first Fetch.
func New(config Config, deps Deps) (*Fetcher, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	if deps.Resolver == nil {
		return nil, errors.New("fetch: no resolver")
	}
	if deps.Clock == nil {
		deps.Clock = time.Now
	}
	if deps.Steady == nil {
		deps.Steady = steady.Now
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Politeness.Clock == nil {
		config.Politeness.Clock = deps.Steady
	}
	f := &Fetcher{config: config, deps: deps, agent: config.userAgent()}
	if f.pacer, err = politeness.New(config.Politeness); err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	if f.metrics, err = newMetrics(deps.Registerer); err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	f.transport = newTransport(&f.config, f.metrics, deps.Steady, deps.Clock)
	f.robots = robots.NewCache(config.Robots, f.readRobots, deps.Steady)
	f.colly = newCollector(f.transport)
	f.prober = probe.New(deps.Resolver)
	return f, nil
}

// newCollector sets colly up without NewCollector, which lets COLLY_* variables override its options.
func newCollector(t http.RoundTripper) *colly.Collector {
	c := &colly.Collector{}
	c.Init()
	c.SetClient(&http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	c.IgnoreRobotsTxt = true        // ours follows RFC 9309, on every hop
	c.AllowURLRevisit = true        // what was visited is the schedule's to know; colly's memory grows
	c.ParseHTTPErrorResponse = true // every status is an answer
	c.DetectCharset = false
	c.MaxBodySize = 0 // ours counts after decoding
	return c
}

// Close gives leases and connections back. No Fetch may be under way.
func (f *Fetcher) Close() {
	f.pacer.Close()
	f.transport.base.CloseIdleConnections()
}

// Wanted hears that the fleet waits for the lease of a key; see politeness.Pacer.Wanted.
func (f *Fetcher) Wanted(key string) { f.pacer.Wanted(key) }

// Fetch reads one page. Redirects are followed, at most MaxRedirects, each hop checked anew. Every status
// but 429 and 503 is an answer, not an error. The error is always a *pages.FetchError.
func (f *Fetcher) Fetch(ctx context.Context, req pages.Request) (*pages.Response, error) {
	resp, err := f.follow(ctx, &req)
	if err != nil {
		failed := failure(ctx, req.URL, err)
		f.metrics.fetches.WithLabelValues(string(failed.Reason)).Inc()
		return nil, failed
	}
	f.metrics.fetches.WithLabelValues(statusClass(resp.Status)).Inc()
	return resp, nil
}

func (f *Fetcher) follow(ctx context.Context, req *pages.Request) (*pages.Response, error) {
	asked, err := urls.Canonicalize(req.URL, "")
	if err != nil {
		return nil, err
	}
	seen := []string{asked}
	for target := asked; ; {
		if err := f.permit(ctx, asked, target); err != nil {
			return nil, err
		}
		x := &exchange{url: target, limit: maxBody(req)}
		err := f.send(ctx, x, f.headerOf(req))
		location := redirectOf(x)
		if err == nil && location == "" {
			return f.response(req, x)
		}
		x.free()
		if err != nil {
			return nil, err
		}
		if target, err = urls.Canonicalize(location, target); err != nil {
			return nil, &pages.FetchError{Reason: pages.ReasonRedirects, URL: req.URL, Err: err}
		}
		if slices.Contains(seen, target) || len(seen) > f.config.MaxRedirects {
			return nil, &pages.FetchError{Reason: pages.ReasonRedirects, URL: req.URL, Err: fmt.Errorf("hop %d leads to %s", len(seen), target)}
		}
		seen = append(seen, target)
		f.metrics.redirects.Inc()
	}
}

// permit asks the site policy and robots.txt.
func (f *Fetcher) permit(ctx context.Context, asked, target string) error {
	if err := f.config.Site(asked, target); err != nil {
		return &pages.FetchError{Reason: reasonOf(err), URL: target, Err: err}
	}
	entry, err := f.rules(ctx, target)
	if err != nil {
		return err
	}
	if d := entry.Test(target); !d.Allowed {
		f.metrics.denied.Inc()
		return &pages.FetchError{Reason: pages.ReasonRobots, URL: target, Err: fmt.Errorf("robots.txt line %d: %s", d.Line, d.Rule)}
	}
	return nil
}

// send makes one request: guard, address, pace, colly. It tries a host's next address where one cannot be
// reached.
func (f *Fetcher) send(ctx context.Context, x *exchange, header http.Header) error {
	hostPort, port, err := portOf(x.url)
	if err != nil {
		return err
	}
	if err := f.transport.guard.CheckPort(port); err != nil {
		return err
	}
	host := urls.Host(x.url)
	start := f.deps.Steady()
	addrs, err := f.deps.Resolver.Lookup(ctx, host)
	if err != nil {
		return err
	}
	f.metrics.dns.Observe(f.deps.Steady().Sub(start).Seconds())
	addrs = f.transport.prefer(hostPort, addrs)
	for _, x.addr = range addrs[:min(len(addrs), maxAttempts)] {
		if err = f.transport.guard.CheckAddr(x.addr); err != nil {
			continue
		}
		err = f.attempt(ctx, x, host, header)
		if errors.Is(err, errRepeated) && ctx.Err() == nil {
			err = f.attempt(ctx, x, host, header)
		}
		f.record(ctx, x, header)
		if err == nil || !unreached(err) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// attempt asks one address, in its turn, and learns from what it says.
func (f *Fetcher) attempt(ctx context.Context, x *exchange, host string, header http.Header) error {
	start := f.deps.Steady()
	slot, err := f.pacer.Acquire(ctx, host, x.addr)
	if err != nil {
		return failure(ctx, x.url, &paceError{err})
	}
	if x.raw {
		defer slot.ReleaseRobots()
	} else {
		defer slot.Release()
	}
	f.metrics.wait.Observe(f.deps.Steady().Sub(start).Seconds())
	f.metrics.inFlight.Inc()
	defer f.metrics.inFlight.Dec()
	x.valid = slot.Valid
	x.written.Store(false)
	err = f.ask(ctx, x, header)
	if x.late.Load() {
		f.metrics.late.Inc()
	}
	if err != nil {
		if errors.Is(err, errLate) {
			f.metrics.stale.Inc()
		}
		failed := failure(ctx, x.url, err)
		f.metrics.requests.WithLabelValues(string(failed.Reason)).Inc()
		return failed
	}
	f.metrics.requests.WithLabelValues(statusClass(x.status)).Inc()
	if x.status == http.StatusTooManyRequests || x.status == http.StatusServiceUnavailable {
		wait := f.pacer.Throttled(ctx, host, retryAfter(x.header, f.deps.Clock()))
		return &pages.FetchError{Reason: pages.ReasonThrottled, URL: x.url, RetryAfter: wait, Err: &statusError{x.status}}
	}
	return nil
}

// ask has colly send the request: a clone for each, with a context of its own.
func (f *Fetcher) ask(ctx context.Context, x *exchange, header http.Header) error {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, exchangeKey{}, x), f.config.TotalTimeout)
	defer cancel()
	c := f.colly.Clone()
	c.Context = ctx
	answered := false
	c.OnResponse(func(*colly.Response) { answered = true })
	if err := c.Request(http.MethodGet, x.url, nil, nil, header); err != nil {
		return err
	}
	if !answered {
		return errors.New("colly gave no response")
	}
	return nil
}

func (f *Fetcher) headerOf(req *pages.Request) http.Header {
	accept := req.Accept
	if accept == "" {
		accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	}
	h := http.Header{"User-Agent": {f.agent}, "Accept": {accept}, "Accept-Encoding": {acceptEncoding}}
	if req.ETag != "" {
		h["If-None-Match"] = []string{req.ETag}
	}
	if req.LastModified != "" {
		h["If-Modified-Since"] = []string{req.LastModified}
	}
	return h
}

func (f *Fetcher) response(req *pages.Request, x *exchange) (*pages.Response, error) {
	return &pages.Response{
		URL: req.URL, FinalURL: x.url, Status: x.status, Header: x.header, Body: x.body, Truncated: x.truncated,
		NotModified: x.status == http.StatusNotModified, FetchedAt: x.began, Latency: x.latency, TLS: x.tls, Address: x.addr.String(),
		Done: x.release,
	}, nil
}

// Probe asks DNS about a domain; see probe.Prober.Probe. TLS and HTTP facts come with the home page. The
// error is always a *pages.FetchError.
func (f *Fetcher) Probe(ctx context.Context, domain string) (*pages.Probe, error) {
	p, err := f.prober.Probe(ctx, domain)
	if err != nil {
		return p, failure(ctx, domain, err)
	}
	return p, nil
}
