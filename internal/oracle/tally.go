package oracle

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

const (
	// shownViolations is how many violations are printed with what was around them.
	shownViolations = 10
	// around is how long before and after a violation requests and faults are shown.
	around = 3 * time.Second
	// shownNeighbours bounds the requests shown around one violation.
	shownNeighbours = 12
)

// WriteTally prints a report as a table.
func (r *Report) WriteTally(w io.Writer) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.SetTitle(fmt.Sprintf("oracle, seed %d", r.Seed))
	t.AppendRows([]table.Row{
		{"requests", r.Requests, fmt.Sprintf("in %.1f s by %d processes", (r.Last - r.First).Seconds(), r.Crawlers)},
		{"hosts, addresses", fmt.Sprintf("%d, %d", r.Hosts, r.Addrs), ""},
		{"allowed pages fetched", fmt.Sprintf("%d of %d", r.Fetched, r.Allowed), fmt.Sprintf("%.1f %%", 100*r.Share())},
		{"answers 429 and 503", r.Refusals, ""},
		{"gaps of hosts", r.Host.Checked, closest(&r.Host)},
		{"gaps of addresses", r.Addr.Checked, closest(&r.Addr)},
		{"flow, busiest addresses", fmt.Sprintf("%.1f %%", 100*r.Flow), fmt.Sprintf("of what the delays allow on %d addresses", r.Busy)},
		{"late after a freeze", len(r.Late), "counted apart: at most one for each freeze"},
	})
	for _, name := range slices.Sorted(maps.Keys(r.Counters)) {
		t.AppendRow(table.Row{name, r.Counters[name], "by the crawlers' own count"})
	}
	t.AppendSeparator()
	for _, kind := range kinds() {
		if n, hit := r.injected(kind); n > 0 {
			t.AppendRow(table.Row{"fault: " + string(kind), fmt.Sprintf("%d of %d", hit, n), "hit a lease with a request under way"})
		}
	}
	t.AppendSeparator()
	broken := r.Broken()
	for _, rule := range Rules() {
		t.AppendRow(table.Row{"violation: " + string(rule), broken[rule], ""})
	}
	t.AppendFooter(table.Row{"violations", len(r.Violations), ""})
	t.Render()
}

func kinds() []Kind { return []Kind{Kill, Freeze, Partition, Broker, Clock, Scale} }

func (r *Report) injected(kind Kind) (n, effective int) {
	for i := range r.Faults {
		if r.Faults[i].Kind != kind {
			continue
		}
		n++
		if r.Faults[i].Effective() {
			effective++
		}
	}
	return n, effective
}

func closest(c *Closest) string {
	if c.Checked == 0 {
		return ""
	}
	return fmt.Sprintf("least %.1f ms where %.0f ms were due", ms(c.Gap), ms(c.Want))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// WriteViolations prints the first violations, each with the requests of its host or address around it and the faults near it.
func (r *Report) WriteViolations(w io.Writer, requests []Request) {
	for i := range r.Violations[:min(len(r.Violations), shownViolations)] {
		v := &r.Violations[i]
		fmt.Fprintf(w, "\n%d. %s: %s", i+1, v.Rule, v.Key)
		if v.Want != 0 {
			fmt.Fprintf(w, ": %.1f ms, want %.1f ms", ms(v.Got), ms(v.Want))
		}
		if v.Note != "" {
			fmt.Fprintf(w, ": %s", v.Note)
		}
		fmt.Fprintln(w)
		if v.Request.Host == "" {
			continue
		}
		at, shown := v.Request.Start, 0
		for j := range requests {
			q := &requests[j]
			if (q.Host == v.Key || AddrKey(q.Addr) == v.Key) && q.Start > at-around && q.Start < at+around && shown < shownNeighbours {
				writeRequest(w, q, *q == v.Request)
				shown++
			}
		}
		for j := range r.Faults {
			f := &r.Faults[j]
			if f.At < at+around && f.Until > at-2*around {
				fmt.Fprintf(w, "     fault at %9.3f until %9.3f: %s of %s %s\n", f.At.Seconds(), f.Until.Seconds(), f.Kind, f.Victim, f.Note)
			}
		}
	}
	if n := len(r.Violations) - shownViolations; n > 0 {
		fmt.Fprintf(w, "\nand %d more\n", n)
	}
}

func writeRequest(w io.Writer, q *Request, guilty bool) {
	mark := " "
	if guilty {
		mark = ">"
	}
	cut := ""
	if q.Cut {
		cut = " cut"
	}
	fmt.Fprintf(w, "   %s %9.4f to %9.4f %-6s %3d%s %s%s at %s\n", mark, q.Start.Seconds(), q.End.Seconds(), q.Crawler, q.Status, cut, q.Host, q.Path, q.Addr)
}

// WriteJSON writes a report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
