package document

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"telltale/internal/pages"
)

func TestOffsetsLeadBackToTheBody(t *testing.T) {
	body := "<html><body>\n<p>  Zoë &amp; co</p>\n<div><b>second</b> block</div><ul><li>&nbsp; third &eacute;</ul><script> var x = 1 </script><a href=/x>l</a>"
	d := parse(t, body)
	for i, want := range []string{"Zoë &amp; co", "<b>second</b> block", "third", "l</a>"} {
		off := d.Blocks[i].Offset
		if i == 1 {
			off -= len("<b>")
		}
		if !strings.HasPrefix(body[off:], want) {
			t.Errorf("block %d %q begins at %q", i, d.Blocks[i].Text, body[d.Blocks[i].Offset:][:8])
		}
	}
	if s := d.Scripts[0]; body[s.Offset:s.Offset+len(s.Text)] != s.Text || s.Text != " var x = 1 " {
		t.Errorf("script %+v", s)
	}
	if l := d.Links[0]; !strings.HasPrefix(body[l.Offset:], "<a href=/x>") {
		t.Errorf("link %+v", l)
	}
}

func TestTheHeadGivesItsFacts(t *testing.T) {
	d := parse(t, `<html lang="de-AT"><head><title> Acme
 &amp; Co </title><meta name="Description" content="We  build pumps"><meta property="og:type" content="article">
<link rel="canonical" href="/a/page?utm_source=x"><link rel="alternate" type="application/rss+xml" title="News" href="feed.xml">
<meta name="robots" content="NoIndex, follow"><script src="//cdn.example/x.js?ver=1.2"></script><script type="application/ld+json">{"@type":"Article"}</script>
<style>.a{}</style></head><body><p>x`)
	if d.Title != "Acme & Co" || d.Description != "We build pumps" || d.Language != "de" || d.Canonical != "https://www.acme.example/a/page" {
		t.Errorf("title %q, description %q, language %q, canonical %q", d.Title, d.Description, d.Language, d.Canonical)
	}
	if !d.NoIndex || d.NoFollow || d.Meta("og:type") != "article" {
		t.Errorf("noindex %v, nofollow %v, metas %v", d.NoIndex, d.NoFollow, d.Metas)
	}
	if len(d.Scripts) != 1 || d.Scripts[0].Src != "https://cdn.example/x.js?ver=1.2" || len(d.JSONLD) != 1 || len(d.Styles) != 1 {
		t.Errorf("scripts %+v, JSON-LD %+v, styles %+v", d.Scripts, d.JSONLD, d.Styles)
	}
	if l := d.Links[1]; l.URL != "https://www.acme.example/a/feed.xml" || l.Type != "application/rss+xml" || l.Text != "News" || l.Rel != "alternate" {
		t.Errorf("feed link %+v", l)
	}
}

func TestRobotsDirectivesOfOthersAreNotOurs(t *testing.T) {
	for value, want := range map[string][2]bool{
		"noindex": {true, false}, "googlebot: noindex": {false, false}, "telltalebot: none": {true, true},
		"NOINDEX, NOFOLLOW": {true, true}, "unavailable_after: 25 Jun 2027 15:00:00 GMT": {false, false}, "max-snippet:5, noindex": {true, false},
	} {
		p := page("<p>x")
		p.Header.Set("X-Robots-Tag", value)
		d, err := Parse(p)
		if err != nil || d.NoIndex != want[0] || d.NoFollow != want[1] {
			t.Errorf("%q: noindex %v, nofollow %v, %v", value, d.NoIndex, d.NoFollow, err)
		}
	}
}

func TestLinksAreResolvedAndLabelled(t *testing.T) {
	d := parse(t, `<base href="https://www.acme.example/de/"><nav><a href="produkte.html">Produkte</a></nav>
<a href="/x?b=2&amp;a=1#frag"><h3>Big</h3><p>card</p></a><a href="HTTP://Other.Example:80/"><img src=i alt="Other logo"></a>
<a href="mailto:a@b.example">m</a><a href="javascript:void(0)">j</a><a href="#top">t</a><a href="tel:1">c</a><a>no</a>
<a href="//cdn.example/p" rel="NoFollow ugc" title="tip"></a><a href="https://plain.example/a/b-c_d.html">one<a href="../up">two</a>`)
	want := []Link{
		{URL: "https://www.acme.example/de/produkte.html", Text: "Produkte", Chrome: true},
		{URL: "https://www.acme.example/x?a=1&b=2", Text: "Big card"},
		{URL: "http://other.example/", Text: "Other logo"},
		{URL: "https://cdn.example/p", Text: "tip", Rel: "nofollow ugc"},
		{URL: "https://plain.example/a/b-c_d.html", Text: "one"},
		{URL: "https://www.acme.example/up", Text: "two"},
	}
	if len(d.Links) != len(want) {
		t.Fatalf("%d links: %+v", len(d.Links), d.Links)
	}
	for i, w := range want {
		got := d.Links[i]
		got.Offset = 0
		if got != w {
			t.Errorf("link %d\ngot  %+v\nwant %+v", i, got, w)
		}
	}
}

