package queue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"telltale/internal/pages"
)

const (
	// backoffMin and backoffMax bound the wait between attempts of one publish.
	backoffMin = 10 * time.Millisecond
	backoffMax = time.Second
)

// PublishVisit puts a visit on its stream and returns once it is durable. A domain that has a visit
// outstanding gives ErrOutstanding, a stream at its limit ErrFull; both are the scheduler's to act on.
// While the server is away it waits, until ctx ends. After a lost acknowledgement the visit's own first
// copy may be what is outstanding.
//
// The visit goes to the partition of the address it was last asked at (v.Address), and so to the crawler
// that has its neighbours.
//
// A visit carries no message id: onlyVisit keeps copies out, and an id would make the server drop, in
// silence, a visit that is published again within two minutes of its end.
func (q *Queue) PublishVisit(ctx context.Context, v pages.Visit) error {
	place := placeOf(v.Domain, v.Address)
	subject, err := subjectOf(visitSubjects, v.Domain, place)
	if err != nil {
		return fmt.Errorf("publish visit: %w", err)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("publish visit of %s: %w", v.Domain, err)
	}
	if len(raw) > maxDecoded {
		return fmt.Errorf("publish visit of %s: %d bytes: %w", v.Domain, len(raw), ErrTooLarge)
	}
	m := &nats.Msg{Subject: subject, Data: q.codec.pack(raw, nil), Header: nats.Header{hdrPlace: []string{place}}}
	onlyVisit(m.Header, v.Domain)
	if err := q.send(ctx, StreamVisits, m, false); err != nil {
		return fmt.Errorf("publish visit of %s: %w", v.Domain, err)
	}
	return nil
}

// PublishResult puts a visit's result on its stream and returns once it is durable. While the stream is
// full or the server away it waits, until ctx ends.
//
// The message id is the hash of the content: the same result sent again after a lost acknowledgement is
// stored once, another result of the same visit is stored beside it.
func (q *Queue) PublishResult(ctx context.Context, r pages.Result) error {
	subject, err := subjectOf(resultSubjects, r.Domain, r.Domain)
	if err != nil {
		return fmt.Errorf("publish result: %w", err)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("publish result of %s: %w", r.VisitID, err)
	}
	if len(raw) > maxDecoded {
		return fmt.Errorf("publish result of %s: %d bytes: %w", r.VisitID, len(raw), ErrTooLarge)
	}
	sum := sha256.Sum256(raw)
	m := &nats.Msg{Subject: subject, Data: q.codec.pack(raw, nil), Header: idHeader(hex.EncodeToString(sum[:16]))}
	if err := q.send(ctx, StreamResults, m, true); err != nil {
		return fmt.Errorf("publish result of %s: %w", r.VisitID, err)
	}
	return nil
}

// hdrPlace says, on a visit, what its partition is taken from: neighbours are told without decoding.
const hdrPlace = "Telltale-Place"

// onlyVisit makes the server refuse a visit while its domain has another in any partition. The limit of one
// message a subject would not do: a domain's subject moves with its address, and the last visit may still be
// outstanding under the former one (its result is stored and its acknowledgement was lost; crawlers are paused
// past its provisional due time; a dead letter from before the move is replayed; it was published before visits
// were partitioned by address). The server compares as it stores, so two publishers cannot both pass, and
// nothing is asked beforehand.
func onlyVisit(h nats.Header, domain string) {
	h.Set(jetstream.ExpectedLastSubjSeqHeader, "0")
	h.Set(jetstream.ExpectedLastSubjSeqSubjHeader, anywhere(visitSubjects, domain))
}

func idHeader(id string) nats.Header {
	return nats.Header{jetstream.MsgIDHeader: []string{id}}
}

// send publishes a message until it is stored, ctx ends, or sending again cannot help. waitFull says
// whether a full stream is waited for.
func (q *Queue) send(ctx context.Context, stream string, m *nats.Msg, waitFull bool) error {
	js, err := q.jetStream()
	if err != nil {
		return err
	}
	start := q.cfg.Now()
	for wait := backoffMin; ; wait = min(2*wait, backoffMax) {
		if err := q.serverFault(); err != nil {
			return err
		}
		ack, err := q.attempt(ctx, js, m)
		kind, err := classify(err)
		if kind == faultNone {
			q.published(stream, ack, q.cfg.Now().Sub(start))
			return nil
		}
		if ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		if kind == faultFinal || (kind == faultFull && !waitFull) {
			q.metrics.refused.WithLabelValues(stream, refusal(err)).Inc()
			return err
		}
		q.metrics.waited(stream, kind, wait)
		if err := sleep(ctx, jitter(wait)); err != nil {
			return err
		}
	}
}

func (q *Queue) attempt(ctx context.Context, js jetstream.JetStream, m *nats.Msg) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	return js.PublishMsg(ctx, m)
}

// published counts one stored message.
func (q *Queue) published(stream string, ack *jetstream.PubAck, took time.Duration) {
	q.metrics.published.WithLabelValues(stream).Inc()
	q.metrics.publishSeconds.WithLabelValues(stream).Observe(took.Seconds())
	if ack != nil && ack.Duplicate {
		q.metrics.duplicates.WithLabelValues(stream).Inc()
	}
}

// serverFault asks the embedded server whether it can still store: a store that failed never answers a
// publisher, who would wait for ever.
func (q *Queue) serverFault() error {
	if q.cfg.Server == nil {
		return nil
	}
	if err := q.cfg.Server.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrStore, err)
	}
	return nil
}

func refusal(err error) string {
	switch {
	case errors.Is(err, ErrOutstanding):
		return "outstanding"
	case errors.Is(err, ErrFull):
		return "full"
	case errors.Is(err, ErrTooLarge):
		return "too_large"
	}
	return "error"
}

// jitter spreads waits over half to one and a half of d.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d)
}

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
