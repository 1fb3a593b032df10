package technology

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"

	"telltale/internal/document"
)

// Bounds that keep matching linear and cheap on any page.
const (
	// maxReach is the longest match, in bytes, of a pattern that is run around its literals only.
	maxReach = 4 << 10
	// openEnded is how long a run of a class that stays within one tag (a host name, a path) is taken to be.
	openEnded = 300
	// maxPlaces bounds the places remembered of one literal.
	maxPlaces = 256
	// maxWindows bounds the bytes one pattern is run on around its literals.
	maxWindows = 128 << 10
	// maxWhole bounds the bytes that patterns without a bound are run on, over one page.
	maxWhole = 32 << 20
)

// reach returns the longest match of an expression in bytes; ok is false where it has none, or where the
// expression looks at the ends of the text, which a window would move.
func reach(re *syntax.Regexp) (n int, ok bool) {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return utf8.UTFMax, re.Op == syntax.OpAnyChar || re.Op == syntax.OpAnyCharNotNL
	case syntax.OpLiteral:
		return literalWidth(re.Rune), true
	case syntax.OpCharClass:
		return classWidth(re.Rune), true
	case syntax.OpCapture, syntax.OpQuest:
		return reach(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		return openEnded, withinTag(re.Sub[0])
	case syntax.OpRepeat:
		if re.Max < 0 {
			return openEnded + re.Min, withinTag(re.Sub[0])
		}
		n, ok = reach(re.Sub[0])
		return n * re.Max, ok
	case syntax.OpConcat, syntax.OpAlternate:
		return reachOfAll(re)
	default:
		return 0, true
	}
}

func reachOfAll(re *syntax.Regexp) (n int, ok bool) {
	for _, sub := range re.Sub {
		m, ok := reach(sub)
		if !ok {
			return 0, false
		}
		if re.Op == syntax.OpConcat {
			n += m
		} else {
			n = max(n, m)
		}
	}
	return n, true
}

// classWidth is the bytes a character of a class may take: 1 in ASCII, 4 beyond, and 2 for the complement
// of a few characters, which is mostly ASCII where it stands in markup.
func classWidth(ranges []rune) int {
	switch last := ranges[max(len(ranges)-1, 0):]; {
	case len(last) == 0 || last[0] <= unicode.MaxASCII:
		return 1
	case last[0] == unicode.MaxRune:
		return 2
	}
	return utf8.UTFMax
}

// literalWidth is the length of a literal in bytes, in whichever case.
func literalWidth(runes []rune) int {
	n := 0
	for _, r := range runes {
		if r <= unicode.MaxASCII {
			n++
		} else {
			n += utf8.UTFMax
		}
	}
	return n
}

// withinTag reports a single class that leaves out the end of a tag or of a line: what it repeats is short.
func withinTag(re *syntax.Regexp) bool {
	if re.Op != syntax.OpCharClass {
		return re.Op == syntax.OpLiteral && len(re.Rune) == 1
	}
	return !holds(re.Rune, '>') || !holds(re.Rune, '\n') && !holds(re.Rune, '"')
}

func holds(ranges []rune, r rune) bool {
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i] <= r && r <= ranges[i+1] {
			return true
		}
	}
	return false
}

// places remembers where in the body each literal ends, up to maxPlaces each.
type places struct{ at [][]int32 }

func (p *places) mark(id int32, end int) {
	if len(p.at[id]) < maxPlaces {
		p.at[id] = append(p.at[id], int32(end))
	}
}

// windows returns the stretches of the body, in order and apart, in which a pattern can match: around
// the literals of the clause that is found in the fewest places.
func (s *scratch) windows(p *pattern, body int) []span {
	var best []int32
	for i, c := range p.clauses {
		var ends []int32
		for _, l := range c {
			if s.hits.has(l) { // the places of others are those of an earlier page
				ends = append(ends, s.places.at[l]...)
			}
		}
		if i == 0 || len(ends) < len(best) {
			best = ends
		}
	}
	slices.Sort(best)
	out := s.spans[:0]
	total := 0
	for _, end := range best {
		lo, hi := max(0, int(end)-maxLiteral-p.reach-1), min(body, int(end)+p.reach+1)
		if n := len(out); n > 0 && lo <= out[n-1].hi {
			total += hi - out[n-1].hi
			out[n-1].hi = hi
		} else {
			total += hi - lo
			out = append(out, span{lo, hi})
		}
		if total > maxWindows {
			break
		}
	}
	s.spans = out
	return out
}

// span is a stretch of the body.
type span struct{ lo, hi int }

// find runs a pattern on the body: around its literals where its matches are short, else on all of it
// as long as the page's budget lasts. The indexes are offsets in the body; nil is no match.
func (s *scratch) find(p *pattern) []int {
	body := s.doc.Body
	if p.reach == 0 {
		if s.whole += len(body); s.whole > maxWhole {
			return nil
		}
		return p.re.FindSubmatchIndex(body)
	}
	for _, w := range s.windows(p, len(body)) {
		if at := p.re.FindSubmatchIndex(body[w.lo:w.hi]); at != nil {
			return shifted(at, -w.lo)
		}
	}
	return nil
}

// findIn runs a pattern on the inline texts among scripts; it returns the script and the indexes in its text.
func (s *scratch) findIn(p *pattern, scripts []document.Script) (*document.Script, []int) {
	if p.reach == 0 {
		for i := range scripts {
			if s.whole += len(scripts[i].Text); s.whole > maxWhole {
				break
			}
			if at := p.re.FindStringSubmatchIndex(scripts[i].Text); at != nil && scripts[i].Text != "" {
				return &scripts[i], at
			}
		}
		return nil, nil
	}
	next := 0
	for _, w := range s.windows(p, len(s.doc.Body)) {
		for next < len(scripts) && scripts[next].Offset+len(scripts[next].Text) <= w.lo {
			next++
		}
		for i := next; i < len(scripts) && scripts[i].Offset < w.hi; i++ {
			sc := &scripts[i]
			lo, hi := max(0, w.lo-sc.Offset), min(len(sc.Text), w.hi-sc.Offset)
			if lo >= hi {
				continue
			}
			if at := p.re.FindStringSubmatchIndex(sc.Text[lo:hi]); at != nil {
				return sc, shifted(at, -lo)
			}
		}
	}
	return nil, nil
}
