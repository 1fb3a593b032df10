package technology

import (
	"bytes"

	"golang.org/x/net/html/atom"

	"telltale/internal/document"
)

// tree says how the tags of a page nest. It is made only for pages on which a selector with a combinator, or
// a demand on an element's text, has all its words: few do. Indexes are those of the document's tags.
type tree struct {
	// parent and before are the parent and the sibling before an opening tag, -1 for none; end is the tag that closes it.
	parent, before, end []int32
	stack               []open
}

// open is one open element.
type open struct {
	tag int32
	// last is the last child so far, -1 for none.
	last    int32
	atom    atom.Atom
	foreign bool
}

// maxDepth bounds the open elements; tags beyond it are children of the deepest.
const maxDepth = 512

// grow makes room for n tags.
func grow(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n)
	}
	return s[:n]
}

// build reads the tags of a page.
func (t *tree) build(d *document.Document) {
	n := len(d.Tags)
	t.parent, t.before, t.end = grow(t.parent, n), grow(t.before, n), grow(t.end, n)
	t.stack = t.stack[:0]
	root := int32(-1)
	for i := range d.Tags {
		tag := &d.Tags[i]
		t.end[i] = int32(n)
		if tag.Closing {
			t.close(d, i)
			continue
		}
		t.imply(tag.Atom, i)
		t.parent[i], t.before[i] = -1, root
		foreign := tag.Atom == atom.Svg || tag.Atom == atom.Math
		if k := len(t.stack) - 1; k >= 0 {
			top := &t.stack[k]
			t.parent[i], t.before[i] = top.tag, top.last
			top.last = int32(i)
			foreign = foreign || top.foreign && top.atom != atom.Foreignobject
		} else {
			root = int32(i)
		}
		if isVoid(tag.Atom) || foreign && d.Body[tag.End-2] == '/' {
			t.end[i] = int32(i)
			continue
		}
		if len(t.stack) < maxDepth {
			t.stack = append(t.stack, open{int32(i), -1, tag.Atom, foreign})
		}
	}
}

// pop closes the open elements from k on.
func (t *tree) pop(k, by int) {
	for _, o := range t.stack[k:] {
		t.end[o.tag] = int32(by)
	}
	t.stack = t.stack[:k]
}

// close deals with an end tag: it closes the innermost open element of its name and all within, as far as a
// table's cell or the like (§13.2.4.2).
func (t *tree) close(d *document.Document, i int) {
	tag := &d.Tags[i]
	for k := len(t.stack) - 1; k >= 0; k-- {
		o := &t.stack[k]
		if o.atom == tag.Atom && (tag.Atom != 0 || sameName(d, int(o.tag), i)) || isHeading(o.atom) && isHeading(tag.Atom) {
			t.pop(k, i)
			return
		}
		switch o.atom {
		case atom.Table, atom.Template, atom.Object:
			return
		case atom.Td, atom.Th, atom.Caption, atom.Button:
			if !isTablePart(tag.Atom) {
				return
			}
		default:
		}
	}
}

func isTablePart(a atom.Atom) bool {
	switch a {
	case atom.Table, atom.Tbody, atom.Thead, atom.Tfoot, atom.Tr:
		return true
	default:
	}
	return false
}

// sameName compares the names of a start and an end tag that are none of HTML's.
func sameName(d *document.Document, start, end int) bool {
	return bytes.EqualFold(nameOf(d, start), nameOf(d, end))
}

// nameOf returns a tag's name as it stands in the page.
func nameOf(d *document.Document, i int) []byte {
	t := &d.Tags[i]
	from := t.Start + 1
	if t.Closing {
		from++
	}
	to := from
	for to < t.End && !isSpace(d.Body[to]) && d.Body[to] != '/' && d.Body[to] != '>' {
		to++
	}
	return d.Body[from:to]
}

// imply closes what a start tag closes without saying so.
func (t *tree) imply(a atom.Atom, by int) {
	switch a {
	case atom.Li:
		t.closeOpen(by, atom.Ul, atom.Ol, atom.Li)
	case atom.Dd, atom.Dt:
		t.closeOpen(by, atom.Dl, 0, atom.Dd, atom.Dt)
	case atom.Option, atom.Optgroup:
		t.closeOpen(by, atom.Select, 0, atom.Option)
	case atom.Tr:
		t.closeOpen(by, atom.Table, 0, atom.Tr)
	case atom.Td, atom.Th:
		t.closeOpen(by, atom.Tr, atom.Table, atom.Td, atom.Th)
	case atom.Tbody, atom.Thead, atom.Tfoot:
		t.closeOpen(by, atom.Table, 0, atom.Tbody, atom.Thead, atom.Tfoot)
	case atom.A:
		t.closeOpen(by, atom.Td, atom.Table, atom.A)
	case atom.Button:
		t.closeOpen(by, atom.Td, atom.Table, atom.Button)
	case atom.Body:
		t.closeOpen(by, 0, 0, atom.Head)
	default:
		t.implyBlock(a, by)
	}
}

// implyBlock closes a heading before another, a paragraph before a block, and the head before the body.
func (t *tree) implyBlock(a atom.Atom, by int) {
	if k := len(t.stack) - 1; k >= 0 && isHeading(a) && isHeading(t.stack[k].atom) {
		t.pop(k, by)
	}
	if endsParagraph(a) {
		t.closeOpen(by, atom.Button, atom.Table, atom.P)
	}
	if k := len(t.stack) - 1; k >= 0 && t.stack[k].atom == atom.Head && !inHead(a) {
		t.pop(k, by)
	}
}

// closeOpen closes the innermost open element of the names given, unless one of the two bounds encloses it more closely.
func (t *tree) closeOpen(by int, bound, bound2 atom.Atom, names ...atom.Atom) {
	for k := len(t.stack) - 1; k >= 0; k-- {
		a := t.stack[k].atom
		for _, name := range names {
			if a == name {
				t.pop(k, by)
				return
			}
		}
		if a != 0 && (a == bound || a == bound2) {
			return
		}
	}
}

func isVoid(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta,
		atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	default:
	}
	return false
}

func isHeading(a atom.Atom) bool {
	switch a {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	default:
	}
	return false
}

func inHead(a atom.Atom) bool {
	switch a {
	case atom.Base, atom.Link, atom.Meta, atom.Noscript, atom.Script, atom.Style, atom.Template, atom.Title:
		return true
	default:
	}
	return false
}

func endsParagraph(a atom.Atom) bool {
	switch a {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Center, atom.Details, atom.Dialog, atom.Dir, atom.Div,
		atom.Dl, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Header, atom.Hgroup, atom.Hr, atom.Main, atom.Menu, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section, atom.Summary,
		atom.Table, atom.Ul:
		return true
	default:
	}
	return false
}
