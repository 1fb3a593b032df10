package attribution

import (
	"embed"
	"fmt"
	"strings"
	"sync"

	"github.com/cespare/xxhash/v2"
)

//go:embed data
var data embed.FS

// lexicon is what is known of words: read once from the files of data, immutable.
type lexicon struct {
	// forms are legal forms, folded, by the usual short form; abbreviations words by the one they are compared by.
	forms         map[string]string
	abbreviations map[string]string
	// common are words, given names and places that name no company by themselves, by the hash of the folded word.
	common map[uint64]bool
	// places are countries by the hash of their words, longest is the most words of a place; codes are ISO 3166-1.
	places  map[uint64]uint8
	longest int
	codes   []string
	// names are countries as accounts.csv may write them.
	names map[string]uint8
	// trades are stems of industries, cues the words of the trade, by the hash of the folded word: bits by the trade's line.
	trades []trade
	cues   map[uint64]uint32
	hosts  map[string]bool
}

type trade struct{ stems []string }

// words returns the lexicon, made when first asked for: it is the same for every matcher.
var words = sync.OnceValue(readLexicon) //nolint:gochecknoglobals // a table

func readLexicon() *lexicon {
	l := &lexicon{
		forms: map[string]string{}, abbreviations: map[string]string{}, common: map[uint64]bool{}, places: map[uint64]uint8{},
		names: map[string]uint8{}, cues: map[uint64]uint32{}, hosts: map[string]bool{}, codes: []string{""},
	}
	eachLine("forms.txt", func(line string) { pairs(l.forms, line) })
	eachLine("abbreviations.txt", func(line string) { pairs(l.abbreviations, line) })
	eachLine("places.txt", l.addCountry)
	eachLine("industries.txt", l.addTrade)
	eachLine("hosts.txt", func(line string) { l.hosts[line] = true })
	for _, file := range [...]string{"common.txt", "firstnames.txt"} {
		eachLine(file, func(line string) {
			for w := range strings.FieldsSeq(line) {
				l.common[l.hash(w)] = true
			}
		})
	}
	return l
}

// eachLine reads a file that is part of the program, so one that cannot be read is a bug and panics.
func eachLine(name string, do func(line string)) {
	raw, err := data.ReadFile("data/" + name)
	if err != nil {
		panic(fmt.Sprintf("attribution: %v", err))
	}
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			do(line)
		}
	}
}

// pairs files every word of a line under the first, which stands for itself.
func pairs(into map[string]string, line string) {
	list := strings.Fields(line)
	first := list[0]
	if first != "&" {
		first = string(fold(nil, first))
	}
	for _, w := range list {
		if w != "&" {
			w = string(fold(nil, w))
		}
		into[w] = first
	}
}

func (l *lexicon) addCountry(line string) {
	code, rest, _ := strings.Cut(line, " ")
	id := uint8(len(l.codes))
	l.codes = append(l.codes, code)
	l.names[strings.ToLower(code)] = id
	countries, cities, _ := strings.Cut(rest, ";")
	for name := range strings.FieldsSeq(countries) {
		l.names[string(fold(nil, name))] = id
		l.addPlace(name, id)
	}
	for name := range strings.FieldsSeq(cities) {
		l.addPlace(name, id)
	}
}

func (l *lexicon) addPlace(name string, id uint8) {
	parts := strings.Split(name, "_")
	seq := uint64(0)
	for _, p := range parts {
		seq = follow(seq, l.hash(p))
	}
	l.places[seq] = id
	l.longest = max(l.longest, len(parts))
	if len(parts) == 1 {
		l.common[l.hash(name)] = true
	}
}

func (l *lexicon) addTrade(line string) {
	stems, cues, _ := strings.Cut(line, ";")
	bit := uint32(1) << len(l.trades)
	l.trades = append(l.trades, trade{strings.Fields(stems)})
	for w := range strings.FieldsSeq(cues) {
		l.cues[l.hash(w)] |= bit
	}
}

// country reads the country of an account: 0 where it is not known.
func (l *lexicon) country(name string) uint8 {
	if id := l.names[strings.ToLower(strings.TrimSpace(name))]; id != 0 {
		return id
	}
	return l.names[string(fold(nil, name))]
}

// industry reads the industry of an account: the number of its trade from 1, 0 where it is not known.
func (l *lexicon) industry(name string) uint8 {
	for w := range strings.FieldsSeq(strings.ToLower(name)) {
		for i := range l.trades {
			for _, stem := range l.trades[i].stems {
				if strings.HasPrefix(w, stem) {
					return uint8(i + 1)
				}
			}
		}
	}
	return 0
}

// canonical is the word that a folded word is compared by.
func (l *lexicon) canonical(folded []byte) string {
	if c, ok := l.abbreviations[string(folded)]; ok {
		return c
	}
	return string(folded)
}

// hash is the hash of a word as it is compared.
func (l *lexicon) hash(w string) uint64 {
	var room [64]byte
	return l.hashFolded(fold(room[:0], w))
}

func (l *lexicon) hashFolded(folded []byte) uint64 {
	if c, ok := l.abbreviations[string(folded)]; ok {
		return xxhash.Sum64String(c)
	}
	return xxhash.Sum64(folded)
}

// follow is the hash of a sequence of words that goes on with one more.
func follow(seq, next uint64) uint64 {
	seq = (seq<<23 | seq>>41) ^ next
	seq *= 0x9e3779b97f4a7c15
	return seq ^ seq>>29
}
