// Package document reads a page once, with one tokenizer pass, into the view that every rule reads.
package document

import (
	"net/http"
	"time"

	"golang.org/x/net/html/atom"

	"telltale/internal/document/charset"
	"telltale/internal/pages"
)

// Role says what part a block of text plays in a page.
type Role uint8

// The roles of a block.
const (
	RoleParagraph Role = iota
	RoleTitle
	RoleHeading
	RoleListItem
	RoleQuote
	RoleTable
	// RoleChrome is navigation, footer, aside, form and cookie text: never evidence of intent.
	RoleChrome
)

// Block is a run of visible text between two block-level boundaries, white space collapsed.
type Block struct {
	Text string
	// Offset is the byte offset in the body at which the text begins.
	Offset int
	Role   Role
	// Teaser reports the headline of another page, wholly a link to it, or the lines that follow such a
	// headline: that page says it better, and with its own date.
	Teaser bool
	// Comment reports what readers wrote beneath the page's own text.
	Comment bool
}

// Own reports a block of the page's own text: no chrome, no teaser, and what readers wrote only where the page is a forum's.
func (d *Document) Own(b *Block) bool {
	return b.Role != RoleChrome && !b.Teaser && (!b.Comment || d.Kind == pages.KindForum)
}

// Link is an anchor or a link element, its address resolved and absolute.
type Link struct {
	URL string
	// Text is the anchor text, or the title of a link element; Rel its rel tokens in lower case; Type its media type.
	Text, Rel, Type string
	// Chrome reports a link in navigation or footer.
	Chrome bool
	Offset int
}

// Meta is a meta element: Name is its name, property, http-equiv or itemprop in lower case.
type Meta struct {
	Name, Content string
	// Offset is where the element begins.
	Offset int
}

// Script is a script or style element: Src resolved, or Text inline.
type Script struct {
	Src, Type, Text string
	// Offset is where an inline text begins, or else where the element begins.
	Offset int
}

// Tag is one start or end tag of the page, where it stands in the body.
type Tag struct {
	Start, End int32
	// Atom names the element; 0 where it is none of HTML's.
	Atom atom.Atom
	// Closing reports an end tag.
	Closing bool
}

// Document is the view of one page. It is immutable once parsed; strings may share one copy of the body.
type Document struct {
	// URL is the address that was asked for, the page's identity; FinalURL is where redirects ended.
	URL, FinalURL string
	Domain        string
	Kind          pages.Kind
	Status        int
	Header        http.Header
	// Probe is set for a probe page, which has no body.
	Probe *pages.Probe
	Body  []byte
	// Charset is what the body was written in when it was parsed: utf-8 where somebody had decoded it before.
	Charset charset.Found

	Title, Description, Language, Canonical string
	// Published is when the page says it was published (UTC); zero where it does not say.
	// PublishedSource is one of jsonld, meta, time, url, text, feed.
	Published       time.Time
	PublishedSource string
	// PublishedPrecision says how exact that is: a month or year alone is its first day. PublishedZone is the offset that the
	// page states, as in RFC 3339; empty where it states none and UTC is taken.
	PublishedPrecision Precision
	PublishedZone      string
	FetchedAt          time.Time
	ContentHash        string

	Metas   []Meta
	Links   []Link
	Scripts []Script
	// Styles are the inline style elements.
	Styles []Script
	Blocks []Block
	// JSONLD are the raw application/ld+json scripts.
	JSONLD []Script
	// Tags are all tags in order, those within scripts and comments left out: rules look an element up by
	// where a word of it stands, without a second pass over the page.
	Tags []Tag
	// Directives come from the robots meta element and X-Robots-Tag.
	Directives
	// Clipped reports that a bound was reached and the rest of the page was left unread.
	Clipped bool

	// Company are the names of the company that the page speaks of, where that is not the owner of its domain: a press wire's
	// page speaks of others. Empty means the owner. Whoever attributes the page sets it before rules read it.
	Company []string

	// Posts are a forum's posts, once ReadPosts has read them.
	Posts []Post

	times []timeElement
}

// Meta returns the content of the first meta element of that name, in lower case, or "".
func (d *Document) Meta(name string) string {
	for i := range d.Metas {
		if d.Metas[i].Name == name {
			return d.Metas[i].Content
		}
	}
	return ""
}
