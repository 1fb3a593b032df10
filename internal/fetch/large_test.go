package fetch_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"telltale/internal/pages"
)

// serveLong serves as many spaces as the path says, in MiB, with a body's beginning and end, gzipped where asked to.
func serveLong(w http.ResponseWriter, r *http.Request) {
	mib, err := strconv.Atoi(r.PathValue("mib"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	var out io.Writer = w
	if r.URL.Query().Has("gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer func() { _ = z.Close() }()
		out = z
	}
	if r.URL.Query().Has("missing") {
		w.WriteHeader(http.StatusNotFound)
	}
	_, _ = io.WriteString(out, "<a>")
	line := bytes.Repeat([]byte(" "), 64<<10)
	for range mib * 16 {
		if _, err := out.Write(line); err != nil {
			return
		}
	}
	_, _ = io.WriteString(out, "</a>")
}

func TestALongBodyIsReadWhereItIsAskedFor(t *testing.T) {
	l := newLab(t)
	l.mux.HandleFunc("/long/{mib}", serveLong)
	c := l.config()
	c.FirstByteTimeout, c.TotalTimeout = time.Minute, time.Minute
	f := l.fetcher(t, c)
	for _, tt := range []struct {
		path      string
		max, want int
		truncated bool
	}{
		{"6", 0, pages.MaxBody, true},
		{"6", 8 << 20, 6<<20 + 7, false},
		{"6?gzip", 8 << 20, 6<<20 + 7, false},
		{"6", 5 << 20, 5 << 20, true},
		{"6?missing", 8 << 20, pages.MaxBody, true},
		{"60?gzip", 1 << 30, pages.MaxLargeBody, true},
		{"1", 8 << 20, 1<<20 + 7, false},
	} {
		resp, err := f.Fetch(t.Context(), pages.Request{URL: "http://a.example/long/" + tt.path, MaxBody: tt.max})
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Body) != tt.want || resp.Truncated != tt.truncated || bytes.HasSuffix(resp.Body, []byte("</a>")) == tt.truncated {
			t.Errorf("%s, at most %d: %d bytes, truncated %v", tt.path, tt.max, len(resp.Body), resp.Truncated)
		}
		resp.Release()
	}
}

func TestLongBodiesShareABudget(t *testing.T) {
	l := newLab(t)
	l.mux.HandleFunc("/long/{mib}", serveLong)
	c := l.config()
	c.MaxLarge, c.TotalTimeout = 1, 5*time.Second
	f := l.fetcher(t, c)
	ask := func() *pages.Response {
		resp, err := f.Fetch(t.Context(), pages.Request{URL: "http://a.example/long/3", MaxBody: pages.MaxLargeBody})
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	first := ask()
	if second := ask(); !second.Truncated || len(second.Body) != pages.MaxBody || len(first.Body) != 3<<20+7 {
		t.Errorf("with no room left: %d bytes, truncated %v, after %d", len(second.Body), second.Truncated, len(first.Body))
	}
	first.Release()
	first.Release()
	if third := ask(); third.Truncated {
		t.Error("what was given back is not there")
	}
}
