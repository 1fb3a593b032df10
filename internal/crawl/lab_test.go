package crawl_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
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
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"telltale/internal/crawl"
	"telltale/internal/fetch"
	"telltale/internal/fetch/resolver"
	"telltale/internal/pages"
	"telltale/internal/work"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lab is a web on loopback with real DNS, TLS and HTTP servers, and the streams a crawler publishes to.
type lab struct {
	t           testing.TB
	sites       map[string]*http.ServeMux
	whole       map[string]func(http.ResponseWriter)
	fetcher     *fetch.Fetcher
	crawler     *crawl.Crawler
	reg         *prometheus.Registry
	blocks      map[string]string
	http, https int

	mu      sync.Mutex
	zone    map[string][]string
	asked   []string
	plain   map[string]bool
	pages   []*pages.Page
	results []pages.Result
	// failPages makes publishing a page fail; onPage runs before each page is published.
	failPages error
	onPage    func(*pages.Page)
}

func newLab(t testing.TB, config crawl.Config) *lab { return newLabWith(t, config, fetch.Config{}) }

// newLabWith is newLab with a fetcher of its own pace and caps.
func newLabWith(t testing.TB, config crawl.Config, fetching fetch.Config) *lab {
	t.Helper()
	l := &lab{
		t: t, sites: map[string]*http.ServeMux{}, reg: prometheus.NewRegistry(), blocks: map[string]string{},
		zone: map[string][]string{}, plain: map[string]bool{},
	}
	cert, roots := selfSigned(t)
	l.http = l.serve(nil)
	l.https = l.serve(&cert)
	names, err := resolver.New(resolver.Config{Server: l.serveDNS()}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	fetching.Contact, fetching.HTTPPort, fetching.HTTPSPort, fetching.AllowPrivate, fetching.Roots = "https://telltale.example/bot", l.http, l.https, true, roots
	fetching.FirstByteTimeout, fetching.TotalTimeout = 10*time.Second, 15*time.Second
	l.fetcher, err = fetch.New(fetching, fetch.Deps{Resolver: names})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.fetcher.Close)
	config.Crawler = "lab"
	l.crawler, err = crawl.New(config, crawl.Deps{
		Fetcher: l.fetcher, Prober: l.fetcher, Robots: l, Control: l, Publisher: l, Registry: l.reg,
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// site returns the pages of one host; robots.txt allows everything unless the site has its own.
func (l *lab) site(host string) *http.ServeMux {
	mux := l.sites[host]
	if mux == nil {
		mux = http.NewServeMux()
		l.sites[host] = mux
	}
	return mux
}

// page serves a body at a pattern, with a strong validator.
func (l *lab) page(host, pattern, contentType, body string) {
	tag := `"` + pages.Hash([]byte(body)) + `"`
	l.site(host).HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, body) // a client that went away is the test's affair
	})
}

// exact serves a body at one path with its query alone; a mux's patterns know no query.
func (l *lab) exact(host, target, contentType, body string) {
	if l.whole == nil {
		l.whole = map[string]func(http.ResponseWriter){}
	}
	l.site(host)
	l.whole[host+target] = func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body) // a client that went away is the test's affair
	}
}

func (l *lab) html(host, pattern, body string) {
	l.page(host, pattern, "text/html; charset=utf-8", "<!doctype html><html lang=en><head><title>"+pattern+"</title></head><body>"+body+"</body></html>")
}

// ServeHTTP serves the site of the host asked for and logs what was asked, robots.txt aside.
func (l *lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	mux := l.sites[r.Host]
	plainOnly := l.plain[r.Host]
	if r.URL.Path != "/robots.txt" {
		l.asked = append(l.asked, r.URL.RequestURI())
	}
	l.mu.Unlock()
	exact := l.whole[r.Host+r.URL.RequestURI()]
	switch {
	case exact != nil:
		exact(w)
	case mux == nil:
		http.NotFound(w, r)
	case plainOnly && r.TLS != nil:
		panic(http.ErrAbortHandler)
	default:
		mux.ServeHTTP(w, r)
	}
}

// requests returns what was asked for since the last call.
func (l *lab) requests() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := strings.Join(l.asked, " ")
	l.asked = nil
	return out
}

func (l *lab) serve(cert *tls.Certificate) int {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	if cert != nil {
		ln = tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{*cert}})
	}
	s := &http.Server{Handler: l, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			l.t.Error(err)
		}
	}()
	l.t.Cleanup(func() { _ = s.Close(); <-done })
	return port
}

