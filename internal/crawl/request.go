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
}

// get fetches one address of the domain within the budgets and keeps the counts.
func (v *visit) get(budget context.Context, r pages.Request) fetched {
	if !v.mayFetch(budget) {
		return fetched{}
	}
	v.requests++
	resp, err := v.c.deps.Fetcher.Fetch(budget, r)
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
	return v.accept(r, resp, v.in.Domain)
}

// streamWait bounds the wait for one stream on a host that is not the domain's: thousands of domains may ask it.
const streamWait = time.Minute

// getForeign fetches a stream of the domain from a host that is not its own. What that host does to us, the domain
// does not pay for: the visit goes on.
func (v *visit) getForeign(budget context.Context, r pages.Request) fetched {
	site := urls.RegistrableDomain(r.URL)
	switch {
	case !v.mayFetch(budget):
		return fetched{}
	case v.c.blocked(site) != "":
		return fetched{reason: pages.ReasonBlocked}
	}
	v.requests++
	ctx, cancel := context.WithTimeout(budget, streamWait)
	defer cancel()
	resp, err := v.c.deps.Fetcher.Fetch(ctx, r)
	switch {
	case err == nil:
		return v.accept(r, resp, site)
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
func (v *visit) accept(r pages.Request, resp *pages.Response, site string) fetched {
	v.res.Bytes += int64(len(resp.Body))
	v.c.metrics.bytes.Add(float64(len(resp.Body)))
	final, err := urls.Canonicalize(resp.FinalURL, r.URL)
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
		f.wait, f.at = fe.RetryAfter, fe.URL
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

// mayFetch says whether the budgets and ops allow another request, and otherwise stops the visit.
func (v *visit) mayFetch(budget context.Context) bool {
	switch {
	case v.stop != "":
	case budget.Err() != nil:
		v.stop = stopTime
	case v.read >= v.c.config.MaxPages || v.requests >= 2*v.c.config.MaxPages+len(homeSchemes)*2:
		v.stop = stopPages
	case v.res.Bytes >= v.c.config.MaxBytes:
		v.stop = stopBytes
	case v.c.blocked(v.in.Domain) != "":
		v.stop = stopBlocked
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
