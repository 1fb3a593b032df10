package app_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/miekg/dns"
	"golang.org/x/net/http2"
)

const okHead = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

const homePage = "<!doctype html><html lang=en><head><title>Contoso</title></head><body><h1>Contoso</h1><p>We plan the year ahead with our partners and tell you here what we learn.</p>"

// bytesOnly answers with bytes in the place of HTTP, and hangs up.
func bytesOnly(send func(w io.Writer)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		send(conn)
	}
}

func text(s string) http.HandlerFunc {
	return bytesOnly(func(w io.Writer) { _, _ = io.WriteString(w, s) })
}

// withoutEnd writes a head and then a piece again and again, until the other side is gone.
func withoutEnd(head, piece string, pause time.Duration) http.HandlerFunc {
	return bytesOnly(func(w io.Writer) {
		_, _ = io.WriteString(w, head)
		tick := time.NewTicker(max(pause, time.Nanosecond))
		defer tick.Stop()
		for {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
			if pause > 0 {
				<-tick.C
			}
		}
	})
}

// mute takes what comes and says nothing.
func mute(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func sends(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, body)
	}
}

func leads(to func(r *http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", to(r))
		w.WriteHeader(http.StatusFound)
	}
}

func status(code int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(code)
	}
}

// bomb is 256 MiB of markup in a coding.
func bomb(t *testing.T, coding string) http.HandlerFunc {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch coding {
	case "gzip":
		w, err = gzip.NewWriterLevel(&b, gzip.BestSpeed)
	case "deflate":
		w, err = flate.NewWriter(&b, flate.BestSpeed)
	case "br":
		w = brotli.NewWriterLevel(&b, 1)
	case "zstd":
		w, err = zstd.NewWriter(&b, zstd.WithEncoderLevel(zstd.SpeedFastest))
	}
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, homePage)
	chunk := []byte(strings.Repeat("<p>Boom</p>\n", 1<<16))
	for n := 0; n < 256<<20; n += len(chunk) {
		if _, err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", coding)
		_, _ = w.Write(b.Bytes())
	}
}

// http2Until speaks HTTP/2 until a request has come, and then ends it in its own way.
func http2Until(w **hostileWeb, end func(f *http2.Framer, stream uint32)) func(net.Conn) {
	return func(c net.Conn) {
		secure := tls.Server(c, &tls.Config{NextProtos: []string{"h2"}, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			cert := (*w).cert(&hostileSite{}, hello.ServerName)
			return &cert, nil
		}})
		preface := make([]byte, len(http2.ClientPreface))
		if _, err := io.ReadFull(secure, preface); err != nil {
			return
		}
		framer := http2.NewFramer(secure, secure)
		_ = framer.WriteSettings()
		for {
			frame, err := framer.ReadFrame()
			if err != nil {
				return
			}
			if headers, ok := frame.(*http2.HeadersFrame); ok {
				end(framer, headers.StreamID)
			}
		}
	}
}

func hostileSites(t *testing.T, w **hostileWeb) []hostileSite {
	return append(append(append(append(hostileTalk(), hostileBodies(t)...), hostileRedirects()...), hostileRobots()...), hostileNames(w)...)
}

