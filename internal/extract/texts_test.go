package extract_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"telltale/internal/document"
	"telltale/internal/extract"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/work"
)

// release is a text of some 90 words as its own site and a wire publish it.
func release(head, foot string) string {
	var b strings.Builder
	for i := range 12 {
		fmt.Fprintf(&b, "Pump works number %d moves its orders, stock and books to the cloud. ", i)
	}
	return `<html lang="en"><head><title>` + head + ` | site</title><meta property="article:published_time" content="2026-03-14T10:00:00Z"></head><body><nav>` + foot + `</nav><article><h1>We move</h1>` +
		head + `<p>` + b.String() + `</p></article></body></html>`
}

func TestTheTextThatSignalsRestOnIsWrittenBeforeThem(t *testing.T) {
	b := setup(t, nil)
	wire := page("/news/1", release("<p>LONDON</p>", "b"))
	wire.Domain, wire.URL, wire.FinalURL = "wire.example", "https://wire.example/news/1", "https://wire.example/news/1"
	b.e.Handle(t.Context(), deliver(page("/press/1", release("", "a")), page("/press/1b", release("", "c")), wire, page("/x/bare", "<nav>n</nav>"), page("/blog/short", blogBody)))
	if len(b.store.texts) != 4 {
		t.Fatalf("%d texts, want 4: one without a signal is not written: %+v", len(b.store.texts), b.store.texts)
	}
	own, same, copied, short := b.store.texts[0], b.store.texts[1], b.store.texts[2], b.store.texts[3]
	if own.Key != same.Key || own.Key == copied.Key || !signals.Near(own.SimHash, copied.SimHash) || own.URL == same.URL || copied.Domain != "wire.example" {
		t.Errorf("own %+v\nsame %+v\ncopied %+v", own, same, copied)
	}
	if !own.StatedAt.Equal(time.Date(2026, 3, 14, 10, 0, 0, 0, time.UTC)) || !own.KnownFrom.Equal(fetched) || own.Words < 100 {
		t.Errorf("own %+v", own)
	}
	if short.SimHash != 0 || short.Key == 0 {
		t.Errorf("a text of %d words is told by its similarity hash: %+v", short.Words, short)
	}
	for i := range b.store.texts {
		if err := b.store.texts[i].Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestAdvertisementsOfOneEmployerAreCopiesByTheirWordsOnly(t *testing.T) {
	b := setup(t, nil)
	job := page("/jobs/1", release("", "a"))
	job.Kind = pages.KindJob
	b.e.Handle(t.Context(), deliver(job))
	if len(b.store.texts) != 1 || b.store.texts[0].SimHash != 0 || b.store.records[0].Kind != pages.KindJob {
		t.Errorf("%+v of kind %s", b.store.texts, b.store.records[0].Kind)
	}
}

func TestEachItemOfAFeedIsATextOfItsOwn(t *testing.T) {
	b := watchSetup(t, nil)
	b.e.Handle(t.Context(), deliver(wirePage()))
	var urls []string
	for _, x := range b.store.texts {
		urls = append(urls, x.URL)
	}
	if strings.Join(urls, " ") != "https://wire.example/1 https://wire.example/2" { // the third gives no signal
		t.Errorf("texts of %v", urls)
	}
	if got := strings.Join(b.store.records[0].Items, " "); got != "https://wire.example/1 https://wire.example/2 https://wire.example/3" {
		t.Errorf("items read: %s", got)
	}
}

func TestTextsThatFailBringTheirPagesBackAndNoOthers(t *testing.T) {
	b := setup(t, nil)
	b.store.failTexts = errors.New("disk full")
	out := b.e.Handle(t.Context(), deliver(page("/blog/move", blogBody), page("/x/bare", "<nav>n</nav>")))
	if out[0].Verdict != work.VerdictRetry || !strings.Contains(out[0].Reason, "write 1 texts: disk full") || out[1].Verdict != work.VerdictDone || len(b.store.signals) != 0 {
		t.Errorf("outcomes %+v, %d signals", out, len(b.store.signals))
	}
}

func TestAPanicLeavesNothingOfItsPage(t *testing.T) {
	bad := extract.Rule{Name: "bad", Match: func(*document.Document) []signals.Signal { panic("late") }}
	b := setup(t, func(c *extract.Config) { c.Rules = append(c.Rules, bad) })
	b.e.Handle(t.Context(), deliver(page("/blog/a", blogBody)))
	if len(b.store.order) != 0 {
		t.Errorf("written: %v", b.store.order)
	}
}
