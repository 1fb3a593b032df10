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
			w.markBeneath(i)
		}
	}
}

// markBeneath marks the lines beneath the headline at block i: those up to the next heading or link that lie with the first of
// them in one element. Where they are more than a few lines, they are the page's own text, in which other pages are linked.
func (w *walker) markBeneath(i int) {
	first, size := i+1, 0
	if first >= len(w.blocks) {
		return
	}
	card := w.around(w.blocks[i].box, w.blocks[first].box)
	n := first
	for ; n < len(w.blocks); n++ {
		b := &w.blocks[n]
		if b.role == RoleHeading || b.role == RoleChrome || b.link != 0 || !w.within(b.box, card) {
			break
		}
		size += b.end - b.start
		if n-first >= maxTeaserBlocks || size > maxTeaser {
			return
		}
	}
	for ; first < n; first++ {
		w.doc.Blocks[first].Teaser = true
	}
}

// around is the innermost element that holds both of two. An element's number is greater than that of any around it.
func (w *walker) around(a, b int32) int32 {
	for a != b {
		if a > b {
			a = w.boxes[a]
		} else {
			b = w.boxes[b]
		}
	}
	return a
}

// within reports an element that is another or lies in it.
func (w *walker) within(box, other int32) bool {
	for box > other {
		box = w.boxes[box]
	}
	return box == other
}