// hostileTalk is what is wrong before a body comes.
func hostileTalk() []hostileSite {
	return []hostileSite{
		{name: "silent", does: "takes connections and never says anything", conn: mute},
		{name: "hangs-up", does: "takes connections and closes them", conn: func(net.Conn) {}},
		{name: "no-answer", does: "reads the request and closes the connection", home: text("")},
		{name: "drip-header", does: "sends its header a byte at a time, without end", home: withoutEnd(okHead, "x", 100*time.Millisecond)},
		{name: "endless-header", does: "sends header fields without end", home: withoutEnd(okHead, strings.Repeat("X-Field: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 500), 0)},
		{name: "endless-status", does: "sends a status line without end", home: withoutEnd("", strings.Repeat("HTTP/1.1 200 OK ", 500), 0)},
		{name: "endless-continue", does: "answers 100 Continue without end", home: withoutEnd("", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 500), 0)},
		{name: "http-09", does: "answers as HTTP/0.9 did, without status and header", home: text("<html>Hello</html>")},
		{name: "garbage", does: "speaks another protocol", home: text("SSH-2.0-OpenSSH_9.6\r\n")},
		{name: "bad-status", does: "answers with a status that is no number", home: text("HTTP/1.1 abc OK\r\n\r\n")},
		{name: "nul-header", does: "puts NUL bytes into its header", home: text(okHead + "X-A: a\x00b\r\nX-\x00: c\r\nContent-Length: 5\r\n\r\nHello")},
		{name: "split-header", does: "sends a header field without colon", home: text(okHead + "no colon here\r\n\r\nHello")},
		{name: "cookie-flood", does: "sets 10,000 cookies in one answer", home: func(w http.ResponseWriter, _ *http.Request) {
			for i := range 10_000 {
				w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=x", i))
			}
		}},
		{name: "busy", does: "answers 429, Retry-After a year", home: status(http.StatusTooManyRequests, "31536000")},
		{name: "down", does: "answers 503, Retry-After that is no time", home: status(http.StatusServiceUnavailable, "soon")},
	}
}

// hostileBodies is what is wrong with bodies.
func hostileBodies(t *testing.T) []hostileSite {
	var links strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&links, `<a href="/blog/the-article-number-%d">Article %d</a>`, i, i)
	}
	const chunked = okHead + "Transfer-Encoding: chunked\r\n\r\n"
	chunk := fmt.Sprintf("%x\r\n%s\r\n", len(homePage), homePage)
	return []hostileSite{
		{name: "drip-body", does: "sends its page a byte at a time, without end", home: withoutEnd(okHead+"\r\n"+homePage, "x", 100*time.Millisecond)},
		{name: "endless-body", does: "sends a page without end", home: withoutEnd(okHead+"\r\n"+homePage, strings.Repeat("<p>On and on.</p>\n", 500), 0)},
		{name: "gzip-bomb", does: "256 MiB of page packed by gzip", home: bomb(t, "gzip")},
		{name: "deflate-bomb", does: "256 MiB of page packed by deflate, without zlib's frame", home: bomb(t, "deflate")},
		{name: "brotli-bomb", does: "256 MiB of page packed by brotli", home: bomb(t, "br")},
		{name: "zstd-bomb", does: "256 MiB of page packed by zstd", home: bomb(t, "zstd")},
		{name: "false-brotli", does: "says brotli and sends something else", home: text(okHead + "Content-Encoding: br\r\n\r\n\xff\xff\xff\xff\xff")},
		{name: "unknown-coding", does: "says a content coding that nobody knows", home: text(okHead + "Content-Encoding: rot13\r\n\r\nUryyb")},
		{name: "many-codings", does: "says three content codings over one another", home: text(okHead + "Content-Encoding: gzip, gzip, gzip\r\n\r\nx")},
		{name: "short", does: "promises more bytes than it sends", home: text(okHead + "Content-Length: 100000\r\n\r\n" + homePage)},
		{name: "nothing", does: "promises bytes and sends none", home: text(okHead + "Content-Length: 100\r\n\r\n")},
		{name: "long", does: "sends more bytes than it promised", home: text(okHead + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(homePage)) + homePage + strings.Repeat("x", 100_000))},
		{name: "two-lengths", does: "promises two lengths at once", home: text(okHead + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab")},
		{name: "negative-length", does: "promises fewer than no bytes", home: text(okHead + "Content-Length: -5\r\n\r\nHello")},
		{name: "bad-chunk", does: "breaks its chunks in mid-page", home: text(chunked + chunk + "zz\r\n")},
		{name: "bad-first-chunk", does: "breaks its first chunk", home: text(chunked + "zz\r\n")},
		{name: "huge-chunk", does: "opens a chunk of 2^63 bytes", home: text(chunked + "8000000000000000\r\n" + homePage)},
		{name: "reset", does: "resets the connection in mid-page", home: bytesOnly(reset)},
		{name: "invalid-utf8", does: "sends invalid UTF-8 in header, title, text and links", home: text(okHead + "X-Powered-By: \xff\xfe\r\n\r\n" +
			strings.ReplaceAll(homePage, "Contoso", "Con\xfftoso\xc3\x28\xed\xa0\x80") + "<a href=\"/blog/\xff\xfe-page-of-ours\">\xf8\x88</a>")},
		{name: "many-links", does: "links to 10,000 pages that are not there", home: sends(homePage + links.String())},
		{name: "nested", does: "nests 200,000 elements", home: sends(homePage + strings.Repeat("<div><b>", 100_000))},
	}
}

// reset ends a connection with RST.
func reset(w io.Writer) {
	_, _ = io.WriteString(w, okHead+"Content-Length: 100000\r\n\r\n"+homePage)
	conn := w.(net.Conn)
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
}

// hostileRedirects is what is wrong with where a site leads.
func hostileRedirects() []hostileSite {
	hop := func(r *http.Request) string { return fmt.Sprintf("/hop%d", len(r.URL.Path)%3) }
	return []hostileSite{
		{name: "loop", does: "redirects in a circle", home: leads(hop)},
		{name: "chain", does: "redirects to another page of its own, without end", home: leads(func(r *http.Request) string { return "/hop" + strings.Repeat("o", len(r.URL.Path)) })},
		{name: "port", does: "redirects to port 25", home: leads(func(r *http.Request) string { return "http://" + r.Host + ":25/" })},
		{name: "scheme", does: "redirects to a file", home: leads(func(*http.Request) string { return "file:///etc/passwd" })},
		{name: "control", does: "redirects to an address of control characters", home: text("HTTP/1.1 302 Found\r\nLocation: http://a\x01\x02b.example/\x1b\r\nContent-Length: 0\r\n\r\n")},
		{name: "nul", does: "redirects to an address with a NUL byte", home: text("HTTP/1.1 302 Found\r\nLocation: /a\x00b\r\nContent-Length: 0\r\n\r\n")},
		{name: "no-url", does: "redirects to what is no address", home: text("HTTP/1.1 302 Found\r\nLocation: http://[::1/\r\nContent-Length: 0\r\n\r\n")},
		{name: "network", does: "redirects to a network that allows no crawling", home: leads(func(*http.Request) string { return "https://www.facebook.com/contoso" })},
	}
}

// hostileRobots is what is wrong with robots.txt.
func hostileRobots() []hostileSite {
	home := sends(homePage)
	return []hostileSite{
		{name: "robots-large", does: "has a robots.txt of 5 MB", home: home, robots: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "User-agent: *\nDisallow: /private\n"+strings.Repeat("# nothing to see here\n", 250_000))
		}},
		{name: "robots-bomb", does: "has a robots.txt that is text without end", home: home, robots: withoutEnd("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", strings.Repeat("Disallow: /private*a*b*c$\n", 1000), 0)},
		{name: "robots-drip", does: "sends its robots.txt a byte at a time, without end", home: home, robots: withoutEnd("HTTP/1.1 200 OK\r\n\r\n", "#", 100*time.Millisecond)},
		{name: "robots-short", does: "breaks off in its robots.txt", home: home, robots: text("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nUser-agent: *\n")},
		{name: "robots-ill", does: "answers 500 for its robots.txt", home: home, robots: status(http.StatusInternalServerError, "")},
		{name: "robots-loop", does: "redirects its robots.txt in a circle", home: home, robots: leads(func(*http.Request) string { return "/robots.txt" })},
		{name: "robots-no", does: "disallows everything", home: home, robots: sends("User-agent: *\nDisallow: /\n")},
		{name: "robots-image", does: "sends bytes that are no text for its robots.txt", home: home, robots: sends(strings.Repeat("\x00\xff\xfe\r", 10_000))},
	}
}

