package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"telltale/internal/document/charset"
	"telltale/internal/fetch/guard"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// exchange is one request and what became of it. It travels to the transport in the request's context.
type exchange struct {
	// url is canonical; addr is where it is asked for.
	url  string
	addr netip.Addr
	// limit caps the decoded body, in bytes; release gives back the room that a long one has.
	limit   int
	release func()
	// raw keeps the body's charset as it is: robots.txt is compared by octets.
	raw bool
	// valid reports, just before the request is written, whether it may still be sent.
	valid func() bool
	// written reports that the request went out, late that its slot had run out by the end of it.
	written, late atomic.Bool

	status    int
	header    http.Header
	body      []byte
	truncated bool
	latency   time.Duration
	tls       *pages.TLSFacts

	// began is when the request was sent; answered reports that its answer was read. wire is the body as decoded, before
	// its charset is touched; cut says why it ends early.
	began    time.Time
	answered bool
	wire     []byte
	cut      string
}

// free gives back the room of a long body that nobody will read.
func (x *exchange) free() {
	if x.release != nil {
		x.release()
	}
}

type exchangeKey struct{}

// errLate reports a request whose slot had run out before it could be written.
var errLate = errors.New("the lease ran out before the request was sent")

// dialError and tlsError tell the stages of a connection apart.
type dialError struct{ err error }

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

type tlsError struct {
	err error
	// facts are those of a certificate that was shown and not trusted.
	facts *pages.TLSFacts
}

func (e *tlsError) Error() string { return "TLS: " + e.err.Error() }
func (e *tlsError) Unwrap() error { return e.err }

// transport is the http.RoundTripper under colly. It dials the address that was paced, reads the body
// within its caps, and hands colly an answer that is already read.
type transport struct {
	config *Config
	guard  guard.Guard
	dialer net.Dialer
	tls    *tls.Config
	base   *http.Transport
	decode decoders
	// large is the room for bodies longer than pages.MaxBody.
	large   *semaphore.Weighted
	metrics *metrics
	// clock measures, date says when.
	clock, date func() time.Time

	mu sync.Mutex
	// open holds the addresses of open connections by host and port: while one is open, the next request
	// will go over it, so that is the address to pace.
	open map[string][]netip.Addr
}

func newTransport(config *Config, m *metrics, clock, date func() time.Time) *transport {
	ports := append([]int{}, config.Ports...)
	for _, port := range []int{config.HTTPPort, config.HTTPSPort} {
		if port != 0 {
			ports = append(ports, port)
		}
	}
	t := &transport{
		config: config, metrics: m, large: semaphore.NewWeighted(config.MaxLarge), clock: clock, date: date, open: map[string][]netip.Addr{},
		guard: guard.Guard{AllowPrivate: config.AllowPrivate, Allow: config.AllowNetworks, Ports: ports},
		tls:   &tls.Config{RootCAs: config.Roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, ClientSessionCache: tls.NewLRUClientSessionCache(1024)},
	}
	t.dialer = net.Dialer{Timeout: config.ConnectTimeout, Control: t.guard.Control, KeepAlive: -1}
	t.base = &http.Transport{
		DialContext: t.dial, DialTLSContext: t.dialTLS, ForceAttemptHTTP2: true,
		DisableCompression: true, MaxResponseHeaderBytes: config.MaxHeader, ResponseHeaderTimeout: config.FirstByteTimeout,
		MaxIdleConns: config.MaxIdleConns, MaxIdleConnsPerHost: 1, IdleConnTimeout: 60 * time.Second,
		HTTP2: &http.HTTP2Config{MaxReadFrameSize: 64 << 10, MaxReceiveBufferPerStream: 256 << 10, MaxReceiveBufferPerConnection: 512 << 10},
	}
	return t
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	x, ok := req.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return nil, errors.New("a request that did not come from Fetch")
	}
	origin, rest := urls.Origin(x.url)
	scheme, host, _ := strings.Cut(origin, "://")
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{GotConn: x.gotConn})
	wire := req.WithContext(ctx)
	// The canonical URL goes out byte for byte; net/url would write some of it another way.
	wire.URL = &url.URL{Scheme: scheme, Host: host, Opaque: rest}
	wire.Host = host
	if !x.valid() {
		return nil, errLate
	}
	x.began = t.date()
	start := t.clock()
	resp, err := t.base.RoundTrip(wire)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // what could not be read shows in the body
	x.latency = t.clock().Sub(start)
	t.metrics.firstByte.Observe(x.latency.Seconds())
	x.status, x.header, x.tls = resp.StatusCode, resp.Header, tlsFacts(resp.TLS)
	if err := t.readBody(ctx, resp, x); err != nil {
		return nil, err
	}
	x.answered = true
	// colly would follow a Location, gunzip by name and decode by charset: it gets none of them.
	return &http.Response{
		Status: resp.Status, StatusCode: resp.StatusCode, Proto: resp.Proto, ProtoMajor: resp.ProtoMajor, ProtoMinor: resp.ProtoMinor,
		Header: http.Header{}, Body: http.NoBody, Request: req, Uncompressed: true,
	}, nil
}

