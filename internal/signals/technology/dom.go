package technology

import (
	"slices"
	"strings"

	"golang.org/x/net/html/atom"
)

// demanded is what a dom pattern looks at: the elements a selector finds, and of them an attribute, the text, or nothing more.
type demanded struct {
	sel  *selector
	attr string
	text bool
	// guides are clauses whose literals stand within the subject's own tag.
	guides [][]int32
}

// raw reports elements whose text is not markup.
func (d *demanded) raw() bool {
	switch d.sel.subject().atom {
	case atom.Style, atom.Script:
		return true
	default:
	}
	return false
}

func (s *selector) subject() *compound { return &s.compounds[len(s.compounds)-1] }

// domRule files a dom rule: each selector of a list with each of its demands.
func (b *builder) domRule(id int32, r *domRule) {
	b.m.report.notEvaluated("dom properties", r.properties)
	list, version, confidence := tags(r.selector)
	for _, one := range splitSelectors(list) {
		sel, err := parseSelector(one)
		if err != nil {
			b.skip(id, "dom", one, err.Error())
			continue
		}
		p := pattern{tech: id, field: FieldDOM, confidence: confidence, version: version, key: strings.TrimSpace(one)}
		if r.exists != nil {
			for _, raw := range *r.exists {
				_, v, c := tags(raw)
				q := p
				q.version, q.confidence = version+v, min(confidence, c)
				b.domPattern(&q, demanded{sel: sel}, "")
			}
		}
		for _, raw := range r.text {
			b.domDemand(p, demanded{sel: sel, text: true}, raw)
		}
		for _, name := range sortedKeys(r.attributes) {
			for _, raw := range r.attributes[name] {
				b.domDemand(p, demanded{sel: sel, attr: strings.ToLower(name)}, raw)
			}
		}
	}
}

// domDemand files one pattern on the attribute or text of what a selector finds.
func (b *builder) domDemand(p pattern, d demanded, raw string) {
	expr, version, confidence := tags(raw)
	p.version, p.confidence = p.version+version, min(p.confidence, confidence)
	if d.attr != "" {
		p.key += "/" + d.attr
	}
	b.domPattern(&p, d, expr)
}

// domPattern files a pattern under the words its tag must hold.
func (b *builder) domPattern(p *pattern, d demanded, expr string) {
	p.number = b.number(p)
	var body []clause
	if expr != "" {
		e, tree, err := compile(expr)
		if err != nil {
			b.skip(p.tech, "dom", expr, err.Error())
			return
		}
		p.expr = e
		seq := parts(tree)
		body = mandatory(seq, minLiteral)
		p.windowed = d.text && d.raw()
		if d.text && !d.raw() {
			if words := d.spread(body); len(words) > 0 {
				p.clauses, p.dom = b.text.file(words, nil, false), &d
				b.keep(p, &b.text)
				return
			}
			body = nil // the body need not hold the words in one piece
		}
		if d.attr != "" {
			body = unescaped(body)
		}
		p.clauses = b.body.file(body, seq, p.windowed)
		if d.attr != "" {
			for _, c := range p.clauses {
				d.guides = append(d.guides, c.ids)
			}
		}
	}
	b.guides(p, &d)
	p.dom = &d
	b.keep(p, &b.body)
}

// guides adds the words that the page must hold; those of the subject stand within its own tag. Words of typical
// pages are added only where there is no other.
func (b *builder) guides(p *pattern, d *demanded) {
	type guide struct {
		word    string
		subject bool
	}
	var rare, typical []guide
	add := func(word string, subject bool) {
		if isTypical(word) {
			typical = append(typical, guide{word, subject})
		} else {
			rare = append(rare, guide{word, subject})
		}
	}
	for i := range d.sel.compounds {
		for _, word := range d.sel.compounds[i].words() {
			add(word, i == len(d.sel.compounds)-1)
		}
	}
	if len(d.attr) >= minLiteral {
		add(d.attr, true)
	}
	if len(rare) == 0 && len(p.clauses) == 0 {
		rare = typical
	}
	for _, g := range rare {
		at := b.body.file([]clause{{literals: []string{g.word}}}, nil, false)
		at[0].aside = true
		p.clauses = append(p.clauses, at...)
		if g.subject {
			d.guides = append(d.guides, at[0].ids)
		}
	}
}

// spread returns the words by which to find text that may be spread over markup: they are sought in the page's
// text, where the selector has none of its own to go by.
func (d *demanded) spread(words []clause) []clause {
	for i := range d.sel.compounds {
		if len(d.sel.compounds[i].words()) > 0 {
			return nil
		}
	}
	switch d.sel.subject().atom {
	case atom.Title, atom.Noscript, atom.Textarea, atom.Option, atom.Template, atom.Svg:
		return nil // not in the page's text
	default:
	}
	return words
}

// words returns the literals that an element's tag holds, in lower case: pieces of values without what may be
// written as a character reference, names of attributes, and of elements that are none of HTML's.
func (c *compound) words() []string {
	var out []string
	if c.tag != "" && c.atom == 0 && len(c.tag) >= minLiteral {
		out = append(out, c.tag)
	}
	for i := range c.tests {
		t := &c.tests[i]
		if t.op == '!' {
			continue
		}
		for _, word := range [...]string{longestPiece(t.value), t.name} {
			if len(word) >= minLiteral && isASCII(word) {
				word = strings.ToLower(word)
				out = append(out, word[max(0, len(word)-maxLiteral):])
			}
		}
	}
	return out
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7F })
}

// referenced are the characters that a page must or may well write as references.
const referenced = "&\"'<>\u00a0\r\n\t "

func longestPiece(value string) string {
	best := ""
	for _, piece := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(referenced, r) || r > 0x7F }) {
		if len(piece) > len(best) {
			best = piece
		}
	}
	return best
}

// unescaped drops the clauses that a page may hold in character references only.
func unescaped(list []clause) []clause {
	return slices.DeleteFunc(list, func(c clause) bool {
		return slices.ContainsFunc(c.literals, func(l string) bool { return strings.ContainsAny(l, referenced) })
	})
}
