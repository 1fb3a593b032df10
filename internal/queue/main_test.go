package queue_test

import (
	"context"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/queue/embedded"
	"telltale/internal/work"
)

// childEnv, when set, makes the test binary a crawler that is to be killed; see kill_test.go.
const childEnv = "TELLTALE_QUEUE_CHILD"

func TestMain(m *testing.M) {
	if url := os.Getenv(childEnv); url != "" {
		os.Exit(child(url))
	}
	if dir := os.Getenv(fullEnv); dir != "" {
		os.Exit(fullChild(dir))
	}
	goleak.VerifyTestMain(m)
}

// due is the due time of every visit in these tests.
var due = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

// bundle is what a test works with: a queue on a server of its own, and a bare client beside it.
type bundle struct {
	t   *testing.T
	q   *queue.Queue
	srv *embedded.Server
	js  jetstream.JetStream
	reg *prometheus.Registry
}

// options change a bundle's configuration.
type options func(*queue.Config, *embedded.Config)

func setup(t *testing.T, opts ...options) *bundle {
	t.Helper()
	ecfg := embedded.Config{Dir: t.TempDir(), RelaxedSync: true}
	cfg := queue.Config{Consume: queue.Consume{
		AckWait: 2 * time.Second, MaxDeliver: 3, Backoff: []time.Duration{10 * time.Millisecond}, DrainTimeout: 10 * time.Second,
		MemberTTL: time.Second,
	}}
	for _, o := range opts {
		o(&cfg, &ecfg)
	}
	srv := embedded.New(ecfg)
	ctx := deadline(t)
	if err := srv.Start(ctx); err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, srv: srv, reg: prometheus.NewRegistry()}
	cfg.Server, cfg.Registerer = srv, b.reg
	q, err := queue.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.q = q
	nc, err := nats.Connect("", nats.InProcessServer(srv), nats.Token(ecfg.Token))
	if err != nil {
		t.Fatal(err)
	}
	if b.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		nc.Close()
		if err := q.Close(); err != nil {
			t.Error(err)
		}
		if err := srv.Stop(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// deadline bounds a test that waits for something that never comes.
func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func visit(domain string) pages.Visit {
	return pages.Visit{ID: pages.VisitID(domain, due), Domain: domain, DueAt: due}
}

// run starts f with a context that the returned function ends; the function returns f's error.
func run(f func(ctx context.Context) error) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	return func() error { cancel(); return <-done }
}

// eventually polls a condition that another part of the system brings about.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	ctx := deadline(t)
	for !cond() {
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// messages is how many messages a stream holds.
func (b *bundle) messages(stream string) uint64 {
	b.t.Helper()
	s, err := b.js.Stream(context.Background(), stream)
	if err != nil {
		b.t.Fatal(err)
	}
	return s.CachedInfo().State.Msgs
}

func (b *bundle) letters(f queue.Filter) []queue.DeadLetter {
	b.t.Helper()
	l, err := b.q.DeadLetters(context.Background(), f, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	return l
}

func doneVisit(context.Context, work.Delivery[pages.Visit]) work.Outcome { return work.Done() }

// embeddedConfig shortens the options of setup.
type embeddedConfig = embedded.Config

func itoa(i int) string { return strconv.Itoa(i) }

// value sums a metric over its series whose labels hold every want ("stream=VISITS"); -1 where none does.
// A histogram gives its count.
func (b *bundle) value(name string, want ...string) float64 {
	b.t.Helper()
	families, err := b.reg.Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	sum, found := 0.0, false
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := map[string]bool{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()+"="+l.GetValue()] = true
			}
			if slices.ContainsFunc(want, func(w string) bool { return !labels[w] }) {
				continue
			}
			found = true
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	if !found {
		return -1
	}
	return sum
}

func (b *bundle) has(name string) bool { return b.value(name) >= 0 }
