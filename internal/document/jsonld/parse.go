// Package jsonld reads the structured data of a page (application/ld+json, json-ld.org) as it is found on the web: arrays of
// arrays, @graph, comments, trailing commas, raw line breaks and quotes within strings, scripts that were cut off. It takes
// schema.org's terms literally and follows no context.
package jsonld

import (
	"html"
	"strings"
)

// Bounds on one script; what lies beyond is left unread.
const (
	maxBytes = 512 << 10
	maxDepth = 24
	maxNodes = 4_000
	// maxString is the longest text kept, in bytes as written.
	maxString = 32 << 10
	// maxList is the number of entries kept of one list or object.
	maxList = 1_000
)

// kind says what a value is.
type kind uint8

const (
	kindNone kind = iota
	// kindText is a string, number or boolean, as it is written.
	kindText
	kindList
	kindNode
)

type value struct {
	kind kind
	text string
	list []value
	node *Node
}

type member struct {
	key string
	val value
}

// Node is one object.
type Node struct {
	// Types are its schema.org types without their prefix.
	Types   []string
	members []member
}

// Parse returns the objects of a script's outermost level, lists and @graph opened. Any text is accepted: what is no JSON
// gives fewer objects or none.
func Parse(text string) []*Node {
	text = text[:min(len(text), maxBytes)]
	if head := text[:min(len(text), 256)]; !strings.Contains(head, `"`) && strings.Contains(head, "&quot;") {
		text = html.UnescapeString(text)
	}
	p := parser{src: text}
	var out []*Node
	for p.nodes < maxNodes && p.junk() {
		before := p.pos
		out = top(out, p.value(0))
		if p.pos == before {
			p.pos++
		}
	}
	return out
}

// top adds the objects of the outermost level.
func top(out []*Node, v value) []*Node {
	switch v.kind {
	case kindList:
		for _, e := range v.list {
			out = top(out, e)
		}
	case kindNode:
		graph := v.node.get("@graph")
		if graph.kind == kindNone || len(v.node.Types) > 0 {
			out = append(out, v.node)
		}
		if graph.kind != kindNone {
			out = top(out, graph)
		}
	default:
	}
	return out
}

// parser reads values one after the other; it never goes back.
type parser struct {
	src   string
	pos   int
	nodes int
}

// junk passes over white space, commas, comments and what templates leave around JSON; false at the end.
func (p *parser) junk() bool {
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; {
		case c <= ' ' || c == ',' || c == ';':
			p.pos++
		case c == '/' && p.passed("/*", "*/"), c == '/' && p.passed("//", "\n"):
		case c == '<' && (p.skipped("<!--") || p.skipped("<![CDATA[")), c == '-' && p.skipped("-->"), c == ']' && p.skipped("]]>"):
		case strings.HasPrefix(p.src[p.pos:], "\ufeff"), strings.HasPrefix(p.src[p.pos:], "\u00a0"):
			p.pos += len(p.src[p.pos:]) - len(strings.TrimLeft(p.src[p.pos:], "\ufeff\u00a0"))
		default:
			return true
		}
	}
	return false
}

func (p *parser) skipped(mark string) bool {
	if !strings.HasPrefix(p.src[p.pos:], mark) {
		return false
	}
	p.pos += len(mark)
	return true
}

// passed passes over a comment with its end, or all that is left.
func (p *parser) passed(start, end string) bool {
	if !p.skipped(start) {
		return false
	}
	if i := strings.Index(p.src[p.pos:], end); i >= 0 {
		p.pos += i + len(end)
	} else {
		p.pos = len(p.src)
	}
	return true
}

// value reads what stands here.
func (p *parser) value(depth int) value {
	if !p.junk() {
		return value{}
	}
	c := p.src[p.pos]
	switch {
	case (c == '{' || c == '[') && (depth >= maxDepth || p.nodes >= maxNodes):
		p.skipNested()
		return value{}
	case c == '{':
		return value{kind: kindNode, node: p.object(depth)}
	case c == '[':
		return p.array(depth)
	case c == '"':
		return value{kind: kindText, text: p.text()}
	case c == '}' || c == ']':
		return value{}
	}
	if word := p.word(); word != "" && word != "null" {
		return value{kind: kindText, text: word}
	}
	return value{}
}

func (p *parser) array(depth int) value {
	v := value{kind: kindList}
	p.pos++
	for p.junk() {
		switch p.src[p.pos] {
		case ']':
			p.pos++
			return v
		case '}':
			return v // its end is missing
		}
		before := p.pos
		if e := p.value(depth + 1); e.kind != kindNone && len(v.list) < maxList {
			v.list = append(v.list, e)
		}
		if p.pos == before {
			p.pos++
		}
	}
	return v
}

func (p *parser) object(depth int) *Node {
	n := &Node{}
	p.nodes++
	p.pos++
	for p.junk() {
		if c := p.src[p.pos]; c == '}' {
			p.pos++
			break
		} else if c == ']' {
			break // its end is missing
		}
		key, ok := p.key()
		if !ok {
			p.pos++
			continue
		}
		if v := p.value(depth + 1); v.kind != kindNone && len(n.members) < maxList {
			n.members = append(n.members, member{key, v})
		}
	}
	for _, t := range n.Texts("@type") {
		n.Types = append(n.Types, bare(t))
	}
	return n
}

// key reads a member's name and its colon.
func (p *parser) key() (string, bool) {
	read := p.word
	if p.src[p.pos] == '"' {
		read = p.text
	}
	name := read()
	if name == "" {
		return "", false
	}
	p.junk()
	if p.pos < len(p.src) && p.src[p.pos] == ':' {
		p.pos++
		return strings.Trim(name, "'"), true
	}
	return "", false
}

// word reads a number, a literal or what is written without quotes, up to what cannot be part of it.
func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.src) && !strings.ContainsRune(" \t\r\n,:{}[]\"<", rune(p.src[p.pos])) {
		p.pos++
	}
	return p.src[start:min(p.pos, start+maxString)]
}

// text reads a string. A quote that nothing of JSON follows is a part of the text: templates forget to escape it.
func (p *parser) text() string {
	p.pos++
	start, end := p.pos, len(p.src)
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case '\\':
			p.pos += 2
			continue
		case '"':
			if p.pos-start > maxString || p.ends(p.pos+1) {
				end = p.pos
				p.pos++
				return unescape(p.src[start:min(end, start+maxString)])
			}
		}
		p.pos++
	}
	p.pos = len(p.src)
	return unescape(p.src[start:min(end, start+maxString)])
}

// ends reports that what follows a quote goes on with JSON.
func (p *parser) ends(at int) bool {
	i := at
	for i < len(p.src) && i-at < 1024 && p.src[i] <= ' ' {
		i++
	}
	if i >= len(p.src) || i-at >= 1024 {
		return true
	}
	c := p.src[i]
	return c == ',' || c == '}' || c == ']' || c == ':' || c == '"' && i > at || c == '/' || c == '<'
}

// skipNested passes over an object or list and all within it.
func (p *parser) skipNested() {
	depth := 0
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			p.text()
			continue
		}
		p.pos++
		if depth == 0 {
			return
		}
	}
}
