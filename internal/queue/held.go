package queue

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// message is a delivered message that is not settled.
type message struct {
	jetstream.Msg
	meta     *jetstream.MsgMetadata
	received time.Time
}

// received wraps a delivered message and counts it.
func (q *Queue) received(stream string, raw jetstream.Msg) (*message, error) {
	meta, err := raw.Metadata()
	if err != nil {
		return nil, fmt.Errorf("message on %s: %w", raw.Subject(), err)
	}
	if meta.NumDelivered > 1 {
		q.metrics.redelivered.WithLabelValues(stream).Inc()
	}
	return &message{Msg: raw, meta: meta, received: q.cfg.Now()}, nil
}

// attempt counts deliveries from 1.
func (m *message) attempt() int { return int(m.meta.NumDelivered) }

// held are the messages this process has and has not settled. It tells the server that they are worked on.
type held struct {
	q      *Queue
	stream string
	mu     sync.Mutex
	msgs   map[*message]struct{}
}

func newHeld(q *Queue, stream string) *held {
	return &held{q: q, stream: stream, msgs: map[*message]struct{}{}}
}

func (h *held) add(m *message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.msgs[m] = struct{}{}
	h.q.metrics.held.WithLabelValues(h.stream).Inc()
}

func (h *held) remove(m *message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.msgs, m)
	h.q.metrics.held.WithLabelValues(h.stream).Dec()
}

func (h *held) len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.msgs)
}

func (h *held) list() []*message {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := make([]*message, 0, len(h.msgs))
	for m := range h.msgs {
		l = append(l, m)
	}
	return l
}

// start gives a sign of life for every held message each interval, until the returned function is called.
func (h *held) start(every time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				h.beat()
			}
		}
	}()
	return func() { cancel(); <-done }
}

func (h *held) beat() {
	for _, m := range h.list() {
		// A message settled meanwhile answers with an error, which is as it should be.
		if err := m.InProgress(); err == nil {
			h.q.metrics.heartbeats.WithLabelValues(h.stream).Inc()
		}
	}
}

// tokens bound the messages between pulling and settling.
type tokens struct {
	total int
	mu    sync.Mutex
	free  int
	wake  chan struct{}
}

func newTokens(n int) *tokens {
	return &tokens{total: n, free: n, wake: make(chan struct{}, 1)}
}

// take waits for a token and takes up to limit of them; 0 once ctx has ended.
func (t *tokens) take(ctx context.Context, limit int) int {
	for ctx.Err() == nil {
		t.mu.Lock()
		n := min(t.free, limit)
		t.free -= n
		t.mu.Unlock()
		if n > 0 {
			return n
		}
		select {
		case <-t.wake:
		case <-ctx.Done():
		}
	}
	return 0
}

// give returns n tokens.
func (t *tokens) give(n int) {
	if n == 0 {
		return
	}
	t.mu.Lock()
	t.free += n
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}
