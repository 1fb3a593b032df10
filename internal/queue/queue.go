// Package queue carries visits, pages and results between crawlers, extractors and the store over NATS
// JetStream, and keeps leases, pacing, pauses and blocks in its key-value buckets.
//
// Delivery is at least once. A handler answers with a work.Outcome; the queue turns it into an ack, a
// redelivery or a dead letter. Streams, consumers and buckets are declared in topology.go and nowhere
// else. No other package speaks NATS.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/semaphore"
)

// Queue is a client of the queue. Its methods are safe for concurrent use.
type Queue struct {
	cfg     Config
	log     *slog.Logger
	metrics *metrics
	codec   *codec
	control *Control
	async   *asyncPages

	inflight *semaphore.Weighted
	// offset is what lies between the server's clock and our steady one.
	offset atomic.Pointer[offset]
	// looked holds until when a crawler's registration, by its subject, need not be looked at again.
	looked sync.Map

	// base ends with Close; retries of asynchronous publishes hang on it.
	base   context.Context //nolint:containedctx // the queue's own lifetime
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu sync.Mutex
	nc *nats.Conn
	js jetstream.JetStream
	// streams are filled by Declare, cons, by durable name, as they are used.
	streams map[string]jetstream.Stream
	cons    map[string]jetstream.Consumer
	closed  bool
}

// New returns a queue that is not connected; see Connect.
func New(cfg Config) (*Queue, error) {
	cfg = cfg.withDefaults()
	c, err := newCodec()
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	m, err := newMetrics(cfg.Registerer)
	if err != nil {
		c.close()
		return nil, fmt.Errorf("queue metrics: %w", err)
	}
	q := &Queue{
		cfg: cfg, log: cfg.Logger, metrics: m, codec: c,
		inflight: semaphore.NewWeighted(cfg.InFlightBytes),
		streams:  map[string]jetstream.Stream{},
		cons:     map[string]jetstream.Consumer{},
	}
	q.offset.Store(&offset{})
	q.base, q.cancel = context.WithCancel(context.Background())
	q.async = newAsyncPages(q)
	q.control = newControl(q)
	return q, nil
}

// Open is New, Connect and Declare.
func Open(ctx context.Context, cfg Config) (*Queue, error) {
	q, err := New(cfg)
	if err != nil {
		return nil, err
	}
	if err := q.Connect(ctx); err != nil {
		return nil, errors.Join(err, q.Close())
	}
	if err := q.Declare(ctx); err != nil {
		return nil, errors.Join(err, q.Close())
	}
	return q, nil
}

// Connect connects to the server. A server that cannot be reached now is an error that names it; one
// that goes away later is reconnected to for ever.
func (q *Queue) Connect(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	if q.nc != nil {
		return nil
	}
	nc, err := nats.Connect(q.cfg.URL, q.options()...)
	if err != nil {
		return fmt.Errorf("connect to NATS at %s: %w", q.address(), err)
	}
	js, err := jetstream.New(nc,
		jetstream.WithDefaultTimeout(ackTimeout),
		jetstream.WithPublishAsyncTimeout(ackTimeout),
		jetstream.WithPublishAsyncMaxPending(maxPending),
		jetstream.WithPublishAsyncAckHandler(q.async.acked),
		jetstream.WithPublishAsyncErrHandler(q.async.failed))
	if err != nil {
		nc.Close()
		return fmt.Errorf("connect to NATS at %s: %w", q.address(), err)
	}
	ctx, cancel := context.WithTimeout(ctx, q.cfg.ConnectTimeout)
	defer cancel()
	if _, err := js.AccountInfo(ctx); err != nil {
		nc.Close()
		return fmt.Errorf("NATS at %s has no usable JetStream: %w", q.address(), err)
	}
	if nc.MaxPayload() < maxMessage {
		q.log.Warn("NATS server takes smaller messages than pages may be; raise max_payload", "max_payload", nc.MaxPayload(), "needed", maxMessage)
	}
	q.nc, q.js = nc, js
	return nil
}

func (q *Queue) options() []nats.Option {
	opts := []nats.Option{
		nats.Name(q.cfg.Name), nats.MaxReconnects(-1), nats.Timeout(q.cfg.ConnectTimeout),
		nats.ReconnectWait(200 * time.Millisecond), nats.ReconnectJitter(200*time.Millisecond, time.Second),
		nats.RetryOnFailedConnect(false), nats.IgnoreAuthErrorAbort(),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				q.log.Warn("queue connection lost", "address", q.address(), "err", err)
			}
			q.metrics.disconnects.Inc()
		}),
		nats.ReconnectHandler(func(*nats.Conn) {
			q.log.Info("queue connection is back", "address", q.address())
			q.spawn(q.control.reconnected)
			q.spawn(q.resyncClock)
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			q.log.Warn("queue connection error", "err", err)
		}),
	}
	if q.cfg.Server != nil {
		opts = append(opts, nats.InProcessServer(q.cfg.Server))
	}
	if q.cfg.Token != "" {
		opts = append(opts, nats.Token(q.cfg.Token))
	}
	return opts
}

// address names the server in messages, without credentials.
func (q *Queue) address() string {
	if q.cfg.Server != nil {
		return "the embedded server"
	}
	parts := strings.Split(q.cfg.URL, ",")
	for i, p := range parts {
		if u, err := url.Parse(strings.TrimSpace(p)); err == nil && u.User != nil {
			u.User = nil
			parts[i] = u.String()
		}
	}
	return strings.Join(parts, ",")
}

// Close ends the connection. What was published with an error-free Flush is safe; what is in flight is
// not waited for. It is safe before Connect and twice.
func (q *Queue) Close() error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil
	}
	q.closed = true
	nc, js := q.nc, q.js
	q.mu.Unlock()

	q.cancel()
	q.tasks.Wait()
	q.control.stop()
	var err error
	if nc != nil {
		// Acks are messages too: let them leave.
		if nc.IsConnected() {
			err = nc.FlushTimeout(ackTimeout)
		}
		js.CleanupPublisher()
		nc.Close()
		q.async.abandon()
	}
	q.codec.close()
	if err != nil {
		return fmt.Errorf("close queue: flush: %w", err)
	}
	return nil
}

// Ping reports whether the server answers; it is the queue's readiness.
func (q *Queue) Ping(ctx context.Context) error {
	js, err := q.jetStream()
	if err != nil {
		return err
	}
	if q.cfg.Server != nil {
		if err := q.cfg.Server.Err(); err != nil {
			return err
		}
	}
	if _, err := js.AccountInfo(ctx); err != nil {
		return fmt.Errorf("ask NATS at %s: %w", q.address(), err)
	}
	return nil
}

func (q *Queue) jetStream() (jetstream.JetStream, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.js == nil || q.closed {
		return nil, ErrClosed
	}
	return q.js, nil
}

// conn returns the connection.
func (q *Queue) conn() (*nats.Conn, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.nc == nil || q.closed {
		return nil, ErrClosed
	}
	return q.nc, nil
}

// stream returns a declared stream.
func (q *Queue) stream(name string) (jetstream.Stream, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.js == nil {
		return nil, ErrClosed
	}
	s, ok := q.streams[name]
	if !ok {
		return nil, fmt.Errorf("stream %s: %w", name, errNotDeclared)
	}
	return s, nil
}

// errNotDeclared reports a use of the queue before Declare.
var errNotDeclared = errors.New("not declared: call Declare first")

// spawn runs f in a goroutine that Close waits for; it does not where the queue is closed.
func (q *Queue) spawn(f func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.tasks.Go(f)
	return true
}
