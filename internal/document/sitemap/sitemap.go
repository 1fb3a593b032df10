// Package sitemap reads sitemaps (www.sitemaps.org/protocol.html): URL sets, indexes, news and image
// extensions, plain lists, feeds used as sitemaps, gzipped or not, whole or broken. What was read
// before a defect is kept.
package sitemap

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// The protocol's own limits.
const (
	// MaxEntries is the most addresses in one sitemap.
	MaxEntries = 50_000
	// MaxBytes is the longest sitemap, decompressed, in bytes.
	MaxBytes = 50 << 20

	// maxLoc is the longest address, in bytes; the protocol asks for fewer than 2,048 characters.
	maxLoc  = 2048
	maxDate = 64
	// maxDepth is the deepest nesting that is followed; the formats need six levels.
	maxDepth = 32
)

// ErrNotSitemap reports a body in which no address was found and that has no sitemap's form either.
var ErrNotSitemap = errors.New("not a sitemap")

// Sitemap is what a sitemap lists.
type Sitemap struct {
	// URLs are the pages, in order.
	URLs []Entry
	// Sitemaps are the sitemaps that an index lists, in order.
	Sitemaps []Entry
	// Truncated reports that a limit or a defect ended the reading early.
	Truncated bool
}

// Entry is one address of a sitemap.
type Entry struct {
	// Loc is absolute, http or https, as the sitemap spells it.
	Loc string
	// LastMod is when the page last changed, or a news item was published; UTC, zero where it does not say.
	LastMod time.Time
}

// Limits bound what is read of one sitemap; zero fields mean the protocol's limits.
type Limits struct {
	// Entries counts addresses, Bytes the decompressed body; both at most MaxEntries and MaxBytes.
	Entries, Bytes int
}

// Parse reads a sitemap within the protocol's limits.
func Parse(body []byte) (*Sitemap, error) { return Limits{}.Parse(body) }

// Parse reads a sitemap within the limits. Errors wrap ErrNotSitemap.
func (l Limits) Parse(body []byte) (*Sitemap, error) {
	l.Entries, l.Bytes = bound(l.Entries, MaxEntries), bound(l.Bytes, MaxBytes)
	p := parser{limits: l}
	in, err := p.open(body)
	if err != nil {
		return nil, fmt.Errorf("parse sitemap: %w", err)
	}
	if head := peekText(in); strings.HasPrefix(head, "<") {
		p.readXML(in)
	} else {
		p.readList(in)
	}
	if !p.formed && len(p.out.URLs) == 0 && len(p.out.Sitemaps) == 0 {
		return nil, fmt.Errorf("parse sitemap: %w", ErrNotSitemap)
	}
	return &p.out, nil
}

func bound(v, most int) int {
	if v <= 0 {
		return most
	}
	return min(v, most)
}

type parser struct {
	limits Limits
	out    Sitemap
	// formed reports that a sitemap's root element was seen.
	formed bool
	// over reports that the byte limit was reached.
	over *limited
}

// open returns the decompressed body in UTF-8 without its byte order mark.
func (p *parser) open(body []byte) (*bufio.Reader, error) {
	var in io.Reader = bytes.NewReader(body)
	if bytes.HasPrefix(body, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotSitemap, err)
		}
		in = z
	}
	p.over = &limited{r: in, left: p.limits.Bytes}
	br := bufio.NewReader(p.over)
	head, err := br.Peek(3)
	if err != nil && len(head) == 0 {
		return nil, fmt.Errorf("%w: nothing in it", ErrNotSitemap)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err = br.Discard(3)
		return br, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return decodeAs("utf-16le", br)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return decodeAs("utf-16be", br)
	}
	return br, nil
}

func decodeAs(label string, br *bufio.Reader) (*bufio.Reader, error) {
	if _, err := br.Discard(2); err != nil {
		return nil, err
	}
	r, err := charset.NewReaderLabel(label, br)
	if err != nil {
		return nil, err
	}
	return bufio.NewReader(r), nil
}

// limited reads up to a limit and remembers that it was reached.
type limited struct {
	r       io.Reader
	left    int
	reached bool
}

// Read implements io.Reader.
func (l *limited) Read(b []byte) (int, error) {
	if l.left <= 0 {
		l.reached = true
		return 0, io.EOF
	}
	n, err := l.r.Read(b[:min(len(b), l.left)])
	l.left -= n
	return n, err
}

// peekText is the beginning of the body without leading white space, which is consumed.
func peekText(br *bufio.Reader) string {
	for {
		head, err := br.Peek(1)
		if err != nil {
			return ""
		}
		if head[0] != ' ' && head[0] != '\t' && head[0] != '\r' && head[0] != '\n' && head[0] != 0 {
			return string(head)
		}
		if _, err := br.Discard(1); err != nil {
			return ""
		}
	}
}

// readList reads one address a line (sitemaps.org, "Text file").
func (p *parser) readList(in *bufio.Reader) {
	for !p.out.Truncated {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			// Longer than any address: passed over to its end.
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = in.ReadSlice('\n')
			}
			line = nil
		}
		if loc := address(string(line)); loc != "" {
			p.add(&p.out.URLs, Entry{Loc: loc})
		}
		if err != nil {
			p.out.Truncated = p.over.reached || !errors.Is(err, io.EOF)
			return
		}
	}
}

// add appends an entry unless the limit is reached.
func (p *parser) add(list *[]Entry, e Entry) {
	if len(p.out.URLs)+len(p.out.Sitemaps) >= p.limits.Entries {
		p.out.Truncated = true
		return
	}
	*list = append(*list, e)
}

// address returns an absolute web address, or "".
func address(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxLoc || !utf8.ValidString(s) || strings.ContainsAny(s, " \t\r\n<>\"") {
		return ""
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || rest == "" || rest[0] == '/' || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return ""
	}
	return s
}

// newDecoder never resolves entities: encoding/xml has none but XML's own, and doctypes stay unread.
func newDecoder(in io.Reader) *xml.Decoder {
	d := xml.NewDecoder(in)
	d.Strict = false
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		if l := strings.ToLower(label); strings.HasPrefix(l, "utf-16") {
			// The body was decoded before its declaration was read.
			return input, nil
		}
		r, err := charset.NewReaderLabel(label, input)
		if err != nil {
			return input, nil //nolint:nilerr // an unknown label is read as UTF-8 rather than not at all
		}
		return r, nil
	}
	return d
}
