package document

import (
	"strings"
	"unicode/utf8"
)

// onText takes a text token to where it belongs.
func (w *walker) onText() {
	src := w.src[w.pos:w.end]
	raw := w.raw
	w.raw = rawNone
	switch raw {
	case rawDrop:
	case rawTitle:
		w.onTitle(src)
	case rawScript:
		s := &w.doc.Scripts[len(w.doc.Scripts)-1]
		s.Text, s.Offset = src, w.pos
	case rawStyle:
		w.doc.Styles = append(w.doc.Styles, Script{Text: src, Offset: w.pos})
	case rawJSONLD:
		w.doc.JSONLD = append(w.doc.JSONLD, Script{Type: "application/ld+json", Text: src, Offset: w.pos})
	default:
		if w.stack.top().mute {
			return
		}
		w.onVisible(src, w.pos)
	}
}

// onVisible appends visible text; a block that grows beyond maxBlock is cut, at white space where there is any.
func (w *walker) onVisible(src string, base int) {
	for src != "" {
		part := src[:min(len(src), maxBlock)]
		if len(part) < len(src) {
			if i := strings.LastIndexByte(part, ' '); i > 0 {
				part = part[:i+1]
			}
			for len(part) > 1 && !utf8.RuneStart(src[len(part)]) {
				part = part[:len(part)-1]
			}
		}
		w.text.add(part, base)
		if w.text.offset >= 0 {
			w.breaks = 0
		}
		if len(w.text.buf)-w.text.start > maxBlock/2 && len(src) > len(part) || len(w.text.buf)-w.text.start > maxBlock {
			w.flush()
		}
		src, base = src[len(part):], base+len(part)
	}
}

func (w *walker) onTitle(src string) {
	if w.titled || w.stack.top().mute {
		return
	}
	w.flush()
	w.text.add(src, w.pos)
	s, offset, ok := w.text.flush()
	if !ok {
		return
	}
	w.titled = true
	w.blocks = append(w.blocks, block{span: s, offset: offset, role: RoleTitle})
}

// flush ends the current block; its role is that of the innermost open element.
func (w *walker) flush() {
	link := w.covering()
	s, offset, ok := w.text.flush()
	if !ok {
		return
	}
	if len(w.blocks) >= maxBlocks || w.text.full {
		w.doc.Clipped = true
		if len(w.blocks) >= maxBlocks {
			return
		}
	}
	f := w.stack.top()
	role := f.role
	if f.chrome != 0 {
		role = RoleChrome
		if isHeading(f.tag) && f.chrome == chromeHeader {
			role = RoleHeading
		}
	}
	w.blocks = append(w.blocks, block{s, offset, role, link, f.box, f.comment})
}
