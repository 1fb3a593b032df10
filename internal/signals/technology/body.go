package technology

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"telltale/internal/document"
)

// Bounds that keep matching linear and cheap on any page.
const (
	// maxWindows bounds the bytes one pattern is run on around its literals.
	maxWindows = 1 << 20
	// maxWhole bounds the bytes that patterns are run on over one page where nothing bounds their matches.
	maxWhole = 32 << 20
	// maxTail bounds what is quoted behind a match, in bytes, up to the end of its tag or statement.
	maxTail = 120
)

// span is a stretch of the body.
type span struct{ lo, hi int }

// inBody scans the body once and runs the candidates of the fields that lie in it.
func (s *scratch) inBody() {
	d := s.doc
	if len(d.Body) == 0 {
		return
	}
	s.bodyHits.reset()
	s.m.body.literals.scan(d.Body, &s.bodyHits)
	s.markOdd()
	s.gatherInline()
	robots := strings.HasSuffix(d.URL, "/robots.txt")
	for _, n := range s.pick(&s.m.body, &s.bodyHits, FieldHTML, "") {
		p := &s.m.patterns[n]
		if s.settled(p) {
			continue
		}
		switch p.field {
		case FieldHTML:
			s.on(p, 0, len(d.Body))
		case FieldRobots:
			if robots {
				s.on(p, 0, len(d.Body))
			}
		case FieldScripts:
			s.inTexts(p, s.inline)
		case FieldCSS:
			s.inTexts(p, d.Styles)
		case FieldLinks:
			s.inLinks(p)
		default:
			s.inElements(p)
		}
	}
	for _, n := range s.m.body.always[FieldDOM] {
		s.inElements(&s.m.patterns[n])
	}
	for _, n := range s.m.body.always[FieldScripts] {
		s.inTexts(&s.m.patterns[n], s.inline)
	}
}

// settled reports that a match of the pattern would change nothing any more.
func (s *scratch) settled(p *pattern) bool {
	f := s.found[p.tech]
	return f != nil && f.confidence == 100 && (p.version == "" || f.version != "") && !better(p, f.best)
}

// gatherInline lists the inline scripts in order, data blocks among them.
func (s *scratch) gatherInline() {
	s.inline = s.inline[:0]
	for i := range s.doc.Scripts {
		if s.doc.Scripts[i].Text != "" {
			s.inline = append(s.inline, s.doc.Scripts[i])
		}
	}
	if len(s.doc.JSONLD) > 0 {
		s.inline = append(s.inline, s.doc.JSONLD...)
		slices.SortStableFunc(s.inline, func(a, b document.Script) int { return cmp.Compare(a.Offset, b.Offset) })
	}
}

// on runs a pattern on a stretch of the body; it reports a match.
func (s *scratch) on(p *pattern, lo, hi int) bool {
	at := s.findBetween(p, lo, hi)
	if at == nil {
		return false
	}
	s.recordBody(p, at, hi)
	return true
}

func (s *scratch) recordBody(p *pattern, at []int, hi int) {
	body := s.doc.Body
	around := string(body[at[0]:min(hi, at[1]+maxTail)])
	s.record(p, body, at, spanOf(around, at[1]-at[0]), at[0])
}

func (s *scratch) inTexts(p *pattern, list []document.Script) {
	for i := range list {
		if t := &list[i]; s.on(p, t.Offset, t.Offset+len(t.Text)) {
			return
		}
	}
}

// findBetween runs a pattern on body[lo:hi]: around its literals where they bound its matches, else on all of
// it as long as the page's budget lasts. The indexes are offsets in the body; nil is no match.
func (s *scratch) findBetween(p *pattern, lo, hi int) []int {
	return s.findIn(s.doc.Body, &s.bodyHits, p, lo, hi)
}

func (s *scratch) findIn(text []byte, h *hits, p *pattern, lo, hi int) []int {
	lo, hi = max(0, lo), min(hi, len(text))
	if lo >= hi {
		return nil
	}
	if len(p.links) > 0 {
		return s.findLinks(text, h, p, lo, hi)
	}
	if p.windowed {
		if at, ok := s.aroundLiterals(text, h, p, lo, hi); ok {
			return at
		}
	}
	if s.whole += hi - lo; s.whole > maxWhole {
		return nil
	}
	return p.expr.find(text, lo, hi, p.version != "")
}

