package jsonld

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// get returns a member's value, its name taken with or without schema.org's prefix.
func (n *Node) get(key string) value {
	for i := range n.members {
		if m := &n.members[i]; m.key == key || bare(m.key) == key {
			return m.val
		}
	}
	return value{}
}

// Is reports whether the node has one of these types.
func (n *Node) Is(types ...string) bool {
	for _, have := range n.Types {
		for _, t := range types {
			if have == t {
				return true
			}
		}
	}
	return false
}

// Text returns a member as text: of a list its first entry, of an object its name, value or id; "" for none.
func (n *Node) Text(key string) string {
	if all := n.get(key).texts(nil, 1); len(all) > 0 {
		return all[0]
	}
	return ""
}

// Texts returns all texts of a member, lists within lists opened, empty ones left out.
func (n *Node) Texts(key string) []string { return n.get(key).texts(nil, maxList) }

// Nodes returns the objects of a member.
func (n *Node) Nodes(key string) []*Node { return n.get(key).nodes(nil) }

func (v value) texts(out []string, limit int) []string {
	switch v.kind {
	case kindText:
		if t := tidy(v.text); t != "" {
			out = append(out, t)
		}
	case kindList:
		for _, e := range v.list {
			if len(out) >= limit {
				break
			}
			out = e.texts(out, limit)
		}
	case kindNode:
		for _, key := range [...]string{"@value", "name", "value", "@id"} {
			if t := v.node.Text(key); t != "" {
				return append(out, t)
			}
		}
	default:
	}
	return out
}

func (v value) nodes(out []*Node) []*Node {
	switch v.kind {
	case kindList:
		for _, e := range v.list {
			out = e.nodes(out)
		}
	case kindNode:
		out = append(out, v.node)
	default:
	}
	return out
}

// Walk visits nodes and all within them, outermost first. depth is 0 for the nodes given; under is the name of the member that
// holds the node, "" for those. visit says whether to go on into the node.
func Walk(nodes []*Node, visit func(n *Node, depth int, under string) bool) {
	for _, n := range nodes {
		n.walk(0, "", visit)
	}
}

func (n *Node) walk(depth int, under string, visit func(*Node, int, string) bool) {
	if !visit(n, depth, under) {
		return
	}
	for i := range n.members {
		m := &n.members[i]
		for _, inner := range m.val.nodes(nil) {
			inner.walk(depth+1, bare(m.key), visit)
		}
	}
}

// bare is a term without schema.org's address or prefix.
func bare(term string) string {
	if !strings.Contains(term, ":") {
		return term
	}
	for _, prefix := range [...]string{"https://schema.org/", "http://schema.org/", "https://www.schema.org/", "http://www.schema.org/", "schema:"} {
		if rest, ok := strings.CutPrefix(term, prefix); ok {
			return rest
		}
	}
	return term
}

// tidy collapses white space and decodes character references, which belong in no JSON and are often there.
func tidy(s string) string {
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
}

// unescape undoes JSON's escapes (RFC 8259 §7); a broken one stands for itself.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 >= len(s) {
			out = append(out, s[i])
			i++
			continue
		}
		switch c := s[i+1]; c {
		case 'n', 'r', 't', 'f', 'b':
			out = append(out, ' ')
			i += 2
		case 'u':
			r, n := unicodeEscape(s[i:])
			out = utf8.AppendRune(out, r)
			i += n
		default:
			out = append(out, c)
			i += 2
		}
	}
	return string(out)
}

// unicodeEscape reads \uXXXX, two of them where they are a pair of surrogates.
func unicodeEscape(s string) (rune, int) {
	first, ok := hex4(s)
	if !ok {
		return utf8.RuneError, 2
	}
	if utf16.IsSurrogate(first) {
		if second, ok := hex4(s[6:]); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return r, 12
			}
		}
		return utf8.RuneError, 6
	}
	return first, 6
}

func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(v), err == nil
}
