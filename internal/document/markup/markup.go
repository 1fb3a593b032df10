// Package markup cuts a page in memory into tokens: tags, text and the rest, by the tokenization rules of the HTML standard
// (https://html.spec.whatwg.org/multipage/parsing.html#tokenization). It decodes and copies nothing: a token is where it stands.
// Tokens are those of golang.org/x/net/html's tokenizer, which copies every name and value several times (docs/adr/0011); a fuzz target
// compares the two.
package markup

import (
	"bytes"

	"golang.org/x/net/html/atom"
)

// Kind is the kind of a token.
type Kind uint8

// The kinds. Other is a comment, a declaration or a processing instruction.
const (
	End Kind = iota
	Text
	StartTag
	EndTag
	Other
)

// maxAttrs bounds the attributes that are kept of one tag; further ones are read over.
const maxAttrs = 256

// Span is a piece of the page: from Start to before End, in bytes.
type Span struct{ Start, End int }

// Attr is an attribute as it stands: its value without quotes, undecoded.
type Attr struct{ Key, Value Span }

// Tokenizer cuts one page. It is not safe for concurrent use.
type Tokenizer struct {
	src []byte
	// start and end bound the current token.
	start, end int
	kind       Kind
	name       Span
	attrs      []Attr
	// raw is the element whose text comes next and holds no markup; 0 for none.
	raw atom.Atom
}

// New returns a Tokenizer over a page, which must not change while it is used.
func New(src []byte) *Tokenizer { return &Tokenizer{src: src} }

// Span says where the current token stands. The tokens of a page lie end to end; a tag that the page's end cuts off is part of End.
func (z *Tokenizer) Span() Span { return Span{z.start, z.end} }

// Name is the current tag's name as it stands.
func (z *Tokenizer) Name() []byte { return z.src[z.name.Start:z.name.End] }

// Attrs are the current start tag's attributes in their order, doubled ones included, valid until Next.
func (z *Tokenizer) Attrs() []Attr { return z.attrs }

// NextIsNotRawText has the text behind the start tag just read be markup, though the element's is raw text by default (noscript).
func (z *Tokenizer) NextIsNotRawText() { z.raw = 0 }

// longestAtom is the length of the longest name that atom.Lookup knows.
const longestAtom = 32

// Atom is the current tag's name, 0 where it is none of HTML's.
func (z *Tokenizer) Atom() atom.Atom {
	var buf [longestAtom]byte
	n := z.name.End - z.name.Start
	if n > longestAtom {
		return 0
	}
	for i, c := range z.Name() {
		buf[i] = lower(c)
	}
	return atom.Lookup(buf[:n])
}

// SelfClosing reports whether the current start tag ends in a slash that is part of no value.
func (z *Tokenizer) SelfClosing() bool {
	if z.kind != StartTag || z.src[z.end-2] != '/' {
		return false
	}
	return len(z.attrs) == 0 || z.attrs[len(z.attrs)-1].Value.End != z.end-1
}

// Next reads the next token.
func (z *Tokenizer) Next() Kind {
	z.start, z.name, z.attrs = z.end, Span{}, z.attrs[:0]
	z.kind = z.next()
	return z.kind
}

func (z *Tokenizer) next() Kind {
	if z.raw != 0 {
		z.end = z.rawEnd()
		z.raw = 0
		if z.end > z.start {
			return Text
		}
	}
	for i := z.start; ; i++ {
		at := bytes.IndexByte(z.src[i:], '<')
		if i += at; at < 0 || i+1 == len(z.src) {
			return z.rest()
		}
		if c := z.src[i+1]; !letter(c) && c != '/' && c != '!' && c != '?' {
			continue
		}
		if i > z.start {
			z.end = i
			return Text
		}
		return z.markup()
	}
}

// rest is the text up to the page's end.
func (z *Tokenizer) rest() Kind {
	if z.end = len(z.src); z.end > z.start {
		return Text
	}
	return End
}

// markup reads what begins with < and a letter, a slash, ! or ?.
func (z *Tokenizer) markup() Kind {
	at := z.start + 1
	switch c := z.src[at]; {
	case letter(c):
		return z.startTag()
	case c == '?':
		return z.bogus(at)
	case c == '!':
		return z.declaration()
	}
	if at++; at == len(z.src) {
		return z.rest()
	}
	if !letter(z.src[at]) {
		return z.bogus(at)
	}
	if !z.tag(at) {
		return End
	}
	z.attrs = z.attrs[:0]
	return EndTag
}

// bogus reads up to the next >, whatever it is.
func (z *Tokenizer) bogus(from int) Kind {
	z.end = len(z.src)
	if at := bytes.IndexByte(z.src[from:], '>'); at >= 0 {
		z.end = from + at + 1
	}
	return Other
}

// declaration reads a comment or another thing that begins with <!.
func (z *Tokenizer) declaration() Kind {
	from := z.start + 2
	if len(z.src)-from < 2 {
		z.end = len(z.src)
		return Other
	}
	if z.src[from] != '-' || z.src[from+1] != '-' {
		return z.bogus(from)
	}
	from += 2
	for i := from; ; i++ {
		at := bytes.IndexByte(z.src[i:], '>')
		if at < 0 {
			z.end = len(z.src)
			return Other
		}
		if i += at; endsComment(z.src[from:i]) {
			z.end = i + 1
			return Other
		}
	}
}

// endsComment reports whether a > behind a comment's text ends it: behind -- or --!, or at once.
func endsComment(text []byte) bool {
	n := len(text)
	dashes := 0
	for dashes < n && text[n-1-dashes] == '-' {
		dashes++
	}
	return dashes >= 2 || dashes == n || n >= 3 && string(text[n-3:]) == "--!"
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }
