package feed

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

const base = "https://www.contoso.example/news/feed"

func day(y int, m time.Month, d, h int) time.Time { return time.Date(y, m, d, h, 0, 0, 0, time.UTC) }

func TestParseReadsEveryFormat(t *testing.T) {
	for _, tt := range []struct {
		file string
		want Feed
	}{
		{"rss2.xml", Feed{Type: "rss", Title: "Contoso & Söhne news", Link: "https://www.contoso.example/news", TTL: 90 * time.Minute, Repairs: 1, Items: []Item{
			{
				URL: "https://www.contoso.example/news/erp", Title: "We move our ERP", Published: day(2026, 3, 4, 9),
				Summary: "A short word on the move.", Content: "<p>The <b>whole</b> story &amp; more.</p>",
			},
			{URL: "https://www.contoso.example/news/guid-only", Title: "Only a guid", Published: day(2026, 3, 3, 17), Summary: "Text & nothing else"},
			{URL: "https://www.contoso.example/news/original", Title: "Rewritten by a service", Published: day(2026, 3, 2, 0)},
			{Title: "No page of its own", Summary: "tag:contoso.example,2026:1 is no address"},
		}}},
		{"atom.xml", Feed{Type: "atom", Title: "Fabrikam blog", Link: "https://blog.fabrikam.example/", Items: []Item{
			{
				URL: "https://blog.fabrikam.example/2026/cloud", Title: "Why we <chose> cloud", Published: day(2026, 5, 1, 8), Updated: day(2026, 5, 2, 8),
				Summary: "A summary with markup.", Content: "<p>Body in <em>XHTML</em></p>",
			},
			{URL: "https://blog.fabrikam.example/second", Title: "Second", Published: day(2026, 4, 1, 0), Updated: day(2026, 4, 1, 0), Summary: "Plain text"},
		}}},
		{"rdf.xml", Feed{Type: "rss", Title: "Tailspin press", Link: "https://tailspin.example/", TTL: 12 * time.Hour, Items: []Item{
			{URL: "https://tailspin.example/a", Title: "RSS 1.0 item", Published: day(2026, 1, 15, 12), Updated: day(2026, 1, 15, 12), Summary: "Dated by Dublin Core"},
		}}},
		{"feed.json", Feed{Type: "json", Title: "Woodgrove", Link: "https://woodgrove.example/", Items: []Item{
			{
				URL: "https://woodgrove.example/one", Title: "First", Published: day(2026, 2, 1, 10), Updated: day(2026, 2, 2, 10),
				Summary: "In short", Content: "<p>Long</p>",
			},
			{URL: "https://www.contoso.example/two", Title: "Numbered id", Summary: "Only text", Content: "Only text"},
		}}},
		{"cdf.xml", Feed{Type: "cdf", Title: "Contoso channel", Link: "https://www.contoso.example/", Repairs: 1, Items: []Item{
			{URL: "https://www.contoso.example/one.htm", Title: "We move our ERP", Published: day(2001, 5, 3, 8).Add(30 * time.Minute), Summary: "A short word on the move"},
			{URL: "https://www.contoso.example/two.htm", Title: "Second"},
		}}},
		{"rss090.rdf", Feed{Type: "rss", Title: "Adatum 0.90", Link: "https://adatum.example/", Items: []Item{
			{URL: "https://adatum.example/old", Title: "An old item"},
		}}},
		{"rss091.xml", Feed{Type: "rss", Title: "Adatum 0.91", Link: "https://adatum.example/", Items: []Item{
			{URL: "https://adatum.example/1", Title: "First & last", Summary: "Of its kind"},
		}}},
		{"rss092.xml", Feed{Type: "rss", Title: "Adatum 0.92", Link: "https://adatum.example/", Items: []Item{
			{Summary: "An item without title or link, as 0.92 allows."},
			{URL: "https://adatum.example/2", Title: "With a category"},
		}}},
		{"atom03.xml", Feed{Type: "atom", Title: "Litware & more", Link: "https://litware.example/", Items: []Item{
			{
				URL: "https://litware.example/early", Title: "An early entry", Published: day(2004, 2, 1, 8), Updated: day(2004, 2, 2, 9),
				Summary: "In short", Content: "<p>At length</p>",
			},
		}}},
		{"rootless.xml", Feed{Type: "rss", Title: "No root", Link: "https://adatum.example/", Items: []Item{
			{URL: "https://adatum.example/r", Title: "Still read", Published: day(2026, 3, 2, 8)},
		}}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Parse(body, nil, base)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Errorf("feed (-want +got):\n%s", diff)
			}
		})
	}
}

