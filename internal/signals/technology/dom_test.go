package technology

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"telltale/internal/document"
	"telltale/internal/pages"
)

func docOf(t testing.TB, body string) *document.Document {
	t.Helper()
	d, err := document.Parse(&pages.Page{URL: "https://acme.example/", Domain: "acme.example", Header: map[string][]string{"Content-Type": {"text/html"}}, Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// selected returns the start tags a selector finds on a page.
func selected(t *testing.T, selector, body string) string {
	t.Helper()
	sel, err := parseSelector(selector)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(Rules{"T": {DOM: domRules{{selector: "nothing-at-all", exists: &strs{""}}}}})
	if err != nil {
		t.Fatal(err)
	}
	s := m.acquire(docOf(t, body))
	var out []string
	for k := range s.doc.Tags {
		if !s.doc.Tags[k].Closing && s.selects(sel, len(sel.compounds)-1, k) {
			out = append(out, string(s.tagBytes(k)))
		}
	}
	return strings.Join(out, "")
}

func TestSelectorsFindTheElementsOfThePage(t *testing.T) {
	const page = `<div id=a class="x wide"><p class=one>1<p class="two x">2<ul><li>a<li><b lang=en-GB>c</b></ul></div>
<section data-V="Big&amp;Small"><x-y></x-y><img src="/i/Logo.PNG"><a href="https:&#x2F;&#x2F;acme.example&#x2F;">z</a></section><!-- <i class=x> --><script>"<i class=x>"</script>`
	for selector, want := range map[string]string{
		`.x`: `<div id=a class="x wide"><p class="two x">`, `#a`: `<div id=a class="x wide">`, `p.x`: `<p class="two x">`, `*.one`: `<p class=one>`,
		`div > p`: `<p class=one><p class="two x">`, `div>ul>li`: `<li><li>`, `p > p`: ``, `div b`: `<b lang=en-GB>`, `ul > b`: ``,
		`p + ul`: `<ul>`, `.one ~ ul`: `<ul>`, `ul + p`: ``, `li + li b`: `<b lang=en-GB>`,
		`[lang|=en]`: `<b lang=en-GB>`, `[lang|='en-GB']`: `<b lang=en-GB>`, `[data-v='Big&Small']`: `<section data-V="Big&amp;Small">`,
		`[src$=".PNG"]`: `<img src="/i/Logo.PNG">`, `[src$=".png" i]`: `<img src="/i/Logo.PNG">`, `[src$='.png']`: ``, `img[src*=Logo]`: `<img src="/i/Logo.PNG">`,
		`a[href^="https://acme"]`: `<a href="https:&#x2F;&#x2F;acme.example&#x2F;">`, `x-y`: `<x-y>`, `section > *`: `<x-y><img src="/i/Logo.PNG"><a href="https:&#x2F;&#x2F;acme.example&#x2F;">`,
		`i`: ``, `[class*='']`: ``, `.x.wide[id]`: `<div id=a class="x wide">`, `a[id!='q'][href]`: `<a href="https:&#x2F;&#x2F;acme.example&#x2F;">`, `[data\-v]`: `<section data-V="Big&amp;Small">`,
	} {
		if got := selected(t, selector, page); got != want {
			t.Errorf("%s: %s, want %s", selector, got, want)
		}
	}
}

func TestSelectorsThatCannotBeReadAreErrors(t *testing.T) {
	for _, s := range []string{"", " ", "a:hover", "a >", "> a", "a >> b", "[a", "[a='b]", "[=b]", "a,b", ".", "#", "[a=]", "\xff", "a[b]c", strings.Repeat("a", maxSelector+1)} {
		if sel, err := parseSelector(s); err == nil {
			t.Errorf("%q: %+v", clipped(s), sel)
		}
	}
	if got := splitSelectors(`a[x="1,2"], b[y=',']\,c , d`); len(got) != 3 {
		t.Errorf("%q", got)
	}
}

func TestEachDemandOnAnElementIsAPatternOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct{ dom, body, want string }{
		"one attribute of two":        {`{".a":{"attributes":{"href":"nothing","title":"some ([0-9.]+)\\;version:\\1"}}}`, `<a class=a title="some 1.5" href="/x">`, "T 1.5"},
		"text in spite of attributes": {`{".a":{"attributes":{"href":"nothing"},"text":"some"}}`, `<a class=a href=x>so<b>me</b></a>`, "T "},
		"existence":                   {`{".a":{"exists":"\\;version:2","text":"nothing"}}`, `<a class=a>`, "T 2"},
		"an attribute that is there":  {`{".a":{"attributes":{"data-x":""}}}`, `<a class=a data-x>`, "T "},
		"an attribute that is not":    {`{".a":{"attributes":{"data-x":""}}}`, `<a class=a>`, ""},
		"text over markup":            {`{"button":{"text":"Sign in with Acme"}}`, `<button>Sign <i>in</i> with&#32;<b>Ac</b>me</button>`, "T "},
		"text of another element":     {`{"button":{"text":"Sign in"}}`, `<p>Sign in</p><button>x</button>`, ""},
		"text of a style":             {`{"style":{"text":"--own-mark"}}`, `<style>.a{--own-mark:1}</style>`, "T "},
		"text of the next style":      {`{"style#x":{"text":"--own-mark"}}`, `<style>.a{--own-mark:1}</style><style id=x>--own-mark</style>`, "T "},
		"text outside any style":      {`{"style":{"text":"--own-mark"}}`, `<style>.a{}</style>--own-mark`, ""},
		"a title":                     {`{"title":{"text":"^Own Page$"}}`, `<title>Own Page</title>`, "T "},
		"a list of selectors":         {`["nothing","i.b, b.c > i.d"]`, `<b class=c><i class=d></b>`, "T "},
		"confidence of a selector":    {`["i.b\\;confidence:40"]`, `<i class=b>`, "T "},
		"properties alone":            {`{"i.b":{"properties":{"x":""}}}`, `<i class=b>`, ""},
		"references hide no word":     {`"a[href*='own.example/own']"`, `<a href="&#104;ttps:&#x2F;&#x2F;own.example&sol;own">`, "T "},
		"a reference without an end":  {`"a[href*='a=1&copy=own-mark']"`, `<a href="?a=1&copy=own-mark">`, "T "},
	} {
		t.Run(name, func(t *testing.T) {
			var rules domRules
			if err := rules.UnmarshalJSON([]byte(c.dom)); err != nil {
				t.Fatal(err)
			}
			m, err := New(Rules{"T": {DOM: rules}})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, d := range m.Match(docOf(t, c.body)) {
				got += d.Name + " " + d.Version
				if d.Evidence == "" || d.Kind != FieldDOM || name == "confidence of a selector" && d.Confidence != 40 {
					t.Errorf("%+v", d)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q; %s", got, c.want, m.Report())
			}
		})
	}
}

// FuzzAttributes compares the reader of attributes with the tokenizer it follows.
func FuzzAttributes(f *testing.F) {
	for _, s := range []string{`<a b=c d="e" f='g' h>`, `<a =b c= d>`, `<a/b/c=d/>`, `<a b = "x&amp;y&#x2F;&copy=1&notit;&lt" c`, "<a\nb\t=\r'x'\fc>", `<x-y a="1"b=2 a=3>`, "<a \x88 \xff K k>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		z := html.NewTokenizer(strings.NewReader(s))
		if tt := z.Next(); tt != html.StartTagToken && tt != html.SelfClosingTagToken || strings.ContainsAny(s, "\r\x00") || strings.Count(s, "=") > maxAttributes {
			return
		}
		raw := append([]byte(nil), z.Raw()...)
		tok := z.Token()
		var got []attribute
		for _, a := range attributes(raw, nil) {
			if !slices.ContainsFunc(got, func(b attribute) bool { return folded(a.name) == folded(b.name) }) {
				got = append(got, a)
			}
		}
		if len(got) != len(tok.Attr) {
			t.Fatalf("%q: %d attributes, want %d", raw, len(got), len(tok.Attr))
		}
		for i, a := range tok.Attr {
			if folded(got[i].name) != a.Key || string(decoded(got[i].value)) != a.Val {
				t.Errorf("%q: %q=%q, want %q=%q", raw, got[i].name, decoded(got[i].value), a.Key, a.Val)
			}
		}
	})
}

// folded is a name in lower case as HTML has it: of ASCII letters only, and byte by byte.
func folded(name []byte) string {
	out := slices.Clone(name)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return string(out)
}

// FuzzSelector holds the parser of selectors to its bounds, and what it reads to be applicable to any page.
func FuzzSelector(f *testing.F) {
	f.Add(`div.a > #b [c*='d' i] + e ~ *`, `<div class=a><p id=b><i c=d><e></e></i></p>`)
	f.Add(`[data\:x="\22 y"]`, `<a data:x='"y'>`)
	f.Fuzz(func(t *testing.T, selector, body string) {
		if len(body) > 4000 {
			return
		}
		for _, part := range splitSelectors(selector) {
			if sel, err := parseSelector(part); err == nil {
				if len(sel.joins) != len(sel.compounds)-1 {
					t.Fatalf("%+v", sel)
				}
				selected(t, part, body)
			}
		}
	})
}
