package document

import (
	"telltale/internal/document/markup"
)

// attribute is one of a tag's attributes, its value decoded.
type attribute struct{ key, val string }

// keyOf returns the name of an attribute that is read here, empty for any other.
func keyOf(name string) string {
	var buf [16]byte
	if len(name) > len(buf) {
		return ""
	}
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	for _, key := range attrKeys[buf[0]] {
		if string(buf[:len(name)]) == key {
			return key
		}
	}
	return ""
}

// attrKeys are the attributes that are read here, by their first letter.
var attrKeys = func() (t [256][]string) { //nolint:gochecknoglobals // a table
	for _, key := range [...]string{
		"alt", "aria-hidden", "aria-label", "charset", "class", "content", "data-time", "datetime", "hidden", "href", "http-equiv", "id", "itemprop", "lang", "name",
		"property", "pubdate", "rel", "role", "runat", "src", "style", "title", "type", "xml:lang",
	} {
		t[key[0]] = append(t[key[0]], key)
	}
	return t
}()

// readAttrs returns those of the current tag's attributes that are read here, each once, values cut at maxAttr bytes.
func (w *walker) readAttrs() []attribute { return collect(w.z, w.src, w.attrs[:0]) }

// attrsOf reads those attributes of a start tag again; of a tag beyond maxTag bytes it reads the beginning.
func (d *Document) attrsOf(t *Tag) []attribute {
	const maxTag = 8 << 10
	src := d.Body[t.Start:min(int(t.End), int(t.Start)+maxTag)]
	z := markup.New(src)
	z.Next()
	return collect(z, string(src), nil)
}

func collect(z *markup.Tokenizer, src string, into []attribute) []attribute {
	for _, a := range z.Attrs() {
		key := keyOf(src[a.Key.Start:a.Key.End])
		if key == "" || has(into, key) {
			continue
		}
		into = append(into, attribute{key, markup.Decode(src[a.Value.Start:a.Value.End], maxAttr)})
		if len(into) == maxAttrs {
			break
		}
	}
	return into
}

func has(attrs []attribute, key string) bool {
	for i := range attrs {
		if attrs[i].key == key {
			return true
		}
	}
	return false
}

func attr(attrs []attribute, key string) string {
	for i := range attrs {
		if attrs[i].key == key {
			return attrs[i].val
		}
	}
	return ""
}