func (t *transport) readBody(ctx context.Context, resp *http.Response, x *exchange) error {
	if resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusNotModified {
		return nil
	}
	most := min(x.limit, pages.MaxBody)
	body, truncated, err := t.decode.read(resp, most, func() int {
		most = t.room(ctx, x)
		return most
	})
	if err != nil {
		if resp.StatusCode >= 300 && resp.StatusCode < 400 {
			return nil // a redirect's body is of no use
		}
		return err
	}
	if err := ctx.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	t.metrics.bytes.Add(float64(len(body)))
	x.body, x.truncated, x.wire = body, truncated, body
	if truncated {
		x.cut = cutBy(ctx, body, most)
	}
	if !x.raw {
		var cut bool
		var found charset.Found
		x.body, cut, found = charset.ToUTF8(body, resp.Header.Get("Content-Type"), truncated, most)
		t.metrics.charsets.WithLabelValues(string(found)).Inc()
		x.truncated = truncated || cut
	}
	if x.truncated {
		t.metrics.truncated.Inc()
	}
	return nil
}

// room waits for the room of a body longer than pages.MaxBody and returns how long it may be: no longer than that where
// no room was to be had in time.
func (t *transport) room(ctx context.Context, x *exchange) int {
	weight := int64(x.limit)
	if x.limit <= pages.MaxBody || x.status != http.StatusOK || t.large.Acquire(ctx, weight) != nil {
		return min(x.limit, pages.MaxBody)
	}
	x.release = sync.OnceFunc(func() { t.large.Release(weight) })
	return x.limit
}

// dial connects to the address that was paced; the name is not resolved again.
func (t *transport) dial(ctx context.Context, _, hostPort string) (net.Conn, error) {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		return nil, &dialError{errors.New("a connection that nobody asked for")}
	}
	_, portText, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, &dialError{err}
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, &dialError{err}
	}
	start := t.clock()
	target := netip.AddrPortFrom(x.addr, uint16(t.dialPort(port)))
	conn, err := t.dialer.DialContext(ctx, "tcp", target.String())
	if err != nil {
		return nil, &dialError{err}
	}
	t.metrics.connect.Observe(t.clock().Sub(start).Seconds())
	return t.track(conn, hostPort, x.addr), nil
}

func (t *transport) dialPort(port int) int {
	switch {
	case port == 80 && t.config.HTTPPort != 0:
		return t.config.HTTPPort
	case port == 443 && t.config.HTTPSPort != 0:
		return t.config.HTTPSPort
	}
	return port
}

func (t *transport) dialTLS(ctx context.Context, network, hostPort string) (net.Conn, error) {
	conn, err := t.dial(ctx, network, hostPort)
	if err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(hostPort)
	config := t.tls.Clone()
	config.ServerName = host
	secure := tls.Client(conn, config)
	ctx, cancel := context.WithTimeout(ctx, t.config.ConnectTimeout)
	defer cancel()
	start := t.clock()
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // it is of no use
		return nil, &tlsError{err, untrusted(err, secure.ConnectionState().Version, t.date())}
	}
	t.metrics.tls.Observe(t.clock().Sub(start).Seconds())
	return secure, nil
}

// portOf returns host:port of a canonical URL and the port.
func portOf(canonical string) (hostPort string, port int, err error) {
	origin, _ := urls.Origin(canonical)
	u, err := url.Parse(origin)
	if err != nil {
		return "", 0, fmt.Errorf("origin of %s: %w", canonical, err)
	}
	port = 80
	if u.Scheme == "https" {
		port = 443
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return "", 0, fmt.Errorf("port of %s: %w", canonical, err)
		}
	}
	return net.JoinHostPort(u.Hostname(), strconv.Itoa(port)), port, nil
}
