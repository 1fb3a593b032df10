package app_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/document"
	"telltale/internal/extract"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/queue/embedded"
	"telltale/internal/signals"
)

// halting is a store that lets an insert of signals through when it is told to, and fails those before.
type halting struct {
	failures atomic.Int64
	reached  chan struct{}
	proceed  chan struct{}
	stored   atomic.Int64
	records  atomic.Int64
}

// WriteSignals implements extract.Store.
func (h *halting) WriteSignals(ctx context.Context, rows []signals.Signal) error {
	if h.failures.Add(-1) >= 0 {
		return errors.New("disk full")
	}
	select {
	case h.reached <- struct{}{}:
	default:
	}
	select {
	case <-h.proceed:
	case <-ctx.Done():
		return ctx.Err()
	}
	h.stored.Add(int64(len(rows)))
	return nil
}

// WriteAttributions implements extract.Store.
func (h *halting) WriteAttributions(context.Context, []signals.Attribution) error { return nil }

// WriteOrganisations implements extract.Store.
func (h *halting) WriteOrganisations(context.Context, []signals.Organisation) error { return nil }

// WriteTexts implements extract.Store.
func (h *halting) WriteTexts(context.Context, []signals.Text) error { return nil }

// WritePages implements extract.Store.
func (h *halting) WritePages(_ context.Context, records []pages.Record) error {
	h.records.Add(int64(len(records)))
	return nil
}

// workerRules find a word, panic over another, and never end over a third until they are told to.
func workerRules(end chan struct{}) []extract.Rule {
	return []extract.Rule{{Name: "words", Match: func(doc *document.Document) []signals.Signal {
		switch text := string(doc.Body); {
		case strings.Contains(text, "poison"):
			panic("index out of range")
		case strings.Contains(text, "endless"):
			<-end
		}
		return []signals.Signal{{Kind: signals.KindTechnology, Name: "Found", Strength: 1, Confidence: 1, Sign: 1, Evidence: "found"}}
	}}}
}

func workerPage(path, body string) *pages.Page {
	return &pages.Page{VisitID: "v", Domain: "acme.example", URL: "https://acme.example" + path, FinalURL: "https://acme.example" + path, Kind: pages.KindBlog, Status: 200,
		Header: http.Header{"Content-Type": {"text/html"}}, FetchedAt: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), ContentHash: pages.Hash([]byte(body)), Body: []byte(body)}
}

// workerQueue is a queue in this process.
func workerQueue(t *testing.T, ctx context.Context) *queue.Queue {
	t.Helper()
	server := embedded.New(embedded.Config{Dir: t.TempDir(), RelaxedSync: true})
	if err := server.Start(ctx); err != nil {
		t.Fatal(err)
	}
	q, err := queue.Open(ctx, queue.Config{Server: server, Registerer: prometheus.NewRegistry(), Consume: queue.Consume{
		AckWait: 10 * time.Second, MaxDeliver: 5, Backoff: []time.Duration{10 * time.Millisecond}, DrainTimeout: 10 * time.Second, MemberTTL: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(q.Close(), server.Stop()); err != nil {
			t.Error(err)
		}
	})
	return q
}

func waiting(t *testing.T, q *queue.Queue) uint64 {
	t.Helper()
	all, err := q.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Stream == queue.StreamPages {
			return s.Messages
		}
	}
	t.Fatal("no stream of pages")
	return 0
}

// TestAPageIsAcknowledgedOnlyOnceItsSignalsAreDurable runs the real worker over the real queue, with a store that fails first and then takes its time.
func TestAPageIsAcknowledgedOnlyOnceItsSignalsAreDurable(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	q := workerQueue(t, ctx)
	store := &halting{reached: make(chan struct{}), proceed: make(chan struct{})}
	store.failures.Store(2)
	end := make(chan struct{})
	worker, err := extract.New(extract.Config{Store: store, Rules: workerRules(end), PageDeadline: 50 * time.Millisecond, RetryAfter: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer close(end)
	for _, p := range []*pages.Page{workerPage("/good", "good"), workerPage("/poison", "poison"), workerPage("/endless", "endless")} {
		if err := q.PublishPage(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		done <- q.ConsumePages(running, queue.BatchOptions{MaxBatch: 8, MaxWait: 50 * time.Millisecond}, worker.Handle)
	}()
	select {
	case <-store.reached: // the third try: two inserts failed
	case <-ctx.Done():
		t.Fatal("the page did not come again after its insert failed")
	}
	if n := waiting(t, q); n < 1 || store.records.Load() != 0 {
		t.Errorf("%d pages wait and %d records are written before the insert is durable", n, store.records.Load())
	}
	stop() // a stop in the middle of an insert drains it
	close(store.proceed)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := waiting(t, q); n != 0 || store.stored.Load() != 1 || store.records.Load() != 1 {
		t.Errorf("%d pages wait, %d signals and %d records are stored; want 0, 1 and 1", n, store.stored.Load(), store.records.Load())
	}
	letters, err := q.DeadLetters(ctx, queue.Filter{Stream: queue.StreamPages}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var errs []string
	for _, l := range letters {
		errs = append(errs, l.Error)
	}
	all := strings.Join(errs, "\n")
	if len(letters) != 2 || !strings.Contains(all, "/poison: rule panicked: words: index out of range") || !strings.Contains(all, "/endless: page took too long: more than 50ms, in words") {
		t.Errorf("dead letters:\n%s", all)
	}
}
