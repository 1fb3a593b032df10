package learned

import (
	"math"
	"unicode"
	"unicode/utf8"
)

// maxText is the most of a sentence that is read, in bytes; what follows says nothing more of its kind.
const maxText = 2 << 10

// The kinds of feature seed their hashes, so that a word and the same letters within another stay apart.
const (
	seedWord  uint32 = 2166136261
	seedPair  uint32 = 2166136261 ^ 0x5bd1e995
	seedChars uint32 = 2166136261 ^ 0x9e3779b9
	seedShape uint32 = 2166136261 ^ 0x85ebca6b
)

const prime = 16777619

// Blocks is the number of groups of features. Each group's vector is scaled to one length, whatever the sentence's.
const Blocks = 3

const (
	blockWords = iota
	blockChars
	blockShape
)

// Features are the hashed features of one sentence, and the room to make them; reuse it, its slices grow once.
type Features struct {
	// Buckets are the features' places, by block: word 1- and 2-grams, 3- to 5-grams of letters within words, shape.
	Buckets [Blocks][]uint32
	word    []rune
}

// Scale is what the values of a block are multiplied by, given the sum of their squares: the block's vector then has
// the block's length.
func Scale(block int, squares float64) float64 {
	if squares <= 0 {
		return 0
	}
	length := 1.0
	if block == blockShape {
		length = 0.5
	}
	return length / math.Sqrt(squares)
}

// Read makes the features of a sentence, hashed to the given number of bits (1–24). It allocates nothing once its
// slices have their size.
func (f *Features) Read(text string, bits int) {
	if len(text) > maxText {
		text = text[:maxText]
	}
	for b := range f.Buckets {
		f.Buckets[b] = f.Buckets[b][:0]
	}
	w := writer{f: f, shift: uint32(32 - bits)}
	f.word = f.word[:0]
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		w.rune(r)
		i += n
	}
	w.endWord()
	w.shape()
}

// writer turns runes into features.
type writer struct {
	f     *Features
	shift uint32
	// last is the hash of the word before; words counts them.
	last  uint32
	words int
	// upper is set while the word under way began with a capital.
	upper  bool
	shapes shapes
}

// shapes are what a sentence looks like beside its words.
type shapes struct {
	capitals, numbers                      int
	money, percent, question, quote, colon bool
}

func (w *writer) rune(r rune) {
	switch {
	case unicode.IsDigit(r):
		w.digit()
	case unicode.IsLetter(r) || unicode.IsMark(r):
		if len(w.f.word) == 0 {
			w.upper = unicode.IsUpper(r)
		}
		w.f.word = append(w.f.word, unicode.ToLower(r))
	case r == '\'' || r == '’':
		if len(w.f.word) > 0 {
			w.f.word = append(w.f.word, '\'')
		}
	case (r == '.' || r == ',') && len(w.f.word) > 0 && w.f.word[len(w.f.word)-1] == '0':
		// A number goes on: 1,250.5 is one.
	default:
		w.endWord()
		w.mark(r)
	}
}

// digit folds every number to one zero: sums and dates differ, what they stand for does not.
func (w *writer) digit() {
	n := len(w.f.word)
	if n == 0 || w.f.word[n-1] != '0' {
		w.f.word = append(w.f.word, '0')
		w.shapes.numbers++
	}
}

func (w *writer) mark(r rune) {
	switch r {
	case '$', '€', '£', '¥':
		w.shapes.money = true
		w.f.word = append(w.f.word, '$')
		w.endWord()
	case '%':
		w.shapes.percent = true
		w.f.word = append(w.f.word, '%')
		w.endWord()
	case '?':
		w.shapes.question = true
	case '"', '“', '„', '«':
		w.shapes.quote = true
	case ':':
		w.shapes.colon = true
	}
}

func (w *writer) endWord() {
	word := w.f.word
	for len(word) > 0 && word[len(word)-1] == '\'' {
		word = word[:len(word)-1]
	}
	if len(word) == 0 {
		w.f.word = w.f.word[:0]
		return
	}
	if w.upper && w.words > 0 {
		w.shapes.capitals++
	}
	h := seedWord
	for _, r := range word {
		h = step(h, r)
	}
	w.put(blockWords, h)
	w.put(blockWords, step(step(seedPair, rune(w.last)), rune(h)))
	w.last = h
	w.words++
	w.grams(word)
	w.f.word, w.upper = w.f.word[:0], false
}

// grams are the 3- to 5-grams of a word between its boundaries.
func (w *writer) grams(word []rune) {
	at := func(i int) rune {
		if i == 0 || i > len(word) {
			return ' '
		}
		return word[i-1]
	}
	n := len(word) + 2
	for i := 0; i+3 <= n; i++ {
		h := step(step(seedChars, at(i)), at(i+1))
		for j := i + 2; j < min(i+5, n); j++ {
			h = step(h, at(j))
			w.put(blockChars, h)
		}
	}
}

func (w *writer) shape() {
	put := func(kind, value int) { w.put(blockShape, step(step(seedShape, rune(kind)), rune(value))) }
	s := &w.shapes
	put(0, min(w.words/6, 6))
	put(1, min(s.capitals, 5))
	put(2, min(s.numbers, 3))
	for kind, set := range [...]bool{s.money, s.percent, s.question, s.quote, s.colon} {
		if set {
			put(3+kind, 1)
		}
	}
}

func (w *writer) put(block int, h uint32) {
	h ^= h >> 15
	h *= 0x2c1b3c6d
	w.f.Buckets[block] = append(w.f.Buckets[block], h>>w.shift)
}

func step(h uint32, r rune) uint32 {
	h = (h ^ uint32(r)&0xffff) * prime
	return (h ^ uint32(r)>>16) * prime
}
