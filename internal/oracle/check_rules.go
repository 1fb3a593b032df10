package oracle

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// robots checks every request against the truth of robots.txt, and that each process read it before anything else.
func (c *checker) robots() {
	for i := range c.Requests {
		r := &c.Requests[i]
		if r.Path == robotsPath {
			continue
		}
		if !c.Truth.Allows(r.Host, r.Path) {
			c.violate(Violation{Rule: Disallowed, Request: *r, Key: r.Host})
		}
		if !c.knew(r) {
			c.violate(Violation{Rule: RobotsFirst, Request: *r, Key: r.Host})
		}
	}
}

// refusal is a host's last 429 or 503.
type refusal struct {
	at      int
	until   time.Duration
	strikes int
	rule    Rule
}

// waits checks that nobody asks a host before the time it named, or before the back-off where it named none.
func (c *checker) waits(dropped map[int]bool) {
	last := map[string]refusal{}
	for i := range c.Requests {
		r := &c.Requests[i]
		before, refused := last[r.Host]
		if refused && r.Start < before.until-Tolerance && !dropped[i] {
			b := c.Requests[before.at]
			// A request that was sent before the refusal had come is an overlap, and counted there.
			if r.Start >= b.End {
				c.violate(Violation{Rule: before.rule, Request: *r, Before: b, Key: r.Host, Want: before.until - b.End, Got: r.Start - b.End})
			}
		}
		if r.Status != http.StatusTooManyRequests && r.Status != http.StatusServiceUnavailable {
			continue
		}
		c.report.Refusals++
		if refused && r.End > before.until+forgiveAfter {
			before.strikes = 0
		}
		next := refusal{at: i, until: r.Until, strikes: before.strikes + 1, rule: RetryAfter}
		if r.Until == 0 {
			next.until, next.rule = r.End+backoff(next.strikes), Backoff
		}
		last[r.Host] = next
	}
}

// backoff is the wait after the n-th refusal in a row that named none.
func backoff(n int) time.Duration {
	wait := firstBackoff
	for ; n > 1 && wait < maxBackoff; n-- {
		wait *= 2
	}
	return min(wait, maxBackoff)
}

// coverage counts the wanted pages that were fetched.
func (c *checker) coverage() {
	type page struct{ host, path string }
	got := map[page]bool{}
	for i := range c.Requests {
		if r := &c.Requests[i]; r.Status >= 200 && r.Status < 400 {
			got[page{r.Host, r.Path}] = true
		}
	}
	for name, h := range c.Truth.Hosts {
		for i := range h.Pages {
			if !h.Pages[i].Wanted {
				continue
			}
			c.report.Allowed++
			if got[page{name, h.Pages[i].Path}] {
				c.report.Fetched++
				continue
			}
			c.report.Missing = append(c.report.Missing, name+h.Pages[i].Path)
		}
	}
	slices.Sort(c.report.Missing)
	if share := c.report.Share(); share < Coverage {
		c.violate(Violation{Rule: TooFewPages, Note: fmt.Sprintf("%d of %d allowed pages were fetched, %.1f %%; want %.0f %%",
			c.report.Fetched, c.report.Allowed, 100*share, 100*Coverage)})
	}
}

// faults checks that every fault hit somebody at work.
func (c *checker) faults() {
	c.report.Faults = c.Faults
	for i := range c.Faults {
		if f := &c.Faults[i]; !f.Effective() {
			c.violate(Violation{Rule: IdleFault, Key: f.Victim, Note: fmt.Sprintf("%s of %s at %.1f s hit %d leases and %d requests under way",
				f.Kind, f.Victim, f.At.Seconds(), f.Leases, f.InFlight)})
		}
	}
}

// count counts requests, hosts, addresses and processes.
func (c *checker) count() {
	hosts, addrs, crawlers := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range c.Requests {
		r := &c.Requests[i]
		hosts[r.Host], addrs[AddrKey(r.Addr)], crawlers[r.Crawler] = true, true, true
		if i == 0 || r.End > c.report.Last {
			c.report.Last = r.End
		}
	}
	if len(c.Requests) > 0 {
		c.report.First = c.Requests[0].Start
	}
	c.report.Requests, c.report.Hosts, c.report.Addrs, c.report.Crawlers = len(c.Requests), len(hosts), len(addrs), len(crawlers)
}
