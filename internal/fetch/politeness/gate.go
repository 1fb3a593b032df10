package politeness

import (
	"context"
	"slices"
	"time"
)

const (
	firstBackoff = time.Minute
	maxBackoff   = 24 * time.Hour
	// forgiveAfter is the quiet time after which a host's strikes are forgotten.
	forgiveAfter = 30 * time.Minute
)

type gateRule struct {
	capacity int
	delay    time.Duration
}

// gate paces one host or one address. The pacer's lock guards it.
type gate struct {
	key   string
	delay time.Duration
	// places are the rights to send, free those that are not taken.
	places []place
	free   []*place
	// notBefore closes the whole gate until then.
	notBefore time.Time
	waiters   []*waiter
	timer     *time.Timer
	// holders counts those inside or waiting; a gate without any may be forgotten once it is idle.
	holders int
	strikes int
	// idleTimer gives unused leases back; wanted is when the fleet last asked for them.
	idleTimer *time.Timer
	wanted    time.Time
}

// place is the right to have one request under way.
type place struct {
	gate  *gate
	index int
	// from is when it may be used: when its last request ended and the gap after it, or what the fleet noted.
	from time.Time
	// lease is changed by whoever has the place, or, when nobody is inside the gate, by its idle timer.
	lease held
}

type waiter struct {
	// ready is closed when the waiter is let into place, or turned away with err.
	ready chan struct{}
	place *place
	err   error
}

// ready returns when the place may be used. The lock is held.
func (l *place) ready() time.Time {
	if l.from.Before(l.gate.notBefore) {
		return l.gate.notBefore
	}
	return l.from
}

// gate returns the gate of a key, making it where there is none. The lock is held.
func (p *Pacer) gate(key string, rule gateRule) *gate {
	g, ok := p.gates[key]
	if ok {
		return g
	}
	if len(p.gates) >= p.sweepAt {
		p.sweep()
	}
	g = &gate{key: key, delay: rule.delay, places: make([]place, rule.capacity)}
	for i := range g.places {
		g.places[i].gate, g.places[i].index = g, i
		g.free = append(g.free, &g.places[i])
	}
	p.gates[key] = g
	return g
}

// sweep forgets the gates that are as good as new. It runs when their number has doubled, so that its
// cost is spread thin.
func (p *Pacer) sweep() {
	now := p.config.Clock()
	for key, g := range p.gates {
		if g.forgettable(now) {
			delete(p.gates, key)
		}
	}
	p.sweepAt = max(sweepAt, 2*len(p.gates))
}

func (g *gate) forgettable(now time.Time) bool {
	if g.holders > 0 || g.idleTimer != nil ||
		(g.strikes > 0 && now.Before(g.notBefore.Add(forgiveAfter))) {
		return false
	}
	return !slices.ContainsFunc(g.places, func(l place) bool { return now.Before(l.ready()) || l.lease.token != 0 })
}

// enter waits for a place within a gate.
func (p *Pacer) enter(ctx context.Context, key string, rule gateRule) (*place, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &waiter{ready: make(chan struct{})}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	g := p.gate(key, rule)
	g.holders++
	g.waiters = append(g.waiters, w)
	g.dispatch(p)
	p.mu.Unlock()
	select {
	case <-w.ready:
		return w.place, w.err
	case <-ctx.Done():
		p.abandon(g, w)
		return nil, ctx.Err()
	}
}

// abandon takes a waiter out of the queue, or gives back the place it was let into meanwhile.
func (p *Pacer) abandon(g *gate, w *waiter) {
	p.mu.Lock()
	select {
	case <-w.ready:
		p.mu.Unlock()
		if w.err == nil {
			p.leave(w.place, unused)
		}
		return
	default:
	}
	g.waiters = slices.DeleteFunc(g.waiters, func(other *waiter) bool { return other == w })
	g.holders--
	g.dispatch(p)
	p.mu.Unlock()
}

// use says what a place was used for.
type use uint8

const (
	unused use = iota
	forPage
	forRobots
)

// leave gives a place back; where a request was sent the gap has to be kept. The one after robots.txt is at most the
// longest that is waited out in place: a host that asks for more would otherwise never have a page read.
func (p *Pacer) leave(l *place, u use) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := l.gate
	switch u {
	case forPage:
		l.from = p.config.Clock().Add(g.delay)
	case forRobots:
		l.from = p.config.Clock().Add(min(g.delay, p.config.MaxWait))
	case unused:
	}
	g.free = append(g.free, l)
	g.holders--
	g.dispatch(p)
	p.idle(g)
}

// dispatch lets waiters in, in order, or sets the timer for the next. The lock is held.
func (g *gate) dispatch(p *Pacer) {
	for len(g.waiters) > 0 && len(g.free) > 0 {
		at, i := g.next()
		wait := at.Sub(p.config.Clock())
		switch {
		case p.closed:
			g.turnAway(ErrClosed)
			return
		case wait > p.config.MaxWait:
			g.turnAway(&TooLongError{Key: g.key, Wait: wait, Delay: g.delay})
			return
		case wait > 0:
			g.arm(p, wait)
			return
		}
		w := g.waiters[0]
		w.place = g.free[i]
		g.free = slices.Delete(g.free, i, i+1)
		g.waiters = slices.Delete(g.waiters, 0, 1)
		close(w.ready)
	}
}

// next returns the earliest time at which a free place may be used, and its index among the free.
func (g *gate) next() (time.Time, int) {
	first, at := 0, g.free[0].ready()
	for i, l := range g.free[1:] {
		if r := l.ready(); r.Before(at) {
			first, at = i+1, r
		}
	}
	return at, first
}

func (g *gate) turnAway(err error) {
	for _, w := range g.waiters {
		w.err = err
		g.holders--
		close(w.ready)
	}
	g.waiters = nil
}

func (g *gate) arm(p *Pacer, wait time.Duration) {
	if g.timer != nil {
		g.timer.Stop()
	}
	g.timer = time.AfterFunc(wait, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		g.dispatch(p)
	})
}

// strike counts a refusal and returns the wait it earns.
func (g *gate) strike(now time.Time, retryAfter time.Duration) time.Duration {
	if g.strikes > 0 && now.After(g.notBefore.Add(forgiveAfter)) {
		g.strikes = 0
	}
	g.strikes++
	if retryAfter > 0 {
		return min(retryAfter, maxBackoff)
	}
	wait := firstBackoff
	for i := 1; i < g.strikes && wait < maxBackoff; i++ {
		wait *= 2
	}
	return min(wait, maxBackoff)
}
