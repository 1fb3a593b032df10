package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"telltale/internal/pages"
)

const (
	// maxPending bounds the messages that were sent and are not yet acknowledged; Config.InFlightBytes
	// bounds their size.
	maxPending = 4096
	// bufKeep is the largest buffer kept for reuse, in bytes.
	bufKeep = 256 << 10
)

// PublishPage puts one page on its stream and returns once it is durable. While the stream is full or
// the server away it waits, until ctx ends. Use a PageBatch for more than one.
func (q *Queue) PublishPage(ctx context.Context, p *pages.Page) error {
	b := q.NewPageBatch()
	if err := b.Add(ctx, p); err != nil {
		return err
	}
	return b.Flush(ctx)
}

// PageBatch publishes pages without waiting for each one's acknowledgement. Add and Flush are for one
// goroutine at a time.
type PageBatch struct {
	q *Queue

	mu sync.Mutex
	// open counts pages that are not acknowledged; idle is closed when it falls to zero.
	open int
	idle chan struct{}
	errs []error
}

// NewPageBatch returns an empty batch.
func (q *Queue) NewPageBatch() *PageBatch { return &PageBatch{q: q} }

// Add compresses and sends a page. It waits where too many bytes are in flight already, which is how a
// full stream slows a crawler down. The page may be reused afterwards. The message is durable once a
// later Flush says so; ctx must live until then.
//
// The message id is page.MessageID: the visit, the address and the content. A page that a redelivered
// visit reads again, unchanged, within two minutes is stored once.
func (b *PageBatch) Add(ctx context.Context, p *pages.Page) error {
	s, err := b.prepare(ctx, p)
	if err != nil {
		return fmt.Errorf("publish page %s: %w", p.URL, err)
	}
	js, err := b.q.jetStream()
	if err != nil {
		b.q.async.drop(s)
		return fmt.Errorf("publish page %s: %w", p.URL, err)
	}
	b.begin()
	b.q.async.track(s)
	// Every retry is left to failed: the client's own would keep using a message, and its buffer, that we
	// have taken back.
	if _, err := js.PublishMsgAsync(s.msg, jetstream.WithRetryAttempts(0)); err != nil {
		b.q.async.failed(js, s.msg, err) //nolint:contextcheck // goes on under the context kept in s
	}
	return nil
}

// prepare encodes a page and takes its share of what may be in flight.
func (b *PageBatch) prepare(ctx context.Context, p *pages.Page) (*sentPage, error) {
	subject, err := subjectOf(pageSubjects, p.Domain, p.Domain)
	if err != nil {
		return nil, err
	}
	buf := b.q.codec.bufs.Get().(*[]byte) //nolint:forcetypeassert // the pool holds nothing else
	data, err := b.q.codec.packPage(p, *buf)
	if err != nil {
		return nil, err
	}
	*buf = data
	if len(data) > maxMessage-512 {
		return nil, fmt.Errorf("%d bytes compressed: %w", len(data), ErrTooLarge)
	}
	s := &sentPage{
		batch: b, ctx: ctx, buf: buf, at: b.q.cfg.Now(),
		// A floor on the share bounds the count of messages as well.
		share: max(int64(len(data)), b.q.cfg.InFlightBytes/maxPending),
		msg:   &nats.Msg{Subject: subject, Data: data, Header: idHeader(p.MessageID())},
	}
	if err := b.q.inflight.Acquire(ctx, s.share); err != nil {
		return nil, context.Cause(ctx)
	}
	b.q.metrics.inflightBytes.Add(float64(s.share))
	return s, nil
}

// Flush waits until every page added is durable, or ctx ends. It returns the errors of those that are
// not, and forgets them.
func (b *PageBatch) Flush(ctx context.Context) error {
	b.mu.Lock()
	idle := b.idle
	open := b.open
	b.mu.Unlock()
	if open > 0 {
		select {
		case <-idle:
		case <-ctx.Done():
			return fmt.Errorf("publish pages: %d not acknowledged: %w", open, context.Cause(ctx))
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	err := errors.Join(b.errs...)
	b.errs = nil
	return err
}

func (b *PageBatch) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == 0 {
		b.idle = make(chan struct{})
	}
	b.open++
}

func (b *PageBatch) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.errs = append(b.errs, fmt.Errorf("publish page: %w", err))
	}
	b.open--
	if b.open == 0 {
		close(b.idle)
	}
}

// sentPage is a page that was sent and is not yet acknowledged.
type sentPage struct {
	batch *PageBatch
	ctx   context.Context //nolint:containedctx // the context of the Add that sent it, for its retries
	msg   *nats.Msg
	buf   *[]byte
	share int64
	at    time.Time
}

// asyncPages joins acknowledgements to the pages they are for.
type asyncPages struct {
	q    *Queue
	mu   sync.Mutex
	sent map[*nats.Msg]*sentPage
}

func newAsyncPages(q *Queue) *asyncPages {
	return &asyncPages{q: q, sent: map[*nats.Msg]*sentPage{}}
}

func (a *asyncPages) track(s *sentPage) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent[s.msg] = s
}

func (a *asyncPages) take(m *nats.Msg) *sentPage {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.sent[m]
	delete(a.sent, m)
	return s
}

// acked is called by the client for every acknowledgement.
func (a *asyncPages) acked(_ jetstream.JetStream, m *nats.Msg, ack *jetstream.PubAck) {
	s := a.take(m)
	if s == nil {
		return
	}
	a.q.published(StreamPages, ack, a.q.cfg.Now().Sub(s.at))
	a.finish(s, nil)
}

// failed is called by the client for every refusal, timeout and lost connection. The page is sent again
// in its own goroutine, under the same message id, so that a copy that did arrive is not doubled; what is
// in flight bounds the goroutines.
func (a *asyncPages) failed(_ jetstream.JetStream, m *nats.Msg, err error) {
	s := a.take(m)
	if s == nil {
		return
	}
	kind, err := classify(err)
	if kind == faultFinal {
		a.q.metrics.refused.WithLabelValues(StreamPages, refusal(err)).Inc()
		a.finish(s, err)
		return
	}
	a.q.metrics.waited(StreamPages, kind, 0)
	resend := func() {
		ctx, cancel := context.WithCancelCause(s.ctx)
		defer cancel(nil)
		stop := context.AfterFunc(a.q.base, func() { cancel(ErrClosed) })
		defer stop()
		a.finish(s, a.q.send(ctx, StreamPages, m, true))
	}
	if !a.q.spawn(resend) {
		a.finish(s, ErrClosed)
	}
}

// abandon ends what will never be acknowledged, as the connection is closed.
func (a *asyncPages) abandon() {
	a.mu.Lock()
	left := a.sent
	a.sent = map[*nats.Msg]*sentPage{}
	a.mu.Unlock()
	for _, s := range left {
		a.finish(s, ErrClosed)
	}
}

func (a *asyncPages) finish(s *sentPage, err error) {
	a.drop(s)
	s.batch.end(err)
}

// drop returns what a page took.
func (a *asyncPages) drop(s *sentPage) {
	a.q.inflight.Release(s.share)
	a.q.metrics.inflightBytes.Sub(float64(s.share))
	if cap(*s.buf) <= bufKeep {
		a.q.codec.bufs.Put(s.buf)
	}
}
