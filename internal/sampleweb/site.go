package sampleweb

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// page is one address of one company and what stands there.
type page struct {
	url, host, path string
	kind, title     string
	from, to        time.Time
	passage         string
	statements      []statement
	negative        string
	// undated pages show no date; disallowed ones must never be fetched; damaged ones cannot be read.
	undated, disallowed, damaged bool
	number                       int
}

// listing reports that a page repeats titles or summaries of others.
func (p *page) listing() bool {
	switch p.kind {
	case "home", "blog_index", "press_index", "careers_index", "forum_index", "feed", "sitemap", "archive":
		return true
	}
	return false
}

func newStyle(c *company, r rng) style {
	s := style{layout: r.IntN(5), dateForm: r.IntN(6), feed: r.weighted([]float64{8, 22, 14, 18, 12, 10, 8}), nav: r.IntN(4)}
	s.https, s.www, s.gzip, s.validators = !r.chance(0.06), r.chance(0.5), r.chance(0.4), r.chance(0.88)
	s.host = c.domain
	if s.www {
		s.host = "www." + c.domain
	}
	if r.chance(0.1) {
		s.blogHost = "blog." + c.domain
	}
	s.ext = pick(r, []string{"", "/", ".html", ".php"})
	s.blog = pick(r, []string{"/blog", "/news", "/insights", "/stories", "/company/blog"})
	s.press = pick(r, []string{"/press", "/newsroom", "/media/press-releases", "/about/press"})
	s.careers = pick(r, []string{"/careers", "/jobs", "/company/careers", "/join-us", ""})
	if c.Language == "de" {
		s.blog = pick(r, []string{"/blog", "/aktuelles", "/neuigkeiten"})
		s.press = pick(r, []string{"/presse", "/unternehmen/presse"})
		s.careers = pick(r, []string{"/karriere", "/stellenangebote", "/jobs", ""})
	}
	if s.blogHost != "" {
		s.blog = ""
	}
	if r.chance(0.28) {
		s.forumKind = pick(r, []string{"discourse", "phpbb"})
		s.forum = map[string]string{"discourse": "/community", "phpbb": "/forum"}[s.forumKind]
	}
	s.feedPath = [...]string{"", "/feed/", "/rss.xml", "/atom.xml", "/feed.json", "/index.rss", "/feeds/all.atom"}[s.feed]
	return s
}

// origin is the scheme and host in front of a path.
func (c *company) origin(host string) string {
	if c.style.https {
		return "https://" + host
	}
	return "http://" + host
}

// add files a page under its address; a second page at one address gets a number.
func (c *company) add(p *page) {
	if p.host == "" {
		p.host = c.style.host
	}
	base := p.path
	for n := 2; c.byURL[p.host+p.path] != nil; n++ {
		ext := c.style.ext
		p.path = strings.TrimSuffix(base, ext) + "-" + itoa(n)
		if strings.HasSuffix(base, ext) {
			p.path += ext
		}
	}
	p.url = c.origin(p.host) + p.path
	p.number = len(c.pages) + 1
	c.pages = append(c.pages, p)
	c.byURL[p.host+p.path] = p
}

// placeItems gives every item of the story an address.
func (w *Web) placeItems(c *company, items []item) {
	r := newRNG(w.cfg.Seed, "places", c.AccountID)
	for _, it := range items {
		p := &page{kind: it.kind, title: it.title, from: it.date, passage: it.passage, statements: it.statements, negative: it.negative}
		slug := slugify(it.title)
		if slug == "" {
			slug = "item"
		}
		p.undated = r.chance(0.04)
		switch it.kind {
		case "post":
			p.host, p.path = c.style.blogHost, c.style.blog+datePath(c, it.date)+slug+c.style.ext
		case "press":
			p.path = c.style.press + datePath(c, it.date) + slug + c.style.ext
		case "job":
			p.path = c.style.careers + "/" + slug + c.style.ext
			p.to = it.date.AddDate(0, 0, r.between(45, 120))
		case "thread":
			p.path = threadPath(c, slug, len(c.pages)+100)
			p.undated = false
		default:
			p.path, p.undated = "/"+it.kind+"s/"+slug+c.style.ext, true
		}
		if it.kind != "job" && r.chance(0.02) {
			p.to = it.date.AddDate(0, r.between(3, 9), 0)
		}
		c.add(p)
	}
}

func datePath(c *company, t time.Time) string {
	if c.style.dateForm == 4 {
		return t.Format("/2006/01/")
	}
	return "/"
}

func threadPath(c *company, slug string, n int) string {
	if c.style.forumKind == "phpbb" {
		return c.style.forum + "/viewtopic.php?f=2&t=" + itoa(n)
	}
	return c.style.forum + "/t/" + slug + "/" + itoa(n)
}

