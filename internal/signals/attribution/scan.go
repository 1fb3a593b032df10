package attribution

import (
	"strings"
)

// mention is one place where a text names accounts.
type mention struct {
	// first is the first account of that name; the others are chained to it.
	first uint32
	// start and end are bytes of the text, with the legal form; bare is where the name ends without it.
	start, bare, end int
	// from and to number the words of the name.
	from, to int
	form     string
	// torn says that the words around it make another name of it: Orange County, Jane Target, Hartwell-Smith.
	torn bool
	// object says that a preposition stands before it, lead that it begins its text or sentence.
	object, lead bool
}

// scratch is what one scan works with.
type scratch struct {
	words  []word
	hashes []uint64
	found  []mention
}

// scan finds the names in a text: at each place the longest, from left to right.
func (m *Matcher) scan(s *scratch, text string) []mention {
	s.words = split(s.words[:0], text)
	s.found = s.found[:0]
	if cap(s.hashes) < len(s.words) {
		s.hashes = make([]uint64, len(s.words)+len(s.words)/2)
	}
	s.hashes = s.hashes[:len(s.words)]
	clear(s.hashes)
	capitals := 0 // 0: not yet known, 1: running text, 2: a headline in capitals
	for i := 0; i < len(s.words); {
		n := m.longest(s, text, i)
		if n == 0 {
			i++
			continue
		}
		if capitals == 0 {
			capitals = 1 + headline(s.words)
		}
		f := &s.found[len(s.found)-1]
		m.around(s, text, f, capitals == 2)
		i += n
	}
	return s.found
}

// longest appends the longest name that begins at the i-th word, and returns its words; 0 where none does.
func (m *Matcher) longest(s *scratch, text string, i int) int {
	w := &s.words[i]
	if w.marks&markAmp != 0 || w.gap == gapGlue && i > 0 || w.marks&markCapital == 0 && (len(m.lower) == 0 || !m.lower[m.hashAt(s, text, i)]) {
		return 0
	}
	best, seq := 0, uint64(0)
	var first uint32
	for j := i; j < len(s.words) && j-i < maxNameWords; j++ {
		if j > i && !inner(text, s.words, j) {
			break
		}
		seq = follow(seq, m.hashAt(s, text, j))
		account, found, more := m.names.look(seq, func(n uint32) bool { return m.isNamed(n, text, s.words[i:j+1]) })
		if found {
			best, first = j-i+1, account
		}
		if !more {
			break
		}
	}
	if best == 0 {
		return 0
	}
	last := s.words[i+best-1]
	s.found = append(s.found, mention{first: first, start: int(w.start), bare: int(last.end), end: int(last.end), from: i, to: i + best})
	return best
}

func (m *Matcher) hashAt(s *scratch, text string, i int) uint64 {
	if s.hashes[i] == 0 {
		s.hashes[i] = m.hashOf(text, s.words[i])
	}
	return s.hashes[i]
}

// inner reports that the j-th word may go on with a name.
func inner(text string, list []word, j int) bool {
	switch list[j].gap {
	case gapSpace, gapHyphen, gapApostrophe:
		return true
	case gapComma:
		return list[j].marks&markCapital != 0
	case gapStop: // St. Gallen, A. B. Meyer
		return list[j-1].end-list[j-1].start <= 3
	case gapGlue: // Booking.com
		between := text[list[j-1].end:list[j].start]
		return between == "." || between == "+"
	case gapStart, gapBreak:
	}
	return false
}

// headline reports a text in title case or capitals, whose capitals say nothing: 1, or else 0.
func headline(list []word) int {
	long, upper := 0, 0
	for _, w := range list {
		if w.end-w.start >= 4 {
			long++
			if w.marks&markUpper != 0 {
				upper++
			}
		}
	}
	if long >= 4 && upper*10 >= long*7 {
		return 1
	}
	return 0
}

// around reads what stands before and behind a name: its legal form, a preposition, words that make another name of it.
func (m *Matcher) around(s *scratch, text string, f *mention, capitals bool) {
	next := m.takeForm(s, text, f)
	if next < len(s.words) {
		w := s.words[next]
		glued := w.gap == gapGlue && w.marks&markUpper == 0
		hyphen := w.gap == gapHyphen && f.form == ""
		goes := w.gap == gapSpace && f.form == "" && w.marks&markUpper != 0 && !capitals && !companion(text, w)
		f.torn = glued || hyphen || goes
	}
	from := f.from
	if from > 0 && f.form == "" && s.words[from].gap == gapSpace && m.formBefore(text, s.words[from-1]) {
		from--
		f.form, f.start = m.lex.formOf(text, s.words[from:from+1]), int(s.words[from].start)
	}
	if from == 0 {
		f.lead = true
		return
	}
	m.before(s, text, f, from, capitals)
}

