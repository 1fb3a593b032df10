package attribution

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// gap is what stands between a word and the one before it.
type gap uint8

const (
	gapStart gap = iota // nothing: it is the first of the text
	gapSpace
	gapHyphen // a hyphen without spaces
	gapApostrophe
	gapComma
	gapStop  // a full stop and a space: the end of a sentence or of an abbreviation
	gapGlue  // other signs without spaces, as in an address, a handle or a version
	gapBreak // any other sign
)

// Marks of a word.
const (
	markUpper   = 1 << iota // its first letter is a capital
	markCapital             // it has a capital or a digit
	markDigit               // it has digits only
	markAmp                 // it is the sign &
)

// word is one word of a text: its bytes, without a possessive 's.
type word struct {
	start, end int32
	gap        gap
	marks      uint8
}

// split appends the words of a text: runs of letters, marks and digits. An apostrophe divides words (l'Oréal), a possessive is left
// out, single letters that dots or a slash join are one word (S.p.A., A/S), and the sign & is one.
func split(dst []word, text string) []word {
	g, from := gapStart, 0
	for i := 0; i < len(text); {
		n, class := charAt(text, i)
		switch {
		case text[i] == '&':
			g = between(text[from:i], g)
			dst = append(dst, word{int32(i), int32(i + 1), g, markAmp})
			i, from, g = i+1, i+1, gapSpace
			continue
		case class == 0:
			i += n
			continue
		}
		w := word{start: int32(i), gap: between(text[from:i], g)}
		i = w.read(text)
		dst = append(dst, w)
		i = possessive(text, i)
		from, g = i, gapSpace
	}
	return dst
}

// Classes of characters; 0 is none of a word.
const (
	classLower = 1 + iota
	classUpper
	classDigit
)

// classes are those of ASCII.
var classes = func() (t [utf8.RuneSelf]uint8) { //nolint:gochecknoglobals // a table
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z':
			t[c] = classLower
		case c >= 'A' && c <= 'Z':
			t[c] = classUpper
		case c >= '0' && c <= '9':
			t[c] = classDigit
		}
	}
	return t
}()

func charAt(s string, i int) (size int, class uint8) {
	if c := s[i]; c < utf8.RuneSelf {
		return 1, classes[c]
	}
	return wideAt(s, i)
}

func wideAt(s string, i int) (size int, class uint8) {
	r, n := utf8.DecodeRuneInString(s[i:])
	switch {
	case unicode.IsUpper(r) || unicode.IsTitle(r):
		return n, classUpper
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return n, classLower
	case unicode.IsNumber(r):
		return n, classDigit
	}
	return n, 0
}

// read takes the word that begins at its start, and returns where it ends.
func (w *word) read(text string) int {
	i, letters, first := int(w.start), 0, true
	digits := true
	for i < len(text) {
		if c := text[i]; !first && c >= 'a' && c <= 'z' { // what most of a text is
			digits = false
			letters++
			i++
			continue
		}
		n, class := charAt(text, i)
		if class == 0 {
			if letters == 1 && single(text, i) { // S.p.A., A/S
				i++
				letters = 0
				continue
			}
			break
		}
		if class == classUpper {
			w.marks |= markCapital
			if first {
				w.marks |= markUpper
			}
		}
		if class == classDigit {
			w.marks |= markCapital
		} else {
			digits = false
		}
		first = false
		letters++
		i += n
	}
	if digits {
		w.marks |= markDigit
	}
	w.end = int32(i)
	return i
}

// single reports that a dot or slash at i joins two single letters.
func single(text string, i int) bool {
	if text[i] != '.' && text[i] != '/' || i+1 >= len(text) {
		return false
	}
	n, class := charAt(text, i+1)
	if class != classLower && class != classUpper {
		return false
	}
	if i+1+n < len(text) {
		_, after := charAt(text, i+1+n)
		return after == 0
	}
	return true
}

// possessive skips 's behind a word.
func possessive(text string, i int) int {
	n := apostrophe(text, i)
	if n == 0 || i+n >= len(text) || text[i+n]|0x20 != 's' {
		return i
	}
	if i+n+1 < len(text) {
		if _, class := charAt(text, i+n+1); class != 0 {
			return i
		}
	}
	return i + n + 1
}

// apostrophe is the length of an apostrophe at i, 0 where there is none.
func apostrophe(text string, i int) int {
	if i >= len(text) {
		return 0
	}
	if text[i] == '\'' {
		return 1
	}
	for _, a := range [...]string{"’", "ʼ", "‘"} {
		if len(text)-i >= len(a) && text[i:i+len(a)] == a {
			return len(a)
		}
	}
	return 0
}

// between says what the signs between two words amount to.
func between(signs string, g gap) gap {
	switch signs {
	case "":
		if g == gapStart {
			return gapStart
		}
		return gapSpace
	case " ":
		return gapSpace
	case "-", "‐", "‑", "\u00ad":
		return gapHyphen
	case ", ":
		return gapComma
	case ". ":
		return gapStop
	}
	if apostrophe(signs, 0) == len(signs) {
		return gapApostrophe
	}
	if strings.TrimSpace(signs) == "" {
		return gapSpace
	}
	if !strings.ContainsAny(signs, " \t\n\r\u00a0") && strings.Trim(signs, "./_@#:?=+~\\") == "" || strings.HasSuffix(strings.TrimRight(signs, "@#/_"), " ") && !strings.HasSuffix(signs, " ") {
		return gapGlue
	}
	return gapBreak
}
