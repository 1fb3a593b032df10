package oracle

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Shape says how large the web is.
type Shape struct {
	// Names is the number of domains; PerAddress of them share an address, the last tenth have one each.
	Names, PerAddress int
	// Gap is what is asked of crawlers, FetchTimeout how long they wait for an answer.
	Gap, FetchTimeout, MaxDelay time.Duration
	// Silent has some hosts never answer for their robots.txt, which takes a crawler FetchTimeout each time.
	Silent bool
	// Six lets a group of names live on ::1.
	Six  bool
	Seed uint64
}

// builder makes the truth.
type builder struct {
	Shape
	rng   *rand.Rand
	truth *Truth
	// plain are the domains whose robots.txt is a file without Crawl-delay: others may point to it.
	plain []string
}

// NewTruth builds the truth of a web of some shape; the same seed gives the same web.
func NewTruth(s Shape) *Truth {
	b := &builder{Shape: s, rng: rand.New(rand.NewPCG(s.Seed, 1)), truth: &Truth{Gap: s.Gap, MaxDelay: s.MaxDelay, Patience: s.FetchTimeout, Hosts: map[string]*Host{}}}
	alone := s.Names / 10
	for i := range s.Names {
		b.domain(i, i >= s.Names-alone)
	}
	return b.truth
}

// address is the n-th address of the web.
func (b *builder) address(n int) netip.Addr {
	if b.Six && n == 3 {
		return netip.IPv6Loopback()
	}
	return netip.AddrFrom4([4]byte{127, byte(20 + n/62500), byte(n / 250 % 250), byte(n%250 + 1)})
}

// domain adds one domain: its host, its pages, and now and then a second host of its own.
func (b *builder) domain(i int, alone bool) {
	n := i / b.PerAddress
	if alone {
		n = b.Names + i
	}
	name := domainName(i)
	h := &Host{Name: name, Domain: name, Secure: b.rng.IntN(4) == 0, Guessed: b.rng.IntN(20) == 0, Addrs: []netip.Addr{b.address(n)}}
	if b.rng.IntN(30) == 0 && !alone {
		h.Addrs = append(h.Addrs, b.address(n+1))
	}
	h.Latency = time.Duration(5+b.rng.IntN(20)) * time.Millisecond
	h.Robots = b.robots(i, alone)
	b.truth.Hosts[name] = h
	b.pages(h, alone)
	if h.Robots.Kind == RobotsFile && h.Robots.Delay == 0 && b.truth.Allows(name, "/news/") {
		b.plain = append(b.plain, name)
	}
}

// robots draws how a host answers for its robots.txt.
func (b *builder) robots(i int, alone bool) Robots {
	file := Robots{Kind: RobotsFile, Disallow: []string{"/news/internal/", "/blog/draft-"}, Allow: []string{"/news/internal/open-"}}
	switch draw := b.rng.IntN(100); {
	case draw < 8:
		return Robots{Kind: RobotsNone}
	case draw < 14:
		file.Delay = time.Duration(2+b.rng.IntN(3)) * b.Gap
	case draw < 18 && len(b.plain) > 0:
		return Robots{Kind: RobotsMoved, Target: b.plain[b.rng.IntN(len(b.plain))]}
	case draw < 20:
		return Robots{Kind: RobotsBroken}
	case draw < 21:
		return Robots{Kind: RobotsCut}
	case draw < 22:
		return Robots{Kind: RobotsBusy}
	case draw < 23 && alone && b.Silent:
		return Robots{Kind: RobotsSilent}
	case draw < 25:
		file.Disallow = append(file.Disallow, "/")
		file.Allow = nil
	case i%97 == 50:
		file.Delay = b.MaxDelay + time.Minute // longer than is waited for: the host is asked more rarely
	}
	return file
}

// pages draws the pages of a host and says which of them a visit must come to.
func (b *builder) pages(h *Host, alone bool) {
	h.Pages = append(h.Pages, Page{Path: "/"})
	for j := range 3 + b.rng.IntN(3) {
		h.Pages = append(h.Pages, Page{Path: fmt.Sprintf("/blog/quiet-harbour-%s", word(j))})
	}
	h.Pages = append(h.Pages, Page{Path: "/blog/draft-for-nobody"}, Page{Path: "/news/internal/kept-away"})
	if b.rng.IntN(3) == 0 {
		h.Pages = append(h.Pages, Page{Path: "/news/internal/open-to-all"})
	}
	b.oddities(h, alone)
	readable := b.truth.Allows(h.Name, "/") && b.truth.delay(h.Name) <= b.MaxDelay && h.Pages[0].Location == ""
	for j := range h.Pages {
		p := &h.Pages[j]
		p.Wanted = readable && b.truth.Allows(h.Name, p.Path) && (p.Busy == 0 || p.RetryAfter > 0)
	}
	if last := &h.Pages[len(h.Pages)-1]; last.Busy > 0 && last.RetryAfter == 0 {
		for j := range h.Pages { // whatever else the host has may have to wait for the back-off
			h.Pages[j].Wanted = false
		}
	}
}

// oddities gives a host a slow page, one that redirects, or one that refuses.
func (b *builder) oddities(h *Host, alone bool) {
	odd := Page{Path: "/blog/odd-one-out"}
	switch draw := b.rng.IntN(100); {
	case draw < 10:
		odd.Slow = time.Duration(100+b.rng.IntN(300)) * time.Millisecond
	case draw < 18:
		odd.Location = b.second(h, "blog.", "/news/moved-here")
	case draw < 22:
		odd.Location = b.second(h, "press.", "/news/internal/moved-away") // whose robots.txt keeps us out
	case draw < 26:
		odd.Busy, odd.Status, odd.RetryAfter = 1, 429, time.Duration(1+b.rng.IntN(2))*time.Second
	case draw < 29:
		odd.Busy, odd.Status, odd.RetryAfter, odd.Dated = 1, 503, 3*time.Second, true
	case draw < 31:
		odd.Busy, odd.Status = 1+b.rng.IntN(2), 503
	case draw < 33 && len(b.plain) > 0:
		other := b.truth.Hosts[b.plain[b.rng.IntN(len(b.plain))]]
		h.Pages[0].Location = other.Scheme() + "://" + other.Name + "/"
		return
	case draw < 34 && alone:
		odd.Slow = b.FetchTimeout + time.Second // cut by the client
	}
	h.Pages = append(h.Pages, odd)
}

// second adds another host of the domain, on another address, with one page, and returns that page's URL.
func (b *builder) second(h *Host, prefix, path string) string {
	other := &Host{
		Name: prefix + h.Name, Domain: h.Domain, Secure: h.Secure, Addrs: []netip.Addr{b.address(b.rng.IntN(max(b.Names/b.PerAddress, 1)))},
		Robots: Robots{Kind: RobotsFile, Disallow: []string{"/news/internal/"}}, Latency: h.Latency,
	}
	b.truth.Hosts[other.Name] = other
	wanted := b.truth.Allows(h.Name, "/blog/odd-one-out") && b.truth.Allows(other.Name, path) && b.truth.Allows(h.Name, "/") && b.truth.delay(h.Name) <= b.MaxDelay
	other.Pages = []Page{{Path: path, Wanted: wanted}}
	return other.Scheme() + "://" + other.Name + path
}

// word names pages, as pages that differ by numbers alone look like an archive.
func word(i int) string {
	return [...]string{"amber", "birch", "cedar", "delta", "ember", "fjord"}[i%6]
}

// domainName is the name of the i-th domain.
func domainName(i int) string { return fmt.Sprintf("n%05d.test", i) }
