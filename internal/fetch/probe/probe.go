// Package probe learns of a domain what DNS says, before any page is read.
package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"

	"telltale/internal/fetch/resolver"
	"telltale/internal/pages"
)

const (
	// maxRecords bounds the records kept of one type.
	maxRecords = 50
	// maxText bounds one record's text, in bytes.
	maxText = 2048
)

// Querier answers DNS questions; *resolver.Resolver is one.
type Querier interface {
	Query(ctx context.Context, name string, qtype uint16) (*resolver.Answer, error)
}

// Prober probes domains. It is safe for concurrent use.
type Prober struct{ dns Querier }

// New returns a prober.
func New(q Querier) *Prober { return &Prober{dns: q} }

// answers are the replies to the questions of one probe.
type answers struct {
	a, aaaa, mx, ns, txt, soa, dmarc, wwwA, wwwAAAA *resolver.Answer
}

// Probe asks for a domain's addresses, mail servers, name servers, texts (SPF among them), DMARC policy
// (RFC 7489 §6.1), zone and the aliases of its www host. The probe is returned with whatever was found, also
// beside an error: one that wraps resolver.ErrNotFound where neither the domain nor its www host has an
// address, resolver.ErrFailed where that could not be learnt, or that of ctx.
func (p *Prober) Probe(ctx context.Context, domain string) (*pages.Probe, error) {
	var found answers
	g, gctx := errgroup.WithContext(ctx)
	for _, q := range []struct {
		into  **resolver.Answer
		name  string
		qtype uint16
	}{
		{&found.a, domain, dns.TypeA}, {&found.aaaa, domain, dns.TypeAAAA}, {&found.mx, domain, dns.TypeMX}, {&found.ns, domain, dns.TypeNS},
		{&found.txt, domain, dns.TypeTXT}, {&found.soa, domain, dns.TypeSOA}, {&found.dmarc, "_dmarc." + domain, dns.TypeTXT},
		{&found.wwwA, "www." + domain, dns.TypeA}, {&found.wwwAAAA, "www." + domain, dns.TypeAAAA},
	} {
		g.Go(func() error {
			answer, err := p.dns.Query(gctx, q.name, q.qtype)
			*q.into = answer
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return &pages.Probe{}, fmt.Errorf("probe %s: %w", domain, err)
	}
	facts := found.probe()
	facts.Parking, _ = Parking(facts.DNS.NS)
	return facts, found.err(domain)
}

func (f *answers) probe() *pages.Probe {
	a, aaaa := f.a, f.aaaa
	if len(a.Records)+len(aaaa.Records) == 0 {
		a, aaaa = f.wwwA, f.wwwAAAA
	}
	return &pages.Probe{DNS: pages.DNSFacts{
		A: texts(a.Records), AAAA: texts(aaaa.Records), MX: texts(f.mx.Records), NS: texts(f.ns.Records), TXT: texts(f.txt.Records),
		SOA: texts(f.soa.Records), DMARC: policies(texts(f.dmarc.Records)), CNAME: texts(append(slices.Clone(f.a.Aliases), f.wwwA.Aliases...)),
	}}
}

// err says whether there is anything to visit.
func (f *answers) err(domain string) error {
	var failed error
	for _, answer := range []*resolver.Answer{f.a, f.aaaa, f.wwwA, f.wwwAAAA} {
		switch {
		case len(answer.Records) > 0:
			return nil
		case errors.Is(answer.Err, resolver.ErrFailed):
			failed = answer.Err
		}
	}
	if failed != nil {
		return fmt.Errorf("probe %s: %w", domain, failed)
	}
	return fmt.Errorf("probe %s: %w: no address", domain, resolver.ErrNotFound)
}

// policies keeps the DMARC records among texts.
func policies(list []string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return !strings.HasPrefix(strings.ToLower(s), "v=dmarc1") })
}

// texts writes records the way rules read them: names in lower case without the root's dot, the strings of
// a TXT record joined (RFC 7208 §3.3), each once, in order.
func texts(records []dns.RR) []string {
	var out []string
	for _, rr := range records {
		text := textOf(rr)
		if len(text) > maxText {
			text = strings.ToValidUTF8(text[:maxText], "")
		}
		if text != "" && !slices.Contains(out, text) && len(out) < maxRecords {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out
}

func textOf(rr dns.RR) string {
	switch v := rr.(type) {
	case *dns.A:
		return v.A.String()
	case *dns.AAAA:
		return v.AAAA.String()
	case *dns.MX:
		return fmt.Sprintf("%d %s", v.Preference, name(v.Mx))
	case *dns.NS:
		return name(v.Ns)
	case *dns.CNAME:
		return name(v.Target)
	case *dns.SOA:
		return fmt.Sprintf("%s %s %d %d %d %d %d", name(v.Ns), name(v.Mbox), v.Serial, v.Refresh, v.Retry, v.Expire, v.Minttl)
	case *dns.TXT:
		return strings.ToValidUTF8(unescape(strings.Join(v.Txt, "")), "\uFFFD")
	}
	return ""
}

func name(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }

// unescape undoes the presentation form of a character string (RFC 1035 §5.1), in which miekg/dns keeps it.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\' || i+1 == len(s):
			out = append(out, s[i])
		case i+3 < len(s) && digits(s[i+1:i+4]):
			out = append(out, (s[i+1]-'0')*100+(s[i+2]-'0')*10+s[i+3]-'0')
			i += 3
		default:
			i++
			out = append(out, s[i])
		}
	}
	return string(out)
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
