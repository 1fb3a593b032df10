// Package politeness decides when a request may go out: one at a time, and a minimum gap after the last,
// for each host and for each resolved address.
//
// Waiting costs a queue entry, never a lock or a worker: waiters of a gate are served in order, each gate
// has one timer at most, and no gate waits for another's.
package politeness

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"telltale/internal/steady"
)

// Config says how polite to be.
type Config struct {
	// MinDelay is the gap kept between the end of a request and the start of the next, for each host and
	// each address; 0 means no gap, but still one request at a time.
	MinDelay time.Duration
	// MaxWait is the longest gap that is waited out in place; a longer one is a TooLongError error, so that the
	// host is visited more rarely instead of holding a visit. By default 2 minutes.
	MaxWait time.Duration
	// Ranges are networks with rules of their own, the first that matches wins: content networks and site
	// builders, which serve thousands of sites from one address.
	Ranges []Range
	// Leases shares the pace over the fleet; nil means this process is alone.
	Leases Leases
	// Owner names this process to the fleet; it must be unique, and set where Leases is.
	Owner string
	// LeaseTTL is how long a lease outlives its last renewal; by default 90 s. It must be one and a half
	// times RequestTimeout and MinDelay together: whoever takes over after a crash then starts late enough.
	LeaseTTL time.Duration
	// RequestTimeout bounds one request; by default 30 s.
	RequestTimeout time.Duration
	// LeaseWait is how long a lease that others hold is waited for, in turns with them; by default 5 minutes. Then it
	// is a TooLongError.
	LeaseWait time.Duration
	// LeaseIdle is how long an unused lease is kept; by default 5 s.
	LeaseIdle time.Duration
	// Clock tells the time; by default steady.Now. The moments that Leases are given and give are moments of it.
	Clock func() time.Time
}

// Range is a network whose addresses take more than one request at a time.
type Range struct {
	Prefix netip.Prefix
	// Concurrency is the number of requests at a time for one address, at least 1.
	Concurrency int
	// Delay is the gap each of them keeps; it stands in for MinDelay.
	Delay time.Duration
}

func (c Config) withDefaults() (Config, error) {
	set := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	set(&c.MaxWait, 2*time.Minute)
	set(&c.LeaseTTL, 90*time.Second)
	set(&c.RequestTimeout, 30*time.Second)
	set(&c.LeaseIdle, 5*time.Second)
	set(&c.LeaseWait, 5*time.Minute)
	if c.Clock == nil {
		c.Clock = steady.Now
	}
	switch {
	case c.MinDelay < 0:
		return c, fmt.Errorf("minimum delay %v: want 0 or more", c.MinDelay)
	case c.Leases != nil && c.Owner == "":
		return c, errors.New("leases without an owner")
	case c.Leases != nil && c.LeaseTTL < (c.RequestTimeout+c.MinDelay)*3/2:
		return c, fmt.Errorf("lease time %v: want at least %v, half as much again as the longest request and its gap",
			c.LeaseTTL, (c.RequestTimeout+c.MinDelay)*3/2)
	}
	for _, r := range c.Ranges {
		if r.Concurrency < 1 || r.Delay < 0 || !r.Prefix.IsValid() {
			return c, fmt.Errorf("range %v: concurrency %d, delay %v: want at least 1 and 0", r.Prefix, r.Concurrency, r.Delay)
		}
	}
	return c, nil
}

// TooLongError reports a host or address that may not be asked for longer than MaxWait.
type TooLongError struct {
	// Key is the host or address, Wait the time until it may be asked.
	Key  string
	Wait time.Duration
	// Delay is the gap that is kept there: a wait within it is that of the gap, a longer one that of a refusal.
	Delay time.Duration
}

// Error implements error.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("%s may not be asked for %v", e.Key, e.Wait)
}

// ErrClosed reports a pacer that was closed.
var ErrClosed = errors.New("pacer closed")

// sweepAt is the number of gates at which idle ones are looked for first.
const sweepAt = 1024

