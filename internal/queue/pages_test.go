package queue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

// htmlWords make bodies that compress like real pages do, about five to one.
var htmlWords = strings.Fields(`our customers run cloud migration projects with a partner and evaluate security
 platform renewal contract press release announces investment <div class="card"> </div> <p> </p> <a href="/blog/post">
 <li class="menu-item"> </li> <span> </span> data engineering team hiring consultants <script src="/static/app.js"> </script>`)

// htmlBody makes a page of about size bytes; the seed decides its words.
func htmlBody(seed uint64, size int) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	b.WriteString("<!doctype html><html><head><title>Contoso</title></head><body>")
	for b.Len() < size {
		fmt.Fprintf(&b, "%s %x ", htmlWords[r.IntN(len(htmlWords))], r.Uint32()>>uint(r.IntN(32)))
	}
	return []byte(b.String())
}

func page(domain string, n int, body []byte) *pages.Page {
	url := fmt.Sprintf("https://%s/blog/%d", domain, n)
	return &pages.Page{
		VisitID: pages.VisitID(domain, due), Domain: domain, URL: url, FinalURL: url, Kind: pages.KindBlog, Status: 200,
		Header:    http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Server": {"nginx"}},
		FetchedAt: due.Add(time.Minute), ContentHash: pages.Hash(body), Body: body,
	}
}

// sink collects pages and answers done.
type sink struct {
	mu   sync.Mutex
	got  map[string]int
	last *pages.Page
}

func (s *sink) handle(_ context.Context, batch []work.Delivery[*pages.Page]) []work.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.got == nil {
		s.got = map[string]int{}
	}
	out := make([]work.Outcome, len(batch))
	for i, d := range batch {
		s.got[d.Value.URL]++
		s.last = d.Value
		out[i] = work.Done()
	}
	return out
}

func (s *sink) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.got)
}

func (b *bundle) consumePages(h work.BatchHandler[*pages.Page]) (stop func() error) {
	return run(func(ctx context.Context) error {
		return b.q.ConsumePages(ctx, queue.BatchOptions{MaxBatch: 16, MaxWait: 10 * time.Millisecond, Workers: 2}, h)
	})
}

func TestAPageArrivesAsItWasSent(t *testing.T) {
	random := make([]byte, pages.MaxBody) // does not compress: the largest message there is
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	for name, body := range map[string][]byte{
		"of 20 KB": htmlBody(1, 20<<10), "empty": nil, "of one byte": {'x'}, "as large as may be": random,
		"that looks compressed": []byte("\x28\xb5\x2f\xfd not really"),
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			want := page("contoso.com", 1, body)
			if err := b.q.PublishPage(deadline(t), want); err != nil {
				t.Fatal(err)
			}
			s := &sink{}
			stop := b.consumePages(s.handle)
			eventually(t, "the page is done", func() bool { return b.messages(queue.StreamPages) == 0 })
			if err := stop(); err != nil {
				t.Error(err)
			}
			if d := cmp.Diff(want, s.last, cmp.Transformer("bytes", func(b []byte) string { return string(b) })); d != "" {
				t.Errorf("page differs (-sent +received):\n%.2000s", d)
			}
		})
	}
}

func TestPagesTravelCompressed(t *testing.T) {
	b := setup(t)
	body := htmlBody(1, 20<<10)
	if err := b.q.PublishPage(deadline(t), page("contoso.com", 1, body)); err != nil {
		t.Fatal(err)
	}
	s, err := b.js.Stream(deadline(t), queue.StreamPages)
	if err != nil {
		t.Fatal(err)
	}
	if n := s.CachedInfo().State.Bytes; n > uint64(len(body))/2 {
		t.Errorf("a page of %d bytes takes %d", len(body), n)
	}
}

func TestAPageThatCannotTravelIsRefused(t *testing.T) {
	b := setup(t)
	over := page("contoso.com", 1, make([]byte, pages.MaxBody+1))
	if err := b.q.PublishPage(deadline(t), over); err == nil {
		t.Error("a body over the cap was sent")
	}
	nameless := page("", 1, nil)
	if err := b.q.PublishPage(deadline(t), nameless); !errors.Is(err, queue.ErrBadName) {
		t.Errorf("a page without a domain: %v, want ErrBadName", err)
	}
}

