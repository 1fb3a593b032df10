package crawl

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"telltale/internal/pages"
	"telltale/internal/urls"
)

// ProbeURL is the address under which a domain's probe facts are known.
func ProbeURL(domain string) string { return "dns:" + domain }

// probe asks DNS; gone reports a domain without any address.
func (v *visit) probe(budget context.Context) (p *pages.Probe, gone bool) {
	p, err := v.c.deps.Prober.Probe(budget, v.in.Domain)
	if err == nil {
		return p, false
	}
	reason := reasonOf(err)
	if reason != pages.ReasonCancelled {
		v.failed(ProbeURL(v.in.Domain), pages.KindProbe, 0, string(reason))
	}
	if reason != pages.ReasonNotFound {
		// The records could not be read, but the fetcher may still find an address.
		return nil, false
	}
	if p != nil && len(p.DNS.MX)+len(p.DNS.TXT) == 0 {
		p = nil
	}
	return p, true
}

// publishProbe publishes what DNS, TLS and the home page's answer say, unless all of it is known. A
// domain without a site may still tell by its mail servers.
func (v *visit) publishProbe(ctx context.Context, probe *pages.Probe, home *answer) error {
	if probe == nil && home == nil && v.untrusted == nil {
		return nil
	}
	facts := pages.Probe{}
	if probe != nil {
		facts = *probe
	}
	page := pages.Page{
		VisitID: v.in.ID, Domain: v.in.Domain, URL: ProbeURL(v.in.Domain), FinalURL: ProbeURL(v.in.Domain), Kind: pages.KindProbe, FetchedAt: v.c.deps.Now(),
	}
	if home != nil {
		r := home.resp
		page.Status, page.Header, page.FetchedAt = r.Status, boundHeader(r.Header), r.FetchedAt
		if facts.TLS == nil {
			facts.TLS = r.TLS
		}
		if facts.HTTP == nil {
			facts.HTTP = &pages.HTTPFacts{Status: r.Status, CanonicalHost: urls.Host(r.FinalURL), Header: page.Header, Latency: r.Latency}
		}
	}
	if facts.TLS == nil {
		facts.TLS = v.untrusted
	}
	page.Probe, page.ContentHash = &facts, factsHash(&facts)
	return v.publish(ctx, &page)
}

// factsHash is the content hash of a probe: what stays the same from one visit to the next while
// nothing changes. Times, validators, counters and identifiers of single requests are left out.
func factsHash(p *pages.Probe) string {
	f := struct {
		DNS    pages.DNSFacts
		TLS    *pages.TLSFacts
		Status int
		Host   string
		Header []string
	}{DNS: sortedDNS(p.DNS), TLS: p.TLS}
	if p.HTTP != nil {
		f.Status, f.Host, f.Header = statusFact(p.HTTP.Status), p.HTTP.CanonicalHost, headerFacts(p.HTTP.Header)
	}
	raw, err := json.Marshal(f)
	if err != nil {
		// No value here can fail to marshal; a time out of range would, and then every probe is new.
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}

// statusFact takes a conditional answer for the page it confirms.
func statusFact(status int) int {
	if status == http.StatusNotModified {
		return http.StatusOK
	}
	return status
}

// sortedDNS orders the records, as servers rotate them, and takes addresses by network, as content
// networks answer with another one of theirs each time.
func sortedDNS(d pages.DNSFacts) pages.DNSFacts {
	d.A, d.AAAA = networks(d.A, 16), networks(d.AAAA, 32)
	for _, list := range [...]*[]string{&d.A, &d.AAAA, &d.MX, &d.NS, &d.TXT, &d.CNAME, &d.DMARC} {
		*list = slices.Sorted(slices.Values(*list))
	}
	// The serial number in SOA changes with every edit of the zone.
	d.SOA = nil
	return d
}

// headerFacts lists header fields by name, with the value of those that name software. Cookies count
// by name. Fields that say something of this one answer are left out.
func headerFacts(h http.Header) []string {
	facts := make([]string, 0, len(h))
	for name, values := range h {
		switch name {
		case "Server", "X-Powered-By", "X-Generator", "X-Aspnet-Version", "X-Drupal-Cache", "X-Shopify-Stage", "X-Pingback":
			facts = append(facts, name+": "+strings.Join(values, ", "))
		case "Set-Cookie":
			for _, c := range values {
				cookie, _, _ := strings.Cut(c, "=")
				facts = append(facts, "cookie "+strings.TrimSpace(cookie))
			}
		case "Date", "Age", "Expires", "Etag", "Last-Modified", "Content-Length", "Content-Type", "Cf-Ray", "X-Request-Id", "X-Amz-Cf-Id",
			"X-Cache", "X-Cache-Hits", "X-Served-By", "X-Timer", "Cf-Cache-Status", "Retry-After", "Connection", "Keep-Alive", "Content-Encoding",
			"Transfer-Encoding", "Vary", "Cache-Control", "Accept-Ranges", "X-Runtime", "Server-Timing", "Alt-Svc", "Nel", "Report-To":
		default:
			facts = append(facts, name)
		}
	}
	slices.Sort(facts)
	return slices.Compact(facts)
}

func networks(addresses []string, bits int) []string {
	out := make([]string, 0, len(addresses))
	for _, s := range addresses {
		if a, err := netip.ParseAddr(s); err == nil {
			if n, err := a.Prefix(bits); err == nil {
				s = n.String()
			}
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
