package feed

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxAttrs     = 48
	maxAttrValue = 8 << 10
	// maxRootTag keeps the root element within what gofeed looks at to tell the format.
	maxRootTag = 3 << 10
	// maxReference is the longest character reference, in bytes (the longest named one has 33).
	maxReference = 40
)

// text writes character data, its references kept where they are some and escaped where they are not.
func (t *tidier) text(b []byte) {
	if !t.takesText() {
		if len(bytes.TrimSpace(b)) > 0 {
			t.repairs++
		}
		return
	}
	t.escape(b, true)
}

// cdata writes the content of a CDATA section as text.
func (t *tidier) cdata(b []byte) {
	if !t.takesText() {
		return
	}
	t.escape(b, false)
}

// escape writes characters so that they stand for themselves; references stay what they are where asked.
func (t *tidier) escape(b []byte, references bool) {
	for len(b) > 0 {
		n := plainRun(b)
		t.out.Write(b[:n])
		if b = b[n:]; len(b) == 0 {
			return
		}
		switch c := b[0]; {
		case c == '&':
			n = t.ampersand(b, references)
		case c < utf8.RuneSelf:
			if !writeEscaped(&t.out, c) {
				t.repairs++
			}
			n = 1
		default:
			n = writeRune(&t.out, b)
		}
		b = b[n:]
	}
}

// ampersand writes a reference, or an ampersand that begins none, and returns its length.
func (t *tidier) ampersand(b []byte, references bool) int {
	n, ok := 0, false
	if references {
		n, ok = reference(b)
	}
	if n == 0 {
		if references {
			t.repairs++
		}
		t.out.WriteString("&amp;")
		return 1
	}
	if !ok || !declaredInXML(b[:n]) {
		t.repairs++
	}
	if ok {
		t.out.Write(b[:n])
	}
	return n
}

// declaredInXML reports a reference by number, or to one of the five entities that XML knows without a declaration.
func declaredInXML(ref []byte) bool {
	switch string(ref) {
	case "&amp;", "&lt;", "&gt;", "&quot;", "&apos;":
		return true
	}
	return ref[1] == '#'
}

// plainRun is the length of what needs no escape.
func plainRun(b []byte) int {
	for i, c := range b {
		if c < 0x20 && c != '\n' || c >= utf8.RuneSelf || c == '&' || c == '<' || c == '>' || c == '"' {
			return i
		}
	}
	return len(b)
}

// takesText reports an element that may hold text; text between the elements of a container is junk.
func (t *tidier) takesText() bool {
	return len(t.open) > 0 && !t.open[len(t.open)-1].container
}

// writeEscaped writes an ASCII character; false where XML 1.0 §2.2 forbids it and it is dropped.
func writeEscaped(out *bytes.Buffer, c byte) bool {
	switch {
	case c == '<':
		out.WriteString("&lt;")
	case c == '>':
		out.WriteString("&gt;")
	case c == '"':
		out.WriteString("&#34;")
	case c >= 0x20 || c == '\t' || c == '\n' || c == '\r':
		out.WriteByte(c)
	default:
		return false
	}
	return true
}

// writeRune writes the character that b begins with and returns its length; illegal ones are dropped.
func writeRune(out *bytes.Buffer, b []byte) int {
	r, n := utf8.DecodeRune(b)
	switch {
	case r == utf8.RuneError && n == 1:
		out.WriteString("\uFFFD")
	case legal(int64(r)):
		out.Write(b[:n])
	}
	return n
}

// legal is the Char production (XML 1.0 §2.2).
func legal(r int64) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// reference measures a character reference, 0 where b begins none; ok is false for one to a character
// that XML forbids.
func reference(b []byte) (n int, ok bool) {
	end := bytes.IndexByte(b[:min(len(b), maxReference)], ';')
	if end < 2 {
		return 0, false
	}
	body := b[1:end]
	if body[0] != '#' {
		for _, c := range body {
			if !isNameByte(c) || c == ':' || c == '-' || c == '.' || c == '_' {
				return 0, false
			}
		}
		return end + 1, true
	}
	digits, base := string(body[1:]), 10
	if len(digits) > 1 && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	v, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 0, false
	}
	return end + 1, legal(int64(v))
}

