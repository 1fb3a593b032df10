package queue_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/queue/embedded"
	"telltale/internal/work"
)

// benchVisits is how many visits one round moves.
const benchVisits = 2000

// BenchmarkVisitsInAndOut publishes visits from eight senders, each waiting for its acknowledgement as the
// scheduler does, and has them handled by a handler that does nothing, from the first publish until the
// stream is empty; every write synced (the product's setting) and every two minutes.
func BenchmarkVisitsInAndOut(b *testing.B) {
	for _, relaxed := range []bool{false, true} {
		name := "sync-always"
		if relaxed {
			name = "sync-2min"
		}
		b.Run(name, func(b *testing.B) { benchVisitsInAndOut(b, relaxed) })
	}
}

func benchVisitsInAndOut(b *testing.B, relaxed bool) {
	q, js := benchQueue(b, relaxed)
	list := make([]pages.Visit, benchVisits)
	for i := range list {
		list[i] = visit(fmt.Sprintf("c%d.example", i))
		list[i].Address = fmt.Sprintf("192.0.%d.%d", i%7, i%250)
		for k := range 50 {
			list[i].Known = append(list[i].Known, pages.Known{
				URL: fmt.Sprintf("https://c%d.example/blog/%d", i, k), ETag: fmt.Sprintf("%x", i*50+k), ContentHash: pages.Hash([]byte{byte(i), byte(k)}),
			})
		}
	}
	var in, all time.Duration
	rounds := 0
	for b.Loop() {
		p, a := benchVisitRound(b, q, js, list)
		in, all, rounds = in+p, all+a, rounds+1
	}
	n := float64(rounds * benchVisits)
	b.ReportMetric(n/in.Seconds(), "published/s")
	b.ReportMetric(n/all.Seconds(), "visits/s")
	b.ReportMetric(0, "ns/op")
}

func benchQueue(b *testing.B, relaxed bool) (*queue.Queue, jetstream.JetStream) {
	srv := embedded.New(embedded.Config{Dir: b.TempDir(), RelaxedSync: relaxed})
	if err := srv.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	q, err := queue.Open(b.Context(), queue.Config{Server: srv})
	if err != nil {
		b.Fatal(err)
	}
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		b.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		nc.Close()
		if err := q.Close(); err != nil {
			b.Error(err)
		}
		if err := srv.Stop(); err != nil {
			b.Error(err)
		}
	})
	return q, js
}

// benchVisitRound returns how long publishing took, and how long it was until the stream was empty.
func benchVisitRound(b *testing.B, q *queue.Queue, js jetstream.JetStream, list []pages.Visit) (published, handled time.Duration) {
	const senders = 8
	var got atomic.Int64
	done := make(chan struct{})
	start := time.Now()
	stop := run(func(ctx context.Context) error {
		return q.ConsumeVisits(ctx, 256, func(context.Context, work.Delivery[pages.Visit]) work.Outcome {
			if got.Add(1) == int64(len(list)) {
				close(done)
			}
			return work.Done()
		})
	})
	ends := make(chan error, senders)
	for k := range senders {
		go func() {
			for i := k; i < len(list); i += senders {
				if err := q.PublishVisit(b.Context(), list[i]); err != nil {
					ends <- err
					return
				}
			}
			ends <- nil
		}()
	}
	for range senders {
		if err := <-ends; err != nil {
			b.Error(err)
		}
	}
	published = time.Since(start)
	if b.Failed() {
		b.FailNow() // what was not published is waited for in vain
	}
	<-done
	untilEmpty(b, js, queue.StreamVisits)
	handled = time.Since(start)
	if err := stop(); err != nil {
		b.Error(err)
	}
	return published, handled
}
