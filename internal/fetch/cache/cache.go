// Package cache holds values that expire, bounded by weight, each loaded once however many ask for
// it at the same time. The robots and DNS caches are made of it.
package cache

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// entryOverhead is what an entry weighs beside its value: map slot, list element, key; in bytes, roughly.
const entryOverhead = 256

// Cache maps keys to values. The zero value is not ready; use New. It is safe for concurrent use.
type Cache[V any] struct {
	clock  func() time.Time
	weigh  func(V) int
	budget int

	mu      sync.Mutex
	weight  int
	entries map[string]*list.Element
	order   *list.List
}

type entry[V any] struct {
	key    string
	value  V
	has    bool
	until  time.Time
	weight int
	// loading is closed when the load in progress ends; nil where there is none.
	loading chan struct{}
}

// New returns a cache of at most budget bytes, as weigh counts a value's bytes (nil: values without
// weight, so that each entry counts 256 bytes), least recently used out first.
func New[V any](budget int, weigh func(V) int, clock func() time.Time) *Cache[V] {
	if weigh == nil {
		weigh = func(V) int { return 0 }
	}
	return &Cache[V]{clock: clock, weigh: weigh, budget: budget, entries: map[string]*list.Element{}, order: list.New()}
}

// Load makes a value: it gets the expired one where there was one, and returns the value and the time
// until which it holds. An error is not kept: the next to wait loads again.
type Load[V any] func(ctx context.Context, old V, had bool) (V, time.Time, error)

// Get returns the value of key, loading it where it is missing or expired. One caller loads, with its
// own ctx; others wait for it, and one of them takes over where it fails.
func (c *Cache[V]) Get(ctx context.Context, key string, load Load[V]) (V, error) {
	for {
		value, wait, mine := c.look(key)
		switch {
		case mine != nil:
			return c.load(ctx, mine, load)
		case wait == nil:
			return value, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return value, ctx.Err()
		}
	}
}

// look returns a fresh value, or what to wait for, or the entry that the caller has to load.
func (c *Cache[V]) look(key string) (value V, wait <-chan struct{}, mine *entry[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.entries[key]
	if !ok {
		element = c.order.PushFront(&entry[V]{key: key, weight: entryOverhead})
		c.entries[key] = element
		c.weight += entryOverhead
	}
	c.order.MoveToFront(element)
	e := element.Value.(*entry[V])
	switch {
	case e.has && c.clock().Before(e.until):
		return e.value, nil, nil
	case e.loading != nil:
		return value, e.loading, nil
	}
	e.loading = make(chan struct{})
	return value, nil, e
}

func (c *Cache[V]) load(ctx context.Context, e *entry[V], load Load[V]) (value V, err error) {
	var until time.Time
	kept := false
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if kept {
			c.weight -= e.weight
			e.value, e.has, e.until, e.weight = value, true, until, entryOverhead+c.weigh(value)
			c.weight += e.weight
		}
		close(e.loading)
		e.loading = nil
		if !e.has {
			c.remove(c.entries[e.key])
		}
		c.evict()
	}()
	if err := ctx.Err(); err != nil {
		return value, err
	}
	// Only the loader writes an entry's value, and loading keeps others off it.
	value, until, err = load(ctx, e.value, e.has)
	kept = err == nil
	return value, err
}

// evict drops the least recently used entries until the budget holds; entries being loaded stay.
func (c *Cache[V]) evict() {
	for element := c.order.Back(); element != nil && c.weight > c.budget; {
		previous := element.Prev()
		if e := element.Value.(*entry[V]); e.loading == nil {
			c.remove(element)
		}
		element = previous
	}
}

func (c *Cache[V]) remove(element *list.Element) {
	e := c.order.Remove(element).(*entry[V])
	delete(c.entries, e.key)
	c.weight -= e.weight
}

// Len returns the number of entries.
func (c *Cache[V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}
