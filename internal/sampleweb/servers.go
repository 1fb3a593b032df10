package sampleweb

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Addrs says where the servers listen.
type Addrs struct {
	// DNS is host:port of the DNS server, over UDP and TCP.
	DNS string
	// HTTPPort and HTTPSPort stand in for 80 and 443 on every company's address.
	HTTPPort, HTTPSPort int
	// CAPEM is the root certificate that signs every host's chain.
	CAPEM []byte
}

// servers are the listeners and what must be closed with them.
type servers struct {
	mu      sync.Mutex
	running bool
	closers []func() error
	wg      sync.WaitGroup
	writers sync.Pool
}

// errRunning reports a second Start.
var errRunning = errors.New("the sample web is running")

// Run serves until ctx ends. ready is called once with the addresses; it may be nil.
func (w *Web) Run(ctx context.Context, ready func(Addrs)) error {
	addrs, err := w.Start(ctx)
	if err != nil {
		return err
	}
	if ready != nil {
		ready(addrs)
	}
	<-ctx.Done()
	return w.Close()
}

// Start opens the servers and returns once they accept. Close stops them.
//
// HTTP and TLS each have one listener on the wildcard address, so that every address of 127.0.0.0/8
// reaches it without an interface or a socket per company; connections that did not come from
// loopback are closed unanswered.
func (w *Web) Start(ctx context.Context) (Addrs, error) {
	w.servers.mu.Lock()
	defer w.servers.mu.Unlock()
	if w.servers.running {
		return Addrs{}, errRunning
	}
	addrs, err := w.open(ctx)
	if err != nil {
		return Addrs{}, errors.Join(fmt.Errorf("start sample web: %w", err), w.closeAll())
	}
	w.servers.running = true
	return addrs, nil
}

// Close stops the servers and waits for them; it is safe before Start and twice.
func (w *Web) Close() error {
	w.servers.mu.Lock()
	defer w.servers.mu.Unlock()
	w.servers.running = false
	return w.closeAll()
}

func (w *Web) closeAll() error {
	var errs []error
	for _, stop := range w.servers.closers {
		if err := stop(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	w.servers.closers = nil
	w.servers.wg.Wait()
	return errors.Join(errs...)
}

func (w *Web) open(ctx context.Context) (Addrs, error) {
	ca, err := newAuthority(time.Now())
	if err != nil {
		return Addrs{}, err
	}
	addrs := Addrs{CAPEM: ca.pem()}
	if addrs.DNS, err = w.openDNS(ctx); err != nil {
		return Addrs{}, err
	}
	if addrs.HTTPPort, err = w.openHTTP(ctx, nil); err != nil {
		return Addrs{}, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) { return w.certificate(ca, h) }}
	addrs.HTTPSPort, err = w.openHTTP(ctx, config)
	return addrs, err
}

// openDNS listens on one port over UDP and TCP.
func (w *Web) openDNS(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	for try := 0; ; try++ {
		tcp, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
		if err != nil {
			return "", fmt.Errorf("listen for DNS over TCP: %w", err)
		}
		udp, err := lc.ListenPacket(ctx, "udp4", tcp.Addr().String())
		if err != nil {
			_ = tcp.Close()
			if try < 20 {
				continue
			}
			return "", fmt.Errorf("listen for DNS over UDP: %w", err)
		}
		handler := dns.HandlerFunc(w.ServeDNS)
		for _, s := range []*dns.Server{{Listener: tcp, Handler: handler}, {PacketConn: udp, Handler: handler}} {
			started := make(chan struct{})
			s.NotifyStartedFunc = func() { close(started) }
			w.servers.wg.Go(func() {
				if err := s.ActivateAndServe(); err != nil {
					w.cfg.Logger.Warn("sample web: DNS server stopped", "error", err)
				}
			})
			<-started
			w.servers.closers = append(w.servers.closers, s.Shutdown)
		}
		return tcp.Addr().String(), nil
	}
}

func (w *Web) openHTTP(ctx context.Context, config *tls.Config) (int, error) {
	var lc net.ListenConfig
	inner, err := lc.Listen(ctx, "tcp4", "0.0.0.0:0") // see Start: non-loopback peers are refused
	if err != nil {
		return 0, fmt.Errorf("listen for HTTP: %w", err)
	}
	gate := w.newGate(inner)
	server := &http.Server{Handler: w, TLSConfig: config, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 30 * time.Second,
		ErrorLog: slog.NewLogLogger(w.cfg.Logger.Handler(), slog.LevelDebug)}
	w.servers.wg.Go(func() {
		serve := server.Serve
		if config != nil {
			serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
		}
		if err := serve(gate); err != nil && !errors.Is(err, http.ErrServerClosed) {
			w.cfg.Logger.Warn("sample web: HTTP server stopped", "error", err)
		}
	})
	w.servers.closers = append(w.servers.closers, func() error { return errors.Join(server.Close(), gate.Close()) })
	_, port, err := net.SplitHostPort(inner.Addr().String())
	if err != nil {
		return 0, fmt.Errorf("read listener's port: %w", err)
	}
	return strconv.Atoi(port)
}

// gate accepts for a listener what comes from loopback, resets what goes to a resetting company and
// holds, without a word, what goes to a tarpit.
type gate struct {
	net.Listener
	byAddr map[netip.Addr]Behaviour
	mu     sync.Mutex
	held   []net.Conn
	closed bool
}

func (w *Web) newGate(inner net.Listener) *gate {
	g := &gate{Listener: inner, byAddr: map[netip.Addr]Behaviour{}}
	for _, c := range w.companies {
		g.byAddr[c.addr] = c.Behaviour
	}
	return g
}

// Accept returns the next connection that is to be answered.
func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		peer, peerErr := netip.ParseAddrPort(conn.RemoteAddr().String())
		local, localErr := netip.ParseAddrPort(conn.LocalAddr().String())
		if peerErr != nil || localErr != nil || !peer.Addr().Unmap().IsLoopback() {
			_ = conn.Close()
			continue
		}
		behaviour := g.byAddr[local.Addr().Unmap()]
		if behaviour == BehaviourReset {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // close with RST
			}
			_ = conn.Close()
			continue
		}
		if behaviour == BehaviourTarpit {
			g.hold(conn)
			continue
		}
		return conn, nil
	}
}

func (g *gate) hold(conn net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		_ = conn.Close()
		return
	}
	g.held = append(g.held, conn)
}

// Close closes the listener and what is held.
func (g *gate) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for _, conn := range g.held {
		_ = conn.Close()
	}
	g.held = nil
	return g.Listener.Close()
}

// gzip compresses a body for the wire.
func (s *servers) gzip(raw []byte) []byte {
	var b bytes.Buffer
	z, ok := s.writers.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is valid, so this cannot fail
	}
	defer s.writers.Put(z)
	z.Reset(&b)
	_, _ = z.Write(raw) // a bytes.Buffer never fails
	_ = z.Close()
	return b.Bytes()
}
