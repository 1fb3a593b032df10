package queue_test

import (
	"context"
	"errors"
	"testing"

	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

func TestAVisitArrivesWholeAndIsGoneOnceDone(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	want := visit("contoso.com")
	want.Known = []pages.Known{{URL: "https://contoso.com/", ETag: `"a"`, Kind: pages.KindHome}}
	if err := b.q.PublishVisit(ctx, want); err != nil {
		t.Fatal(err)
	}
	got := make(chan work.Delivery[pages.Visit], 1)
	stop := run(func(ctx context.Context) error {
		return b.q.ConsumeVisits(ctx, 4, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
			got <- d
			return work.Done()
		})
	})
	d := <-got
	if d.Value.ID != want.ID || len(d.Value.Known) != 1 || d.Value.Known[0] != want.Known[0] || d.Attempt != 1 || d.Last {
		t.Errorf("got %+v", d)
	}
	eventually(t, "stream is empty", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestADomainHasOneOutstandingVisitUntilItIsDone(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	if err := b.q.PublishVisit(ctx, visit("contoso.com")); err != nil {
		t.Fatal(err)
	}
	if err := b.q.PublishVisit(ctx, visit("contoso.com")); !errors.Is(err, queue.ErrOutstanding) || errors.Is(err, queue.ErrFull) {
		t.Fatalf("second visit: %v, want ErrOutstanding", err)
	}
	stop := run(func(ctx context.Context) error { return b.q.ConsumeVisits(ctx, 1, doneVisit) })
	eventually(t, "first visit is done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
	// The same visit, well within the server's duplicate window, must not be taken for a duplicate.
	if err := b.q.PublishVisit(ctx, visit("contoso.com")); err != nil {
		t.Fatal(err)
	}
	if n := b.messages(queue.StreamVisits); n != 1 {
		t.Errorf("%d visits outstanding, want 1: the second was dropped in silence", n)
	}
}
