package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// StreamStatus is what stands in one stream. Counts are messages, sizes bytes.
type StreamStatus struct {
	Stream   string `json:"stream"`
	Messages uint64 `json:"messages"`
	Bytes    uint64 `json:"bytes"`
	// MaxMessages and MaxBytes are the limits; -1 means none.
	MaxMessages int64 `json:"max_messages"`
	MaxBytes    int64 `json:"max_bytes"`
	// Pending wait to be delivered, AckPending are delivered and not settled, Redelivered more than once.
	Pending     uint64 `json:"pending"`
	AckPending  int    `json:"ack_pending"`
	Redelivered int    `json:"redelivered"`
	// Waiting counts pull requests that wait for messages: the consumers that are alive and idle; of VISITS the
	// crawlers that are alive.
	Waiting int `json:"waiting"`
	// Crawlers are those alive, who pull visits without waiting at the server; on VISITS only.
	Crawlers []Member `json:"crawlers,omitempty"`
	// OldestAge is how long the oldest message has been stored, by the server's clock; 0 where none is.
	OldestAge time.Duration `json:"oldest_age"`
}

// Status reports on every stream, in the order of the flow, and sets the stream gauges.
func (q *Queue) Status(ctx context.Context) ([]StreamStatus, error) {
	js, err := q.jetStream()
	if err != nil {
		return nil, err
	}
	var list []StreamStatus
	for _, name := range []string{StreamVisits, StreamPages, StreamResults, StreamDead} {
		s, err := js.Stream(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("status of %s: %w", name, err)
		}
		st := streamStatus(s.CachedInfo())
		if name != StreamDead {
			if err := q.consumerStatus(ctx, &st); err != nil {
				return nil, fmt.Errorf("status of %s: %w", name, err)
			}
		}
		if name == StreamVisits {
			if st.Crawlers, err = q.Members(ctx); err != nil {
				return nil, fmt.Errorf("status of %s: %w", name, err)
			}
			st.Waiting = len(st.Crawlers)
		}
		q.metrics.stream(&st)
		list = append(list, st)
	}
	return list, nil
}

// consumerStatus adds what the stream's consumers know. What is with none of them, as one was deleted, waits.
func (q *Queue) consumerStatus(ctx context.Context, st *StreamStatus) error {
	infos, err := q.consumerInfos(ctx, st.Stream)
	if err != nil {
		return err
	}
	for _, info := range infos {
		st.Pending += info.NumPending
		st.AckPending += info.NumAckPending
		st.Redelivered += info.NumRedelivered
		st.Waiting += info.NumWaiting
	}
	if len(infos) < len(q.cfg.consumers()[st.Stream]) {
		st.Pending = max(st.Pending, st.Messages-min(st.Messages, uint64(max(st.AckPending, 0))))
	}
	return nil
}

func streamStatus(info *jetstream.StreamInfo) StreamStatus {
	st := StreamStatus{
		Stream: info.Config.Name, Messages: info.State.Msgs, Bytes: info.State.Bytes,
		MaxMessages: info.Config.MaxMsgs, MaxBytes: info.Config.MaxBytes,
	}
	if st.Messages > 0 {
		st.OldestAge = max(info.TimeStamp.Sub(info.State.FirstTime), 0)
	}
	return st
}

// offset is the server's clock minus our steady one, at least and at most: they differ by the round trip of the
// measurement.
type offset struct{ least, most time.Duration }

// overdue is how long after its time to live a message may still be there without having been forgotten by the server.
const overdue = 2 * time.Second

// ranOut reports a message that should have gone: a server that was killed may bring back what had run out, for good
// (nats-server 2.15.2; the embedded one is kept from it). The server's clock is taken at its least, so that what holds
// still is never called run out.
func (q *Queue) ranOut(m *jetstream.RawStreamMsg) bool {
	ttl, err := time.ParseDuration(m.Header.Get(jetstream.MsgTTLHeader))
	if err != nil {
		return false // without one it stays
	}
	return q.cfg.Steady().Add(q.offset.Load().least).Sub(m.Time) > ttl+overdue
}

// syncClock measures how far the server's clock is from ours.
func (q *Queue) syncClock(ctx context.Context) error {
	js, err := q.jetStream()
	if err != nil {
		return err
	}
	before := q.cfg.Steady()
	s, err := js.Stream(ctx, "KV_"+BucketPace)
	if err != nil {
		return fmt.Errorf("read the server's clock: %w", err)
	}
	after, server := q.cfg.Steady(), s.CachedInfo().TimeStamp
	q.offset.Store(&offset{least: server.Sub(after), most: server.Sub(before)})
	return nil
}

// resyncClock measures anew after a reconnection: the server may be another one, on another machine.
func (q *Queue) resyncClock() {
	ctx, cancel := context.WithTimeout(q.base, ackTimeout)
	defer cancel()
	if err := q.syncClock(ctx); err != nil && q.base.Err() == nil {
		q.log.Warn("queue clock", "err", err)
	}
}
