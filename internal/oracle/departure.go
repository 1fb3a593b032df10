package oracle

import (
	"net"
	"net/http"
	"syscall"

	"golang.org/x/sys/unix"
)

// tcpEstablished is the kernel's state of a connection that neither side has closed (TCP_ESTABLISHED in linux/tcp_states.h).
const tcpEstablished = 1

// gave reports whether the client of a request had gone before now. A server that the machine serves late hears of it late; the
// kernel knows at once. A stream that was reset on a connection that goes on shows as bytes that nobody has read yet.
func gave(in *http.Request) bool {
	if in.Context().Err() != nil {
		return true
	}
	a, ok := in.Context().Value(connKey{}).(*arrival)
	if !ok || a.raw == nil {
		return false
	}
	gone := false
	err := a.raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.SOL_TCP, unix.TCP_INFO); err == nil {
			gone = info.State != tcpEstablished
		}
		if in.ProtoMajor == 2 && !gone {
			unread, err := unix.IoctlGetInt(int(fd), unix.TIOCINQ)
			gone = err == nil && unread > 0
		}
	})
	return gone || err != nil // a descriptor that is closed already
}

// rawOf is the socket below a connection, nil where there is none.
func rawOf(c net.Conn) syscall.RawConn {
	if over, ok := c.(interface{ NetConn() net.Conn }); ok { // *tls.Conn
		c = over.NetConn()
	}
	socket, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}