// tagEnd is the index of the ">" that ends a start tag, quoted ones passed over; where the quotes do
// not match, the first ">". -1 where there is none within bounds.
func tagEnd(rest []byte) int {
	rest = rest[:min(len(rest), maxTag)]
	quote := byte(0)
	for i, c := range rest {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && i > 0 && (rest[i-1] == '=' || isSpace(rest[i-1])):
			quote = c
		case c == '>':
			return i
		}
	}
	return bytes.IndexByte(rest, '>')
}

// writeTag writes a start tag with its attributes quoted and escaped.
func (t *tidier) writeTag(name string, attrs []byte, closed bool) {
	start := t.out.Len()
	t.out.WriteByte('<')
	t.out.WriteString(name)
	if closed {
		attrs = attrs[:len(attrs)-1]
	}
	root := localName(name)
	seen := make([]string, 0, 8)
	for range maxAttrs {
		var key string
		var value []byte
		if key, value, attrs = nextAttr(attrs); key == "" {
			break
		}
		if !t.keepAttr(root, key, value) || contains(seen, key) {
			continue
		}
		if len(t.open) == 0 && t.out.Len()-start+len(key)+len(value) > maxRootTag {
			continue
		}
		seen = append(seen, key)
		t.writeAttr(key, value)
	}
	if closed {
		t.out.WriteByte('/')
	}
	t.out.WriteByte('>')
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// keepAttr leaves out namespace declarations below the root, which bind no prefix that we read, and a
// default namespace at the root that is not the format's own, which would hide every element.
func (t *tidier) keepAttr(root, key string, value []byte) bool {
	if key != "xmlns" {
		return len(t.open) == 0 || !strings.HasPrefix(key, "xmlns:")
	}
	if len(t.open) > 0 {
		return false
	}
	v := strings.TrimSpace(string(value[:min(len(value), 128)]))
	switch root {
	case "rdf":
		return strings.HasPrefix(v, "http://purl.org/rss/1.0") || strings.HasPrefix(v, "http://my.netscape.com/rdf/simple/") ||
			strings.HasPrefix(v, "http://channel.netscape.com/rdf/simple/")
	case "feed":
		return v == "http://www.w3.org/2005/Atom" || strings.HasPrefix(v, "http://purl.org/atom/")
	}
	return false
}

func (t *tidier) writeAttr(key string, value []byte) {
	t.out.WriteByte(' ')
	t.out.WriteString(key)
	t.out.WriteString(`="`)
	t.escape(value, true)
	t.out.WriteByte('"')
}

// nextAttr takes one attribute off the front; key is empty where none is left. Attributes whose names
// are none are passed over.
func nextAttr(b []byte) (key string, value, rest []byte) {
	for len(b) > 0 {
		for len(b) > 0 && (isSpace(b[0]) || b[0] == '/') {
			b = b[1:]
		}
		n := 0
		for n < len(b) && !isSpace(b[n]) && b[n] != '=' && b[n] != '/' {
			n++
		}
		name := string(b[:min(n, 64)])
		b = bytes.TrimLeft(b[n:], " \t\r\n")
		value = nil
		if len(b) > 0 && b[0] == '=' {
			value, b = attrValue(bytes.TrimLeft(b[1:], " \t\r\n"))
		}
		if tagName([]byte(name)) == name && name != "" {
			return name, value, b
		}
	}
	return "", nil, nil
}

func attrValue(b []byte) (value, rest []byte) {
	if len(b) == 0 {
		return nil, nil
	}
	if q := b[0]; q == '"' || q == '\'' {
		end := bytes.IndexByte(b[1:], q)
		if end < 0 {
			return b[1:min(len(b), maxAttrValue)], nil
		}
		return b[1 : 1+min(end, maxAttrValue)], b[end+2:]
	}
	n := 0
	for n < len(b) && !isSpace(b[n]) {
		n++
	}
	return b[:min(n, maxAttrValue)], b[n:]
}
