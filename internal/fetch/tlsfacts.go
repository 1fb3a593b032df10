package fetch

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"telltale/internal/pages"
)

const (
	// maxNames bounds the names kept of a certificate, maxIssuer its issuer's, in bytes.
	maxNames  = 100
	maxIssuer = 512
)

func tlsFacts(state *tls.ConnectionState) *pages.TLSFacts {
	if state == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	return certFacts(state.PeerCertificates[0], state.Version)
}

func certFacts(leaf *x509.Certificate, version uint16) *pages.TLSFacts {
	issuer := leaf.Issuer.String()
	return &pages.TLSFacts{
		Issuer: issuer[:min(len(issuer), maxIssuer)], NotAfter: leaf.NotAfter, Protocol: tls.VersionName(version),
		Names: leaf.DNSNames[:min(len(leaf.DNSNames), maxNames)],
	}
}

// untrusted returns the facts of a certificate that failed verification, nil where the handshake failed otherwise.
func untrusted(err error, version uint16, now time.Time) *pages.TLSFacts {
	var failed *tls.CertificateVerificationError
	if !errors.As(err, &failed) || len(failed.UnverifiedCertificates) == 0 {
		return nil
	}
	leaf := failed.UnverifiedCertificates[0]
	facts := certFacts(leaf, version)
	facts.Invalid = defectOf(failed.Err, leaf, now)
	return facts
}

// defectOf types what crypto/x509 says of a certificate.
func defectOf(err error, leaf *x509.Certificate, now time.Time) pages.CertDefect {
	var (
		invalid   x509.CertificateInvalidError
		name      x509.HostnameError
		authority x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err, &name):
		return pages.CertWrongName
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if invalid.Cert != nil {
			leaf = invalid.Cert
		}
		if now.Before(leaf.NotBefore) {
			return pages.CertNotYetValid
		}
		return pages.CertExpired
	case errors.As(err, &authority) && bytes.Equal(leaf.RawIssuer, leaf.RawSubject):
		return pages.CertSelfSigned
	case errors.As(err, &authority):
		return pages.CertUnknownAuthority
	}
	return pages.CertUnsound
}
