// Package fetch reads the public web politely: each request, and each hop of a redirect, passes
// canonicalisation, site policy, robots.txt, the guard of addresses and the pace of host and address
// before it is sent; what comes back is bounded in size and time, decoded and in UTF-8.
//
// colly sends the requests. It decides nothing: its robots check, redirects, revisit filter, cookie jar,
// body limit, charset detection and environment variables are off or passed by.
package fetch

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"telltale/internal/fetch/politeness"
	"telltale/internal/fetch/robots"
	"telltale/internal/pages"
)

// ProductToken is the name we answer to in robots.txt (RFC 9309 §2.2.1).
const ProductToken = "TelltaleBot"

// Config says how to fetch.
type Config struct {
	// Contact is the page or address for site owners that stands in the User-Agent; required.
	Contact string
	// Version is the version in the User-Agent; by default "dev".
	Version string
	// HTTPPort and HTTPSPort are dialled instead of 80 and 443, while URL and Host stay as they are; 0
	// means no replacement. They are for test networks.
	HTTPPort, HTTPSPort int
	// Ports are allowed in URLs besides 80 and 443.
	Ports []int
	// AllowPrivate lets non-public addresses be dialled. It is for test networks.
	AllowPrivate bool
	// AllowNetworks may be dialled although they are not public.
	AllowNetworks []netip.Prefix
	// Roots are the certificate authorities trusted; nil means the system's.
	Roots *x509.CertPool
	// Politeness is the pace; its RequestTimeout is set from TotalTimeout.
	Politeness politeness.Config
	// Robots says how long robots.txt is kept; its Agent is set to ProductToken.
	Robots robots.CacheConfig
	// ConnectTimeout bounds connecting to one address and, again, the TLS handshake; by default 10 s.
	ConnectTimeout time.Duration
	// FirstByteTimeout bounds the wait for a response's header after the request was sent; by default 15 s.
	FirstByteTimeout time.Duration
	// TotalTimeout bounds one request from dialling to the last byte; by default 30 s. A body cut by it
	// counts as truncated.
	TotalTimeout time.Duration
	// MaxHeader bounds a response's header, in bytes; by default 64 KiB.
	MaxHeader int64
	// MaxLarge bounds what all bodies longer than pages.MaxBody take at once, in bytes; by default 100 MiB, at least
	// pages.MaxLargeBody. A fetch whose body is longer waits for its room.
	MaxLarge int64
	// MaxRedirects bounds the hops after the first; by default 5, negative for none.
	MaxRedirects int
	// MaxIdleConns bounds the connections kept for reuse; by default 2,000.
	MaxIdleConns int
	// Site says which addresses a fetch may lead to; by default DefaultSite.
	Site SitePolicy
}

func (c Config) withDefaults() (Config, error) {
	set := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	set(&c.ConnectTimeout, 10*time.Second)
	set(&c.FirstByteTimeout, 15*time.Second)
	set(&c.TotalTimeout, 30*time.Second)
	if c.MaxHeader <= 0 {
		c.MaxHeader = 64 << 10
	}
	if c.MaxLarge <= 0 {
		c.MaxLarge = 2 * pages.MaxLargeBody
	}
	c.MaxLarge = max(c.MaxLarge, pages.MaxLargeBody)
	if c.MaxRedirects == 0 {
		c.MaxRedirects = 5
	}
	if c.MaxIdleConns <= 0 {
		c.MaxIdleConns = 2000
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Site == nil {
		c.Site = DefaultSite
	}
	c.Contact = strings.TrimSpace(c.Contact)
	c.Robots.Agent = ProductToken
	c.Politeness.RequestTimeout = c.TotalTimeout + time.Second
	return c, c.check()
}

func (c *Config) check() error {
	if c.Contact == "" {
		return errors.New("no contact for site owners: a crawl needs one")
	}
	if strings.ContainsFunc(c.Contact+c.Version, func(r rune) bool { return r < ' ' || r > '~' || r == '(' || r == ')' }) {
		return fmt.Errorf("contact %q: want printable ASCII without parentheses", c.Contact)
	}
	for _, port := range append([]int{c.HTTPPort, c.HTTPSPort}, c.Ports...) {
		if port < 0 || port > 65535 {
			return fmt.Errorf("port %d: want 0 to 65535", port)
		}
	}
	return nil
}

// userAgent is RFC 9110 §10.1.5: product, version, and the contact as a comment.
func (c *Config) userAgent() string {
	return ProductToken + "/" + c.Version + " (+" + c.Contact + ")"
}

// LoadRoots returns the system's certificate authorities and those of a PEM file.
func LoadRoots(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read certificate authorities: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read certificate authorities: %s holds none in PEM", file)
	}
	return roots, nil
}

func maxBody(req *pages.Request) int {
	if req.MaxBody <= 0 {
		return pages.MaxBody
	}
	return min(req.MaxBody, pages.MaxLargeBody)
}
