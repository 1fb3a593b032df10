package crawl

import (
	"context"
	"errors"

	"telltale/internal/pages"
	"telltale/internal/urls"
)

// get fetches one address within the budgets and keeps the counts; target is the other site a redirect
// leads to. A nil response with an empty reason means that the visit stops; v.stop says why.
func (v *visit) get(budget context.Context, r pages.Request) (resp *pages.Response, target string, reason pages.FetchReason) {
	if !v.mayFetch(budget) {
		return nil, "", ""
	}
	v.requests++
	resp, err := v.c.deps.Fetcher.Fetch(budget, r)
	if err != nil {
		reason = reasonOf(err)
		v.onFailure(budget, reason)
		return nil, offsiteTarget(err, v.in.Domain), reason
	}
	v.failing = 0
	v.res.Bytes += int64(len(resp.Body))
	v.c.metrics.bytes.Add(float64(len(resp.Body)))
	final, err := urls.Canonicalize(resp.FinalURL, r.URL)
	if err != nil {
		return nil, "", pages.ReasonProtocol
	}
	if !urls.SameSite(final, v.in.Domain) {
		return nil, urls.RegistrableDomain(final), pages.ReasonOffsite
	}
	resp.FinalURL = final
	return resp, "", ""
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
