package fetch

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
)

// track remembers the address of a connection until it is closed.
func (t *transport) track(conn net.Conn, hostPort string, addr netip.Addr) net.Conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open[hostPort] = append(t.open[hostPort], addr)
	return &trackedConn{Conn: conn, closed: func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		left := t.open[hostPort]
		if i := slices.Index(left, addr); i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
		if len(left) == 0 {
			delete(t.open, hostPort)
		} else {
			t.open[hostPort] = left
		}
	}}
}

type trackedConn struct {
	net.Conn
	once   sync.Once
	closed func()
	// next is the exchange whose request the next write begins.
	next atomic.Pointer[exchange]
}

// errRepeated reports a request that net/http would have sent a second time by itself, because the server closed the
// connection in between. It may have been read the first time, so the second has to wait for its turn as any other.
var errRepeated = errors.New("the connection was closed in mid-request")

// gotConn has the connection ask, with the first write of the request, whether it may still be sent: connecting may have
// taken long, or the process may have been frozen meanwhile.
func (x *exchange) gotConn(info httptrace.GotConnInfo) {
	conn := info.Conn
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if tracked, ok := conn.(*trackedConn); ok {
		tracked.next.Store(x)
	}
}

// Write implements net.Conn.
func (c *trackedConn) Write(p []byte) (int, error) {
	x := c.next.Swap(nil)
	switch {
	case x == nil:
		return c.Conn.Write(p)
	case x.written.Swap(true):
		return 0, errRepeated
	case !x.valid():
		return 0, errLate
	}
	n, err := c.Conn.Write(p)
	// Frozen between the question and the write: it is sent, and counted apart.
	x.late.Store(!x.valid())
	return n, err
}

// Close implements net.Conn.
func (c *trackedConn) Close() error {
	c.once.Do(c.closed)
	return c.Conn.Close()
}

// prefer puts the address of an open connection first.
func (t *transport) prefer(hostPort string, addrs []netip.Addr) []netip.Addr {
	t.mu.Lock()
	defer t.mu.Unlock()
	open := t.open[hostPort]
	if len(open) == 0 {
		return addrs
	}
	rest := slices.DeleteFunc(slices.Clone(addrs), func(a netip.Addr) bool { return a == open[0] })
	return append([]netip.Addr{open[0]}, rest...)
}
