package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrLeaseLost reports a lease that ran out, was released or belongs to somebody else by now.
var ErrLeaseLost = errors.New("lease is lost")

// kvOperation is the header by which a bucket's key is marked as deleted (nats.go, KV-Operation).
const kvOperation = "KV-Operation"

// Leases says who holds what, across the fleet and past a crash. A lease is a key of its own time to
// live on the server: a holder that dies loses it by itself.
//
// Take it per visit and address, not per request, and for longer than the longest request: a holder that
// is slow must find it lost at its next Renew, not share the address meanwhile.
type Leases struct{ q *Queue }

// Leases returns the fleet's leases and paces; they work once Declare has returned.
func (q *Queue) Leases() *Leases { return &Leases{q: q} }

// Acquire takes the lease of a key for ttl. It reports false where somebody else holds it. The token names
// this holding to Renew and Release. owner must be unique to the holder (process and visit): the owner of
// a live lease that acquires again, after an answer was lost, has it renewed.
func (l *Leases) Acquire(ctx context.Context, key, owner string, ttl time.Duration) (token uint64, ok bool, err error) {
	token, err = l.put(ctx, BucketLeases, key, owner, ttl, expect(0))
	if err == nil {
		l.q.metrics.leases.WithLabelValues("acquired").Inc()
		return token, true, nil
	}
	if !isWrongSequence(err) {
		return 0, false, fmt.Errorf("acquire lease of %s: %w", key, err)
	}
	m, err := l.last(ctx, BucketLeases, key)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound): // it ran out just now
		token, err = l.put(ctx, BucketLeases, key, owner, ttl, expect(0))
	case err != nil:
		return 0, false, fmt.Errorf("acquire lease of %s: %w", key, err)
	case m.Header.Get(kvOperation) == "" && string(m.Data) != owner && !l.q.ranOut(m):
		l.q.metrics.leases.WithLabelValues("held").Inc()
		return 0, false, nil
	default: // released, run out, or ours
		token, err = l.put(ctx, BucketLeases, key, owner, ttl, expect(m.Sequence))
	}
	if isWrongSequence(err) {
		l.q.metrics.leases.WithLabelValues("held").Inc()
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("acquire lease of %s: %w", key, err)
	}
	l.q.metrics.leases.WithLabelValues("acquired").Inc()
	return token, true, nil
}

// Holder returns who holds the lease of a key; empty where nobody does.
func (l *Leases) Holder(ctx context.Context, key string) (string, error) {
	m, err := l.last(ctx, BucketLeases, key)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read lease of %s: %w", key, err)
	}
	if m.Header.Get(kvOperation) != "" || l.q.ranOut(m) {
		return "", nil
	}
	return string(m.Data), nil
}

// Renew prolongs a lease to ttl from now and returns its new token. A lease that is no longer held gives
// ErrLeaseLost. (The client's Update would take the key's time to live away, and a dead holder's lease
// would stay for ever; so this publishes with both a time to live and the expected sequence.)
func (l *Leases) Renew(ctx context.Context, key, owner string, token uint64, ttl time.Duration) (uint64, error) {
	next, err := l.put(ctx, BucketLeases, key, owner, ttl, expect(token))
	if isWrongSequence(err) {
		l.q.metrics.leases.WithLabelValues("lost").Inc()
		return 0, fmt.Errorf("renew lease of %s: %w", key, ErrLeaseLost)
	}
	if err != nil {
		return 0, fmt.Errorf("renew lease of %s: %w", key, err)
	}
	l.q.metrics.leases.WithLabelValues("renewed").Inc()
	return next, nil
}

// Release gives a lease back. Releasing what is no longer held does nothing.
func (l *Leases) Release(ctx context.Context, key string, token uint64) error {
	js, err := l.q.jetStream()
	if err != nil {
		return fmt.Errorf("release lease of %s: %w", key, err)
	}
	// What the client's Purge does, without asking for the bucket first. The mark of deletion lives for a
	// second, so that released leases leave nothing behind.
	m := &nats.Msg{Subject: leaseSubject(BucketLeases, key), Header: nats.Header{}}
	m.Header.Set(kvOperation, "PURGE")
	m.Header.Set(jetstream.MsgRollup, jetstream.MsgRollupSubject)
	_, err = js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(token), jetstream.WithMsgTTL(time.Second))
	if isWrongSequence(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("release lease of %s: %w", key, err)
	}
	l.q.metrics.leases.WithLabelValues("released").Inc()
	return nil
}

