package resolver_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"telltale/internal/fetch/resolver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a DNS server on loopback, over UDP and TCP, that counts its questions.
type server struct {
	address string
	mu      sync.Mutex
	asked   map[string]int
	answer  func(w dns.ResponseWriter, q, reply *dns.Msg)
}

func serve(t *testing.T, answer func(w dns.ResponseWriter, q, reply *dns.Msg)) *server {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", pc.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: pc.LocalAddr().String(), asked: map[string]int{}, answer: answer}
	for _, d := range []*dns.Server{{PacketConn: pc, Handler: s}, {Listener: l, Handler: s}} {
		started, stopped := make(chan struct{}), make(chan struct{})
		d.NotifyStartedFunc = func() { close(started) }
		go func() {
			defer close(stopped)
			if err := d.ActivateAndServe(); err != nil {
				t.Error(err)
			}
		}()
		<-started
		t.Cleanup(func() {
			if err := d.Shutdown(); err != nil {
				t.Error(err)
			}
			<-stopped
		})
	}
	return s
}

func (s *server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	s.mu.Lock()
	s.asked[dns.TypeToString[q.Question[0].Qtype]+" "+q.Question[0].Name]++
	s.mu.Unlock()
	reply := new(dns.Msg)
	reply.SetReply(q)
	s.answer(w, q, reply)
	_ = w.WriteMsg(reply) // a client that went away is its own affair
}

func (s *server) count(question string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[question]
}

func newResolver(t *testing.T, s *server, clock func() time.Time) *resolver.Resolver {
	t.Helper()
	r, err := resolver.New(resolver.Config{Server: s.address, Timeout: 500 * time.Millisecond}, clock)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// zone answers from records in presentation form; a name without any does not exist.
func zone(records ...string) func(w dns.ResponseWriter, q, reply *dns.Msg) {
	return func(_ dns.ResponseWriter, q, reply *dns.Msg) {
		reply.Rcode = dns.RcodeNameError
		for _, text := range records {
			rr, err := dns.NewRR(text)
			if err != nil {
				panic(err)
			}
			if !strings.EqualFold(rr.Header().Name, q.Question[0].Name) {
				continue
			}
			reply.Rcode = dns.RcodeSuccess
			if t := rr.Header().Rrtype; t == q.Question[0].Qtype || t == dns.TypeCNAME {
				reply.Answer = append(reply.Answer, rr)
			}
		}
	}
}

func TestLookupFindsAddresses(t *testing.T) {
	s := serve(t, zone("a.example. 60 A 192.0.2.1", "a.example. 60 A 192.0.2.2", "a.example. 60 AAAA 2001:db8::1", "six.example. 60 AAAA 2001:db8::6",
		"alias.example. 60 CNAME www.example.", "www.example. 60 CNAME a.example.", "mail.example. 60 MX 1 a.example.",
		"loop.example. 60 CNAME pool.example.", "pool.example. 60 CNAME loop.example.", "self.example. 60 CNAME self.example.",
		"lost.example. 60 CNAME nowhere.example."))
	r := newResolver(t, s, time.Now)
	for _, c := range []struct {
		name, host, want string
		err              error
	}{
		{"of both families, IPv4 first", "A.example", "192.0.2.1 192.0.2.2 2001:db8::1", nil},
		{"of IPv6 alone", "six.example.", "2001:db8::6", nil},
		{"behind aliases", "alias.example", "192.0.2.1 192.0.2.2 2001:db8::1", nil},
		{"in the name itself", "127.0.0.9", "127.0.0.9", nil},
		{"in brackets", "[::ffff:127.0.0.9]", "127.0.0.9", nil},
		{"nowhere", "none.example", "", resolver.ErrNotFound},
		{"nowhere, for the name has none", "mail.example", "", resolver.ErrNotFound},
		{"nowhere, for the alias is dead", "lost.example", "", resolver.ErrNotFound},
		{"not in a loop", "loop.example", "", resolver.ErrFailed},
		{"not in an alias of itself", "self.example", "", resolver.ErrNotFound},
		{"not of what is no name", strings.Repeat("a", 64) + ".example", "", resolver.ErrNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			addrs, err := r.Lookup(t.Context(), c.host)
			if !errors.Is(err, c.err) || strings.Trim(fmt.Sprint(addrs), "[]") != c.want {
				t.Fatalf("Lookup(%s) = %v, %v", c.host, addrs, err)
			}
		})
	}
}

