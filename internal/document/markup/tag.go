package markup

import (
	"bytes"

	"golang.org/x/net/html/atom"
)

// startTag reads a start tag, and notes what its element's text is.
func (z *Tokenizer) startTag() Kind {
	if !z.tag(z.start + 1) {
		return End
	}
	switch lower(z.src[z.name.Start]) {
	case 'i', 'n', 'p', 's', 't', 'x':
		switch a := z.Atom(); a {
		case atom.Iframe, atom.Noembed, atom.Noframes, atom.Noscript, atom.Plaintext, atom.Script, atom.Style, atom.Textarea, atom.Title, atom.Xmp:
			z.raw = a
		default:
		}
	}
	return StartTag
}

// tag reads a tag whose name begins at from; it reports whether the tag ends within the page, all of which is read otherwise.
func (z *Tokenizer) tag(from int) bool {
	i := from
	for i < len(z.src) && !space(z.src[i]) && z.src[i] != '/' && z.src[i] != '>' {
		i++
	}
	z.name = Span{from, i}
	for {
		for i < len(z.src) && (space(z.src[i]) || z.src[i] == '/') {
			i++
		}
		if i >= len(z.src) {
			z.end = len(z.src)
			return false
		}
		if z.src[i] == '>' {
			z.end = i + 1
			return true
		}
		i = z.attr(i)
	}
}

// attr reads an attribute and returns where it ends; one that the page's end cuts off ends behind it.
func (z *Tokenizer) attr(i int) int {
	a := Attr{Key: Span{Start: i}}
	for i++; i < len(z.src) && z.src[i] != '=' && z.src[i] != '/' && z.src[i] != '>' && !space(z.src[i]); i++ { // an = is part of a name that it begins
	}
	a.Key.End = i
	a.Value = Span{i, i}
	if i = z.skip(i); i < len(z.src) && z.src[i] == '=' {
		a.Value, i = z.value(z.skip(i + 1))
	}
	if len(z.attrs) < maxAttrs {
		z.attrs = append(z.attrs, a)
	}
	return i
}

// value reads an attribute's value and returns where the attribute ends.
func (z *Tokenizer) value(i int) (value Span, next int) {
	if i >= len(z.src) {
		return Span{i, i}, i
	}
	if q := z.src[i]; q == '"' || q == '\'' {
		i++
		at := bytes.IndexByte(z.src[i:], q)
		if at < 0 {
			return Span{i, len(z.src)}, len(z.src)
		}
		return Span{i, i + at}, i + at + 1
	}
	from := i
	for i < len(z.src) && !space(z.src[i]) && z.src[i] != '>' {
		i++
	}
	return Span{from, i}, i
}

func (z *Tokenizer) skip(i int) int {
	for i < len(z.src) && space(z.src[i]) {
		i++
	}
	return i
}
