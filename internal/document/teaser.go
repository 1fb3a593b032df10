package document

import (
	"bytes"
	"strings"
)

// Bounds on what counts as the lines beneath a headline.
const (
	// maxTeaserBlocks and maxTeaser, in bytes, are what may follow a headline of another page.
	maxTeaserBlocks = 4
	maxTeaser       = 700
	// minHeadlines is how many headlines of other pages make a list of them.
	minHeadlines = 2
	// minHeadline is the least length, in bytes, of a linked paragraph that is taken for a headline.
	minHeadline = 12
)

// cover counts how much of the current block lies within which link, and where the last of it stands.
type cover struct{ link, bytes, from, to int }

// add counts what an anchor wrote into the block that begins at start; end is where the text ends.
func (c *cover) add(a anchor, start, end int) {
	if from := max(a.start, start); end > from {
		*c = cover{link: a.link, bytes: c.bytes + end - from, from: from, to: end}
	}
}

// covering returns 1 plus the index of the link that nearly the whole current block belongs to, 0 where there
// is none, and begins a new count.
func (w *walker) covering() int {
	size := len(w.text.buf) - w.text.start
	if w.open.link != 0 {
		w.cover.add(w.open, w.text.start, len(w.text.buf))
	}
	c := w.cover
	w.cover = cover{}
	if size > 0 && (c.bytes*10 >= size*8 || c.bytes > 0 && besideDate(w.text.buf[w.text.start:c.from], w.text.buf[c.to:])) {
		return c.link
	}
	return 0
}

// maxBeside is the longest date, in bytes, that stands beside a headline.
const maxBeside = 40

// besideDate reports that what stands around a link is a date: short, and with a number.
func besideDate(before, after []byte) bool {
	return len(before)+len(after) <= maxBeside && (bytes.ContainsAny(before, "0123456789") || bytes.ContainsAny(after, "0123456789"))
}

// markTeasers marks the headlines of other pages of the site and what stands beneath them. It runs while the links
// are still as written.
func (w *walker) markTeasers() {
	d := w.doc
	r := newResolver(d.FinalURL, w.base)
	heads := make([]bool, len(w.blocks))
	count := 0
	for i, b := range w.blocks {
		if b.link == 0 || b.role == RoleChrome || b.end-b.start < minHeadline {
			continue
		}
		target := strings.TrimSuffix(r.link(d.Links[b.link-1].URL), "/")
		if target == "" || target == strings.TrimSuffix(d.FinalURL, "/") || target == strings.TrimSuffix(d.URL, "/") {
			continue // the heading of this page, linked to itself
		}
		d.Blocks[i].Teaser, heads[i] = true, true
		count++
	}
	if count < minHeadlines {
		return
	}
	for i := range heads {
		if heads[i] {
			w.markBeneath(i + 1)
		}
	}
}

// markBeneath marks the lines from block i on, as far as the next heading.
func (w *walker) markBeneath(i int) {
	size := 0
	for n := i; n < len(w.blocks) && n < i+maxTeaserBlocks; n++ {
		b := &w.blocks[n]
		size += b.end - b.start
		if b.role == RoleHeading || b.role == RoleChrome || b.link != 0 || size > maxTeaser {
			return
		}
		w.doc.Blocks[n].Teaser = true
	}
}
