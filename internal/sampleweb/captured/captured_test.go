package captured_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"telltale/internal/sampleweb/captured"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// directory writes a manifest and files.
func directory(t *testing.T, manifest string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if manifest != "" {
		files["manifest.tsv"] = manifest
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadNamesTheFileTheLineAndWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, manifest, says string }{
		{"no manifest", "", "manifest.tsv: no such file"},
		{"an empty manifest", "\n", "manifest.tsv is empty"},
		{"no column url", "file\taddress\na.html\thttps://a.example/\n", "names no columns file and url"},
		{"no column file", "url\nhttps://a.example/\n", "names no columns file and url"},
		{"a row that is short", "file\turl\na.html\n", "record on line 2: wrong number of fields"},
		{"a row without an address", "file\turl\na.html\thttps://a.example/\nb.html\t\n", "manifest.tsv:3: file \"b.html\""},
		{"an address that is none", "file\turl\na.html\thttp://[\n", "manifest.tsv:2: address"},
		{"an address with a port", "file\turl\na.html\thttps://a.example:8443/\n", "manifest.tsv:2: "},
		{"a file above the directory", "file\turl\n../secret\thttps://a.example/\n", `manifest.tsv:2: file "../secret"`},
		{"a file elsewhere", "file\turl\n/etc/passwd\thttps://a.example/\n", `manifest.tsv:2: file "/etc/passwd"`},
		{"the directory above", "file\turl\n..\thttps://a.example/\n", `manifest.tsv:2: file ".."`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := captured.Load(directory(t, c.manifest, map[string]string{})); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

const manifest = "source\tfile\turl\n" +
	"x\thome.html\thttps://www.contoso.example/\n" +
	"x\tpost.html\thttps://blog.contoso.example/2026/mail?id=7&x=%20\n" +
	"x\tnews.html\thttp://news.fabrikam.co.uk/a%20b\n" +
	"x\tgone.html\thttps://news.fabrikam.co.uk/gone\n"

// lab is captured pages that are served, and clients for them.
type lab struct {
	t     *testing.T
	web   *captured.Web
	addrs captured.Addrs
	http  *http.Client
}

func serve(t *testing.T) *lab {
	t.Helper()
	dir := directory(t, manifest, map[string]string{"home.html": "<title>caf\xe9</title>", "post.html": "<title>Post</title>", "news.html": "<title>News</title>", "secret.html": "secret"})
	web, err := captured.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan captured.Addrs, 1), make(chan error, 1)
	go func() {
		ended <- web.Serve(ctx, slog.New(slog.DiscardHandler), func(a captured.Addrs) { ready <- a })
	}()
	l := &lab{t: t, web: web}
	select {
	case l.addrs = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(l.addrs.CAPEM) {
		t.Fatal("no certificate authority")
	}
	transport := &http.Transport{DialContext: l.dial, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	l.http = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return l
}

// dial resolves a host by the lab's DNS and dials the port that stands in for 80 or 443.
func (l *lab) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	answer, err := l.lookup(ctx, host, dns.TypeA)
	if err != nil {
		return nil, err
	}
	if len(answer.Answer) == 0 {
		return nil, errors.New("no such host")
	}
	a, ok := answer.Answer[0].(*dns.A)
	if !ok {
		return nil, fmt.Errorf("answer %v", answer.Answer[0])
	}
	to := l.addrs.HTTPPort
	if port == "443" {
		to = l.addrs.HTTPSPort
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(a.A.String(), fmt.Sprint(to)))
}

func (l *lab) lookup(ctx context.Context, name string, kind uint16) (*dns.Msg, error) {
	answer, _, err := (&dns.Client{}).ExchangeContext(ctx, new(dns.Msg).SetQuestion(dns.Fqdn(name), kind), l.addrs.DNS)
	return answer, err
}

func (l *lab) get(address string) (code int, kind, body string) {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		l.t.Fatal(err)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		l.t.Fatalf("%s: %v", address, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(text)
}

func TestDomainsAndPagesAreThoseOfTheManifest(t *testing.T) {
	l := serve(t)
	if got := l.web.Domains(); !slices.Equal(got, []string{"contoso.example", "fabrikam.co.uk"}) || l.web.Pages() != 4 {
		t.Errorf("%d pages of %q", l.web.Pages(), got)
	}
}

func TestNamesOfTheManifestResolveToAddressesOfTheirOwn(t *testing.T) {
	l := serve(t)
	seen := map[string]string{}
	for _, name := range []string{"www.contoso.example", "blog.contoso.example", "news.fabrikam.co.uk"} {
		m, err := l.lookup(t.Context(), name, dns.TypeA)
		if err != nil || m.Rcode != dns.RcodeSuccess || !m.Authoritative || len(m.Answer) != 1 {
			t.Fatalf("%s: %v, %v", name, m, err)
		}
		a, ok := m.Answer[0].(*dns.A)
		if !ok || !a.A.IsLoopback() || seen[a.A.String()] != "" {
			t.Errorf("%s is %v, as is %q", name, m.Answer[0], seen[m.Answer[0].String()])
			continue
		}
		seen[a.A.String()] = name
	}
	for name, code := range map[string]int{"contoso.example": dns.RcodeSuccess, "WWW.Contoso.Example": dns.RcodeSuccess, "toso.example": dns.RcodeNameError, "other.contoso.example": dns.RcodeNameError, "co.uk": dns.RcodeNameError, "example": dns.RcodeNameError} {
		if m, err := l.lookup(t.Context(), name, dns.TypeA); err != nil || m.Rcode != code {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
	if m, err := l.lookup(t.Context(), "www.contoso.example", dns.TypeMX); err != nil || m.Rcode != dns.RcodeSuccess || len(m.Answer) != 0 {
		t.Errorf("MX: %v, %v", m, err)
	}
}

func TestPagesAreServedByteForByteUnderTheirOwnAddresses(t *testing.T) {
	l := serve(t)
	for _, c := range []struct {
		address    string
		code       int
		kind, body string
	}{
		{"https://www.contoso.example/", 200, "text/html", "<title>caf\xe9</title>"},
		{"http://www.contoso.example/", 200, "text/html", "<title>caf\xe9</title>"},
		{"https://blog.contoso.example/2026/mail?id=7&x=%20", 200, "text/html", "<title>Post</title>"},
		{"https://news.fabrikam.co.uk/a%20b", 200, "text/html", "<title>News</title>"},
		{"https://blog.contoso.example/2026/mail", 404, "", ""},
		{"https://blog.contoso.example/2026/mail?id=8", 404, "", ""},
		{"https://www.contoso.example/2026/mail?id=7&x=%20", 404, "", ""},
		{"https://www.contoso.example/robots.txt", 404, "", ""},
		{"https://news.fabrikam.co.uk/gone", 404, "", ""},
		{"https://www.contoso.example/secret.html", 404, "", ""},
		{"https://www.contoso.example/manifest.tsv", 404, "", ""},
		{"https://www.contoso.example/../manifest.tsv", 404, "", ""},
		{"https://www.contoso.example/%2e%2e/%2e%2e/etc/passwd", 404, "", ""},
		{"https://www.contoso.example/..%2f..%2fetc%2fpasswd", 404, "", ""},
	} {
		code, kind, body := l.get(c.address)
		if code != c.code || c.code == 200 && (kind != c.kind || body != c.body) || strings.Contains(body, "secret") || strings.Contains(body, "root:") {
			t.Errorf("%s: %d %s %q", c.address, code, kind, body)
		}
	}
}

func TestARegistrableDomainStandsForItsHosts(t *testing.T) {
	l := serve(t)
	code, kind, body := l.get("https://contoso.example/")
	for _, link := range []string{`href="https://www.contoso.example/"`, `href="https://blog.contoso.example/2026/mail?id=7&amp;x=%20"`} {
		if code != http.StatusOK || kind != "text/html; charset=utf-8" || !strings.Contains(body, link) || strings.Contains(body, "fabrikam") {
			t.Errorf("the front page has no %s: %d %s %s", link, code, kind, body)
		}
	}
	code, kind, body = l.get("https://contoso.example/sitemap.xml")
	if code != http.StatusOK || kind != "application/xml" || strings.Count(body, "<loc>") != 2 {
		t.Errorf("the sitemap: %d %s %s", code, kind, body)
	}
	if code, _, body = l.get("https://news.fabrikam.co.uk/"); code != http.StatusOK || !strings.Contains(body, "https://news.fabrikam.co.uk/a%20b") {
		t.Errorf("a host without a captured front page: %d %s", code, body)
	}
	if code, _, _ = l.get("https://contoso.example/2026/mail?id=7&x=%20"); code != http.StatusNotFound {
		t.Errorf("a page of another host: %d", code)
	}
}

func TestCertificatesAreForTheHostThatWasAskedFor(t *testing.T) {
	l := serve(t)
	for range 2 {
		conn, err := l.dial(t.Context(), "tcp", "www.contoso.example:443")
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(l.addrs.CAPEM)
		client := tls.Client(conn, &tls.Config{ServerName: "www.contoso.example", RootCAs: roots, MinVersion: tls.VersionTLS12})
		if err := client.HandshakeContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		if leaf := client.ConnectionState().PeerCertificates[0]; !slices.Equal(leaf.DNSNames, []string{"www.contoso.example"}) || leaf.IsCA {
			t.Errorf("the certificate is for %q", leaf.DNSNames)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOnlyLoopbackIsAnswered(t *testing.T) {
	l := serve(t)
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		n, ok := i.(*net.IPNet)
		if !ok || n.IP.IsLoopback() || n.IP.To4() == nil {
			continue
		}
		resp, err := http.Get(fmt.Sprintf("http://%s/", net.JoinHostPort(n.IP.String(), fmt.Sprint(l.addrs.HTTPPort))))
		if err != nil {
			continue // refused earlier still
		}
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("from %s it answers %d", n.IP, resp.StatusCode)
		}
		_ = resp.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	if code, _, _ := l.get("https://www.contoso.example/"); code != http.StatusOK {
		t.Errorf("from loopback it answers %d", code)
	}
}
