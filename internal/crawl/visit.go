package crawl

import (
	"context"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"telltale/internal/pages"
	"telltale/internal/urls"
)

const (
	// maxReads bounds the reads a result carries.
	maxReads = 250
	// maxHeader bounds the header a page carries, in bytes, names and values.
	maxHeader = 64 << 10
	// maxFailing is how many requests in a row may fail to reach the host before the visit ends.
	maxFailing = 5
	// nearBits is how many of the 64 bits of the similarity hash may differ in a text that is all but the same.
	nearBits = 3
)

// Reasons for which a visit ends before its candidates do; they stand in the result.
const (
	stopPages     = "budget_pages"
	stopBytes     = "budget_bytes"
	stopTime      = "budget_time"
	stopThrottled = "throttled"
	stopDelay     = "crawl_delay"
	stopFailing   = "host_failing"
	stopBlocked   = "blocked"
)

// visit is the state of one visit; it belongs to one goroutine. Ten thousand are under way at once, so it holds
// little: what is known in in.Memory, packed, and candidates at rest.
type visit struct {
	c   *Crawler
	in  pages.Visit
	res pages.Result
	// seen holds the hashes of addresses that were considered, bodies those of bodies read in this visit.
	seen, bodies hashSet
	queue        frontier
	// read counts pages, requests every fetch, failing those in a row that reached nothing.
	read, requests, failing int
	sitemaps, rechecks      int
	streams                 int
	// sitemapBytes counts what sitemaps were long; they have a budget of their own.
	sitemapBytes int
	// untrusted is the first certificate that the site showed and that is not trusted.
	untrusted *pages.TLSFacts
	// homeURL is where the home page's redirects end.
	homeURL, homeHash string
	stop              string
	attempt           int
}

//go:noinline
func newVisit(c *Crawler, message *pages.Visit, attempt int) *visit {
	in := *message
	in.Pack()
	v := &visit{
		c: c, in: in, attempt: attempt,
		res: pages.Result{
			VisitID: in.ID, Domain: in.Domain, DueAt: in.DueAt, StartedAt: c.deps.Now(), Crawler: c.config.Crawler, Interval: in.Interval,
			FeedsOnly: in.FeedsOnly,
		},
	}
	v.takeFeeds()
	return v
}

// run makes the visit and completes the result. The error is that of a publisher, or of ctx. Most of its life a
// visit waits in the one call of Fetch here, with as little stack beneath it as can be.
func (v *visit) run(ctx context.Context) error {
	budget, cancel := context.WithTimeout(ctx, v.c.config.MaxTime)
	defer cancel()
	if more, err := v.begin(budget, ctx); err != nil || !more {
		return err
	}
	var c candidate
	for v.stop == "" && v.queue.pop(v, &c) && v.mayFetch(budget) {
		var (
			resp *pages.Response
			err  error
		)
		v.c.aside(v.queue.rest)
		if c.foreign {
			resp, err = v.fetchForeign(budget, &c)
		} else {
			resp, err = v.c.deps.Fetcher.Fetch(budget, v.request(&c))
		}
		if err := v.receive(budget, ctx, &c, resp, err); err != nil {
			return err
		}
	}
	v.finish()
	return ctx.Err()
}

// begin fills the queue; more is false where the visit has ended at once.
func (v *visit) begin(budget, ctx context.Context) (more bool, err error) {
	if why := v.c.blocked(v.in.Domain); why != "" {
		v.end(pages.OutcomeBlocked, why)
		return false, ctx.Err()
	}
	if v.in.FeedsOnly {
		v.queueDue()
		return true, nil
	}
	if more, err = v.enter(budget, ctx); err == nil && !more {
		err = ctx.Err()
	}
	return more, err
}

// rest gives back what was grown ahead, before the visit waits.
func (v *visit) rest() {
	v.queue.rest()
	if cap(v.res.Feeds) > len(v.res.Feeds) {
		v.res.Feeds = slices.Clone(v.res.Feeds)
	}
}

// finish ends a visit that has read what there was, or what its budgets allow.
func (v *visit) finish() {
	v.skip("budget", v.queue.left())
	if v.in.FeedsOnly {
		v.endFeeds()
		return
	}
	v.end(pages.OutcomeOK, v.stop)
}

