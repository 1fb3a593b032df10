package oracle

import (
	"cmp"
	"slices"
	"time"
)

// Closest is the least gap that was kept, and what was demanded there.
type Closest struct {
	Gap  time.Duration `json:"gap"`
	Want time.Duration `json:"want"`
	// Checked counts the gaps.
	Checked int `json:"checked"`
}

// ratio is how much of the demanded gap was kept.
func (c *Closest) ratio() float64 { return float64(c.Gap) / float64(max(c.Want, 1)) }

func (c *Closest) note(gap, want time.Duration) {
	next := Closest{Gap: gap, Want: want, Checked: c.Checked + 1}
	if c.Checked > 0 && c.ratio() <= next.ratio() {
		next.Gap, next.Want = c.Gap, c.Want
	}
	*c = next
}

// Report is what a run came to.
type Report struct {
	// Seed repeats the run's web and plan of faults.
	Seed     uint64 `json:"seed"`
	Requests int    `json:"requests"`
	Hosts    int    `json:"hosts"`
	Addrs    int    `json:"addresses"`
	// Crawlers counts processes, one more for every restart.
	Crawlers int `json:"crawlers"`
	// Allowed counts the pages that had to be read, Fetched those that were.
	Allowed int `json:"allowed"`
	Fetched int `json:"fetched"`
	// Missing are allowed pages that were not read, in order.
	Missing []string `json:"missing,omitempty"`
	// Refusals counts answers 429 and 503.
	Refusals int           `json:"refusals"`
	First    time.Duration `json:"first"`
	Last     time.Duration `json:"last"`
	Host     Closest       `json:"host_gaps"`
	Addr     Closest       `json:"address_gaps"`
	// Flow is the share of what politeness lets through that went through the busiest addresses; Busy counts those.
	Flow float64 `json:"flow"`
	Busy int     `json:"busy_addresses"`
	// Late are the requests that frozen crawlers had already decided on, one for each freeze at most.
	Late       []Request   `json:"late"`
	Faults     []Fault     `json:"faults"`
	Violations []Violation `json:"violations"`
	// Counters are sums over the crawlers' own metrics, by name; those of killed processes are gone.
	Counters map[string]float64 `json:"counters,omitempty"`
}

// Share is the part of the allowed pages that was fetched; 0 where none was allowed.
func (r *Report) Share() float64 { return float64(r.Fetched) / float64(max(r.Allowed, 1)) }

// Broken counts the violations by rule.
func (r *Report) Broken() map[Rule]int {
	n := map[Rule]int{}
	for i := range r.Violations {
		n[r.Violations[i].Rule]++
	}
	return n
}

func (r *Report) noteGap(host bool, gap, want time.Duration) {
	if host {
		r.Host.note(gap, want)
		return
	}
	r.Addr.note(gap, want)
}

const (
	// busyShare is the part of the addresses, the busiest first, whose flow is measured: those that politeness binds.
	busyShare = 10
	// leastBusy is the fewest requests that make an address busy.
	leastBusy = 20
)

// noteFlow measures, on the busiest tenth of the addresses, how much of the time between their first and last request
// went by in requests and demanded gaps: what politeness lets through, of which the rest was lost to the crawlers.
func (c *checker) noteFlow(addrs map[string]*lane) {
	lanes := make([]*lane, 0, len(addrs))
	for _, l := range addrs {
		if l.count >= leastBusy {
			lanes = append(lanes, l)
		}
	}
	slices.SortFunc(lanes, func(a, b *lane) int { return cmp.Compare(b.count, a.count) })
	lanes = lanes[:min(len(lanes), max(len(addrs)/busyShare, 1))]
	var used, whole time.Duration
	for _, l := range lanes {
		used += l.wanted + l.working
		whole += c.Requests[l.last].End - l.first
	}
	c.report.Busy = len(lanes)
	c.report.Flow = float64(used) / float64(max(whole, 1))
}
