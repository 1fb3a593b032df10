package fetch_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"telltale/internal/fetch"
	"telltale/internal/fetch/politeness"
	"telltale/internal/pages"
)

// arrivals notes when requests came.
type arrivals struct {
	mu sync.Mutex
	at []time.Time
}

func (a *arrivals) note() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at = append(a.at, time.Now())
}

// apart fails where a request came sooner after the one before than the gap allows.
func (a *arrivals) apart(t *testing.T, requests int, gap time.Duration) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.at) != requests {
		t.Errorf("%d requests came, want %d", len(a.at), requests)
	}
	for i := 1; i < len(a.at); i++ {
		if between := a.at[i].Sub(a.at[i-1]); between < gap {
			t.Errorf("request %d came %v after the one before", i, between)
		}
	}
}

// dropping answers the first request of each connection and closes it upon the second, as a server does whose
// keep-alive ends at the wrong moment.
func (a *arrivals) dropping(c net.Conn) {
	in := bufio.NewReader(c)
	for n := range 2 {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		a.note()
		if status := map[bool]string{true: "404 Not Found", false: "200 OK"}[r.URL.Path == "/robots.txt"]; n == 0 {
			_, _ = fmt.Fprintf(c, "HTTP/1.1 %s\r\nContent-Length: 2\r\n\r\nok", status)
		}
	}
}

// refusing speaks HTTP/2 and refuses every stream, which says that the request may be sent again (RFC 9113 §8.7).
func (a *arrivals) refusing(c net.Conn) {
	if _, err := io.ReadFull(c, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(c, c)
	_ = framer.WriteSettings()
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		if _, ok := frame.(*http2.HeadersFrame); ok {
			a.note()
			_ = framer.WriteRSTStream(frame.Header().StreamID, http2.ErrCodeRefusedStream)
		}
	}
}

// conns serves each connection of a listener by a function.
func conns(t *testing.T, ln net.Listener, serve func(net.Conn)) {
	t.Helper()
	var open sync.WaitGroup
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			open.Go(func() { defer c.Close(); serve(c) })
		}
	}()
	t.Cleanup(func() { _ = ln.Close(); <-done; open.Wait() })
}

// net/http sends a request again where a kept connection ends without an answer, or HTTP/2 refuses it. To the
// host that is another request, and the gap is to be kept before it.
func TestARequestIsNotSentTwiceWithoutItsGap(t *testing.T) {
	const gap = 150 * time.Millisecond
	t.Run("on a connection that ends", func(t *testing.T) {
		l, came := newLab(t), &arrivals{}
		conns(t, l.listen(t, fmt.Sprintf("127.0.1.2:%d", l.port)), came.dropping)
		l.name("drop.example", "127.0.1.2")
		c := l.config()
		c.Politeness = politeness.Config{MinDelay: gap}
		f := l.fetcher(t, c)
		for i := range 2 {
			get(t, f, fmt.Sprintf("http://drop.example/%d", i))
		}
		f.Close()
		came.apart(t, 5, gap) // robots.txt, and each page twice
		if n := l.metric(t, "requests_total", string(pages.ReasonProtocol)); n != 2 {
			t.Errorf("%v requests without answer counted", n)
		}
	})
	t.Run("on a stream that is refused", func(t *testing.T) {
		l, ca, came := newLab(t), newAuthority(t), &arrivals{}
		ln := l.listen(t, "127.0.0.1:0")
		conns(t, tls.NewListener(ln, &tls.Config{NextProtos: []string{"h2"}, Certificates: []tls.Certificate{ca.issue(t, time.Now().Add(time.Hour), "a.example")}}), came.refusing)
		roots, err := fetch.LoadRoots(ca.file(t))
		if err != nil {
			t.Fatal(err)
		}
		c := l.config()
		c.Roots, c.HTTPSPort = roots, port(t, ln.Addr())
		c.Politeness = politeness.Config{MinDelay: gap}
		f := l.fetcher(t, c)
		deny(t, f, "https://a.example/", pages.ReasonProtocol)
		f.Close()
		came.apart(t, 2, gap)
	})
}