// selfSigned makes a certificate for every name the tests visit.
func selfSigned(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		DNSNames: []string{
			"contoso.example", "*.contoso.example", "other.example", "parked.example", "www.parked.example", "wire.example",
			"social.example", "bsky.app", "www.youtube.com", "medium.com", "*.substack.com", "www.reddit.com", "github.com", "stackoverflow.com",
		},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func (l *lab) serveDNS() string {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	started, done := make(chan struct{}), make(chan struct{})
	s := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(l.answer), NotifyStartedFunc: func() { close(started) }}
	go func() {
		defer close(done)
		if err := s.ActivateAndServe(); err != nil {
			l.t.Error(err)
		}
	}()
	<-started
	l.t.Cleanup(func() { _ = s.Shutdown(); <-done })
	return pc.LocalAddr().String()
}

// answer gives every name under .example an address, and the zone's records.
func (l *lab) answer(w dns.ResponseWriter, q *dns.Msg) {
	reply := new(dns.Msg)
	reply.SetReply(q)
	host, kind := strings.TrimSuffix(q.Question[0].Name, "."), dns.TypeToString[q.Question[0].Qtype]
	l.mu.Lock()
	records, own := l.zone[host]
	l.mu.Unlock()
	if !own && strings.HasSuffix(host, ".example") && !strings.HasPrefix(host, "_") {
		records = []string{"A 127.0.0.1"}
	} else if !own {
		reply.Rcode = dns.RcodeNameError
	}
	for _, r := range records {
		if !strings.HasPrefix(r, kind+" ") {
			continue
		}
		rr, err := dns.NewRR(fmt.Sprintf("%s. 60 %s", host, r))
		if err != nil {
			panic(err)
		}
		reply.Answer = append(reply.Answer, rr)
	}
	_ = w.WriteMsg(reply) // a client that went away is the test's affair
}

// PublishPage implements crawl.Publisher.
func (l *lab) PublishPage(ctx context.Context, p *pages.Page) error {
	if l.onPage != nil {
		l.onPage(p)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failPages != nil {
		return l.failPages
	}
	if _, err := p.Encode(); err != nil {
		return err
	}
	l.pages = append(l.pages, p)
	return ctx.Err()
}

// PublishResult implements crawl.Publisher.
func (l *lab) PublishResult(ctx context.Context, r pages.Result) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.results = append(l.results, r)
	return ctx.Err()
}

// Blocked implements crawl.Control.
func (l *lab) Blocked(domain string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.blocks[domain]
}

// Sitemaps implements crawl.Robots.
func (l *lab) Sitemaps(host string) []string {
	site, err := l.fetcher.Site(l.t.Context(), "https://"+host+"/")
	if err != nil {
		return nil
	}
	return site.Sitemaps
}

// CrawlDelay implements crawl.Robots.
func (l *lab) CrawlDelay(host string) time.Duration {
	site, err := l.fetcher.Site(l.t.Context(), "https://"+host+"/")
	if err != nil {
		return 0
	}
	return site.CrawlDelay
}

var due = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

func visitOf(domain string, known ...pages.Known) pages.Visit {
	return pages.Visit{ID: pages.VisitID(domain, due), Domain: domain, DueAt: due, Known: known}
}

// visit makes a visit that must end, and returns its result.
func (l *lab) visit(v pages.Visit) pages.Result {
	l.t.Helper()
	l.pages, l.results = nil, nil
	out := l.crawler.Handle(l.t.Context(), work.Delivery[pages.Visit]{Value: v, Attempt: 1})
	if out.Verdict != work.VerdictDone || len(l.results) != 1 {
		l.t.Fatalf("outcome %+v, %d results", out, len(l.results))
	}
	return l.results[0]
}

// published lists kind and path of what the last visit published, in order.
func (l *lab) published() string {
	var out []string
	for _, p := range l.pages {
		url := p.URL
		if i := strings.Index(url, ".example"); i >= 0 && p.Kind != pages.KindProbe {
			url = url[i+len(".example"):]
		}
		out = append(out, string(p.Kind)+" "+url)
	}
	return strings.Join(out, ", ")
}

// known is what a store would know after the last visit.
func (l *lab) known() (out []pages.Known) {
	for _, p := range l.pages {
		out = append(out, pages.Known{
			URL: p.URL, Kind: p.Kind, ContentHash: p.ContentHash, ETag: p.Header.Get("ETag"), LastModified: p.Header.Get("Last-Modified"), SimHash: p.SimHash,
		})
	}
	return out
}
