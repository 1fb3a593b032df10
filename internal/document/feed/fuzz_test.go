package feed

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

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
		f.Add(body, "text/xml; charset=utf-8")
	}
	f.Add([]byte("<rss><channel><item><x:y><b></item><item></rss>"), "")
	f.Add([]byte("\xff\xfe<\x00r\x00"), "application/rss+xml; charset=utf-16")
	f.Add([]byte("<feed><entry><![CDATA[]]></a><b c='>'>&#0;&x;"), "x")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		feed, err := Parse(body, http.Header{"Content-Type": {contentType}}, "https://x.example/f")
		if err != nil {
			if !errors.Is(err, ErrNotFeed) && !errors.Is(err, ErrMalformed) {
				t.Fatalf("untyped error: %v", err)
			}
			return
		}
		if len(feed.Items) > MaxItems || len(feed.Title) > maxTitle || !utf8.ValidString(feed.Title) {
			t.Fatalf("bounds: %d items, title %q", len(feed.Items), feed.Title)
		}
		for _, it := range feed.Items {
			if it.URL != "" && !strings.HasPrefix(it.URL, "http://") && !strings.HasPrefix(it.URL, "https://") {
				t.Fatalf("url %q", it.URL)
			}
			if len(it.Summary) > maxSummary || len(it.Content) > maxContent || !utf8.ValidString(it.Summary) {
				t.Fatalf("item out of bounds: %d, %d", len(it.Summary), len(it.Content))
			}
		}
	})
}
