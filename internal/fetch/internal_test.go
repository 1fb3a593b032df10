package fetch

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"
	"unicode/utf8"

	"telltale/internal/pages"
)

func TestTextBecomesUTF8(t *testing.T) {
	const decl = `<?xml version="1.0" encoding="ISO-8859-1"?>`
	for _, c := range []struct{ name, contentType, body, want string }{
		{"UTF-8 without declaration", "text/html", "caf\xc3\xa9", "café"},
		{"UTF-8 that claims to be windows-1252", "text/html; charset=windows-1252", "caf\xc3\xa9", "café"},
		{"UTF-8 that claims so in its meta element", "text/html", `<meta charset="iso-8859-1">café`, `<meta charset="iso-8859-1">café`},
		{"Latin by header", "text/html; charset=ISO-8859-1", "caf\xe9", "café"},
		{"Latin by meta", "text/html", `<meta charset="windows-1250"> p` + "\xb9", `<meta charset="windows-1250"> pą`},
		{"Latin by sniffing", "text/html", "<p>caf\xe9</p>", "<p>café</p>"},
		{"Japanese by header", "text/html; charset=Shift_JIS", "\x93\xfa\x96\x7b", "日本"},
		{"seven-bit Japanese", "text/html; charset=iso-2022-jp", "\x1b$BF|K\\\x1b(B", "日本"},
		{"Cyrillic by meta", "text/html", `<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">` + "\xd2\xd5\xd3", `<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">рус`},
		{"UTF-16 by byte order mark", "text/html", "\xff\xfea\x00\xe9\x00", "aé"},
		{"UTF-16 by header", "text/html; charset=utf-16le", "a\x00b\x00", "ab"},
		{"a byte order mark is dropped", "text/html", "\xEF\xBB\xBFa", "a"},
		{"broken UTF-8 that says so", "text/html; charset=utf-8", "caf\xc3\xa9 \xff!", "café \uFFFD!"},
		{"a feed by its XML declaration", "application/rss+xml", decl + "<a>\xe9</a>", `<?xml version="1.0" encoding="UTF-8"?><a>é</a>`},
		{"a feed whose declaration lies", "application/xml", decl + "<a>é</a>", `<?xml version="1.0" encoding="UTF-8"?><a>é</a>`},
		{"a header beats the XML declaration", "text/xml; charset=windows-1251", decl + "<a>\xe9</a>", `<?xml version="1.0" encoding="UTF-8"?><a>й</a>`},
		{"an encoding nobody knows", "text/html; charset=klingon", "caf\xe9", "café"},
		{"JSON", "application/feed+json", "\"caf\xe9\"", "\"café\""},
		{"no type at all", "", "<html>caf\xe9", "<html>café"},
		{"an image is left alone", "image/png", "\x89PNG\xff\xfe", "\x89PNG\xff\xfe"},
		{"what looks like none is left alone", "", "\x89PNG\x0d\x0a\x1a\x0a\xff", "\x89PNG\x0d\x0a\x1a\x0a\xff"},
		{"nothing", "text/html", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, cut := toUTF8([]byte(c.body), c.contentType, false, pages.MaxBody)
			if string(got) != c.want || cut {
				t.Fatalf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestACutBodyKeepsItsEncoding(t *testing.T) {
	body := []byte("日本語日本語")
	for n := range len(body) + 1 {
		got, _ := toUTF8(body[:n], "text/html", true, 100)
		if want := body[:n/3*3]; !bytes.Equal(got, want) {
			t.Fatalf("cut at %d: %q, want %q", n, got, want)
		}
	}
	got, cut := toUTF8(bytes.Repeat([]byte{0xE9}, 100), "text/html; charset=iso-8859-1", false, 151)
	if !cut || len(got) != 150 || !utf8.Valid(got) {
		t.Fatalf("a body that grew: cut %v, %d bytes", cut, len(got))
	}
}

func TestRetryAfterIsReadAsSecondsOrDate(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, " 7 ": 7 * time.Second, "0": 0, "-5": 0, "soon": 0, "1.5": 0,
		"99999999999999999999": maxRetryAfter, "9999999999": maxRetryAfter,
		"Fri, 02 Jan 2026 04:04:05 GMT": time.Hour, "Friday, 02-Jan-26 03:05:05 GMT": time.Minute, "Fri Jan  2 03:04:06 2026": time.Second,
		"Thu, 01 Jan 2026 00:00:00 GMT": 0, "Fri, 31 Dec 9999 00:00:00 GMT": maxRetryAfter,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("Retry-After: %q gave %v, want %v", text, got, want)
		}
	}
}

func TestARetryAfterDateCountsFromTheServersClock(t *testing.T) {
	ahead := time.Date(2026, 1, 2, 3, 5, 35, 0, time.UTC) // by ninety seconds
	h := http.Header{"Date": {"Fri, 02 Jan 2026 03:04:05 GMT"}, "Retry-After": {"Fri, 02 Jan 2026 03:04:08 GMT"}}
	for _, now := range []time.Time{ahead, ahead.Add(-time.Hour)} {
		if got := retryAfter(h, now); got != 3*time.Second {
			t.Errorf("at %v by our clock: %v, want 3s", now, got)
		}
	}
}

func TestStatusClasses(t *testing.T) {
	for status, want := range map[int]string{103: "1xx", 200: "2xx", 304: "3xx", 404: "4xx", 599: "5xx", 0: "other", 600: "other", 999: "other"} {
		if got := statusClass(status); got != want {
			t.Errorf("%d: %s", status, got)
		}
	}
}

func FuzzBody(f *testing.F) {
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x4b\x04\x00\x43\xbe\xb7\xe8\x01\x00\x00\x00"), "gzip", "text/html", 100)
	f.Add([]byte("\x0b\x00\x80a\x03"), "br", "text/html; charset=utf-16", 2)
	f.Add([]byte("\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00a"), "zstd", "application/xml", 50)
	f.Add([]byte("x\x9cK\x04\x00\x00b\x00b"), "deflate, gzip", "", 50)
	f.Add([]byte("<?xml encoding='koi8-r' ?>\xd2"), "", "text/xml", 20)
	var d decoders
	f.Fuzz(func(t *testing.T, body []byte, coding, contentType string, limit int) {
		limit = min(max(limit, 1), 1<<20)
		resp := &http.Response{Header: http.Header{"Content-Encoding": {coding}}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: -1}
		decoded, truncated, err := d.read(resp, limit, func() int { return limit })
		if len(decoded) > limit || (err != nil && len(decoded) > 0) {
			t.Fatalf("%d bytes of %d, %v", len(decoded), limit, err)
		}
		out, _ := toUTF8(decoded, contentType, truncated, limit)
		if len(out) > limit {
			t.Fatalf("%d bytes of %d after decoding the charset", len(out), limit)
		}
		if textual(contentType, decoded) && !utf8.Valid(out) {
			t.Fatalf("%q is not UTF-8", out)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Fri, 02 Jan 2026 04:04:05 GMT")
	f.Fuzz(func(t *testing.T, text string) {
		if d := retryAfter(http.Header{"Retry-After": {text}}, time.Now()); d < 0 || d > maxRetryAfter {
			t.Fatalf("%q gave %v", text, d)
		}
	})
}
