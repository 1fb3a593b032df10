package sitemap

import (
	"bufio"
	"encoding/xml"
	"strings"
	"time"
)

// reading is the state while a sitemap in XML is read.
type reading struct {
	*parser
	depth int
	// entry is the element whose address and date are being gathered; zero outside of one.
	entry entryKind
	// entryDepth is the depth of that element.
	entryDepth int
	current    Entry
	// field is the text element being read; text is what it holds so far.
	field field
	text  []byte
}

type entryKind uint8

const (
	noEntry entryKind = iota
	pageEntry
	indexEntry
)

type field uint8

const (
	noField field = iota
	locField
	dateField
	// publishedField gives way to a lastmod.
	publishedField
)

// readXML reads elements by local name in any nesting, so that wrong namespaces and wrappers do no
// harm, until the end, a limit or a defect that the decoder cannot pass.
func (p *parser) readXML(in *bufio.Reader) {
	d := newDecoder(in)
	r := reading{parser: p}
	for !p.out.Truncated {
		tok, err := d.RawToken()
		if err != nil {
			p.out.Truncated = r.depth > 0 || p.over.reached
			break
		}
		switch t := tok.(type) {
		case xml.StartElement:
			r.start(&t)
		case xml.EndElement:
			r.end(strings.ToLower(t.Name.Local))
		case xml.CharData:
			r.chars(t)
		}
	}
	r.finish()
}

func (r *reading) start(t *xml.StartElement) {
	r.depth++
	if r.depth > maxDepth {
		r.out.Truncated = true
		return
	}
	name := strings.ToLower(t.Name.Local)
	switch name {
	case "urlset", "sitemapindex", "rss", "feed", "rdf":
		r.formed = true
	case "url", "item", "entry":
		r.begin(pageEntry)
	case "sitemap":
		r.begin(indexEntry)
	}
	if r.entry == noEntry || !r.formed {
		return
	}
	r.field, r.text = fieldOf(name, t.Name.Space), r.text[:0]
	if name == "link" {
		r.link(t)
	}
}

// fieldOf names what an element holds. An image's or a video's own address is not the page's.
func fieldOf(name, prefix string) field {
	switch name {
	case "loc":
		if prefix != "image" && prefix != "video" {
			return locField
		}
	case "link":
		return locField
	case "lastmod", "updated":
		return dateField
	case "pubdate", "publication_date", "published":
		return publishedField
	}
	return noField
}

// link reads Atom's form of a link (RFC 4287 §4.2.7); xhtml:link names translations, which have
// entries of their own.
func (r *reading) link(t *xml.StartElement) {
	if t.Name.Space != "" && t.Name.Space != "atom" {
		r.field = noField
		return
	}
	var href, rel string
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "href":
			href = a.Value
		case "rel":
			rel = a.Value
		}
	}
	if href != "" && (rel == "" || rel == "alternate") {
		r.setLoc(href)
	}
}

// begin opens an entry; one that was left open is closed first.
func (r *reading) begin(kind entryKind) {
	r.close()
	r.entry, r.entryDepth, r.current, r.field = kind, r.depth, Entry{}, noField
}

func (r *reading) chars(text []byte) {
	if r.field != noField && len(r.text) <= maxLoc {
		r.text = append(r.text, text...)
	}
}

func (r *reading) end(name string) {
	r.take()
	switch name {
	case "url", "item", "entry", "sitemap":
		r.close()
	}
	if r.depth--; r.depth < 0 {
		r.depth = 0
	}
}

// take stores the text of the field that ends.
func (r *reading) take() {
	switch text := string(r.text); r.field {
	case locField:
		r.setLoc(text)
	case dateField:
		r.current.LastMod = dateOf(text)
	case publishedField:
		if r.current.LastMod.IsZero() {
			r.current.LastMod = dateOf(text)
		}
	case noField:
	}
	r.field, r.text = noField, r.text[:0]
}

func (r *reading) setLoc(text string) {
	if r.current.Loc == "" {
		r.current.Loc = address(text)
	}
}

// close adds the entry that was gathered.
func (r *reading) close() {
	if r.current.Loc != "" {
		switch r.entry {
		case pageEntry:
			r.add(&r.out.URLs, r.current)
		case indexEntry:
			r.add(&r.out.Sitemaps, r.current)
		case noEntry:
		}
	}
	r.entry, r.current = noEntry, Entry{}
}

// finish keeps an entry whose address was whole when the reading broke off.
func (r *reading) finish() {
	if !r.out.Truncated || r.field == noField {
		r.close()
	}
}

// dateOf reads a W3C date (www.w3.org/TR/NOTE-datetime), or an RSS one; zero for nonsense.
func dateOf(s string) time.Time {
	s = strings.TrimSpace(s)
	if len(s) > maxDate {
		return time.Time{}
	}
	for _, layout := range [...]string{
		time.RFC3339, "2006-01-02", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04:05-0700",
		"2006-01-02 15:04", "2006-01", "2006", time.RFC1123Z, time.RFC1123, "2 Jan 2006",
	} {
		t, err := time.Parse(layout, s)
		if err == nil && t.Year() >= 1990 && t.Year() < 2100 {
			return t.UTC()
		}
	}
	return time.Time{}
}
