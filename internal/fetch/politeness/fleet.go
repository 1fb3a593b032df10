package politeness

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// Leases is what the fleet shares: who may ask a host or address, and when it may be asked next. A lease
// runs out by itself ttl after it was taken or renewed; what SetNextAllowed notes outlives it.
type Leases interface {
	// Acquire takes a key for ttl and reports false where another owner holds it.
	Acquire(ctx context.Context, key, owner string, ttl time.Duration) (token uint64, ok bool, err error)
	// Renew prolongs to ttl from now; it fails where the lease was lost.
	Renew(ctx context.Context, key, owner string, token uint64, ttl time.Duration) (uint64, error)
	// Release gives a lease back.
	Release(ctx context.Context, key string, token uint64) error
	// NextAllowed returns when a key may be asked next, the zero time where nothing is noted.
	NextAllowed(ctx context.Context, key string) (time.Time, error)
	// SetNextAllowed notes when a key may be asked next, and keeps the note for ttl at least.
	SetNextAllowed(ctx context.Context, key string, at time.Time, ttl time.Duration) error
}

const (
	// leaseRetry is how often a lease that another holds is asked for; half as much again at random.
	leaseRetry = time.Second
	// releaseTimeout bounds giving one lease back.
	releaseTimeout = 5 * time.Second
)

// held is a place's lease; token 0 means none.
type held struct {
	key   string
	token uint64
	until time.Time
}

// lease makes sure that the fleet's leases on both places last for a whole request and the gap after it.
func (p *Pacer) lease(ctx context.Context, s *Slot) error {
	if p.config.Leases == nil {
		return nil
	}
	for _, l := range [...]*place{s.host, s.addr} {
		p.mu.Lock()
		need, long := p.need(l.gate)
		p.mu.Unlock()
		until, err := p.leasePlace(ctx, l, need)
		if err != nil {
			return err
		}
		if long > 0 {
			// The lease cannot outlast this gap, should we die meanwhile; so the gap is noted beforehand.
			at := p.config.Clock().Add(p.config.RequestTimeout + long)
			if err := p.config.Leases.SetNextAllowed(ctx, l.gate.key, at, 0); err != nil {
				return fmt.Errorf("note pace of %s: %w", l.gate.key, err)
			}
		}
		if until = until.Add(-need); s.until.IsZero() || until.Before(s.until) {
			s.until = until
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

// leasePlace keeps, renews or takes a lease that lasts for need at least.
func (p *Pacer) leasePlace(ctx context.Context, l *place, need time.Duration) (time.Time, error) {
	p.mu.Lock()
	lease := l.lease
	p.mu.Unlock()
	now := p.config.Clock()
	if lease.token != 0 && now.Add(need).Before(lease.until) {
		return lease.until, nil
	}
	if lease.token != 0 && now.Before(lease.until) {
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

// owner names a place: places of one gate must not share a lease.
func (p *Pacer) owner(l *place) string { return p.config.Owner + "#" + strconv.Itoa(l.index) }

// takeLease asks until a lease is ours, then waits until the fleet allows the next request. A gate of
// several places has a lease for each; any of them will do.
func (p *Pacer) takeLease(ctx context.Context, l *place) (time.Time, error) {
	g, start := l.gate, p.config.Clock()
	for {
		for i := range len(g.places) {
			key := g.key
			if n := (l.index + i) % len(g.places); n > 0 {
				key += "#" + strconv.Itoa(n)
			}
			asked := p.config.Clock()
			token, ok, err := p.config.Leases.Acquire(ctx, key, p.owner(l), p.config.LeaseTTL)
			if err != nil {
				return time.Time{}, fmt.Errorf("lease of %s: %w", key, err)
			}
			if ok {
				until := p.keep(l, key, token, asked)
				return until, p.awaitFleet(ctx, g)
			}
		}
		if waited := p.config.Clock().Sub(start); waited > p.config.MaxWait {
			return time.Time{}, &TooLongError{Key: g.key, Wait: p.config.LeaseTTL}
		}
		if err := sleep(ctx, leaseRetry+time.Duration(rand.Int64N(int64(leaseRetry)/2))); err != nil {
			return time.Time{}, err
		}
	}
}

// awaitFleet waits out what others noted about a gate.
func (p *Pacer) awaitFleet(ctx context.Context, g *gate) error {
	at, err := p.config.Leases.NextAllowed(ctx, g.key)
	if err != nil {
		return fmt.Errorf("pace of %s: %w", g.key, err)
	}
	wait := at.Sub(p.config.Clock())
	if wait <= 0 {
		return nil
	}
	p.mu.Lock()
	if at.After(g.notBefore) {
		g.notBefore = at
	}
	p.mu.Unlock()
	if wait > p.config.MaxWait {
		return &TooLongError{Key: g.key, Wait: wait}
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

// idle starts the time after which a gate's unused leases are given back. The lock is held.
func (p *Pacer) idle(g *gate) {
	if p.config.Leases == nil || g.holders > 0 || p.closed {
		return
	}
	if g.idleTimer != nil {
		g.idleTimer.Stop()
	}
	g.idleTimer = time.AfterFunc(max(p.config.LeaseIdle, g.delay), func() { p.expire(g) })
}

// expireIdle gives a gate's leases back where nobody came in meanwhile.
func (p *Pacer) expireIdle(g *gate) {
	p.mu.Lock()
	if g.holders > 0 || p.closed {
		p.mu.Unlock()
		return
	}
	g.idleTimer = nil
	leases := g.takeLeases()
	p.work.Add(1)
	p.mu.Unlock()
	defer p.work.Done()
	p.giveBack(g.key, leases, time.Time{})
}

// takeLeases takes the leases off a gate. The lock is held.
func (g *gate) takeLeases() []held {
	var leases []held
	for i := range g.places {
		if g.places[i].lease.token != 0 {
			leases = append(leases, g.places[i].lease)
			g.places[i].lease = held{}
		}
	}
	return leases
}

// giveBack releases leases, after noting the gap that is still to be kept. What cannot be given back runs
// out by itself.
func (p *Pacer) giveBack(key string, leases []held, next time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	if wait := next.Sub(p.config.Clock()); wait > 0 && len(leases) > 0 {
		if err := p.config.Leases.SetNextAllowed(ctx, key, next, wait); err != nil {
			return
		}
	}
	for _, l := range leases {
		_ = p.config.Leases.Release(ctx, l.key, l.token) // it runs out by itself
	}
}

// Close turns waiters away and gives the fleet its leases back, those of slots still held excepted: they
// run out by themselves. Closing twice does nothing.
func (p *Pacer) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	for _, g := range p.gates {
		if g.timer != nil {
			g.timer.Stop()
		}
		if g.idleTimer != nil {
			g.idleTimer.Stop()
		}
		g.turnAway(ErrClosed)
		if g.holders > 0 || p.config.Leases == nil {
			continue
		}
		next, leases := g.latest(), g.takeLeases()
		p.work.Go(func() { p.giveBack(g.key, leases, next) })
	}
	p.mu.Unlock()
	p.work.Wait()
}

// latest returns the time from which every place may be used.
func (g *gate) latest() time.Time {
	at := g.notBefore
	for i := range g.places {
		if at.Before(g.places[i].from) {
			at = g.places[i].from
		}
	}
	return at
}
