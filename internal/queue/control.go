package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// ScopeAll is the scope of a pause that stops every role.
const ScopeAll = "all"

const (
	pauseKey = "pause."
	blockKey = "block."
)

// Block is why a domain is not crawled.
type Block struct {
	Domain string    `json:"domain"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Control is the block list and the pauses as last seen; reading it costs a map look-up. A change made
// anywhere in the fleet arrives within a round trip; while the server is away the last state holds.
type Control struct {
	q *Queue

	mu    sync.RWMutex
	state *controlState
	// changed is closed and replaced at every change.
	changed chan struct{}

	lifecycle sync.Mutex
	watcher   jetstream.KeyWatcher
	done      chan struct{}
}

func newControl(q *Queue) *Control {
	return &Control{q: q, state: newState(), changed: make(chan struct{})}
}

// Control returns the pauses and blocks. It is current once Declare has returned.
func (q *Queue) Control() *Control { return q.control }

// start watches the bucket and returns when its present content is known. Started again, it watches anew.
func (c *Control) start(ctx context.Context) error {
	c.lifecycle.Lock()
	defer c.lifecycle.Unlock()
	kv, err := c.q.bucket(ctx, BucketControl)
	if err != nil {
		return err
	}
	c.unwatch()
	w, err := kv.WatchAll(c.q.base) //nolint:contextcheck // the watch outlives the call that starts it
	if err != nil {
		return fmt.Errorf("watch pauses and blocks: %w", err)
	}
	ready := make(chan struct{})
	c.watcher, c.done = w, make(chan struct{})
	go c.follow(w, ready, c.done)
	select {
	case <-ready:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("read pauses and blocks: %w", context.Cause(ctx))
	}
}

// reconnected watches anew: a server that was restarted has forgotten the watch, and the client by itself
// notices only when heartbeats have failed to come. The last state holds meanwhile.
func (c *Control) reconnected() {
	c.lifecycle.Lock()
	watched := c.watcher != nil
	c.lifecycle.Unlock()
	for wait := backoffMin; watched; wait = min(2*wait, backoffMax) {
		ctx, cancel := context.WithTimeout(c.q.base, ackTimeout)
		err := c.start(ctx)
		cancel()
		if err == nil || c.q.base.Err() != nil {
			return
		}
		c.q.log.Warn("watching pauses and blocks again failed; trying again", "err", err)
		if sleep(c.q.base, jitter(wait)) != nil {
			return
		}
	}
}

// follow gathers the present content, which a nil update ends, puts it in place of what was known, and
// applies updates from then on until the watcher stops.
func (c *Control) follow(w jetstream.KeyWatcher, ready, done chan struct{}) {
	defer close(done)
	fresh := newState()
	for e := range w.Updates() {
		switch {
		case fresh == nil:
			c.mu.Lock()
			c.state.apply(c.q.log, e)
			c.announce()
			c.mu.Unlock()
		case e != nil:
			fresh.apply(c.q.log, e)
		default:
			c.mu.Lock()
			c.state = fresh
			c.announce()
			c.mu.Unlock()
			fresh = nil
			close(ready)
		}
	}
}

// announce tells whoever waits for a change. The lock is held.
func (c *Control) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// stop ends the watch; it is safe before start and twice.
func (c *Control) stop() {
	c.lifecycle.Lock()
	defer c.lifecycle.Unlock()
	c.unwatch()
}

// unwatch stops the watcher, if there is one. The lifecycle lock is held.
func (c *Control) unwatch() {
	if c.watcher == nil {
		return
	}
	if err := c.watcher.Stop(); err != nil {
		c.q.log.Debug("stop watching pauses and blocks", "err", err)
	}
	<-c.done
	c.watcher = nil
}

// Paused reports whether crawling of any of the scopes, or of all, is paused. A scope is a role ("crawl"),
// a domain, or ScopeAll.
func (c *Control) Paused(scopes ...string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if len(c.state.paused) == 0 {
		return false
	}
	if _, ok := c.state.paused[ScopeAll]; ok {
		return true
	}
	for _, s := range scopes {
		if _, ok := c.state.paused[Token(s)]; ok {
			return true
		}
	}
	return false
}

// Pauses lists the paused scopes and since when.
func (c *Control) Pauses() map[string]time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	m := make(map[string]time.Time, len(c.state.paused))
	for t, at := range c.state.paused {
		if s, err := Untoken(t); err == nil {
			m[s] = at
		}
	}
	return m
}

// Blocked reports whether a domain is on the block list, and why.
func (c *Control) Blocked(domain string) (Block, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	b, ok := c.state.blocks[Token(domain)]
	return b, ok
}

// Blocks lists the block list by domain.
func (c *Control) Blocks() []Block {
	c.mu.RLock()
	defer c.mu.RUnlock()
	l := make([]Block, 0, len(c.state.blocks))
	for _, b := range c.state.blocks {
		l = append(l, b)
	}
	sort.Slice(l, func(i, j int) bool { return l[i].Domain < l[j].Domain })
	return l
}

// Changed returns a channel that is closed at the next change of a pause or block.
func (c *Control) Changed() <-chan struct{} {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.changed
}

// Pause pauses a scope for the whole fleet.
func (c *Control) Pause(ctx context.Context, scope string) error {
	return c.put(ctx, pauseKey, scope, []byte("{}"))
}

// Resume ends a pause.
func (c *Control) Resume(ctx context.Context, scope string) error {
	return c.remove(ctx, pauseKey, scope)
}

// Block puts a domain on the block list for the whole fleet; by names who decided it.
func (c *Control) Block(ctx context.Context, domain, reason, by string) error {
	b, err := json.Marshal(Block{Domain: domain, Reason: reason, By: by, At: c.q.cfg.Now().UTC()})
	if err != nil {
		return fmt.Errorf("block %s: %w", domain, err)
	}
	return c.put(ctx, blockKey, domain, b)
}

// Unblock takes a domain off the block list.
func (c *Control) Unblock(ctx context.Context, domain string) error {
	return c.remove(ctx, blockKey, domain)
}

func (c *Control) put(ctx context.Context, prefix, name string, value []byte) error {
	if name == "" || len(name) > maxDomain {
		return fmt.Errorf("%s%.80s: %w", prefix, name, ErrBadName)
	}
	kv, err := c.q.bucket(ctx, BucketControl)
	if err != nil {
		return err
	}
	if _, err := kv.Put(ctx, prefix+Token(name), value); err != nil {
		return fmt.Errorf("%s%s: %w", prefix, name, err)
	}
	return nil
}

func (c *Control) remove(ctx context.Context, prefix, name string) error {
	if name == "" || len(name) > maxDomain {
		return fmt.Errorf("%s%.80s: %w", prefix, name, ErrBadName)
	}
	kv, err := c.q.bucket(ctx, BucketControl)
	if err != nil {
		return err
	}
	if err := kv.Delete(ctx, prefix+Token(name)); err != nil {
		return fmt.Errorf("remove %s%s: %w", prefix, name, err)
	}
	return nil
}

// bucket opens a declared bucket.
func (q *Queue) bucket(ctx context.Context, name string) (jetstream.KeyValue, error) {
	js, err := q.jetStream()
	if err != nil {
		return nil, err
	}
	kv, err := js.KeyValue(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", name, err)
	}
	return kv, nil
}