// hostileNames is what is wrong with certificates, HTTP/2 and names.
func hostileNames(w **hostileWeb) []hostileSite {
	day := 24 * time.Hour
	home := sends(homePage)
	return []hostileSite{
		{name: "expired", does: "has a certificate that has expired", home: home, cert: func(ca *hostileCA, name string) tls.Certificate {
			return ca.issue(name, time.Now().Add(-time.Hour), false)
		}},
		{name: "self-signed", does: "has a certificate of its own making", home: home, cert: func(ca *hostileCA, name string) tls.Certificate { return ca.issue(name, time.Now().Add(day), true) }},
		{name: "other-name", does: "has a certificate for another name", home: home, cert: func(ca *hostileCA, _ string) tls.Certificate {
			return ca.issue("somebody.example", time.Now().Add(day), false)
		}},
		{name: "slow-handshake", does: "never ends the TLS handshake", secure: mute},
		{name: "plain-tls", does: "answers a TLS handshake in plain text", secure: func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }},
		{name: "goaway", does: "answers HTTP/2 requests with GOAWAY", secure: http2Until(w, func(f *http2.Framer, _ uint32) { _ = f.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, nil) })},
		{name: "stream-reset", does: "resets HTTP/2 streams", secure: http2Until(w, func(f *http2.Framer, stream uint32) { _ = f.WriteRSTStream(stream, http2.ErrCodeInternal) })},
		{name: "refused-stream", does: "refuses HTTP/2 streams", secure: http2Until(w, func(f *http2.Framer, stream uint32) { _ = f.WriteRSTStream(stream, http2.ErrCodeRefusedStream) })},
		{name: "nxdomain", does: "has a name that does not exist", dns: func(_ dns.Question, m *dns.Msg) { m.Rcode = dns.RcodeNameError }},
		{name: "no-address", does: "has a name without address", dns: func(dns.Question, *dns.Msg) {}},
		{name: "servfail", does: "has a DNS server that fails", dns: func(_ dns.Question, m *dns.Msg) { m.Rcode = dns.RcodeServerFailure }},
		{name: "alias-loop", does: "has a name that is an alias of itself, over another", dns: func(q dns.Question, m *dns.Msg) {
			other := "b." + q.Name
			m.Answer = append(m.Answer, record("%s CNAME %s", q.Name, other), record("%s CNAME %s", other, q.Name))
		}},
		{name: "alias-chain", does: "has an alias of an alias, without end", dns: func(q dns.Question, m *dns.Msg) { m.Answer = append(m.Answer, record("%s CNAME a.%s", q.Name, q.Name)) }},
		{name: "other-answer", does: "has a DNS server that answers another question", dns: func(_ dns.Question, m *dns.Msg) {
			m.Question[0].Name = "somebody.example."
			m.Answer = append(m.Answer, record("somebody.example. A 127.1.0.250"))
		}},
		{name: "other-records", does: "has a DNS server that answers with others' records", dns: func(_ dns.Question, m *dns.Msg) {
			m.Answer = append(m.Answer, record("somebody.example. A 127.1.0.250"))
		}},
	}
}
