package oracle

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
)

// Proxy stands between one crawler and the broker. While it is cut nothing passes in either direction, and no connection
// breaks: what was on its way arrives after it is healed, as on a real network.
type Proxy struct {
	// Addr is where it listens, HOST:PORT.
	Addr string

	target string
	ln     net.Listener
	done   sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	// open is closed while data may pass.
	open   chan struct{}
	cut    bool
	closed chan struct{}
}

// StartProxy forwards a free port of loopback to target until Close.
func StartProxy(ctx context.Context, target string) (*Proxy, error) {
	var listen net.ListenConfig
	ln, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the proxy: %w", err)
	}
	p := &Proxy{Addr: ln.Addr().String(), target: target, ln: ln, conns: map[net.Conn]bool{}, open: make(chan struct{}), closed: make(chan struct{})}
	close(p.open)
	p.done.Go(func() { p.accept(ctx) })
	return p, nil
}

// Cut stops everything that passes; Heal lets it go on. Either twice does nothing.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.cut {
		p.cut, p.open = true, make(chan struct{})
	}
}

// Heal undoes Cut.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		p.cut = false
		close(p.open)
	}
}

// Close ends all connections and waits until they are gone.
func (p *Proxy) Close() {
	p.mu.Lock()
	select {
	case <-p.closed:
		p.mu.Unlock()
		return
	default:
	}
	close(p.closed)
	_ = p.ln.Close() // nobody is to come
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.done.Wait()
}

// pass waits while the proxy is cut; false once it is closed.
func (p *Proxy) pass() bool {
	for {
		p.mu.Lock()
		open := p.open
		p.mu.Unlock()
		select {
		case <-open:
		case <-p.closed:
			return false
		}
		p.mu.Lock()
		same := open == p.open
		p.mu.Unlock()
		if same {
			return true
		}
	}
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		in, err := p.ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || !p.keep(in) {
			continue
		}
		p.done.Go(func() { p.join(ctx, in) })
	}
}

// keep remembers a connection for Close; false where that was already called.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.closed:
		_ = c.Close()
		return false
	default:
		p.conns[c] = true
		return true
	}
}

// drop closes a connection.
func (p *Proxy) drop(c net.Conn) {
	p.mu.Lock()
	delete(p.conns, c)
	p.mu.Unlock()
	_ = c.Close()
}

// join connects one client to the target and copies both ways until either side ends.
func (p *Proxy) join(ctx context.Context, in net.Conn) {
	defer p.drop(in)
	if !p.pass() {
		return
	}
	var dialer net.Dialer
	out, err := dialer.DialContext(ctx, "tcp", p.target)
	if err != nil || !p.keep(out) {
		return
	}
	defer p.drop(out)
	var both sync.WaitGroup
	both.Go(func() { p.copy(out, in) })
	both.Go(func() { p.copy(in, out) })
	both.Wait()
}

func (p *Proxy) copy(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !p.pass() {
				break
			}
			if _, err := to.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_ = to.Close()
	_ = from.Close()
}