// formBefore reports a legal form that stands before names: AB Volvo, A/S Norden.
func (m *Matcher) formBefore(text string, w word) bool {
	return w.marks&markUpper != 0 && w.end-w.start <= 3 && text[w.start:w.end] == strings.ToUpper(text[w.start:w.end]) && m.lex.isForm(text[w.start:w.end])
}

// before reads the word before a name that begins at the from-th word.
func (m *Matcher) before(s *scratch, text string, f *mention, from int, capitals bool) {
	before := s.words[from-1]
	gapBefore := s.words[from].gap
	low := strings.ToLower(text[before.start:before.end])
	switch gapBefore {
	case gapHyphen, gapGlue:
		f.torn = true
		return
	case gapStop, gapBreak:
		f.lead = true
		return
	case gapSpace:
	default:
		return
	}
	switch opening := from == 1 || s.words[from-1].gap == gapStop || s.words[from-1].gap == gapBreak; {
	case prepositions()[low]:
		f.object = true
	case article(low) && opening:
		f.lead = true
	case before.marks&markUpper != 0 && f.to-f.from == 1 && !opening && !capitals && s.words[from-1].gap == gapSpace && !companion(text, before):
		f.torn = true // Jane Target, Old Orange
	}
}

// takeForm reads the legal form behind a name, and returns the number of the word behind it.
func (m *Matcher) takeForm(s *scratch, text string, f *mention) int {
	end, i := f.to, f.to
	for ; i < len(s.words) && i-f.to < 8 && formGap(s.words, f.to, i); i++ {
		w := s.words[i]
		if m.lex.isAnd(text, w) {
			continue
		}
		if m.lex.isGroup(text, w) && f.to-f.from > 1 && w.marks&markUpper != 0 {
			end = i + 1
			continue
		}
		if !m.lex.isForm(text[w.start:w.end]) || w.marks&markCapital == 0 && w.end-w.start < 4 || lowerForm(text, w) {
			break
		}
		end = i + 1
	}
	if end > f.to {
		f.form = m.lex.formOf(text, s.words[f.to:end])
		f.end = int(s.words[end-1].end)
	}
	return end
}

// formGap reports that the i-th word may belong to the legal form of a name that ends before the to-th: behind a space or comma, or
// behind the dot of an abbreviation (Co. KG).
func formGap(list []word, to, i int) bool {
	switch list[i].gap {
	case gapStart, gapBreak, gapGlue:
		return false
	case gapStop:
		return i > to && list[i-1].end-list[i-1].start <= 3
	case gapSpace, gapHyphen, gapApostrophe, gapComma:
	}
	return true
}

// lowerForm reports a word in small letters that is a word of the language besides.
func lowerForm(text string, w word) bool {
	switch text[w.start:w.end] {
	case "limited", "company", "private", "corporation", "incorporated", "proprietary":
		return true
	}
	return false
}

// prepositions stand before those with whom, or for whom, somebody else does something.
func prepositions() map[string]bool { return prepositionTable }

var prepositionTable = func() map[string]bool { //nolint:gochecknoglobals // a table
	t := map[string]bool{}
	for w := range strings.FieldsSeq(`with for from by of at to in on against than including via through like unlike joins mit für von bei an vom zum zur gegen als durch
		avec pour chez par de du contre con para por med från av hos för till met voor van door bij tegen`) {
		t[w] = true
	}
	return t
}()

func article(w string) bool {
	switch w {
	case "the", "der", "die", "das", "le", "la", "les", "el", "de", "het":
		return true
	}
	return false
}

// companion reports a capitalised word that stands beside names without being part of them.
func companion(text string, w word) bool { return companionTable[strings.ToLower(text[w.start:w.end])] }

var companionTable = func() map[string]bool { //nolint:gochecknoglobals // a table
	t := map[string]bool{}
	for w := range strings.FieldsSeq(`ceo cfo cio cto coo cmo ciso chief chairman chairwoman president vice vp managing director founder spokesperson spokesman spokeswoman
		head the a an in on at and or but if when while with for from by of ab oy as ag se gmbh ltd plc inc corp llc company firm group gruppe groupe grupo holding holdings
		geschäftsführer geschäftsführerin vorstand vorstandschef vorsitzender sprecher sprecherin chef chefin firma unternehmen konzern hersteller anbieter spezialist
		aktie aktien mitarbeiter mitarbeitende standort standorte kunden zentrale tochter mutter der die das dass und oder
		monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
		q1 q2 q3 q4 i we it he she they today yesterday this that société entreprise groupe empresa bolaget företaget bedrijf`) {
		t[w] = true
	}
	return t
}()
