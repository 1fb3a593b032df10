package technology_test

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"telltale/internal/pages"
)

// refPage is a page as the reference reads it: all values of each field.
type refPage struct {
	values map[string][]string
	keyed  map[string]map[string][]string
	doc    *goquery.Document
}

func readReference(t testing.TB, p *pages.Page) *refPage {
	t.Helper()
	// Scripting is off: what stands in noscript is what a reader without a script engine sees.
	root, err := html.ParseWithOptions(bytes.NewReader(p.Body), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	doc := goquery.NewDocumentFromNode(root)
	page := &refPage{doc: doc, values: map[string][]string{"html": {string(p.Body)}, "url": {p.URL}}, keyed: map[string]map[string][]string{
		"headers": {}, "cookies": {}, "meta": {}, "dns": {},
	}}
	base, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	if href, ok := doc.Find("base[href]").Attr("href"); ok {
		if ref, err := base.Parse(strings.TrimSpace(href)); err == nil {
			base = ref
		}
	}
	doc.Find("script").Each(func(_ int, s *goquery.Selection) {
		src := strings.TrimSpace(s.AttrOr("src", ""))
		if src == "" {
			page.values["scripts"] = append(page.values["scripts"], s.Text())
			return
		}
		if ref, err := base.Parse(src); err == nil {
			src = ref.String()
		}
		page.values["scriptSrc"] = append(page.values["scriptSrc"], src)
	})
	doc.Find("style").Each(func(_ int, s *goquery.Selection) { page.values["css"] = append(page.values["css"], s.Text()) })
	doc.Find("meta").Each(func(_ int, s *goquery.Selection) {
		content := strings.Join(strings.Fields(s.AttrOr("content", "")), " ")
		for _, name := range []string{"name", "property", "http-equiv", "itemprop"} {
			if key := strings.ToLower(strings.TrimSpace(s.AttrOr(name, ""))); key != "" && content != "" {
				page.keyed["meta"][key] = append(page.keyed["meta"][key], content)
			}
		}
	})
	var text strings.Builder
	visible(root, &text)
	page.values["text"] = []string{text.String()}
	page.readHeaders(p)
	return page
}

func (page *refPage) readHeaders(p *pages.Page) {
	for name, values := range p.Header {
		key := strings.ToLower(name)
		page.keyed["headers"][key] = append(page.keyed["headers"][key], values...)
		if key != "set-cookie" {
			continue
		}
		for _, v := range values {
			cookie, rest, _ := strings.Cut(v, "=")
			value, _, _ := strings.Cut(rest, ";")
			key := strings.ToLower(strings.TrimSpace(cookie))
			page.keyed["cookies"][key] = append(page.keyed["cookies"][key], value)
		}
	}
}

// visible writes the text of a body: what is not shown left out, blocks set apart, white space as one blank.
func visible(n *html.Node, out *strings.Builder) {
	switch n.Type {
	case html.TextNode:
		words := strings.Fields(n.Data)
		if len(words) == 0 || strings.TrimLeft(n.Data, " \t\r\n\f\u00a0") != n.Data {
			out.WriteByte(' ')
		}
		out.WriteString(strings.Join(words, " "))
		if len(words) > 0 && strings.TrimRight(n.Data, " \t\r\n\f\u00a0") != n.Data {
			out.WriteByte(' ')
		}
	case html.ElementNode:
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Template, atom.Title, atom.Textarea, atom.Iframe, atom.Svg, atom.Math, atom.Noembed, atom.Noframes, atom.Xmp:
			return
		default:
		}
	default:
	}
	inline := n.Type == html.TextNode || n.Type == html.ElementNode && isInline(n.DataAtom)
	if !inline {
		out.WriteByte('\n')
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		visible(c, out)
	}
	if !inline {
		out.WriteByte('\n')
	}
}

func isInline(a atom.Atom) bool {
	switch a {
	case 0, atom.A, atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Cite, atom.Code, atom.Data, atom.Del, atom.Dfn, atom.Em, atom.Font, atom.I,
		atom.Ins, atom.Kbd, atom.Label, atom.Mark, atom.Nobr, atom.Output, atom.Picture, atom.Q, atom.S, atom.Samp, atom.Small, atom.Source, atom.Span, atom.Strike,
		atom.Strong, atom.Sub, atom.Sup, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr, atom.Img:
		return true
	default:
	}
	return false
}

// try evaluates one pattern; it was tried where the page has a value of its field and key.
func (page *refPage) try(p *refPattern) (matched, tried bool) {
	if p.field == "dom" {
		return page.tryDOM(p), true
	}
	values := page.values[p.field]
	if keys, ok := page.keyed[p.field]; ok {
		values = keys[p.key]
		if p.field == "cookies" {
			values = cookieValues(keys, p.key)
		}
	}
	for _, v := range values {
		if p.match == nil || p.match(v) {
			return true, true
		}
	}
	return false, len(values) > 0
}

// cookieValues returns the values of all cookies that a key names, which may end in a star or be an expression.
func cookieValues(cookies map[string][]string, key string) []string {
	var out []string
	for name, values := range cookies {
		prefix, star := strings.CutSuffix(key, "*")
		matched := name == key || star && strings.HasPrefix(name, prefix)
		if !matched && (strings.Contains(key, "]{") || strings.Contains(key, "]+")) {
			matched = regexp.MustCompile("^(?:" + key + ")$").MatchString(name)
		}
		if matched {
			out = append(out, values...)
		}
	}
	return out
}

func (page *refPage) tryDOM(p *refPattern) bool {
	for _, n := range cascadia.QueryAll(page.doc.Nodes[0], p.selector) {
		s := page.doc.FindNodes(n)
		switch {
		case p.attr != "":
			if v, has := s.Attr(p.attr); has && (p.match == nil || p.match(v)) {
				return true
			}
		case p.match == nil || p.match(s.Text()):
			return true
		}
	}
	return false
}
