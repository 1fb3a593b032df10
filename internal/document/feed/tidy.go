package feed

import (
	"bytes"
	"strings"
)

// Bounds on the markup that reaches the XML parser. Its namespace handling copies every binding for
// every element, so their product is what counts.
const (
	maxDepth    = 100
	maxElements = 100_000
	maxTag      = 32 << 10
	// maxHead is how far into a body the root element may begin: warnings and blank lines precede it.
	maxHead = 64 << 10
)

// element is one open element of the output.
type element struct {
	// raw is the name as the input spells it, for matching end tags; name its local part in lower case.
	raw, name string
	// container elements hold elements only; leaf elements hold text only.
	container, leaf bool
	// start is where the element begins in the output.
	start int
}

// tidier rewrites a feed into well-formed XML that is cheap to parse: comments, processing
// instructions, doctypes (and with them every entity declaration) left out, CDATA sections written as
// text, stray markup escaped, forgotten end tags written, illegal characters dropped, all bounded.
type tidier struct {
	in  []byte
	pos int
	// gt is the position of a ">", see nextEnd.
	gt  int
	out bytes.Buffer
	// open are the open elements, skipped the depth of those left out within a leaf or beyond a bound.
	open     []element
	skipped  int
	elements int
	items    int
	ended    bool
	// repairs counts what was mended; what is merely left out or written another way is none.
	repairs int
}

// tidy rewrites a feed and says how much it mended; ErrNotFeed where no root element of a feed is found.
func tidy(in []byte) ([]byte, int, error) {
	at := rootOf(in)
	if at < 0 {
		return nil, 0, ErrNotFeed
	}
	t := tidier{in: in, pos: at, gt: -1}
	t.out.Grow(len(in) - at + 256)
	for t.pos < len(in) && !t.ended {
		t.step()
	}
	t.finish()
	return t.out.Bytes(), t.repairs, nil
}

// rootOf finds the root element of a feed near the beginning, whatever precedes it; -1 for none, and
// for a page that merely contains one.
func rootOf(in []byte) int {
	head := in[:min(len(in), maxHead)]
	for i := 0; i < len(head); i++ {
		if head[i] != '<' {
			continue
		}
		if bytes.HasPrefix(head[i:], []byte("<!--")) {
			end := bytes.Index(head[i:], []byte("-->"))
			if end < 0 {
				return -1
			}
			i += end
			continue
		}
		name := tagName(head[i+1:])
		switch localName(name) {
		case "rss", "rdf", "feed", "channel":
			return i
		case "html", "body":
			return -1
		}
	}
	return -1
}

// step handles the text or the piece of markup at pos.
func (t *tidier) step() {
	rest := t.in[t.pos:]
	if rest[0] != '<' {
		n := bytes.IndexByte(rest, '<')
		if n < 0 {
			n = len(rest)
		}
		t.text(rest[:n])
		t.pos += n
		return
	}
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		t.pos += lengthTo(rest, 4, "-->")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		n := lengthTo(rest, 9, "]]>")
		t.cdata(bytes.TrimSuffix(rest[9:n], []byte("]]>")))
		t.pos += n
	case bytes.HasPrefix(rest, []byte("<?")):
		t.pos += lengthTo(rest, 2, "?>")
	case bytes.HasPrefix(rest, []byte("<!")):
		t.pos += doctypeLength(rest)
	case bytes.HasPrefix(rest, []byte("</")):
		t.endTag(rest)
	default:
		t.startTag(rest)
	}
}

// lengthTo is the length of a construct that ends with a terminator after skip bytes, or all that is left.
func lengthTo(rest []byte, skip int, terminator string) int {
	if i := bytes.Index(rest[skip:], []byte(terminator)); i >= 0 {
		return skip + i + len(terminator)
	}
	return len(rest)
}

// doctypeLength is the length of a declaration, its internal subset included.
func doctypeLength(rest []byte) int {
	subset := 0
	for i, c := range rest {
		switch {
		case c == '[':
			subset++
		case c == ']':
			subset--
		case c == '>' && subset <= 0:
			return i + 1
		}
	}
	return len(rest)
}

