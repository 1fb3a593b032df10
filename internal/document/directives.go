package document

import (
	"net/http"
	"strings"
	"time"
)

// ProductToken is the name, in lower case, under which a site may direct our crawler alone, in X-Robots-Tag
// and as a meta element's name; it is the one that answers to robots.txt.
const ProductToken = "telltalebot"

// Directives are what a page asks of crawlers besides robots.txt. Unknown ones (noarchive, nosnippet,
// max-snippet and their like) concern what a search engine shows and are passed over.
type Directives struct{ NoIndex, NoFollow bool }

// HeaderDirectives reads every X-Robots-Tag line. A line, or a part of one, that names another crawler before a
// colon does not bind us. at is when the page was fetched: what was to be unavailable by then is not indexed.
func HeaderDirectives(h http.Header, at time.Time) Directives {
	var d Directives
	for _, line := range h.Values("X-Robots-Tag") {
		d.read(line, at)
	}
	return d
}

// metaDirectives reports a meta element whose directives bind us.
func metaDirectives(name string) bool { return name == "robots" || name == ProductToken }

// read adds the directives of one value, a list with commas. An agent's name holds for what follows it.
func (d *Directives) read(value string, at time.Time) {
	parts := strings.Split(strings.ToLower(value), ",")
	bound := true
	for i, part := range parts {
		name, rest, ok := strings.Cut(strings.TrimSpace(part), ":")
		name = strings.TrimSpace(name)
		switch {
		case !ok:
		case name == "unavailable_after":
			// The date may hold a comma of its own.
			if bound && past(rest, strings.Join(parts[i:min(i+2, len(parts))], ","), at) {
				d.NoIndex = true
			}
			continue
		case strings.HasPrefix(name, "max-") || strings.ContainsAny(name, " \t"):
			continue
		default:
			bound, part = name == ProductToken || name == "*", rest
		}
		if bound {
			d.words(part)
		}
	}
}

func (d *Directives) words(part string) {
	for word := range strings.FieldsFuncSeq(part, func(r rune) bool { return r == ' ' || r == '\t' || r == ';' }) {
		switch word {
		case "noindex":
			d.NoIndex = true
		case "nofollow":
			d.NoFollow = true
		case "none":
			d.NoIndex, d.NoFollow = true, true
		}
	}
}

// past reports a date before at: alone it stands in short, with a comma within it in long, behind the colon.
func past(short, long string, at time.Time) bool {
	_, long, _ = strings.Cut(long, ":")
	for _, text := range [...]string{long, short} {
		text = strings.ToUpper(strings.TrimSpace(text))
		for _, layout := range [...]string{
			"02 Jan 2006 15:04:05 MST", "02-Jan-2006 15:04:05 MST", "02 Jan 06 15:04 MST", time.RFC1123, time.RFC1123Z, time.RFC850,
			time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02",
		} {
			if t, err := time.Parse(layout, text); err == nil {
				return !at.IsZero() && t.Before(at)
			}
		}
	}
	return false
}