// SetNextAllowed notes when a key (an address, a host) may be asked next, a moment of the steady clock, and how often
// it has refused us in a row. The note outlives whoever wrote it: it stays until then, and for at least ttl.
func (l *Leases) SetNextAllowed(ctx context.Context, key string, at time.Time, strikes int, ttl time.Duration) error {
	onServer := at.Add(l.q.offset.Load().most)
	ttl = max(ttl, at.Sub(l.q.cfg.Steady()), time.Second)
	value := strconv.FormatInt(onServer.UnixNano(), 10) + " " + strconv.Itoa(strikes)
	if _, err := l.put(ctx, BucketPace, key, value, ttl, nil); err != nil {
		return fmt.Errorf("note pace of %s: %w", key, err)
	}
	return nil
}

// NextAllowed returns what is noted of a key: when it may be asked next, by this process's steady clock, and its
// refusals in a row; the zero time where nothing is. The note is kept by the server's clock, so processes whose clocks
// differ agree on the moment, and what the measurement of that difference leaves open makes it later, never earlier.
func (l *Leases) NextAllowed(ctx context.Context, key string) (at time.Time, strikes int, err error) {
	m, err := l.last(ctx, BucketPace, key)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return time.Time{}, 0, nil
	}
	if err != nil {
		return time.Time{}, 0, fmt.Errorf("read pace of %s: %w", key, err)
	}
	if l.q.ranOut(m) {
		return time.Time{}, 0, nil
	}
	ns, count, _ := strings.Cut(string(m.Data), " ")
	onServer, err := strconv.ParseInt(ns, 10, 64)
	if err == nil && count != "" { // a note of the first version has no count
		strikes, err = strconv.Atoi(count)
	}
	if err != nil {
		return time.Time{}, 0, fmt.Errorf("read pace of %s: %w: %w", key, ErrMalformed, err)
	}
	return time.Unix(0, onServer).Add(-l.q.offset.Load().least), strikes, nil
}

// wantSubjects carry the words of those who wait for a lease. They are not stored: who waits says it again.
const wantSubjects = "leases.wanted"

// Want tells whoever holds the lease of a key that it is waited for.
func (l *Leases) Want(key string) error {
	nc, err := l.q.conn()
	if err == nil {
		err = nc.Publish(wantSubjects+"."+Token(key), nil)
	}
	if err != nil {
		return fmt.Errorf("ask for the lease of %s: %w", key, err)
	}
	return nil
}

// Wants calls heard for each key whose lease anybody waits for, until stop is called.
func (l *Leases) Wants(heard func(key string)) (stop func(), err error) {
	nc, err := l.q.conn()
	if err != nil {
		return nil, fmt.Errorf("listen for wanted leases: %w", err)
	}
	sub, err := nc.Subscribe(wantSubjects+".*", func(m *nats.Msg) {
		if key, err := Untoken(lastToken(m.Subject)); err == nil {
			heard(key)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("listen for wanted leases: %w", err)
	}
	return func() {
		if err := sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			l.q.log.Debug("stop listening for wanted leases", "err", err)
		}
	}, nil
}

func expect(seq uint64) *uint64 { return &seq }

// put writes a key with a time to live, and where expected is set, only over that sequence (0: no key).
func (l *Leases) put(ctx context.Context, bucket, key, value string, ttl time.Duration, expected *uint64) (uint64, error) {
	js, err := l.q.jetStream()
	if err != nil {
		return 0, err
	}
	if key == "" || len(key) > maxDomain {
		return 0, fmt.Errorf("key %.80q: %w", key, ErrBadName)
	}
	m := &nats.Msg{Subject: leaseSubject(bucket, key), Data: []byte(value)}
	opts := []jetstream.PublishOpt{jetstream.WithMsgTTL(wholeSeconds(ttl))}
	if expected != nil {
		opts = append(opts, jetstream.WithExpectLastSequencePerSubject(*expected))
	}
	ack, err := js.PublishMsg(ctx, m, opts...)
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// last reads a key's newest message.
func (l *Leases) last(ctx context.Context, bucket, key string) (*jetstream.RawStreamMsg, error) {
	s, err := l.q.stream("KV_" + bucket)
	if err != nil {
		return nil, err
	}
	return s.GetLastMsgForSubject(ctx, leaseSubject(bucket, key))
}

// wholeSeconds rounds a time to live up: the server cuts it down to whole seconds and refuses less than one.
func wholeSeconds(ttl time.Duration) time.Duration {
	return max((ttl + time.Second - 1).Truncate(time.Second), time.Second)
}
