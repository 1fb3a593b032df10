package sampleweb

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// bench is a running web and a client that resolves through its DNS and trusts its CA.
type bench struct {
	t      *testing.T
	web    *Web
	addrs  Addrs
	client *http.Client
}

func setup(t *testing.T, cfg Config) *bench {
	t.Helper()
	b := &bench{t: t, web: New(cfg)}
	var err error
	if b.addrs, err = b.web.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(b.addrs.CAPEM) {
		t.Fatal("the CA is no PEM certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, DialContext: b.dial, DisableCompression: true}
	b.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := b.web.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// dial asks the web's DNS for the host and swaps the ports, as the flags of the test network do.
func (b *bench) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	answer := b.query(host, dns.TypeA, "udp")
	i := slices.IndexFunc(answer.Answer, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeA })
	if i < 0 {
		return nil, &net.DNSError{Err: dns.RcodeToString[answer.Rcode], Name: host, IsNotFound: true}
	}
	a, ok := answer.Answer[i].(*dns.A)
	if !ok {
		return nil, errors.New("an A record of another type")
	}
	to := b.addrs.HTTPPort
	if port == "443" {
		to = b.addrs.HTTPSPort
	}
	var d net.Dialer
	return d.DialContext(ctx, network, net.JoinHostPort(a.A.String(), strconv.Itoa(to)))
}

func (b *bench) query(name string, kind uint16, network string) *dns.Msg {
	m := new(dns.Msg).SetQuestion(dns.Fqdn(name), kind)
	m.SetEdns0(4096, false)
	answer, _, err := (&dns.Client{Net: network}).Exchange(m, b.addrs.DNS)
	if err != nil {
		b.t.Errorf("ask %s for %s: %v", name, dns.TypeToString[kind], err)
		return new(dns.Msg)
	}
	return answer
}

func (b *bench) get(url string, headers ...string) (*http.Response, []byte) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatalf("get %s: %v", url, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatalf("read %s: %v", url, err)
	}
	return res, body
}

func (b *bench) of(behaviour Behaviour) *company {
	b.t.Helper()
	i := slices.IndexFunc(b.web.companies, func(c *company) bool { return c.Behaviour == behaviour })
	if i < 0 {
		b.t.Fatalf("no company shows %s", behaviour)
	}
	return b.web.companies[i]
}

func TestDNSAnswersAsTheTruthSays(t *testing.T) {
	b := setup(t, Config{Companies: 120})
	now := b.web.Now()
	checked := 0
	for _, c := range b.web.companies {
		if !c.Readable {
			continue
		}
		var text strings.Builder
		for _, kind := range []uint16{dns.TypeMX, dns.TypeTXT, dns.TypeNS, dns.TypeSOA, dns.TypeA} {
			for _, rr := range b.query(c.domain, kind, []string{"udp", "tcp"}[c.index%2]).Answer {
				text.WriteString(rr.String() + "\n")
			}
		}
		for _, rr := range b.query("www."+c.domain, dns.TypeA, "udp").Answer {
			text.WriteString(rr.String() + "\n")
		}
		if !strings.Contains(text.String(), "\t"+c.Address) {
			t.Errorf("%s: no address in\n%s", c.domain, text.String())
		}
		for _, u := range c.techs {
			if where(u.channel) != "dns" || !visible(u.from, u.to, now) {
				continue
			}
			for _, r := range u.records {
				if !strings.Contains(text.String(), strings.TrimSuffix(r, ".")) {
					t.Errorf("%s: %s (%s) is not in the answers", c.domain, r, u.name)
				}
				checked++
			}
		}
		if a := b.query(c.domain, dns.TypeAAAA, "udp"); len(a.Answer) != 0 || a.Rcode != dns.RcodeSuccess || len(a.Ns) != 1 {
			t.Errorf("%s: AAAA gave %v", c.domain, a)
		}
	}
	if checked < 100 {
		t.Errorf("only %d records checked", checked)
	}
}

func TestDNSRefusesWhatIsNotThere(t *testing.T) {
	b := setup(t, Config{})
	for name, want := range map[string]int{
		"nobody.example":                        dns.RcodeNameError,
		b.of(BehaviourNXDomain).domain:          dns.RcodeNameError,
		b.of(BehaviourServFail).domain:          dns.RcodeServerFailure,
		"nothing." + b.of(BehaviourHuge).domain: dns.RcodeNameError,
		"com":                                   dns.RcodeNameError,
	} {
		if got := b.query(name, dns.TypeA, "udp").Rcode; got != want {
			t.Errorf("%s: %s, want %s", name, dns.RcodeToString[got], dns.RcodeToString[want])
		}
	}
}

func TestTLSChainsVerifyAndNameTheIssuerOfTheTruth(t *testing.T) {
	b := setup(t, Config{Companies: 100})
	issuers := map[string]int{}
	for _, c := range b.web.companies {
		if !c.Readable || !c.style.https || c.Behaviour == BehaviourSlow || c.Behaviour == BehaviourRateLimited {
			continue
		}
		res, _ := b.get(c.Home)
		if res.TLS == nil || len(res.TLS.VerifiedChains) == 0 {
			t.Fatalf("%s: not verified", c.Home)
		}
		organisation := res.TLS.PeerCertificates[0].Issuer.Organization[0]
		issuers[organisation]++
		if c.uses("DigiCert") && organisation != "DigiCert Inc" && visibleAlways(c, "DigiCert") {
			t.Errorf("%s: issued by %s", c.Home, organisation)
		}
	}
	if issuers["Let's Encrypt"] == 0 || issuers["DigiCert Inc"] == 0 {
		t.Errorf("issuers %v", issuers)
	}
}

