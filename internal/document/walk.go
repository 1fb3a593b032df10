package document

import (
	"golang.org/x/net/html/atom"

	"telltale/internal/document/markup"
)

// block is a block whose text still lies in the text buffer.
type block struct {
	span
	offset int
	role   Role
	// link is 1 plus the index of the link that the whole text belongs to, 0 for none.
	link int
	// box is the innermost element around it that is kept on the stack, by its number.
	box     int32
	comment bool
}

// anchor is an open or closed anchor whose text still lies in the text buffer.
type anchor struct {
	link  int
	start int
}

// walker turns tokens into a document.
type walker struct {
	doc *Document
	z   *markup.Tokenizer
	// src is the body as a string, which parts of the document share.
	src string
	// pos and end bound the current token.
	pos, end int

	text  textBuffer
	stack stack
	// boxes holds the number of the element around each element that was on the stack; number 0 is the page.
	boxes  []int32
	blocks []block
	// spans holds the anchor text of doc.Links, by index.
	spans []span
	open  anchor
	cover cover
	// raw says what the text of the raw-text element just opened is.
	raw rawText
	// breaks counts br elements in a row.
	breaks int
	base   string
	titled bool
	attrs  [maxAttrs]attribute
	times  []timeElement
}

// rawText says where the next text token goes.
type rawText uint8

const (
	rawNone rawText = iota
	rawDrop
	rawTitle
	rawScript
	rawStyle
	rawJSONLD
)

// addTag notes where the current tag stands.
func (w *walker) addTag(tag atom.Atom, closing bool) {
	w.doc.Tags = append(w.doc.Tags, Tag{Start: int32(w.pos), End: int32(w.end), Atom: tag, Closing: closing})
}

// onEnd handles an end tag.
func (w *walker) onEnd() {
	tag := w.z.Atom()
	w.addTag(tag, true)
	w.raw = rawNone
	switch tag {
	case atom.A:
		w.closeAnchor()
		return
	case atom.P:
		w.flush()
		return
	default:
	}
	t := trait(tag)
	if t.block {
		w.flush()
	}
	if t.keep {
		w.stack.pop(tag)
	}
}

// onStart handles a start tag.
func (w *walker) onStart() {
	tag := w.z.Atom()
	w.addTag(tag, false)
	w.raw = rawNone
	if w.onSpecial(tag) {
		return
	}
	t := trait(tag)
	if t.block {
		w.flush()
		w.stack.closeImplied(tag, len(w.text.buf))
	}
	if !t.keep || t.mute && w.z.SelfClosing() {
		return
	}
	parent := w.stack.top()
	f := frame{tag: tag, role: parent.role, chrome: parent.chrome | t.chrome, mute: parent.mute || t.mute, mark: len(w.text.buf)}
	if t.hasRole {
		f.role = t.role
	}
	attrs := w.readAttrs()
	f.chrome |= chromeByAttrs(tag, attrs)
	f.comment = parent.comment || readersWrite(tag, attrs)
	w.adjustChrome(&f, parent, attrs)
	f.box = int32(len(w.boxes))
	w.boxes = append(w.boxes, parent.box)
	w.stack.push(f)
}

// adjustChrome undoes what landmarks say where the page means otherwise: main is content whatever
// encloses it, an article's header is content, and a form that wraps the page (ASP.NET) is no form.
func (w *walker) adjustChrome(f *frame, parent frame, attrs []attribute) {
	switch f.tag {
	case atom.Main:
		f.chrome = 0
	case atom.Article:
		f.chrome &^= chromeForm | chromeHeader
	case atom.Header:
		if parent.chrome == 0 && (w.stack.has(atom.Article) || w.stack.has(atom.Main)) {
			f.chrome &^= chromeHeader
		}
	case atom.Form:
		if parent.chrome == 0 && wrapsPage(attrs) {
			f.chrome &^= chromeForm
		}
	case atom.Body, atom.Html:
		f.chrome = 0
	default:
	}
}

// onSpecial handles the elements that are more than a box of text; it reports whether the tag is done with.
func (w *walker) onSpecial(tag atom.Atom) bool {
	switch tag {
	case atom.Link:
		w.onLink()
	case atom.Meta:
		w.onMeta()
	case atom.Base:
		w.onBase()
	case atom.Script:
		w.onScript()
	case atom.Style:
		w.raw = rawStyle
		if len(w.doc.Styles) >= maxScripts {
			w.raw = rawDrop
		}
	case atom.Title:
		w.raw = rawTitle
	case atom.Iframe, atom.Noembed, atom.Noframes, atom.Xmp, atom.Textarea, atom.Plaintext:
		w.raw = rawDrop
	default:
		return w.onInline(tag)
	}
	return true
}

// onInline handles the special elements of the body; it reports whether the tag is done with.
func (w *walker) onInline(tag atom.Atom) bool {
	switch tag {
	case atom.A, atom.Area:
		w.openAnchor(tag)
	case atom.Br:
		w.onBreak()
	case atom.Img:
		w.onImage()
	case atom.Input:
		w.onInput()
	case atom.Time:
		w.onTime()
	case atom.Html:
		w.onHTML()
		return false
	case atom.Noscript:
		w.z.NextIsNotRawText()
		return false
	default:
		return false
	}
	return true
}

// onBreak takes a line break for a space and two in a row for the end of a block.
func (w *walker) onBreak() {
	w.breaks++
	w.text.space = true
	if w.breaks > 1 {
		w.flush()
		w.breaks = 0
	}
}
