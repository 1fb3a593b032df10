package sampleweb

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Truth is what the web shows, to whom, and since when.
type Truth struct {
	Seed      uint64         `json:"seed"`
	Eval      bool           `json:"eval"`
	At        time.Time      `json:"at,omitzero"`
	Months    []string       `json:"months"`
	Companies []CompanyTruth `json:"companies"`
	// Wire are the items of the press wire, oldest first.
	Wire []WireTruth `json:"wire"`
}

// CompanyTruth is the truth about one company.
type CompanyTruth struct {
	Company
	Technologies []TechnologyTruth `json:"technologies"`
	// Tolerated technologies are implied by others; finding them is neither right nor wrong.
	Tolerated []string    `json:"tolerated,omitempty"`
	Pages     []PageTruth `json:"pages"`
	// Intent is the latent intent per product, 0–1, one value per month of History, oldest first.
	Intent map[string][]float64 `json:"intent"`
	// Fit is the true fit per product, 0–100.
	Fit           map[string]float64 `json:"fit"`
	Opportunities []Opportunity      `json:"opportunities"`
}

// TechnologyTruth is one technology in one place.
type TechnologyTruth struct {
	Name string `json:"name"`
	// Where is dns, tls, http, home (markup) or careers.
	Where string `json:"where"`
	// Evidence is one of its traces as served.
	Evidence string `json:"evidence"`
	// From and To bound its life; a zero time is open.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// PageTruth is one address and what stands there.
type PageTruth struct {
	URL   string `json:"url"`
	Kind  string `json:"kind"`
	Title string `json:"title"`
	// From is when it appeared (zero: always there), To when it goes (zero: never). Date is the date it
	// shows, zero where it shows none.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	Date time.Time `json:"date,omitzero"`
	// Listing pages and feeds repeat what other pages say.
	Listing bool         `json:"listing,omitempty"`
	Topics  []TopicTruth `json:"topics,omitempty"`
	Events  []EventTruth `json:"events,omitempty"`
	// ToleratedEvents may be found besides, as the page speaks of something close to them.
	ToleratedEvents []string `json:"tolerated_events,omitempty"`
	// ToleratedTopics may be found besides, for the products of Topics and ToleratedProducts: a fair
	// reader could see them in the same words. They count neither for nor against.
	ToleratedTopics   []string `json:"tolerated_topics,omitempty"`
	ToleratedProducts []string `json:"tolerated_products,omitempty"`
	// Negative names the family of a hard negative: nothing may be found there.
	Negative string `json:"negative,omitempty"`
	// Disallowed pages are forbidden by robots.txt, Damaged ones broken in transfer.
	Disallowed bool `json:"disallowed,omitempty"`
	Damaged    bool `json:"damaged,omitempty"`
}

// TopicTruth is one topic a page shows.
type TopicTruth struct {
	Topic    string `json:"topic"`
	Product  string `json:"product"`
	Sign     int    `json:"sign"`
	Sentence string `json:"sentence"`
}

// EventTruth is one event a page tells.
type EventTruth struct {
	Event    string `json:"event"`
	Sentence string `json:"sentence"`
}

// History returns the months of the web's past, oldest first, as YYYY-MM; Months are its last six.
func History() []string {
	out := make([]string, historyMonths)
	for i := range out {
		out[i] = monthStart(i).Format("2006-01")
	}
	return out
}

// Truth returns everything that was ever shown.
func (w *Web) Truth() Truth {
	t := Truth{Seed: w.cfg.Seed, Eval: w.cfg.Eval, Months: w.Months()}
	for _, c := range w.companies {
		t.Companies = append(t.Companies, c.truth())
	}
	t.Wire = w.wireTruth()
	return t
}

// TruthAt returns what a crawl at t can see: what exists then, in readable places, allowed by
// robots.txt. Opportunities created later are left out, those not closed yet are open.
func (w *Web) TruthAt(t time.Time) Truth {
	all := w.Truth()
	all.At = t
	all.Wire = slices.DeleteFunc(all.Wire, func(x WireTruth) bool { return x.From.After(t) })
	for i := range all.Companies {
		ct := &all.Companies[i]
		ct.Technologies = slices.DeleteFunc(ct.Technologies, func(x TechnologyTruth) bool { return !visible(x.From, x.To, t) })
		ct.Pages = slices.DeleteFunc(ct.Pages, func(p PageTruth) bool {
			return !visible(p.From, p.To, t) || p.Disallowed || p.Damaged || !ct.Readable
		})
		ct.Technologies = slices.DeleteFunc(ct.Technologies, func(x TechnologyTruth) bool { return !ct.Readable && x.Where != "dns" && x.Where != "tls" })
		ct.Opportunities = openAt(ct.Opportunities, t)
	}
	return all
}

// openAt is the list as it stood at t.
func openAt(list []Opportunity, t time.Time) []Opportunity {
	var out []Opportunity
	for _, o := range list {
		if o.Created.After(t) {
			continue
		}
		if o.Closed.After(t) {
			o.Outcome = "open"
		}
		out = append(out, o)
	}
	return out
}

func (c *company) truth() CompanyTruth {
	ct := CompanyTruth{Company: c.Company, Tolerated: tolerated(c), Intent: map[string][]float64{}, Fit: maps.Clone(c.fit), Opportunities: slices.Clone(c.opps)}
	ct.Domains = slices.Clone(c.Domains)
	for product, path := range c.latent {
		ct.Intent[product] = slices.Clone(path)
	}
	for _, u := range c.techs {
		if u.channel == "header" && !c.headerServed(u) {
			continue
		}
		ct.Technologies = append(ct.Technologies, TechnologyTruth{Name: u.name, Where: where(u.channel), Evidence: u.records[0], From: u.from, To: u.to})
	}
	for _, p := range c.pages {
		ct.Pages = append(ct.Pages, c.pageTruth(p))
	}
	slices.SortStableFunc(ct.Pages, func(a, b PageTruth) int { return cmp.Compare(a.URL, b.URL) })
	return ct
}

// headerServed reports whether a technology's header lines are not all hidden behind an earlier line of
// the same name.
func (c *company) headerServed(u techUse) bool {
	for _, line := range u.records {
		if !slices.ContainsFunc(c.techs, func(x techUse) bool {
			return x.channel == "header" && x.name != u.name && x.before(c, u) && x.sets(headerName(line))
		}) {
			return true
		}
	}
	return false
}

func (u techUse) before(c *company, other techUse) bool {
	for _, x := range c.techs {
		switch {
		case x.name == u.name && x.channel == u.channel:
			return true
		case x.name == other.name && x.channel == other.channel:
			return false
		}
	}
	return false
}

func (u techUse) sets(name string) bool {
	return slices.ContainsFunc(u.records, func(line string) bool { return headerName(line) == name })
}

func headerName(line string) string {
	for i := range len(line) {
		if line[i] == ':' {
			return line[:i]
		}
	}
	return line
}

func (c *company) pageTruth(p *page) PageTruth {
	pt := PageTruth{URL: p.url, Kind: p.kind, Title: p.title, From: p.from, To: p.to, Listing: p.listing(), Negative: p.negative, Disallowed: p.disallowed, Damaged: p.damaged}
	if dated(p) || p.kind == "thread" {
		pt.Date = p.from
	}
	for _, s := range p.statements {
		if s.event != "" {
			pt.Events = append(pt.Events, EventTruth{Event: s.event, Sentence: s.sentence})
			pt.ToleratedEvents = append(pt.ToleratedEvents, besides(s.event)...)
			continue
		}
		pt.Topics = append(pt.Topics, TopicTruth{Topic: s.topic, Product: s.product, Sign: s.sign, Sentence: s.sentence})
		pt.ToleratedEvents = append(pt.ToleratedEvents, besides(s.topic)...)
		pt.ToleratedTopics = append(pt.ToleratedTopics, s.topic)
		pt.ToleratedTopics = append(pt.ToleratedTopics, near(s.topic)...)
		pt.ToleratedProducts = append(pt.ToleratedProducts, named(p.title+" "+s.sentence, s.product)...)
	}
	if p.kind == "job" || p.kind == "careers_index" {
		pt.ToleratedEvents = append(pt.ToleratedEvents, "hiring")
	}
	return pt
}

// WriteTruth writes a truth as indented JSON.
func WriteTruth(out io.Writer, t Truth) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", " ")
	if err := enc.Encode(t); err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	return nil
}
