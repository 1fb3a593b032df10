package document

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"telltale/internal/document/charset"
	"telltale/internal/document/markup"
	"telltale/internal/pages"
)

// Bounds on one page; what lies beyond is left unread and the document is marked Clipped.
const (
	maxTokens  = 600_000
	maxDepth   = 256
	maxBlocks  = 20_000
	maxText    = 1 << 20
	maxLinks   = 5_000
	maxMetas   = 500
	maxScripts = 1_000
	maxAttrs   = 64
	// maxAttr is the longest attribute value kept, in bytes; maxAddress the longest address.
	maxAttr    = 4 << 10
	maxAddress = 2 << 10
	// maxBlock is where a block without a boundary is cut, in bytes.
	maxBlock    = 16 << 10
	maxLinkText = 200
	maxTitle    = 500
)

// ErrNoPage reports that there is nothing to parse.
var ErrNoPage = errors.New("no page")

// Parse reads a page into its view with one tokenizer pass. Any body is accepted: what is no markup
// or text (archives, JSON, XML feeds) gives a document without blocks. The only error is ErrNoPage.
// The document refers to the page's body, header and probe; none of them may change afterwards. A body in another encoding is
// decoded first: Body and all offsets are those of the decoded one.
func Parse(p *pages.Page) (*Document, error) {
	if p == nil {
		return nil, fmt.Errorf("parse document: %w", ErrNoPage)
	}
	d := &Document{
		URL: p.URL, FinalURL: p.FinalURL, Domain: p.Domain, Kind: p.Kind, Status: p.Status, Header: p.Header,
		Probe: p.Probe, Body: p.Body, FetchedAt: p.FetchedAt, ContentHash: p.ContentHash, Clipped: p.Truncated,
	}
	if d.FinalURL == "" {
		d.FinalURL = d.URL
	}
	d.Directives = HeaderDirectives(p.Header, p.FetchedAt)
	d.decode()
	switch formOf(p.Header, d.Body) {
	case formMarkup:
		parseMarkup(d)
	case formText:
		parseText(d)
	default:
	}
	readLinkHeader(d)
	d.Language = language(d)
	readPublished(d)
	return d, nil
}

// decode puts the body into UTF-8, where it is not: what the crawler fetched is by now.
func (d *Document) decode() {
	var cut bool
	d.Body, cut, d.Charset = charset.ToUTF8(d.Body, d.Header.Get("Content-Type"), d.Clipped, max(len(d.Body), pages.MaxBody))
	d.Clipped = d.Clipped || cut
}

// bytesPerTag is how many bytes of a page there are to one tag, by a guess on the low side of real pages.
const bytesPerTag = 80

func parseMarkup(d *Document) {
	w := walker{doc: d, src: string(d.Body)}
	w.text.offset = -1
	w.text.buf = make([]byte, 0, min(len(d.Body)/4, maxText)+64)
	w.boxes = make([]int32, 1, 512)
	d.Tags = make([]Tag, 0, min(len(d.Body)/bytesPerTag, maxTokens)+16)
	w.run(markup.New(d.Body))
	w.finish()
}

// run feeds every token to the walker. A tag that the page's end cuts off is dropped.
func (w *walker) run(z *markup.Tokenizer) {
	w.z = z
	for range maxTokens {
		kind := z.Next()
		at := z.Span()
		w.pos, w.end = at.Start, at.End
		switch kind {
		case markup.End:
			return
		case markup.Text:
			w.onText()
		case markup.StartTag:
			w.onStart()
		case markup.EndTag:
			w.onEnd()
		case markup.Other:
		}
	}
	w.doc.Clipped = true
}

// form says how a body is to be read.
type form uint8

const (
	formOther form = iota
	formMarkup
	formText
)

// formOf decides by the first bytes, then by the media type: servers are often wrong about it.
func formOf(h http.Header, body []byte) form {
	head := bytes.TrimLeft(body[:min(len(body), 1024)], "\xef\xbb\xbf \t\r\n\x00")
	media := mediaType(h)
	switch {
	case len(head) == 0 || charset.IsBinary(body) || isFeedRoot(head) || isJSON(head):
		return formOther
	case hasPrefixFold(head, "<!doctype html") || hasPrefixFold(head, "<html") || hasPrefixFold(head, "<?xml") || strings.Contains(media, "html"):
		return formMarkup
	case media == "text/plain":
		return formText
	case !maybeText(media):
		return formOther
	case head[0] == '<' || bytes.Contains(head, []byte("</")):
		return formMarkup
	}
	return formText
}

// maybeText reports a media type behind which markup or text may stand: none, or text of no other format.
func maybeText(media string) bool {
	return media == "" || strings.HasPrefix(media, "text/") && !strings.HasSuffix(media, "xml") && !strings.HasSuffix(media, "json")
}

// isJSON reports an object, or a list that begins with one.
func isJSON(head []byte) bool {
	return head[0] == '{' || head[0] == '[' && bytes.HasPrefix(bytes.TrimLeft(head[1:], " \r\n\t"), []byte("{"))
}

// isFeedRoot reports an XML document that is no XHTML.
func isFeedRoot(head []byte) bool {
	for _, root := range [...]string{"<rss", "<feed", "<urlset", "<sitemapindex", "<rdf:rdf", "<channel", "<atom:feed"} {
		if hasPrefixFold(head, root) {
			return true
		}
	}
	return hasPrefixFold(head, "<?xml") && !bytes.Contains(bytes.ToLower(head), []byte("<html")) &&
		!bytes.Contains(bytes.ToLower(head), []byte("<!doctype html"))
}

func hasPrefixFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && strings.EqualFold(string(b[:len(prefix)]), prefix)
}

// parseText reads plain text: a blank line ends a paragraph.
func parseText(d *Document) {
	src := string(d.Body)
	w := walker{doc: d, src: src, boxes: make([]int32, 1)}
	w.text.offset = -1
	for base := 0; base < len(src); {
		end := len(src)
		next := end
		if i := strings.Index(src[base:], "\n\n"); i >= 0 {
			end, next = base+i, base+i+2
		}
		w.text.addPlain(src[base:end], base)
		w.flush()
		base = next
	}
	w.finish()
}
