package fetch_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gocolly/colly/v2"

	"telltale/internal/pages"
)

// BenchmarkPage fetches a 50 KB page over loopback, politeness off: by the whole fetch path, by bare
// net/http, by bare colly, and by colly with its usual link following. Compare within one run.
func BenchmarkPage(b *testing.B) {
	l := newLab(b)
	var links strings.Builder
	for i := range 100 {
		fmt.Fprintf(&links, `<li><a href="/page/%d">An article about item %d</a> with some words around it</li>`, i, i)
	}
	page := "<!doctype html><title>Page</title><ul>" + links.String() + "</ul>"
	page += strings.Repeat("<p>Plain prose that fills the page up to its size.</p>\n", (50_000-len(page))/55)
	l.page("/", "text/html; charset=utf-8", page)
	l.mux.HandleFunc("/robots.txt", http.NotFound)
	url := "http://a.example/page"
	direct := fmt.Sprintf("http://127.0.0.1:%d/page", l.port)

	b.Run("fetch", func(b *testing.B) {
		f := l.fetcher(b, l.config())
		get(b, f, url)
		b.ReportAllocs()
		for b.Loop() {
			resp, err := f.Fetch(b.Context(), pages.Request{URL: url})
			if err != nil || len(resp.Body) != len(page) {
				b.Fatal(err)
			}
		}
	})
	b.Run("net-http", func(b *testing.B) {
		transport := &http.Transport{DisableCompression: true}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport}
		b.ReportAllocs()
		for b.Loop() {
			resp, err := client.Get(direct)
			if err != nil {
				b.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil || len(body) != len(page) || resp.Body.Close() != nil {
				b.Fatal(err)
			}
		}
	})
	for _, links := range []bool{false, true} {
		name := "colly"
		if links {
			name = "colly-links"
		}
		b.Run(name, func(b *testing.B) {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			c := colly.NewCollector(colly.AllowURLRevisit())
			c.WithTransport(transport)
			size := 0
			c.OnResponse(func(r *colly.Response) { size = len(r.Body) })
			if links {
				c.OnHTML("a[href]", func(e *colly.HTMLElement) { size += 0 * len(e.Request.AbsoluteURL(e.Attr("href"))) })
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Visit(direct); err != nil || size != len(page) {
					b.Fatal(err)
				}
			}
		})
	}
}
