package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Replay puts the selected dead letters back on the streams they came from, removes them from DEAD and
// says how many. A letter that cannot go back now (its domain has a newer visit outstanding, its stream
// is full) stays, is named in the error, and does not stop the others.
func (q *Queue) Replay(ctx context.Context, f Filter) (int, error) {
	stream, err := q.stream(StreamDead)
	if err != nil {
		return 0, fmt.Errorf("replay: %w", err)
	}
	n, stayed := 0, error(nil)
	err = q.eachLetter(ctx, f, func(d *DeadLetter) (bool, error) {
		if err := q.replayOne(ctx, stream, d); err != nil {
			if ctx.Err() != nil {
				return false, err
			}
			stayed = errors.Join(stayed, err)
			return true, nil
		}
		n++
		q.metrics.replayed.WithLabelValues(d.Stream).Inc()
		return true, nil
	})
	return n, errors.Join(err, stayed)
}

// replayOne publishes a letter's original and then removes the letter. The message id is the letter's
// own: the original's would be dropped in silence within two minutes of its first publication, and none
// at all would double the message when this is run again after a crash between the two steps.
func (q *Queue) replayOne(ctx context.Context, dead jetstream.Stream, d *DeadLetter) error {
	m := &nats.Msg{Subject: d.Subject, Data: d.Payload, Header: nats.Header{}}
	for k, v := range d.Headers {
		if !strings.HasPrefix(strings.ToLower(k), "nats-") {
			m.Header[k] = v
		}
	}
	m.Header.Set(jetstream.MsgIDHeader, "replay-"+strconv.FormatUint(d.ID, 10)+"-"+strconv.FormatInt(d.Time.UnixNano(), 36))
	m.Header.Set(jetstream.ExpectedStreamHeader, d.Stream)
	if d.Stream == StreamVisits {
		onlyVisit(m.Header, d.Domain)
	}
	if err := q.send(ctx, d.Stream, m, false); err != nil {
		return fmt.Errorf("replay letter %d (%s): %w", d.ID, d.Domain, err)
	}
	if err := dead.DeleteMsg(ctx, d.ID); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		return fmt.Errorf("replay letter %d (%s): it is back on %s, but the letter could not be removed: %w", d.ID, d.Domain, d.Stream, err)
	}
	return nil
}

// Purge removes messages from a stream for good and says how many: all, or those of one domain.
func (q *Queue) Purge(ctx context.Context, stream, domain string) (uint64, error) {
	js, err := q.jetStream()
	if err != nil {
		return 0, err
	}
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return 0, fmt.Errorf("purge %s: %w", stream, err)
	}
	before := s.CachedInfo().State.Msgs
	var opts []jetstream.StreamPurgeOpt
	if domain != "" {
		subject := (&Filter{Domain: domain}).subject()
		if stream != StreamDead {
			subject = anywhere(strings.ToLower(stream), domain)
		}
		opts = append(opts, jetstream.WithPurgeSubject(subject))
	}
	if err := s.Purge(ctx, opts...); err != nil {
		return 0, fmt.Errorf("purge %s: %w", stream, err)
	}
	info, err := s.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("purge %s: done, but not counted: %w", stream, err)
	}
	return before - min(before, info.State.Msgs), nil
}
