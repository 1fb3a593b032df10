package markup

import (
	"bytes"

	"golang.org/x/net/html/atom"
)

// rawEnd is where the raw text of an element ends: at its end tag, or with the page.
func (z *Tokenizer) rawEnd() int {
	switch z.raw {
	case atom.Plaintext:
		return len(z.src)
	case atom.Script:
		return z.scriptEnd()
	default:
	}
	name := z.raw.String()
	for i := z.start; ; i++ {
		at := bytes.IndexByte(z.src[i:], '<')
		if at < 0 {
			return len(z.src)
		}
		if i += at; z.closes(i, name) {
			return i
		}
	}
}

// closes reports whether an end tag of an element begins at i.
func (z *Tokenizer) closes(i int, name string) bool {
	n := i + 2 + len(name) // where the name ends
	if n >= len(z.src) || z.src[i+1] != '/' || !named(z.src[i+2:], name) {
		return false
	}
	return space(z.src[n]) || z.src[n] == '/' || z.src[n] == '>'
}

func named(b []byte, name string) bool {
	if len(b) < len(name) {
		return false
	}
	for i := range len(name) {
		if lower(b[i]) != name[i] {
			return false
		}
	}
	return true
}

// scriptState is a state of a script's text (§13.2.5.4 and 13.2.5.17 to 29): in comments within it an end tag counts, unless a start tag of a
// script stands before it.
type scriptState uint8

const (
	scriptData scriptState = iota
	escaped
	escapedDash
	escapedDashes
	doubled
	doubledDash
	doubledDashes
)

// scriptSteps are the states behind -, > and anything else.
var scriptSteps = [...]struct{ dash, close, other scriptState }{ //nolint:gochecknoglobals // a table
	escaped:       {escapedDash, escaped, escaped},
	escapedDash:   {escapedDashes, escaped, escaped},
	escapedDashes: {escapedDashes, scriptData, escaped},
	doubled:       {doubledDash, doubled, doubled},
	doubledDash:   {doubledDashes, doubled, doubled},
	doubledDashes: {doubledDashes, scriptData, doubled},
}

// scriptEnd is where a script's text ends.
func (z *Tokenizer) scriptEnd() int {
	state := scriptData
	for i := z.start; i < len(z.src); {
		if state == scriptData {
			at := bytes.IndexByte(z.src[i:], '<')
			if at < 0 {
				break
			}
			i += at
		}
		switch c := z.src[i]; {
		case c == '<' && z.closes(i, "script") && state < doubled:
			return i
		case c == '<':
			state, i = z.scriptLess(state, i)
			continue
		case c == '-':
			state = scriptSteps[state].dash
		case c == '>':
			state = scriptSteps[state].close
		default:
			state = scriptSteps[state].other
		}
		i++
	}
	return len(z.src)
}

// scriptLess returns the state behind a < that ends no script, and where it begins.
func (z *Tokenizer) scriptLess(state scriptState, i int) (next scriptState, at int) {
	rest := z.src[i+1:]
	switch {
	case state == scriptData && bytes.HasPrefix(rest, []byte("!--")):
		return escapedDashes, i + 4
	case state == scriptData:
		return scriptData, i + 1
	case state >= doubled && z.closes(i, "script"):
		return escaped, i + len("</script>")
	case state >= doubled:
		return doubled, i + 1 + slash(rest)
	case len(rest) == 0 || rest[0] == '/':
		return escaped, i + 1 + slash(rest)
	case !letter(rest[0]): // the standard stays in the comment; x/net/html, and so whoever reads pages with it, leaves it
		return scriptData, i + 1
	case named(rest, "script") && len(rest) > 6 && (space(rest[6]) || rest[6] == '/' || rest[6] == '>'):
		return doubled, i + 8
	}
	return escaped, i + 1
}

func slash(b []byte) int {
	if len(b) > 0 && b[0] == '/' {
		return 1
	}
	return 0
}
