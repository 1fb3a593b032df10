package document

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"telltale/internal/pages"
)

// TestHostilePagesStayWithinBounds asserts the bounds, not the clock; that each ends at all is the
// rest of the claim, as every one of them costs a naive parser quadratic time or unbounded memory.
func TestHostilePagesStayWithinBounds(t *testing.T) {
	many := strings.Repeat
	for name, body := range map[string]string{
		"ten megabytes of <":            many("<", 10<<20),
		"nested 100,000 deep":           many("<div>", 100_000) + "x" + many("</div>", 100_000),
		"nested and never closed":       many("<table><tr><td><ul><li>", 60_000),
		"end tags without start":        many("</div></li></td>", 100_000),
		"a megabyte attribute":          `<a href="` + many("x", 1<<20) + `">t</a><p class="` + many("y ", 1<<19) + `">z`,
		"a hundred thousand attributes": "<div " + many("a=1 b=2 ", 50_000) + ">x</div>",
		"unclosed everything":           `<html><head><title>T<body><p><a href="x"><h1><ul><li><table><td><form><nav>text<script>var a = "`,
		"an unclosed comment":           "<p>a<!--" + many("- ", 1<<20),
		"an unclosed attribute":         `<p>a</p><a href="` + many("b ", 1<<19),
		"links without end":             many(`<a href="/a">x</a>`, 50_000),
		"blocks without end":            many("<p>x", 100_000),
		"scripts without end":           many("<script src=x></script>", 20_000),
		"metas without end":             many(`<meta name=a content=b>`, 20_000),
		"one block without a boundary":  many("word ", 1<<19),
		"entities without end":          many("&amp;&#x41;&notanentity;&", 100_000),
		"NULs and broken UTF-8":         many("\x00\xff\xc3<p>", 100_000),
		"headings in headings":          many("<h1>", 100_000) + "x",
		"anchors in anchors":            many(`<a href=/a>`, 50_000) + "text",
	} {
		t.Run(name, func(t *testing.T) {
			check(t, parse(t, body), len(body))
		})
	}
}

func check(t *testing.T, d *Document, size int) {
	t.Helper()
	text := 0
	for i, b := range d.Blocks {
		text += len(b.Text)
		if b.Text == "" || !utf8.ValidString(b.Text) || b.Offset < 0 || b.Offset >= size {
			t.Fatalf("block %d: %d bytes at %d of %d", i, len(b.Text), b.Offset, size)
		}
	}
	if text > maxText+maxBlock+64<<10 || len(d.Blocks) > maxBlocks+1 || len(d.Links) > maxLinks || len(d.Scripts)+len(d.JSONLD) > maxScripts || len(d.Metas) > maxMetas {
		t.Fatalf("%d bytes, %d blocks, %d links, %d scripts, %d metas", text, len(d.Blocks), len(d.Links), len(d.Scripts), len(d.Metas))
	}
	for _, l := range d.Links {
		if !strings.HasPrefix(l.URL, "http") || !utf8.ValidString(l.Text) || len(l.Text) > maxLinkText {
			t.Fatalf("link %+v", l)
		}
	}
	if len(d.Title) > maxTitle || !utf8.ValidString(d.Title) {
		t.Fatalf("title of %d bytes", len(d.Title))
	}
}

func TestAClippedPageSaysSo(t *testing.T) {
	if d := parse(t, strings.Repeat(`<a href="/a">x</a>`, maxLinks+1)); !d.Clipped {
		t.Error("links beyond the bound, and not marked")
	}
	p := page("<p>x")
	p.Truncated = true
	if d, err := Parse(p); err != nil || !d.Clipped {
		t.Error("a truncated page is not marked")
	}
	if parse(t, "<p>x</p>").Clipped {
		t.Error("a whole page is marked")
	}
}

func FuzzParse(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*.html")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range seeds {
		raw, err := os.ReadFile(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("text/html", raw)
	}
	for _, s := range []string{"", "<p>a<b>c</p>", "<svg><title>x</title>", "<a href=//x><h1>", "\x00\xff&#xD800;&amp", "<noscript><p>", "<base href=http://[>", "<script>", "<time datetime=2026-99-99>", "\x84\n\n0", "<\x00p\x00>\x00x\x00"} {
		f.Add("text/html", []byte(s))
		f.Add("text/plain", []byte(s))
		f.Add("", []byte(s))
	}
	f.Fuzz(func(t *testing.T, media string, body []byte) {
		d, err := Parse(&pages.Page{Domain: "acme.example", URL: "https://acme.example/", FetchedAt: fetched, Body: body, Header: map[string][]string{"Content-Type": {media}}})
		if err != nil {
			t.Fatal(err)
		}
		check(t, d, len(d.Body))
	})
}
