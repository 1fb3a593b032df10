package crawl

import (
	"context"
	"errors"
	"time"

	"telltale/internal/pages"
	"telltale/internal/urls"
)

// fetched is what became of one fetch. Without response and reason the visit stops; v.stop says why.
type fetched struct {
	resp   *pages.Response
	reason pages.FetchReason
	// at is the hop that failed, target the other site a redirect leads to.
	at, target string
	// wait is how long the host asked to be left alone, or its gap still lasts.
	wait time.Duration
	// tls is the certificate that was not trusted.
	tls *pages.TLSFacts
}

// get fetches one address of the domain within the budgets and keeps the counts.
func (v *visit) get(budget context.Context, r pages.Request) fetched {
	if !v.mayFetch(budget) {
		return fetched{}
	}
	resp, err := v.c.deps.Fetcher.Fetch(budget, r)
	return v.got(budget, r.URL, resp, err)
}

// got judges an answer of the domain's own hosts.
func (v *visit) got(budget context.Context, url string, resp *pages.Response, err error) fetched {
	if err != nil {
		f := failedFetch(err)
		f.target = offsiteTarget(err, v.in.Domain)
		v.onFailure(budget, f.reason)
		return f
	}
	v.failing = 0
	if v.res.Address == "" {
		v.res.Address = resp.Address
	}
	return v.accept(url, resp, v.in.Domain)
}

// streamWait bounds the wait for one stream on a host that is not the domain's: thousands of domains may ask it.
const streamWait = time.Minute

// request is how to ask for a candidate in the way of its kind; it counts it against the bounds of its class.
func (v *visit) request(c *candidate) pages.Request {
	r := v.conditional(c.url)
	if c.isFeed() {
		r.Accept = acceptFeed
	}
	switch c.class {
	case classSitemap:
		v.sitemaps++
		r.MaxBody = max(pages.MaxBody, v.c.config.MaxSitemapBytes-v.sitemapBytes)
	case classKnown:
		v.rechecks++
	default:
	}
	return r
}

// fetchForeign asks a host that is not the domain's, within streamWait.
func (v *visit) fetchForeign(budget context.Context, c *candidate) (*pages.Response, error) {
	if v.c.blocked(urls.RegistrableDomain(c.url)) != "" {
		return nil, &pages.FetchError{Reason: pages.ReasonBlocked, URL: c.url}
	}
	ctx, cancel := context.WithTimeout(budget, streamWait)
	defer cancel()
	return v.c.deps.Fetcher.Fetch(ctx, v.request(c))
}

// gotForeign judges an answer of a host that is not the domain's. What that host does to us, the domain does not pay
// for: the visit goes on.
func (v *visit) gotForeign(budget context.Context, url string, resp *pages.Response, err error) fetched {
	switch {
	case err == nil:
		return v.accept(url, resp, urls.RegistrableDomain(url))
	case budget.Err() != nil:
		v.stop = stopTime
		return fetched{}
	}
	f := failedFetch(err)
	if f.reason == pages.ReasonCancelled || f.reason == pages.ReasonCrawlDelay {
		// It was never its turn.
		f.reason = pages.ReasonThrottled
	}
	return f
}

// accept counts an answer and makes sure that it is one of the site that was asked.
func (v *visit) accept(url string, resp *pages.Response, site string) fetched {
	v.res.Bytes += int64(len(resp.Body))
	v.c.metrics.bytes.Add(float64(len(resp.Body)))
	final, err := urls.Canonicalize(resp.FinalURL, url)
	if err != nil {
		return fetched{reason: pages.ReasonProtocol}
	}
	if !urls.SameSite(final, site) {
		return fetched{target: urls.RegistrableDomain(final), reason: pages.ReasonOffsite}
	}
	resp.FinalURL = final
	return fetched{resp: resp}
}

func failedFetch(err error) fetched {
	f := fetched{reason: reasonOf(err)}
	var fe *pages.FetchError
	if errors.As(err, &fe) {
		f.wait, f.at, f.tls = fe.RetryAfter, fe.URL, fe.TLS
	}
	return f
}

// conditional builds the request for an address, with the validators of what is known of it.
func (v *visit) conditional(url string) pages.Request {
	r := pages.Request{URL: url}
	if k, ok := v.find(url); ok && k.ContentHash != "" {
		r.ETag, r.LastModified = k.ETag, k.LastModified
	}
	return r
}

// mayFetch counts another request, where the budgets and ops allow it, and otherwise stops the visit.
func (v *visit) mayFetch(budget context.Context) bool {
	switch {
	case v.stop != "":
	case budget.Err() != nil:
		v.stop = stopTime
	case v.read >= v.c.config.MaxPages || v.requests >= 2*v.c.config.MaxPages+len(homeSchemes)*2:
		v.stop = stopPages
	case v.res.Bytes-int64(v.sitemapBytes) >= v.c.config.MaxBytes:
		v.stop = stopBytes
	case v.c.blocked(v.in.Domain) != "":
		v.stop = stopBlocked
	}
	if v.stop == "" {
		v.requests++
	}
	return v.stop == ""
}

func (v *visit) onFailure(budget context.Context, reason pages.FetchReason) {
	switch reason {
	case pages.ReasonThrottled:
		v.stop = stopThrottled
	case pages.ReasonCrawlDelay:
		v.stop = stopDelay
	case pages.ReasonCancelled:
		v.stop = stopTime
	case pages.ReasonConnect, pages.ReasonTimeout, pages.ReasonDNS, pages.ReasonTLS:
		if v.failing++; v.failing >= maxFailing {
			v.stop = stopFailing
		}
	default:
		v.failing = 0
	}
	if budget.Err() != nil {
		v.stop = stopTime
	}
}

// reasonOf types an error; one that no fetcher should return counts as a protocol error.
func reasonOf(err error) pages.FetchReason {
	var fe *pages.FetchError
	switch {
	case errors.As(err, &fe):
		return fe.Reason
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return pages.ReasonCancelled
	}
	return pages.ReasonProtocol
}