func TestAnswersAreKeptForTheirTTL(t *testing.T) {
	s := serve(t, zone("long.example. 86400 A 192.0.2.1", "short.example. 0 A 192.0.2.1", "mid.example. 60 A 192.0.2.1"))
	now := time.Now()
	r := newResolver(t, s, func() time.Time { return now })
	lookup := func(host string, after time.Duration) int {
		t.Helper()
		now = now.Add(after)
		if _, err := r.Lookup(t.Context(), host); err != nil && !errors.Is(err, resolver.ErrNotFound) {
			t.Fatal(err)
		}
		return s.count("A " + host + ".")
	}
	for _, c := range []struct {
		host  string
		after time.Duration
		asked int
	}{
		{"long.example", 0, 1}, {"long.example", time.Hour - time.Second, 1}, {"long.example", time.Second, 2},
		{"short.example", 0, 1}, {"short.example", 4 * time.Second, 1}, {"short.example", time.Second, 2},
		{"mid.example", 0, 1}, {"mid.example", 59 * time.Second, 1}, {"mid.example", time.Second, 2},
		{"none.example", 0, 1}, {"none.example", 59 * time.Second, 1}, {"none.example", time.Second, 2},
	} {
		if got := lookup(c.host, c.after); got != c.asked {
			t.Errorf("%s was asked for %d times, want %d", c.host, got, c.asked)
		}
	}
}

func TestATruncatedAnswerIsFetchedOverTCP(t *testing.T) {
	s := serve(t, func(w dns.ResponseWriter, q, reply *dns.Msg) {
		if w.RemoteAddr().Network() == "udp" {
			reply.Truncated = true
			return
		}
		for i := range 300 {
			rr, _ := dns.NewRR(fmt.Sprintf("%s 60 TXT \"record %d %s\"", q.Question[0].Name, i, strings.Repeat("x", 100)))
			reply.Answer = append(reply.Answer, rr)
		}
	})
	a, err := newResolver(t, s, time.Now).Query(t.Context(), "big.example", dns.TypeTXT)
	if err != nil || a.Err != nil || len(a.Records) != 256 {
		t.Fatalf("%d records, %v, %v", len(a.Records), a.Err, err)
	}
}

func TestFailuresAreNamedAndKeptBriefly(t *testing.T) {
	s := serve(t, func(_ dns.ResponseWriter, q, reply *dns.Msg) {
		switch q.Question[0].Name {
		case "broken.example.":
			reply.Rcode = dns.RcodeServerFailure
		case "liar.example.":
			reply.Question[0].Name = "other.example."
		case "old.example.":
			if q.IsEdns0() != nil {
				reply.Rcode = dns.RcodeFormatError
				return
			}
			rr, _ := dns.NewRR("old.example. 60 A 192.0.2.7")
			reply.Answer = append(reply.Answer, rr)
		}
	})
	now := time.Now()
	r := newResolver(t, s, func() time.Time { return now })
	for _, host := range []string{"broken.example", "liar.example"} {
		for _, want := range []int{2, 2, 4} {
			if _, err := r.Lookup(t.Context(), host); !errors.Is(err, resolver.ErrFailed) {
				t.Errorf("%s: %v", host, err)
			}
			if got := s.count("A " + host + "."); got != want {
				t.Errorf("%s was asked for %d times, want %d", host, got, want)
			}
			now = now.Add(3 * time.Second)
		}
	}
	if a, err := r.Lookup(t.Context(), "old.example"); err != nil || len(a) != 1 || a[0] != netip.MustParseAddr("192.0.2.7") {
		t.Errorf("a server without EDNS gave %v, %v", a, err)
	}
}

func TestASilentServerIsGivenUp(t *testing.T) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pc.Close() }()
	r, err := resolver.New(resolver.Config{Server: pc.LocalAddr().String(), Timeout: 20 * time.Millisecond}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Lookup(t.Context(), "a.example"); !errors.Is(err, resolver.ErrFailed) {
		t.Fatalf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Lookup(ctx, "b.example"); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestAServerMustBeAnAddressAndPort(t *testing.T) {
	if _, err := resolver.New(resolver.Config{Server: "localhost"}, time.Now); err == nil {
		t.Fatal("no error")
	}
}

func FuzzReplies(f *testing.F) {
	f.Add([]byte("\x00\x00\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x01\x00\x02\xc0\x0c"))
	f.Add([]byte{})
	f.Add([]byte(strings.Repeat("\xff", 40)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var reply dns.Msg
		if reply.Unpack(raw) == nil {
			resolver.FollowForTest(&reply, "a.")
		}
	})
}