// buildSite adds the pages that every site has.
func (w *Web) buildSite(c *company) {
	r := newRNG(w.cfg.Seed, "site", c.AccountID)
	fixed := func(kind, path, title string) {
		c.add(&page{kind: kind, path: path, title: title})
	}
	de := c.Language == "de"
	choose := func(en, german string) string {
		if de {
			return german
		}
		return en
	}
	fixed("home", "/", c.Name)
	fixed("about", choose("/about", "/ueber-uns")+c.style.ext, choose("About us", "Über uns"))
	fixed("services", choose("/services", "/leistungen")+c.style.ext, choose("What we do", "Leistungen"))
	fixed("contact", choose("/contact", "/kontakt")+c.style.ext, choose("Contact", "Kontakt"))
	fixed("imprint", choose("/legal/terms", "/impressum")+c.style.ext, choose("Terms", "Impressum"))
	fixed("privacy", choose("/privacy", "/datenschutz")+c.style.ext, choose("Privacy notice", "Datenschutz"))
	c.add(&page{kind: "blog_index", host: c.style.blogHost, path: c.style.blog + "/", title: "Blog"})
	fixed("press_index", c.style.press+"/", choose("Press", "Presse"))
	if c.style.careers != "" {
		fixed("careers_index", c.style.careers+"/", choose("Careers", "Karriere"))
	}
	if c.style.forum != "" {
		fixed("forum_index", c.style.forum+"/", "Forum")
	}
	if c.style.feedPath != "" {
		c.add(&page{kind: "feed", host: c.style.blogHost, path: c.style.feedPath, title: c.Name})
	}
	w.buildRobots(c, r)
	w.buildSitemaps(c)
	w.buildPrivate(c, r)
	w.damage(c)
	c.hosts = append(c.hosts, c.style.host)
	if c.style.blogHost != "" {
		c.hosts = append(c.hosts, c.style.blogHost)
	}
}

// buildPrivate adds pages behind a Disallow line, linked like any other, with a statement that nobody
// may ever find in the store.
func (w *Web) buildPrivate(c *company, r rng) {
	for i, prefix := range c.robots.disallow {
		if strings.ContainsAny(prefix, "*$") || prefix == "/" || i > 1 {
			continue
		}
		at := dayIn(r, r.between(2, historyMonths-4))
		s := w.slots(c, r, at, pick(r, Products()))
		topic := pick(r, []string{"migration", "evaluation", "expansion"})
		sentence := s.fill(pick(r, w.topicPool(c, topic, s.product, "post")))
		c.add(&page{kind: "private", path: strings.TrimSuffix(prefix, "/") + "/notes-" + itoa(i+1) + ".html", title: "Notes", from: at, passage: sentence,
			statements: []statement{{topic: topic, product: s.product, sign: 1, sentence: sentence}}, disallowed: true})
	}
}

// damage marks the pages whose transfer is broken.
func (w *Web) damage(c *company) {
	if c.Behaviour != BehaviourBrokenTransfer {
		return
	}
	for i, p := range c.pages {
		if p.kind == "post" || p.kind == "press" {
			p.damaged = i%2 == 0
		}
	}
}

// visiblePages returns the company's pages of the given kinds at t, newest first.
func (c *company) visiblePages(t time.Time, kinds ...string) []*page {
	var out []*page
	for _, p := range c.pages {
		if slices.Contains(kinds, p.kind) && visible(p.from, p.to, t) && !p.disallowed {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b *page) int { return b.from.Compare(a.from) })
	return out
}

// modified is when a page last changed, as seen at t: its own date, or that of what it lists.
func (c *company) modified(p *page, t time.Time) time.Time {
	last := p.from
	if last.IsZero() {
		last = epochStart().Add(-time.Duration(len(c.Name)) * 24 * time.Hour)
	}
	if !p.listing() {
		return c.lastTechChange(last, t)
	}
	for _, q := range c.pages {
		if visible(q.from, time.Time{}, t) && q.from.After(last) {
			last = q.from
		}
		if !q.to.IsZero() && !q.to.After(t) && q.to.After(last) {
			last = q.to
		}
	}
	return c.lastTechChange(last, t)
}

func (c *company) lastTechChange(last, t time.Time) time.Time {
	for _, u := range c.techs {
		for _, at := range []time.Time{u.from, u.to} {
			if !at.IsZero() && !at.After(t) && at.After(last) {
				last = at
			}
		}
	}
	return last
}

// lookup finds what a request target names at t; gone reports something that existed once.
func (c *company) lookup(host, target string, t time.Time) (p *page, gone bool) {
	p = c.byURL[host+target]
	if p == nil {
		if i := strings.IndexByte(target, '?'); i >= 0 && c.style.forumKind != "phpbb" || i >= 0 && !strings.Contains(target, "viewtopic") {
			p = c.byURL[host+target[:i]]
		} else if i >= 0 {
			p = c.byURL[host+dropParam(target, "sid")]
		}
	}
	if p == nil || p.from.After(t) {
		return nil, false
	}
	if !visible(p.from, p.to, t) {
		return nil, true
	}
	return p, false
}

// dropParam takes one query parameter off a request target.
func dropParam(target, name string) string {
	path, query, ok := strings.Cut(target, "?")
	if !ok {
		return target
	}
	kept := slices.DeleteFunc(strings.Split(query, "&"), func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
	return fmt.Sprintf("%s?%s", path, strings.Join(kept, "&"))
}
