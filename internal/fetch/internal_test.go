package fetch

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"
	"unicode/utf8"

	"telltale/internal/document/charset"
)

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
		out, _, _ := charset.ToUTF8(decoded, contentType, truncated, limit)
		if len(out) > limit {
			t.Fatalf("%d bytes of %d after decoding the charset", len(out), limit)
		}
		if charset.Textual(contentType, decoded) && !charset.IsBinary(decoded) && !utf8.Valid(out) {
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
