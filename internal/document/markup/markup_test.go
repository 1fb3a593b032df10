package markup_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"telltale/internal/document/markup"
)

// seeds are the odd corners of the tokenization rules.
func seeds() []string {
	return []string{
		"", "a", "<", "</", "<!", "<?", "a<b", "<a", "<a ", "</a", "</ a>", "</>", "<>", "< a>", "<1>", "a < b <c> d", "<!>", "<!->", "<!-->", "<!--->", "<!---->", "<!-- a -- > b -->", "<!-- a --!> b", "<!-- --!- -->",
		"<!--!>x-->", "<!---!>x-->", "<!DOCTYPE html>x", "<!doc", "<![CDATA[x]]>y", "<?xml a='>'?>", "<br/>", "<br / >", "<p a=/>", "<p a='/'/>", "<p a=1 a=b/>", "<a =b c= d>", "<a/b/c=d/>", "<a b=c\"d e='f\"g' h>", "<a b='>", "<a b = \n 'c' d>",
		"<title>a<b>c</title >d", "<title>a</titlex></title/>b", "<TEXTAREA></textarea></TEXTAREA>", "<plaintext>a</plaintext><b>", "<style></style", "<iframe><a></iframe>", "<noscript><a></noscript>", "<xmp/><b></xmp>",
		"<script>a</script>b", "<script>a</script", "<script><!-- <script>a</script> b --> </script>c", "<script><!--<script >x</script>y</script>z", "<script><!-- a < b </script>c", "<script><!-- <script/ -- > --></script>d",
		"<script><!--></script>a", "<script><!-- <scriptx> </script>a", "<script><!-- </scr-- --></script>a", "<SCRIPT><!-- <ScRiPt> </sCrIpT> </SCRIPT> b", "<script><!-- < --></script>a",
		"<a b=&#7@ c='&#0;&#;&#x;&#xg&#x9&#X41z' d=&#4294967337; e=&#x110000 f=&#128; g=&#13;&#xd800 h=&#>", "<a b=&amp c=&ampx d=&amp=1 e=&copy&notit; f='&;&&#' g=&#",
	}
}

// oracle is a token as golang.org/x/net/html has it.
type oracle struct {
	raw  string
	kind markup.Kind
	name string
	attr []html.Attribute
	self bool
}

func peers(body string) []oracle {
	z := html.NewTokenizer(strings.NewReader(body))
	var out []oracle
	for {
		tt := z.Next()
		if tt == html.ErrorToken {
			return out
		}
		o := oracle{raw: string(z.Raw()), kind: markup.Other}
		switch tt {
		case html.TextToken:
			o.kind = markup.Text
		case html.StartTagToken, html.SelfClosingTagToken:
			o.kind, o.self = markup.StartTag, tt == html.SelfClosingTagToken
			o.tag(z)
		case html.EndTagToken:
			o.kind = markup.EndTag
			o.tag(z)
		default:
		}
		out = append(out, o)
	}
}

func (o *oracle) tag(z *html.Tokenizer) {
	t := z.Token()
	o.name, o.attr = t.Data, t.Attr
}

// compare checks every token of a page against the peer's.
func compare(t *testing.T, body string) {
	t.Helper()
	z := markup.New([]byte(body))
	at := 0
	for i, want := range peers(body) {
		kind := z.Next()
		s := z.Span()
		if s.Start != at || kind != want.kind || body[s.Start:s.End] != want.raw {
			t.Fatalf("token %d is %d %q at %d, want %d %q at %d", i, kind, body[s.Start:s.End], s.Start, want.kind, want.raw, at)
		}
		at = s.End
		if kind == markup.StartTag || kind == markup.EndTag {
			compareTag(t, z, body, &want)
		}
	}
	if kind := z.Next(); kind != markup.End || z.Next() != markup.End {
		t.Fatalf("a token of kind %d behind the last at %d", kind, at)
	}
}

func compareTag(t *testing.T, z *markup.Tokenizer, body string, want *oracle) {
	t.Helper()
	if got := folded(string(z.Name())); got != want.name {
		t.Fatalf("%q: name %q, want %q", want.raw, got, want.name)
	}
	seen := map[string]bool{}
	n := 0
	for _, a := range z.Attrs() {
		key := folded(body[a.Key.Start:a.Key.End])
		if seen[key] {
			continue
		}
		seen[key] = true
		if n == len(want.attr) {
			t.Fatalf("%q: one attribute too many: %q", want.raw, key)
		}
		w := want.attr[n]
		if n++; w.Key != key || markup.Decode(body[a.Value.Start:a.Value.End], 1<<20) != strings.ToValidUTF8(w.Val, "\uFFFD") {
			t.Fatalf("%q: %q=%q, want %q=%q", want.raw, key, markup.Decode(body[a.Value.Start:a.Value.End], 1<<20), w.Key, w.Val)
		}
	}
	if n != len(want.attr) && len(z.Attrs()) < 256 {
		t.Fatalf("%q: %d attributes, want %d", want.raw, n, len(want.attr))
	}
	if doubled := len(z.Attrs()) > n; want.kind == markup.StartTag && !doubled && len(z.Attrs()) < 256 && z.SelfClosing() != want.self {
		t.Fatalf("%q: closes itself: %v, want %v", want.raw, z.SelfClosing(), want.self)
	}
}

// folded is a name as the peer returns it: ASCII letters in lower case, NULs replaced.
func folded(s string) string {
	return strings.ReplaceAll(asciiLower(s), "\x00", "\uFFFD")
}

func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func TestTokensAreThoseOfThePeer(t *testing.T) {
	for _, body := range seeds() {
		compare(t, body)
	}
}

func FuzzTokens(f *testing.F) {
	for _, body := range seeds() {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) { compare(t, body) })
}
