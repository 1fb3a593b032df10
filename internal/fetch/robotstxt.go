package fetch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"telltale/internal/fetch/robots"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// errBrokenOff reports a robots.txt of which only a part came: the line that forbids may be in the rest.
var errBrokenOff = errors.New("robots.txt broke off")

// Site is what robots.txt says of an origin beyond single addresses.
type Site struct {
	// Sitemaps are the addresses its sitemap lines name, as they stand.
	Sitemaps []string
	// CrawlDelay is the gap it asks for; 0 where it asks for none.
	CrawlDelay time.Duration
}

// Site reads the robots.txt that governs a URL, from the cache where it can. The error is always a
// *pages.FetchError.
func (f *Fetcher) Site(ctx context.Context, url string) (Site, error) {
	canonical, err := urls.Canonicalize(url, "")
	if err == nil {
		var entry *robots.Entry
		if entry, err = f.rules(ctx, canonical); err == nil {
			delay, _ := entry.CrawlDelay()
			return Site{Sitemaps: entry.Sitemaps, CrawlDelay: delay}, nil
		}
	}
	return Site{}, failure(ctx, url, err)
}

// rules returns the rules of a URL's origin, and has its host paced as they ask.
func (f *Fetcher) rules(ctx context.Context, canonical string) (*robots.Entry, error) {
	origin, _ := urls.Origin(canonical)
	entry, err := f.robots.Get(ctx, origin)
	if err != nil {
		return nil, err
	}
	if entry.Err != nil {
		return nil, robotsFailure(canonical, entry.Err)
	}
	delay, _ := entry.CrawlDelay()
	f.pacer.SetCrawlDelay(urls.Host(canonical), delay)
	return entry, nil
}

// robotsFailure says why nothing may be read. Where no answer came at all the host's own failure is the
// reason, for any page of it would meet the same.
func robotsFailure(url string, err error) error {
	var cause *pages.FetchError
	var status *robots.StatusError
	out := &pages.FetchError{Reason: pages.ReasonRobotsError, URL: url, Err: err}
	switch {
	case errors.As(err, &status):
		out.RetryAfter = status.RetryAfter
	case errors.As(err, &cause):
		out.Reason, out.RetryAfter, out.TLS = cause.Reason, cause.RetryAfter, cause.TLS
	}
	return out
}

// readRobots fetches an origin's robots.txt. Each hop of a redirect passes guard and pace; robots.txt
// itself governs none of them (RFC 9309 §2.2.2, §2.3.1.2).
func (f *Fetcher) readRobots(ctx context.Context, origin string) robots.Answer {
	answer := f.followRobots(ctx, origin+"/robots.txt")
	outcome := statusClass(answer.Status)
	if answer.Err != nil {
		outcome = string(failure(ctx, origin, answer.Err).Reason)
	}
	f.metrics.robots.WithLabelValues(outcome).Inc()
	return answer
}

func (f *Fetcher) followRobots(ctx context.Context, target string) robots.Answer {
	asked := target
	request := &pages.Request{Accept: "text/plain,*/*;q=0.8"}
	for range robots.MaxRedirects + 1 {
		x := &exchange{url: target, limit: robots.MaxBytes, raw: true}
		if err := f.send(ctx, x, f.headerOf(request)); err != nil {
			var refused *statusError
			if errors.As(err, &refused) {
				return robots.Answer{Status: refused.status, RetryAfter: failure(ctx, asked, err).RetryAfter}
			}
			return robots.Answer{Err: failure(ctx, asked, err), Ours: ours(err)}
		}
		location := redirectOf(x)
		switch {
		case location == "" && x.status < 300 && x.truncated && len(x.body) < robots.MaxBytes:
			return robots.Answer{Err: &pages.FetchError{Reason: pages.ReasonRobotsError, URL: asked, Err: errBrokenOff}}
		case location == "":
			return robots.Answer{Status: x.status, Body: x.body}
		}
		next, err := urls.Canonicalize(location, target)
		if err == nil {
			err = f.config.Site(next, next)
		}
		if err != nil {
			return robots.Answer{Err: &pages.FetchError{Reason: pages.ReasonRobotsError, URL: asked, Err: err}}
		}
		target = next
		f.metrics.redirects.Inc()
	}
	return robots.Answer{Err: fmt.Errorf("%s: %w", asked, robots.ErrTooManyRedirects)}
}
