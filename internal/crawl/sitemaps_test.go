package crawl_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"telltale/internal/crawl"
	"telltale/internal/pages"
)

// manyURLs is a sitemap of n press releases, the newest of them at number newest.
func manyURLs(n, newest int) string {
	var b strings.Builder
	b.WriteString("<urlset>")
	for i := range n {
		day, name := "2019-05-01", "one-of-very-many-press-releases-that-are-listed-here"
		if i == newest {
			day, name = "2026-02-01", "the-newest-of-all-of-them"
		}
		fmt.Fprintf(&b, "<url><loc>https://contoso.example/press/%d/%s</loc><lastmod>%s</lastmod><changefreq>monthly</changefreq></url>\n", i, name, day)
	}
	b.WriteString("</urlset>")
	return b.String()
}

func gzipped(t testing.TB, body string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSitemapsOfAnySizeAreReadWithinTheProtocolsLimits(t *testing.T) {
	const newest = "press /press/49000/the-newest-of-all-of-them"
	for _, tt := range []struct {
		name, kind, body string
		config           crawl.Config
		found            bool
	}{
		{name: "8 MiB, the newest near the protocol's last entry", kind: "application/xml", body: manyURLs(60_000, 49_000), found: true},
		{name: "the same, gzipped", kind: "application/gzip", body: gzipped(t, manyURLs(60_000, 49_000)), found: true},
		{name: "behind the protocol's last entry", kind: "application/xml", body: manyURLs(60_000, 50_001)},
		{name: "behind the bytes that a visit may spend on sitemaps", kind: "application/xml", body: manyURLs(60_000, 49_000), config: crawl.Config{MaxSitemapBytes: 3 << 20}},
		{name: "8 MiB are not taken out of the pages' budget", kind: "application/xml", body: manyURLs(60_000, 49_000), config: crawl.Config{MaxBytes: 1 << 20}, found: true},
		{name: "a bomb of 60 MiB", kind: "application/gzip", body: gzipped(t, strings.TrimSuffix(manyURLs(49_001, 49_000), "</urlset>")+strings.Repeat(" ", 60<<20)), found: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if raced && tt.config.MaxSitemapBytes == 0 && os.Getenv("TELLTALE_NIGHTLY") == "" {
				t.Skip("fifty thousand entries take half a minute under the race detector: make test runs this without it, make nightly with it")
			}
			tt.config.Quotas = map[pages.Kind]int{pages.KindPress: 1}
			l := newLab(t, tt.config)
			l.html(c, "/{$}", "<h1>Contoso</h1>"+prose)
			l.page(c, "/sitemap.xml", tt.kind, tt.body)
			l.site(c).HandleFunc("/press/{n}/{name}", func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, "<title>%s</title><h1>%s</h1>%s", r.URL.Path, r.URL.Path, prose)
			})
			r := l.visit(visitOf(c))
			if got := l.published(); r.Outcome != pages.OutcomeOK || strings.Contains(got, newest) != tt.found || !strings.Contains(got, "press /press/") {
				t.Errorf("%s, reason %s, published %s", r.Outcome, r.Reason, got)
			}
		})
	}
}

func TestSitemapsThatLeadInACircleOrOutAreReadOnce(t *testing.T) {
	l := newLab(t, crawl.Config{Quotas: map[pages.Kind]int{pages.KindPress: 5}, MaxSitemaps: 10})
	l.html(c, "/{$}", "<h1>Contoso</h1>"+prose)
	index := func(path string, to ...string) {
		var b strings.Builder
		for _, u := range to {
			fmt.Fprintf(&b, "<sitemap><loc>%s</loc></sitemap>", u)
		}
		l.page(c, path, "application/xml", "<sitemapindex>"+b.String()+"</sitemapindex>")
	}
	const site = "https://contoso.example"
	l.page(c, "/robots.txt", "text/plain", "Sitemap: "+site+"/a.xml\n")
	index("/a.xml", site+"/a.xml", site+"/b.xml", site+"/A/../a.xml", "https://other.example/s.xml")
	index("/b.xml", site+"/a.xml", site+"/c.xml", site+"/news.xml")
	index("/c.xml", site+"/d.xml")
	index("/d.xml", site+"/too-deep.xml")
	l.page(c, "/news.xml", "application/xml", `<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y SYSTEM "https://other.example/leak">]>
<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>`+site+`/press/&x;&y;</loc></url>
<url><loc>`+site+`/press/older-news-of-the-day</loc><news:news><news:publication_date>2026-02-01T08:00:00Z</news:publication_date></news:news></url>
<url><loc>`+site+`/press/newer-news-of-the-day</loc><news:news><news:publication_date>2026-02-02T08:00:00Z</news:publication_date></news:news></url></urlset>`)
	for _, p := range []string{"older", "newer"} {
		l.html(c, "/press/"+p+"-news-of-the-day", "<h1>"+p+"</h1>"+prose)
	}
	v := visitOf(c)
	v.Interval = time.Hour
	r := l.visit(v)
	if want := "probe dns:contoso.example, home /, press /press/newer-news-of-the-day, press /press/older-news-of-the-day"; l.published() != want || r.Outcome != pages.OutcomeOK {
		t.Errorf("published %s, result %+v", l.published(), r)
	}
	if got, want := l.requests(), "/ /a.xml /b.xml /c.xml /news.xml"; !strings.HasPrefix(got, want+" ") || strings.Contains(got, "leak") || strings.Contains(got, "too-deep") {
		t.Errorf("asked for %s", got)
	}
}
