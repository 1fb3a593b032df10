package probe_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"telltale/internal/fetch/probe"
	"telltale/internal/fetch/resolver"
	"telltale/internal/pages"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// zone serves records in presentation form on loopback; a name that has none does not exist, one below
// broken.example makes the server fail.
func zone(t *testing.T, records ...string) *resolver.Resolver {
	t.Helper()
	byName := map[string][]dns.RR{}
	for _, text := range records {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		byName[rr.Header().Name] = append(byName[rr.Header().Name], rr)
	}
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started, done := make(chan struct{}), make(chan struct{})
	s := &dns.Server{PacketConn: pc, NotifyStartedFunc: func() { close(started) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		reply := new(dns.Msg)
		reply.SetReply(q)
		asked := q.Question[0]
		known := byName[dns.CanonicalName(asked.Name)]
		switch {
		case strings.HasSuffix(asked.Name, "broken.example."):
			reply.Rcode = dns.RcodeServerFailure
		case known == nil:
			reply.Rcode = dns.RcodeNameError
		}
		for _, rr := range known {
			if t := rr.Header().Rrtype; t == asked.Qtype || t == dns.TypeCNAME {
				reply.Answer = append(reply.Answer, rr)
			}
		}
		_ = w.WriteMsg(reply) // a client that went away is its own affair
	})}
	go func() {
		defer close(done)
		if err := s.ActivateAndServe(); err != nil {
			t.Error(err)
		}
	}()
	<-started
	t.Cleanup(func() { _ = s.Shutdown(); <-done })
	r, err := resolver.New(resolver.Config{Server: pc.LocalAddr().String(), Timeout: time.Second}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAProbeGathersWhatDNSSays(t *testing.T) {
	p := probe.New(zone(t,
		"a.example. 60 A 192.0.2.2", "a.example. 60 A 192.0.2.1", "a.example. 60 AAAA 2001:db8::1",
		"a.example. 60 MX 10 A-example.Mail.Protection.outlook.com.", "a.example. 60 MX 5 mx.a.example.",
		"a.example. 60 NS NS1.Provider.example.", "a.example. 60 NS ns2.provider.example.",
		`a.example. 60 TXT "v=spf1 include:spf.protection" ".outlook.com -all"`, `a.example. 60 TXT "quote\" back\\slash caf\195\169"`,
		"a.example. 60 SOA ns1.provider.example. Host.a.example. 7 3600 600 86400 60",
		`_dmarc.a.example. 60 TXT "v=DMARC1; p=reject"`, `_dmarc.a.example. 60 TXT "something else"`,
		"www.a.example. 60 CNAME a.CDN.example.", "a.cdn.example. 60 A 192.0.2.9",
	))
	got, err := p.Probe(t.Context(), "a.example")
	if err != nil {
		t.Fatal(err)
	}
	want := pages.DNSFacts{
		A: []string{"192.0.2.1", "192.0.2.2"}, AAAA: []string{"2001:db8::1"},
		MX: []string{"10 a-example.mail.protection.outlook.com", "5 mx.a.example"}, NS: []string{"ns1.provider.example", "ns2.provider.example"},
		TXT: []string{`quote" back\slash café`, "v=spf1 include:spf.protection.outlook.com -all"}, CNAME: []string{"a.cdn.example"},
		SOA: []string{"ns1.provider.example host.a.example 7 3600 600 86400 60"}, DMARC: []string{"v=DMARC1; p=reject"},
	}
	if !reflect.DeepEqual(got.DNS, want) || got.TLS != nil || got.HTTP != nil {
		t.Fatalf("got  %+v\nwant %+v", got.DNS, want)
	}
}

func TestAProbeSaysWhetherThereIsAnythingToVisit(t *testing.T) {
	p := probe.New(zone(t, "wwwonly.example. 60 NS ns1.x.example.", "www.wwwonly.example. 60 A 192.0.2.3", "mailonly.example. 60 MX 1 mx.x.example."))
	got, err := p.Probe(t.Context(), "wwwonly.example")
	if err != nil || len(got.DNS.A) != 1 || got.DNS.A[0] != "192.0.2.3" {
		t.Errorf("a www host alone: %+v, %v", got, err)
	}
	got, err = p.Probe(t.Context(), "mailonly.example")
	if !errors.Is(err, resolver.ErrNotFound) || len(got.DNS.MX) != 1 {
		t.Errorf("mail alone: %+v, %v", got, err)
	}
	if got, err = p.Probe(t.Context(), "none.example"); !errors.Is(err, resolver.ErrNotFound) || got == nil {
		t.Errorf("nothing: %+v, %v", got, err)
	}
	if got, err = p.Probe(t.Context(), "broken.example"); !errors.Is(err, resolver.ErrFailed) || got == nil {
		t.Errorf("a broken zone: %+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err = p.Probe(ctx, "late.example"); !errors.Is(err, context.Canceled) || got == nil {
		t.Errorf("cancelled: %+v, %v", got, err)
	}
}

func TestRecordsWithoutEndAreCut(t *testing.T) {
	records := []string{"a.example. 60 A 192.0.2.1"}
	for i := range 200 {
		records = append(records, fmt.Sprintf("a.example. 60 NS n%03d.example.", i))
	}
	records = append(records, "a.example. 60 TXT "+strings.Repeat(`"`+strings.Repeat("é", 100)+`" `, 20))
	// Over UDP alone the answers would be cut; the resolver is passed by.
	got, err := probe.New(fixed(t, records)).Probe(t.Context(), "a.example")
	if err != nil || len(got.DNS.NS) != 50 || len(got.DNS.TXT) != 1 || len(got.DNS.TXT[0]) > 2048 {
		t.Fatalf("%d NS, %d TXT, %v", len(got.DNS.NS), len(got.DNS.TXT), err)
	}
}

// answers is a Querier over fixed records.
type answers struct{ records []dns.RR }

func fixed(t *testing.T, texts []string) *answers {
	t.Helper()
	a := &answers{}
	for _, text := range texts {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		a.records = append(a.records, rr)
	}
	return a
}

// Query implements probe.Querier.
func (a *answers) Query(_ context.Context, name string, qtype uint16) (*resolver.Answer, error) {
	out := &resolver.Answer{}
	for _, rr := range a.records {
		if rr.Header().Name == dns.Fqdn(name) && rr.Header().Rrtype == qtype {
			out.Records = append(out.Records, rr)
		}
	}
	if len(out.Records) == 0 {
		out.Err = resolver.ErrNotFound
	}
	return out, nil
}

func TestParkingIsKnownByItsNameServers(t *testing.T) {
	for _, c := range []struct {
		ns      []string
		service string
	}{
		{[]string{"ns1.sedoparking.com", "ns2.sedoparking.com"}, "Sedo"},
		{[]string{"NS1.BODIS.COM."}, "Bodis"},
		{[]string{"ns1.sedoparking.com", "ns1.provider.example"}, ""},
		{[]string{"ns1.notbodis.com"}, ""},
		{nil, ""},
	} {
		service, parked := probe.Parking(c.ns)
		if service != c.service || parked != (c.service != "") {
			t.Errorf("Parking(%v) = %q, %v", c.ns, service, parked)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("\x00\x00\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x01a\x00\x00\x10\x00\x01\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x01\x00\x04\x03\xff\\\""))
	f.Add([]byte("\x00\x00\x81\x80\x00\x00\x00\x01\x00\x00\x00\x00\x01a\x00\x00\x0f\x00\x01\x00\x00\x00\x01\x00\x05\x00\x0a\x01b\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m dns.Msg
		if m.Unpack(raw) != nil {
			return
		}
		for _, rr := range m.Answer {
			rr.Header().Name = "a."
		}
		got, err := probe.New(&answers{m.Answer}).Probe(t.Context(), "a")
		if got == nil || (err != nil && len(got.DNS.A) > 0) {
			t.Fatalf("%v, %v", got, err)
		}
		for _, text := range got.DNS.TXT {
			if len(text) > 2048 || !strings.Contains(text, strings.ToValidUTF8(text, "")) {
				t.Fatalf("%q", text)
			}
		}
	})
}
