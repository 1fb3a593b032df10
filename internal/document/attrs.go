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
		"alt", "aria-hidden", "aria-label", "charset", "class", "content", "datetime", "hidden", "href", "http-equiv", "id", "itemprop", "lang", "name",
		"property", "pubdate", "rel", "role", "runat", "src", "style", "title", "type", "xml:lang",
	} {
		t[key[0]] = append(t[key[0]], key)
	}
	return t
}()

// readAttrs returns those of the current tag's attributes that are read here, each once, values cut at maxAttr bytes.
func (w *walker) readAttrs() []attribute {
	n := 0
	for _, a := range w.z.Attrs() {
		key := keyOf(w.src[a.Key.Start:a.Key.End])
		if key == "" || has(w.attrs[:n], key) {
			continue
		}
		w.attrs[n] = attribute{key, markup.Decode(w.src[a.Value.Start:a.Value.End], maxAttr)}
		if n++; n == maxAttrs {
			break
		}
	}
	return w.attrs[:n]
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
