package extract_test

import (
	"fmt"
	"strings"
	"testing"

	"telltale/internal/pages"
	"telltale/internal/work"
)

// TestBadBodiesAreReadAsFarAsTheyGoAndCounted sends what sites send by mistake or malice through the worker: each ends, is counted by
// what it was written in, and leaves a record.
func TestBadBodiesAreReadAsFarAsTheyGoAndCounted(t *testing.T) {
	many := strings.Repeat
	wide := func(s string, low, high int) string {
		out := make([]byte, 2*len(s))
		for i := range s {
			out[2*i+low], out[2*i+high] = s[i], 0
		}
		return string(out)
	}
	for name, c := range map[string]struct {
		body, media, charset string
		signals              int
	}{
		"plain UTF-8":                      {blogBody, "", "utf-8", 3},
		"UTF-16 with a mark":               {"\xff\xfe" + wide(blogBody, 0, 1), "", "utf-16", 3},
		"UTF-16 without a mark":            {wide(blogBody, 0, 1), "text/html", "utf-16", 3},
		"UTF-16, the high byte first":      {wide(blogBody, 1, 0), "text/html", "utf-16", 3},
		"UTF-7":                            {blogBody, "text/html; charset=utf-7", "utf-7", 3},
		"a NUL between any two words":      {strings.ReplaceAll(blogBody, " ", " \x00"), "text/html", "utf-8", 1},
		"nothing but NULs":                 {many("\x00", 1<<20), "text/html", "binary", 0},
		"a zip served as HTML":             {"PK\x03\x04" + many("\xff\x00<p>We move", 1000), "text/html; charset=utf-8", "binary", 0},
		"a picture served as HTML":         {"\x89PNG\r\n\x1a\n" + many("\xff\x00<p>We move", 1000), "text/html", "binary", 0},
		"bytes that are no UTF-8":          {strings.Replace(blogBody, "Pumps", "\xff\xfe\xfd", 1), "text/html; charset=utf-8", "broken", 3},
		"Latin letters":                    {strings.Replace(blogBody, "Pumps", "P\xfcmps", 1), "text/html; charset=iso-8859-1", "legacy", 3},
		"ten megabytes of <":               {many("<", pages.MaxBody), "text/html", "utf-8", 1},
		"JSON-LD that is arrays of arrays": {`<script type="application/ld+json">` + many("[", 1<<19) + "</script>" + blogBody, "text/html", "utf-8", 3},
		"a date in the year 20000":         {strings.Replace(blogBody, "2026-03-14", "20000-03-14", 1), "text/html", "utf-8", 3},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t, nil)
			p := page("/blog/move", c.body)
			if c.media != "" {
				p.Header.Set("Content-Type", c.media)
			}
			if out := b.e.Handle(t.Context(), deliver(p)); out[0].Verdict != work.VerdictDone {
				t.Fatalf("outcome %+v", out[0])
			}
			if n := b.metric(t, "telltale_extract_charsets_total", map[string]string{"charset": c.charset}); n != 1 {
				t.Errorf("%v bodies counted as %s", n, c.charset)
			}
			if len(b.store.signals) != c.signals || len(b.store.records) != 1 {
				t.Errorf("%d signals, want %d; %d records", len(b.store.signals), c.signals, len(b.store.records))
			}
			for _, s := range b.store.signals {
				if s.ObservedAt.Year() != 2026 {
					t.Errorf("observed at %v", s.ObservedAt)
				}
			}
		})
	}
}

func TestFeedsAreCountedByHowTheyWereRead(t *testing.T) {
	const whole = `<rss><channel><title>A</title><item><link>/a</link><description>We move our pumps.</description></item></channel></rss>`
	laughs := `<!DOCTYPE rss [<!ENTITY a0 "ha">`
	for i := 1; i < 40; i++ {
		laughs += fmt.Sprintf(`<!ENTITY a%d "&a%d;&a%d;">`, i, i-1, i-1)
	}
	for name, c := range map[string]struct {
		body, outcome string
		items         float64
	}{
		"well-formed":          {whole, "whole", 1},
		"a bare ampersand":     {strings.Replace(whole, ">A<", ">A & B<", 1), "repaired", 1},
		"an entity of HTML":    {strings.Replace(whole, ">A<", ">A&nbsp;B<", 1), "repaired", 1},
		"a control character":  {strings.Replace(whole, ">A<", ">A\x01<", 1), "repaired", 1},
		"no end":               {strings.TrimSuffix(whole, "</channel></rss>"), "repaired", 1},
		"a billion laughs":     {laughs + "]>" + strings.Replace(whole, ">A<", ">&a39;<", 1), "repaired", 1},
		"a channel (CDF)":      {`<CHANNEL HREF="/"><ITEM HREF="/a"><TITLE>We move our pumps</TITLE></ITEM></CHANNEL>`, "whole", 1},
		"JSON that breaks off": {`{"version":"https://jsonfeed.org/version/1","items":[`, "malformed", 0},
		"another XML":          {"<?xml version='1.0'?><opml/>", "not_feed", 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t, nil)
			p := page("/feed.xml", c.body)
			p.Kind = pages.KindFeed
			p.Header.Set("Content-Type", "application/rss+xml")
			if out := b.e.Handle(t.Context(), deliver(p)); out[0].Verdict != work.VerdictDone {
				t.Fatalf("outcome %+v", out[0])
			}
			if n := b.metric(t, "telltale_extract_feeds_total", map[string]string{"outcome": c.outcome}); n != 1 {
				t.Errorf("%v feeds counted as %s", n, c.outcome)
			}
			if n := b.metric(t, "telltale_extract_feed_items_total", map[string]string{"outcome": "read"}); n != c.items {
				t.Errorf("%v items", n)
			}
		})
	}
}

func TestInspectShowsWhatThePageStates(t *testing.T) {
	b := setup(t, nil)
	in, err := b.e.Inspect(&pages.Page{URL: "https://www.acme.example/about", Body: []byte(`<script type="application/ld+json">[[{"@type":"Organization","name":"Acme",
"url":"https://acme.example/","legalName":"Acme Pumps GmbH","numberOfEmployees":{"minValue":11,"maxValue":50},},
{"@type":"JobPosting","title":"Azure engineer","datePosted":"2026-03-14","skills":"Azure, Go"}]]</script>`)})
	if err != nil {
		t.Fatal(err)
	}
	if o := in.Organization; o == nil || o.LegalName != "Acme Pumps GmbH" || o.EmployeesMin != 11 || o.EmployeesMax != 50 {
		t.Errorf("organization %+v", o)
	}
	if len(in.Jobs) != 1 || in.Jobs[0].Title != "Azure engineer" || len(in.Jobs[0].Skills) != 2 || in.Published != "2026-03-14T00:00:00Z" || in.PublishedPrecision != "day" {
		t.Errorf("jobs %+v, published %s to the %s", in.Jobs, in.Published, in.PublishedPrecision)
	}
}
