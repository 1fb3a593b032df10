package oracle_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"telltale/internal/oracle"
)

// web is a served truth and a client that finds its way as the crawlers do.
type web struct {
	t *testing.T
	*oracle.Web
	out    *bytes.Buffer
	client *http.Client
}

func startWeb(t *testing.T, truth *oracle.Truth) *web {
	t.Helper()
	w := &web{t: t, out: &bytes.Buffer{}}
	served, err := oracle.StartWeb(t.Context(), truth, oracle.NewLog(w.out))
	if err != nil {
		t.Fatal(err)
	}
	w.Web = served
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(served.CA) {
		t.Fatal("no authority")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DialContext: w.dial}
	w.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := served.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// dial asks the web's name server, and dials its ports instead of 80 and 443.
func (w *web) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	addrs := w.lookup(host)
	if len(addrs) == 0 {
		return nil, errors.New("no address of " + host)
	}
	dialled := w.HTTPPort
	if port == "443" {
		dialled = w.HTTPSPort
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, net.JoinHostPort(addrs[0], strconv.Itoa(dialled)))
}

func (w *web) lookup(host string) []string {
	w.t.Helper()
	m := new(dns.Msg).SetQuestion(dns.Fqdn(host), dns.TypeA)
	reply, err := dns.ExchangeContext(w.t.Context(), m, w.DNS)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, rr := range reply.Answer {
		out = append(out, rr.(*dns.A).A.String())
	}
	return out
}

// get asks for a URL as process c7.2 does, within a time.
func (w *web) get(url string, patience time.Duration) (*http.Response, string, error) {
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("User-Agent", "TelltaleBot/1 (+https://oracle.test/c7.2)")
	resp, err := w.client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// logged waits until the log has n requests and returns them.
func (w *web) logged(n int) []oracle.Request {
	w.t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for w.Log.Len() < n {
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("%d requests logged, want %d", w.Log.Len(), n)
		}
	}
	requests, err := w.Log.Requests()
	if err != nil {
		w.t.Fatal(err)
	}
	return requests
}

func smallTruth() *oracle.Truth {
	host := func(name, addr string, secure bool, r oracle.Robots, pages ...oracle.Page) *oracle.Host {
		return &oracle.Host{Name: name, Domain: name, Secure: secure, Addrs: []netip.Addr{netip.MustParseAddr(addr)}, Robots: r, Pages: pages, Latency: time.Millisecond}
	}
	file := oracle.Robots{Kind: oracle.RobotsFile, Delay: 500 * time.Millisecond, Disallow: []string{"/no/"}, Allow: []string{"/no/but"}}
	return &oracle.Truth{Gap: time.Millisecond, Patience: 300 * time.Millisecond, Hosts: map[string]*oracle.Host{
		"plain.test": host("plain.test", "127.9.9.1", false, file,
			oracle.Page{Path: "/"}, oracle.Page{Path: "/slow", Slow: 30 * time.Millisecond}, oracle.Page{Path: "/stuck", Slow: time.Minute},
			oracle.Page{Path: "/moved", Location: "https://secure.test/"},
			oracle.Page{Path: "/busy", Busy: 1, Status: 429, RetryAfter: 2 * time.Second}, oracle.Page{Path: "/dated", Busy: 1, Status: 503, RetryAfter: 5 * time.Second, Dated: true},
			oracle.Page{Path: "/mute", Busy: 1, Status: 503}),
		"secure.test": host("secure.test", "127.9.9.2", true, oracle.Robots{Kind: oracle.RobotsMoved, Target: "plain.test"}, oracle.Page{Path: "/"}),
		"none.test":   host("none.test", "127.9.9.3", false, oracle.Robots{Kind: oracle.RobotsNone}),
		"broken.test": host("broken.test", "127.9.9.3", false, oracle.Robots{Kind: oracle.RobotsBroken}),
		"cut.test":    host("cut.test", "127.9.9.3", false, oracle.Robots{Kind: oracle.RobotsCut}),
		"silent.test": host("silent.test", "127.9.9.3", false, oracle.Robots{Kind: oracle.RobotsSilent}),
		"quota.test":  host("quota.test", "127.9.9.3", false, oracle.Robots{Kind: oracle.RobotsBusy}),
	}}
}

