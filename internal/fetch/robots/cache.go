package robots

import (
	"context"
	"errors"
	"strconv"
	"time"

	"telltale/internal/fetch/cache"
)

// MaxRedirects is how many redirects of robots.txt are followed (RFC 9309 §2.3.1.2).
const MaxRedirects = 5

// ErrTooManyRedirects reports a robots.txt beyond MaxRedirects; the RFC lets it count as unavailable.
var ErrTooManyRedirects = errors.New("robots.txt: too many redirects")

// ErrUnreachable reports a robots.txt that could not be read, so that everything is disallowed
// (RFC 9309 §2.3.1.4).
var ErrUnreachable = errors.New("robots.txt unreachable")

// Answer is what a server said when asked for its robots.txt, redirects followed.
type Answer struct {
	Status int
	Body   []byte
	// RetryAfter is the wait a 429 or 503 asked for; 0 where it did not.
	RetryAfter time.Duration
	// Err is set where no answer came; it wraps ErrTooManyRedirects beyond that limit.
	Err error
	// Ours reports that Err is no fault of the host: nothing is kept, and Get returns Err.
	Ours bool
}

// Getter fetches origin + "/robots.txt".
type Getter func(ctx context.Context, origin string) Answer

// CacheConfig says how long what was read holds.
type CacheConfig struct {
	// Agent is our product token.
	Agent string
	// MaxAge is how long a file holds; at most, and by default, 24 hours (RFC 9309 §2.4).
	MaxAge time.Duration
	// RetryAge is how long an unreachable file is taken for unreachable; by default 10 minutes.
	RetryAge time.Duration
	// Grace is how long beyond MaxAge an old copy serves while the file is unreachable; by default 24 hours.
	Grace time.Duration
	// Budget bounds the memory of what is kept, in bytes; by default 128 MiB.
	Budget int
}

func (c CacheConfig) withDefaults() CacheConfig {
	const day = 24 * time.Hour
	if c.MaxAge <= 0 || c.MaxAge > day {
		c.MaxAge = day
	}
	if c.RetryAge <= 0 {
		c.RetryAge = 10 * time.Minute
	}
	if c.Grace <= 0 || c.Grace > day {
		c.Grace = day
	}
	if c.Budget <= 0 {
		c.Budget = 128 << 20
	}
	return c
}

// Cache keeps what robots.txt says to us, by origin. It is safe for concurrent use.
type Cache struct {
	config CacheConfig
	get    Getter
	clock  func() time.Time
	kept   *cache.Cache[*Entry]
}

// NewCache returns an empty cache that fetches with get.
func NewCache(config CacheConfig, get Getter, clock func() time.Time) *Cache {
	config = config.withDefaults()
	return &Cache{config: config, get: get, clock: clock, kept: cache.New(config.Budget, (*Entry).weight, clock)}
}

// Entry is what is known of one origin's robots.txt.
type Entry struct {
	*Rules
	// Sitemaps are the addresses its sitemap lines name, as they stand.
	Sitemaps []string
	// Err is set where everything is disallowed because the file could not be read; it wraps
	// ErrUnreachable and the cause.
	Err error
	// Stale reports an old copy that serves because the file cannot be read at present.
	Stale bool
	// FetchedAt is when the copy was read.
	FetchedAt time.Time
}

func (e *Entry) weight() int {
	n := 128
	for _, s := range e.Sitemaps {
		n += len(s) + 16
	}
	if e.Rules != nil {
		for i := range e.rules {
			n += 112 + len(e.rules[i].text) + len(e.rules[i].plain) + len(e.rules[i].query)
		}
	}
	return n
}

// Test says whether url may be fetched.
func (e *Entry) Test(url string) Decision {
	if e.Err != nil {
		return Decision{Allowed: pathOf(url) == "/robots.txt"}
	}
	return e.Rules.Test(url)
}

// Get returns what the robots.txt of an origin ("https://example.com") says, fetching it where no fresh
// copy is kept, once however many ask. The only errors are that of ctx and those that are Ours.
func (c *Cache) Get(ctx context.Context, origin string) (*Entry, error) {
	return c.kept.Get(ctx, origin, func(ctx context.Context, old *Entry, had bool) (*Entry, time.Time, error) {
		answer := c.get(ctx, origin)
		if err := ctx.Err(); err != nil {
			return nil, time.Time{}, err
		}
		if answer.Err != nil && answer.Ours {
			return nil, time.Time{}, answer.Err
		}
		entry, age := c.judge(answer)
		now := c.clock()
		if entry.Err != nil && had && old.Err == nil && now.Before(old.FetchedAt.Add(c.config.MaxAge+c.config.Grace)) {
			stale := *old
			stale.Stale = true
			return &stale, now.Add(min(age, c.config.RetryAge)), nil
		}
		return entry, now.Add(age), nil
	})
}

// judge applies RFC 9309 §2.3.1: success is parsed, unavailable (4xx) allows all, unreachable (5xx, no
// answer) disallows all. 429 is no absence but a plea for less: it disallows for now.
func (c *Cache) judge(a Answer) (*Entry, time.Duration) {
	entry := &Entry{Rules: &Rules{}, FetchedAt: c.clock()}
	switch {
	case errors.Is(a.Err, ErrTooManyRedirects):
		return entry, c.config.MaxAge
	case a.Err != nil:
		entry.Err = errors.Join(ErrUnreachable, a.Err)
		return entry, c.config.RetryAge
	case a.Status >= 200 && a.Status < 300:
		file := Parse(a.Body)
		entry.Rules, entry.Sitemaps = file.For(c.config.Agent), file.Sitemaps()
		return entry, c.config.MaxAge
	case a.Status >= 400 && a.Status < 500 && a.Status != 429:
		return entry, c.config.MaxAge
	}
	entry.Err = &StatusError{Status: a.Status, RetryAfter: a.RetryAfter}
	return entry, min(max(a.RetryAfter, c.config.RetryAge), c.config.MaxAge)
}

// StatusError is an answer that leaves robots.txt unreachable: 5xx, 429, or something that is no answer
// to a GET. It unwraps to ErrUnreachable.
type StatusError struct {
	Status     int
	RetryAfter time.Duration
}

// Error implements error.
func (e *StatusError) Error() string {
	return ErrUnreachable.Error() + ": status " + strconv.Itoa(e.Status)
}

// Unwrap returns ErrUnreachable.
func (e *StatusError) Unwrap() error { return ErrUnreachable }
