package attribution

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold appends a word as words are compared: in lower case, without marks, and with ä, ae and a, ö, oe and o, ü, ue and u made one. What is
// no letter or digit is left out. Folding what is folded changes nothing.
func fold(dst []byte, s string) []byte {
	open := false
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			f := folder{dst, open}
			f.decomposed(s[i:])
			return f.dst
		}
		switch classes[c] {
		case 0:
			continue
		case classUpper:
			c |= 0x20
		}
		if c == 'e' && open {
			continue
		}
		open = c == 'a' || c == 'o' || c == 'u'
		dst = append(dst, c)
	}
	return dst
}

type folder struct {
	dst []byte
	// open says that the last letter was a, o or u, after which any e is left out.
	open bool
}

func (f *folder) decomposed(s string) {
	for _, r := range norm.NFKD.String(s) {
		f.add(r)
	}
}

func (f *folder) add(r rune) {
	switch {
	case r >= 'a' && r <= 'z':
	case r >= 'A' && r <= 'Z':
		r |= 0x20
	case r >= '0' && r <= '9':
	case r < utf8.RuneSelf || unicode.IsMark(r):
		return
	default:
		f.foreign(r)
		return
	}
	if r == 'e' && f.open {
		return
	}
	f.open = r == 'a' || r == 'o' || r == 'u'
	f.dst = append(f.dst, byte(r))
}

// foreign adds a letter outside of ASCII that does not decompose.
func (f *folder) foreign(r rune) {
	switch r = unicode.ToLower(r); r {
	case 'ß':
		f.add('s')
		f.add('s')
	case 'þ':
		f.add('t')
		f.add('h')
	case 'ø', 'œ':
		f.add('o')
	case 'æ':
		f.add('a')
	case 'ł':
		f.add('l')
	case 'đ', 'ð':
		f.add('d')
	case 'ı':
		f.add('i')
	default:
		if r < utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			return
		}
		f.open = false
		f.dst = utf8.AppendRune(f.dst, r)
	}
}

// spell appends a word in one of the two ways in which its umlauts are written without them: ä as a, or ä as ae.
func spell(dst []byte, s string, two bool) []byte {
	for _, r := range norm.NFC.String(s) {
		r = unicode.ToLower(r)
		switch r {
		case 'ß':
			dst = append(dst, "ss"...)
		case 'ä', 'æ':
			dst = append(dst, 'a')
		case 'ö', 'ø', 'œ':
			dst = append(dst, 'o')
		case 'ü':
			dst = append(dst, 'u')
		default:
			dst = bare(dst, r)
			continue
		}
		if two && r != 'ß' {
			dst = append(dst, 'e')
		}
	}
	return dst
}

// bare appends the letters and digits of a rune without its marks.
func bare(dst []byte, r rune) []byte {
	for _, x := range norm.NFKD.String(string(r)) {
		if unicode.IsLetter(x) || unicode.IsNumber(x) {
			dst = utf8.AppendRune(dst, unicode.ToLower(x))
		}
	}
	return dst
}
