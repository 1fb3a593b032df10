// Package feed reads RSS, Atom and JSON feeds as they are found on the web: mislabelled encodings,
// unescaped text, cut-off documents. gofeed understands the formats; this package makes its input safe
// and well-formed first, and its output plain, absolute and bounded.
package feed

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/rss"
)

// Bounds on one feed; what lies beyond is left unread.
const (
	// MaxBytes is the longest body read, in bytes.
	MaxBytes = 2 << 20
	// MaxItems is the number of items kept, from the top of the feed.
	MaxItems = 1000

	// MaxTTL is the longest that a feed is left alone at its own word: a slip of a digit must not silence it.
	MaxTTL = 7 * 24 * time.Hour

	maxTitle   = 500
	maxSummary = 2000
	maxContent = 512 << 10
)

// ErrNotFeed reports a body that is no RSS, Atom or JSON feed.
var ErrNotFeed = errors.New("not a feed")

// ErrMalformed reports a feed that stays unreadable after repair.
var ErrMalformed = errors.New("malformed feed")

// Feed is what a feed says, whatever its format.
type Feed struct {
	// Type is rss, atom, json or cdf.
	Type, Title string
	// Link is the page the feed belongs to; empty where it does not say.
	Link  string
	Items []Item
	// TTL is how long the feed asks to be left alone: the longest of RSS ttl, sy:updatePeriod and the header's
	// max-age (RFC 9111 §5.2.2.1); at most MaxTTL, 0 where it does not say.
	TTL time.Duration
	// Repairs is how often the body had to be mended before it could be read: 0 is a well-formed feed.
	Repairs int
	// Truncated reports that the body or the list of items was cut at a bound.
	Truncated bool
}

// Item is one entry of a feed.
type Item struct {
	// URL is absolute http or https; empty where the item names no page.
	URL string
	// Title and Summary are text: no markup, white space collapsed; at most 500 and 2,000 bytes.
	Title, Summary string
	// Published and Updated are in UTC; zero where the feed does not say or cannot be right.
	Published, Updated time.Time
	// Content is the HTML of the whole item, at most 512 KiB; empty where the feed carries only a summary.
	Content string
}

// Newest is the later of an item's two dates, the zero time where it has none.
func (i *Item) Newest() time.Time {
	if i.Updated.After(i.Published) {
		return i.Updated
	}
	return i.Published
}

// Parse reads a feed. The header's Content-Type helps with the encoding, its Date bounds the items'
// dates, its Cache-Control may stand in for a ttl; it may be nil. Relative addresses are resolved
// against base, or dropped where it is empty. Errors wrap ErrNotFeed or ErrMalformed.
func Parse(body []byte, header http.Header, base string) (*Feed, error) {
	cut := len(body) > MaxBytes
	text := decode(body[:min(len(body), MaxBytes)], header.Get("Content-Type"))
	text = bytes.TrimLeft(text, " \t\r\n\x00")
	parsed, repairs, err := parseText(text)
	if err != nil {
		return nil, fmt.Errorf("parse feed: %w", err)
	}
	r := reader{base: parseBase(base), latest: latestDate(header)}
	out := r.feed(parsed)
	out.Truncated = out.Truncated || cut
	out.TTL, out.Repairs = ttl(parsed, header), repairs
	return out, nil
}

// parseText reads a feed in UTF-8. XML is mended on the way: what is well-formed passes as it is.
func parseText(text []byte) (*gofeed.Feed, int, error) {
	if len(text) > 0 && text[0] == '{' {
		parsed, err := parseJSON(text)
		return parsed, 0, err
	}
	tidied, repairs, err := tidy(text)
	if err != nil {
		return nil, 0, err
	}
	read := parseXML
	if localName(tagName(bytes.TrimPrefix(tidied, []byte("<")))) == "channel" {
		read = parseChannel
	}
	parsed, err := read(tidied)
	return parsed, repairs, err
}

func parseXML(text []byte) (*gofeed.Feed, error) {
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true
	f, err := p.Parse(bytes.NewReader(text))
	switch {
	case errors.Is(err, gofeed.ErrFeedTypeNotDetected):
		return nil, ErrNotFeed
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	case f == nil:
		return nil, ErrNotFeed
	}
	return f, nil
}

// reader turns gofeed's feed into ours.
type reader struct {
	base   baseURL
	latest time.Time
}

func (r reader) feed(f *gofeed.Feed) *Feed {
	out := &Feed{Type: f.FeedType, Title: plain(f.Title, maxTitle), Link: r.base.resolve(f.Link)}
	items := f.Items
	if len(items) > MaxItems {
		items, out.Truncated = items[:MaxItems], true
	}
	out.Items = make([]Item, 0, len(items))
	for _, it := range items {
		if it != nil {
			out.Items = append(out.Items, r.item(it))
		}
	}
	return out
}

func (r reader) item(it *gofeed.Item) Item {
	out := Item{URL: r.itemURL(it), Title: plain(it.Title, maxTitle)}
	out.Published, out.Updated = r.date(it.PublishedParsed, it.Published), r.date(it.UpdatedParsed, it.Updated)
	if out.Published.IsZero() && it.DublinCoreExt != nil && len(it.DublinCoreExt.Date) > 0 {
		out.Published = r.date(nil, it.DublinCoreExt.Date[0])
	}
	out.Content = clip(strings.TrimSpace(it.Content), maxContent)
	summary := it.Description
	switch {
	case summary == "":
		summary = it.Content
	case out.Content == "" && len(summary) > maxSummary:
		out.Content = clip(strings.TrimSpace(summary), maxContent)
	}
	out.Summary = plain(summary, maxSummary)
	return out
}

// itemURL prefers the address before a feed service rewrote it, then the link, then an identifier that
// is an address and not said to be none (RSS 2.0, guid isPermaLink).
func (r reader) itemURL(it *gofeed.Item) string {
	for _, e := range it.Extensions["feedburner"]["origLink"] {
		if u := r.base.resolve(e.Value); u != "" {
			return u
		}
	}
	if u := r.base.resolve(it.Link); u != "" {
		return u
	}
	for _, l := range it.Links {
		if u := r.base.resolve(l); u != "" {
			return u
		}
	}
	if strings.HasPrefix(it.GUID, "http://") || strings.HasPrefix(it.GUID, "https://") {
		return r.base.resolve(it.GUID)
	}
	return ""
}

func ttl(f *gofeed.Feed, header http.Header) time.Duration {
	d := max(syndication(f), maxAge(header))
	if original, ok := f.OriginalFeed().(*rss.Feed); ok {
		d = max(d, minutes(original.TTL))
	}
	return min(d, MaxTTL)
}

// MaxAge is how long an answer without a body, a 304, asks to be left alone: its max-age, at most MaxTTL.
func MaxAge(header http.Header) time.Duration { return min(maxAge(header), MaxTTL) }

// Digest tells two feeds apart by their items, whatever their order: addresses, titles and contents. What changes
// with every answer, a date of the build or of the items, is left out. It is never 0.
func (f *Feed) Digest() uint64 {
	sum := uint64(1)
	for i := range f.Items {
		it := &f.Items[i]
		h := fnv.New64a()
		for _, part := range [...]string{it.URL, it.Title, it.Summary, it.Content} {
			_, _ = io.WriteString(h, part+"\x00") // a hash never fails
		}
		sum += h.Sum64()
	}
	return max(sum, 1)
}