// enter asks DNS and reads the home page; more is false where the visit has ended there.
func (v *visit) enter(budget, ctx context.Context) (more bool, err error) {
	probe, gone := v.probe(budget)
	var home *answer
	switch {
	case gone:
		v.end(pages.OutcomeDead, string(pages.ReasonNotFound))
	case probe != nil && probe.Parking != "":
		v.end(pages.OutcomeParked, "parked:"+probe.Parking)
	default:
		home = v.fetchHome(budget)
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err := v.publishProbe(ctx, probe, home); err != nil || home == nil {
		return false, err
	}
	v.queueDue()
	return v.readHome(ctx, home)
}

// end completes the result.
func (v *visit) end(outcome pages.VisitOutcome, reason string) {
	v.res.Outcome, v.res.Reason, v.res.FinishedAt = outcome, reason, v.c.deps.Now()
	v.res.Failures = 0
	if unreached(outcome, reason) {
		v.res.Failures = v.in.Failures + 1
	}
	if v.c.deps.Robots != nil && v.homeURL != "" && !v.in.FeedsOnly {
		v.res.CrawlDelay = v.c.deps.Robots.CrawlDelay(urls.Host(v.homeURL))
	}
}

// unreached says whether a visit counts as a failure, after which the domain is left alone for longer
// and longer: nothing answered, or only with a server's fault.
func unreached(outcome pages.VisitOutcome, reason string) bool {
	switch outcome {
	case pages.OutcomeDead, pages.OutcomeUnreachable:
		return true
	case pages.OutcomeDenied:
		return reason == string(pages.ReasonRobotsError)
	case pages.OutcomeError:
		return reason == stopThrottled || strings.HasPrefix(reason, "status:5")
	case pages.OutcomeOK, pages.OutcomeParked, pages.OutcomeBlocked:
	}
	return false
}

// publish sends one page message, unless its content is the known one or was sent in this visit.
func (v *visit) publish(ctx context.Context, p *pages.Page) error {
	if k, ok := v.find(p.URL); ok && k.ContentHash != "" {
		if k.ContentHash == p.ContentHash {
			v.unchanged(p.URL, p.Kind, p.Status, p.FetchedAt)
			return nil
		}
		p.NearUnchanged = near(p, &k)
	}
	if len(p.Body) > 0 && !v.bodies.add(p.ContentHash) {
		v.skip("duplicate", 1)
		return nil
	}
	if err := v.c.deps.Publisher.PublishPage(ctx, p); err != nil {
		return err
	}
	v.res.Published++
	v.c.metrics.published.WithLabelValues(string(p.Kind)).Inc()
	if p.NearUnchanged {
		v.res.NearUnchanged++
		v.c.metrics.near.Inc()
	}
	return nil
}

// near reports a page whose text is all but the one last extracted, or a feed whose items are the same: digests of two
// that differ do so in more bits than nearBits.
func near(p *pages.Page, k *pages.Known) bool {
	if p.SimHash == 0 || k.SimHash == 0 {
		return false
	}
	return bits.OnesCount64(p.SimHash^k.SimHash) <= nearBits
}

// page builds the message of a response to a candidate.
func (v *visit) page(c *candidate, r *pages.Response) *pages.Page {
	body := r.Body
	if len(body) > pages.MaxBody {
		body = body[:pages.MaxBody]
	}
	p := &pages.Page{
		VisitID: v.in.ID, Domain: v.in.Domain, URL: c.url, FinalURL: r.FinalURL, Kind: c.kind, Status: r.Status, Header: boundHeader(r.Header),
		FetchedAt: r.FetchedAt, Truncated: r.Truncated || len(r.Body) > pages.MaxBody, ContentHash: pages.Hash(body), Body: body,
	}
	if c.feed > 0 {
		p.Watch = v.res.Feeds[c.feed-1].Watch
	}
	return p
}

// find returns what is known of an address.
func (v *visit) find(url string) (pages.Known, bool) { return v.in.Memory.Find(url) }

// mark remembers an address and reports whether it was new.
func (v *visit) mark(url string) bool { return v.seen.add(url) }

func (v *visit) unchanged(url string, kind pages.Kind, status int, at time.Time) {
	v.res.Unchanged++
	v.c.metrics.reads.WithLabelValues("unchanged").Inc()
	v.note(pages.Read{URL: url, Kind: kind, Status: status, FetchedAt: at, Unchanged: true})
}

// failed records a fetch that gave no page. Denials are counted apart, cancelled fetches not at all.
func (v *visit) failed(url string, kind pages.Kind, status int, reason string) {
	switch pages.FetchReason(reason) {
	case pages.ReasonCancelled:
		return
	case pages.ReasonRobots, pages.ReasonRobotsError:
		v.res.Denied++
	default:
		v.res.Failed++
	}
	// The label is the type alone: what follows a colon, a status or a domain, is for the store.
	label, _, _ := strings.Cut(reason, ":")
	v.c.metrics.reads.WithLabelValues(label).Inc()
	v.note(pages.Read{URL: url, Kind: kind, Status: status, FetchedAt: v.c.deps.Now(), Error: reason})
}

func (v *visit) note(r pages.Read) {
	if len(v.res.Reads) < maxReads {
		v.res.Reads = append(v.res.Reads, r)
	}
}

// count counts an answer by kind and class of status.
func (v *visit) count(kind pages.Kind, status int) {
	v.c.metrics.pages.WithLabelValues(string(kind), strconv.Itoa(status/100)+"xx").Inc()
}

func (v *visit) skip(reason string, n int) {
	if n > 0 {
		v.res.Skipped += n
		v.c.metrics.skipped.WithLabelValues(reason).Add(float64(n))
	}
}
