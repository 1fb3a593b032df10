package crawl

import (
	"maps"
	"net/http"
	"slices"
)

// boundHeader leaves out fields beyond maxHeader, so that no page message outgrows its frame.
func boundHeader(h http.Header) http.Header {
	n := 0
	for k, values := range h {
		for _, s := range values {
			n += len(k) + len(s)
		}
	}
	if n <= maxHeader {
		return h
	}
	out, n := http.Header{}, 0
	for _, k := range slices.Sorted(maps.Keys(h)) {
		for _, s := range h[k] {
			if n += len(k) + len(s); n <= maxHeader {
				out[k] = append(out[k], s)
			}
		}
	}
	return out
}
