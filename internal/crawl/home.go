package crawl

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"telltale/internal/classify"
	"telltale/internal/document"
	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// homeSchemes are tried in this order: encrypted first.
var homeSchemes = [...]string{"https", "http"} //nolint:gochecknoglobals // a constant of a type without constants

// homeAddresses lists where the home page may live: where it was last time, the name itself, www.
func (v *visit) homeAddresses() []string {
	list := make([]string, 0, 4)
	for _, prefix := range [...]string{"", "www."} {
		for _, scheme := range homeSchemes {
			u, err := urls.Canonicalize(scheme+"://"+prefix+v.in.Domain+"/", "")
			if err != nil {
				continue
			}
			if k, ok := v.find(u); ok && k.Kind == pages.KindHome && k.ContentHash != "" {
				list = slices.Insert(list, 0, u)
			} else {
				list = append(list, u)
			}
		}
	}
	return list
}

// answer is the home page and the address it was asked for under.
type answer struct {
	url  string
	resp *pages.Response
}

// fetchHome tries the addresses of the home page until one answers with a page. Without one it ends
// the visit and returns nil.
func (v *visit) fetchHome(budget context.Context) *answer {
	var (
		first  pages.FetchReason
		failed *answer
	)
	list := v.homeAddresses()
	if len(list) == 0 {
		v.end(pages.OutcomeError, "no_host_name")
		return nil
	}
	for _, u := range list {
		f := v.getPatiently(budget, v.conditional(u))
		v.failing = 0
		if v.untrusted == nil {
			v.untrusted = f.tls
		}
		switch {
		case v.stop != "" || f.reason == pages.ReasonRobots || f.reason == pages.ReasonRobotsError || f.reason == pages.ReasonOffsite:
			v.endHome(u, f.target, f.reason)
			return nil
		case f.reason != "":
			if first == "" || first == pages.ReasonNotFound {
				first = f.reason
			}
		case f.resp.Status >= 400:
			if failed == nil {
				failed = &answer{u, f.resp}
			}
		default:
			return &answer{u, f.resp}
		}
	}
	if failed != nil {
		v.homeURL = failed.resp.FinalURL
		return failed
	}
	v.endHome(list[0], "", first)
	return nil
}

// getPatiently fetches like get, and waits out a gap that is too long to be kept between pages but ends within the
// visit's time: a redirect came before, and the home page of such a host is to be read all the same. It goes on
// where it had come to.
func (v *visit) getPatiently(budget context.Context, r pages.Request) fetched {
	for {
		f := v.get(budget, r)
		if f.reason != pages.ReasonCrawlDelay {
			return f
		}
		if urls.SameSite(f.at, v.in.Domain) && f.at != r.URL {
			r = v.conditional(f.at)
		}
		if end, ok := budget.Deadline(); ok && time.Until(end) < f.wait {
			v.homeURL = r.URL // its delay stands in the result
			return f
		}
		v.stop = ""
		timer := time.NewTimer(f.wait)
		select {
		case <-timer.C:
		case <-budget.Done():
			timer.Stop()
		}
	}
}

// offsiteTarget finds the domain that a redirect off the site leads to.
func offsiteTarget(err error, domain string) string {
	var fe *pages.FetchError
	if !errors.As(err, &fe) || fe.Reason != pages.ReasonOffsite {
		return ""
	}
	if d := domains.Registrable(urls.Host(fe.URL)); d != domain {
		return d
	}
	return ""
}

// endHome ends a visit whose home page could not be read.
func (v *visit) endHome(u, target string, reason pages.FetchReason) {
	outcome, why, read := outcomeOf(reason), string(reason), string(reason)
	switch {
	case v.stop == stopBlocked:
		v.end(pages.OutcomeBlocked, v.c.blocked(v.in.Domain))
		return
	case reason == pages.ReasonCrawlDelay:
		// Its gap is longer than a visit lasts: nothing failed, it is asked again when the schedule comes to it.
		v.end(outcome, stopDelay)
		return
	case v.stop == stopTime:
		outcome, why, read = pages.OutcomeUnreachable, stopTime, string(pages.ReasonTimeout)
	case reason == pages.ReasonTLS && v.untrusted != nil:
		why += ":" + string(v.untrusted.Invalid)
		read = why
	case reason == pages.ReasonOffsite:
		why = "redirect"
		if target != "" {
			why = "redirect:" + target
		}
	}
	v.failed(u, pages.KindHome, 0, read)
	v.end(outcome, why)
}

// outcomeOf says what a home page that could not be read makes of the visit.
func outcomeOf(reason pages.FetchReason) pages.VisitOutcome {
	switch reason {
	case pages.ReasonRobots, pages.ReasonRobotsError:
		return pages.OutcomeDenied
	case pages.ReasonNotFound:
		return pages.OutcomeDead
	case pages.ReasonDNS, pages.ReasonGuard, pages.ReasonConnect, pages.ReasonTLS, pages.ReasonTimeout, pages.ReasonCancelled:
		return pages.OutcomeUnreachable
	case pages.ReasonBlocked:
		return pages.OutcomeBlocked
	case pages.ReasonProtocol, pages.ReasonRedirects, pages.ReasonEncoding, pages.ReasonThrottled, pages.ReasonCrawlDelay, pages.ReasonOffsite:
	}
	return pages.OutcomeError
}

// readHome publishes the home page and fills the queue from it; more is false where the visit ends here.
func (v *visit) readHome(ctx context.Context, home *answer) (more bool, err error) {
	r := home.resp
	v.homeURL, v.read = r.FinalURL, v.read+1
	v.queue.origin, _ = urls.Origin(r.FinalURL)
	v.mark(home.url)
	v.mark(r.FinalURL)
	v.count(pages.KindHome, r.Status)
	if r.NotModified {
		v.unchanged(home.url, pages.KindHome, r.Status, r.FetchedAt)
		v.considerKnown()
		v.discoverElsewhere()
		return true, nil
	}
	page := v.page(&candidate{url: home.url, kind: pages.KindHome}, r)
	v.homeHash = page.ContentHash
	noindex := false
	v.c.aside(func() { noindex, err = v.considerHome(page) })
	if err != nil || v.res.Outcome != "" {
		return false, err
	}
	if noindex {
		v.skip("noindex", 1)
	} else if err := v.publish(ctx, page); err != nil {
		return false, err
	}
	v.discoverElsewhere()
	v.rest()
	return true, nil
}

// considerHome reads the home page and fills the queue from it, or ends the visit where it is none.
func (v *visit) considerHome(page *pages.Page) (noindex bool, err error) {
	doc, err := document.Parse(page)
	if err != nil {
		return false, err
	}
	kind := classify.Page(doc)
	if outcome, reason := judgeHome(doc, kind); outcome != pages.OutcomeOK {
		v.failed(page.URL, kind, page.Status, reason)
		v.end(outcome, reason)
		return false, nil
	}
	page.SimHash = document.SimHash(doc)
	v.considerKnown()
	v.expand(doc, pages.KindHome, 0)
	return doc.NoIndex, nil
}

// judgeHome says whether what the home page's address answered with is a home page.
func judgeHome(doc *document.Document, kind pages.Kind) (outcome pages.VisitOutcome, reason string) {
	switch {
	case doc.Status >= 400:
		return pages.OutcomeError, "status:" + strconv.Itoa(doc.Status)
	case kind == pages.KindParked:
		return pages.OutcomeParked, "parked"
	case kind == pages.KindError:
		return pages.OutcomeError, "error_page"
	case len(doc.Body) == 0:
		return pages.OutcomeError, "empty"
	}
	return pages.OutcomeOK, ""
}
