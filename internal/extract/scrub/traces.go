package scrub

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// traces say what a text may hold of people; most quotations hold nothing, and the expressions cost a hundred times as much as this look.
// They may say too much, never too little.
type traces struct {
	// mail: a sign of an address; digits: as many as the shortest number has.
	mail, digits bool
	// title: a title; pair: two words in capitals, one after the other, that may be a name; edge: a capital where a quotation may have cut one.
	title, pair, edge bool
}

// shortestNumber is how many digits an announced telephone number has at least.
const shortestNumber = 5

func tracesOf(s string) traces {
	t := traces{mail: strings.ContainsAny(s, "@＠&%)]}")}
	t.digits = manyDigits(s)
	// before counts down the particles that may stand between the words of a name.
	before, last, first := 0, false, true
	for w := range strings.FieldsSeq(s) {
		capital := hasCapital(w)
		if first {
			t.edge, first = capital, false
		}
		last = capital
		switch {
		case capital && before > 0 && !notName(w):
			t.pair = true
		case capital && notName(w):
			before = 0
		case capital:
			before = 3
		default:
			before--
		}
		t.title = t.title || isTitle(w)
		if end, _ := utf8.DecodeLastRuneInString(w); capital && !unicode.IsLetter(end) && end != '.' {
			before = 0
		}
	}
	t.edge = t.edge || last
	return t
}

// manyDigits reports as many digits as a telephone number has.
func manyDigits(s string) bool {
	n := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n >= shortestNumber
}

// hasCapital reports a field with a capital letter: a name may begin within it, behind a mark.
func hasCapital(w string) bool { return strings.IndexFunc(w, unicode.IsUpper) >= 0 }

// isTitle reports a field that holds a title, whatever marks stand around it.
func isTitle(w string) bool {
	for part := range strings.FieldsFuncSeq(w, func(r rune) bool { return !unicode.IsLetter(r) && r != 'ª' }) {
		if titleWords[strings.ToLower(part)] {
			return true
		}
	}
	return false
}

// titleWords are the words of titled, in lower case.
var titleWords = func() map[string]bool { //nolint:gochecknoglobals // a table
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`dr prof mr mrs ms miss mx sir dame lord lady herr herrn frau dipl ing mme mlle mlles mmes mm monsieur madame mademoiselle
		maître me sr sra srta señor señora señorita don doña dña dª d m dhr heer heren mevr mevrouw mw drs ir fru fröken frk doktor professor`) {
		m[w] = true
	}
	return m
}()
