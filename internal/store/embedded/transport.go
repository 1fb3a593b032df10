package embedded

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// Transport reaches the engine within this process: an http.RoundTripper for clickhouse.Options.TransportFunc.
func (e *Engine) Transport() http.RoundTripper {
	return &transport{handler: e.Handler(Access{})}
}

type transport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper. The handler runs until its reply is read or its body closed;
// the request's context stops it.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	inner := r.Clone(ctx)
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	pr, pw := io.Pipe()
	w := &pipeWriter{header: http.Header{}, ready: make(chan struct{}), to: pw, status: http.StatusOK}
	unblock := context.AfterFunc(ctx, func() {
		_ = inner.Body.Close()
		pw.CloseWithError(context.Cause(ctx))
	})
	go func() {
		t.handler.ServeHTTP(w, inner)
		unblock()
		_ = inner.Body.Close()
		w.WriteHeader(http.StatusOK)
		_ = pw.Close()
	}()
	select {
	case <-w.ready:
	case <-ctx.Done():
		cancel()
		return nil, context.Cause(ctx)
	}
	length := int64(-1)
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil {
		length = n
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: &pipeBody{PipeReader: pr, cancel: cancel}, ContentLength: length, Request: r,
	}, nil
}

// pipeWriter is the ResponseWriter of one RoundTrip.
type pipeWriter struct {
	header, sent http.Header
	status       int
	once         sync.Once
	ready        chan struct{}
	to           *io.PipeWriter
}

// Header implements http.ResponseWriter.
func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *pipeWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.ready)
	})
}

// Write implements http.ResponseWriter.
func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.to.Write(p)
}

// pipeBody stops the statement when its reader turns away.
type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

// Close implements io.Closer.
func (b *pipeBody) Close() error {
	err := b.PipeReader.Close()
	b.cancel()
	return err
}

// ErrNotLoopback reports a listen address that other machines could reach.
var ErrNotLoopback = errors.New("the embedded store listens on loopback addresses only")

// Listen opens a loopback address, HOST:PORT, for Serve. Errors wrap ErrNotLoopback where the address is no loopback one.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		_ = l.Close()
		return nil, ErrNotLoopback
	}
	return l, nil
}