func (t *tidier) startTag(rest []byte) {
	name, end := tagName(rest[1:]), -1
	if name != "" && t.nextEnd()-t.pos < maxTag {
		end = tagEnd(rest)
	}
	if end < 0 {
		t.stray()
		return
	}
	t.pos += end + 1
	closed := rest[end-1] == '/'
	local := localName(name)
	if isItem(local) && !t.startItem() {
		return
	}
	if t.skipped == 0 && isField(local) && len(t.open) > 1 && isText(t.open[len(t.open)-1].name) {
		t.repairs++
		t.closeTo(len(t.open) - 1)
	}
	if t.skipped > 0 || !t.admit() {
		if !closed {
			t.skipped++
		}
		return
	}
	t.elements++
	e := t.describe(name, local)
	t.writeTag(name, rest[1+len(name):end], closed)
	if !closed {
		t.open = append(t.open, e)
	}
}

// nextEnd is where the next ">" stands, the end of the input where there is none. It looks at every
// byte once, however many tags lack their end.
func (t *tidier) nextEnd() int {
	if t.gt < t.pos {
		t.gt = len(t.in)
		if i := bytes.IndexByte(t.in[t.pos:], '>'); i >= 0 {
			t.gt = t.pos + i
		}
	}
	return t.gt
}

// startItem closes an item that was left open and counts the next one; false where that is one too many.
func (t *tidier) startItem() bool {
	for i := range t.open {
		if isItem(t.open[i].name) {
			t.repairs++
			t.closeTo(i)
			t.skipped = 0
			break
		}
	}
	if t.items++; t.items > MaxItems+1 {
		t.closeTo(0)
		t.ended = true
	}
	return !t.ended
}

// admit says whether another element may stand here.
func (t *tidier) admit() bool {
	if t.elements >= maxElements || len(t.open) >= maxDepth {
		return false
	}
	return len(t.open) == 0 || !t.open[len(t.open)-1].leaf
}

func (t *tidier) describe(name, local string) element {
	e := element{raw: name, name: local, start: t.out.Len()}
	prefixed := strings.IndexByte(name, ':') >= 0
	switch local {
	case "rss", "rdf", "channel", "item", "feed", "entry", "author", "contributor", "image", "textinput", "source", "items":
		e.container = true
	default:
		e.leaf = prefixed
	}
	return e
}

// stray writes a "<" that begins no tag as text.
func (t *tidier) stray() {
	t.repairs++
	t.text(t.in[t.pos : t.pos+1])
	t.pos++
}

func (t *tidier) endTag(rest []byte) {
	name := tagName(rest[2:])
	end := t.nextEnd() - t.pos
	if name == "" || end >= min(len(rest), maxTag) {
		t.stray()
		return
	}
	t.pos += end + 1
	if t.skipped > 0 {
		if t.open[len(t.open)-1].raw != name && !isContainerName(name) {
			t.skipped--
			return
		}
		t.skipped = 0
	}
	for i := len(t.open) - 1; i >= 0; i-- {
		if strings.EqualFold(t.open[i].raw, name) {
			if i < len(t.open)-1 || t.open[i].raw != name {
				t.repairs++
			}
			t.closeTo(i)
			t.ended = i == 0
			return
		}
		// An end tag within an item never closes what is around the item.
		if isItem(t.open[i].name) && !isContainerName(name) {
			break
		}
	}
	t.repairs++
}

// closeTo writes the end tags of all open elements down to index i.
func (t *tidier) closeTo(i int) {
	for j := len(t.open) - 1; j >= i; j-- {
		t.out.WriteString("</")
		t.out.WriteString(t.open[j].raw)
		t.out.WriteByte('>')
	}
	t.open = t.open[:i]
}

// finish closes what a cut-off body left open. An item that was cut is dropped, where others are whole.
func (t *tidier) finish() {
	if t.ended {
		return
	}
	t.repairs++
	for i := range t.open {
		if isItem(t.open[i].name) && t.items > 1 {
			t.out.Truncate(t.open[i].start)
			t.open = t.open[:i]
			break
		}
	}
	t.closeTo(0)
}
