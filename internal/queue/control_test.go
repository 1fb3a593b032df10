package queue_test

import (
	"errors"
	"testing"
	"time"

	"telltale/internal/queue"
)

func TestAPauseReachesTheWholeFleet(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	other, err := queue.Open(ctx, queue.Config{Server: b.srv})
	if err != nil {
		t.Fatal(err)
	}
	here, there := b.q.Control(), other.Control()
	if here.Paused() || here.Paused("crawl", "contoso.com") {
		t.Error("paused from the start")
	}
	changed := there.Changed()
	if err := here.Pause(ctx, "contoso.com"); err != nil {
		t.Fatal(err)
	}
	<-changed
	if !there.Paused("crawl", "contoso.com") || there.Paused("crawl") || there.Paused("contoso.com.example") {
		t.Errorf("pauses there: %v", there.Pauses())
	}
	if p := there.Pauses(); len(p) != 1 || p["contoso.com"].IsZero() {
		t.Errorf("pauses there: %v", p)
	}
	if err := here.Pause(ctx, queue.ScopeAll); err != nil {
		t.Fatal(err)
	}
	eventually(t, "everything is paused", func() bool { return there.Paused() && there.Paused("extract") })
	for _, scope := range []string{queue.ScopeAll, "contoso.com"} {
		if err := here.Resume(ctx, scope); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "nothing is paused", func() bool { return !there.Paused("contoso.com") && len(there.Pauses()) == 0 })
	if err := other.Close(); err != nil {
		t.Error(err)
	}
}

func TestABlockSaysWhyAndIsKnownToWhoeverComesLater(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) { c.Now = func() time.Time { return due } })
	ctx := deadline(t)
	for _, d := range []string{"contoso.com", "a.example"} {
		if err := b.q.Control().Block(ctx, d, "asked us to", "legal"); err != nil {
			t.Fatal(err)
		}
	}
	later, err := queue.Open(ctx, queue.Config{Server: b.srv})
	if err != nil {
		t.Fatal(err)
	}
	c := later.Control()
	if got, ok := c.Blocked("contoso.com"); !ok || got != (queue.Block{Domain: "contoso.com", Reason: "asked us to", By: "legal", At: due}) {
		t.Errorf("blocked: %+v, %v", got, ok)
	}
	if l := c.Blocks(); len(l) != 2 || l[0].Domain != "a.example" {
		t.Errorf("list %+v", l)
	}
	if err := c.Unblock(ctx, "contoso.com"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "unblocked everywhere", func() bool {
		_, here := b.q.Control().Blocked("contoso.com")
		_, there := c.Blocked("contoso.com")
		return !here && !there
	})
	if err := later.Close(); err != nil {
		t.Error(err)
	}
}

func TestABlockThatCannotBeReadStillBlocks(t *testing.T) {
	b := setup(t)
	if _, err := b.js.Publish(deadline(t), "$KV.CONTROL.block.contoso_com", []byte("{")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the domain is blocked", func() bool { bl, ok := b.q.Control().Blocked("contoso.com"); return ok && bl.Domain == "contoso.com" })
}

func TestAScopeNeedsAName(t *testing.T) {
	b := setup(t)
	c := b.q.Control()
	for what, err := range map[string]error{
		"pause": c.Pause(deadline(t), ""), "resume": c.Resume(deadline(t), ""),
		"block": c.Block(deadline(t), "", "", ""), "unblock": c.Unblock(deadline(t), ""),
	} {
		if !errors.Is(err, queue.ErrBadName) {
			t.Errorf("%s: %v, want ErrBadName", what, err)
		}
	}
}
