package crawl

import (
	"slices"
	"strings"

	"telltale/internal/classify"
	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// maxStreams bounds the streams on other hosts that one visit finds.
const maxStreams = 8

// considerStream queues the feed behind a link to a profile of the domain on another host. One that earlier visits
// read is left to its own schedule.
func (v *visit) considerStream(l *document.Link) {
	s, ok := classify.StreamOf(l)
	if !ok || s.Loose && !v.ownedBy(l) {
		return
	}
	u, err := urls.Canonicalize(s.URL, "")
	if err != nil || urls.SameSite(u, v.in.Domain) || v.streams >= maxStreams || !v.mark(u) {
		return
	}
	v.streams++
	c := candidate{url: u, kind: pages.KindSocial, class: classStream, depth: 1, foreign: true}
	if !s.OnPage {
		c.feed = v.feedOf(u, sourceOf(&s))
	}
	if _, known := v.find(u); !known && !v.queue.push(&c) {
		v.skip("queue", 1)
	}
}

// sourceOf is what a stream's items are.
func sourceOf(s *classify.Stream) pages.Kind {
	if s.Forum {
		return pages.KindForum
	}
	return pages.KindSocial
}

// ownedBy says whether a link to something that others link to as well is likely to be the domain's own: it says so,
// it stands in navigation or footer, or it bears the domain's name.
func (v *visit) ownedBy(l *document.Link) bool {
	label, _, _ := strings.Cut(v.in.Domain, ".")
	return l.Chrome || slices.Contains(strings.Fields(l.Rel), "me") || len(label) > 3 && strings.Contains(strings.ToLower(l.URL), label)
}

// streamOnPage queues the feed that a profile's page names in a link element, on the same site.
func (v *visit) streamOnPage(c *candidate, doc *document.Document) {
	v.read++
	v.queue.take(c.kind)
	site := urls.RegistrableDomain(c.url)
	for i := range doc.Links {
		l := &doc.Links[i]
		u, err := urls.Canonicalize(l.URL, doc.FinalURL)
		if err != nil || l.Type == "" || classify.Link(document.Link{Rel: l.Rel, Type: l.Type}) != pages.KindFeed || !urls.SameSite(u, site) {
			continue
		}
		found := candidate{url: u, kind: c.kind, class: classStream, depth: 2, foreign: true, feed: v.feedOf(u, pages.KindSocial)}
		if _, known := v.find(u); !known && v.mark(u) {
			v.queue.push(&found)
		}
		return
	}
}

// isAbout reports a page on which a company speaks of itself.
func isAbout(url string) bool {
	_, rest := urls.Origin(url)
	path, _, _ := strings.Cut(rest, "?")
	for s := range strings.SplitSeq(strings.ToLower(path), "/") {
		name, _, _ := strings.Cut(s, ".")
		switch name {
		case "about", "about-us", "aboutus", "company", "contact", "contact-us", "ueber-uns", "uber-uns", "unternehmen", "kontakt", "a-propos", "qui-sommes-nous",
			"entreprise", "sobre-nosotros", "empresa", "contacto", "over-ons", "om-oss", "impressum":
			return true
		}
	}
	return false
}
