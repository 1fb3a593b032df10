package document

import (
	"strconv"
	"strings"
	"time"
)

// The bounds on a publication date: earlier ones are template defaults, later ones mistakes.
const (
	earliestYear = 1995
	latestYear   = 2100
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

// readPublished finds the publication date in the cheapest source that has a believable one. A month or a year alone counts only
// where no source has the day.
func readPublished(d *Document) {
	var coarse stamp
	from := ""
	for _, src := range [...]struct {
		name string
		find func(*Document) (stamp, bool)
	}{{"jsonld", fromJSONLD}, {"meta", fromMeta}, {"time", fromTimes}, {"url", fromURL}, {"text", fromText}} {
		st, ok := src.find(d)
		if !ok {
			continue
		}
		if st.precision >= PrecisionDay {
			d.publish(st, src.name)
			return
		}
		if st.precision > coarse.precision {
			coarse, from = st, src.name
		}
	}
	if from != "" {
		d.publish(coarse, from)
	}
}

func (d *Document) publish(st stamp, source string) {
	d.Published, d.PublishedSource, d.PublishedPrecision, d.PublishedZone = st.at.UTC(), source, st.precision, st.zone
}

// PublishAt sets the date that somebody knows better than the page: the feed it stands in. A zero time means that there is none.
func (d *Document) PublishAt(at time.Time, source string) {
	d.publish(stamp{}, "")
	if !at.IsZero() {
		d.publish(stamp{at: at, precision: PrecisionTime, zone: "Z"}, source)
	}
}

// believable holds a date to 1995 … two days after the fetch.
func believable(d *Document, st stamp) bool {
	year := st.at.Year()
	if d.FetchedAt.IsZero() {
		return year >= earliestYear && year <= latestYear
	}
	return year >= earliestYear && !st.at.After(d.FetchedAt.Add(futureSlack))
}

func fromMeta(d *Document) (stamp, bool) {
	for _, name := range dateMetas {
		value := d.Meta(name)
		if value == "" {
			continue
		}
		if st, ok := parseDate(value); ok && believable(d, st) {
			return st, true
		}
	}
	return stamp{}, false
}

// fromTimes takes the element that says it is the publication, or else the first one in the content.
func fromTimes(d *Document) (stamp, bool) {
	for _, want := range [...]bool{true, false} {
		for _, e := range d.times {
			if e.chrome || want && !e.published {
				continue
			}
			if st, ok := parseDate(e.value); ok && st.precision >= PrecisionMonth && believable(d, st) {
				return st, true
			}
		}
	}
	return stamp{}, false
}

// fromURL reads the day in an address, or the month where two segments of the path are one.
func fromURL(d *Document) (stamp, bool) {
	_, path, _ := strings.Cut(d.FinalURL, "://")
	path, _, _ = strings.Cut(path, "?")
	if m := pathDate.FindStringSubmatch(path); m != nil {
		st, ok := civil(m[1], m[2], m[3])
		return st, ok && believable(d, st)
	}
	if m := pathNamed.FindStringSubmatch(path); m != nil && months[strings.ToLower(m[2])] > 0 {
		st, ok := civil(m[1], strconv.Itoa(months[strings.ToLower(m[2])]), m[3])
		return st, ok && believable(d, st)
	}
	if m := pathMonth.FindStringSubmatch(path); m != nil {
		st, ok := civil(m[1], m[2], "1")
		st.precision = PrecisionMonth
		return st, ok && believable(d, st)
	}
	return stamp{}, false
}
