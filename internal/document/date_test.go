package document

import (
	"strings"
	"testing"
	"time"
)

func TestPublicationDatesComeFromTheCheapestBelievableSource(t *testing.T) {
	const ld = `<script type="application/ld+json">{"@type":"Article","datePublished":"2026-03-14T10:00:00+01:00"}</script>`
	for name, c := range map[string]struct{ url, body, want, source string }{
		"JSON-LD before all":                              {"/2026/01/01/x", ld + `<meta name="date" content="2025-01-01">`, "2026-03-14T09:00:00Z", "jsonld"},
		"a listing's dates are not its own":               {"/x", `<script type="application/ld+json">[{"datePublished":"2026-01-01"},{"datePublished":"2026-01-02"},{"datePublished":"2026-01-03"}]</script>`, "", ""},
		"meta":                                            {"/x", `<meta property="article:published_time" content="2026-03-14 10:00:00">`, "2026-03-14T10:00:00Z", "meta"},
		"Dublin Core":                                     {"/x", `<meta name="DC.date.issued" content="2026-03-14">`, "2026-03-14T00:00:00Z", "meta"},
		"a time element":                                  {"/x", `<article><time datetime="2026-03-14T08:00">14 March</time></article>`, "2026-03-14T08:00:00Z", "time"},
		"a time element that says so wins":                {"/x", `<time datetime="2026-05-01"></time><time itemprop="datePublished" datetime="2026-03-14"></time>`, "2026-03-14T00:00:00Z", "time"},
		"not one in the footer":                           {"/x", `<footer><time datetime="2026-03-14"></time></footer>`, "", ""},
		"the address":                                     {"/blog/2026/03/14/title", `<p>x`, "2026-03-14T00:00:00Z", "url"},
		"the address without slashes":                     {"/blog/20260314-title", `<p>x`, "2026-03-14T00:00:00Z", "url"},
		"an impossible day in the address":                {"/blog/2026/02/31/title", `<p>x`, "", ""},
		"text by the heading":                             {"/x", `<h1>T</h1><p>Published March 14th, 2026 by us</p>`, "2026-03-14T00:00:00Z", "text"},
		"German text":                                     {"/x", `<h1>T</h1><p>14. März 2026</p>`, "2026-03-14T00:00:00Z", "text"},
		"German figures":                                  {"/x", `<p>Berlin, 14.03.2026</p><h1>T</h1>`, "2026-03-14T00:00:00Z", "text"},
		"a dateline":                                      {"/x", `<h1>T</h1><p>BERLIN, 14 March 2026 – ` + strings.Repeat("We build pumps. ", 20) + `</p>`, "2026-03-14T00:00:00Z", "text"},
		"not a day within a paragraph":                    {"/x", `<h1>T</h1><p>` + strings.Repeat("We build pumps. ", 20) + ` On 14 March 2026 we move.</p>`, "", ""},
		"too early is template":                           {"/x", `<meta name="date" content="1970-01-01"><time datetime="2026-03-14"></time>`, "2026-03-14T00:00:00Z", "time"},
		"the future is a mistake":                         {"/x", `<meta name="date" content="2026-11-23">`, "", ""},
		"tomorrow is a time zone":                         {"/x", `<meta name="date" content="2026-11-21">`, "2026-11-21T00:00:00Z", "meta"},
		"the year 20000 is no date":                       {"/x", `<meta name="date" content="20000-01-01T00:00:00Z">`, "", ""},
		"French text":                                     {"/x", `<h1>T</h1><p>Publié le 1er mars 2026 à 10h</p>`, "2026-03-01T00:00:00Z", "text"},
		"Spanish text":                                    {"/x", `<h1>T</h1><p>martes 29 de septiembre de 2025</p>`, "2025-09-29T00:00:00Z", "text"},
		"Polish text":                                     {"/x", `<h1>T</h1><p>14 marca 2026</p>`, "2026-03-14T00:00:00Z", "text"},
		"slashes that tell day from month":                {"/x", `<h1>T</h1><p>17/03/2026</p>`, "2026-03-17T00:00:00Z", "text"},
		"slashes in a language that has the day first":    {"/x", `<html lang="fr"><h1>T</h1><p>04/03/2026</p>`, "2026-03-04T00:00:00Z", "text"},
		"slashes that may be either":                      {"/x", `<html lang="en"><h1>T</h1><p>04/03/2026</p>`, "", ""},
		"a short year":                                    {"/x", `<h1>T</h1><p>06.11.25 - 10:00</p>`, "2025-11-06T00:00:00Z", "text"},
		"a version is no date":                            {"/x", `<h1>T</h1><p>Version 2.4.12</p>`, "", ""},
		"a word for it, far from the heading":             {"/x", `<h1>T</h1>` + strings.Repeat("<p>We build pumps.</p>", 9) + `<p>Dieser Artikel wurde am 14. Dezember 2015 um 14:48 von uns verfasst</p>`, "2015-12-14T00:00:00Z", "text"},
		"the heading that the title names":                {"/x", `<title>We build new pumps | Acme</title><h2>Menu</h2><p>1 May 2020</p>` + strings.Repeat("<p>x</p>", 9) + `<h1>We build new pumps</h1><p>14 March 2026</p>`, "2026-03-14T00:00:00Z", "text"},
		"the name of a month in an address":               {"/2026/mar/4/title", `<p>x`, "2026-03-04T00:00:00Z", "url"},
		"the month of an address":                         {"/2026/03/title", `<p>x`, "2026-03-01T00:00:00Z", "url"},
		"a day in the text before a month in the address": {"/2026/03/title", `<h1>T</h1><p>14 March 2026</p>`, "2026-03-14T00:00:00Z", "text"},
		"the article before its comments":                 {"/x", `<script type="application/ld+json">{"comment":[{"datePublished":"2026-05-01"}],"@type":"Article","datePublished":"2026-03-14"}</script>`, "2026-03-14T00:00:00Z", "jsonld"},
		"the article of this address before others":       {"/x", `<script type="application/ld+json">[{"@type":"Article","url":"https://www.acme.example/y","datePublished":"2026-05-01"},{"@type":"Article","url":"https://www.acme.example/x","datePublished":"2026-03-14"}]</script>`, "2026-03-14T00:00:00Z", "jsonld"},
	} {
		t.Run(name, func(t *testing.T) {
			p := page(c.body)
			p.FinalURL = "https://www.acme.example" + c.url
			d, err := Parse(p)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if !d.Published.IsZero() {
				got = d.Published.Format(time.RFC3339)
			}
			if got != c.want || d.PublishedSource != c.source {
				t.Errorf("got %q from %q, want %q from %q", got, d.PublishedSource, c.want, c.source)
			}
		})
	}
}

