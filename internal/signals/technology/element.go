package technology

import (
	"bytes"

	"telltale/internal/document/markup"
)

// attribute is one attribute of a tag as it stands there, character references and all.
type attribute struct{ name, value []byte }

// maxAttributes bounds the attributes read of one tag.
const maxAttributes = 128

// attributes reads the attributes of a tag as the HTML tokenizer does (§13.2.5.32 and following).
func attributes(tag []byte, out []attribute) []attribute {
	i := wordEnd(tag, 1)
	for len(out) < maxAttributes {
		for i < len(tag) && (isSpace(tag[i]) || tag[i] == '/') {
			i++
		}
		if i >= len(tag) || tag[i] == '>' {
			break
		}
		from := i
		i = wordEnd(tag, i+1)
		if eq := bytes.IndexByte(tag[from+1:i], '='); eq >= 0 {
			i = from + 1 + eq
		}
		a := attribute{name: tag[from:i]}
		i = skipSpace(tag, i)
		if i < len(tag) && tag[i] == '=' {
			a.value, i = attributeValue(tag, skipSpace(tag, i+1))
		}
		out = append(out, a)
	}
	return out
}

// wordEnd returns where a name ends: at white space, a slash or the end of the tag.
func wordEnd(tag []byte, i int) int {
	for i < len(tag) && !isSpace(tag[i]) && tag[i] != '/' && tag[i] != '>' {
		i++
	}
	return i
}

func attributeValue(tag []byte, i int) (value []byte, next int) {
	if i >= len(tag) {
		return nil, i
	}
	if q := tag[i]; q == '"' || q == '\'' {
		i++
		end := bytes.IndexByte(tag[i:], q)
		if end < 0 {
			return tag[i:], len(tag)
		}
		return tag[i : i+end], i + end + 1
	}
	from := i
	for i < len(tag) && !isSpace(tag[i]) && tag[i] != '>' {
		i++
	}
	return tag[from:i], i
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// decoded returns an attribute's value with its character references decoded. In an attribute a reference
// without a semicolon that an = or a letter follows stands for itself (§13.2.5.73): ?a=1&copy=2.
func decoded(value []byte) []byte {
	if bytes.IndexByte(value, '&') < 0 {
		return value
	}
	const longest = 64 // of a reference, and the byte behind it
	out := make([]byte, 0, len(value))
	for len(value) > 0 {
		i := bytes.IndexByte(value, '&')
		if i < 0 {
			return append(out, value...)
		}
		out = append(out, value[:i]...)
		text, n := markup.Reference(string(value[i:min(len(value), i+longest)]))
		out = append(out, text...)
		value = value[i+n:]
	}
	return out
}

// referenceEnd returns the length of the character reference at the start of b, or 1 where there is none.
func referenceEnd(b []byte) int {
	const longest = 40
	i := 1
	if i < len(b) && b[i] == '#' {
		i++
	}
	for i < len(b) && i < longest && isWord(b[i]) {
		i++
	}
	if i > 1 && i < len(b) && b[i] == ';' {
		i++
	}
	return i
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// valueOf returns the decoded value of the first attribute of that name, which is in lower case.
func valueOf(attrs []attribute, name string) (value []byte, has bool) {
	for i := range attrs {
		if len(attrs[i].name) == len(name) && equalFold(attrs[i].name, name) {
			return decoded(attrs[i].value), true
		}
	}
	return nil, false
}

// equalFold compares with a word in ASCII lower case.
func equalFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i := range b {
		if lower(b[i]) != word[i] {
			return false
		}
	}
	return true
}

// holds applies a test to a value (Selectors Level 4 §6): an empty value is in nothing.
func (t *attrTest) holds(v []byte) bool {
	want := t.bytes
	if t.fold {
		v, want = bytes.ToLower(v), bytes.ToLower(want)
	}
	switch t.op {
	case 0:
		return true
	case '=':
		return bytes.Equal(v, want)
	case '!':
		return !bytes.Equal(v, want)
	case '|':
		return bytes.Equal(v, want) || len(v) > len(want) && bytes.HasPrefix(v, want) && v[len(want)] == '-'
	}
	return len(want) > 0 && t.within(v, want)
}

func (t *attrTest) within(v, want []byte) bool {
	switch t.op {
	case '~':
		return hasWord(v, want)
	case '*':
		return bytes.Contains(v, want)
	case '^':
		return bytes.HasPrefix(v, want)
	}
	return bytes.HasSuffix(v, want) // '$'
}

func hasWord(v, word []byte) bool {
	for len(v) >= len(word) {
		from := skipSpace(v, 0)
		end := from
		for end < len(v) && !isSpace(v[end]) {
			end++
		}
		if bytes.Equal(v[from:end], word) {
			return true
		}
		v = v[end:]
	}
	return false
}
