package sampleweb

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// maxRequests bounds the request log; later requests are counted, not kept.
const maxRequests = 1 << 20

// gapTolerance is what a request may come early, as clocks and connections jitter.
const gapTolerance = 25 * time.Millisecond

// Request is one HTTP request as a server saw it, on the wall clock.
type Request struct {
	Start, End time.Time
	// Address is the company's address, Target the path and query.
	Scheme, Host, Address, Method, Target, UserAgent string
	Status                                           int
	// Disallowed marks a target that robots.txt forbids; Early one that came before a Retry-After had passed.
	Disallowed, Early bool
}

// Violation is one breach of robots.txt or of politeness.
type Violation struct {
	// Rule is disallowed, retry_after, overlap or gap.
	Rule    string
	Request Request
	Detail  string
}

type requestLog struct {
	mu      sync.Mutex
	entries []Request
	dropped int
	retry   map[string]time.Time
	count   map[string]int
}

func (l *requestLog) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.entries) >= maxRequests {
		l.dropped++
		return
	}
	l.entries = append(l.entries, r)
}

// early reports whether a request to the host comes before its Retry-After has passed, and forgets it.
func (l *requestLog) early(host string, at time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	until, ok := l.retry[host]
	if !ok {
		return false
	}
	if at.Before(until.Add(-gapTolerance)) {
		return true
	}
	delete(l.retry, host)
	return false
}

// refuse counts a request to a rate-limited host and says whether it is one of those answered with 429.
func (l *requestLog) refuse(host string, at time.Time, wait time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count == nil {
		l.count, l.retry = map[string]int{}, map[string]time.Time{}
	}
	l.count[host]++
	if l.count[host]%5 != 0 {
		return false
	}
	l.retry[host] = at.Add(wait)
	return true
}

// Requests returns the requests so far, in order of their end, and how many more were not kept.
func (w *Web) Requests() (kept []Request, dropped int) {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	return slices.Clone(w.log.entries), w.log.dropped
}

// ForgetRequests empties the request log.
func (w *Web) ForgetRequests() {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	w.log.entries, w.log.dropped = nil, 0
}

// Violations checks the request log: no forbidden target, no request before a Retry-After, no two
// requests to one address at a time, and no two of them started within minGap or, where robots.txt
// states a longer one, its Crawl-delay. Requests for robots.txt itself do not count towards gaps.
// minGap 0 checks Crawl-delay alone.
func (w *Web) Violations(minGap time.Duration) []Violation {
	entries, _ := w.Requests()
	slices.SortStableFunc(entries, func(a, b Request) int {
		return cmp.Or(cmp.Compare(a.Address, b.Address), a.Start.Compare(b.Start))
	})
	var out []Violation
	var last Request
	for _, r := range entries {
		if r.Disallowed {
			out = append(out, Violation{"disallowed", r, "robots.txt forbids " + r.Target})
		}
		if r.Early {
			out = append(out, Violation{"retry_after", r, "before Retry-After had passed"})
		}
		if r.Target == "/robots.txt" {
			continue
		}
		if last.Address == r.Address {
			out = append(out, w.pacing(last, r, minGap)...)
		}
		last = r
	}
	return out
}

func (w *Web) pacing(last, r Request, minGap time.Duration) []Violation {
	var out []Violation
	if r.Start.Before(last.End) {
		out = append(out, Violation{"overlap", r, "while " + last.Target + " was still being answered"})
	}
	want := minGap
	if c := w.byHost[r.Host]; c != nil {
		want = max(want, c.robots.delay)
	}
	if gap := r.Start.Sub(last.Start); gap < want-gapTolerance {
		out = append(out, Violation{"gap", r, fmt.Sprintf("%v after %s, want %v", gap.Round(time.Millisecond), last.Target, want)})
	}
	return out
}
