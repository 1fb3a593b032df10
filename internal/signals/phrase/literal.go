package phrase

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word reads a stem with its endings and splits it as text is split.
func (p *parser) word() (*node, error) {
	start := p.pos
	for p.pos < len(p.src) && wordByte(p.src, p.pos) {
		_, n := utf8.DecodeRuneInString(p.src[p.pos:])
		p.pos += n
	}
	stem := p.src[start:p.pos]
	if stem == "" {
		return nil, p.errorf("unexpected %q", p.src[p.pos])
	}
	ends := []string{""}
	if p.pos < len(p.src) && p.src[p.pos] == '(' {
		i := strings.IndexByte(p.src[p.pos:], ')')
		if i < 0 {
			return nil, p.errorf("%q is missing", ')')
		}
		ends = strings.Split(p.src[p.pos+1:p.pos+i], "|")
		p.pos += i + 1
		if p.pos < len(p.src) && wordByte(p.src, p.pos) {
			return nil, p.errorf("%q goes on behind its endings", stem)
		}
	}
	return p.inflect(stem, ends)
}

func (p *parser) inflect(stem string, ends []string) (*node, error) {
	single := &node{op: opWords}
	alt := &node{op: opAlt}
	for _, e := range ends {
		parts := split(stem + e)
		switch {
		case len(parts) == 0 || strings.ContainsAny(e, "([]{}<>~"):
			return nil, p.errorf("%q is no word", stem+e)
		case len(parts) == 1:
			single.words = append(single.words, parts[0])
		default:
			seq := &node{op: opSeq}
			for _, w := range parts {
				seq.kids = append(seq.kids, &node{op: opWords, words: []string{w}})
			}
			alt.kids = append(alt.kids, seq)
		}
	}
	if len(alt.kids) == 0 {
		return single, nil
	}
	if len(single.words) > 0 {
		alt.kids = append(alt.kids, single)
	}
	return alt, nil
}

// split cuts a literal of a pattern as the scanner cuts a text.
func split(literal string) []string {
	if plainWord(literal) { // most are: a rule set has tens of thousands
		return []string{literal}
	}
	bare := &Set{vocab: newVocab()}
	bare.vocab.freeze()
	tokens, _ := bare.scan(nil, literal)
	out := make([]string, 0, len(tokens))
	for _, t := range tokens {
		out = append(out, fold(literal[t.Start:t.End]))
	}
	return out
}

func plainWord(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return s != ""
}

func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '’' || r == 'ʼ' {
			return '\''
		}
		return unicode.ToLower(r)
	}, s)
}

func wordByte(s string, i int) bool {
	return strings.IndexByte(" \t\n()[]{}<>|~", s[i]) < 0
}
