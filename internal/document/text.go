package document

import (
	"html"
	"strings"
	"unicode/utf8"
)

// span is a piece of the text buffer; it becomes a string once, when the page is done.
type span struct{ start, end int }

// textBuffer gathers the visible text of a page: blocks of collapsed white space, one after the other.
type textBuffer struct {
	buf []byte
	// start is where the current block begins in buf, offset where it begins in the body (-1: nothing yet).
	start, offset int
	// space is white space seen but not yet written.
	space bool
	full  bool
}

// classes of bytes in text.
const (
	bytePlain = iota
	byteSpace
	byteEntity
	byteNUL
	byteHigh
)

var byteClass = func() (t [256]uint8) { //nolint:gochecknoglobals // a table
	for _, c := range "\t\n\v\f\r " {
		t[c] = byteSpace
	}
	t[0], t['&'] = byteNUL, byteEntity
	for c := 0x80; c < 0x100; c++ {
		t[c] = byteHigh
	}
	return t
}()

// add appends text as it stands in the source at offset base: entities decoded, white space
// collapsed, NULs, soft hyphens and zero-width marks dropped, invalid UTF-8 replaced.
func (t *textBuffer) add(src string, base int) {
	for i := 0; i < len(src); {
		switch byteClass[src[i]] {
		case byteSpace:
			t.space = true
			i++
		case byteNUL:
			i++
		case byteEntity:
			n := entityEnd(src[i:])
			t.addRunes(html.UnescapeString(src[i:i+n]), base+i)
			i += n
		case byteHigh:
			r, n := utf8.DecodeRuneInString(src[i:])
			t.addRune(r, base+i)
			i += n
		default:
			j := plainRun(src, i)
			t.begin(base + i)
			t.put(src[i:j])
			i = j
		}
	}
}

// plainRun returns the end of a run of ASCII words from i, one blank between each two: it is written as it stands.
func plainRun(src string, i int) int {
	for i++; i < len(src); i++ {
		if byteClass[src[i]] != bytePlain && (src[i] != ' ' || i+1 == len(src) || byteClass[src[i+1]] != bytePlain) {
			break
		}
	}
	return i
}

// addPlain appends text that knows no entities.
func (t *textBuffer) addPlain(src string, base int) {
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRuneInString(src[i:])
		t.addRune(r, base+i)
		i += n
	}
}

func (t *textBuffer) addRunes(s string, offset int) {
	for _, r := range s {
		t.addRune(r, offset)
	}
}

func (t *textBuffer) addRune(r rune, offset int) {
	switch r {
	case ' ', '\t', '\n', '\r', '\f', '\v', 0x85, 0xA0, 0x2028, 0x2029, 0x2002, 0x2003, 0x2009, 0x202F, 0x3000:
		t.space = true
	case 0, 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF:
	default:
		t.begin(offset)
		if !t.full {
			t.buf = utf8.AppendRune(t.buf, r)
		}
	}
}

// begin makes ready for a visible character at an offset: it opens the block and writes pending space.
func (t *textBuffer) begin(offset int) {
	if t.offset < 0 {
		t.offset = offset
	}
	if t.space && len(t.buf) > t.start && !t.full {
		t.buf = append(t.buf, ' ')
	}
	t.space = false
	if len(t.buf) >= maxText {
		t.full = true
	}
}

// put appends ASCII text, as far as the bound on all text allows.
func (t *textBuffer) put(s string) {
	if !t.full {
		t.buf = append(t.buf, s[:min(len(s), maxText+1-len(t.buf))]...)
	}
}

// flush ends the current block and returns its span and offset; ok is false where it is empty.
func (t *textBuffer) flush() (s span, offset int, ok bool) {
	s, offset, ok = span{t.start, len(t.buf)}, t.offset, len(t.buf) > t.start
	if ok {
		t.buf = append(t.buf, ' ')
	}
	t.start, t.offset, t.space = len(t.buf), -1, false
	return s, offset, ok
}

// entityEnd returns the length of the character reference that starts s, at most maxEntity bytes.
func entityEnd(s string) int {
	const maxEntity = 40
	i := 1
	if i < len(s) && s[i] == '#' {
		i++
	}
	for i < len(s) && i < maxEntity && isAlnum(s[i]) {
		i++
	}
	if i < len(s) && s[i] == ';' {
		i++
	}
	return i
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// collapse returns s with white space collapsed, entities decoded and no more than limit bytes.
func collapse(s string, limit int) string {
	t := textBuffer{offset: -1}
	t.add(s, 0)
	return clip(string(t.buf), limit)
}

// clip cuts valid text at a rune boundary, at most limit bytes.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.TrimSpace(s[:limit])
}
