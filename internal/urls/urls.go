// Package urls holds the rules for addresses: how a URL is written so that two spellings of one page
// compare equal, which site it belongs to, and which shapes betray an endless space of pages.
// It does no I/O.
package urls

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/publicsuffix"
)

// MaxLength is the longest canonical URL, in bytes.
const MaxLength = 2048

// maxRaw bounds what is parsed at all, in bytes: dropped parameters may shorten a long spelling.
const maxRaw = 16 << 10

// settleRounds bounds how often policy and parser take turns until nothing changes.
const settleRounds = 8

// ErrInvalid reports text that is no URL, by the URL Standard (url.spec.whatwg.org).
var ErrInvalid = errors.New("not a URL")

// ErrRefused reports a valid URL that policy keeps us from: a scheme other than http and https,
// or more than MaxLength bytes.
var ErrRefused = errors.New("refused URL")

// Canonicalize resolves raw against base (empty: raw must be absolute) by the URL Standard
// (url.spec.whatwg.org) and applies our policy: http and https only; user info, fragment, default
// port, the host's trailing dot, an empty query, tracking parameters and session ids dropped; the
// query sorted by name where every part of it has a name and a value; at most MaxLength bytes.
// It is idempotent. Errors wrap ErrInvalid or ErrRefused.
func Canonicalize(raw, base string) (string, error) {
	if len(raw) > maxRaw || len(base) > maxRaw {
		return "", fmt.Errorf("%w: %d bytes", ErrRefused, max(len(raw), len(base)))
	}
	if out, ok := plain(raw, base); ok {
		return out, nil
	}
	return settle(raw, base)
}

// settle has parser and policy take turns until nothing changes.
func settle(raw, base string) (string, error) {
	out, err := step(raw, base)
	if err != nil {
		return "", err
	}
	for range settleRounds {
		next, err := step(out, "")
		if err != nil {
			return "", err
		}
		if next == out {
			if len(out) > MaxLength {
				return "", fmt.Errorf("%w: %d bytes, at most %d", ErrRefused, len(out), MaxLength)
			}
			return out, nil
		}
		out = next
	}
	return "", fmt.Errorf("%w: it has no stable spelling", ErrInvalid)
}

// step parses once and applies the policy once.
func step(raw, base string) (string, error) {
	u, err := whatwg.ParseRef(base, raw)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	scheme := u.Scheme()
	if scheme != "http" && scheme != "https" {
		return "", fmt.Errorf("%w: scheme %q", ErrRefused, scheme)
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	if host == "" || strings.HasPrefix(host, ".") || strings.HasSuffix(host, ".") {
		return "", fmt.Errorf("%w: no host", ErrInvalid)
	}
	var b strings.Builder
	b.WriteString(scheme)
	b.WriteString("://")
	b.WriteString(host)
	if port := u.Port(); port != "" {
		b.WriteString(":" + port)
	}
	path := dropPathSession(u.Pathname())
	if path == "" {
		path = "/"
	}
	b.WriteString(path)
	if query := cleanQuery(u.Query()); query != "" {
		b.WriteString("?" + query)
	}
	return b.String(), nil
}

// Host returns the host of a canonical URL, without its port; "" where there is none.
func Host(canonical string) string {
	_, host, _ := split(canonical)
	if strings.HasPrefix(host, "[") {
		return strings.TrimSuffix(strings.TrimPrefix(host[:strings.IndexByte(host, ']')+1], "["), "]")
	}
	host, _, _ = strings.Cut(host, ":")
	return host
}

// Origin returns scheme, host and port of a canonical URL ("https://example.com"), and the rest
// ("/a?b"), which is at least "/".
func Origin(canonical string) (origin, rest string) {
	scheme, host, rest := split(canonical)
	return scheme + "://" + host, rest
}

func split(canonical string) (scheme, host, rest string) {
	scheme, after, ok := strings.Cut(canonical, "://")
	if !ok {
		return "", "", "/"
	}
	if i := strings.IndexAny(after, "/?#"); i >= 0 {
		host, rest = after[:i], after[i:]
	} else {
		host = after
	}
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	return scheme, host, rest
}

// RegistrableDomain returns the registrable domain of a canonical URL by the public suffix list
// (publicsuffix.org), or its host where it has none: an address, a single label, a bare suffix.
func RegistrableDomain(canonical string) string {
	host := Host(canonical)
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	if reg, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return reg
	}
	return host
}

// SameSite reports whether a canonical URL belongs to a registrable domain.
func SameSite(canonical, domain string) bool {
	return domain != "" && RegistrableDomain(canonical) == strings.ToLower(strings.TrimSuffix(domain, "."))
}
