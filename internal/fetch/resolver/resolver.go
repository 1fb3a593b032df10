// Package resolver asks DNS servers and keeps their answers for as long as they say.
package resolver

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"telltale/internal/fetch/cache"
)

// ErrNotFound reports a name that does not exist, or has no record of the type asked for.
var ErrNotFound = errors.New("name not found")

// ErrFailed reports a question that no server answered: time out, SERVFAIL, a loop of aliases.
var ErrFailed = errors.New("name resolution failed")

const (
	// maxAliases bounds a chain of CNAME records.
	maxAliases = 8
	// maxAddrs bounds the addresses kept for one name.
	maxAddrs = 16
	// maxRecords bounds the records kept of one answer.
	maxRecords = 256
)

// Config says whom to ask and for how long.
type Config struct {
	// Server is host:port of the DNS server; empty means those of /etc/resolv.conf.
	Server string
	// Timeout bounds one exchange with one server; by default 3 s. Each server is asked twice.
	Timeout time.Duration
	// MinTTL and MaxTTL bound how long an answer is kept; by default 5 s and 1 h.
	MinTTL, MaxTTL time.Duration
	// FailureTTL is how long a failure is kept; by default 5 s.
	FailureTTL time.Duration
	// Budget bounds the memory of what is kept, in bytes; by default 32 MiB.
	Budget int
}

func (c Config) withDefaults() Config {
	set := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	set(&c.Timeout, 3*time.Second)
	set(&c.MinTTL, 5*time.Second)
	set(&c.MaxTTL, time.Hour)
	set(&c.FailureTTL, 5*time.Second)
	if c.Budget <= 0 {
		c.Budget = 32 << 20
	}
	return c
}

// Resolver answers from its cache, or asks. It is safe for concurrent use.
type Resolver struct {
	config  Config
	servers []string
	clock   func() time.Time
	kept    *cache.Cache[*Answer]
}

// Answer is what is known about one name and type.
type Answer struct {
	// Records are of the type asked for, Aliases the CNAME records that led to them.
	Records, Aliases []dns.RR
	// Err wraps ErrNotFound or ErrFailed.
	Err error
}

// New returns a resolver; it reads /etc/resolv.conf where no server is configured.
func New(config Config, clock func() time.Time) (*Resolver, error) {
	config = config.withDefaults()
	r := &Resolver{config: config, clock: clock, kept: cache.New(config.Budget, (*Answer).weight, clock)}
	if config.Server != "" {
		ap, err := netip.ParseAddrPort(config.Server)
		if err != nil {
			return nil, fmt.Errorf("resolver %q: want ADDRESS:PORT: %w", config.Server, err)
		}
		r.servers = []string{ap.String()}
		return r, nil
	}
	system, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil || len(system.Servers) == 0 {
		return nil, fmt.Errorf("no DNS server in /etc/resolv.conf: %w", err)
	}
	for _, s := range system.Servers {
		r.servers = append(r.servers, joinPort(s, system.Port))
	}
	return r, nil
}

func joinPort(server, port string) string {
	if strings.Contains(server, ":") {
		return "[" + server + "]:" + port
	}
	return server + ":" + port
}

// Lookup returns the addresses of a host: those of IPv4 first, at most 16. An address in text is its own
// answer. Errors wrap ErrNotFound or ErrFailed, or are those of ctx.
func (r *Resolver) Lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	four, err := r.Query(ctx, host, dns.TypeA)
	if err != nil {
		return nil, err
	}
	six, err := r.Query(ctx, host, dns.TypeAAAA)
	if err != nil {
		return nil, err
	}
	addrs := append(addrsOf(four), addrsOf(six)...)
	switch {
	case len(addrs) > 0:
		return addrs[:min(len(addrs), maxAddrs)], nil
	case four.Err != nil && errors.Is(six.Err, ErrNotFound):
		return nil, four.Err
	}
	return nil, six.Err
}

func addrsOf(a *Answer) []netip.Addr {
	var out []netip.Addr
	for _, rr := range a.Records {
		var ip []byte
		switch v := rr.(type) {
		case *dns.A:
			ip = v.A
		case *dns.AAAA:
			ip = v.AAAA
		}
		if addr, ok := netip.AddrFromSlice(ip); ok {
			out = append(out, addr.Unmap())
		}
	}
	return out
}

