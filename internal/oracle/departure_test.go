package oracle

import (
	"context"
	"net"
	"net/http"
	"testing"
)

// pair is the two ends of a connection over loopback.
func pair(t *testing.T) (client, server *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); s.Close() })
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

// Nobody reads from the server's end, as in a process that the machine does not serve.
func TestTheKernelTellsOfAClientThatHasGone(t *testing.T) {
	for _, c := range []struct {
		name string
		http int
		do   func(client, server *net.TCPConn) error
		want bool
	}{
		{"still there", 1, func(_, _ *net.TCPConn) error { return nil }, false},
		{"still there, HTTP/2", 2, func(_, _ *net.TCPConn) error { return nil }, false},
		{"sent more", 1, func(c, _ *net.TCPConn) error { _, err := c.Write([]byte("GET")); return err }, false},
		{"reset a stream", 2, func(c, _ *net.TCPConn) error { _, err := c.Write(make([]byte, 13)); return err }, true},
		{"closed", 1, func(c, _ *net.TCPConn) error { return c.Close() }, true},
		{"broke off", 1, func(c, _ *net.TCPConn) error { _ = c.SetLinger(0); return c.Close() }, true},
		{"cut here", 1, func(_, s *net.TCPConn) error { return s.Close() }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, server := pair(t)
			a := &arrival{raw: rawOf(server)}
			if err := c.do(client, server); err != nil {
				t.Fatal(err)
			}
			in, err := http.NewRequestWithContext(context.WithValue(t.Context(), connKey{}, a), http.MethodGet, "http://a.test/", nil)
			if err != nil {
				t.Fatal(err)
			}
			in.ProtoMajor = c.http
			if got := gave(in); got != c.want {
				t.Errorf("gone: %v, want %v", got, c.want)
			}
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if !gave((&http.Request{}).WithContext(ended)) {
		t.Error("net/http's word is not taken")
	}
}
