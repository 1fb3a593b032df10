package fetch_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/fetch"
	"telltale/internal/pages"
)

// authority signs certificates for names.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t testing.TB, names ...string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Lab Root", Organization: []string{"Telltale Lab"}},
		DNSNames: names, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert: cert, key: key, pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

func (a *authority) issue(t testing.TB, until time.Time, names ...string) tls.Certificate {
	t.Helper()
	return a.sign(t, &x509.Certificate{DNSNames: names, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until}, x509.ExtKeyUsageServerAuth)
}

// sign completes a certificate for one use and signs it.
func (a *authority) sign(t testing.TB, template *x509.Certificate, use x509.ExtKeyUsage) tls.Certificate {
	t.Helper()
	template.SerialNumber, template.KeyUsage, template.ExtKeyUsage = big.NewInt(2), x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{use}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

func (a *authority) file(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, a.pem, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCertificatesAreChecked(t *testing.T) {
	l, trusted, strange := newLab(t), newAuthority(t), newAuthority(t, "self.example")
	day := time.Now().Add(24 * time.Hour)
	certs := map[string]tls.Certificate{
		"good.example":    trusted.issue(t, day, "good.example", "www.good.example"),
		"expired.example": trusted.issue(t, time.Now().Add(-time.Hour), "expired.example"),
		"wrong.example":   trusted.issue(t, day, "other.example"),
		"strange.example": strange.issue(t, day, "strange.example"),
		"old.example":     trusted.issue(t, day, "old.example"),
		"early.example":   trusted.sign(t, &x509.Certificate{DNSNames: []string{"early.example"}, NotBefore: time.Now().Add(time.Hour), NotAfter: day}, x509.ExtKeyUsageServerAuth),
		"client.example":  trusted.sign(t, &x509.Certificate{DNSNames: []string{"client.example"}, NotAfter: day}, x509.ExtKeyUsageClientAuth),
		"self.example":    {Certificate: [][]byte{strange.cert.Raw}, PrivateKey: strange.key},
	}
	var protocol atomic.Value
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocol.Store(r.Proto)
		if r.URL.Path == "/robots.txt" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		c := &tls.Config{Certificates: []tls.Certificate{certs[hello.ServerName]}, NextProtos: []string{"h2", "http/1.1"}}
		if hello.ServerName == "old.example" {
			c.MaxVersion, c.NextProtos = tls.VersionTLS12, []string{"http/1.1"}
		}
		return c, nil
	}}
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	defer server.Close()
	roots, err := fetch.LoadRoots(trusted.file(t))
	if err != nil {
		t.Fatal(err)
	}
	c := l.config()
	c.Roots, c.HTTPSPort = roots, port(t, server.Listener.Addr())
	f := l.fetcher(t, c)
	resp := get(t, f, "https://good.example/")
	if resp.TLS == nil || resp.TLS.Protocol != "TLS 1.3" || resp.TLS.Issuer != "CN=Lab Root,O=Telltale Lab" || resp.TLS.NotAfter.Unix() != day.Unix() ||
		!slices.Equal(resp.TLS.Names, []string{"good.example", "www.good.example"}) {
		t.Fatalf("%+v", resp.TLS)
	}
	if protocol.Load() != "HTTP/2.0" {
		t.Errorf("good: %s", protocol.Load())
	}
	if resp := get(t, f, "https://old.example/"); resp.TLS.Protocol != "TLS 1.2" || protocol.Load() != "HTTP/1.1" {
		t.Errorf("old: %+v over %s", resp.TLS, protocol.Load())
	}
	for host, want := range map[string]pages.TLSFacts{
		"expired": {Issuer: "CN=Lab Root,O=Telltale Lab", Names: []string{"expired.example"}, Invalid: pages.CertExpired},
		"early":   {Issuer: "CN=Lab Root,O=Telltale Lab", Names: []string{"early.example"}, Invalid: pages.CertNotYetValid},
		"wrong":   {Issuer: "CN=Lab Root,O=Telltale Lab", Names: []string{"other.example"}, Invalid: pages.CertWrongName},
		"strange": {Issuer: "CN=Lab Root,O=Telltale Lab", Names: []string{"strange.example"}, Invalid: pages.CertUnknownAuthority},
		"self":    {Issuer: "CN=Lab Root,O=Telltale Lab", Names: []string{"self.example"}, Invalid: pages.CertSelfSigned},
		"client":  {Issuer: "CN=Lab Root,O=Telltale Lab", Names: []string{"client.example"}, Invalid: pages.CertUnsound},
	} {
		got := deny(t, f, "https://"+host+".example/", pages.ReasonTLS).TLS
		if got == nil || got.Protocol != "TLS 1.3" || got.NotAfter.IsZero() {
			t.Errorf("%s: facts %+v", host, got)
			continue
		}
		got.Protocol, got.NotAfter = "", time.Time{}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%s: facts (-want +got):\n%s", host, diff)
		}
	}
	deny(t, f, "https://plain.example:80/", pages.ReasonTLS)
	if n := l.metric(t, "tls_seconds", ""); n != 2 {
		t.Errorf("%v handshakes measured", n)
	}
}

func TestRootsMustBeReadable(t *testing.T) {
	if _, err := fetch.LoadRoots(filepath.Join(t.TempDir(), "none.pem")); err == nil {
		t.Error("a missing file was accepted")
	}
	path := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(path, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := fetch.LoadRoots(path); err == nil {
		t.Error("a file without certificates was accepted")
	}
}