func TestTheWebLogsWhoAskedWhatWhereAndWhen(t *testing.T) {
	w := startWeb(t, smallTruth())
	before := w.Log.Now()
	for _, url := range []string{"http://plain.test/", "https://secure.test/", "http://plain.test/slow"} {
		if resp, _, err := w.get(url, time.Minute); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v %v", url, resp, err)
		}
	}
	got := w.logged(3)
	for i, want := range []struct{ host, path, addr string }{{"plain.test", "/", "127.9.9.1"}, {"secure.test", "/", "127.9.9.2"}, {"plain.test", "/slow", "127.9.9.1"}} {
		r := got[i]
		if r.Host != want.host || r.Path != want.path || r.Addr.String() != want.addr || r.Crawler != "c7.2" || r.Status != http.StatusOK || r.Cut {
			t.Errorf("request %d is %+v, want %v", i, r, want)
		}
		if r.Start < before || r.End < r.Start || r.End > w.Log.Now() {
			t.Errorf("request %d is from %v to %v", i, r.Start, r.End)
		}
	}
	if took := got[2].End - got[2].Start; took < 30*time.Millisecond {
		t.Errorf("a slow page took %v", took)
	}
	lines := bufio.NewScanner(w.out)
	for i := range got {
		var line oracle.Request
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &line) != nil || line != got[i] {
			t.Errorf("line %d is %s, want %+v", i, lines.Text(), got[i])
		}
	}
}

func TestARequestThatItsClientGaveUpEndsThen(t *testing.T) {
	w := startWeb(t, smallTruth())
	if _, _, err := w.get("http://plain.test/stuck", 300*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	r := w.logged(1)[0]
	if !r.Cut || r.Status != 0 || r.End-r.Start > 300*time.Millisecond {
		t.Errorf("it is logged as %+v", r)
	}
	if n := w.Log.UnderWay()["c7.2"]; n != 0 {
		t.Errorf("%d requests under way", n)
	}
}

func TestRefusalsSayWhenToComeBackAndAnswerThen(t *testing.T) {
	w := startWeb(t, smallTruth())
	for i, want := range []struct {
		path        string
		status      int
		least, most time.Duration
	}{{"busy", 429, 2 * time.Second, 2*time.Second + 50*time.Millisecond}, {"dated", 503, 3900 * time.Millisecond, 5050 * time.Millisecond}, {"mute", 503, 0, 0}} {
		resp, _, err := w.get("http://plain.test/"+want.path, time.Minute)
		if err != nil || resp.StatusCode != want.status || (resp.Header.Get("Retry-After") == "") != (want.most == 0) {
			t.Fatalf("%s: %v %v", want.path, resp, err)
		}
		r := w.logged(2*i + 1)[2*i]
		if wait := max(r.Until-r.End, 0); r.Status != want.status || wait > want.most || wait < want.least-50*time.Millisecond {
			t.Errorf("%s is logged as %+v", want.path, r)
		}
		if resp, _, err := w.get("http://plain.test/"+want.path, time.Minute); err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%s again: %v %v", want.path, resp, err)
		}
	}
}

func TestEachKindOfRobotsIsServed(t *testing.T) {
	w := startWeb(t, smallTruth())
	for _, want := range []struct {
		host   string
		status int
		says   string
	}{
		{"plain.test", 200, "User-agent: TelltaleBot\nCrawl-delay: 0.5\nDisallow: /no/\nAllow: /no/but\n"},
		{"none.test", 404, ""}, {"broken.test", 500, ""}, {"quota.test", 429, ""}, {"secure.test", 301, ""},
	} {
		resp, body, err := w.get("http://"+want.host+"/robots.txt", time.Minute)
		if err != nil || resp.StatusCode != want.status || !strings.Contains(body, want.says) {
			t.Errorf("%s: %v %v %q", want.host, resp, err, body)
		}
	}
	if _, _, err := w.get("http://cut.test/robots.txt", time.Minute); !errors.Is(err, io.EOF) {
		t.Errorf("cut.test: %v", err)
	}
	if _, _, err := w.get("http://silent.test/robots.txt", 100*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("silent.test: %v", err)
	}
	if addrs := w.lookup("nobody.test"); len(addrs) != 0 {
		t.Errorf("nobody.test lives at %v", addrs)
	}
	if _, _, err := w.get("https://plain.test/", time.Minute); err == nil {
		t.Error("a host without a certificate answers over TLS")
	}
}
