// Package classify says what a link leads to and what a page is, by rules alone.
package classify

import (
	"net/url"
	"strings"

	"telltale/internal/document"
	"telltale/internal/pages"
)

// Link returns what a link leads to, as far as its relation, type, address and text tell; KindOther where they do not.
// Social networks are known by host, feeds by relation and media type or by path.
func Link(l document.Link) pages.Kind {
	if isFeedType(l.Type) && (l.Rel == "" || hasWord(l.Rel, "alternate") || hasWord(l.Rel, "feed")) {
		return pages.KindFeed
	}
	host, segments := split(l.URL)
	if k := byHost(host); k != pages.KindOther {
		return k
	}
	if k := byPath(host, segments); k != pages.KindOther {
		return k
	}
	if Thread(l.URL) {
		return pages.KindForum
	}
	if k := byText(l.Text); k != pages.KindOther || len(segments) > 0 {
		return k
	}
	return pages.KindHome
}

// isFeedType reports the media types of RSS, Atom, RDF and JSON feeds.
func isFeedType(media string) bool {
	switch media {
	case "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json":
		return true
	}
	return false
}

func hasWord(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// split returns the host and the path's segments of an address, in lower case, without a language segment.
func split(address string) (host string, segments []string) {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return "", nil
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	host, path, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	if strings.Contains(path, "%") {
		if p, err := url.PathUnescape(path); err == nil {
			path = p
		}
	}
	for s := range strings.SplitSeq(strings.ToLower(path), "/") {
		if s == "" || isIndex(s) || len(segments) == 0 && isLocale(s) {
			continue
		}
		segments = append(segments, s)
	}
	return host, segments
}

func isIndex(s string) bool {
	switch s {
	case "index.html", "index.htm", "index.php", "default.aspx", "index.aspx", "home", "home.html", "startseite", "accueil", "inicio":
		return true
	}
	return false
}

// isLocale reports a path segment such as de, en-gb or pt_BR.
func isLocale(s string) bool {
	if len(s) == 5 && (s[2] == '-' || s[2] == '_') {
		s = s[:2]
	}
	switch s {
	case "en", "de", "fr", "es", "nl", "sv", "it", "pt", "da", "no", "fi", "pl", "cs", "us", "uk", "at", "ch", "be", "se":
		return true
	}
	return false
}

// byHost knows social networks, job boards and hosts named for what they hold.
func byHost(host string) pages.Kind {
	host = strings.TrimPrefix(host, "www.")
	switch {
	case isOrUnder(host, socialHosts):
		return pages.KindSocial
	case isOrUnder(host, jobBoards):
		return pages.KindCareers
	}
	return pages.KindOther
}

func isOrUnder(host string, list []string) bool {
	for _, d := range list {
		if host == d || len(host) > len(d) && strings.HasSuffix(host, d) && host[len(host)-len(d)-1] == '.' {
			return true
		}
	}
	return false
}

// byPath takes the first segment that names a kind; feeds and sitemaps are named by the last.
func byPath(host string, segments []string) pages.Kind {
	if n := len(segments); n > 0 {
		if k := byFile(segments[n-1]); k != pages.KindOther {
			return k
		}
	}
	kind, at := pages.KindOther, 0
	for i, s := range segments {
		if k, ok := bySegment[trimSuffixes(s)]; ok && k != pages.KindFeed {
			kind, at = k, i
			break
		}
	}
	if kind == pages.KindOther {
		label, _, _ := strings.Cut(strings.TrimPrefix(host, "www."), ".")
		if k, ok := byLabel[label]; ok && strings.Count(host, ".") > 1 {
			kind, at = k, -1
		}
	}
	if kind == pages.KindCareers && isPosting(segments[at+1:]) {
		return pages.KindJob
	}
	return kind
}

// byFile knows feeds and sitemaps by an address's last segment.
func byFile(name string) pages.Kind {
	switch k := bySegment[name]; {
	case k == pages.KindFeed || k == pages.KindSitemap:
		return k
	case strings.HasSuffix(name, ".rss"), strings.HasSuffix(name, ".atom"):
		return pages.KindFeed
	case strings.HasPrefix(name, "sitemap") && strings.Contains(name, ".xml"):
		return pages.KindSitemap
	}
	return pages.KindOther
}

func trimSuffixes(s string) string {
	for _, ext := range [...]string{".html", ".htm", ".aspx", ".php", ".jsp"} {
		if t, ok := strings.CutSuffix(s, ext); ok && !strings.HasPrefix(t, "view") && !strings.HasPrefix(t, "show") {
			return fold(t)
		}
	}
	return fold(s)
}

// isPosting reports that what follows a careers segment names one advert: a slug of several words or a number.
func isPosting(rest []string) bool {
	if len(rest) == 0 {
		return false
	}
	last := rest[len(rest)-1]
	if _, listing := bySegment[trimSuffixes(last)]; listing {
		return false
	}
	switch last {
	case "benefits", "culture", "students", "faq", "locations", "teams", "life", "our-values", "why-us", "search", "all", "students-and-graduates":
		return false
	}
	return strings.Count(last, "-") >= 2 || strings.ContainsAny(last, "0123456789") || len(rest) > 1 && strings.Contains(last, "-")
}

// folder writes letters with marks as slugs do.
var folder = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "ß", "ss", "é", "e", "è", "e", "ê", "e", "à", "a", "á", "a", "ó", "o", "í", "i", "ñ", "n", "ç", "c", "å", "a", "’", "-", "'", "-") //nolint:gochecknoglobals // a table

func fold(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] == '\'' {
			return folder.Replace(s)
		}
	}
	return s
}

// byText reads a short anchor text as if it were a slug: whole first, then word by word.
func byText(text string) pages.Kind {
	text = fold(strings.ToLower(strings.TrimSpace(text)))
	if text == "" || len(text) > 40 {
		return pages.KindOther
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '&' || r == '/' || r == ',' })
	if k, ok := bySegment[strings.Join(words, "-")]; ok {
		return k
	}
	if len(words) > 3 {
		return pages.KindOther
	}
	for _, w := range words {
		if k, ok := bySegment[w]; ok && k != pages.KindFeed {
			return k
		}
	}
	return pages.KindOther
}
