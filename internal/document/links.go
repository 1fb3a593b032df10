package document

import (
	"net/url"
	"strings"

	"golang.org/x/net/html/atom"

	"telltale/internal/urls"
)

// openAnchor begins a link; its address is resolved when the page's base is known.
func (w *walker) openAnchor(tag atom.Atom) {
	w.closeAnchor()
	attrs := w.readAttrs()
	href := strings.TrimSpace(attr(attrs, "href"))
	if !followable(href) {
		return
	}
	if len(w.doc.Links) >= maxLinks {
		w.doc.Clipped = true
		return
	}
	f := w.stack.top()
	l := Link{URL: href, Rel: strings.ToLower(attr(attrs, "rel")), Type: strings.ToLower(attr(attrs, "type")),
		Chrome: f.chrome&(chromeNav|chromeHeader|chromeFooter|chromeAside|chromeCookie) != 0, Offset: w.pos}
	for _, key := range [...]string{"aria-label", "title"} {
		if l.Text == "" {
			l.Text = collapse(attr(attrs, key), maxLinkText)
		}
	}
	w.addLink(l)
	if tag == atom.A {
		w.open = anchor{link: len(w.doc.Links), start: len(w.text.buf)}
	}
}

// closeAnchor ends the open anchor; its text is what was written since.
func (w *walker) closeAnchor() {
	if w.open.link == 0 {
		return
	}
	w.cover.add(w.open, w.text.start, len(w.text.buf))
	end := min(len(w.text.buf), w.open.start+maxLinkText)
	w.spans[w.open.link-1] = span{min(w.open.start, end), end}
	w.open = anchor{}
}

// onLink keeps a link element that has a relation.
func (w *walker) onLink() {
	attrs := w.readAttrs()
	href, rel := strings.TrimSpace(attr(attrs, "href")), strings.ToLower(strings.TrimSpace(attr(attrs, "rel")))
	if rel == "" || loadsOnly(rel) || !followable(href) {
		return
	}
	if len(w.doc.Links) >= maxLinks {
		w.doc.Clipped = true
		return
	}
	w.addLink(Link{URL: href, Rel: rel, Type: strings.ToLower(attr(attrs, "type")),
		Text: collapse(attr(attrs, "title"), maxLinkText), Offset: w.pos})
}

// loadsOnly reports relations that load a resource and lead to no page (HTML §4.6.7).
func loadsOnly(rel string) bool {
	switch rel {
	case "stylesheet", "preload", "prefetch", "modulepreload", "dns-prefetch", "preconnect", "icon", "shortcut icon", "apple-touch-icon",
		"apple-touch-icon-precomposed", "mask-icon", "manifest", "preload stylesheet", "alternate stylesheet", "image_src":
		return true
	}
	return false
}

func (w *walker) addLink(l Link) {
	w.doc.Links = append(w.doc.Links, l)
	w.spans = append(w.spans, span{})
}

// followable reports an address that can lead to a page.
func followable(href string) bool {
	if href == "" || href[0] == '#' || len(href) > maxAddress {
		return false
	}
	if i := strings.IndexAny(href, ":/?#"); i > 0 && href[i] == ':' {
		return hasScheme(href)
	}
	return true
}

func hasScheme(href string) bool {
	return len(href) > 5 && strings.EqualFold(href[:5], "http:") || len(href) > 6 && strings.EqualFold(href[:6], "https:")
}

// resolver turns addresses as written into absolute ones, against one base.
type resolver struct {
	base   string
	origin string
	parsed *url.URL
	// dir is the base's path up to its last slash; plainBase reports that base and dir need no parsing.
	dir       string
	plainBase bool
	seen      map[string]string
}

// newResolver takes the page's address and the href of its base element, if any.
func newResolver(page, base string) *resolver {
	r := &resolver{base: page, seen: map[string]string{}}
	if base != "" {
		if b, err := urls.Canonicalize(base, page); err == nil {
			r.base = b
		}
	}
	if u, err := url.Parse(r.base); err == nil && u.Host != "" {
		r.parsed = u
		r.origin = u.Scheme + "://" + u.Host
		r.dir = "/"
		if i := strings.LastIndexByte(u.Path, '/'); i >= 0 {
			r.dir = u.Path[:i+1]
		}
		r.plainBase = (u.Scheme == "http" || u.Scheme == "https") && plainHost(u.Host) && plainPath(r.dir) && u.RawPath == ""
	}
	return r
}

// link returns the canonical absolute address, or "" where there is none.
func (r *resolver) link(href string) string {
	if abs, ok := r.plain(href); ok {
		return abs
	}
	if abs, ok := r.seen[href]; ok {
		return abs
	}
	abs, err := urls.Canonicalize(href, r.base)
	if err != nil {
		abs = ""
	}
	r.seen[href] = abs
	return abs
}

// plain resolves without parsing what is canonical as it is written, or all but its fragment: a path, or
// an address, of characters that nothing changes. Most links on the web are one of these.
func (r *resolver) plain(href string) (string, bool) {
	if i := strings.IndexByte(href, '#'); i > 0 {
		href = href[:i]
	}
	origin, path := r.origin, href
	switch {
	case strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://"):
		start := strings.Index(href, "//") + 2
		i := strings.IndexByte(href[start:], '/')
		if i <= 0 || !plainHost(href[start:start+i]) {
			return "", false
		}
		origin, path = href[:start+i], href[start+i:]
	case !r.plainBase:
		return "", false
	case href[0] != '/':
		if strings.Contains(href, ":") {
			return "", false
		}
		path = r.dir + href
	}
	if len(origin)+len(path) > urls.MaxLength || !plainPath(path) {
		return "", false
	}
	return origin + path, true
}

// plainPath reports a rooted path that resolution leaves as it is.
func plainPath(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for i := range len(path) {
		switch c := path[i]; {
		case c == '/':
			if i+1 < len(path) && (path[i+1] == '/' || path[i+1] == '.') {
				return false
			}
		case !isAlnum(c) && strings.IndexByte("-_.~,+@!=:", c) < 0:
			return false
		}
	}
	return true
}

// plainHost reports a host name in lower-case ASCII that needs no normalisation.
func plainHost(host string) bool {
	dot := strings.LastIndexByte(host, '.')
	if dot <= 0 || dot == len(host)-1 || host[0] == '.' || strings.Contains(host, "..") || strings.Contains(host, "xn--") {
		return false
	}
	for i := range len(host) {
		c := host[i]
		if (c < 'a' || c > 'z') && (i > dot || (c < '0' || c > '9') && c != '-' && c != '.') {
			return false
		}
	}
	return true
}

// script returns the absolute address of a script as it is written, its query kept: versions stand there.
func (r *resolver) script(src string) string {
	switch {
	case src == "" || len(src) > maxAddress:
		return ""
	case hasScheme(src):
		return src
	case strings.HasPrefix(src, "//") && r.parsed != nil:
		return r.parsed.Scheme + ":" + src
	case src[0] == '/' && r.origin != "":
		return r.origin + src
	}
	ref, err := url.Parse(src)
	if err != nil || r.parsed == nil {
		return src
	}
	return r.parsed.ResolveReference(ref).String()
}
