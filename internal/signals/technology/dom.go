package technology

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// selector is a compound CSS selector: a tag, an id, classes and attributes, no combinators.
// It is found by a literal and checked on the one tag that holds it.
type selector struct {
	tag     string
	attrs   []attrTest
	literal string
	// wants are the patterns the element's attributes must match; text the pattern of the text right behind the tag.
	wants []attrWant
	text  *regexp.Regexp
}

type attrTest struct{ name, op, value string }

type attrWant struct {
	name string
	re   *regexp.Regexp
}

var errSelector = errors.New("selector is not simple")

// maxOccurrences bounds how many places of a selector's literal are looked at.
const maxOccurrences = 64

// domPattern files a dom rule: each selector of a list, each demand of an object.
func (b *builder) domPattern(id int32, r *domRule, number int) {
	if r.properties > 0 {
		b.m.report.NeedsScript += r.properties
		if r.exists == "" && len(r.text) == 0 && len(r.attributes) == 0 {
			return
		}
	}
	_, existsVersion, confidence := tags(r.exists)
	for part := range strings.SplitSeq(r.selector, ",") {
		expr, version, c := tags(strings.TrimSpace(part))
		sel, err := parseSelector(expr)
		if err != nil {
			b.skip(id, "dom", part, err.Error())
			continue
		}
		p := pattern{tech: id, field: FieldDOM, dom: sel, confidence: min(confidence, c), version: version + existsVersion,
			id: fmt.Sprintf("%s/dom/%s#%d", b.m.techs[id].name, expr, number)}
		if err := demandsOf(sel, r, &p); err != nil {
			b.skip(id, "dom", part, err.Error())
			continue
		}
		b.file(p, [][]string{{strings.ToLower(sel.literal)}})
	}
}

// demandsOf compiles the patterns on attributes and text of a dom rule.
func demandsOf(sel *selector, r *domRule, p *pattern) error {
	for _, name := range sortedKeys(r.attributes) {
		for _, raw := range r.attributes[name] {
			expr, version, _ := tags(raw)
			re, _, err := compile(expr)
			if err != nil {
				return err
			}
			p.version += version
			sel.wants = append(sel.wants, attrWant{strings.ToLower(name), re})
		}
	}
	for _, raw := range r.text {
		expr, version, _ := tags(raw)
		re, _, err := compile(expr)
		if err != nil {
			return err
		}
		p.version += version
		sel.text = re
	}
	return nil
}

var selectorTag = regexp.MustCompile(`^[a-zA-Z][\w-]*`)

var selectorPart = regexp.MustCompile(`^(?:([#.])([\w-]+)|\[\s*([\w:.-]+)\s*(?:([*^$~|]?=)\s*(?:"([^"]*)"|'([^']*)'|([^\]\s"']+))\s*(?:[iI]\s*)?)?\])`)

// parseSelector reads a compound selector that has a literal of minLiteral bytes or more.
func parseSelector(s string) (*selector, error) {
	tag := selectorTag.FindString(s)
	sel := &selector{tag: strings.ToLower(tag)}
	for rest := s[len(tag):]; rest != ""; {
		m := selectorPart.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("%w: %q", errSelector, s)
		}
		rest = rest[len(m[0]):]
		t := attrTest{name: strings.ToLower(m[3]), op: m[4], value: m[5] + m[6] + m[7]}
		switch m[1] {
		case "#":
			t = attrTest{"id", "=", m[2]}
		case ".":
			t = attrTest{"class", "~=", m[2]}
		}
		sel.attrs = append(sel.attrs, t)
		literal := t.value
		if literal == "" {
			literal = t.name
		}
		if len(literal) > len(sel.literal) {
			sel.literal = literal
		}
	}
	if len(sel.literal) < minLiteral {
		return nil, fmt.Errorf("%w: %q has no literal to find it by", errSelector, s)
	}
	return sel, nil
}

// inElements checks dom candidates on the tags that hold their literals, outside scripts.
func (s *scratch) inElements(candidates []int32) {
	for _, n := range candidates {
		p := &s.m.patterns[n]
		from := 0
		for range maxOccurrences {
			at := bytes.Index(s.doc.Body[from:], []byte(p.dom.literal))
			if at < 0 {
				break
			}
			at += from
			from = at + len(p.dom.literal)
			if s.element(p, at) {
				break
			}
		}
	}
}

// element checks the tag around an offset; it reports whether the pattern matched.
func (s *scratch) element(p *pattern, at int) bool {
	const maxTag = 4096
	body := s.doc.Body
	lo := max(0, at-maxTag)
	open := bytes.LastIndexByte(body[lo:at], '<')
	if open < 0 || s.inScript(lo+open) {
		return false
	}
	open += lo
	z := html.NewTokenizer(bytes.NewReader(body[open:min(len(body), open+2*maxTag)]))
	if tt := z.Next(); tt != html.StartTagToken && tt != html.SelfClosingTagToken {
		return false
	}
	raw := string(z.Raw())
	if open+len(raw) <= at {
		return false
	}
	tok := z.Token()
	text := ""
	if p.dom.text != nil && z.Next() == html.TextToken {
		text = string(z.Text())
	}
	groups, ok := p.dom.matches(&tok, text)
	if ok {
		s.record(p, groups, clipEvidence(raw, 0), open)
	}
	return ok
}

func (s *scratch) inScript(at int) bool {
	for i := range s.doc.Scripts {
		if sc := &s.doc.Scripts[i]; sc.Text != "" && at >= sc.Offset && at < sc.Offset+len(sc.Text) {
			return true
		}
	}
	return false
}

// matches checks an element; groups are those of the last pattern that matched.
func (sel *selector) matches(tok *html.Token, text string) (groups []string, ok bool) {
	if sel.tag != "" && sel.tag != tok.Data {
		return nil, false
	}
	for _, t := range sel.attrs {
		if v, has := valueOf(tok, t.name); !has || !t.holds(v) {
			return nil, false
		}
	}
	for _, w := range sel.wants {
		v, has := valueOf(tok, w.name)
		m := w.re.FindStringSubmatch(v)
		if !has || m == nil {
			return nil, false
		}
		groups = m
	}
	if sel.text != nil {
		m := sel.text.FindStringSubmatch(text)
		if m == nil {
			return nil, false
		}
		groups = m
	}
	return groups, true
}

func valueOf(tok *html.Token, name string) (string, bool) {
	for _, a := range tok.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// holds applies an attribute operator (Selectors Level 4 §6).
func (t attrTest) holds(v string) bool {
	switch t.op {
	case "=":
		return v == t.value
	case "*=":
		return strings.Contains(v, t.value)
	case "^=":
		return strings.HasPrefix(v, t.value)
	case "$=":
		return strings.HasSuffix(v, t.value)
	case "|=":
		return v == t.value || strings.HasPrefix(v, t.value+"-")
	case "~=":
		for w := range strings.FieldsSeq(v) {
			if w == t.value {
				return true
			}
		}
		return false
	}
	return true
}
