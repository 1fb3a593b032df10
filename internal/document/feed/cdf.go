package feed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mmcdole/gofeed"
)

// parseChannel reads a document whose root is a channel: the Channel Definition Format (www.w3.org/TR/NOTE-CDFsubmit), or RSS that
// lost its root. gofeed knows neither.
func parseChannel(tidied []byte) (*gofeed.Feed, error) {
	c := cdfReader{feed: &gofeed.Feed{FeedType: "cdf"}, dec: xml.NewDecoder(bytes.NewReader(tidied))}
	c.dec.Strict, c.dec.Entity = false, xml.HTMLEntity
	if err := c.read(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if c.addresses > 0 {
		return c.feed, nil
	}
	return parseXML(append(append([]byte(`<rss version="2.0">`), tidied...), "</rss>"...))
}

// cdfReader walks over a channel. Nesting and size are bounded by tidy.
type cdfReader struct {
	dec  *xml.Decoder
	feed *gofeed.Feed
	// item is the item that is open, nil where a channel is.
	item *gofeed.Item
	// addresses counts items that have theirs in an attribute, which makes it CDF.
	addresses int
	// field is what the text belongs to.
	field *string
	depth int
}

func (c *cdfReader) read() error {
	for {
		tok, err := c.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			c.start(tok)
		case xml.EndElement:
			c.end(strings.ToLower(tok.Name.Local))
		case xml.CharData:
			if c.field != nil {
				*c.field += string(tok)
			}
		default:
		}
	}
}

func (c *cdfReader) start(e xml.StartElement) {
	c.field = nil
	switch strings.ToLower(e.Name.Local) {
	case "channel":
		if c.depth++; c.depth == 1 {
			c.feed.Link = attribute(e, "href")
		}
	case "item":
		c.item = &gofeed.Item{Published: attribute(e, "lastmod")}
		c.feed.Items = append(c.feed.Items, c.item)
		c.address(attribute(e, "href"))
	case "a":
		c.address(attribute(e, "href"))
	case "title":
		c.field = c.choose(&c.feed.Title, func(i *gofeed.Item) *string { return &i.Title })
	case "abstract":
		c.field = c.choose(&c.feed.Description, func(i *gofeed.Item) *string { return &i.Description })
	}
}

func (c *cdfReader) end(local string) {
	c.field = nil
	switch local {
	case "item":
		c.item = nil
	case "channel":
		c.depth--
	}
}

// address gives the open item its address, or the channel where there is none.
func (c *cdfReader) address(href string) {
	switch {
	case href == "":
	case c.item != nil:
		c.item.Link = href
		c.addresses++
	case c.depth == 1 && c.feed.Link == "":
		c.feed.Link = href
	}
}

// choose returns the field of the open item or of the outermost channel; nil within another, whose title is nobody's.
func (c *cdfReader) choose(ofFeed *string, ofItem func(*gofeed.Item) *string) *string {
	switch {
	case c.item != nil:
		return ofItem(c.item)
	case c.depth == 1:
		return ofFeed
	}
	return nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if strings.EqualFold(a.Name.Local, name) {
			return a.Value
		}
	}
	return ""
}
