package oracle

import (
	"net/netip"
	"strings"
	"time"
)

// robotsPath is where robots.txt lives.
const robotsPath = "/robots.txt"

// RobotsKind is how a host answers for its robots.txt.
type RobotsKind string

// The kinds of robots.txt.
const (
	// RobotsFile: 200 with rules. RobotsMoved: a redirect to another host's robots.txt, whose rules then hold (RFC 9309 §2.3.1.2).
	RobotsFile  RobotsKind = "file"
	RobotsMoved RobotsKind = "moved"
	// RobotsNone: 404, so that everything is allowed (§2.3.1.3).
	RobotsNone RobotsKind = "none"
	// RobotsBroken: 500. RobotsSilent: no answer in time. RobotsCut: the connection ends without an answer.
	// RobotsBusy: 429 with Retry-After. Each disallows everything (§2.3.1.4).
	RobotsBroken RobotsKind = "broken"
	RobotsSilent RobotsKind = "silent"
	RobotsCut    RobotsKind = "cut"
	RobotsBusy   RobotsKind = "busy"
)

// Robots is what a host's robots.txt says and how.
type Robots struct {
	Kind RobotsKind
	// Allow and Disallow are plain prefixes of paths: the longest decides, allow wins a tie.
	Allow, Disallow []string
	// Delay is the Crawl-delay; 0 for none.
	Delay time.Duration
	// Target is the host whose robots.txt RobotsMoved leads to.
	Target string
}

// Allows says whether a path may be asked for, by these rules alone.
func (r *Robots) Allows(path string) bool {
	if path == robotsPath {
		return true
	}
	switch r.Kind {
	case RobotsNone:
		return true
	case RobotsFile:
		return longest(r.Allow, path) >= longest(r.Disallow, path)
	default:
		return false
	}
}

// longest is the length of the longest prefix of path among prefixes; 0 where there is none.
func longest(prefixes []string, path string) int {
	n := 0
	for _, p := range prefixes {
		if strings.HasPrefix(path, p) {
			n = max(n, len(p))
		}
	}
	return n
}

// Page is one address of a host and how it answers.
type Page struct {
	Path string
	// Slow is how long the answer takes beyond the host's latency.
	Slow time.Duration
	// Location is where a redirect leads; "" for none.
	Location string
	// Busy is how often the page refuses with Status before it answers; RetryAfter is what it asks for, 0 for nothing said,
	// Dated has it said as a date.
	Busy       int
	Status     int
	RetryAfter time.Duration
	Dated      bool
	// Wanted marks a page that a visit of the domain must come to, since robots.txt allows it and a link leads to it.
	Wanted bool
}

// Host is one name of the web.
type Host struct {
	Name string
	// Domain is the registrable domain, whose visit asks this host.
	Domain string
	// Secure hosts have pages over TLS alone, the others over plain HTTP alone; robots.txt is the same over both.
	Secure bool
	Addrs  []netip.Addr
	Robots Robots
	// Latency is how long every answer takes: the network between.
	Latency time.Duration
	// Guessed has the domain visited as a new one, whose common paths are tried.
	Guessed bool
	Pages   []Page
}

// Scheme is that of the host's URLs.
func (h *Host) Scheme() string {
	if h.Secure {
		return "https"
	}
	return "http"
}

// page finds a page by its path.
func (h *Host) page(path string) *Page {
	for i := range h.Pages {
		if h.Pages[i].Path == path {
			return &h.Pages[i]
		}
	}
	return nil
}

// Truth is what the web knows of itself and what is asked of those who crawl it.
type Truth struct {
	// Gap is the least time from the end of one request to the start of the next, per host and per address.
	Gap time.Duration
	// MaxDelay is the longest Crawl-delay that is waited out within a visit: pages of hosts that ask for more may be missing.
	MaxDelay time.Duration
	// Patience is how long crawlers wait for an answer: what has not come by then is over for them.
	Patience time.Duration
	Hosts    map[string]*Host
}

// rules are the robots rules in force for a host: its own, or those it points to.
func (t *Truth) rules(h *Host) *Robots {
	if h.Robots.Kind != RobotsMoved {
		return &h.Robots
	}
	if target, ok := t.Hosts[h.Robots.Target]; ok {
		return &target.Robots
	}
	return &Robots{Kind: RobotsNone}
}

// Allows says whether robots.txt lets a path of a host be asked for. Unknown hosts allow nothing: nobody named them.
func (t *Truth) Allows(host, path string) bool {
	h, ok := t.Hosts[host]
	return ok && t.rules(h).Allows(path)
}

// delay is the Crawl-delay of a host, 0 for none or an unknown one.
func (t *Truth) delay(host string) time.Duration {
	if h, ok := t.Hosts[host]; ok {
		return t.rules(h).Delay
	}
	return 0
}

// AddrKey is what is paced as one address: the address itself for IPv4, the /64 for IPv6.
func AddrKey(a netip.Addr) string {
	if a = a.Unmap(); a.Is4() {
		return a.String()
	}
	b := a.As16()
	clear(b[8:])
	return netip.AddrFrom16(b).String() + "/64"
}
