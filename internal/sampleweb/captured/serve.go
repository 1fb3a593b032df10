package captured

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Addrs says where the servers listen.
type Addrs struct {
	// DNS is host:port of the DNS server.
	DNS string
	// HTTPPort and HTTPSPort stand in for 80 and 443.
	HTTPPort, HTTPSPort int
	// CAPEM is the certificate that signs every host's.
	CAPEM []byte
}

// Serve answers DNS, HTTP and TLS on loopback until ctx ends; ready is called once with the addresses.
func (w *Web) Serve(ctx context.Context, log *slog.Logger, ready func(Addrs)) error {
	ca, err := newCA()
	if err != nil {
		return err
	}
	s := &servers{web: w, log: log}
	addrs := Addrs{CAPEM: ca.pem()}
	if addrs.DNS, err = s.dns(ctx); err == nil {
		if addrs.HTTPPort, err = s.http(ctx, nil); err == nil {
			addrs.HTTPSPort, err = s.http(ctx, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: ca.certificate})
		}
	}
	if err == nil {
		ready(addrs)
		<-ctx.Done()
	}
	return errors.Join(err, s.close())
}

type servers struct {
	web     *Web
	log     *slog.Logger
	closers []func() error
	wg      sync.WaitGroup
}

func (s *servers) close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c())
	}
	s.wg.Wait()
	return errors.Join(errs...)
}

func (s *servers) dns(ctx context.Context) (string, error) {
	conn, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp4", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen for DNS: %w", err)
	}
	started := make(chan struct{})
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(s.answer), NotifyStartedFunc: func() { close(started) }}
	s.wg.Go(func() {
		if err := server.ActivateAndServe(); err != nil {
			s.log.Warn("captured pages: DNS server stopped", "error", err)
		}
	})
	<-started
	s.closers = append(s.closers, server.Shutdown)
	return conn.LocalAddr().String(), nil
}

func (s *servers) answer(out dns.ResponseWriter, query *dns.Msg) {
	m := new(dns.Msg).SetReply(query)
	m.Authoritative = true
	if len(query.Question) == 1 {
		q := query.Question[0]
		h, _ := s.web.lookup(q.Name)
		switch {
		case h == nil:
			m.Rcode = dns.RcodeNameError
		case q.Qtype == dns.TypeA:
			m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: h.addr.AsSlice()})
		}
	}
	if err := out.WriteMsg(m); err != nil {
		s.log.Debug("captured pages: DNS answer not sent", "error", err)
	}
}

func (s *servers) http(ctx context.Context, config *tls.Config) (int, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "0.0.0.0:0") // every address of 127.0.0.0/8; others are refused below
	if err != nil {
		return 0, fmt.Errorf("listen for HTTP: %w", err)
	}
	server := &http.Server{Handler: s, TLSConfig: config, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	s.wg.Go(func() {
		serve := server.Serve
		if config != nil {
			serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
		}
		if err := serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.log.Warn("captured pages: HTTP server stopped", "error", err)
		}
	})
	s.closers = append(s.closers, server.Close)
	addr, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("listen for HTTP: address %v", ln.Addr())
	}
	return addr.Port, nil
}

// ServeHTTP implements http.Handler.
func (s *servers) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if ip := net.ParseIP(peer); err != nil || ip == nil || !ip.IsLoopback() {
		http.Error(out, "loopback only", http.StatusForbidden)
		return
	}
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	h, hosts := s.web.lookup(name)
	if h == nil {
		http.NotFound(out, r)
		return
	}
	body, kind, err := s.web.read(h, hosts, r.URL.RequestURI())
	if err != nil {
		http.NotFound(out, r)
		return
	}
	out.Header().Set("Content-Type", kind)
	if _, err := out.Write(body); err != nil {
		s.log.Debug("captured pages: page not sent", "host", name, "error", err)
	}
}

// ca signs a certificate for whatever host is asked for.
type ca struct {
	cert *x509.Certificate
	der  []byte
	key  *ecdsa.PrivateKey
	mu   sync.Mutex
	made map[string]*tls.Certificate
}

func newCA() (*ca, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Captured Pages Root"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	return &ca{cert: template, der: der, key: key, made: map[string]*tls.Certificate{}}, nil
}

func (c *ca) pem() []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.der}) }

func (c *ca) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cert := c.made[hello.ServerName]; cert != nil {
		return cert, nil
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(c.made) + 2)), Subject: pkix.Name{CommonName: hello.ServerName}, DNSNames: []string{hello.ServerName},
		NotBefore: c.cert.NotBefore, NotAfter: c.cert.NotAfter,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, c.cert, &c.key.PublicKey, c.key)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate for %s: %w", hello.ServerName, err)
	}
	c.made[hello.ServerName] = &tls.Certificate{Certificate: [][]byte{der, c.der}, PrivateKey: c.key}
	return c.made[hello.ServerName], nil
}
