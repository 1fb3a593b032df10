package document_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"telltale/internal/document"
	"telltale/internal/pages"
)

// BenchmarkParse reads a page of 50 KB: prose with entities and a hundred links.
func BenchmarkParse(b *testing.B) {
	var s strings.Builder
	s.WriteString("<!doctype html><html lang=\"en\"><title>Notes</title><body><article>\n")
	for i := 0; s.Len() < 50_000; i++ {
		fmt.Fprintf(&s, "<p class=\"text\">The %dth delivery was checked twice, once when it came in &amp; once before it left the northern hall, "+
			"under a contract that nobody has read with more care than last year. The list was wrong, and the new one is short; "+
			"customers wait for an answer while the next shift begins. <a href=\"/blog/%d-notes\" class=\"link\">More on this</a></p>\n", i, i)
	}
	p := &pages.Page{URL: "https://example.com/", Domain: "example.com", Status: 200, Body: []byte(s.String()), Header: http.Header{"Content-Type": {"text/html"}}}
	b.SetBytes(int64(s.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := document.Parse(p); err != nil {
			b.Fatal(err)
		}
	}
}
