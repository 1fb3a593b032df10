package phrase

import (
	"unicode"
	"unicode/utf8"
)

// Flag describes how a token is written and what stands around it.
type Flag uint16

// The flags of a token.
const (
	// Upper marks a capital first letter; Caps a word of two or more letters, all capitals.
	Upper Flag = 1 << iota
	Caps
	// Number marks a token that begins with a digit, Year one that reads 1950 to 2099.
	Number
	Year
	// Joined marks a token tied to the one before by a hyphen, Comma one after a comma,
	// Break one after a semicolon, a colon, a dash or a parenthesis.
	Joined
	Comma
	Break
	// Quoted marks a token inside double quotation marks.
	Quoted
	// First and Last mark a sentence's ends; Question a sentence's last token before a question mark.
	First
	Last
	Question
)

// maxWord is the longest word that is looked up, in bytes; longer ones are outside every vocabulary.
const maxWord = 64

// MaxSentence is the most words a sentence may have; text without full stops is cut there,
// so that the time per byte stays constant.
const MaxSentence = 120

// Token is one word of a text, or a run of words that names an entity.
type Token struct {
	// Start and End are byte offsets into the text.
	Start, End int32
	// Word is the word's number in the vocabulary, 0 outside of it.
	Word int32
	// Ent is 1 plus the index of the entity that the token names, 0 for a plain word.
	Ent   int32
	Flags Flag
}

// Has reports whether all flags of f are set.
func (t Token) Has(f Flag) bool { return t.Flags&f == f }

type scanner struct {
	set    *Set
	text   string
	tokens []Token
	pos    int
	// pending is what the punctuation since the last token says of the next one.
	pending Flag
	quoted  bool
	run     int
	seen    uint8
}

// scan cuts a text into tokens, marks where sentences begin and end, and returns the union of the
// vocabulary marks it met. It takes one pass and allocates nothing once tokens has its size.
func (s *Set) scan(tokens []Token, text string) ([]Token, uint8) {
	sc := scanner{set: s, text: text, tokens: tokens[:0], pending: First}
	for sc.pos < len(text) {
		c := text[sc.pos]
		switch {
		case c < utf8.RuneSelf && asciiWord(c):
			sc.word()
		case c < utf8.RuneSelf:
			sc.punct(rune(c), 1)
		default:
			r, n := utf8.DecodeRuneInString(text[sc.pos:])
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				sc.word()
			} else {
				sc.punct(r, n)
			}
		}
	}
	sc.end(0)
	return sc.tokens, sc.seen
}

func asciiWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// word reads one word from sc.pos on: letters and digits, decimals, and the contraction n't.
func (sc *scanner) word() {
	var w folded
	start := sc.pos
	i := start
	for i < len(sc.text) {
		c := sc.text[i]
		if c < utf8.RuneSelf {
			if asciiWord(c) {
				w.ascii(c)
				i++
				continue
			}
			if (c == '.' || c == ',') && w.flags&Number != 0 && digitAt(sc.text, i-1) && digitAt(sc.text, i+1) {
				w.put(c)
				i++
				continue
			}
			break
		}
		r, n := utf8.DecodeRuneInString(sc.text[i:])
		if !w.rune(r) {
			break
		}
		i += n
	}
	end := i
	if n := apostrophe(sc.text, i); n > 0 {
		end, i = sc.contraction(&w, i, n)
	}
	sc.emit(&w, start, end)
	sc.pos = i
}

// contraction handles an apostrophe of n bytes at i: a possessive s is dropped, n't belongs to its word,
// anything else (we're, l'entreprise) begins a word of its own.
func (sc *scanner) contraction(w *folded, i, n int) (end, next int) {
	j := i + n
	if j >= len(sc.text) || j+1 < len(sc.text) && wordAt(sc.text, j+1) {
		return i, i + n
	}
	switch sc.text[j] {
	case 's', 'S':
		return i, j + 1
	case 't', 'T':
		if w.n > 0 && w.n < maxWord-1 && w.buf[w.n-1] == 'n' {
			w.put('\'')
			w.put('t')
			return j + 1, j + 1
		}
	}
	return i, i + n
}

func (sc *scanner) emit(w *folded, start, end int) {
	flags := w.flags | sc.pending
	if w.letters >= 2 && w.uppers == w.letters {
		flags |= Caps
	}
	if isYear(sc.text[start:end]) {
		flags |= Year
	}
	if sc.quoted {
		flags |= Quoted
	}
	t := Token{Start: int32(start), End: int32(end), Flags: flags}
	if !w.long {
		var mark uint8
		t.Word, mark = sc.set.vocab.find(w.buf[:w.n])
		sc.seen |= mark
	}
	sc.tokens = append(sc.tokens, t)
	sc.pending = 0
	if sc.run++; sc.run >= MaxSentence {
		sc.end(0)
	}
}

// symbol emits a currency sign or a per cent sign as a word of its own.
func (sc *scanner) symbol(n int) {
	var w folded
	for _, c := range []byte(sc.text[sc.pos : sc.pos+n]) {
		w.put(c)
	}
	sc.emit(&w, sc.pos, sc.pos+n)
	sc.pos += n
}

// end closes the sentence that the last token belongs to.
func (sc *scanner) end(f Flag) {
	if n := len(sc.tokens); n > 0 && !sc.tokens[n-1].Has(Last) {
		sc.tokens[n-1].Flags |= Last | f
	}
	sc.pending, sc.run = First, 0
}

// folded gathers one word in lower case.
type folded struct {
	buf             [maxWord]byte
	n               int
	long            bool
	letters, uppers int
	flags           Flag
}

func (w *folded) put(c byte) {
	if w.n == maxWord {
		w.long = true
		return
	}
	w.buf[w.n] = c
	w.n++
}

func (w *folded) ascii(c byte) {
	switch {
	case c >= 'A' && c <= 'Z':
		w.upper()
		c |= 0x20
	case c <= '9':
		if w.n == 0 {
			w.flags |= Number
		}
	default:
		w.letters++
	}
	w.put(c)
}

func (w *folded) upper() {
	if w.n == 0 {
		w.flags |= Upper
	}
	w.letters++
	w.uppers++
}

// rune takes one rune beyond ASCII and reports whether it belongs to a word.
func (w *folded) rune(r rune) bool {
	switch {
	case r == '\u00ad' || r == '\u200b' || r == '\u200d':
		return w.n > 0 // soft hyphen and zero-width marks vanish
	case unicode.IsUpper(r):
		w.upper()
		r = unicode.ToLower(r)
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
		w.letters++
	default:
		return false
	}
	var b [utf8.UTFMax]byte
	for _, c := range b[:utf8.EncodeRune(b[:], r)] {
		w.put(c)
	}
	return true
}

func digitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

func wordAt(s string, i int) bool { return i < len(s) && (s[i] >= utf8.RuneSelf || asciiWord(s[i])) }

// apostrophe returns the length of the apostrophe at i, 0 where there is none.
func apostrophe(s string, i int) int {
	switch {
	case i < len(s) && s[i] == '\'':
		return 1
	case i+3 <= len(s) && (s[i:i+3] == "’" || s[i:i+3] == "ʼ"):
		return 3
	}
	return 0
}

func isYear(s string) bool {
	modern := len(s) == 4 && (s[0] == '1' && s[1] == '9' && s[2] >= '5' || s[0] == '2' && s[1] == '0')
	return modern && digitAt(s, 0) && digitAt(s, 1) && digitAt(s, 2) && digitAt(s, 3)
}
