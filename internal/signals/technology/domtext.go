package technology

import (
	"bytes"
	"html"
	"slices"
	"sort"

	"golang.org/x/net/html/atom"
)

// maxElementText bounds the text of one element, maxTexts that of all that are looked at on one page, in bytes.
const (
	maxElementText = 64 << 10
	maxTexts       = 4 << 20
)

// inRawElements runs a candidate on the scripts or styles that hold its rarest words.
func (s *scratch) inRawElements(p *pattern) {
	best := s.rarest(&s.bodyHits, p)
	if best == nil {
		for k := range s.doc.Tags {
			if s.element(p, k) {
				return
			}
		}
		return
	}
	last := -1
	for _, end := range append([]int32(nil), s.around...) {
		k := s.rawTagBefore(int(end) - 1)
		if k > last {
			last = k
			if s.element(p, k) {
				return
			}
		}
	}
}

// inElementsOf runs a candidate on the elements whose text holds its rarest words.
func (s *scratch) inElementsOf(p *pattern) {
	best := s.rarest(&s.textHits, p)
	s.elements = s.elements[:0]
	blocks := s.doc.Blocks
	for _, end := range s.around {
		k := sort.Search(len(s.starts), func(i int) bool { return s.starts[i] >= end }) - 1
		to := len(s.doc.Body)
		if k+1 < len(blocks) {
			to = blocks[k+1].Offset
		}
		s.overlapping(blocks[k].Offset, to)
	}
	if best == nil {
		s.overlapping(0, len(s.doc.Body))
	}
	slices.Sort(s.elements)
	past := int32(-1)
	for _, k := range slices.Compact(s.elements) {
		if k < past {
			continue // within an element whose text, this one's included, holds no match
		}
		if s.element(p, int(k)) {
			return
		}
		if p.expr.free && s.textSeen == int(k) {
			past = s.tree.end[k]
		}
	}
}

// overlapping adds to s.elements those that begin between two offsets or enclose the first.
func (s *scratch) overlapping(from, to int) {
	s.nest()
	list := s.doc.Tags
	k := sort.Search(len(list), func(i int) bool { return int(list[i].Start) >= from })
	for i := k; i < len(list) && int(list[i].Start) < to; i++ {
		if !list[i].Closing {
			s.elements = append(s.elements, int32(i))
		}
	}
	for k--; k >= 0 && list[k].Closing; k-- {
	}
	for up := int32(k); up >= 0; up = s.tree.parent[up] {
		s.elements = append(s.elements, up)
	}
}

// rawTagBefore returns the tag of the script or style whose text is around an offset, -1 for none.
func (s *scratch) rawTagBefore(at int) int {
	list := s.doc.Tags
	k := sort.Search(len(list), func(i int) bool { return int(list[i].End) > at }) - 1
	if k < 0 || list[k].Closing || list[k].Atom != atom.Script && list[k].Atom != atom.Style {
		return -1
	}
	return k
}

// inRaw runs a pattern on the text of a script or style element.
func (s *scratch) inRaw(p *pattern, k int) bool {
	lo, hi := int(s.doc.Tags[k].End), len(s.doc.Body)
	if k+1 < len(s.doc.Tags) {
		hi = int(s.doc.Tags[k+1].Start)
	}
	at := s.findBetween(p, lo, hi)
	if at == nil {
		return false
	}
	s.recordBody(p, at, hi)
	return true
}

// textOf returns the text of an element and all within it, character references decoded.
func (s *scratch) textOf(k int) []byte {
	s.nest()
	d := s.doc
	var out []byte
	for i := k; i < int(s.tree.end[k]) && len(out) < maxElementText && s.texts < maxTexts; i++ {
		to := len(d.Body)
		if i+1 < len(d.Tags) {
			to = int(d.Tags[i+1].Start)
		}
		text := d.Body[d.Tags[i].End:to]
		if a := d.Tags[i].Atom; d.Tags[i].Closing || a != atom.Script && a != atom.Style {
			text = []byte(html.UnescapeString(string(withoutComments(text))))
		}
		s.texts += len(text)
		out = append(out, text...)
	}
	return out[:min(len(out), maxElementText)]
}

// withoutComments takes comments and declarations out of the text between two tags.
func withoutComments(text []byte) []byte {
	if !bytes.Contains(text, []byte("<!")) {
		return text
	}
	out := make([]byte, 0, len(text))
	for {
		from := bytes.Index(text, []byte("<!"))
		if from < 0 {
			return append(out, text...)
		}
		out = append(out, text[:from]...)
		text = text[from+2:]
		closing := []byte(">")
		if bytes.HasPrefix(text, []byte("--")) {
			text, closing = text[2:], []byte("-->")
		}
		n := bytes.Index(text, closing)
		if n < 0 {
			return out
		}
		text = text[n+len(closing):]
	}
}
