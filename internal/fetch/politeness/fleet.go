package politeness

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// Leases is what the fleet shares: who may ask a host or address, and when it may be asked next. A lease
// runs out by itself ttl after it was taken or renewed; what SetNextAllowed notes outlives it. Moments are of the
// pacer's Clock.
type Leases interface {
	// Acquire takes a key for ttl and reports false where another owner holds it.
	Acquire(ctx context.Context, key, owner string, ttl time.Duration) (token uint64, ok bool, err error)
	// Renew prolongs to ttl from now; it fails where the lease was lost.
	Renew(ctx context.Context, key, owner string, token uint64, ttl time.Duration) (uint64, error)
	// Release gives a lease back.
	Release(ctx context.Context, key string, token uint64) error
	// NextAllowed returns when a key may be asked next, the zero time where nothing is noted, and how often it has
	// refused us in a row.
	NextAllowed(ctx context.Context, key string) (at time.Time, strikes int, err error)
	// SetNextAllowed notes both, and keeps the note until then and for ttl at least.
	SetNextAllowed(ctx context.Context, key string, at time.Time, strikes int, ttl time.Duration) error
	// Want tells the holder of a key's lease, whose pacer is to hear it (Pacer.Wanted), that it is waited for.
	Want(key string) error
}

const (
	// leaseRetry is how often a lease that another holds is asked for; half as much again at random.
	leaseRetry = time.Second
	// wantedFor is how long a lease counts as waited for after somebody said so.
	wantedFor = 3 * leaseRetry
)

// held is a place's lease; token 0 means none.
type held struct {
	key   string
	token uint64
	until time.Time
}

// maxLeaseRounds bounds how often the leases of one request are gone through: while one is waited for, the other may
// run out.
const maxLeaseRounds = 5

// lease makes sure that the fleet's leases on both places last for a whole request and the gap after it.
func (p *Pacer) lease(ctx context.Context, s *Slot) error {
	if p.config.Leases == nil {
		return nil
	}
	for range maxLeaseRounds {
		s.until = time.Time{}
		for _, l := range [...]*place{s.host, s.addr} {
			until, err := p.leaseFor(ctx, l)
			if err != nil {
				return err
			}
			if s.until.IsZero() || until.Before(s.until) {
				s.until = until
			}
		}
		if s.Valid() {
			return p.foretell(ctx, s)
		}
	}
	return &TooLongError{Key: s.addr.gate.key, Wait: p.config.LeaseTTL}
}

// leaseFor has a place leased and returns until when a request may begin under the lease.
func (p *Pacer) leaseFor(ctx context.Context, l *place) (time.Time, error) {
	p.mu.Lock()
	need, _ := p.need(l.gate)
	p.mu.Unlock()
	until, err := p.leasePlace(ctx, l, need)
	return until.Add(-need), err
}

// foretell notes, before a request, the gaps after it that its leases cannot outlast, should we die meanwhile.
func (p *Pacer) foretell(ctx context.Context, s *Slot) error {
	for _, l := range [...]*place{s.host, s.addr} {
		p.mu.Lock()
		_, long := p.need(l.gate)
		key := l.lease.key
		p.mu.Unlock()
		if long == 0 {
			continue
		}
		if err := p.note(ctx, l.gate, key, p.config.Clock().Add(p.config.RequestTimeout+long)); err != nil {
			return err
		}
	}
	return nil
}

// need returns the time a lease must last when a request starts, and the gap where that is too long for a
// lease to cover. The lock is held.
func (p *Pacer) need(g *gate) (need, long time.Duration) {
	if g.delay > p.config.MinDelay && p.config.RequestTimeout+g.delay > p.config.LeaseTTL/2 {
		return p.config.RequestTimeout, g.delay
	}
	return p.config.RequestTimeout + g.delay, 0
}

