package queue_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

// dropAll makes dead letters of everything on VISITS and PAGES.
func (b *bundle) dropAll(reason string) {
	b.t.Helper()
	stopVisits := b.consumeVisits(4, func(context.Context, work.Delivery[pages.Visit]) work.Outcome { return work.Drop(reason) })
	stopPages := b.consumePages(func(_ context.Context, batch []work.Delivery[*pages.Page]) []work.Outcome {
		out := make([]work.Outcome, len(batch))
		for i := range out {
			out[i] = work.Drop(reason)
		}
		return out
	})
	eventually(b.t, "all are dropped", func() bool {
		return b.messages(queue.StreamVisits) == 0 && b.messages(queue.StreamPages) == 0
	})
	for _, stop := range []func() error{stopVisits, stopPages} {
		if err := stop(); err != nil {
			b.t.Error(err)
		}
	}
}

func TestADeadLetterKeepsTheMessageAndWhyItDied(t *testing.T) {
	now := due.Add(time.Hour)
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Now = func() time.Time { return now } })
	m := &nats.Msg{
		Subject: "visits.7.contoso_com", Data: []byte(`{"domain":"contoso.com"}`),
		Header: nats.Header{"X-Trace": {"1", "2"}},
	}
	ack, err := b.js.PublishMsg(deadline(t), m)
	if err != nil {
		t.Fatal(err)
	}
	b.dropAll("not a company:\r\nparked " + strings.Repeat("é", 1000))
	letters := b.letters(queue.Filter{})
	if len(letters) != 1 {
		t.Fatalf("%d letters, want 1", len(letters))
	}
	got := letters[0]
	if len(got.Error) > 1024 || !strings.HasPrefix(got.Error, "not a company:  parked éé") || got.Stored.IsZero() {
		t.Errorf("error %q, stored %v", got.Error, got.Stored)
	}
	got.Error, got.Stored = "", time.Time{}
	want := queue.DeadLetter{
		ID: 1, Stream: "VISITS", Subject: "visits.7.contoso_com", Sequence: ack.Sequence, Domain: "contoso.com",
		Reason: queue.ReasonDropped, Deliveries: 1, Time: now, Headers: m.Header, Payload: m.Data,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("letter (-want +got):\n%s", d)
	}
}

func TestDeadLettersAreSelectedByStreamDomainReasonAndID(t *testing.T) {
	b := setup(t)
	b.publishVisits("a.example", "b.example")
	if err := b.q.PublishPage(deadline(t), page("a.example", 1, nil)); err != nil {
		t.Fatal(err)
	}
	b.dropAll("no")
	for name, tc := range map[string]struct {
		f    queue.Filter
		want int
	}{
		"all": {queue.Filter{}, 3}, "one stream": {queue.Filter{Stream: queue.StreamVisits}, 2},
		"one domain": {queue.Filter{Domain: "a.example"}, 2}, "both": {queue.Filter{Stream: queue.StreamPages, Domain: "a.example"}, 1},
		"a reason": {queue.Filter{Reason: queue.ReasonDropped}, 3}, "another": {queue.Filter{Reason: queue.ReasonStuck}, 0},
		"ids": {queue.Filter{IDs: []uint64{1, 3, 99}}, 2}, "a foreign domain": {queue.Filter{Domain: "c.example"}, 0},
	} {
		if n := len(b.letters(tc.f)); n != tc.want {
			t.Errorf("%s: %d letters, want %d", name, n, tc.want)
		}
	}
	if l, err := b.q.DeadLetters(deadline(t), queue.Filter{}, 2); err != nil || len(l) != 2 {
		t.Errorf("limit 2: %d letters, %v", len(l), err)
	}
}

