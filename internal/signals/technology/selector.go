package technology

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// selector is a CSS selector without pseudo-classes: compounds joined by combinators, the last one its subject.
type selector struct {
	compounds []compound
	// joins holds the combinator before each compound but the first: ' ', '>', '+' or '~'.
	joins []byte
}

// compound is what one element must be: its tag and its attributes, ids and classes among them.
type compound struct {
	// tag is in lower case, "" for any; its atom is 0 where it is none of HTML's.
	tag   string
	atom  atom.Atom
	tests []attrTest
}

// attrTest asks an attribute to be there (no op), or to compare with a value.
type attrTest struct {
	name, value string
	// bytes are those of the value.
	bytes []byte
	op    byte
	fold  bool
}

var errSelector = errors.New("selector cannot be read")

// maxSelector bounds a selector, in bytes.
const maxSelector = 4 << 10

// splitSelectors splits a selector list at its commas.
func splitSelectors(s string) []string {
	var out []string
	from, quote, depth := 0, byte(0), 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')':
			depth--
		case c == ',' && depth <= 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

// selectorParser reads one selector.
type selectorParser struct {
	s string
	i int
}

// parseSelector reads one selector of a list.
func parseSelector(s string) (*selector, error) {
	p := selectorParser{s: strings.TrimSpace(s)}
	if p.s == "" || len(p.s) > maxSelector || !utf8.ValidString(p.s) {
		return nil, fmt.Errorf("%w: %q", errSelector, clipped(s))
	}
	sel := &selector{}
	for {
		c, ok := p.compound()
		if !ok {
			return nil, fmt.Errorf("%w: %q", errSelector, clipped(s))
		}
		sel.compounds = append(sel.compounds, c)
		if p.i == len(p.s) {
			return sel, nil
		}
		join, ok := p.combinator()
		if !ok {
			return nil, fmt.Errorf("%w: %q", errSelector, clipped(s))
		}
		sel.joins = append(sel.joins, join)
	}
}

func (p *selectorParser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *selectorParser) blank() bool {
	from := p.i
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n\f", p.s[p.i]) >= 0 {
		p.i++
	}
	return p.i > from
}

func (p *selectorParser) combinator() (byte, bool) {
	blank := p.blank()
	if c := p.peek(); c == '>' || c == '+' || c == '~' {
		p.i++
		p.blank()
		return c, p.i < len(p.s)
	}
	return ' ', blank && p.i < len(p.s)
}

func (p *selectorParser) compound() (c compound, ok bool) {
	from := p.i
	if p.peek() == '*' {
		p.i++
	} else if tag := p.ident(); tag != "" {
		c.tag = strings.ToLower(tag)
		c.atom = atom.Lookup([]byte(c.tag))
	}
	for p.i < len(p.s) {
		var t attrTest
		switch p.s[p.i] {
		case '#':
			p.i++
			t = attrTest{name: "id", op: '=', value: p.ident()}
			ok = t.value != ""
		case '.':
			p.i++
			t = attrTest{name: "class", op: '~', value: p.ident()}
			ok = t.value != ""
		case '[':
			p.i++
			t, ok = p.attribute()
		default:
			return c, p.i > from
		}
		if !ok {
			return c, false
		}
		t.bytes = []byte(t.value)
		c.tests = append(c.tests, t)
	}
	return c, p.i > from
}

// attribute reads what stands between brackets, the closing one included.
func (p *selectorParser) attribute() (t attrTest, ok bool) {
	p.blank()
	if t.name = strings.ToLower(p.ident()); t.name == "" {
		return t, false
	}
	p.blank()
	if p.peek() == ']' {
		p.i++
		return t, true
	}
	if c := p.peek(); strings.IndexByte("*^$~|!", c) >= 0 && c != 0 {
		t.op = c
		p.i++
	} else {
		t.op = '='
	}
	if p.peek() != '=' {
		return t, false
	}
	p.i++
	p.blank()
	if t.value, ok = p.value(); !ok {
		return t, false
	}
	p.blank()
	if c := p.peek(); c == 'i' || c == 'I' || c == 's' || c == 'S' {
		t.fold = c == 'i' || c == 'I'
		p.i++
		p.blank()
	}
	ok = p.peek() == ']'
	p.i++
	return t, ok
}

// value reads a quoted string, or a bare word more freely than CSS does: rules leave quotes out.
func (p *selectorParser) value() (string, bool) {
	quote := p.peek()
	if quote != '"' && quote != '\'' {
		from := p.i
		for p.i < len(p.s) && strings.IndexByte(" \t\r\n\f]\"'", p.s[p.i]) < 0 {
			p.i++
		}
		return p.s[from:p.i], p.i > from
	}
	p.i++
	var b strings.Builder
	for p.i < len(p.s) {
		switch c := p.s[p.i]; c {
		case quote:
			p.i++
			return b.String(), true
		case '\\':
			b.WriteString(p.escape())
		default:
			b.WriteByte(c)
			p.i++
		}
	}
	return "", false
}

// ident reads a CSS identifier, escapes taken off.
func (p *selectorParser) ident() string {
	var b strings.Builder
	for p.i < len(p.s) {
		c := p.s[p.i]
		switch {
		case c == '\\':
			b.WriteString(p.escape())
		case c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf,
			c == ':' && strings.IndexByte(p.s[:p.i], '[') >= 0 && b.Len() > 0:
			b.WriteByte(c)
			p.i++
		default:
			return b.String()
		}
	}
	return b.String()
}

// escape reads a CSS escape (Syntax Level 3 §4.3.7).
func (p *selectorParser) escape() string {
	p.i++
	n, code := 0, rune(0)
	for n < 6 && p.i+n < len(p.s) {
		d := strings.IndexByte("0123456789abcdef", lower(p.s[p.i+n]))
		if d < 0 {
			break
		}
		code = code<<4 | rune(d)
		n++
	}
	if n == 0 {
		if p.i >= len(p.s) {
			return ""
		}
		_, n = utf8.DecodeRuneInString(p.s[p.i:])
		p.i += n
		return p.s[p.i-n : p.i]
	}
	p.i += n
	if strings.IndexByte(" \t\n", p.peek()) >= 0 && p.peek() != 0 {
		p.i++
	}
	return string(code)
}
