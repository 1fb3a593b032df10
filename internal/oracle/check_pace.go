package oracle

import "time"

// paces checks that requests of one host and of one address neither overlap nor follow too soon; requests by index in
// dropped were excused.
func (c *checker) paces(dropped map[int]bool) {
	c.report.Violations = append(c.report.Violations, c.paceViolations(dropped, true)...)
}

// lane is the requests of one host or address so far.
type lane struct {
	// last is the request that ended last, -1 for none.
	last    int
	first   time.Duration
	wanted  time.Duration
	working time.Duration
	count   int
}

// paceViolations walks the requests by start; note has the gaps counted in the report.
func (c *checker) paceViolations(dropped map[int]bool, note bool) []Violation {
	var out []Violation
	hosts, addrs := map[string]*lane{}, map[string]*lane{}
	for i := range c.Requests {
		r := &c.Requests[i]
		if dropped[i] {
			continue
		}
		if v, bad := c.follow(hosts, r.Host, i, note); bad {
			out = append(out, v)
		}
		if v, bad := c.follow(addrs, AddrKey(r.Addr), i, note); bad {
			out = append(out, v)
		}
	}
	if note {
		c.noteFlow(addrs)
	}
	return out
}

// follow checks a request against the one before it in its lane.
func (c *checker) follow(lanes map[string]*lane, key string, i int, note bool) (Violation, bool) {
	r := &c.Requests[i]
	l, ok := lanes[key]
	if !ok {
		lanes[key] = &lane{last: i, first: r.Start, working: r.End - r.Start, count: 1}
		return Violation{}, false
	}
	before := &c.Requests[l.last]
	host := key == r.Host
	want, gap := c.demanded(before, r, host), r.Start-before.End
	if note {
		c.report.noteGap(host, gap, want)
	}
	l.wanted += want
	l.working += r.End - r.Start
	l.count++
	if r.End >= before.End {
		l.last = i
	}
	tolerance := Tolerance
	if before.Cut {
		tolerance = CutTolerance + before.Stall
	}
	if gap >= want-tolerance {
		return Violation{}, false
	}
	v := Violation{Rule: CrawlDelay, Request: *r, Before: *before, Key: key, Want: want, Got: gap}
	switch {
	case gap < 0:
		v.Rule = either(host, OverlapHost, OverlapAddr)
	case gap < c.Truth.Gap-tolerance:
		v.Rule = either(host, GapHost, GapAddr)
	}
	return v, true
}

// demanded is the gap between two requests. A host's Crawl-delay counts once either side had read its robots.txt: the
// first left the host to be alone for that long, or the second knew that it asks for it. Behind robots.txt itself no more
// than MaxDelay is asked for, as a host with a longer one is read one page a visit.
func (c *checker) demanded(before, r *Request, host bool) time.Duration {
	delay := c.Truth.delay(r.Host)
	if before.Path == robotsPath {
		delay = min(delay, c.Truth.MaxDelay)
	}
	if host && delay > c.Truth.Gap && (c.knew(r) || c.knew(before)) {
		return delay
	}
	return c.Truth.Gap
}

func either(host bool, a, b Rule) Rule {
	if host {
		return a
	}
	return b
}

// late are the requests that crawlers sent which had been frozen past their leases: at most one for each freeze.
type late struct {
	freezes []Fault
	dropped map[int]bool
}

// lateWithin is how soon after it goes on a frozen process sends what it had decided on.
const lateWithin = 2 * time.Second

func newLate(faults []Fault) *late {
	l := &late{dropped: map[int]bool{}}
	for _, f := range faults {
		if f.Kind == Freeze {
			l.freezes = append(l.freezes, f)
		}
	}
	return l
}

// excuse drops, for each freeze, the one request that breaks the pace because it was already decided on, and returns them.
func (l *late) excuse(c *checker) []Request {
	var out []Request
	for len(l.freezes) > 0 {
		found := false
		for _, v := range c.paceViolations(l.dropped, false) {
			if i := l.blame(c.Requests, &v); i >= 0 {
				l.dropped[i], found = true, true
				out = append(out, c.Requests[i])
				break
			}
		}
		if !found {
			break
		}
	}
	return out
}

// blame finds which side of a violation was sent by a process that had just been frozen, and uses that freeze up.
func (l *late) blame(requests []Request, v *Violation) int {
	for n, f := range l.freezes {
		for _, r := range [...]*Request{&v.Request, &v.Before} {
			if r.Crawler != f.Victim || r.Start < f.Until || r.Start > f.Until+lateWithin {
				continue
			}
			for i := range requests {
				if requests[i] == *r {
					l.freezes = append(l.freezes[:n:n], l.freezes[n+1:]...)
					return i
				}
			}
		}
	}
	return -1
}
