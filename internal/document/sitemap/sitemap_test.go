package sitemap

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"
)

func zipped(t testing.TB, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func locs(entries []Entry) (out []string) {
	for _, e := range entries {
		out = append(out, e.Loc)
	}
	return out
}

func TestParseReadsTheFormats(t *testing.T) {
	day := func(y int, m time.Month, d, h int) time.Time { return time.Date(y, m, d, h, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		file string
		want Sitemap
	}{
		{"urlset.xml", Sitemap{URLs: []Entry{
			{"https://contoso.example/?a=1&b=2", day(2026, 3, 1, 0)},
			{"https://contoso.example/blog/umzug", day(2026, 2, 28, 9)},
			{"https://contoso.example/images", time.Time{}},
			{"https://contoso.example/translated", day(2026, 1, 1, 0)},
		}}},
		{"index.xml", Sitemap{Sitemaps: []Entry{
			{"https://contoso.example/sitemap-posts.xml.gz", day(2026, 3, 2, 0)},
			{"https://contoso.example/sitemap-pages.xml", time.Time{}},
		}}},
		{"news.xml", Sitemap{URLs: []Entry{{"https://contoso.example/news/1", day(2026, 3, 5, 7)}}}},
		{"list.txt", Sitemap{URLs: []Entry{{Loc: "https://contoso.example/a"}, {Loc: "http://contoso.example/b"}}}},
		{"feed.xml", Sitemap{URLs: []Entry{{"https://contoso.example/post", day(2026, 3, 4, 9)}}}},
		{"atom.xml", Sitemap{URLs: []Entry{{"https://contoso.example/entry", day(2026, 3, 4, 9)}}}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			for form, b := range map[string][]byte{"plain": body, "gzipped": zipped(t, string(body)), "with a mark": append([]byte("\xef\xbb\xbf"), body...)} {
				got, err := Parse(b)
				if err != nil {
					t.Fatalf("%s: %v", form, err)
				}
				if diff := cmp.Diff(tt.want, *got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", form, diff)
				}
			}
		})
	}
}

func TestParseKeepsWhatBrokenSitemapsStillSay(t *testing.T) {
	const ab = "https://x.example/a https://x.example/b"
	for name, tt := range map[string]struct {
		body, want string
		cut        bool
	}{
		"cut in the middle":          {"<urlset><url><loc>https://x.example/a</loc></url><url><loc>https://x.example/b</loc></url><url><loc>https://x.ex", ab, true},
		"cut after an address":       {"<urlset><url><loc>https://x.example/a</loc></url><url><loc>https://x.example/b</loc>", ab, true},
		"unescaped ampersands":       {"<urlset><url><loc>https://x.example/a?b=1&c=2</loc></url></urlset>", "https://x.example/a?b=1&c=2", false},
		"unclosed entries":           {"<urlset><url><loc>https://x.example/a</loc><url><loc>https://x.example/b</loc></urlset>", ab, true},
		"wrong namespace":            {`<s:urlset xmlns:s="urn:x"><s:url><s:loc>https://x.example/a</s:loc></s:url></s:urlset>`, "https://x.example/a", false},
		"white space":                {"\n\n<urlset><url><loc>\n https://x.example/a\t</loc></url></urlset>", "https://x.example/a", false},
		"CDATA":                      {"<urlset><url><loc><![CDATA[https://x.example/a?b&c]]></loc></url></urlset>", "https://x.example/a?b&c", false},
		"unknown encoding":           {`<?xml version="1.0" encoding="x-martian"?><urlset><url><loc>https://x.example/a</loc></url></urlset>`, "https://x.example/a", false},
		"latin-1":                    {"<?xml version='1.0' encoding='iso-8859-1'?><urlset><url><loc>https://x.example/\xfc</loc></url></urlset>", "https://x.example/ü", false},
		"other schemes and nonsense": {"<urlset><url><loc>javascript:x</loc></url><url><loc>/a</loc></url><url><loc>https:///x</loc></url><url/><url><loc>https://x.example/a</loc></url></urlset>", "https://x.example/a", false},
		"two addresses in one entry": {"<urlset><url><loc>https://x.example/a</loc><loc>https://x.example/b</loc></url></urlset>", "https://x.example/a", false},
		"a list with junk lines":     {"# our pages\nhttps://x.example/a\r\n" + strings.Repeat("x", 9000) + "\n\nhttps://x.example/b", ab, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse([]byte(tt.body))
			if err != nil || strings.Join(locs(got.URLs), " ") != tt.want || got.Truncated != tt.cut {
				t.Fatalf("%v, truncated %v, err %v; want %s", locs(got.URLs), got.Truncated, err, tt.want)
			}
		})
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(
		[]byte(`<?xml version="1.0" encoding="UTF-16"?><urlset><url><loc>https://x.example/a</loc></url></urlset>`))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Parse(utf16); err != nil || len(got.URLs) != 1 {
		t.Errorf("utf-16: %+v, err %v", got, err)
	}
}

func TestParseRefusesWhatIsNoSitemap(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "a page": "<!doctype html><html><body><p>Not found</p></body></html>", "text": "Not found", "broken gzip": "\x1f\x8b\x00",
		"binary": "\x89PNG\r\n\x1a\n\x00\x00",
	} {
		if got, err := Parse([]byte(body)); !errors.Is(err, ErrNotSitemap) {
			t.Errorf("%s: %+v, err %v", name, got, err)
		}
	}
	if got, err := Parse([]byte("<urlset></urlset>")); err != nil || len(got.URLs) != 0 {
		t.Errorf("an empty sitemap is one: %+v, err %v", got, err)
	}
}

