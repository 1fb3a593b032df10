package fetch_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"telltale/internal/fetch"
	"telltale/internal/fetch/resolver"
	"telltale/internal/pages"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lab is a web on loopback: a DNS server and a web server that logs what it is asked for.
type lab struct {
	dns   string
	port  int
	mux   *http.ServeMux
	clock *clock
	reg   *prometheus.Registry

	mu    sync.Mutex
	names map[string][]string
	asked []string
	conns int
}

// clock is the time plus what a test adds to it.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// newLab serves each name that ends in .example from 127.0.0.1.
func newLab(t testing.TB) *lab {
	t.Helper()
	l := &lab{mux: http.NewServeMux(), clock: &clock{}, reg: prometheus.NewRegistry(), names: map[string][]string{}}
	l.dns = serveDNS(t, l)
	l.port = serveHTTP(t, l, l.listen(t, "127.0.0.1:0"))
	return l
}

func (l *lab) listen(t testing.TB, address string) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

func serveHTTP(t testing.TB, l *lab, ln net.Listener) int {
	t.Helper()
	s := &http.Server{
		Handler: l, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				l.mu.Lock()
				l.conns++
				l.mu.Unlock()
			}
		},
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return ln.Addr().(*net.TCPAddr).Port
}

// ServeHTTP logs a request and serves it.
func (l *lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.asked = append(l.asked, r.Host+r.RequestURI)
	l.mu.Unlock()
	l.mux.ServeHTTP(w, r)
}

// log returns what was asked for since the last call.
func (l *lab) log() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := strings.Join(l.asked, " ")
	l.asked = nil
	return out
}

func (l *lab) connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conns
}

// name has a name resolve to addresses, or, without any, not exist.
func (l *lab) name(host string, addrs ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names[host] = addrs
}

// page serves a body at a pattern of http.ServeMux.
func (l *lab) page(pattern, contentType, body string) {
	l.mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body) // a client that went away is the test's affair
	})
}

// everywhere serves from the first n addresses of 127.0.0.0/24.
func (l *lab) everywhere(t testing.TB, n int) {
	t.Helper()
	for i := 2; i <= n; i++ {
		serveHTTP(t, l, l.listen(t, fmt.Sprintf("127.0.0.%d:%d", i, l.port)))
	}
}

func serveDNS(t testing.TB, l *lab) string {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started, done := make(chan struct{}), make(chan struct{})
	s := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(l.answer), NotifyStartedFunc: func() { close(started) }}
	go func() {
		defer close(done)
		if err := s.ActivateAndServe(); err != nil {
			t.Error(err)
		}
	}()
	<-started
	t.Cleanup(func() { _ = s.Shutdown(); <-done })
	return pc.LocalAddr().String()
}

func (l *lab) answer(w dns.ResponseWriter, q *dns.Msg) {
	reply := new(dns.Msg)
	reply.SetReply(q)
	host := strings.TrimSuffix(q.Question[0].Name, ".")
	l.mu.Lock()
	addrs, known := l.names[host]
	l.mu.Unlock()
	switch {
	case !known && strings.HasSuffix(host, ".example"):
		addrs = []string{"127.0.0.1"}
	case host == "broken.test":
		reply.Rcode = dns.RcodeServerFailure
	case len(addrs) == 0:
		reply.Rcode = dns.RcodeNameError
	}
	for _, a := range addrs {
		kind := "A"
		if netip.MustParseAddr(a).Is6() {
			kind = "AAAA"
		}
		if dns.TypeToString[q.Question[0].Qtype] != kind {
			continue
		}
		rr, err := dns.NewRR(fmt.Sprintf("%s. 0 %s %s", host, kind, a))
		if err != nil {
			panic(err)
		}
		reply.Answer = append(reply.Answer, rr)
	}
	_ = w.WriteMsg(reply) // a client that went away is the test's affair
}

// config dials the lab's web server for port 80.
func (l *lab) config() fetch.Config {
	return fetch.Config{
		Contact: "https://telltale.example/bot", Version: "1.2", HTTPPort: l.port, AllowPrivate: true,
		ConnectTimeout: 2 * time.Second, FirstByteTimeout: time.Second, TotalTimeout: 2 * time.Second,
	}
}

func (l *lab) fetcher(t testing.TB, config fetch.Config) *fetch.Fetcher {
	t.Helper()
	r, err := resolver.New(resolver.Config{Server: l.dns}, l.clock.now)
	if err != nil {
		t.Fatal(err)
	}
	l.reg = prometheus.NewRegistry()
	f, err := fetch.New(config, fetch.Deps{Resolver: r, Registerer: l.reg, Clock: l.clock.now, Steady: l.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// get fetches and fails the test where that fails.
func get(t testing.TB, f *fetch.Fetcher, url string) *pages.Response {
	t.Helper()
	resp, err := f.Fetch(t.Context(), pages.Request{URL: url})
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return resp
}

// deny fetches and wants a failure of one reason.
func deny(t testing.TB, f *fetch.Fetcher, url string, want pages.FetchReason) *pages.FetchError {
	t.Helper()
	resp, err := f.Fetch(t.Context(), pages.Request{URL: url})
	var failed *pages.FetchError
	if !errors.As(err, &failed) || failed.Reason != want {
		t.Fatalf("%s: got %v, %v; want %s", url, resp, err, want)
	}
	return failed
}

// metric sums the samples of a metric; of a histogram it counts them. label, where set, must be a value.
func (l *lab) metric(t testing.TB, name, label string) float64 {
	t.Helper()
	families, err := l.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		if family.GetName() != "telltale_fetch_"+name {
			continue
		}
		for _, m := range family.GetMetric() {
			matches := label == ""
			for _, pair := range m.GetLabel() {
				matches = matches || pair.GetValue() == label
			}
			if matches {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func port(t testing.TB, a net.Addr) int {
	t.Helper()
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		t.Fatal(err)
	}
	return int(ap.Port())
}
