package phrase

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviations end in a full stop without ending a sentence: English, German, French, Spanish, Swedish, Dutch.
func abbreviations(w string) bool {
	switch w {
	case "mr", "mrs", "ms", "dr", "prof", "st", "vs", "no", "nr", "approx", "dept", "est", "fig", "gen", "gov", "hon", "jr",
		"sr", "rev", "sen", "rep", "sgt", "capt", "col", "al", "ed", "eds", "vol", "pp", "cf", "eg", "ie", "resp", "incl",
		"excl", "tel", "ext", "min", "max", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "okt",
		"nov", "dec", "dez", "déc", "bzw", "ca", "evtl", "ggf", "inkl", "zzgl", "vgl", "hr", "fr", "frl", "ing", "dipl",
		"mag", "str", "abs", "art", "tsd", "mio", "mrd", "sog", "zb", "ua", "dh", "mm", "mme", "mlle", "mgr", "av", "bd",
		"env", "sté", "éts", "sra", "sres", "srta", "dra", "ud", "uds", "avda", "núm", "pág", "aprox", "bl", "tex", "dvs",
		"kl", "tfn", "fd", "dhr", "mevr", "mw", "bijv", "ir", "drs", "o.a", "t.a.v":
		return true
	}
	return false
}

// corporate suffixes end a sentence only before a word that plainly begins one.
func corporate(w string) bool {
	switch w {
	case "inc", "ltd", "corp", "co", "llc", "plc", "bros", "cie", "etc", "usw", "enz", "osv", "ab", "gmbh", "sa", "bv", "nv",
		"s.a":
		return true
	}
	return false
}

// openers begin sentences so often that a full stop before one, capitalised, is a real one.
func openers(w string) bool {
	switch w {
	case "the", "a", "an", "we", "our", "it", "this", "that", "these", "those", "in", "on", "at", "for", "as", "with", "by",
		"from", "to", "and", "but", "if", "when", "while", "after", "since", "he", "she", "they", "i", "you", "there", "here",
		"now", "today", "last", "next", "der", "die", "das", "wir", "es", "im", "am", "mit", "bei", "für", "und", "aber",
		"seit", "nach", "heute", "le", "la", "les", "nous", "notre", "il", "elle", "ce", "cette", "en", "el", "los", "las",
		"nosotros", "nuestra", "este", "esta", "vi", "vår", "det", "den", "de", "het", "wij", "onze", "een":
		return true
	}
	return false
}

// months follow a day's ordinal in German, the Nordic languages and others ("am 3. März").
func months(w string) bool {
	switch w {
	case "januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember",
		"jänner", "januari", "februari", "mars", "maj", "augusti", "december", "jan", "feb", "mär", "apr", "jun", "jul",
		"aug", "sep", "okt", "nov", "dez", "quartal", "halbjahr", "jahrhundert":
		return true
	}
	return false
}

// punct reads one rune that belongs to no word, n bytes long.
func (sc *scanner) punct(r rune, n int) {
	switch r {
	case '$', '€', '£', '%':
		sc.symbol(n)
		return
	case '.', '…', '。':
		if sc.fullStop(n) {
			sc.end(0)
		}
	case '!', '?':
		if sc.wide(n) {
			f := Flag(0)
			if r == '?' {
				f = Question
			}
			sc.end(f)
		}
	case '•', '·', '|', '▪', '●', '►', '✓', '■':
		sc.end(0)
	case '\n':
		if sc.lineEnds() {
			sc.end(0)
		}
	case ',':
		sc.pending |= Comma
	case '-', '‐', '\u2011':
		sc.hyphen(n)
	case ';', ':', '–', '—', '(', ')', '[', ']':
		sc.pending |= Break
	case '"', '“', '”', '„', '«', '»', '‟':
		sc.quoted = !sc.quoted
	}
	sc.pos += n
}

// hyphen tells the hyphen inside a compound from the dash between words.
func (sc *scanner) hyphen(n int) {
	if sc.pos > 0 && wordAt(sc.text, sc.pos-1) && wordAt(sc.text, sc.pos+n) {
		sc.pending |= Joined
		return
	}
	sc.pending |= Break
}

// wide reports that what follows the mark of n bytes at pos is space, a closing mark or the end.
func (sc *scanner) wide(n int) bool {
	i := sc.pos + n
	if i >= len(sc.text) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(sc.text[i:])
	return unicode.IsSpace(r) || strings.ContainsRune(closing, r) || r == '?' || r == '!'
}

const closing = "\"”“»«)]'’"

// fullStop reports whether the full stop at pos ends a sentence.
func (sc *scanner) fullStop(n int) bool {
	if len(sc.tokens) == 0 {
		return false
	}
	next, ok := sc.nextWord(n)
	if !ok {
		return false
	}
	if next == "" {
		return true
	}
	last := sc.tokens[len(sc.tokens)-1]
	if int(last.End) != sc.pos {
		return true // after a closing mark or a sign
	}
	if first, _ := utf8.DecodeRuneInString(next); unicode.IsLower(first) {
		return false
	}
	return sc.endsAfter(last, strings.ToLower(next))
}

// endsAfter reports whether a full stop right after the word last ends a sentence, where the next word, in lower
// case here, is capitalised.
func (sc *scanner) endsAfter(last Token, follow string) bool {
	prev := sc.text[last.Start:last.End]
	low := strings.ToLower(prev)
	single := utf8.RuneCountInString(prev) == 1 && !last.Has(Number)
	switch {
	case single && last.Has(Upper): // an initial, unless a sentence plainly begins
		return len(follow) > 1 && openers(follow)
	case single && last.Start > 0 && sc.text[last.Start-1] == '.': // e.g., bl.a., o.a.
		return openers(follow)
	case abbreviations(low):
		return low == "no" && openers(follow)
	case corporate(low):
		return openers(follow)
	case last.Has(Number) && len(prev) <= 2:
		return !months(follow) && !digitAt(follow, 0)
	}
	return true
}

// nextWord returns the word after the mark of n bytes at pos; it is empty at the end of the text or line.
// ok is false where no space follows, as inside a number, an address or a name.
func (sc *scanner) nextWord(n int) (word string, ok bool) {
	rest := sc.text[sc.pos+n:]
	for rest != "" && (rest[0] == '.' || rest[0] == '?' || rest[0] == '!') {
		rest = rest[1:]
	}
	i := 0
	space := false
	for i < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[i:])
		switch {
		case unicode.IsSpace(r):
			space = true
		case strings.ContainsRune(closing, r) || strings.ContainsRune("([„", r):
		case !space:
			return "", false
		default:
			end := i
			for end < len(rest) && end < i+maxWord && (wordAt(rest, end)) {
				end++
			}
			if end == i {
				end = i + size
			}
			return strings.ToValidUTF8(rest[i:end], ""), true
		}
		i += size
		if i > maxWord {
			return "", space
		}
	}
	return "", true
}

// lineEnds reports whether the line break at pos ends a sentence: before an empty line or a bullet.
func (sc *scanner) lineEnds() bool {
	rest := strings.TrimLeft(sc.text[sc.pos+1:min(len(sc.text), sc.pos+maxWord)], " \t\r")
	if rest == "" {
		return true
	}
	switch rest[0] {
	case '\n', '*', '-', '#', '>':
		return true
	}
	return strings.HasPrefix(rest, "•") || digitAt(rest, 0) && len(rest) > 1 && (rest[1] == '.' || rest[1] == ')')
}
