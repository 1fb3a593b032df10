package document

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The bounds on a publication date: earlier ones are template defaults, later ones mistakes.
const (
	earliestYear = 1995
	futureSlack  = 48 * time.Hour
	// maxTimes bounds the time elements kept.
	maxTimes = 64
)

// timeElement is a time element of the page.
type timeElement struct {
	value string
	// published reports markup that says so (pubdate, itemprop datePublished, a class).
	chrome, published bool
}

// onTime keeps a time element with a machine-readable value.
func (w *walker) onTime() {
	if len(w.times) >= maxTimes {
		return
	}
	attrs := w.readAttrs()
	value := attr(attrs, "datetime")
	if value == "" {
		return
	}
	t := timeElement{value: value, chrome: w.stack.top().chrome&^chromeHeader != 0}
	for i := range attrs {
		switch attrs[i].key {
		case "pubdate":
			t.published = true
		case "itemprop":
			t.published = t.published || strings.EqualFold(attrs[i].val, "datePublished")
		case "class":
			t.published = t.published || strings.Contains(attrs[i].val, "publish")
		}
	}
	w.times = append(w.times, t)
}

// dateMetas are the names of meta elements that hold a publication date, the most exact first.
var dateMetas = [...]string{"article:published_time", "og:article:published_time", "datepublished", "article.published", //nolint:gochecknoglobals // a table
	"published_time", "citation_publication_date", "dc.date.issued", "dcterms.issued", "dcterms.date", "dcterms.created", "dc.date.created",
	"dc.date", "dc.created", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date",
	"parsely-pub-date", "sailthru.date", "article:post_date", "date"}

// readPublished finds the publication date in the cheapest source that has a believable one.
func readPublished(d *Document) {
	for _, src := range [...]struct {
		name string
		find func(*Document) (time.Time, bool)
	}{{"jsonld", fromJSONLD}, {"meta", fromMeta}, {"time", fromTimes}, {"url", fromURL}, {"text", fromText}} {
		if t, ok := src.find(d); ok {
			d.Published, d.PublishedSource = t.UTC(), src.name
			return
		}
	}
}

// believable holds a date to 1995 … two days after the fetch.
func believable(d *Document, t time.Time) bool {
	return t.Year() >= earliestYear && (d.FetchedAt.IsZero() || !t.After(d.FetchedAt.Add(futureSlack)))
}

var jsonDate = regexp.MustCompile(`"date(?:Published|Posted)"\s*:\s*"([^"]{8,40})"`)

// fromJSONLD takes the one date the structured data gives; three or more different ones are a listing.
func fromJSONLD(d *Document) (time.Time, bool) {
	var first time.Time
	distinct := map[string]bool{}
	for i := range d.JSONLD {
		for _, m := range jsonDate.FindAllStringSubmatch(d.JSONLD[i].Text, maxTimes) {
			t, ok := parseDate(m[1])
			if !ok || !believable(d, t) {
				continue
			}
			if distinct[m[1]] = true; first.IsZero() {
				first = t
			}
		}
	}
	return first, !first.IsZero() && len(distinct) < 3
}

func fromMeta(d *Document) (time.Time, bool) {
	for _, name := range dateMetas {
		if t, ok := parseDate(d.Meta(name)); ok && believable(d, t) {
			return t, true
		}
	}
	return time.Time{}, false
}

// fromTimes takes the element that says it is the publication, or else the first one in the content.
func fromTimes(d *Document) (time.Time, bool) {
	for _, want := range [...]bool{true, false} {
		for _, e := range d.times {
			if e.chrome || want && !e.published {
				continue
			}
			if t, ok := parseDate(e.value); ok && believable(d, t) {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

var pathDate = regexp.MustCompile(`(?:^|[/_-])((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?:[/_.-]|$)`)

// fromURL reads a date in the path: /2026/03/14/, /2026-03-14-title, /20260314.
func fromURL(d *Document) (time.Time, bool) {
	_, path, _ := strings.Cut(d.FinalURL, "://")
	path, _, _ = strings.Cut(path, "?")
	m := pathDate.FindStringSubmatch(path)
	if m == nil {
		return time.Time{}, false
	}
	t, ok := civil(m[1], m[2], m[3])
	return t, ok && believable(d, t)
}

// layouts are the machine-readable forms met on the web, with a zone first; without one UTC is taken.
var layouts = [...]string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", //nolint:gochecknoglobals // a table
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04",
	time.DateOnly, "2006/01/02", "2006.01.02", "20060102", "02.01.2006", "02.01.2006 15:04", "2006-1-2",
	time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 MST", "Mon Jan 2 2006 15:04:05 GMT-0700", "January 2, 2006", "2 January 2006", "Jan 2, 2006", "2 Jan 2006"}

// parseDate reads a machine-readable date; a year outside 1–9999 and anything longer than 64 bytes is none.
func parseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 8 || len(s) > 64 {
		return time.Time{}, false
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		if t, err := time.Parse(time.DateOnly, s[:10]); err == nil {
			return t, true
		}
	}
	return readTextDate(s)
}

// civil makes a date of three numbers; a day that the month has not is refused.
func civil(year, month, day string) (time.Time, bool) {
	y, err1 := strconv.Atoi(year)
	m, err2 := strconv.Atoi(month)
	dd, err3 := strconv.Atoi(day)
	if err1 != nil || err2 != nil || err3 != nil || m < 1 || m > 12 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), dd, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == dd
}