// Query returns the records of a name and type (dns.TypeMX and so on), following aliases. What the
// servers said, a failure included, stands in the Answer; the only error is that of ctx.
func (r *Resolver) Query(ctx context.Context, name string, qtype uint16) (*Answer, error) {
	name = dns.CanonicalName(name)
	key := strconv.Itoa(int(qtype)) + " " + name
	return r.kept.Get(ctx, key, func(ctx context.Context, _ *Answer, _ bool) (*Answer, time.Time, error) {
		answer, ttl := r.chase(ctx, name, qtype)
		if err := ctx.Err(); err != nil && errors.Is(answer.Err, ErrFailed) {
			return nil, time.Time{}, err
		}
		return answer, r.clock().Add(ttl), nil
	})
}

// chase follows aliases that a server leaves to us.
func (r *Resolver) chase(ctx context.Context, name string, qtype uint16) (*Answer, time.Duration) {
	answer, ttl := &Answer{}, r.config.MaxTTL
	if _, ok := dns.IsDomainName(name); !ok || len(name) > 254 {
		return &Answer{Err: fmt.Errorf("%w: %q is no domain name", ErrNotFound, name)}, ttl
	}
	for range maxAliases {
		reply, err := r.exchange(ctx, name, qtype)
		if err != nil {
			answer.Err = fmt.Errorf("%w: %s %s: %w", ErrFailed, dns.TypeToString[qtype], name, err)
			return answer, r.config.FailureTTL
		}
		end, steps := follow(answer, reply, name, qtype)
		ttl = min(ttl, r.ttlOf(reply))
		switch {
		case len(answer.Records) > 0:
			return answer, ttl
		case end == name || steps >= maxAliases || reply.Rcode == dns.RcodeNameError:
			answer.Err = fmt.Errorf("%w: %s %s: %s", ErrNotFound, dns.TypeToString[qtype], name, dns.RcodeToString[reply.Rcode])
			return answer, ttl
		}
		name = end
	}
	answer.Err = fmt.Errorf("%w: %s: more than %d aliases", ErrFailed, name, maxAliases)
	return answer, ttl
}

// follow gathers the records of name within one reply, and returns the name where its aliases end.
func follow(answer *Answer, reply *dns.Msg, name string, qtype uint16) (end string, steps int) {
	end = name
	for steps < maxAliases {
		next := ""
		for _, rr := range reply.Answer {
			h := rr.Header()
			if dns.CanonicalName(h.Name) != end || len(answer.Records)+len(answer.Aliases) >= maxRecords {
				continue
			}
			if h.Rrtype == qtype {
				answer.Records = append(answer.Records, rr)
			} else if c, ok := rr.(*dns.CNAME); ok {
				next = dns.CanonicalName(c.Target)
				answer.Aliases = append(answer.Aliases, rr)
			}
		}
		if next == "" || next == name || len(answer.Records) > 0 {
			return end, steps
		}
		end = next
		steps++
	}
	return end, steps
}

// ttlOf is the least TTL of a reply, or, for one without answer, that of its SOA (RFC 2308 §5), within bounds.
func (r *Resolver) ttlOf(reply *dns.Msg) time.Duration {
	ttl := r.config.MaxTTL
	for _, rr := range reply.Answer {
		ttl = min(ttl, time.Duration(rr.Header().Ttl)*time.Second)
	}
	if len(reply.Answer) == 0 {
		ttl = time.Minute
		for _, rr := range reply.Ns {
			if soa, ok := rr.(*dns.SOA); ok {
				ttl = time.Duration(min(soa.Hdr.Ttl, soa.Minttl)) * time.Second
			}
		}
	}
	return min(max(ttl, r.config.MinTTL), r.config.MaxTTL)
}

func (a *Answer) weight() int {
	n := 64
	for _, rr := range a.Records {
		n += 64 + dns.Len(rr)
	}
	for _, rr := range a.Aliases {
		n += 64 + dns.Len(rr)
	}
	return n
}