// aroundLiterals runs a pattern around the literals of the clause that is found in the fewest places. It is not
// ok where no clause bounds the matches: its literals are too many, or a match may reach to the ends of the text.
func (s *scratch) aroundLiterals(text []byte, h *hits, p *pattern, lo, hi int) (at []int, ok bool) {
	best := s.rarest(h, p)
	if best == nil {
		return nil, false
	}
	places := s.around
	from, _ := slices.BinarySearch(places, int32(lo+1))
	spent := 0
	for i := from; i < len(places); {
		if int(places[i]) > hi {
			break
		}
		w := s.window(text, best, int(places[i]), lo, hi)
		for i++; i < len(places) && int(places[i]) <= hi; i++ {
			next := s.window(text, best, int(places[i]), lo, hi)
			if next.lo > w.hi {
				break
			}
			w.lo, w.hi = min(w.lo, next.lo), max(w.hi, next.hi)
		}
		if spent += w.hi - w.lo; spent > maxWindows {
			return nil, false
		}
		if at := p.expr.find(text, w.lo, w.hi, p.version != ""); at != nil {
			if at[0] == w.lo && w.lo > lo || at[1] == w.hi && w.hi < hi {
				return nil, false // it leans on an end that is the window's and not the text's
			}
			return at, true
		}
	}
	return nil, true
}

// rarest leaves in s.around, in order, the places of the clause that is found in the fewest, and returns it; nil where
// each has a literal in more places than are remembered.
func (s *scratch) rarest(h *hits, p *pattern) *filed {
	var best *filed
	for i := range p.clauses {
		c := &p.clauses[i]
		if c.aside {
			continue
		}
		places, fits := placesOf(h, c.ids, s.places[:0])
		if fits && (best == nil || len(places) < len(s.around)) {
			best = c
			s.around = append(s.around[:0], places...)
		}
		s.places = places[:0]
	}
	slices.Sort(s.around)
	return best
}

// window is the stretch in which a match around a literal that ends at a place can lie, a character more to each side.
func (s *scratch) window(text []byte, c *filed, end, lo, hi int) span {
	left := goLeft(c.left, text, max(lo, end-c.width), lo)
	right := goRight(c.right, text, end, hi)
	return span{max(lo, left-1), min(hi, right+1)}
}

// placesOf returns the places of a clause's literals; it is not ok where one has more than are remembered.
func placesOf(h *hits, ids []int32, out []int32) (places []int32, ok bool) {
	for _, l := range ids {
		if !h.has(l) {
			continue
		}
		if h.overflowed(l) {
			return out, false
		}
		out = append(out, h.at[l]...)
	}
	return out, true
}

// text joins the visible text and runs the patterns on it.
func (s *scratch) text() {
	if len(s.m.text.literals.literals) == 0 {
		return
	}
	s.buf, s.starts = s.buf[:0], s.starts[:0]
	blocks := s.doc.Blocks
	for i := range blocks {
		s.starts = append(s.starts, int32(len(s.buf)))
		if blocks[i].Role != document.RoleTitle {
			s.buf = append(s.buf, blocks[i].Text...)
			s.buf = append(s.buf, '\n')
		}
	}
	s.textHits.reset()
	s.m.text.literals.scan(s.buf, &s.textHits)
	for _, n := range s.pick(&s.m.text, &s.textHits, FieldText, "") {
		p := &s.m.patterns[n]
		if p.field == FieldDOM {
			s.inElementsOf(p)
			continue
		}
		at := s.findIn(s.buf, &s.textHits, p, 0, len(s.buf))
		if at == nil {
			continue
		}
		k := sort.Search(len(s.starts), func(i int) bool { return int(s.starts[i]) > at[0] }) - 1
		s.record(p, s.buf, at, clipEvidence(blocks[k].Text, at[0]-int(s.starts[k])), blocks[k].Offset+at[0]-int(s.starts[k]))
	}
}
