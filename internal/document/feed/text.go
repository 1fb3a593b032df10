package feed

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	htmlx "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plain returns the text of something that may be HTML: no markup, entities decoded, white space
// collapsed, no control characters, at most limit bytes. What was escaped twice is decoded twice.
func plain(s string, limit int) string {
	if strings.IndexByte(s, '<') >= 0 {
		s = stripTags(s, 4*limit)
	} else if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	if strings.Contains(s, "&amp;") || strings.Contains(s, "&#") {
		s = html.UnescapeString(s)
	}
	return clip(collapse(s, limit+utf8.UTFMax), limit)
}

// stripTags returns the text between tags, a space for each, until about limit bytes are gathered.
func stripTags(s string, limit int) string {
	var b strings.Builder
	z := htmlx.NewTokenizer(strings.NewReader(s))
	muted := atom.Atom(0)
	for b.Len() < limit {
		switch z.Next() {
		case htmlx.ErrorToken:
			return b.String()
		case htmlx.TextToken:
			if muted == 0 {
				b.Write(z.Text())
			}
		case htmlx.StartTagToken:
			name, _ := z.TagName()
			if a := atom.Lookup(name); a == atom.Script || a == atom.Style {
				muted = a
			} else {
				breakAt(&b, a)
			}
		case htmlx.EndTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			if a == muted {
				muted = 0
			}
			breakAt(&b, a)
		case htmlx.SelfClosingTagToken:
			name, _ := z.TagName()
			breakAt(&b, atom.Lookup(name))
		default: // comments and doctypes are no text
		}
	}
	return b.String()
}

// breakAt writes a space for any element but those that stand within a word.
func breakAt(b *strings.Builder, a atom.Atom) {
	switch a {
	case atom.B, atom.I, atom.Em, atom.Strong, atom.A, atom.Span, atom.U, atom.Code, atom.Sup, atom.Sub, atom.Mark, atom.Font, atom.Wbr:
	default:
		b.WriteByte(' ')
	}
}

func collapse(s string, limit int) string {
	var b strings.Builder
	b.Grow(min(len(s), limit))
	space := false
	for _, r := range s {
		if b.Len() >= limit {
			break
		}
		switch {
		case unicode.IsSpace(r) || r == 0xA0:
			space = true
		case unicode.IsControl(r) || r == utf8.RuneError || r == 0xFEFF || r == 0x200B:
		default:
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		}
	}
	return b.String()
}

// clip cuts at a rune boundary, at most limit bytes.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.TrimSpace(s[:limit])
}
