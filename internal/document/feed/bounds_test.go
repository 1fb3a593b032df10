package feed

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestParseKeepsItsBounds(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		b.WriteString("<rss><channel><title>T</title>")
		for i := range n {
			fmt.Fprintf(&b, "<item><link>https://x.example/%d</link></item>", i)
		}
		return b.String() + "</channel></rss>"
	}
	t.Run("the first thousand items are kept", func(t *testing.T) {
		got, err := Parse([]byte(many(5000)), nil, base)
		if err != nil || len(got.Items) != MaxItems || !got.Truncated {
			t.Fatalf("err %v, feed %d items, truncated %v", err, len(got.Items), got.Truncated)
		}
		if got, err = Parse([]byte(many(MaxItems)), nil, base); err != nil || len(got.Items) != MaxItems || got.Truncated {
			t.Fatalf("at the bound: err %v, %d items, truncated %v", err, len(got.Items), got.Truncated)
		}
	})
	t.Run("a body over the cap is cut", func(t *testing.T) {
		body := strings.Replace(many(3), "T</title>", "T</title><!--"+strings.Repeat("x", MaxBytes)+"-->", 1)
		if got, err := Parse([]byte(body), nil, base); err != nil || !got.Truncated || len(got.Items) != 0 {
			t.Fatalf("err %v, feed %+v", err, got)
		}
	})
	t.Run("texts are clipped between characters", func(t *testing.T) {
		got, err := Parse([]byte(item("<description>"+strings.Repeat("é", 9000)+"</description>")), nil, base)
		if err != nil || len(got.Items[0].Summary) > maxSummary || !utf8.ValidString(got.Items[0].Summary) || len(got.Items[0].Summary) < maxSummary-4 {
			t.Fatalf("err %v, %d bytes", err, len(got.Items[0].Summary))
		}
		if got.Items[0].Content != strings.Repeat("é", 9000) {
			t.Error("a long description is the content, and must be kept")
		}
	})
}