func TestAPageSentTwiceWithinTheWindowIsStoredOnce(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	batch := b.q.NewPageBatch()
	for range 2 { // a redelivered visit reads the same page again
		if err := batch.Add(ctx, page("contoso.com", 1, []byte("same"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Add(ctx, page("contoso.com", 1, []byte("changed"))); err != nil {
		t.Fatal(err)
	}
	next := page("contoso.com", 1, []byte("same"))
	next.VisitID = pages.VisitID("contoso.com", due.Add(time.Hour)) // the next visit, the same content
	if err := batch.Add(ctx, next); err != nil {
		t.Fatal(err)
	}
	if err := batch.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if n := b.messages(queue.StreamPages); n != 3 {
		t.Errorf("%d messages, want 3: the copy is dropped, the change and the next visit's are not", n)
	}
	if n := b.value("telltale_queue_published_duplicates_total", "stream=PAGES"); n != 1 {
		t.Errorf("%v duplicates counted, want 1", n)
	}
}

func TestAStoppedSignalWorkerSlowsTheCrawlerAndNothingIsLost(t *testing.T) {
	const count = 300
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Limits.PageBytes = 256 << 10 })
	ctx := deadline(t)
	published := make(chan error, 1)
	go func() {
		batch := b.q.NewPageBatch()
		for i := range count {
			if err := batch.Add(ctx, page("contoso.com", i, htmlBody(uint64(i), 20<<10))); err != nil {
				published <- err
				return
			}
		}
		published <- batch.Flush(ctx)
	}()
	eventually(t, "the publisher waits for room", func() bool { return b.value("telltale_queue_publish_waits_total", "stream=PAGES", "why=full") >= 50 })
	select {
	case err := <-published:
		t.Fatalf("the publisher did not wait: %v", err)
	default:
	}
	st, err := b.q.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if p := st[1]; p.Bytes > uint64(p.MaxBytes) || p.Messages == 0 || p.Messages >= count {
		t.Errorf("status while full: %+v", p)
	}
	s := &sink{}
	stop := b.consumePages(s.handle)
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	eventually(t, "every page has arrived", func() bool { return s.len() == count })
	if err := stop(); err != nil {
		t.Error(err)
	}
	if n := b.value("telltale_queue_publish_inflight_bytes"); n != 0 {
		t.Errorf("%v bytes still in flight", n)
	}
}

func TestAPageRefusedForWantOfRoomIsNoDuplicateWhenSentAgain(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Limits.PageBytes = 600 })
	ctx := deadline(t)
	if err := b.q.PublishPage(ctx, page("a.example", 1, nil)); err != nil {
		t.Fatal(err)
	}
	// The same page, the same message id: first refused, later stored.
	second := page("b.example", 1, nil)
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	if err := b.q.PublishPage(short, second); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("publish to a full stream: %v, want it to wait until its deadline", err)
	}
	if n, err := b.q.Purge(ctx, queue.StreamPages, "a.example"); err != nil || n != 1 {
		t.Fatalf("purged %d: %v", n, err)
	}
	if err := b.q.PublishPage(ctx, second); err != nil {
		t.Fatal(err)
	}
	if n := b.messages(queue.StreamPages); n != 1 {
		t.Errorf("%d messages, want 1: the page was taken for a duplicate and lost", n)
	}
}

func TestManyBatchesShareWhatMayBeInFlight(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.InFlightBytes = 4 << 20 })
	ctx := deadline(t)
	s := &sink{}
	stop := b.consumePages(s.handle)
	var wg sync.WaitGroup
	for w := range 20 {
		wg.Go(func() {
			batch := b.q.NewPageBatch()
			for i := range 20 {
				if err := batch.Add(ctx, page(fmt.Sprintf("c%d.example", w), i, htmlBody(uint64(w*100+i), 50<<10))); err != nil {
					t.Error(err)
				}
			}
			if err := batch.Flush(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	eventually(t, "every page has arrived", func() bool { return s.len() == 400 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}
