package queue

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Holders returns who holds each lease now, by key: for people and drills that ask what a process holds, not for those
// who wait for a lease.
func (l *Leases) Holders(ctx context.Context) (map[string]string, error) {
	js, err := l.q.jetStream()
	if err != nil {
		return nil, fmt.Errorf("list leases: %w", err)
	}
	bucket, err := js.KeyValue(ctx, BucketLeases)
	if err != nil {
		return nil, fmt.Errorf("list leases: %w", err)
	}
	watch, err := bucket.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, fmt.Errorf("list leases: %w", err)
	}
	defer func() { _ = watch.Stop() }() // what was read stays read
	held := map[string]string{}
	for {
		select {
		case entry := <-watch.Updates():
			if entry == nil { // the client's mark after the last present value
				return held, nil
			}
			if key, err := Untoken(lastToken(entry.Key())); err == nil {
				held[key] = string(entry.Value())
			}
		case <-ctx.Done():
			return nil, fmt.Errorf("list leases: %w", ctx.Err())
		}
	}
}