func TestDatesKeepTheirPrecisionAndZone(t *testing.T) {
	for value, want := range map[string]struct{ at, precision, zone string }{
		"2026-03-14T10:00:00+01:00":                {"2026-03-14T09:00:00Z", "time", "+01:00"},
		"2026-03-14T10:00:00.123Z":                 {"2026-03-14T10:00:00Z", "time", "Z"},
		"2026-03-14T10:00:00+0100":                 {"2026-03-14T09:00:00Z", "time", "+01:00"},
		"2026-03-14 10:00:00 -05:30":               {"2026-03-14T15:30:00Z", "time", "-05:30"},
		"2026-03-14 T 07:20:50 +0330":              {"2026-03-14T03:50:50Z", "time", "+03:30"},
		"2026-03-14T10:00":                         {"2026-03-14T10:00:00Z", "time", ""},
		"2026-03-14T10:00:00PDT":                   {"2026-03-14T17:00:00Z", "time", "-07:00"},
		"2026/03/14 10:00:00":                      {"2026-03-14T10:00:00Z", "time", ""},
		"20260314T100000Z":                         {"2026-03-14T10:00:00Z", "time", "Z"},
		"20260314":                                 {"2026-03-14T00:00:00Z", "day", ""},
		"2026-3-4":                                 {"2026-03-04T00:00:00Z", "day", ""},
		"2026-03-14T20-59-53Z":                     {"2026-03-14T00:00:00Z", "day", ""},
		"2026-03-14garbage":                        {"2026-03-14T00:00:00Z", "day", ""},
		"14.03.2026":                               {"2026-03-14T00:00:00Z", "day", ""},
		"14.03.2026 10:00":                         {"2026-03-14T10:00:00Z", "time", ""},
		"2026-03":                                  {"2026-03-01T00:00:00Z", "month", ""},
		"March 2026":                               {"2026-03-01T00:00:00Z", "month", ""},
		"2026":                                     {"2026-01-01T00:00:00Z", "year", ""},
		"Sun, 11 Oct 2020 07:34:36 GMT":            {"2020-10-11T07:34:36Z", "time", "Z"},
		"Sun, 11 Oct 2020 07:34:36 +0200":          {"2020-10-11T05:34:36Z", "time", "+02:00"},
		"Tue Jul 30 09:35:14 CEST 2019":            {"2019-07-30T07:35:14Z", "time", "+02:00"},
		"Tue Jul 30 09:35:14 XYZT 2019":            {"2019-07-30T09:35:14Z", "time", ""},
		"Tue Jul 30 2019 09:35:14 GMT+0200 (CEST)": {"2019-07-30T07:35:14Z", "time", "+02:00"},
		"1584548562":                               {"2020-03-18T16:22:42Z", "time", "Z"},
		"1584548562000":                            {"2020-03-18T16:22:42Z", "time", "Z"},
		"20000-01-01":                              {}, "2026-13-01": {}, "2026-02-30": {}, "": {}, "tomorrow": {}, "99999999999999999999": {}, "2026-": {}, "0000-00-00": {},
	} {
		st, ok := parseDate(value)
		at := ""
		if ok {
			at = st.at.UTC().Format(time.RFC3339)
		}
		if at != want.at || st.precision.String() != want.precision && ok || st.zone != want.zone && ok {
			t.Errorf("%q: %s %s %q, want %s %s %q", value, at, st.precision, st.zone, want.at, want.precision, want.zone)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-03-14T10:00:00+01:00", "Tue Jul 30 09:35:14 CEST 2019", "14. März 2026", "20260314T1000Z", "1584548562", "04/03/2026", "2026-03-14T24:59:60-99:99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, language := range []string{"", "de"} {
			if st, ok := readTextDate(s, language); ok && (st.at.Year() < 1900 || st.at.Year() > 2099) {
				t.Errorf("%q: %v", s, st.at)
			}
		}
		if st, ok := parseDate(s); ok && (st.at.Year() < 0 || st.at.Year() > 10_000 || st.precision < PrecisionYear || st.precision > PrecisionTime) {
			t.Errorf("%q: %v", s, st)
		}
	})
}