func TestAReplayedLetterIsHandledAgainThoughItsMessageIDIsFresh(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	b.publishVisits("a.example")
	if err := b.q.PublishPage(ctx, page("a.example", 1, htmlBody(1, 5000))); err != nil {
		t.Fatal(err)
	}
	b.dropAll("a rule was broken")
	// Seconds after the first publication: a replay under the page's own message id would vanish.
	if n, err := b.q.Replay(ctx, queue.Filter{}); n != 2 || err != nil {
		t.Fatalf("replayed %d: %v", n, err)
	}
	if l := b.letters(queue.Filter{}); len(l) != 0 {
		t.Errorf("%d letters stay", len(l))
	}
	if v, p := b.messages(queue.StreamVisits), b.messages(queue.StreamPages); v != 1 || p != 1 {
		t.Errorf("%d visits and %d pages are back, want 1 and 1", v, p)
	}
	s := &sink{}
	stop := b.consumePages(s.handle)
	eventually(t, "the page is handled", func() bool { return s.len() == 1 && b.messages(queue.StreamPages) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
	b.dropAll("again") // the visit dies a second time, and has a letter again
	if l := b.letters(queue.Filter{}); len(l) != 1 || l[0].Error != "again" {
		t.Errorf("letters %+v", l)
	}
	if n := b.value("telltale_queue_replayed_total"); n != 2 {
		t.Errorf("%v replays counted", n)
	}
}

func TestALetterWhoseDomainHasANewerVisitStays(t *testing.T) {
	b := setup(t)
	b.publishVisits("a.example", "b.example")
	b.dropAll("no")
	b.publishVisits("a.example")
	n, err := b.q.Replay(deadline(t), queue.Filter{})
	if n != 1 || !errors.Is(err, queue.ErrOutstanding) || !strings.Contains(err.Error(), "a.example") {
		t.Errorf("replayed %d, %v; want 1 and ErrOutstanding for a.example", n, err)
	}
	if l := b.letters(queue.Filter{}); len(l) != 1 || l[0].Domain != "a.example" {
		t.Errorf("letters %+v", l)
	}
}

func TestALetterIsWrittenOnceThoughItsMessageIsDeliveredAgain(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Consume.AckWait = 300 * time.Millisecond })
	b.publishVisits("a.example")
	// A crash between letter and termination: the letter is there, the visit comes again.
	cons, err := b.js.Consumer(deadline(t), queue.StreamVisits, queue.VisitConsumer(queue.Partition("a.example")))
	if err != nil {
		t.Fatal(err)
	}
	m := fetchOne(t, cons, time.Second)
	if err := queue.WriteLetter(deadline(t), b.q, m, "no"); err != nil {
		t.Fatal(err)
	}
	b.dropAll("no")
	if l := b.letters(queue.Filter{}); len(l) != 1 {
		t.Errorf("%d letters, want 1: %+v", len(l), l)
	}
}

func TestPurgeRemovesAndCounts(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	b.publishVisits("a.example", "b.example", "c.example")
	if n, err := b.q.Purge(ctx, queue.StreamVisits, "b.example"); n != 1 || err != nil {
		t.Errorf("purged %d, %v; want 1", n, err)
	}
	b.dropAll("no")
	if n, err := b.q.Purge(ctx, queue.StreamDead, "c.example"); n != 1 || err != nil {
		t.Errorf("purged %d letters, %v; want 1", n, err)
	}
	if n, err := b.q.Purge(ctx, queue.StreamDead, ""); n != 1 || err != nil {
		t.Errorf("purged %d letters, %v; want the last one", n, err)
	}
	if _, err := b.q.Purge(ctx, "NOSUCH", ""); err == nil {
		t.Error("purged a stream that does not exist")
	}
}

func TestStatusCountsWhatStands(t *testing.T) {
	b := setup(t)
	b.publishVisits("a.example", "b.example", "c.example")
	var once sync.Once
	began, finish := make(chan struct{}), make(chan struct{})
	stop := b.consumeVisits(1, func(context.Context, work.Delivery[pages.Visit]) work.Outcome {
		once.Do(func() { close(began) })
		<-finish
		return work.Retry(errors.New("later"), time.Hour)
	})
	<-began
	st, err := b.q.Status(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(st) != 4 || st[0].Stream != queue.StreamVisits || st[1].Stream != queue.StreamPages || st[2].Stream != queue.StreamResults || st[3].Stream != queue.StreamDead {
		t.Fatalf("status %+v", st)
	}
	v := st[0]
	if v.Messages != 3 || v.Pending != 2 || v.AckPending != 1 || v.Bytes == 0 || v.MaxMessages != 100_000 || v.MaxBytes != 512<<20 || v.OldestAge <= 0 {
		t.Errorf("visits %+v", v)
	}
	if p := st[1]; p.Messages != 0 || p.OldestAge != 0 || p.MaxBytes != 4<<30 || p.MaxMessages != -1 {
		t.Errorf("pages %+v", p)
	}
	ctx, cancel := context.WithCancel(deadline(t))
	cancel()
	if _, err := b.q.Status(ctx); err == nil {
		t.Error("status without a context that lives")
	}
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	close(finish)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
