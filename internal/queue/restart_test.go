package queue_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/queue/embedded"
	"telltale/internal/work"
)

func TestMessagesOutliveARestartOfTheServerAndTheClientGoesOn(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	if err := b.q.Control().Block(ctx, "blocked.example", "asked us to", "ops"); err != nil {
		t.Fatal(err)
	}
	b.publishVisits("a.example", "b.example")
	if err := b.q.PublishPage(ctx, page("a.example", 1, htmlBody(1, 5000))); err != nil {
		t.Fatal(err)
	}
	s := &sink{}
	stop := b.consumePages(s.handle)
	eventually(t, "the first page", func() bool { return s.len() == 1 })
	if err := b.srv.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := b.srv.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.q.PublishVisit(ctx, visit("a.example")); !errors.Is(err, queue.ErrOutstanding) {
		t.Errorf("a visit did not outlive the restart: %v", err)
	}
	if err := b.q.PublishPage(ctx, page("a.example", 2, htmlBody(2, 5000))); err != nil {
		t.Errorf("publish after the restart: %v", err)
	}
	eventually(t, "the running consumer gets the second page", func() bool { return s.len() == 2 })
	if err := b.q.Control().Block(ctx, "later.example", "", "ops"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the block list is followed after the restart", func() bool { return len(b.q.Control().Blocks()) == 2 })
	if err := stop(); err != nil {
		t.Error(err)
	}
	if n := b.value("telltale_queue_disconnects_total"); n < 1 {
		t.Errorf("%v lost connections counted", n)
	}
}

func TestAPublisherWaitsOutARestartOfTheServer(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	const count = 200
	published := make(chan error, 1)
	half := make(chan struct{})
	go func() {
		batch := b.q.NewPageBatch()
		for i := range count {
			if i == count/2 {
				close(half)
			}
			if err := batch.Add(ctx, page("contoso.com", i, htmlBody(uint64(i), 20<<10))); err != nil {
				published <- err
				return
			}
		}
		published <- batch.Flush(ctx)
	}()
	<-half
	if err := b.srv.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := b.srv.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	eventually(t, "every page is stored, once", func() bool { return b.messages(queue.StreamPages) == count })
}

func TestAConsumerDeletedUnderUsIsPutBack(t *testing.T) {
	b := setup(t)
	ctx := deadline(t)
	s := &sink{}
	stop := b.consumePages(s.handle)
	if err := b.js.DeleteConsumer(ctx, queue.StreamPages, "signal-worker"); err != nil {
		t.Fatal(err)
	}
	if err := b.q.PublishPage(ctx, page("a.example", 1, nil)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the page arrives all the same", func() bool { return s.len() == 1 })
	if err := stop(); err != nil {
		t.Error(err)
	}
	if n := b.value("telltale_queue_pull_errors_total", "stream=PAGES"); n < 1 {
		t.Errorf("%v failed pulls counted", n)
	}
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	noJS, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	go noJS.Start()
	if !noJS.ReadyForConnections(10 * time.Second) {
		t.Fatal("server is not ready")
	}
	defer noJS.WaitForShutdown()
	defer noJS.Shutdown()
	srv := embedded.New(embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0", Token: "right"})
	if err := srv.Start(deadline(t)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := srv.Stop(); err != nil {
			t.Error(err)
		}
	}()
	for name, tc := range map[string]struct {
		cfg  queue.Config
		want string
	}{
		"nobody listens":         {queue.Config{URL: "nats://someone:secret@127.0.0.1:1"}, "connect to NATS at nats://127.0.0.1:1: "},
		"the wrong token":        {queue.Config{URL: srv.ClientURL(), Token: "wrong"}, "connect to NATS at " + srv.ClientURL() + ": nats: Authorization Violation"},
		"no JetStream":           {queue.Config{URL: noJS.ClientURL()}, "NATS at " + noJS.ClientURL() + " has no usable JetStream: "},
		"a server that is down":  {queue.Config{Server: embedded.New(embedded.Config{})}, "connect to NATS at the embedded server: "},
		"an address that is not": {queue.Config{URL: "nats://%zz"}, "connect to NATS at nats://%zz: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := queue.Open(deadline(t), tc.cfg)
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestAQueueThatIsNotOpenSaysSo(t *testing.T) {
	q, err := queue.New(queue.Config{})
	if err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		ctx := deadline(t)
		_, statusErr := q.Status(ctx)
		for what, err := range map[string]error{
			"publish visit": q.PublishVisit(ctx, visit("a.example")), "publish page": q.PublishPage(ctx, page("a.example", 1, nil)),
			"publish result": q.PublishResult(ctx, pages.Result{Domain: "a.example"}), "declare": q.Declare(ctx),
			"consume": q.ConsumeVisits(ctx, 1, doneVisit), "status": statusErr, "run": q.Run(ctx), "ping": q.Ping(ctx),
			"block": q.Control().Block(ctx, "a.example", "", ""),
		} {
			if !errors.Is(err, queue.ErrClosed) {
				t.Errorf("%s %s: %v, want ErrClosed", what, when, err)
			}
		}
	}
	check("before Connect")
	for range 2 {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	}
	check("after Close")
}

func TestLimitsThatTheDiskCannotHoldAreNamed(t *testing.T) {
	srv := embedded.New(embedded.Config{Dir: t.TempDir(), MaxStore: 64 << 20})
	if err := srv.Start(deadline(t)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := srv.Stop(); err != nil {
			t.Error(err)
		}
	}()
	_, err := queue.Open(deadline(t), queue.Config{Server: srv})
	if !errors.Is(err, queue.ErrNoSpace) || !strings.Contains(fmt.Sprint(err), "declare stream VISITS") {
		t.Errorf("%v, want ErrNoSpace that names the stream", err)
	}
}

func TestTwoProcessesMayDeclareAtOnce(t *testing.T) {
	b := setup(t)
	errs := make(chan error, 8)
	for i := range cap(errs) {
		go func() {
			q, err := queue.Open(context.Background(), queue.Config{Server: b.srv, Limits: queue.Limits{Visits: int64(1000 + i)}})
			if err == nil {
				err = q.Close()
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	b.publishVisits("a.example")
	stop := b.consumeVisits(1, func(context.Context, work.Delivery[pages.Visit]) work.Outcome { return work.Done() })
	eventually(t, "the queue still works", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}
