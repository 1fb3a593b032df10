package oracle

import (
	"cmp"
	"slices"
	"time"
)

// The tolerances of gaps. The server notes the end of a request before it writes the last byte and its start when the
// first byte has come, so what it measures is the crawler's own gap or more, never less: the little that is left is for
// the resolution of timers. Only where the client went away first is the end a guess (see Web.gone): its time ran while it
// still connected, and where it was killed the server hears of it when it is woken.
const (
	Tolerance    = time.Millisecond
	CutTolerance = 20 * time.Millisecond
)

// Coverage is the share of allowed pages below which a run proves nothing.
const Coverage = 0.95

// firstBackoff is the wait after a 429 or 503 that names none; it doubles with every further one, up to maxBackoff, until
// forgiveAfter of quiet has passed.
const (
	firstBackoff = time.Minute
	maxBackoff   = 24 * time.Hour
	forgiveAfter = 30 * time.Minute
)

// Rule names what a violation breaks.
type Rule string

// The rules.
const (
	OverlapHost Rule = "overlap of host"
	OverlapAddr Rule = "overlap of address"
	GapHost     Rule = "gap of host"
	GapAddr     Rule = "gap of address"
	CrawlDelay  Rule = "crawl-delay"
	Disallowed  Rule = "robots.txt"
	RobotsFirst Rule = "robots.txt first"
	RetryAfter  Rule = "Retry-After"
	Backoff     Rule = "back-off"
	TooFewPages Rule = "coverage"
	IdleFault   Rule = "idle fault"
)

// Rules lists the rules in the order of the tally.
func Rules() []Rule {
	return []Rule{OverlapHost, OverlapAddr, GapHost, GapAddr, CrawlDelay, Disallowed, RobotsFirst, RetryAfter, Backoff, TooFewPages, IdleFault}
}

// Violation is one broken rule.
type Violation struct {
	Rule Rule `json:"rule"`
	// Request broke it, and Before is the request that it followed too soon, where there is one.
	Request Request `json:"request"`
	Before  Request `json:"before"`
	// Key is the host or address; Want and Got are the time demanded and the time kept, or shares for coverage.
	Key  string        `json:"key,omitempty"`
	Want time.Duration `json:"want,omitempty"`
	Got  time.Duration `json:"got,omitempty"`
	Note string        `json:"note,omitempty"`
}

// Run is what a checker judges.
type Run struct {
	Truth    *Truth
	Requests []Request
	Faults   []Fault
}

// Check judges a run. It is a pure function of its argument; it may reorder the requests.
func Check(run *Run) *Report {
	slices.SortStableFunc(run.Requests, func(a, b Request) int { return cmp.Compare(a.Start, b.Start) })
	c := &checker{Run: run, report: &Report{}, knows: robotsReads(run)}
	late := newLate(run.Faults)
	c.report.Late = late.excuse(c)
	c.paces(late.dropped)
	c.robots()
	c.waits(late.dropped)
	c.coverage()
	c.faults()
	c.count()
	return c.report
}

// checker is one judgement under way.
type checker struct {
	*Run
	report *Report
	// knows holds, per process and host, when the process had first read the host's robots.txt.
	knows map[reader]time.Duration
}

type reader struct{ crawler, host string }

// robotsReads notes when each process first had an answer to its question for each host's robots.txt, or had to do without.
func robotsReads(run *Run) map[reader]time.Duration {
	knows := map[reader]time.Duration{}
	for i := range run.Requests {
		r := &run.Requests[i]
		key := reader{r.Crawler, r.Host}
		if r.Path != robotsPath {
			continue
		}
		if at, ok := knows[key]; !ok || r.End < at {
			knows[key] = r.End
		}
	}
	return knows
}

// knew reports whether a process had read the host's robots.txt when it sent r.
func (c *checker) knew(r *Request) bool {
	at, ok := c.knows[reader{r.Crawler, r.Host}]
	return ok && at <= r.Start
}

func (c *checker) violate(v Violation) { c.report.Violations = append(c.report.Violations, v) }
