package fetch_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"telltale/internal/fetch"
	"telltale/internal/fetch/resolver"
	"telltale/internal/pages"
)

// tape keeps exchanges in memory.
type tape struct {
	mu   sync.Mutex
	kept []*pages.Exchange
}

// Record implements fetch.Recorder.
func (t *tape) Record(_ context.Context, x *pages.Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, x)
}

// seen lists what was recorded: status, address, length, and why it is cut.
func (t *tape) seen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []string
	for _, x := range t.kept {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%d %s %d %s", x.Status, strings.TrimPrefix(x.URL, "http://"), len(x.Body), x.Truncated)))
	}
	t.kept = nil
	return strings.Join(list, ", ")
}

func (l *lab) recorded(t *testing.T) (*fetch.Fetcher, *tape) {
	t.Helper()
	r, err := resolver.New(resolver.Config{Server: l.dns}, l.clock.now)
	if err != nil {
		t.Fatal(err)
	}
	kept := &tape{}
	f, err := fetch.New(l.config(), fetch.Deps{Resolver: r, Clock: l.clock.now, Recorder: kept})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f, kept
}

func TestEveryAnswerIsRecordedHopByHop(t *testing.T) {
	l := newLab(t)
	l.mux.HandleFunc("/from", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/to", http.StatusFound) })
	l.page("/to", "text/html", "<p>here</p>")
	l.page("/robots.txt", "text/plain", "User-agent: *\nDisallow: /no\n")
	l.mux.HandleFunc("/same", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	l.mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
	l.mux.HandleFunc("/silent", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	f, kept := l.recorded(t)

	resp := get(t, f, "http://a.example/from")
	if got, want := kept.seen(), "200 a.example/robots.txt 28, 302 a.example/from 26, 200 a.example/to 11"; got != want {
		t.Errorf("recorded %s, want %s", got, want)
	}
	if resp.FinalURL != "http://a.example/to" {
		t.Errorf("ended at %s", resp.FinalURL)
	}
	get(t, f, "http://a.example/same")
	deny(t, f, "http://a.example/no", pages.ReasonRobots)
	deny(t, f, "http://a.example/silent", pages.ReasonProtocol)
	deny(t, f, "http://a.example/busy", pages.ReasonThrottled)
	if got, want := kept.seen(), "304 a.example/same 0, 429 a.example/busy 0"; got != want {
		t.Errorf("recorded %s, want %s", got, want)
	}
}

func TestAnExchangeIsWhatWentOverTheWire(t *testing.T) {
	l := newLab(t)
	l.mux.HandleFunc("/latin", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=iso-8859-1")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, "<p>Gr\xfcezi</p>")
		_ = z.Close()
	})
	f, kept := l.recorded(t)
	resp := get(t, f, "http://a.example/latin")
	x := kept.kept[len(kept.kept)-1]
	if string(x.Body) != "<p>Gr\xfcezi</p>" || x.Coded || x.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("kept %q of header %v", x.Body, x.Header)
	}
	if !x.At.Equal(resp.FetchedAt) || x.Address.String() != "127.0.0.1" || !strings.HasPrefix(x.Request.Get("User-Agent"), "TelltaleBot/") {
		t.Errorf("at %v (fetched %v), address %v, request %v", x.At, resp.FetchedAt, x.Address, x.Request)
	}
	var d fetch.Decoder
	body, truncated, err := d.Decode(x)
	if err != nil || truncated || string(body) != string(resp.Body) || string(body) != "<p>Grüezi</p>" {
		t.Errorf("decoded %q, %v, %v; fetched %q", body, truncated, err, resp.Body)
	}
}

func TestACutBodyIsRecordedWithItsReason(t *testing.T) {
	l := newLab(t)
	l.mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 3<<20)) })
	l.mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(make([]byte, 1000))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	l.mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, 1000))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	f, kept := l.recorded(t)
	for path, want := range map[string]string{
		"long": "200 a.example/long 2097152 length", "broken": "200 a.example/broken 1000 disconnect", "slow": "200 a.example/slow 1000 time",
	} {
		if resp := get(t, f, "http://a.example/"+path); !resp.Truncated {
			t.Errorf("%s is whole", path)
		}
		if got := kept.seen(); !strings.HasSuffix(got, want) {
			t.Errorf("recorded %s, want %s", got, want)
		}
	}
}

func TestABodyOfAnotherToolIsDecodedWithinTheCap(t *testing.T) {
	var zipped strings.Builder
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(make([]byte, 5<<20))
	_ = z.Close()
	var d fetch.Decoder
	coded := func(coding, body string) *pages.Exchange {
		return &pages.Exchange{Header: http.Header{"Content-Type": {"text/plain"}, "Content-Encoding": {coding}}, Body: []byte(body), Coded: true}
	}
	if body, truncated, err := d.Decode(coded("gzip", zipped.String())); err != nil || !truncated || len(body) > pages.MaxBody {
		t.Errorf("%d bytes, truncated %v, %v", len(body), truncated, err)
	}
	if body, _, err := d.Decode(coded("br", "\xff\xff\xff")); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("broken brotli gave %q, %v", body, err)
	}
	long := &pages.Exchange{Header: http.Header{"Content-Type": {"text/plain"}}, Body: make([]byte, 3<<20)}
	if body, truncated, err := d.Decode(long); err != nil || !truncated || len(body) != pages.MaxBody {
		t.Errorf("%d bytes, truncated %v, %v", len(body), truncated, err)
	}
}
