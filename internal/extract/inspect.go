package extract

import (
	"net/http"
	"time"

	"telltale/internal/classify"
	"telltale/internal/document"
	"telltale/internal/document/jsonld"
	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/urls"
)

// Inspection is everything extraction says of one page (DESIGN §4, inspect page).
type Inspection struct {
	Kind     pages.Kind `json:"kind"`
	Title    string     `json:"title"`
	Language string     `json:"language"`
	// Published is RFC 3339 in UTC, empty where the page has no date. Source is where it was found (jsonld, meta, time, url, text),
	// Precision how exact it is (year, month, day, time), Zone the offset that the page states, if any.
	Published          string `json:"published"`
	PublishedSource    string `json:"published_source"`
	PublishedPrecision string `json:"published_precision"`
	PublishedZone      string `json:"published_zone"`
	Canonical          string `json:"canonical"`
	// Charset is what the body was written in: utf-8, utf-16, utf-7, legacy, broken, binary or none.
	Charset string `json:"charset"`
	// Organization and Jobs are what the structured data states; left out where it states nothing.
	Organization *jsonld.Organization `json:"organization,omitempty"`
	Jobs         []jsonld.Job         `json:"jobs,omitempty"`

	Links        []InspectedLink   `json:"links"`
	Technologies []InspectedTech   `json:"technologies"`
	Topics       []InspectedTopic  `json:"topics"`
	Events       []InspectedEvent  `json:"events"`
	Signals      []InspectedSignal `json:"signals"`
}

// InspectedLink is a link and what it leads to.
type InspectedLink struct {
	URL  string     `json:"url"`
	Kind pages.Kind `json:"kind"`
}

// InspectedTech is a technology the page shows; Confidence is in 0–1.
type InspectedTech struct {
	Name       string  `json:"name"`
	Version    string  `json:"version"`
	Confidence float64 `json:"confidence"`
	Evidence   string  `json:"evidence"`
}

// InspectedTopic is a topic of a product; Sign is +1 or −1.
type InspectedTopic struct {
	Name     string `json:"name"`
	Product  string `json:"product"`
	Sign     int8   `json:"sign"`
	Evidence string `json:"evidence"`
}

// InspectedEvent is an event in the life of the company.
type InspectedEvent struct {
	Name     string `json:"name"`
	Evidence string `json:"evidence"`
}

// InspectedSignal is a signal as it would be stored.
type InspectedSignal struct {
	Kind       signals.Kind `json:"kind"`
	Name       string       `json:"name"`
	Product    string       `json:"product"`
	Strength   float64      `json:"strength"`
	Confidence float64      `json:"confidence"`
	Sign       int8         `json:"sign"`
	Evidence   string       `json:"evidence"`
	// ObservedAt is when it happened, RFC 3339 in UTC; left out where nothing dates it.
	ObservedAt string `json:"observed_at,omitempty"`
}

// Inspect reads one page as Handle would and writes nothing. What the page leaves empty of domain,
// status, header, time and hash is filled in. Errors wrap document.ErrNoPage, or ErrPanic where a rule panicked.
func (e *Extractor) Inspect(p *pages.Page) (*Inspection, error) {
	if p != nil {
		p = e.completed(p)
	}
	r := &reading{e: e}
	res := r.run(p)
	if res.err != nil {
		return nil, res.err
	}
	in := &Inspection{
		Kind: res.doc.Kind, Title: res.doc.Title, Language: res.doc.Language, Canonical: res.doc.Canonical,
		Links: []InspectedLink{}, Technologies: []InspectedTech{}, Topics: []InspectedTopic{}, Events: []InspectedEvent{}, Signals: []InspectedSignal{},
	}
	in.facts(res.doc)
	for _, l := range res.doc.Links {
		in.Links = append(in.Links, InspectedLink{l.URL, classify.Link(l)})
	}
	for i := range res.signals {
		in.add(&res.signals[i])
	}
	return in, nil
}

// facts takes over what the page says of itself and of who made it.
func (in *Inspection) facts(doc *document.Document) {
	if !doc.Published.IsZero() {
		in.Published = doc.Published.Format(time.RFC3339)
	}
	in.PublishedSource, in.PublishedPrecision, in.PublishedZone = doc.PublishedSource, doc.PublishedPrecision.String(), doc.PublishedZone
	in.Charset, in.Organization, in.Jobs = string(doc.Charset), doc.Organization(), doc.Jobs()
}

func (in *Inspection) add(s *signals.Signal) {
	switch s.Kind {
	case signals.KindTechnology:
		in.Technologies = append(in.Technologies, InspectedTech{s.Name, s.Version, s.Confidence, s.Evidence})
	case signals.KindTopic:
		in.Topics = append(in.Topics, InspectedTopic{s.Name, s.Product, s.Sign, s.Evidence})
	case signals.KindEvent:
		in.Events = append(in.Events, InspectedEvent{s.Name, s.Evidence})
	}
	at := ""
	if s.Dated {
		at = s.ObservedAt.UTC().Format(time.RFC3339)
	}
	in.Signals = append(in.Signals, InspectedSignal{s.Kind, s.Name, s.Product, s.Strength, s.Confidence, s.Sign, s.Evidence, at})
}

// completed returns a copy of the page with what a bare body does not have.
func (e *Extractor) completed(p *pages.Page) *pages.Page {
	c := *p
	if c.URL == "" {
		c.URL = "https://page.invalid/"
	}
	if u, err := urls.Canonicalize(c.URL, ""); err == nil {
		c.URL = u
	}
	if c.Domain == "" {
		c.Domain = domains.Registrable(urls.Host(c.URL))
	}
	if c.Status == 0 {
		c.Status = http.StatusOK
	}
	if c.Header == nil {
		c.Header = http.Header{}
	}
	if c.FetchedAt.IsZero() {
		c.FetchedAt = e.cfg.Now()
	}
	if c.ContentHash == "" {
		c.ContentHash = pages.Hash(c.Body)
	}
	return &c
}
