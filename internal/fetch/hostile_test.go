package fetch_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"telltale/internal/pages"
)

// raw serves one host with bytes of the test's choosing: what follows the request line is up to serve.
// robots.txt is answered with 404.
func (l *lab) raw(t *testing.T, serve func(path string, w io.Writer)) string {
	t.Helper()
	ln := l.listen(t, fmt.Sprintf("127.0.1.1:%d", l.port))
	l.name("raw.example", "127.0.1.1")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			handled := make(chan struct{})
			go func() { defer close(handled); serveRaw(conn, serve) }()
			defer func() { _ = conn.Close(); <-handled }()
		}
	}()
	t.Cleanup(func() { _ = ln.Close(); <-done })
	return "http://raw.example"
}

func serveRaw(conn net.Conn, serve func(path string, w io.Writer)) {
	defer func() { _ = conn.Close() }()
	head := make([]byte, 4096)
	n, err := conn.Read(head)
	if err != nil {
		return
	}
	words := strings.Fields(string(head[:n]))
	if len(words) > 1 && words[1] == "/robots.txt" {
		_, _ = io.WriteString(conn, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		return
	}
	serve(words[1], conn)
}

// forever writes until the other side is gone.
func forever(w io.Writer, chunk string, pause time.Duration) {
	tick := time.NewTicker(max(pause, time.Nanosecond))
	defer tick.Stop()
	for {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
		if pause > 0 {
			<-tick.C
		}
	}
}

func TestHostileServersBecomeTypedOutcomes(t *testing.T) {
	l := newLab(t)
	const ok = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
	answers := map[string]func(w io.Writer){
		"/silent":         func(w io.Writer) { waitClosed(w) },
		"/endless-status": func(w io.Writer) { forever(w, "HTTP/1.1 200 OK", 0) },
		"/endless-headers": func(w io.Writer) {
			_, _ = io.WriteString(w, ok)
			forever(w, "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 0)
		},
		"/endless-100":  func(w io.Writer) { forever(w, "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n", 0) },
		"/drip-headers": func(w io.Writer) { _, _ = io.WriteString(w, ok); forever(w, "x", 50*time.Millisecond) },
		"/drip-body":    func(w io.Writer) { _, _ = io.WriteString(w, ok+"\r\n"); forever(w, "x", 50*time.Millisecond) },
		"/endless-body": func(w io.Writer) { _, _ = io.WriteString(w, ok+"\r\n"); forever(w, strings.Repeat("x", 4096), 0) },
		"/short":        func(w io.Writer) { _, _ = io.WriteString(w, ok+"Content-Length: 100\r\n\r\nten bytes.") },
		"/shorter":      func(w io.Writer) { _, _ = io.WriteString(w, ok+"Content-Length: 100\r\n\r\n") },
		"/huge-promise": func(w io.Writer) { _, _ = io.WriteString(w, ok+"Content-Length: 9000000000000\r\n\r\nten bytes.") },
		"/two-lengths":  func(w io.Writer) { _, _ = io.WriteString(w, ok+"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab") },
		"/bad-chunk": func(w io.Writer) {
			_, _ = io.WriteString(w, ok+"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")
		},
		"/bad-first-chunk": func(w io.Writer) { _, _ = io.WriteString(w, ok+"Transfer-Encoding: chunked\r\n\r\nzz\r\n") },
		"/garbage":         func(w io.Writer) { _, _ = io.WriteString(w, "SSH-2.0-OpenSSH_9.6\r\n") },
		"/nothing":         func(io.Writer) {},
		"/unknown-coding": func(w io.Writer) {
			_, _ = io.WriteString(w, ok+"Content-Encoding: rot13\r\nContent-Length: 3\r\n\r\nuryyb")
		},
		"/many-codings": func(w io.Writer) { _, _ = io.WriteString(w, ok+"Content-Encoding: gzip, gzip, gzip\r\n\r\nx") },
		"/false-brotli": func(w io.Writer) { _, _ = io.WriteString(w, ok+"Content-Encoding: br\r\n\r\n\xff\xff\xff\xff\xff") },
		"/false-zstd":   func(w io.Writer) { _, _ = io.WriteString(w, ok+"Content-Encoding: zstd\r\n\r\nplain text") },
		"/false-gzip":   func(w io.Writer) { _, _ = io.WriteString(w, ok+"Content-Encoding: gzip\r\n\r\nplain text") },
		"/empty-gzip":   func(w io.Writer) { _, _ = io.WriteString(w, ok+"Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n") },
		"/old":          func(w io.Writer) { _, _ = io.WriteString(w, "HTTP/1.0 200 OK\r\n\r\nplain text") },
	}
	base := l.raw(t, func(path string, w io.Writer) { answers[path](w) })
	c := l.config()
	c.FirstByteTimeout, c.TotalTimeout = 2*time.Second, 3*time.Second // a busy machine takes its time to send an endless status line
	f := l.fetcher(t, c)
	for path, want := range map[string]pages.FetchReason{
		"/silent": pages.ReasonTimeout, "/drip-headers": pages.ReasonTimeout, "/endless-status": pages.ReasonProtocol, "/endless-headers": pages.ReasonProtocol,
		"/endless-100": pages.ReasonProtocol, "/shorter": pages.ReasonProtocol, "/two-lengths": pages.ReasonProtocol, "/bad-first-chunk": pages.ReasonProtocol,
		"/garbage": pages.ReasonProtocol, "/nothing": pages.ReasonProtocol,
		"/unknown-coding": pages.ReasonEncoding, "/many-codings": pages.ReasonEncoding, "/false-brotli": pages.ReasonEncoding, "/false-zstd": pages.ReasonEncoding,
	} {
		deny(t, f, base+path, want)
	}
	for path, want := range map[string]string{
		"/drip-body": "", "/endless-body": "", "/short": "ten bytes.", "/huge-promise": "ten bytes.", "/bad-chunk": "hello",
	} {
		resp := get(t, f, base+path)
		if !resp.Truncated || len(resp.Body) == 0 || len(resp.Body) > pages.MaxBody || (want != "" && string(resp.Body) != want) {
			t.Errorf("%s: truncated %v, %d bytes", path, resp.Truncated, len(resp.Body))
		}
	}
	for path, want := range map[string]string{"/false-gzip": "plain text", "/empty-gzip": "", "/old": "plain text"} {
		if resp := get(t, f, base+path); resp.Truncated || string(resp.Body) != want {
			t.Errorf("%s: truncated %v, %q", path, resp.Truncated, resp.Body)
		}
	}
	if n := l.metric(t, "truncated_total", ""); n != 5 {
		t.Errorf("%v truncated bodies counted", n)
	}
}

// waitClosed returns when the other side has hung up.
func waitClosed(w io.Writer) {
	if conn, ok := w.(net.Conn); ok {
		_, _ = io.Copy(io.Discard, conn)
	}
}

// compress writes n zeros in a content coding.
func compress(t testing.TB, coding string, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	case "raw deflate":
		w, err = flate.NewWriter(&b, 9)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		w, err = zstd.NewWriter(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	chunk := bytes.Repeat([]byte("0"), 1<<16)
	for n > 0 {
		k := min(n, len(chunk))
		if _, err := w.Write(chunk[:k]); err != nil {
			t.Fatal(err)
		}
		n -= k
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBodiesAreDecodedAndBombsAreCut(t *testing.T) {
	l := newLab(t)
	f := l.fetcher(t, l.config())
	serve := func(path, header string, body []byte) {
		l.mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", header)
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write(body)
		})
	}
	for _, coding := range []string{"gzip", "deflate", "raw deflate", "br", "zstd"} {
		path := "/" + strings.ReplaceAll(coding, " ", "-")
		header := strings.TrimPrefix(coding, "raw ")
		serve(path, header, compress(t, coding, 200_000))
		serve(path+"-bomb", header, compress(t, coding, 16<<20))
		whole := compress(t, coding, 3_000_000)
		serve(path+"-cut", header, whole[:len(whole)*2/3])
		if resp := get(t, f, "http://a.example"+path); resp.Truncated || len(resp.Body) != 200_000 {
			t.Errorf("%s: truncated %v, %d bytes", coding, resp.Truncated, len(resp.Body))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		resp := get(t, f, "http://a.example"+path+"-bomb")
		runtime.ReadMemStats(&after)
		if !resp.Truncated || len(resp.Body) != pages.MaxBody {
			t.Errorf("%s bomb: truncated %v, %d bytes", coding, resp.Truncated, len(resp.Body))
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 40<<20 {
			t.Errorf("%s bomb: %d bytes were allocated", coding, used)
		}
		if resp, err := f.Fetch(t.Context(), pages.Request{URL: "http://a.example" + path + "-cut"}); err == nil && !resp.Truncated {
			t.Errorf("%s cut short: not marked", coding)
		}
	}
	serve("/double", "gzip, br", compressBytes(t, compress(t, "gzip", 5000)))
	if resp := get(t, f, "http://a.example/double"); len(resp.Body) != 5000 || resp.Truncated {
		t.Errorf("two codings: %d bytes", len(resp.Body))
	}
	serve("/empties", "gzip", bytes.Repeat(compress(t, "gzip", 0), 100_000))
	if resp, err := f.Fetch(t.Context(), pages.Request{URL: "http://a.example/empties"}); err == nil && !resp.Truncated {
		t.Errorf("endless empty members: %d bytes", len(resp.Body))
	}
}

func compressBytes(t testing.TB, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := brotli.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestARequestMayLowerTheCap(t *testing.T) {
	l := newLab(t)
	l.page("/a", "text/plain", strings.Repeat("x", 10_000))
	f := l.fetcher(t, l.config())
	resp, err := f.Fetch(t.Context(), pages.Request{URL: "http://a.example/a", MaxBody: 100})
	if err != nil || len(resp.Body) != 100 || !resp.Truncated {
		t.Fatalf("%d bytes, %v", len(resp.Body), err)
	}
	if n := l.metric(t, "body_bytes_total", ""); n != 100+19 { // and the 404 page of robots.txt
		t.Errorf("%v bytes counted", n)
	}
}
