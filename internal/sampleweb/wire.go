package sampleweb

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// WireDomain is the domain of the press wire, which belongs to no company.
const WireDomain = "sample-wire.example"

// WireTruth is one item of the wire, and of which company it tells.
type WireTruth struct {
	URL   string `json:"url"`
	Title string `json:"title"`
	// Family says how it names its company, or why it tells of none in the books.
	Family string `json:"family"`
	// AccountID is the company it tells of; empty for none in the books.
	AccountID string    `json:"account_id"`
	From      time.Time `json:"from"`
}

// wireItem is an item of the wire and its text.
type wireItem struct {
	WireTruth
	lead, rest, language string
}

// wire is the press wire's site and its items, oldest first.
type wire struct {
	site  *company
	items []wireItem
}

// wireFamily is a way to write of a company: own says that it is one of the web's.
type wireFamily struct {
	name   string
	weight float64
	own    bool
}

func wireFamilies() []wireFamily {
	return []wireFamily{
		{"legal", 26, true}, {"short", 20, true}, {"lead", 10, true}, {"linked", 8, true},
		{"namesake", 8, false}, {"cousin", 8, false}, {"root", 5, false}, {"supplier", 8, false}, {"word", 5, false}, {"unknown", 6, false},
	}
}

// maxWireItems bounds the wire's feed.
const maxWireItems = 240

// buildWire founds the wire. It writes of three companies in four, more or less, each in a way of its own.
func (w *Web) buildWire() {
	c := &company{byURL: map[string]*page{}, domain: WireDomain, addr: netip.AddrFrom4([4]byte{127, 19, 0, 2})}
	c.Company = Company{AccountID: "WIRE", Name: "Sample Wire", Domains: []string{WireDomain}, Language: "en", Behaviour: BehaviourNormal, Readable: true}
	c.Address = c.addr.String()
	c.style = style{https: true, validators: true, host: WireDomain, feedPath: "/latest.rss", feed: 1}
	c.Home = c.origin(WireDomain) + "/"
	c.robots.status = 404
	c.add(&page{kind: "home", path: "/", title: "Sample Wire"})
	c.add(&page{kind: "feed", path: c.style.feedPath, title: "Sample Wire"})
	w.wire = wire{site: c}
	w.byHost[WireDomain], w.byHost["www."+WireDomain] = c, c
	r := newRNG(w.cfg.Seed, "wire")
	families := wireFamilies()
	weights := make([]float64, len(families))
	for i, f := range families {
		weights[i] = f.weight
	}
	for i := range min(maxWireItems, w.cfg.Companies*3/4) {
		w.wire.items = append(w.wire.items, w.wireItem(r, families[r.weighted(weights)], w.companies[i*4/3], i))
	}
	slices.SortStableFunc(w.wire.items, func(a, b wireItem) int { return a.From.Compare(b.From) })
	for i := range w.wire.items {
		it := &w.wire.items[i]
		c.add(&page{kind: "wire", path: "/news/" + itoa(i+1) + "-" + slugify(it.Title), title: it.Title, from: it.From, number: i})
		it.URL = c.pages[len(c.pages)-1].url
	}
}

// wireItem writes one item: of the company, or of somebody who could be taken for it.
func (w *Web) wireItem(r rng, f wireFamily, c *company, i int) wireItem {
	lang := "en"
	if f.own && c.Language == "de" {
		lang = "de"
	}
	it := wireItem{WireTruth: WireTruth{Family: f.name, From: dayIn(r, r.between(historyMonths-4, historyMonths-1)).Add(time.Duration(i) * time.Minute)}, language: lang}
	if f.own {
		it.AccountID = c.AccountID
	}
	short := w.shortName(c)
	root, _, _ := strings.Cut(short, " ")
	place := capital(c.Country)
	other := short + " " + otherForm(c.Name)
	if f.name == "namesake" {
		place = [...]string{"TORONTO", "SYDNEY"}[i%2]
		if place == capital(c.Country) {
			place = "WARSAW"
		}
	}
	text := strings.NewReplacer("{legal}", c.Name, "{short}", short, "{root}", root, "{other}", other, "{site}", c.Home, "{host}", c.domain,
		"{founded}", itoa(c.Founded), "{weekday}", it.From.Weekday().String(), "{dateline}", place+", "+it.From.Format("2 January 2006"),
	).Replace(pick(r, w.prose.pool("wire", f.name+"-"+lang)))
	parts := strings.SplitN(text, " ## ", 3)
	it.Title, it.lead, it.rest = parts[0], parts[1], parts[2]
	if lang == "en" && r.chance(0.15) {
		it.Title = strings.ToUpper(it.Title)
	}
	return it
}