func TestParseResolvesNoEntities(t *testing.T) {
	body := `<!DOCTYPE urlset [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
<urlset><url><loc>https://x.example/&f;&b;</loc></url></urlset>`
	got, err := Parse([]byte(body))
	if err != nil || len(got.URLs) != 1 || got.URLs[0].Loc != "https://x.example/&f;&b;" {
		t.Fatalf("%+v, err %v", got, err)
	}
}

func TestParseKeepsItsLimits(t *testing.T) {
	var b strings.Builder
	b.WriteString("<urlset>")
	for i := range MaxEntries + 10 {
		fmt.Fprintf(&b, "<url><loc>https://x.example/%d</loc></url>", i)
	}
	b.WriteString("</urlset>")
	got, err := Parse(zipped(t, b.String()))
	if err != nil || len(got.URLs) != MaxEntries || !got.Truncated {
		t.Fatalf("protocol's limit: %d entries, truncated %v, err %v", len(got.URLs), got.Truncated, err)
	}
	if got, err = (Limits{Entries: 7}).Parse([]byte(b.String())); err != nil || len(got.URLs) != 7 || !got.Truncated {
		t.Fatalf("own limit: %d entries, truncated %v, err %v", len(got.URLs), got.Truncated, err)
	}
	if got, err = (Limits{Bytes: 1000}).Parse([]byte(b.String())); err != nil || len(got.URLs) < 10 || len(got.URLs) > 30 || !got.Truncated {
		t.Fatalf("byte limit: %d entries, truncated %v, err %v", len(got.URLs), got.Truncated, err)
	}
	bomb := zipped(t, "<urlset><url><loc>https://x.example/a</loc></url>"+strings.Repeat(" ", 60<<20))
	if got, err = Parse(bomb); err != nil || len(got.URLs) != 1 || !got.Truncated {
		t.Fatalf("gzip bomb: %+v, err %v", got, err)
	}
	deep := "<urlset><url><loc>https://x.example/a</loc></url>" + strings.Repeat("<a>", 1<<20)
	if got, err = Parse([]byte(deep)); err != nil || len(got.URLs) != 1 || !got.Truncated {
		t.Fatalf("deep nesting: %+v, err %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*.*")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range seeds {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
		f.Add(zipped(f, string(body)))
	}
	f.Add([]byte("<urlset></url><sitemap><loc>http://a</sitemap></a></a>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := Limits{Entries: 100, Bytes: 1 << 20}.Parse(body)
		if err != nil {
			if !errors.Is(err, ErrNotSitemap) {
				t.Fatalf("untyped error: %v", err)
			}
			return
		}
		if len(got.URLs)+len(got.Sitemaps) > 100 {
			t.Fatalf("%d entries", len(got.URLs)+len(got.Sitemaps))
		}
		for _, e := range append(got.URLs, got.Sitemaps...) {
			if address(e.Loc) != e.Loc || !e.LastMod.IsZero() && e.LastMod.Location() != time.UTC {
				t.Fatalf("entry %+v", e)
			}
		}
	})
}