func TestHostsWithoutTLSRefuseTheHandshakeAndServePlainly(t *testing.T) {
	b := setup(t, Config{Companies: 100})
	i := slices.IndexFunc(b.web.companies, func(c *company) bool { return c.Behaviour == BehaviourNormal && !c.style.https })
	c := b.web.companies[i]
	if res, _ := b.get(c.Home); res.StatusCode != http.StatusOK || !strings.HasPrefix(c.Home, "http://") {
		t.Errorf("%s: %d", c.Home, res.StatusCode)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+c.style.host+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := b.client.Do(req); err == nil {
		_ = res.Body.Close()
		t.Error("the handshake succeeded")
	}
}

// stranger is a connection from somewhere else; oneStranger a listener that hands it out once.
type stranger struct {
	net.Conn
	closed bool
}

func (s *stranger) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 4711} }
func (s *stranger) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80} }
func (s *stranger) Close() error         { s.closed = true; return nil }

type oneStranger struct {
	net.Listener
	conn *stranger
}

func (l *oneStranger) Accept() (net.Conn, error) {
	if l.conn.closed {
		return nil, net.ErrClosed
	}
	return l.conn, nil
}

func TestPeersFromOutsideLoopbackAreClosedUnanswered(t *testing.T) {
	l := &oneStranger{conn: &stranger{}}
	conn, err := New(Config{Companies: 20}).newGate(l).Accept()
	if conn != nil || !errors.Is(err, net.ErrClosed) || !l.conn.closed {
		t.Errorf("accepted %v (%v), closed: %v", conn, err, l.conn.closed)
	}
}

func visibleAlways(c *company, name string) bool {
	return slices.ContainsFunc(c.techs, func(u techUse) bool { return u.name == name && u.from.IsZero() && u.to.IsZero() })
}

func TestValidatorsAreHonoured(t *testing.T) {
	b := setup(t, Config{Companies: 40})
	honoured := 0
	for _, c := range b.web.companies {
		if c.Behaviour != BehaviourNormal || !c.style.validators {
			continue
		}
		first, _ := b.get(c.Home)
		for _, header := range [][2]string{{"If-None-Match", first.Header.Get("ETag")}, {"If-Modified-Since", first.Header.Get("Last-Modified")}} {
			again, body := b.get(c.Home, header[0], header[1])
			if again.StatusCode != http.StatusNotModified || len(body) != 0 {
				t.Errorf("%s with %s: %d and %d bytes", c.Home, header[0], again.StatusCode, len(body))
			}
		}
		if changed, _ := b.get(c.Home, "If-None-Match", `"other"`); changed.StatusCode != http.StatusOK {
			t.Errorf("%s with another ETag: %d", c.Home, changed.StatusCode)
		}
		honoured++
	}
	if honoured < 10 {
		t.Errorf("only %d sites checked", honoured)
	}
}

func TestCompressedPagesAreTheSamePages(t *testing.T) {
	b := setup(t, Config{Companies: 40})
	i := slices.IndexFunc(b.web.companies, func(c *company) bool { return c.Behaviour == BehaviourNormal && c.style.gzip })
	home := b.web.companies[i].Home
	_, plain := b.get(home)
	res, packed := b.get(home, "Accept-Encoding", "gzip")
	if res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%s came as %q", home, res.Header.Get("Content-Encoding"))
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%s: unpacked %d bytes (%v), plain %d", home, len(got), err, len(plain))
	}
}

func TestAnotherCompaniesAddressIsMisdirected(t *testing.T) {
	b := setup(t, Config{Companies: 40})
	var normal []*company
	for _, c := range b.web.companies {
		if c.Behaviour == BehaviourNormal {
			normal = append(normal, c)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+normal[0].Address+":"+strconv.Itoa(b.addrs.HTTPPort)+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = normal[1].style.host
	var plain http.Transport
	defer plain.CloseIdleConnections()
	res, err := plain.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestLifecycle(t *testing.T) {
	w := New(Config{Companies: 20})
	if err := w.Close(); err != nil {
		t.Fatalf("close before start: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	ready := make(chan Addrs, 1)
	go func() { done <- w.Run(ctx, func(a Addrs) { ready <- a }) }()
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	if _, err := w.Start(t.Context()); err == nil {
		t.Error("a second start was let through")
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}

func TestDeadHostsAreDeadInTheirOwnWay(t *testing.T) {
	b := setup(t, Config{})
	reset := b.of(BehaviourReset)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, reset.Home, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := b.client.Do(req); err == nil {
		_ = res.Body.Close()
		t.Errorf("%s answered %d", reset.Home, res.StatusCode)
	} else if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") && !errors.Is(err, syscall.EPIPE) {
		t.Errorf("%s: %v, want a reset", reset.Home, err)
	}
	tarpit := b.of(BehaviourTarpit)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	req, err = http.NewRequestWithContext(ctx, http.MethodGet, tarpit.Home, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := b.client.Do(req); !errors.Is(err, context.DeadlineExceeded) {
		if err == nil {
			_ = res.Body.Close()
		}
		t.Errorf("%s: %v, want silence until the deadline", tarpit.Home, err)
	}
}
