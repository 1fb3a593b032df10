package domains

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// ErrNotADomain reports text that names no registrable domain.
var ErrNotADomain = errors.New("not a registrable domain")

// maxNameBytes is the longest domain name in presentation form (RFC 1035 §2.3.4).
const maxNameBytes = 253

// Normalize turns what people type into a domain column ("https://WWW.Müller.de/about", "contoso.com.")
// into a registrable domain in ASCII lower case ("xn--mller-kva.de", "contoso.com").
// Errors wrap ErrNotADomain and quote the input.
func Normalize(raw string) (string, error) {
	host := hostOf(raw)
	if host == "" || !utf8.ValidString(host) {
		return "", fmt.Errorf("%q: %w", raw, ErrNotADomain)
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return "", fmt.Errorf("%q: %w: an address", raw, ErrNotADomain)
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || len(ascii) > maxNameBytes || !validLabels(ascii) {
		return "", fmt.Errorf("%q: %w", raw, ErrNotADomain)
	}
	reg, err := publicsuffix.EffectiveTLDPlusOne(ascii)
	if err != nil {
		return "", fmt.Errorf("%q: %w: a public suffix or a single label", raw, ErrNotADomain)
	}
	return reg, nil
}

// Registrable returns the registrable domain of a host name, or the host itself where it has none
// (an address, a single label).
func Registrable(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if reg, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return reg
	}
	return host
}

func hostOf(raw string) string {
	s := strings.TrimSpace(raw)
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s = strings.TrimPrefix(s, "//")
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.Contains(s[i:], "]") && strings.Count(s, ":") == 1 {
		s = s[:i]
	}
	return strings.TrimSuffix(s, ".")
}

// validLabels checks the letter-digit-hyphen rule (RFC 1123 §2.1); underscores are no host names.
func validLabels(ascii string) bool {
	labels := strings.Split(ascii, ".")
	if len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for i := range len(l) {
			c := l[i]
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	tld := labels[len(labels)-1]
	return strings.Trim(tld, "0123456789") != ""
}
