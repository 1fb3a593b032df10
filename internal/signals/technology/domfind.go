package technology

import (
	"bytes"
	"slices"
)

// Bounds on the work of dom patterns over one page.
const (
	// maxSteps bounds the elements that selectors are compared with.
	maxSteps = 2 << 20
	// maxOdd bounds the tags that are read again for their character references.
	maxOdd = 2000
)

// markOdd finds literals that a page writes with character references: https:&#x2F;&#x2F; is how some templates
// write an address. The places of what it finds lie within the tag.
func (s *scratch) markOdd() {
	body, done := s.doc.Body, -1
	for i, n := 0, 0; n < maxOdd; i++ {
		at := bytes.IndexByte(body[i:], '&')
		if at < 0 {
			return
		}
		i += at
		end := referenceEnd(body[i:])
		if end < 4 || body[i+end-1] != ';' || isCommonReference(body[i:i+end]) {
			continue
		}
		k := s.tagAt(i)
		if k < 0 || k == done {
			continue
		}
		done = k
		n++
		tag := s.tagBytes(k)
		s.attrs = attributes(tag, s.attrs[:0])
		s.attrsOf = -1
		for _, a := range s.attrs {
			if bytes.IndexByte(a.value, '&') >= 0 {
				s.m.body.literals.scanAs(decoded(a.value), &s.bodyHits, int(s.doc.Tags[k].Start)+1)
			}
		}
	}
}

func isCommonReference(ref []byte) bool {
	switch string(ref) {
	case "&amp;", "&quot;", "&lt;", "&gt;", "&apos;", "&#39;", "&#039;", "&#34;", "&#38;", "&#x27;", "&nbsp;", "&#160;", "&#32;", "&#10;", "&#13;", "&#9;":
		return true
	}
	return false
}

func (s *scratch) tagBytes(k int) []byte {
	t := &s.doc.Tags[k]
	return s.doc.Body[t.Start:t.End]
}

// tagAt returns the start tag around an offset, -1 for none.
func (s *scratch) tagAt(at int) int {
	list := s.doc.Tags
	lo, hi := 0, len(list)
	for lo < hi {
		mid := (lo + hi) / 2
		if int(list[mid].End) <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(list) || int(list[lo].Start) > at || list[lo].Closing {
		return -1
	}
	return lo
}

// inElements runs a dom candidate on the elements that its rarest word leads to, or on all.
func (s *scratch) inElements(p *pattern) {
	if p.dom.text && p.dom.raw() {
		s.inRawElements(p)
		return
	}
	var best []int32
	found := false
	for _, ids := range p.dom.guides {
		places, ok := placesOf(&s.bodyHits, ids, s.places[:0])
		if ok && (!found || len(places) < len(best)) {
			s.elements = append(s.elements[:0], places...)
			best, found = s.elements, true
		}
		s.places = places[:0]
	}
	if !found {
		for k := range s.doc.Tags {
			if s.element(p, k) {
				return
			}
		}
		return
	}
	slices.Sort(best)
	last := -1
	for _, end := range best {
		if k := s.tagAt(int(end) - 1); k > last {
			last = k
			if s.element(p, k) {
				return
			}
		}
	}
}

// element asks one tag; it reports whether the pattern matched there.
func (s *scratch) element(p *pattern, k int) bool {
	if s.doc.Tags[k].Closing || !s.selects(p.dom.sel, len(p.dom.sel.compounds)-1, k) {
		return false
	}
	tag := &s.doc.Tags[k]
	switch {
	case p.dom.attr != "":
		return s.onAttribute(p, k)
	case p.expr == nil:
		s.record(p, nil, nil, clipEvidence(string(s.tagBytes(k)), 0), int(tag.Start))
		return true
	case p.dom.raw():
		return s.inRaw(p, k)
	}
	text := s.textOf(k)
	if len(text) < maxElementText {
		s.textSeen = k
	}
	at := p.expr.find(text, 0, len(text), p.version != "")
	if at == nil {
		return false
	}
	s.record(p, text, at, clipEvidence(string(s.tagBytes(k))+string(text), int(tag.End-tag.Start)+at[0]), int(tag.Start))
	return true
}

func (s *scratch) onAttribute(p *pattern, k int) bool {
	v, has := valueOf(s.attributes(k), p.dom.attr)
	if !has {
		return false
	}
	var at []int
	if p.expr != nil {
		if at = p.expr.find(v, 0, len(v), p.version != ""); at == nil {
			return false
		}
	}
	s.record(p, v, at, clipEvidence(string(s.tagBytes(k)), 0), int(s.doc.Tags[k].Start))
	return true
}

// attributes returns the attributes of a tag, read once for the candidates that ask one after the other.
func (s *scratch) attributes(k int) []attribute {
	if s.attrsOf != k {
		s.attrs = attributes(s.tagBytes(k), s.attrs[:0])
		s.attrsOf = k
	}
	return s.attrs
}

// selects reports that a tag is what compound c of a selector asks, in the place that the compounds before it ask.
func (s *scratch) selects(sel *selector, c, k int) bool {
	if s.steps++; s.steps > maxSteps || !s.isCompound(&sel.compounds[c], k) {
		return false
	}
	if c == 0 {
		return true
	}
	s.nest()
	switch t := &s.tree; sel.joins[c-1] {
	case '>':
		return t.parent[k] >= 0 && s.selects(sel, c-1, int(t.parent[k]))
	case '+':
		return t.before[k] >= 0 && s.selects(sel, c-1, int(t.before[k]))
	case '~':
		for b := t.before[k]; b >= 0; b = t.before[b] {
			if s.selects(sel, c-1, int(b)) {
				return true
			}
		}
	default:
		for up := t.parent[k]; up >= 0; up = t.parent[up] {
			if s.selects(sel, c-1, int(up)) {
				return true
			}
		}
	}
	return false
}

func (s *scratch) isCompound(c *compound, k int) bool {
	tag := &s.doc.Tags[k]
	if c.tag != "" && (c.atom != tag.Atom || c.atom == 0 && !equalFold(nameOf(s.doc, k), c.tag)) {
		return false
	}
	if len(c.tests) == 0 {
		return true
	}
	if s.attrsOf != k && !mayHold(s.tagBytes(k), c.tests) {
		return false
	}
	attrs := s.attributes(k)
	for i := range c.tests {
		v, has := valueOf(attrs, c.tests[i].name)
		if !has && c.tests[i].op != '!' || !c.tests[i].holds(v) {
			return false
		}
	}
	return true
}

// mayHold reports that a tag has the bytes of all values, as it must to pass the tests unless it writes references.
func mayHold(tag []byte, tests []attrTest) bool {
	for i := range tests {
		if t := &tests[i]; t.op != '!' && !t.fold && !bytes.Contains(tag, t.bytes) {
			return bytes.IndexByte(tag, '&') >= 0
		}
	}
	return true
}

// nest makes the tree of the page, once.
func (s *scratch) nest() {
	if !s.nested {
		s.tree.build(s.doc)
		s.nested = true
	}
}
