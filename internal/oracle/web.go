package oracle

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Web serves the truth on loopback and logs what it is asked. One listener serves all addresses: the local end of a
// connection tells which of them the crawler had resolved a name to.
type Web struct {
	Truth *Truth
	Log   *Log
	// DNS is the name server's HOST:PORT; CA the authority in PEM.
	DNS string
	CA  []byte
	// HTTPPort and HTTPSPort stand in for 80 and 443 on every address.
	HTTPPort, HTTPSPort int

	stalls  *stalls
	stop    context.CancelFunc
	names   *nameServer
	servers []*http.Server
	done    sync.WaitGroup
	// busy counts, by host and path, the refusals that are still to come.
	mu   sync.Mutex
	busy map[string]int
}

// StartWeb serves truth until Close.
func StartWeb(ctx context.Context, truth *Truth, requests *Log) (*Web, error) {
	w := &Web{Truth: truth, Log: requests, busy: map[string]int{}, stalls: &stalls{now: requests.Now}}
	authority, err := newAuthority(truth)
	if err != nil {
		return nil, err
	}
	w.CA = authority.pem()
	if w.names, err = startDNS(ctx, truth); err != nil {
		return nil, err
	}
	w.DNS = w.names.addr
	if w.HTTPPort, err = w.serve(ctx, nil); err == nil {
		w.HTTPSPort, err = w.serve(ctx, &tls.Config{GetCertificate: authority.certificate, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12})
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	w.done.Go(func() { w.stalls.run(watching) })
	return w, nil
}

// connKey is the context key of a connection's arrival.
type connKey struct{}

// arrival is when the first byte of a connection's current request was read, in nanoseconds since the log's start; raw is its
// socket, nil where that cannot be had.
type arrival struct {
	at  atomic.Int64
	raw syscall.RawConn
}

// serve listens on a free port of every address, over TLS where config is set.
func (w *Web) serve(ctx context.Context, config *tls.Config) (port int, err error) {
	var listen net.ListenConfig
	ln, err := listen.Listen(ctx, "tcp", ":0")
	if err != nil {
		return 0, fmt.Errorf("listen for HTTP: %w", err)
	}
	port = ln.Addr().(*net.TCPAddr).Port
	var conns sync.Map
	s := &http.Server{
		Handler: http.HandlerFunc(w.handle), TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			a := &arrival{raw: rawOf(c)}
			conns.Store(c, a)
			return context.WithValue(ctx, connKey{}, a)
		},
		// net/http calls this as soon as the first byte of a request has come.
		ConnState: func(c net.Conn, state http.ConnState) {
			switch state {
			case http.StateActive:
				if a, ok := conns.Load(c); ok {
					a.(*arrival).at.Store(int64(w.Log.Now()))
				}
			case http.StateClosed, http.StateHijacked:
				conns.Delete(c)
			case http.StateNew, http.StateIdle:
			}
		},
	}
	w.servers = append(w.servers, s)
	w.done.Go(func() {
		if config == nil {
			_ = s.Serve(ln) // it ends with Close
			return
		}
		_ = s.ServeTLS(ln, "", "")
	})
	return port, nil
}

// Close stops serving; requests under way are cut.
func (w *Web) Close() error {
	var errs []error
	for _, s := range w.servers {
		errs = append(errs, s.Close())
	}
	if w.stop != nil {
		w.stop()
	}
	w.done.Wait()
	w.names.close()
	return errors.Join(errs...)
}
