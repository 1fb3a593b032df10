package speed

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
	"math/big"
	"os"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/fetch"
	"telltale/internal/fetch/politeness"
	"telltale/internal/queue"
	"telltale/internal/queue/embedded"
)

// BenchmarkLiveShape measures what a page costs in the shape of a live crawl: whole visits over HTTPS, each host with its
// own handshake and robots.txt, politeness on, names from the DNS cache after the first, pages and results into a queue that syncs
// always. Its figure is processor time: where delays bind, that is what a core has to spend.
func BenchmarkLiveShape(b *testing.B) {
	const hosts = 200
	for _, perHost := range []int{1, 10, 40} {
		b.Run(fmt.Sprintf("visits-of-%d-pages", perHost), func(b *testing.B) {
			for b.Loop() {
				web := start(b, serverCore, "web", webAsk{Hosts: hosts, Addresses: hosts, Pages: perHost, Bytes: 50_000, TLS: true})
				var up webUp
				if !web.next(b, &up) {
					b.Fatal("no web")
				}
				measured := start(b, measuredCore, "tls", fetchAsk{Web: up, Hosts: hosts, Addresses: hosts, Pages: perHost, Visits: hosts, Dir: b.TempDir()})
				var t turn
				measured.next(b, &t)
				measured.stop(b)
				web.stop(b)
				if t.Pages != hosts*perHost {
					b.Errorf("%d pages of %d", t.Pages, hosts*perHost)
				}
				cost := t.CPU / time.Duration(max(1, t.Pages))
				b.ReportMetric(float64(cost.Microseconds()), "cpu-µs/page")
				b.ReportMetric(1/cost.Seconds(), "pages/s/core")
				b.ReportMetric(0, "ns/op")
				fmt.Fprintf(os.Stderr, "visits of %d pages over HTTPS: %v of processor time a page, %.0f pages/s a core\n", perHost, cost.Round(time.Microsecond), 1/cost.Seconds())
			}
		})
	}
}

// measureTLS makes one visit to every host, all side by side.
func measureTLS(ctx context.Context, ask fetchAsk) error {
	srv := embedded.New(embedded.Config{Dir: ask.Dir})
	if err := srv.Start(ctx); err != nil {
		return err
	}
	defer func() { _ = srv.Stop() }() // what it holds is thrown away
	q, err := queue.Open(ctx, queue.Config{Server: srv, Registerer: prometheus.NewRegistry()})
	if err != nil {
		return err
	}
	defer func() { _ = q.Close() }()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ask.Web.CA) {
		return errors.New("no certificate authority")
	}
	fetcher, err := newFetcher(fetch.Config{
		HTTPPort: ask.Web.HTTP, HTTPSPort: ask.Web.HTTPS, Roots: roots, Politeness: politeness.Config{MinDelay: 200 * time.Millisecond},
	}, ask.Web.DNS)
	if err != nil {
		return err
	}
	defer fetcher.Close()
	t, err := take(ctx, &ask, (&ours{fetcher: fetcher, queue: q, pages: ask.Pages}).visit, 1)
	if err != nil {
		return err
	}
	return say(t)
}

// certificates makes a root, an intermediate and a leaf for all names of the web, all of them ECDSA on P-256.
func certificates() (leaf tls.Certificate, root []byte, err error) {
	var parent *x509.Certificate
	var parentKey *ecdsa.PrivateKey
	for i, name := range []string{"root", "intermediate", "*.example"} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return leaf, nil, err
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
			IsCA: i < 2, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		}
		if i == 2 {
			template.DNSNames = []string{name}
		}
		if parent == nil {
			parent, parentKey = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
		if err != nil {
			return leaf, nil, err
		}
		if parent, err = x509.ParseCertificate(der); err != nil {
			return leaf, nil, err
		}
		parentKey = key
		if i == 0 {
			root = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
			continue
		}
		leaf.Certificate = append([][]byte{der}, leaf.Certificate...)
		leaf.PrivateKey = key
	}
	return leaf, root, nil
}
