package phrase

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrPattern reports a pattern that cannot be compiled.
var ErrPattern = errors.New("bad pattern")

// The bounds of a pattern: what a person would write by hand, with room.
const (
	maxPatternBytes = 16 << 10
	maxDepth        = 24
	maxGap          = 12
	// maxNodes bounds a pattern with its classes written out.
	maxNodes = 4000
)

type op uint8

const (
	opWords op = iota // one of a set of words
	opAny             // any word
	opSlot            // an entity
	opNum             // a number
	opCap             // a capitalised word or an entity
	opSeq
	opAlt
	opOpt
)

type node struct {
	op    op
	words []string
	slot  []string
	// anchor marks the slot whose entity the match is about.
	anchor bool
	kids   []*node
}

type parser struct {
	src     string
	pos     int
	classes map[string]string
	depth   int
	nodes   *int
}

// parse reads a pattern:
//
//	word                 a word, in any case; we're is two words, don't is one
//	migrat(e|ed|ing)     inflection: one word per alternative, which may be empty
//	(a b|c)   [a b|c]    alternatives; in square brackets they are optional
//	~4                   a gap of up to four words
//	{product|rival}      an entity of one of these slots; {product!} is the one the match is about
//	{num} {cap}          a number; a capitalised word or an entity
//	<name>               the class of that name
func parse(src string, classes map[string]string) (*node, error) {
	count := 0
	p := &parser{src: src, classes: classes, nodes: &count}
	return p.run()
}

func (p *parser) run() (*node, error) {
	if len(p.src) > maxPatternBytes || !utf8.ValidString(p.src) {
		return nil, fmt.Errorf("%w: over %d bytes or not UTF-8", ErrPattern, maxPatternBytes)
	}
	n, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	if p.pos < len(p.src) {
		return nil, p.errorf("unexpected %q", p.src[p.pos])
	}
	return n, nil
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("%w: %s at byte %d of %q", ErrPattern, fmt.Sprintf(format, args...), p.pos, clip(p.src, 80))
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

func (p *parser) alternatives() (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf("nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	alt := &node{op: opAlt}
	for {
		n, err := p.sequence()
		if err != nil {
			return nil, err
		}
		alt.kids = append(alt.kids, n)
		if p.pos >= len(p.src) || p.src[p.pos] != '|' {
			break
		}
		p.pos++
	}
	return alt.flat(), nil
}

// flat gathers the single words among the alternatives into one set, so that a class of a hundred words
// costs one state.
func (n *node) flat() *node {
	single := &node{op: opWords}
	out := &node{op: opAlt}
	for _, k := range n.kids {
		switch k.op {
		case opWords:
			single.words = append(single.words, k.words...)
		case opAlt:
			for _, g := range k.kids {
				if g.op == opWords {
					single.words = append(single.words, g.words...)
				} else {
					out.kids = append(out.kids, g)
				}
			}
		case opAny, opSlot, opNum, opCap, opSeq, opOpt:
			out.kids = append(out.kids, k)
		}
	}
	if len(single.words) > 0 {
		out.kids = append(out.kids, single)
	}
	if len(out.kids) == 1 {
		return out.kids[0]
	}
	return out
}

func (p *parser) sequence() (*node, error) {
	seq := &node{op: opSeq}
	for {
		p.space()
		if p.pos >= len(p.src) || strings.IndexByte("|)]", p.src[p.pos]) >= 0 {
			break
		}
		n, err := p.element()
		if err != nil {
			return nil, err
		}
		if *p.nodes++; *p.nodes > maxNodes {
			return nil, p.errorf("more than %d elements", maxNodes)
		}
		seq.kids = append(seq.kids, n)
	}
	if len(seq.kids) == 0 {
		return nil, p.errorf("an empty alternative")
	}
	if len(seq.kids) == 1 {
		return seq.kids[0], nil
	}
	return seq, nil
}

func (p *parser) space() {
	for p.pos < len(p.src) && (p.src[p.pos] == ' ' || p.src[p.pos] == '\n' || p.src[p.pos] == '\t') {
		p.pos++
	}
}

func (p *parser) element() (*node, error) {
	switch p.src[p.pos] {
	case '(':
		return p.group(')')
	case '[':
		n, err := p.group(']')
		if err != nil {
			return nil, err
		}
		return &node{op: opOpt, kids: []*node{n}}, nil
	case '~':
		return p.gap()
	case '{':
		return p.slot()
	case '<':
		return p.class()
	}
	return p.word()
}

func (p *parser) group(end byte) (*node, error) {
	p.pos++
	n, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	if p.pos >= len(p.src) || p.src[p.pos] != end {
		return nil, p.errorf("%q is missing", end)
	}
	p.pos++
	return n, nil
}

func (p *parser) gap() (*node, error) {
	p.pos++
	n := 0
	for p.pos < len(p.src) && digitAt(p.src, p.pos) && n <= maxGap {
		n = n*10 + int(p.src[p.pos]-'0')
		p.pos++
	}
	if n < 1 || n > maxGap {
		return nil, p.errorf("a gap is ~1 to ~%d", maxGap)
	}
	seq := &node{op: opSeq}
	for range n {
		*p.nodes++
		seq.kids = append(seq.kids, &node{op: opOpt, kids: []*node{{op: opAny}}})
	}
	return seq, nil
}

func (p *parser) braced(end byte) (string, error) {
	i := strings.IndexByte(p.src[p.pos:], end)
	if i < 2 {
		return "", p.errorf("%q is missing or nothing stands before it", end)
	}
	s := p.src[p.pos+1 : p.pos+i]
	p.pos += i + 1
	return s, nil
}

func (p *parser) slot() (*node, error) {
	s, err := p.braced('}')
	if err != nil {
		return nil, err
	}
	switch s {
	case "num":
		return &node{op: opNum}, nil
	case "cap":
		return &node{op: opCap}, nil
	}
	name, anchor := strings.CutSuffix(s, "!")
	return &node{op: opSlot, slot: strings.Split(name, "|"), anchor: anchor}, nil
}

func (p *parser) class() (*node, error) {
	name, err := p.braced('>')
	if err != nil {
		return nil, err
	}
	body, ok := p.classes[name]
	if !ok {
		return nil, p.errorf("no class <%s>", name)
	}
	sub := &parser{src: body, classes: p.classes, depth: p.depth + 1, nodes: p.nodes}
	if sub.depth > maxDepth {
		return nil, p.errorf("class <%s> is nested deeper than %d", name, maxDepth)
	}
	n, err := sub.run()
	if err != nil {
		return nil, fmt.Errorf("class <%s>: %w", name, err)
	}
	return n, nil
}
