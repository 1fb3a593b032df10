package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// advisories is where the server says that it has delivered a message as often as it may
// (nats-server, server/jetstream_events.go). It says so once, to whoever listens then.
//
// Our own consumers set no limit (topology.go), so the sweeper finds work only where one was set by hand,
// by another tool or by an older version.
const advisories = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.*.*"

// Run keeps the queue healthy until ctx ends, then returns nil: it sweeps messages that the server has
// given up on into the dead letters, keeps the clock offset fresh and the stream gauges current. One Run
// anywhere in the fleet is enough; more do no harm.
func (q *Queue) Run(ctx context.Context) error {
	q.mu.Lock()
	nc := q.nc
	q.mu.Unlock()
	if nc == nil {
		return ErrClosed
	}
	given := make(chan *nats.Msg, 1024)
	sub, err := nc.ChanQueueSubscribe(advisories, "telltale-sweeper", given)
	if err != nil {
		return fmt.Errorf("sweep: listen for advisories: %w", err)
	}
	defer func() {
		if err := sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			q.log.Warn("sweep: stop listening", "err", err)
		}
	}()
	tick := time.NewTicker(q.cfg.SweepEvery)
	defer tick.Stop()
	seen := map[string]uint64{}
	q.tend(ctx, seen)
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-given:
			q.onAdvisory(ctx, m.Data)
		case <-tick.C:
			q.tend(ctx, seen)
		}
	}
}

// tend is one round of what Run does besides listening.
func (q *Queue) tend(ctx context.Context, seen map[string]uint64) {
	for stream := range q.cfg.consumers() {
		if err := q.scan(ctx, stream, seen); err != nil && ctx.Err() == nil {
			q.log.Warn("sweep: scan failed", "stream", stream, "err", err)
		}
	}
	if _, err := q.Status(ctx); err != nil && ctx.Err() == nil {
		q.log.Warn("queue status", "err", err)
	}
	if err := q.syncClock(ctx); err != nil && ctx.Err() == nil {
		q.log.Warn("queue clock", "err", err)
	}
}

// onAdvisory moves the message of one advisory.
func (q *Queue) onAdvisory(ctx context.Context, data []byte) {
	var a struct {
		Stream     string `json:"stream"`
		StreamSeq  uint64 `json:"stream_seq"`
		Deliveries uint64 `json:"deliveries"`
	}
	if err := json.Unmarshal(data, &a); err != nil {
		q.log.Warn("sweep: unreadable advisory", "err", err)
		return
	}
	if _, ours := q.cfg.consumers()[a.Stream]; !ours {
		return
	}
	if err := q.sweep(ctx, a.Stream, a.StreamSeq, a.Deliveries); err != nil {
		// The next scan finds it again.
		q.log.Warn("sweep: message stays", "stream", a.Stream, "sequence", a.StreamSeq, "err", err)
	}
}

// sweep moves one stuck message to the dead letters: copy first, then delete, which frees its subject.
func (q *Queue) sweep(ctx context.Context, stream string, seq, deliveries uint64) error {
	s, err := q.stream(stream)
	if err != nil {
		return err
	}
	m, err := s.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil // terminated meanwhile
	}
	if err != nil {
		return err
	}
	d := &DeadLetter{
		Stream: stream, Subject: m.Subject, Sequence: seq, Stored: m.Time, Reason: ReasonStuck,
		Error:      stuckText,
		Deliveries: deliveries, Time: q.cfg.Now(), Headers: m.Header, Payload: m.Data,
	}
	if err := q.writeDead(ctx, d); err != nil {
		return err
	}
	if err := s.DeleteMsg(ctx, seq); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		return err
	}
	q.log.Warn("stuck message is a dead letter", "stream", stream, "subject", m.Subject, "deliveries", deliveries)
	q.metrics.swept.WithLabelValues(stream).Inc()
	return nil
}

// scan finds stuck messages whose advisory nobody heard. A work stream keeps only what is not settled, so
// a message that was delivered and is not pending is one the server gave up on. Which ones are pending the
// server does not say; known is that none is at or below the acknowledgement floor, and none at all when
// their count is nought. (The floor alone will not do: the server leaves it below a message it gave up
// on until nothing is pending.) As an acknowledgement takes effect a moment before its message is removed,
// a message counts only when two scans have seen it.
func (q *Queue) scan(ctx context.Context, stream string, seen map[string]uint64) error {
	js, err := q.jetStream()
	if err != nil {
		return err
	}
	infos, err := q.consumerInfos(ctx, stream)
	if err != nil {
		return err
	}
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return err
	}
	state := s.CachedInfo().State
	known := uint64(0)
	for _, info := range infos {
		known += info.NumPending + uint64(max(info.NumAckPending, 0))
	}
	if state.Msgs <= known {
		return nil
	}
	for _, info := range infos {
		if err := q.scanConsumer(ctx, s, info, state.FirstSeq, seen); err != nil {
			return err
		}
	}
	return nil
}

// scanConsumer sweeps what one consumer gave up on; first is the stream's first sequence.
func (q *Queue) scanConsumer(ctx context.Context, s jetstream.Stream, info *jetstream.ConsumerInfo, first uint64, seen map[string]uint64) error {
	settled := info.AckFloor.Stream
	if info.NumAckPending == 0 {
		settled = info.Delivered.Stream
	}
	floor := min(settled, seen[info.Name])
	seen[info.Name] = settled
	filter := cmp.Or(info.Config.FilterSubject, ">")
	for seq := first; seq > 0 && seq <= floor; seq++ {
		m, err := s.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(filter))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if seq = m.Sequence; seq > floor {
			return nil
		}
		if err := q.sweep(ctx, info.Stream, seq, uint64(max(info.Config.MaxDeliver, 0))); err != nil {
			return err
		}
	}
	return nil
}
