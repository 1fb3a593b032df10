package fetch

import (
	"crypto/tls"
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
	// check is asked by the next write alone: whether a request may still be sent.
	check atomic.Pointer[func() bool]
}

// armConn has the connection ask, with the first write of the request, whether the lease still holds:
// connecting may have taken long, or the process may have been frozen meanwhile.
func (x *exchange) armConn(info httptrace.GotConnInfo) {
	conn := info.Conn
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if tracked, ok := conn.(*trackedConn); ok {
		tracked.check.Store(&x.valid)
	}
}

// Write implements net.Conn.
func (c *trackedConn) Write(p []byte) (int, error) {
	if check := c.check.Swap(nil); check != nil && !(*check)() {
		return 0, errLate
	}
	return c.Conn.Write(p)
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
