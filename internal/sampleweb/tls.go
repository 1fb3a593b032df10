package sampleweb

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
	"math/big"
	"sync"
	"time"
)

// errNoTLS refuses a handshake for a host that has no certificate.
var errNoTLS = errors.New("host has no certificate")

// authority is the web's own certificate authority: one root that clients trust, and an intermediate
// for every issuer that the truth names. All leaves share one key, as only their names matter here.
type authority struct {
	root    issuer
	leafKey *ecdsa.PrivateKey
	mu      sync.Mutex
	middle  map[string]issuer
	leaves  map[string]*tls.Certificate
	from    time.Time
	until   time.Time
}

type issuer struct {
	cert *x509.Certificate
	der  []byte
	key  *ecdsa.PrivateKey
}

// newAuthority makes the root. Certificates hold from before the history until well after both the
// history and the present, so that a client may check them against either clock.
func newAuthority(wall time.Time) (*authority, error) {
	a := &authority{middle: map[string]issuer{}, leaves: map[string]*tls.Certificate{}}
	a.from = epochStart().AddDate(0, -1, 0)
	if early := wall.AddDate(0, -1, 0); early.Before(a.from) {
		a.from = early
	}
	a.until = epochEnd().AddDate(0, 3, 0)
	if late := wall.AddDate(0, 3, 0); late.After(a.until) {
		a.until = late
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make leaf key: %w", err)
	}
	a.leafKey = key
	a.root, err = a.issue(pkix.Name{Organization: []string{"Sample Web"}, CommonName: "Sample Web Root CA"}, issuer{})
	return a, err
}

// issue makes a CA certificate signed by parent, or by itself where parent is empty.
func (a *authority) issue(subject pkix.Name, parent issuer) (issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return issuer{}, fmt.Errorf("make CA key: %w", err)
	}
	template, err := a.template(subject)
	if err != nil {
		return issuer{}, err
	}
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	signer, signerKey := template, key
	if parent.cert != nil {
		signer, signerKey = parent.cert, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer, &key.PublicKey, signerKey)
	if err != nil {
		return issuer{}, fmt.Errorf("sign CA %s: %w", subject.CommonName, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return issuer{}, fmt.Errorf("read back CA %s: %w", subject.CommonName, err)
	}
	return issuer{cert: cert, der: der, key: key}, nil
}

func (a *authority) template(subject pkix.Name) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("draw serial number: %w", err)
	}
	return &x509.Certificate{SerialNumber: serial, Subject: subject, NotBefore: a.from, NotAfter: a.until}, nil
}

// pem is the root in PEM, for a client's list of authorities.
func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.der})
}

// leaf returns the certificate of a company under the issuer it uses at the moment, made once.
func (a *authority) leaf(c *company, organisation, name string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := c.AccountID + "|" + name
	if cert := a.leaves[id]; cert != nil {
		return cert, nil
	}
	middle, ok := a.middle[name]
	if !ok {
		var err error
		if middle, err = a.issue(pkix.Name{Country: []string{"US"}, Organization: []string{organisation}, CommonName: name}, a.root); err != nil {
			return nil, err
		}
		a.middle[name] = middle
	}
	template, err := a.template(pkix.Name{CommonName: c.style.host})
	if err != nil {
		return nil, err
	}
	for _, d := range c.Domains {
		template.DNSNames = append(template.DNSNames, d, "www."+d)
	}
	template.DNSNames = append(template.DNSNames, "blog."+c.domain)
	template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, middle.cert, &a.leafKey.PublicKey, middle.key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate of %s: %w", c.style.host, err)
	}
	cert := &tls.Certificate{Certificate: [][]byte{der, middle.der}, PrivateKey: a.leafKey}
	a.leaves[id] = cert
	return cert, nil
}

// certificate answers a handshake; a host without TLS, or unknown, is refused.
func (w *Web) certificate(a *authority, hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c := w.byHost[hello.ServerName]
	if c == nil || !c.style.https {
		return nil, fmt.Errorf("%q: %w", hello.ServerName, errNoTLS)
	}
	organisation, name := "Sectigo Limited", "Sectigo RSA Domain Validation Secure Server CA"
	now := w.Now()
	for _, u := range c.techs {
		if u.channel == "tls" && visible(u.from, u.to, now) {
			name = u.records[0]
			organisation = map[string]string{"Let's Encrypt": "Let's Encrypt", "DigiCert": "DigiCert Inc"}[u.name]
		}
	}
	return a.leaf(c, organisation, name)
}