// item wraps one item's elements into a feed.
func item(inner string) string {
	return `<rss version="2.0"><channel><title>T</title><item><title>I</title><link>https://x.example/i</link>` + inner + `</item></channel></rss>`
}

func TestParseRepairsWhatTheWebBreaks(t *testing.T) {
	whole := item(`<description>AT&amp;T costs &lt; 5</description>`)
	for name, body := range map[string]string{
		"blank lines before the declaration":       "\r\n \n<?xml version=\"1.0\"?>" + whole,
		"a byte order mark":                        "\ufeff<?xml version=\"1.0\"?>" + whole,
		"a warning before the root":                "<br />\n<b>Warning</b>: foreach() in /srv/x.php<br /><?xml version='1.0'?>" + whole,
		"junk after the root":                      whole + "<!-- cached --><script>x()</script>",
		"an ampersand that begins no reference":    item(`<description>AT&T costs &lt; 5</description>`),
		"a bare less-than":                         item(`<description>AT&amp;T costs < 5</description>`),
		"control characters":                       item("<description>AT&amp;T\x00\x0b costs &lt;\x1f 5</description>"),
		"references to control characters":         item("<description>AT&amp;T&#0;&#x1F; costs &lt; 5</description>"),
		"a CDATA section with a reference's shape": item("<description>AT<![CDATA[&]]>T costs <![CDATA[<]]> 5</description>"),
		"two hyphens in a comment":                 item("<!-- a -- b --><description>AT&amp;T costs &lt; 5</description>"),
		"an unclosed element within an item":       item("<category>c<description>AT&amp;T costs &lt; 5</description>"),
		"a missing item end tag":                   strings.Replace(whole, "</item>", "", 1),
		"no end tags at all":                       strings.TrimSuffix(whole, "</item></channel></rss>"),
		"stray end tags":                           strings.Replace(whole, "<title>I", "</b></p><title>I", 1),
		"stray text between elements":              strings.Replace(whole, "<item>", "oops &nbsp; <item> more", 1),
		"upper-case names":                         strings.NewReplacer("rss", "RSS", "channel", "Channel", "item>", "ITEM>").Replace(whole),
		"unquoted and doubled attributes":          strings.Replace(whole, `version="2.0"`, `version=2.0 version="2.0" a b=`, 1),
		"a bogus default namespace":                strings.Replace(whole, `version="2.0"`, `version="2.0" xmlns="http://www.w3.org/2005/Atom"`, 1),
		"undeclared prefixes":                      item(`<x:y><x:z>1</x:z></x:y><description>AT&amp;T costs &lt; 5</description>`),
		"three colons in a name":                   item(`<description>AT&amp;T costs &lt; 5</description><a:b:c>`),
		"wrong encoding in the declaration":        "<?xml version='1.0' encoding='utf-16'?>" + whole,
		"unknown encoding in the declaration":      "<?xml version='1.0' encoding='x-martian'?>" + whole,
		"version 1.1":                              "<?xml version='1.1'?>" + whole,
		"HTML entities":                            item("<description>AT&amp;T&nbsp;costs&ensp;&lt; 5&shy;</description>"),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse([]byte(body), nil, base)
			if err != nil {
				t.Fatal(err)
			}
			want := []Item{{URL: "https://x.example/i", Title: "I", Summary: "AT&T costs < 5"}}
			if name == "HTML entities" {
				want[0].Summary = "AT&T costs < 5\u00ad"
			}
			if diff := cmp.Diff(want, got.Items); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseDropsTheItemThatWasCutOff(t *testing.T) {
	body := `<rss><channel><title>T</title><item><link>https://x.example/1</link></item><item><link>https://x.exa`
	got, err := Parse([]byte(body), nil, base)
	if err != nil || len(got.Items) != 1 || got.Items[0].URL != "https://x.example/1" {
		t.Fatalf("items %+v, err %v", got, err)
	}
}

func encoded(t *testing.T, f func(string) (string, error), s string) []byte {
	t.Helper()
	out, err := f(s)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(out)
}

func TestParseFindsTheEncoding(t *testing.T) {
	doc := func(label, title string) string {
		return `<?xml version="1.0" encoding="` + label + `"?><rss><channel><title>` + title + `</title></channel></rss>`
	}
	latin := charmap.ISO8859_1.NewEncoder().String
	for _, tt := range []struct {
		name, contentType string
		body              []byte
		want              string
	}{
		{"declared latin-1", "", encoded(t, latin, doc("iso-8859-1", "Müller")), "Müller"},
		{"declared windows-1251", "", encoded(t, charmap.Windows1251.NewEncoder().String, doc("windows-1251", "Новости")), "Новости"},
		{"charset of the header", "text/xml; charset=iso-8859-1", encoded(t, latin, doc("utf-8", "Müller")), "Müller"},
		{"no label: the web's default", "", encoded(t, charmap.Windows1252.NewEncoder().String, "<rss><channel><title>5 € “now”</title></channel></rss>"), "5 € “now”"},
		{"already decoded by the fetcher", "", []byte(doc("iso-8859-1", "Müller")), "Müller"},
		{"shift_jis", "", encoded(t, japanese.ShiftJIS.NewEncoder().String, doc("Shift_JIS", "新製品")), "新製品"},
		{"iso-2022-jp, which is all ASCII", "", encoded(t, japanese.ISO2022JP.NewEncoder().String, doc("ISO-2022-JP", "新製品")), "新製品"},
		{"utf-16 with a mark", "", encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String, doc("utf-16", "Müller")), "Müller"},
		{"utf-16 without a mark", "", encoded(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String, doc("utf-16", "Müller")), "Müller"},
		{"ebcdic", "", encoded(t, charmap.CodePage037.NewEncoder().String, doc("ebcdic-cp-us", "Contoso")), "Contoso"},
		{"broken utf-8", "", []byte(doc("utf-8", "M\xc3\xbcller\xff")), "MÃ¼llerÿ"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.body, http.Header{"Content-Type": {tt.contentType}}, base)
			if err != nil || got.Title != tt.want {
				t.Fatalf("title %q, want %q (err %v)", got.Title, tt.want, err)
			}
		})
	}
}

