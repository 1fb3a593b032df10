package technology

import (
	"regexp/syntax"
	"unicode/utf8"
)

// step is how far the part of an expression beside a literal can reach: at most width bytes, and never
// across a byte of stop, which no match of that part holds. That makes the window around a literal
// exact: <link[^>]+foo ends its look to the left at the > of the tag before.
type step struct {
	// width is in bytes, unbounded where the part has no longest match.
	width int
	stop  *byteSet
}

type byteSet [4]uint64

func (s *byteSet) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *byteSet) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

const unbounded = -1

// smallWidth is the width up to which a part is taken as it is, without looking for a stop, in bytes.
const smallWidth = 16

// maxWidth is the width, in bytes, from which a part counts as unbounded.
const maxWidth = 64 << 10

// stepsOf returns the steps of parts, neighbours of a small width joined.
func stepsOf(seq []part) []step {
	var out []step
	for _, re := range seq {
		w := widthOf(re)
		if w == 0 {
			continue
		}
		if w != unbounded && w <= smallWidth {
			if n := len(out); n > 0 && out[n-1].stop == nil && out[n-1].width != unbounded {
				out[n-1].width += w
			} else {
				out = append(out, step{width: w})
			}
			continue
		}
		out = append(out, step{w, stopsOf(re)})
	}
	return out
}

// finite reports steps that end on any text with the bytes they stop at.
func finite(steps []step) bool {
	for _, s := range steps {
		if s.width == unbounded && s.stop == nil {
			return false
		}
	}
	return true
}

// widthOf returns the longest match of an expression in bytes.
func widthOf(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		n := 0
		for _, r := range re.Rune {
			n += utf8.RuneLen(r)
		}
		return n
	case syntax.OpCharClass:
		if n := len(re.Rune); n == 0 || re.Rune[n-1] <= 0x7F {
			return 1
		}
		return utf8.UTFMax
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return utf8.UTFMax
	case syntax.OpStar, syntax.OpPlus:
		return unbounded
	case syntax.OpRepeat:
		return timesWidth(widthOf(re.Sub[0]), re.Max)
	case syntax.OpCapture, syntax.OpQuest:
		return widthOf(re.Sub[0])
	case syntax.OpConcat, syntax.OpAlternate:
		return widthOfAll(re)
	default:
	}
	return 0
}

func timesWidth(width, times int) int {
	if width == unbounded || times < 0 || width*times > maxWidth {
		return unbounded
	}
	return width * times
}

func widthOfAll(re *syntax.Regexp) int {
	n := 0
	for _, sub := range re.Sub {
		w := widthOf(sub)
		switch {
		case w == unbounded:
			return unbounded
		case re.Op == syntax.OpConcat:
			n += w
		default:
			n = max(n, w)
		}
	}
	return n
}

// stopsOf returns the ASCII bytes that no match of an expression holds; nil where there are none.
func stopsOf(re *syntax.Regexp) *byteSet {
	var can, stop byteSet
	reachable(re, &can)
	some := false
	for c := range byte(utf8.RuneSelf) {
		if !can.has(c) {
			stop.add(c)
			some = true
		}
	}
	if !some {
		return nil
	}
	return &stop
}

// reachable adds the ASCII bytes that a match may hold.
func reachable(re *syntax.Regexp, can *byteSet) {
	addRange := func(lo, hi rune) {
		for r := lo; r <= min(hi, 0x7F); r++ {
			can.add(byte(r))
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r <= 0x7F {
				can.add(lower(byte(r)))
				can.add(upper(byte(r)))
			}
		}
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			addRange(re.Rune[i], re.Rune[i+1])
		}
	case syntax.OpAnyChar:
		addRange(0, 0x7F)
	case syntax.OpAnyCharNotNL:
		addRange(0, '\n'-1)
		addRange('\n'+1, 0x7F)
	default:
	}
	for _, sub := range re.Sub {
		reachable(sub, can)
	}
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// goLeft returns how far to the left of pos the steps reach, not below lo.
func goLeft(steps []step, text []byte, pos, lo int) int {
	for i := len(steps) - 1; i >= 0 && pos > lo; i-- {
		s := &steps[i]
		end := lo
		if s.width != unbounded {
			end = max(lo, pos-s.width)
		}
		if s.stop == nil {
			pos = end
			continue
		}
		for pos > end && !s.stop.has(text[pos-1]) {
			pos--
		}
	}
	return pos
}

// goRight returns how far to the right of pos the steps reach, not above hi.
func goRight(steps []step, text []byte, pos, hi int) int {
	for i := 0; i < len(steps) && pos < hi; i++ {
		s := &steps[i]
		end := hi
		if s.width != unbounded {
			end = min(hi, pos+s.width)
		}
		if s.stop == nil {
			pos = end
			continue
		}
		for pos < end && !s.stop.has(text[pos]) {
			pos++
		}
	}
	return pos
}