// TestParseIsCheapOnHostileMarkup feeds shapes that cost a naive parser quadratic time or deep
// recursion. The tidied document's own bounds are asserted, not the clock.
func TestParseIsCheapOnHostileMarkup(t *testing.T) {
	var spaces strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&spaces, ` xmlns:p%d="urn:%d"`, i, i)
	}
	for name, body := range map[string]string{
		"deep nesting":                 "<rss><channel>" + strings.Repeat("<a>", 500_000),
		"deep nesting in an extension": "<rss><channel>" + strings.Repeat("<x:a>", 300_000),
		"a namespace on every level":   "<rss><channel>" + strings.Repeat(`<a xmlns:b="urn:b">`, 80_000),
		"thousands of namespaces":      "<rss" + spaces.String() + "><channel>" + strings.Repeat("<a/>", 100_000),
		"mixed content":                "<rss><channel><x:y>" + strings.Repeat("t", 1<<20) + strings.Repeat("<z/>t", 150_000),
		"ampersands":                   item("<description>" + strings.Repeat("&", 1<<20)),
		"open brackets":                item("<description>" + strings.Repeat("<", 1<<20)),
		"open quotes":                  item(strings.Repeat(`<a b="`, 100_000)),
		"open CDATA sections":          item(strings.Repeat("<![CDATA[", 100_000)),
		"empty CDATA sections":         item("<x:y>" + strings.Repeat("<![CDATA[]]>", 100_000)),
		"open doctypes":                "<rss>" + strings.Repeat("<!D [", 200_000),
	} {
		t.Run(name, func(t *testing.T) {
			out, _, err := tidy([]byte(body)[:min(len(body), MaxBytes)])
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(out, []byte("xmlns")); n > maxAttrs {
				t.Errorf("%d namespace declarations", n)
			}
			if n := bytes.Count(out, []byte("<")); n > 2*maxElements {
				t.Errorf("%d tags", n)
			}
			if len(out) > 6*MaxBytes {
				t.Errorf("%d bytes", len(out))
			}
			if _, err := Parse([]byte(body), nil, base); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDatesAreSane(t *testing.T) {
	header := http.Header{"Date": {"Mon, 02 Mar 2026 12:00:00 GMT"}}
	for raw, want := range map[string]time.Time{
		"Mon, 02 Mar 2026 09:00:00 +0100":    day(2026, 3, 2, 8),
		"2026-03-01T10:00:00Z":               day(2026, 3, 1, 10),
		"Mon, 02 Mar 2026 09:00:00 EST":      day(2026, 3, 2, 14),
		"Mo, 02 Mär 2026 09:00:00 +0100":     day(2026, 3, 2, 8),
		"lun., 02 févr. 2026 09:00:00 +0100": day(2026, 2, 2, 8),
		"12. Dezember 2025":                  day(2025, 12, 12, 0),
		"2025-11":                            day(2025, 11, 1, 0),
		"Thu, 01 Jan 1970 00:00:00 GMT":      {},
		"Mon, 30 Nov 2026 00:00:00 GMT":      {},
		"0001-01-01T00:00:00Z":               {},
		"yesterday":                          {},
	} {
		t.Run(raw, func(t *testing.T) {
			got, err := Parse([]byte(item("<pubDate>"+raw+"</pubDate>")), header, base)
			if err != nil || !got.Items[0].Published.Equal(want) {
				t.Fatalf("published %v, want %v (err %v)", got.Items[0].Published, want, err)
			}
		})
	}
}

func TestAddressesAreAbsoluteWebAddresses(t *testing.T) {
	for ref, want := range map[string]string{
		"/a?b=1&amp;c=2":          "https://www.contoso.example/a?b=1&c=2",
		"  post one.html \n":      "https://www.contoso.example/news/post%20one.html",
		"//cdn.example/x":         "https://cdn.example/x",
		"javascript:alert(1)":     "",
		"data:text/html,x":        "",
		"ftp://x.example/a":       "",
		"https://[::1":            "",
		strings.Repeat("a", 5000): "",
	} {
		body := "<rss><channel><item><link>" + ref + "</link></item></channel></rss>"
		got, err := Parse([]byte(body), nil, base)
		if err != nil || got.Items[0].URL != want {
			t.Errorf("%.40q: %q, want %q (err %v)", ref, got.Items[0].URL, want, err)
		}
	}
	if got, err := Parse([]byte(`<rss><channel><item><link>/a</link></item></channel></rss>`), nil, ""); err != nil || got.Items[0].URL != "" {
		t.Errorf("without a base: %+v, err %v", got, err)
	}
	based := `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.example/x/"><entry><link href="y"/></entry></feed>`
	if got, err := Parse([]byte(based), nil, base); err != nil || got.Items[0].URL != "https://other.example/x/y" {
		t.Errorf("xml:base: %+v, err %v", got, err)
	}
}

func TestADigestTellsFeedsApartByTheirItems(t *testing.T) {
	digest := func(items string) uint64 {
		f, err := Parse([]byte(`<rss><channel>`+items+`</channel></rss>`), nil, base)
		if err != nil {
			t.Fatal(err)
		}
		return f.Digest()
	}
	a, b := `<item><link>/a</link><title>A</title><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>`, `<item><link>/b</link><title>B</title></item>`
	both := digest(a + b)
	for name, other := range map[string]string{"another item": a + b + `<item><link>/c</link></item>`, "another title": a + `<item><link>/b</link><title>C</title></item>`, "one less": a, "none": ""} {
		if digest(other) == both || digest(other) == 0 {
			t.Errorf("%s has the same digest, or none", name)
		}
	}
	if digest(b+a) != both || digest("<lastBuildDate>now</lastBuildDate>"+strings.ReplaceAll(a, "10:00", "11:00")+b) != both {
		t.Error("order or dates change the digest")
	}
}

func TestMaxAgeCountsTheTimeInCaches(t *testing.T) {
	h := http.Header{"Cache-Control": {"max-age=600"}, "Age": {"100"}}
	if got := MaxAge(h); got != 500*time.Second {
		t.Errorf("%v", got)
	}
	if h.Set("Cache-Control", "max-age=999999999"); MaxAge(h) != MaxTTL {
		t.Errorf("%v", MaxAge(h))
	}
}

func TestTTL(t *testing.T) {
	for name, tt := range map[string]struct {
		channel, cache string
		want           time.Duration
	}{
		"ttl in minutes":                {"<ttl>30</ttl>", "max-age=5", 30 * time.Minute},
		"syndication module":            {"<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", "", 6 * time.Hour},
		"max-age stands in":             {"", "public, max-age=600", 10 * time.Minute},
		"no-store says nothing":         {"", "no-store, max-age=600", 0},
		"a week is the longest":         {"<ttl>999999999</ttl>", "", 7 * 24 * time.Hour},
		"the longest of several":        {"<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", "max-age=7200", 2 * time.Hour},
		"no-cache leaves the ttl":       {"<ttl>30</ttl>", "no-cache, max-age=7200", 30 * time.Minute},
		"a negative ttl says nothing":   {"<ttl>-5</ttl>", "", 0},
		"an absurd number says nothing": {"<ttl>99999999999999999</ttl>", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			body := `<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>` + tt.channel + `</channel></rss>`
			got, err := Parse([]byte(body), http.Header{"Cache-Control": {tt.cache}}, base)
			if err != nil || got.TTL != tt.want {
				t.Fatalf("ttl %v, want %v (err %v)", got.TTL, tt.want, err)
			}
		})
	}
}
