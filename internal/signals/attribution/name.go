package attribution

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of a name: longer ones are not matched by name.
const (
	maxNameBytes = 200
	maxNameWords = 12
)

// name is a company's name, taken apart: its words and, of them, those between lo and hi that are left without legal forms.
type name struct {
	text   string
	words  []word
	lo, hi int
	// tail is where the legal form behind the name ends.
	tail int
}

// parse takes a name apart. The words are appended to room, which may be nil.
func (l *lexicon) parse(text string, room []word) name {
	n := name{text: text, words: split(room[:0], text)}
	n.words = slices.DeleteFunc(n.words, func(w word) bool { return l.word(text, w) == "" })
	n.hi = len(n.words)
	n.tail = n.hi
	for n.hi-n.lo > 1 && n.leads(l) {
		n.lo++
	}
	for n.hi-n.lo > 1 {
		w := n.words[n.hi-1]
		group := n.hi-n.lo > 2 && l.isGroup(text, w)
		if !group && !l.isForm(n.at(w)) && !l.isAnd(text, w) {
			break
		}
		n.hi--
	}
	return n
}

// isGroup reports a word for a group of companies: behind a name of two words or more it is left out as often as not.
func (l *lexicon) isGroup(text string, w word) bool {
	c := l.word(text, w)
	return c == "grp" || c == "hldgs"
}

// isForm reports a word of legal forms.
func (l *lexicon) isForm(w string) bool {
	var room [48]byte
	_, ok := l.forms[string(fold(room[:0], w))]
	return ok
}

// isAnd reports the sign & or a word for it.
func (l *lexicon) isAnd(text string, w word) bool {
	return w.marks&markAmp != 0 || (w.end-w.start <= 3 || !ascii(text[w.start:w.end])) && l.word(text, w) == "&"
}

// ascii reports a text of ASCII only, which is as long as it looks.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// form is the legal form behind the name, or else before it, short forms joined by spaces ("gmbh & co kg"); empty where there is none.
func (n *name) form(l *lexicon) string {
	if behind := l.formOf(n.text, n.words[n.hi:n.tail]); behind != "" {
		return behind
	}
	return l.formOf(n.text, n.words[:n.lo])
}

// leads reports that the first word is an article or a legal form that stands before names.
func (n *name) leads(l *lexicon) bool {
	var room [48]byte
	switch string(fold(room[:0], n.at(n.words[n.lo]))) {
	case "the", "ab", "as", "oy", "pt", "ooo", "pao", "zao":
		return true
	}
	return l.isAnd(n.text, n.words[n.lo])
}

func (n *name) at(w word) string { return n.text[w.start:w.end] }

// base are the words without legal forms.
func (n *name) base() []word { return n.words[n.lo:n.hi] }

// formOf is the legal form that some words make.
func (l *lexicon) formOf(text string, list []word) string {
	var parts []string
	for _, w := range list {
		if l.isAnd(text, w) {
			parts = append(parts, "&")
			continue
		}
		if form := l.forms[string(fold(nil, text[w.start:w.end]))]; form != "" {
			parts = append(parts, form)
		}
	}
	return strings.Trim(strings.Join(parts, " "), "& ")
}

// Normalise writes a company's name as names are compared: words in lower case without marks, umlauts in one way, abbreviations
// resolved, & for "and" in six languages, without article and legal form, and without Group behind two words or more. A name of nothing but legal forms keeps one word.
// Normalising what is normalised changes nothing.
func Normalise(text string) string {
	l := words()
	n := l.parse(text, nil)
	var parts []string
	for _, w := range n.base() {
		if p := l.word(text, w); p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " ")
}

// word is a word as it is compared.
func (l *lexicon) word(text string, w word) string {
	if w.marks&markAmp != 0 {
		return "&"
	}
	var room [64]byte
	return l.canonical(fold(room[:0], text[w.start:w.end]))
}

// same reports that two sequences of words are one name: the same but for case, marks, abbreviations, and umlauts written in one
// of the usual ways. Words that merely fold alike (Joe and Jo) are two.
func (l *lexicon) same(a string, as []word, b string, bs []word) bool {
	return slices.EqualFunc(as, bs, func(x, y word) bool {
		if l.isAnd(a, x) || l.isAnd(b, y) {
			return l.word(a, x) == l.word(b, y)
		}
		s, t := a[x.start:x.end], b[y.start:y.end]
		if s == t {
			return true
		}
		fs, ft := fold(nil, s), fold(nil, t)
		cs, abbreviated := l.abbreviations[string(fs)]
		if ct, ok := l.abbreviations[string(ft)]; ok || abbreviated {
			return cs == ct
		}
		return string(fs) == string(ft) && alike(s, t)
	})
}

// alike reports that two words are one in one of the ways to write umlauts.
func alike(s, t string) bool {
	for _, x := range [...]bool{false, true} {
		for _, y := range [...]bool{false, true} {
			if string(spell(nil, s, x)) == string(spell(nil, t, y)) {
				return true
			}
		}
	}
	return false
}

// agreement says how a legal form that a text names fits that of an account.
type agreement int8

const (
	formOther   agreement = -1
	formUnknown agreement = 0 // one of both names none
	formPart    agreement = 1 // one is part of the other: GmbH of GmbH & Co. KG
	formSame    agreement = 2
)

func agree(said, known string) agreement {
	switch {
	case said == "" || known == "":
		return formUnknown
	case said == known:
		return formSame
	case strings.HasPrefix(said, known+" ") || strings.HasPrefix(known, said+" ") || strings.HasSuffix(said, " "+known) || strings.HasSuffix(known, " "+said):
		return formPart
	}
	return formOther
}