func TestTheLanguageIsDeclaredOrDetected(t *testing.T) {
	german := "<p>" + strings.Repeat("Wir bauen Pumpen für die Industrie und sind nicht nur auf dem Markt zuhause, sondern auch bei unseren Kunden. ", 4)
	for name, c := range map[string]struct{ body, want string }{
		"declared":                      {`<html lang="fr-CH"><p>x`, "fr"},
		"declared in a meta element":    {`<meta http-equiv="content-language" content="nl">x`, "nl"},
		"detected by stop words":        {german, "de"},
		"the text outweighs the tag":    {`<html lang="en">` + german, "de"},
		"a tag in vain":                 {`<html lang="template-language">` + german, "de"},
		"Swedish":                       {"<p>Vi är ett företag som har funnits på marknaden och det är inte en slump att kunderna stannar till slutet.", "sv"},
		"Norwegian":                     {"<p>Vi er et selskap som har vært her lenge, og det er ikke tilfeldig at kundene blir hos oss, også etter at de har flyttet mellom byene.", "no"},
		"Danish":                        {"<p>Vi er et firma, der har været her i mange år, og det er ikke tilfældigt, at kunderne bliver hos os, efter at de har hørt af vores arbejde.", "da"},
		"one form of Norwegian":         {`<html lang="nb-NO"><p>x`, "no"},
		"a code of old":                 {`<html lang="iw"><p>x`, "he"},
		"another script than declared":  {`<html lang="en"><p>` + strings.Repeat("Мы производим насосы для промышленности и городов. ", 8), "ru"},
		"a script with its own letters": {"<p>" + strings.Repeat("Мы производим насосы для промышленности и городов. ", 8), "ru"},
		"too short to tell":             {"<p>Acme", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if d := parse(t, c.body); d.Language != c.want {
				t.Errorf("got %q, want %q", d.Language, c.want)
			}
		})
	}
}

func TestWhatIsNoMarkupGivesNoBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		media, body string
		blocks      int
	}{
		"a zip served as HTML":  {"text/html", "PK\x03\x04<p>x</p>", 0},
		"a PDF":                 {"application/pdf", "%PDF-1.7", 0},
		"a feed served as HTML": {"text/html", `<?xml version="1.0"?><rss><channel><title>x</title></channel></rss>`, 0},
		"JSON":                  {"application/json", `{"a":"<p>x</p>"}`, 0},
		"an array of JSON":      {"text/html", `[ {"a":1}]`, 0},
		"XHTML":                 {"application/xhtml+xml", `<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html><p>x</p></html>`, 1},
		"plain text":            {"text/plain", "one\ntwo &amp; three\n\nfour", 2},
		"no type, but markup":   {"", "<p>x</p><p>y</p>", 2},
		"an image":              {"image/png", "\x89PNG", 0},
		"nothing":               {"text/html", "", 0},
		"UTF-16 without a mark": {"text/html", "<\x00p\x00>\x00x\x00<\x00/\x00p\x00>\x00", 1},
		"NULs and little else":  {"text/html", "<p>\x00\x00\x00\x00\x00\x00x</p>\x00\x00\x00\x00", 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := page(c.body)
			p.Header = http.Header{"Content-Type": {c.media}}
			d, err := Parse(p)
			if err != nil || len(d.Blocks) != c.blocks {
				t.Errorf("%d blocks %q, %v", len(d.Blocks), render(d), err)
			}
		})
	}
	if _, err := Parse(nil); !errors.Is(err, ErrNoPage) {
		t.Errorf("nil page: %v", err)
	}
	if d, err := Parse(&pages.Page{Probe: &pages.Probe{}}); err != nil || d.Probe == nil {
		t.Errorf("probe: %v", err)
	}
}
