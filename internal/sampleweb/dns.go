package sampleweb

import (
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// dnsTTL is the time to live of every record, in seconds.
const dnsTTL = 300

// ServeDNS answers as the authoritative server of every company and of the hosts their CNAMEs name.
func (w *Web) ServeDNS(out dns.ResponseWriter, query *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(query)
	m.Authoritative = true
	if len(query.Question) == 1 && query.Question[0].Qclass == dns.ClassINET {
		w.answer(m, query.Question[0], w.Now())
	} else {
		m.Rcode = dns.RcodeRefused
	}
	size := dns.MinMsgSize
	if opt := query.IsEdns0(); opt != nil {
		size = max(size, int(opt.UDPSize()))
		m.SetEdns0(opt.UDPSize(), false)
	}
	if out.LocalAddr().Network() == "udp" {
		m.Truncate(size)
	}
	if err := out.WriteMsg(m); err != nil {
		w.cfg.Logger.Debug("sample web: DNS answer not sent", "error", err)
	}
}

func (w *Web) answer(m *dns.Msg, q dns.Question, t time.Time) {
	name := strings.TrimSuffix(strings.ToLower(q.Name), ".")
	if c := w.targets[name]; c != nil {
		if q.Qtype == dns.TypeA {
			m.Answer = append(m.Answer, c.recordA(q.Name))
		}
		return
	}
	c, domain, label := w.zone(name)
	switch {
	case c == nil || c.Behaviour == BehaviourNXDomain:
		m.Rcode = dns.RcodeNameError
		return
	case c.Behaviour == BehaviourServFail:
		m.Rcode = dns.RcodeServerFailure
		return
	}
	records, exists := w.records(c, domain, label, q, t)
	m.Answer = records
	if !exists {
		m.Rcode = dns.RcodeNameError
	}
	if len(records) == 0 {
		m.Ns = append(m.Ns, c.soa(domain, t))
	}
}

// zone finds the company and the registrable domain a name belongs to, and the labels in front of it.
func (w *Web) zone(name string) (c *company, domain, label string) {
	parts := strings.Split(name, ".")
	if len(parts) < 2 {
		return nil, "", ""
	}
	domain = strings.Join(parts[len(parts)-2:], ".")
	return w.byHost[domain], domain, strings.Join(parts[:len(parts)-2], ".")
}

// records answers one question within a company's zone; exists is false for a name that has no record at all.
func (w *Web) records(c *company, domain, label string, q dns.Question, t time.Time) (records []dns.RR, exists bool) {
	switch label {
	case "":
		return w.apex(c, domain, q, t), true
	case "www":
		if targets := c.traces("www", t); len(targets) > 0 {
			records = append(records, &dns.CNAME{Hdr: header(q.Name, dns.TypeCNAME), Target: targets[0]})
			if q.Qtype == dns.TypeA {
				records = append(records, c.recordA(targets[0]))
			}
			return records, true
		}
	case "blog":
		if c.style.blogHost == "" {
			return nil, false
		}
	case "mail":
	case "_dmarc":
		if c.index%3 == 0 {
			return nil, false
		}
		if q.Qtype == dns.TypeTXT {
			policy := [...]string{"none", "quarantine", "reject"}[c.index%3]
			records = append(records, txt(q.Name, "v=DMARC1; p="+policy+"; rua=mailto:dmarc@"+domain))
		}
		return records, true
	default:
		return nil, false
	}
	if q.Qtype == dns.TypeA {
		records = append(records, c.recordA(q.Name))
	}
	return records, true
}

func (w *Web) apex(c *company, domain string, q dns.Question, t time.Time) []dns.RR {
	var out []dns.RR
	switch q.Qtype {
	case dns.TypeA:
		out = append(out, c.recordA(q.Name))
	case dns.TypeMX:
		for _, r := range c.mx(domain, t) {
			out = append(out, parseMX(q.Name, r))
		}
	case dns.TypeNS:
		for _, ns := range c.nameServers(t) {
			out = append(out, &dns.NS{Hdr: header(q.Name, dns.TypeNS), Ns: ns})
		}
	case dns.TypeSOA:
		out = append(out, c.soa(domain, t))
	case dns.TypeTXT:
		for _, s := range c.txt(t) {
			out = append(out, txt(q.Name, s))
		}
	}
	return out
}

func (c *company) mx(domain string, t time.Time) []string {
	if list := c.traces("mx", t); len(list) > 0 {
		return list
	}
	return []string{"10 mail." + domain + "."}
}

func (c *company) nameServers(t time.Time) []string {
	if list := c.traces("ns", t); len(list) > 0 {
		return list
	}
	return []string{"ns1.registrar-dns.example.", "ns2.registrar-dns.example."}
}

// txt is the apex's text records: SPF (RFC 7208), vendors' verification records and harmless others.
func (c *company) txt(t time.Time) []string {
	spf := "v=spf1 mx"
	for _, include := range c.traces("spf", t) {
		spf += " " + include
	}
	out := append([]string{spf + [...]string{" ~all", " -all"}[c.index%2]}, c.traces("txt", t)...)
	if c.index%4 == 0 {
		out = append(out, "google-site-verification=Zk3v"+c.AccountID[4:]+"q1YtR0bWmQ7e5LxH2aNcUo9sPdKf")
	}
	return out
}

func (c *company) soa(domain string, t time.Time) dns.RR {
	serial := uint32(2026010100)
	if at := c.lastTechChange(epochStart(), t); at.After(epochStart()) {
		serial += uint32(at.Sub(epochStart()).Hours())
	}
	return &dns.SOA{Hdr: header(domain+".", dns.TypeSOA), Ns: c.nameServers(t)[0], Mbox: "hostmaster." + domain + ".",
		Serial: serial, Refresh: 14400, Retry: 3600, Expire: 1209600, Minttl: dnsTTL}
}

func (c *company) recordA(name string) dns.RR {
	return &dns.A{Hdr: header(name, dns.TypeA), A: net.IP(c.addr.AsSlice())}
}

func header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: dns.Fqdn(name), Rrtype: kind, Class: dns.ClassINET, Ttl: dnsTTL}
}

func parseMX(name, record string) dns.RR {
	preference, host, _ := strings.Cut(record, " ")
	var n uint16
	for _, x := range preference {
		n = n*10 + uint16(x-'0')
	}
	return &dns.MX{Hdr: header(name, dns.TypeMX), Preference: n, Mx: host}
}

// txt splits a text into the 255-byte strings of RFC 1035 §3.3.14.
func txt(name, text string) dns.RR {
	var parts []string
	for len(text) > 255 {
		parts, text = append(parts, text[:255]), text[255:]
	}
	return &dns.TXT{Hdr: header(name, dns.TypeTXT), Txt: append(parts, text)}
}