// Pacer paces one process. It is safe for concurrent use. Close it to give its leases back.
type Pacer struct {
	config Config

	// mu guards what is below and every gate; it is never held while waiting.
	mu      sync.Mutex
	gates   map[string]*gate
	sweepAt int
	closed  bool
	// stopped is closed with the pacer.
	stopped chan struct{}
	// expire is expireIdle. It runs on its own time, long after the call whose context led to it.
	expire func(*gate)
	// work counts the goroutines that give leases back.
	work sync.WaitGroup
}

// New returns a pacer.
func New(config Config) (*Pacer, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("politeness: %w", err)
	}
	p := &Pacer{config: config, gates: map[string]*gate{}, sweepAt: sweepAt, stopped: make(chan struct{})}
	p.expire = p.expireIdle
	return p, nil
}

// Slot is the right to send one request now. Release it when the request has ended.
type Slot struct {
	pacer      *Pacer
	host, addr *place
	once       sync.Once
	// until is when the fleet's leases run out; zero where there are none.
	until time.Time
}

// Acquire waits until host may be asked at addr. Errors: *TooLongError, ErrClosed, that of ctx, or that of the
// fleet's leases.
func (p *Pacer) Acquire(ctx context.Context, host string, addr netip.Addr) (*Slot, error) {
	s := &Slot{pacer: p}
	var err error
	// The host's gate always comes first, so that two visits never hold what the other waits for.
	if s.host, err = p.enter(ctx, hostKey(host), p.hostRule()); err != nil {
		return nil, err
	}
	if s.addr, err = p.enter(ctx, addrKey(addr), p.addrRule(addr)); err != nil {
		p.leave(s.host, unused)
		return nil, err
	}
	if err := p.lease(ctx, s); err != nil {
		p.leave(s.addr, unused)
		p.leave(s.host, unused)
		return nil, err
	}
	return s, nil
}

// Release ends the request: the gap starts now. Releasing twice does nothing.
func (s *Slot) Release() { s.release(forPage) }

// ReleaseRobots is Release for a request for robots.txt, after which no more than MaxWait is waited.
func (s *Slot) ReleaseRobots() { s.release(forRobots) }

func (s *Slot) release(u use) {
	s.once.Do(func() {
		s.pacer.leave(s.addr, u)
		s.pacer.leave(s.host, u)
	})
}

// Valid reports whether the request may still start: a process that was frozen past its lease must not
// send what it had decided on. It is to be asked just before the first byte is written.
func (s *Slot) Valid() bool {
	return s.until.IsZero() || s.pacer.config.Clock().Before(s.until)
}

// SetCrawlDelay sets the gap that a host asks for; it holds where it is longer than MinDelay. A gap that has become
// longer holds from the end of the last request on, which is the one that brought its robots.txt, within MaxWait.
func (p *Pacer) SetCrawlDelay(host string, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.gate(hostKey(host), p.hostRule())
	delay = max(p.config.MinDelay, delay)
	if longer := min(delay, p.config.MaxWait) - min(g.delay, p.config.MaxWait); longer > 0 {
		for i := range g.places {
			if l := &g.places[i]; !l.from.IsZero() {
				l.from = l.from.Add(longer)
			}
		}
	}
	if g.delay != delay {
		g.delay = delay
		g.dispatch(p)
	}
}

// Len returns the number of hosts and addresses that are remembered.
func (p *Pacer) Len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.gates)
}

func hostKey(host string) string { return "host " + strings.ToLower(host) }

// addrKey is the address itself for IPv4 and its /64 for IPv6, which is what one customer gets.
func addrKey(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return "addr " + p.String()
		}
	}
	return "addr " + addr.String()
}

func (p *Pacer) hostRule() gateRule { return gateRule{capacity: 1, delay: p.config.MinDelay} }

func (p *Pacer) addrRule(addr netip.Addr) gateRule {
	addr = addr.Unmap().WithZone("")
	for _, r := range p.config.Ranges {
		if r.Prefix.Contains(addr) {
			return gateRule{capacity: r.Concurrency, delay: r.Delay}
		}
	}
	return p.hostRule()
}