// leasePlace keeps, renews or takes a lease that lasts for need at least. Where the fleet waits for it, a lease that
// would have to be renewed is given up instead: a host that many crawlers have business with serves them in turns.
func (p *Pacer) leasePlace(ctx context.Context, l *place, need time.Duration) (time.Time, error) {
	p.mu.Lock()
	now := p.config.Clock()
	lease, wanted := l.lease, now.Sub(l.gate.wanted) < wantedFor
	p.mu.Unlock()
	if lease.token != 0 && now.Add(need).Before(lease.until) {
		return lease.until, nil
	}
	if lease.token != 0 && now.Before(lease.until) {
		if wanted {
			return p.takeTurns(ctx, l)
		}
		token, err := p.config.Leases.Renew(ctx, lease.key, p.owner(l), lease.token, p.config.LeaseTTL)
		if err == nil {
			return p.keep(l, lease.key, token, now), nil
		}
		if ctx.Err() != nil {
			return time.Time{}, ctx.Err()
		}
	}
	return p.takeLease(ctx, l)
}

// takeTurns gives a place's lease up and asks for it anew once those who wait have had time to take it.
func (p *Pacer) takeTurns(ctx context.Context, l *place) (time.Time, error) {
	p.mu.Lock()
	lease, next := l.lease, l.ready()
	l.lease = held{}
	p.mu.Unlock()
	p.giveBack(ctx, l.gate, []returned{{lease, next}})
	if err := sleep(ctx, 2*leaseRetry); err != nil {
		return time.Time{}, err
	}
	return p.takeLease(ctx, l)
}

// owner names a place: places of one gate must not share a lease.
func (p *Pacer) owner(l *place) string { return p.config.Owner + "#" + strconv.Itoa(l.index) }

// takeLease asks until a lease is ours, then waits until the fleet allows the next request. A gate of
// several places has a lease for each; any of them will do.
func (p *Pacer) takeLease(ctx context.Context, l *place) (time.Time, error) {
	g, start := l.gate, p.config.Clock()
	for {
		for i := range len(g.places) {
			key := g.leaseKey((l.index + i) % len(g.places))
			before := p.config.Clock()
			token, ok, err := p.config.Leases.Acquire(ctx, key, p.owner(l), p.config.LeaseTTL)
			if err != nil {
				return time.Time{}, fmt.Errorf("lease of %s: %w", key, err)
			}
			if ok {
				until := p.keep(l, key, token, before)
				return until, p.awaitFleet(ctx, l, key)
			}
		}
		if p.config.Clock().Sub(start) > p.config.LeaseWait {
			return time.Time{}, &TooLongError{Key: g.key, Wait: p.config.LeaseTTL}
		}
		_ = p.config.Leases.Want(g.key) // unheard, it is said again
		if err := sleep(ctx, leaseRetry+time.Duration(rand.Int64N(int64(leaseRetry)/2))); err != nil {
			return time.Time{}, err
		}
	}
}

// awaitFleet waits out what others noted under a lease's key, and takes over what they learnt.
func (p *Pacer) awaitFleet(ctx context.Context, l *place, key string) error {
	at, strikes, err := p.config.Leases.NextAllowed(ctx, key)
	if err != nil {
		return fmt.Errorf("pace of %s: %w", key, err)
	}
	g := l.gate
	p.mu.Lock()
	if at.After(l.from) {
		l.from = at
	}
	if strikes > g.strikes || strikes > 0 && at.After(g.notBefore) {
		g.strikes, g.notBefore = strikes, at
	}
	delay := time.Duration(0)
	if strikes == 0 {
		delay = g.delay + p.config.RequestTimeout // a gap is noted before the request it follows
	}
	p.mu.Unlock()
	wait := at.Sub(p.config.Clock())
	if wait <= 0 {
		return nil
	}
	if wait > p.config.MaxWait {
		return &TooLongError{Key: g.key, Wait: wait, Delay: delay}
	}
	return sleep(ctx, wait)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// keep notes a lease; its time counts from before it was asked for.
func (p *Pacer) keep(l *place, key string, token uint64, asked time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.lease = held{key: key, token: token, until: asked.Add(p.config.LeaseTTL)}
	return l.lease.until
}

// leaseKey is the key of one of a gate's leases.
func (g *gate) leaseKey(index int) string {
	if index == 0 {
		return g.key
	}
	return g.key + "#" + strconv.Itoa(index)
}
