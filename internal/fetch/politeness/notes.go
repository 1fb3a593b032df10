package politeness

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// releaseTimeout bounds giving leases back.
const releaseTimeout = 5 * time.Second

// returned is a lease on its way back, and when its place may be used next.
type returned struct {
	held
	next time.Time
}

// note tells the fleet when the place of a lease may be used next, and what its gate has learnt.
func (p *Pacer) note(ctx context.Context, g *gate, key string, at time.Time) error {
	p.mu.Lock()
	strikes, ttl := 0, at.Sub(p.config.Clock())
	if forgiven := g.notBefore.Add(forgiveAfter).Sub(p.config.Clock()); g.strikes > 0 && forgiven > 0 {
		strikes, ttl = g.strikes, max(ttl, forgiven)
	}
	if at.Before(g.notBefore) {
		at = g.notBefore
	}
	p.mu.Unlock()
	if err := p.config.Leases.SetNextAllowed(ctx, key, at, strikes, ttl); err != nil {
		return fmt.Errorf("note pace of %s: %w", key, err)
	}
	return nil
}

// Throttled notes that a host answered 429 or 503 and returns how long it is left alone: retryAfter, or,
// where that is 0, a minute that doubles with every answer of the kind, up to a day; a tenth is added at
// random at most. Thirty quiet minutes forgive. The fleet is told, and remembers when this process is gone.
func (p *Pacer) Throttled(ctx context.Context, host string, retryAfter time.Duration) time.Duration {
	p.mu.Lock()
	g := p.gate(hostKey(host), p.hostRule())
	now := p.config.Clock()
	wait := g.strike(now, retryAfter)
	wait += time.Duration(rand.Int64N(int64(wait)/10 + 1))
	until := now.Add(wait)
	if until.After(g.notBefore) {
		g.notBefore = until
	}
	g.dispatch(p)
	p.mu.Unlock()
	if p.config.Leases != nil {
		p.teach(ctx, g, until)
	}
	return wait
}

// teach notes a lesson, in the background again and again where the fleet cannot be reached now.
func (p *Pacer) teach(ctx context.Context, g *gate, until time.Time) {
	if p.lesson(ctx, g, until) == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.work.Go(func() { //nolint:contextcheck // the lesson outlives the request that taught it
		for p.config.Clock().Before(until) {
			select {
			case <-p.stopped:
				return
			case <-time.After(leaseRetry):
			}
			ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
			err := p.lesson(ctx, g, until)
			cancel()
			if err == nil {
				return
			}
		}
	})
}

// lesson notes a lesson unless the fleet has learnt a longer one: this process may have been frozen, and another may
// have asked the host since.
func (p *Pacer) lesson(ctx context.Context, g *gate, until time.Time) error {
	at, _, err := p.config.Leases.NextAllowed(ctx, g.key)
	if err != nil || !at.Before(until) {
		return err
	}
	return p.note(ctx, g, g.key, until)
}

// idle starts the time after which a gate's unused leases are given back: none where others wait for them. The lock is
// held.
func (p *Pacer) idle(g *gate) {
	if p.config.Leases == nil || g.holders > 0 || p.closed {
		return
	}
	if g.idleTimer != nil {
		g.idleTimer.Stop()
	}
	wait := max(p.config.LeaseIdle, g.delay)
	if p.config.Clock().Sub(g.wanted) < wantedFor {
		wait = 0
	}
	g.idleTimer = time.AfterFunc(wait, func() { p.expire(g) })
}

// Wanted hears that the fleet waits for the leases of a host or address, by the key that Leases.Want was told. Those that
// lie idle are given back at once, others when their turn ends.
func (p *Pacer) Wanted(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.gates[key]
	if !ok || p.closed {
		return
	}
	g.wanted = p.config.Clock()
	if g.idleTimer != nil && g.idleTimer.Stop() {
		p.idle(g)
	}
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
	p.giveBack(context.Background(), g, leases)
}

// takeLeases takes the leases off a gate. The lock is held.
func (g *gate) takeLeases() []returned {
	var leases []returned
	for i := range g.places {
		if l := &g.places[i]; l.lease.token != 0 {
			leases = append(leases, returned{l.lease, l.ready()})
			l.lease = held{}
		}
	}
	return leases
}

// giveBack releases leases, each after noting the gap that is still to be kept. What cannot be given back runs out by
// itself. A lease that ran out is somebody else's by now, and so are its notes: a thawed process keeps its hands off.
func (p *Pacer) giveBack(ctx context.Context, g *gate, leases []returned) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	for _, l := range leases {
		if !p.config.Clock().Before(l.until) {
			continue
		}
		if l.next.After(p.config.Clock()) && p.note(ctx, g, l.key, l.next) != nil {
			continue
		}
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
	close(p.stopped)
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
		if leases := g.takeLeases(); len(leases) > 0 {
			p.work.Go(func() { p.giveBack(context.Background(), g, leases) })
		}
	}
	p.mu.Unlock()
	p.work.Wait()
}
