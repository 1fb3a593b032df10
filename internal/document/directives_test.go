package document_test

import (
	"net/http"
	"testing"
	"time"

	"telltale/internal/document"
	"telltale/internal/pages"
)

func TestDirectivesBindOnlyThoseTheyName(t *testing.T) {
	at := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		lines []string
		want  document.Directives
	}{
		"a directive for everybody":               {[]string{"noindex"}, document.Directives{NoIndex: true}},
		"several in one line":                     {[]string{"noarchive, NoFollow, nosnippet"}, document.Directives{NoFollow: true}},
		"none is both":                            {[]string{"none"}, document.Directives{NoIndex: true, NoFollow: true}},
		"ours by name":                            {[]string{"TelltaleBot: noindex"}, document.Directives{NoIndex: true}},
		"everybody by star":                       {[]string{"*: nofollow"}, document.Directives{NoFollow: true}},
		"another crawler's line":                  {[]string{"googlebot: noindex, nofollow"}, document.Directives{}},
		"another crawler's line beside ours":      {[]string{"otherbot: none", "telltalebot: nofollow"}, document.Directives{NoFollow: true}},
		"lines that a proxy joined":               {[]string{"googlebot: noindex, telltalebot: nofollow"}, document.Directives{NoFollow: true}},
		"what stands before another's name":       {[]string{"noindex, googlebot: nofollow"}, document.Directives{NoIndex: true}},
		"unavailable since a date with a comma":   {[]string{"unavailable_after: Wed, 25 Feb 2026 15:00:00 GMT"}, document.Directives{NoIndex: true}},
		"unavailable since a date without":        {[]string{"unavailable_after: 25 Jun 2010 15:00:00 PST"}, document.Directives{NoIndex: true}},
		"unavailable since a date of RFC 850":     {[]string{"unavailable_after: Saturday, 28-Feb-26 15:00:00 GMT, nofollow"}, document.Directives{NoIndex: true, NoFollow: true}},
		"unavailable since an ISO date":           {[]string{"unavailable_after: 2026-02-28"}, document.Directives{NoIndex: true}},
		"unavailable later":                       {[]string{"unavailable_after: 2026-03-02T00:00:00Z"}, document.Directives{}},
		"unavailable for another crawler":         {[]string{"otherbot: unavailable_after: 2020-01-01"}, document.Directives{}},
		"a date that is none":                     {[]string{"unavailable_after: soon"}, document.Directives{}},
		"numbers for previews":                    {[]string{"max-snippet: 20, max-image-preview: large, noindex"}, document.Directives{NoIndex: true}},
		"nothing but what concerns a result page": {[]string{"noarchive, noimageindex, notranslate, all"}, document.Directives{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := document.HeaderDirectives(http.Header{"X-Robots-Tag": c.lines}, at); got != c.want {
				t.Errorf("header: %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestMetaElementsDirectLikeTheHeader(t *testing.T) {
	for body, want := range map[string]document.Directives{
		`<meta name="robots" content="noindex,nofollow">`:                           {NoIndex: true, NoFollow: true},
		`<META NAME=TelltaleBot CONTENT="NOINDEX">`:                                 {NoIndex: true},
		`<meta name="googlebot" content="none">`:                                    {},
		`<meta name="robots" content="unavailable_after: 2026-01-01">`:              {NoIndex: true},
		`<meta name="robots" content="noarchive"><meta name=robots content="none">`: {NoIndex: true, NoFollow: true},
	} {
		doc, err := document.Parse(&pages.Page{
			URL: "https://a.example/", Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(body),
			FetchedAt: time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC),
		})
		if err != nil || doc.Directives != want {
			t.Errorf("%s: %+v, want %+v (%v)", body, doc.Directives, want, err)
		}
	}
}

func FuzzDirectives(f *testing.F) {
	f.Add("noindex, googlebot: nofollow, unavailable_after: Wed, 25 Feb 2026 15:00:00 GMT")
	f.Add(",:,unavailable_after:,max-snippet:;")
	f.Fuzz(func(t *testing.T, line string) {
		got := document.HeaderDirectives(http.Header{"X-Robots-Tag": {line}}, time.Now())
		more := document.HeaderDirectives(http.Header{"X-Robots-Tag": {line, "none"}}, time.Now())
		if !more.NoIndex || !more.NoFollow || got.NoIndex && !more.NoIndex {
			t.Fatalf("%q: %+v, with none %+v", line, got, more)
		}
	})
}