// shortName is a company's name without its legal form.
func (w *Web) shortName(c *company) string {
	for _, lang := range [...]string{"en", "de"} {
		forms := slices.Clone(w.prose.pool("names", "form-"+lang))
		slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
		for _, form := range forms {
			if short, ok := strings.CutSuffix(c.Name, " "+form); ok {
				return short
			}
		}
	}
	return c.Name
}

// otherForm is a legal form that a name does not have.
func otherForm(name string) string {
	if strings.HasSuffix(name, "GmbH") {
		return "Ltd"
	}
	return "GmbH"
}

// capital is where news of a country is datelined.
func capital(country string) string {
	return map[string]string{
		"United Kingdom": "LONDON", "United States": "NEW YORK", "Ireland": "DUBLIN", "Netherlands": "AMSTERDAM", "Denmark": "COPENHAGEN", "Sweden": "STOCKHOLM",
		"Australia": "SYDNEY", "Canada": "TORONTO", "Germany": "BERLIN", "Austria": "WIEN", "Switzerland": "ZÜRICH",
	}[country]
}

// renderWire writes the wire's front page, its feed or an item, as of t.
func (w *Web) renderWire(p *page, t time.Time) []byte {
	var b bytes.Buffer
	switch p.kind {
	case "feed":
		w.wireFeed(&b, t)
	case "wire":
		it := &w.wire.items[p.number-3] // behind the front page and the feed
		fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>%s | Sample Wire</title><meta property=\"article:published_time\" content=\"%s\"></head>\n<body><nav><a href=\"/\">Sample Wire</a></nav><main><h1>%s</h1>\n<p>%s</p>\n<p>%s</p></main>\n<footer>Sample Wire brings you news of companies.</footer></body></html>\n",
			it.language, escape(it.Title), it.From.Format(time.RFC3339), escape(it.Title), escape(it.lead), it.rest)
	default:
		b.WriteString("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sample Wire</title><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/latest.rss\"></head><body><h1>Sample Wire</h1><p>News of companies, all day long.</p></body></html>\n")
	}
	return b.Bytes()
}

func (w *Web) wireFeed(b *bytes.Buffer, t time.Time) {
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Sample Wire</title><link>" + w.wire.site.Home + "</link><description>News</description>\n")
	for i := len(w.wire.items) - 1; i >= 0; i-- {
		if it := &w.wire.items[i]; visible(it.From, time.Time{}, t) {
			body := "<p>" + escape(it.lead) + "</p>\n<p>" + it.rest + "</p>"
			fmt.Fprintf(b, "<item><title>%s</title><link>%s</link><guid isPermaLink=\"true\">%s</guid><pubDate>%s</pubDate><description>%s</description><content:encoded>%s</content:encoded></item>\n",
				escape(it.Title), it.URL, it.URL, it.From.Format(time.RFC1123Z), escape(it.lead), escape(body))
		}
	}
	b.WriteString("</channel></rss>\n")
}

// wireTruth is the truth about the wire's items, oldest first.
func (w *Web) wireTruth() []WireTruth {
	out := make([]WireTruth, len(w.wire.items))
	for i := range w.wire.items {
		out[i] = w.wire.items[i].WireTruth
	}
	return out
}

// watchList is the list of sources that the revenue team watches.
func (w *Web) watchList() string {
	return "sources:\n  - name: Sample Wire\n    url: " + w.wire.site.origin(WireDomain) + w.wire.site.style.feedPath + "\n    kind: press\n"
}
