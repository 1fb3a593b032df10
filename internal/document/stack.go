package document

import (
	"golang.org/x/net/html/atom"
)

// Reasons for which text counts as chrome, as bits of frame.chrome.
const (
	chromeNav uint8 = 1 << iota
	chromeHeader
	chromeFooter
	chromeAside
	chromeForm
	chromeCookie
	chromeHidden
)

// frame is one open element.
type frame struct {
	tag  atom.Atom
	role Role
	// chrome holds the reasons inherited from the elements around it and its own.
	chrome uint8
	// mute drops all text within.
	mute bool
	// mark is the length of the text buffer when the element was opened.
	mark int
	// box is the element's number.
	box int32
	// comment says that what is within was written by readers.
	comment bool
}

// stack is the list of open elements, bounded; elements beyond the bound are counted, not kept.
type stack struct {
	frames   []frame
	overflow int
}

func (s *stack) top() frame {
	if len(s.frames) == 0 {
		return frame{}
	}
	return s.frames[len(s.frames)-1]
}

func (s *stack) push(f frame) {
	if len(s.frames) >= maxDepth {
		s.overflow++
		return
	}
	s.frames = append(s.frames, f)
}

// pop closes the innermost open element of that tag and all within it, as far as the nearest of the
// elements that limit its scope (HTML §13.2.4.2); without one it does nothing.
func (s *stack) pop(tag atom.Atom) {
	if s.overflow > 0 {
		s.overflow--
		return
	}
	for i := len(s.frames) - 1; i >= 0; i-- {
		open := s.frames[i].tag
		if open == tag || isHeading(open) && isHeading(tag) {
			s.frames = s.frames[:i]
			return
		}
		if limitsScope(open, tag) {
			return
		}
	}
}

// limitsScope says which open elements an end tag does not reach through.
func limitsScope(open, tag atom.Atom) bool {
	switch open {
	case atom.Table, atom.Template, atom.Object:
		return tag != atom.Body && tag != atom.Html
	case atom.Td, atom.Th, atom.Caption:
		return tag != atom.Tr && tag != atom.Table && tag != atom.Tbody && tag != atom.Thead && tag != atom.Tfoot
	case atom.Ul, atom.Ol, atom.Menu:
		return tag == atom.Li
	default:
	}
	return false
}

// closeImplied closes what a start tag closes without saying so: a list item before the next one,
// a cell or row before the next, a heading that already has text before any block.
func (s *stack) closeImplied(tag atom.Atom, textLen int) {
	if s.overflow > 0 {
		return
	}
	switch tag {
	case atom.Li, atom.Tr:
		s.pop(tag)
	case atom.Td, atom.Th:
		s.closeCell()
	case atom.Body:
		s.frames = s.frames[:0]
	default:
	}
	if f := s.top(); isHeading(f.tag) && (isHeading(tag) || textLen > f.mark) {
		s.frames = s.frames[:len(s.frames)-1]
	}
}

func (s *stack) closeCell() {
	for i := len(s.frames) - 1; i >= 0; i-- {
		switch s.frames[i].tag {
		case atom.Td, atom.Th:
			s.frames = s.frames[:i]
			return
		case atom.Table, atom.Tr, atom.Template:
			return
		default:
		}
	}
}

// unform takes the form reason away from all open elements: the form wraps the page.
func (s *stack) unform() {
	for i := range s.frames {
		s.frames[i].chrome &^= chromeForm
	}
}

func (s *stack) has(tag atom.Atom) bool {
	for i := range s.frames {
		if s.frames[i].tag == tag {
			return true
		}
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

// tagTrait says how an element bears on text: whether it bounds a block, is kept on the stack, its
// role and its reason for chrome.
type tagTrait struct {
	block, keep, mute bool
	role              Role
	hasRole           bool
	chrome            uint8
}

// trait returns what is known of an element; unknown elements are inline.
func trait(a atom.Atom) tagTrait {
	switch a {
	case atom.P, atom.Hr, atom.Dd, atom.Dt, atom.Option, atom.Pre, atom.Legend, atom.Optgroup, atom.Figcaption, atom.Img:
		return tagTrait{block: a != atom.Img}
	case atom.Div, atom.Section, atom.Article, atom.Main, atom.Body, atom.Html, atom.Head, atom.Ul, atom.Ol, atom.Dl,
		atom.Menu, atom.Table, atom.Tbody, atom.Thead, atom.Tfoot, atom.Tr, atom.Figure, atom.Fieldset, atom.Center,
		atom.Address, atom.Details, atom.Summary, atom.Hgroup, atom.Object:
		return tagTrait{block: true, keep: true}
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return tagTrait{block: true, keep: true, role: RoleHeading, hasRole: true}
	case atom.Li:
		return tagTrait{block: true, keep: true, role: RoleListItem, hasRole: true}
	case atom.Blockquote:
		return tagTrait{block: true, keep: true, role: RoleQuote, hasRole: true}
	case atom.Td, atom.Th, atom.Caption:
		return tagTrait{block: true, keep: true, role: RoleTable, hasRole: true}
	case atom.Template, atom.Svg, atom.Math:
		return tagTrait{keep: true, mute: true}
	default:
	}
	return chromeTrait(a)
}

func chromeTrait(a atom.Atom) tagTrait {
	var c uint8
	switch a {
	case atom.Nav:
		c = chromeNav
	case atom.Header:
		c = chromeHeader
	case atom.Footer:
		c = chromeFooter
	case atom.Aside:
		c = chromeAside
	case atom.Form, atom.Select, atom.Textarea, atom.Button, atom.Datalist, atom.Dialog:
		c = chromeForm
	case atom.Noscript, atom.Video, atom.Audio, atom.Canvas:
		c = chromeHidden
	default:
		return tagTrait{}
	}
	return tagTrait{block: true, keep: true, chrome: c}
}
