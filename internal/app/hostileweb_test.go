package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// hostileSite is one domain and what is wrong with it. Every site has an address of its own, so that none waits
// for another's turn. What is not set behaves: robots.txt is not there, other pages neither.
type hostileSite struct {
	// name is the domain without .example, does what is told of it in docs/hostile.md.
	name, does string
	// home and robots answer for / and /robots.txt, encrypted or not.
	home, robots http.HandlerFunc
	// conn takes every connection as it comes; secure only those to the HTTPS port, before any handshake.
	conn, secure func(net.Conn)
	// cert makes the certificate; nil means a good one. A site with cert or secure redirects to HTTPS.
	cert func(ca *hostileCA, name string) tls.Certificate
	// dns answers in the place of an address.
	dns func(q dns.Question, reply *dns.Msg)
}

// hostileWeb serves sites on loopback by real DNS, TLS and HTTP servers.
type hostileWeb struct {
	t     *testing.T
	ca    *hostileCA
	sites []hostileSite
	// dns, http and https are where it listens.
	dns         string
	http, https int

	mu    sync.Mutex
	certs map[string]*tls.Certificate
	conns sync.WaitGroup
	over  chan struct{}
}

func newHostileWeb(t *testing.T, sites []hostileSite) *hostileWeb {
	t.Helper()
	w := &hostileWeb{t: t, ca: newHostileCA(t), sites: sites, certs: map[string]*tls.Certificate{}, over: make(chan struct{})}
	w.dns = w.serveDNS()
	w.http, w.https = w.serve(false), w.serve(true)
	return w
}

// address of the site of an index.
func (w *hostileWeb) address(i int) net.IP { return net.IPv4(127, 1, 0, byte(i+1)) }

func (w *hostileWeb) siteOf(addr net.Addr) *hostileSite {
	if ip := addr.(*net.TCPAddr).IP.To4(); ip[1] == 1 && int(ip[3]) <= len(w.sites) {
		return &w.sites[ip[3]-1]
	}
	return &hostileSite{}
}

// serve listens on every loopback address, hands some connections to their sites and the rest to net/http.
func (w *hostileWeb) serve(secure bool) int {
	w.t.Helper()
	ln, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		w.t.Fatal(err)
	}
	rest := net.Listener(&sifted{Listener: ln, sift: func(c net.Conn) bool {
		site := w.siteOf(c.LocalAddr())
		take := site.conn
		if take == nil && secure {
			take = site.secure
		}
		if take != nil {
			w.hold(c, take)
		}
		return take != nil
	}})
	if secure {
		rest = tls.NewListener(rest, &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			return &tls.Config{Certificates: []tls.Certificate{w.cert(w.siteOf(hello.Conn.LocalAddr()), hello.ServerName)}}, nil
		}})
	}
	server := &http.Server{Handler: w, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0), IdleTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(rest); !errors.Is(err, http.ErrServerClosed) {
			w.t.Error(err)
		}
	}()
	w.t.Cleanup(func() { _ = server.Close(); <-done; w.conns.Wait() })
	return ln.Addr().(*net.TCPAddr).Port
}

// hold lets a site have a connection until it returns.
func (w *hostileWeb) hold(c net.Conn, take func(net.Conn)) {
	w.conns.Go(func() {
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(30 * time.Second)) // whoever waits longer hangs
		take(c)
	})
}

// sifted is a listener that keeps some connections back.
type sifted struct {
	net.Listener
	sift func(net.Conn) bool
}

func (s *sifted) Accept() (net.Conn, error) {
	for {
		c, err := s.Listener.Accept()
		if err != nil || !s.sift(c) {
			return c, err
		}
	}
}

func (w *hostileWeb) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	site := w.siteOf(r.Context().Value(http.LocalAddrContextKey).(net.Addr))
	switch {
	case (site.cert != nil || site.secure != nil) && r.TLS == nil:
		http.Redirect(out, r, "https://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
	case r.URL.Path == "/robots.txt" && site.robots != nil:
		site.robots(out, r)
	case site.home != nil && r.URL.Path != "/robots.txt" && (r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/hop")):
		site.home(out, r)
	default:
		http.NotFound(out, r)
	}
}

func (w *hostileWeb) serveDNS() string {
	w.t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	started, done := make(chan struct{}), make(chan struct{})
	s := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(w.answer), NotifyStartedFunc: func() { close(started) }}
	go func() {
		defer close(done)
		if err := s.ActivateAndServe(); err != nil {
			w.t.Error(err)
		}
	}()
	<-started
	w.t.Cleanup(func() { _ = s.Shutdown(); <-done })
	return pc.LocalAddr().String()
}

func (w *hostileWeb) answer(out dns.ResponseWriter, q *dns.Msg) {
	reply := new(dns.Msg).SetReply(q)
	name := strings.TrimSuffix(strings.ToLower(q.Question[0].Name), ".example.")
	for i, site := range w.sites {
		switch {
		case name != site.name && !strings.HasSuffix(name, "."+site.name):
		case site.dns != nil:
			site.dns(q.Question[0], reply)
		case q.Question[0].Qtype == dns.TypeA && !strings.HasPrefix(name, "_"):
			reply.Answer = append(reply.Answer, record("%s A %s", q.Question[0].Name, w.address(i)))
		}
	}
	_ = out.WriteMsg(reply) // a client that went away is the test's affair
}

func record(format string, args ...any) dns.RR {
	rr, err := dns.NewRR(fmt.Sprintf(format, args...))
	if err != nil {
		panic(err)
	}
	return rr
}

// hostileCA signs certificates, good ones and bad ones.
type hostileCA struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newHostileCA(t *testing.T) *hostileCA {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &hostileCA{t: t, key: key}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Hostile Lab"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if ca.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	ca.pem = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return ca
}

// issue makes a certificate; signed by itself where self is set.
func (ca *hostileCA) issue(name string, until time.Time, self bool) tls.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{name}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	parent := ca.cert
	if self {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &ca.key.PublicKey, ca.key)
	if err != nil {
		ca.t.Error(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: ca.key}
}

func (w *hostileWeb) cert(site *hostileSite, name string) tls.Certificate {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c, ok := w.certs[name]; ok {
		return *c
	}
	var c tls.Certificate
	if site.cert != nil {
		c = site.cert(w.ca, name)
	} else {
		c = w.ca.issue(name, time.Now().Add(time.Hour), false)
	}
	w.certs[name] = &c
	return c
}