func TestParseRefusesWhatIsNoFeed(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		want error
	}{
		"nothing":                  {"", ErrNotFeed},
		"text":                     {"hello", ErrNotFeed},
		"a page":                   {"<!doctype html><html><body><p>x</p><rss></rss></body></html>", ErrNotFeed},
		"a sitemap":                {"<urlset><url><loc>https://x.example/</loc></url></urlset>", ErrNotFeed},
		"some JSON":                {`{"a":1}`, ErrNotFeed},
		"broken JSON":              {`{"version":"https://jsonfeed.org/version/1","items":[`, ErrMalformed},
		"JSON nested very deep":    {`{"version":"https://jsonfeed.org/version/1","x":` + strings.Repeat("[", 9000), ErrMalformed},
		"a root after 64 KiB":      {strings.Repeat(" x", 40<<10) + "<rss/>", ErrNotFeed},
		"an unending comment":      {"<!-- <rss><channel></channel></rss>", ErrNotFeed},
		"the root's name, no more": {"<rss", ErrNotFeed},
	} {
		t.Run(name, func(t *testing.T) {
			if f, err := Parse([]byte(tt.body), nil, base); !errors.Is(err, tt.want) {
				t.Fatalf("feed %+v, err %v, want %v", f, err, tt.want)
			}
		})
	}
}

func TestParseExpandsNoEntities(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "ha">`)
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&b, `<!ENTITY a%d "&a%d;&a%d;">`, i, i-1, i-1)
	}
	b.WriteString(`<!ENTITY file SYSTEM "file:///etc/passwd">]><rss><channel><title>&a39;&file;</title></channel></rss>`)
	got, err := Parse([]byte(b.String()), nil, base)
	if err != nil || got.Title != "&a39;&file;" {
		t.Fatalf("title %q, err %v", got.Title, err)
	}
}
