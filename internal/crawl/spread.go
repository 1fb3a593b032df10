package crawl

import (
	"context"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Spread moves a duration by up to a tenth either way, by the hash of the domain or address: those that were due
// together are not due together again, and each always moves alike.
func Spread(key string, d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*share(key)))
}

// spreadAbove is Spread, but never below floor: those that would be are spread over the tenth above it.
func spreadAbove(key string, d, floor time.Duration) time.Duration {
	if at := Spread(key, d); at >= floor {
		return at
	}
	return floor + time.Duration(float64(floor)*0.1*share(key))
}

// share is a number from 0 up to 1 that is the key's own.
func share(key string) float64 {
	const steps = 1 << 20
	return float64(xxhash.Sum64String(key)%steps) / steps
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
