package queue_test

import (
	"context"
	"fmt"
	"sync"
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

const (
	// benchPages is how many pages one side moves before the other has its turn.
	benchPages = 2000
	benchBody  = 20 << 10
	// benchWait is how long a pull waits for a full batch, on every side.
	benchWait = 20 * time.Millisecond
	// benchSenders and benchWorkers are the goroutines on either end, benchBatch the messages of one pull,
	// benchPending the publishes without an acknowledgement; the same on every side.
	benchSenders, benchWorkers, benchBatch, benchPending = 2, 2, 64, 4096
)

// BenchmarkPagesInAndOut moves page messages with 20 KB of HTML through a work-queue stream on disk, each
// acknowledged in (PubAck) and out (Ack), from the first publish until the stream is empty, and compares
// four sides that take turns on one server:
//
//   - ours: PageBatch.Add and Flush, ConsumePages. It encodes, names, compresses, publishes, pulls,
//     decompresses, decodes, keeps heartbeats and metrics, and settles by outcome.
//   - bare-zstd: nats.go as plainly as can be (PublishMsgAsync, Fetch, Ack) and the same codec called in
//     line: what anyone must do whose pages travel compressed (DESIGN §2). The distance to it is the price
//     of this room.
//   - bare-packed: the same client with the same frames compressed beforehand, outside the clock, and never
//     decompressed. It moves the same bytes and does nothing else.
//   - bare-20KB: the same client with the frames as they are: what one would do without compression.
//
// Sub-benchmarks: with every write synced to disk (the product's setting) and without. Metrics: pages/s and
// MB/s (of page bodies) of ours, pages/s of the others, and ours divided by theirs.
func BenchmarkPagesInAndOut(b *testing.B) {
	for _, relaxed := range []bool{false, true} {
		name := "sync-always"
		if relaxed {
			name = "sync-2min"
		}
		b.Run(name, func(b *testing.B) { benchInAndOut(b, relaxed) })
	}
}

func benchInAndOut(b *testing.B, relaxed bool) {
	srv := embedded.New(embedded.Config{Dir: b.TempDir(), RelaxedSync: relaxed})
	if err := srv.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := srv.Stop(); err != nil {
			b.Error(err)
		}
	}()
	q, err := queue.Open(b.Context(), queue.Config{Server: srv})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := q.Close(); err != nil {
			b.Error(err)
		}
	}()
	bare := newBare(b, srv)
	codec := benchCodec{newCodec(b)}
	names := []string{"", "bare-zstd", "bare-packed", "bare-20KB"}
	took := make([]time.Duration, len(names))
	round := 0
	for b.Loop() {
		b.StopTimer()
		list := benchRound(round)
		frames, packed := benchFrames(b, codec, list)
		b.StartTimer()
		sides := []func() time.Duration{
			func() time.Duration { return benchOurs(b, q, bare.js, list) },
			func() time.Duration { return bare.move(b, len(list), codec.send(b, list), codec.receive(b)) },
			func() time.Duration { return bare.move(b, len(list), ready(packed), ignore) },
			func() time.Duration { return bare.move(b, len(list), ready(frames), ignore) },
		}
		for i := range sides { // who goes first changes each round
			k := (i + round) % len(sides)
			took[k] += sides[k]()
		}
		round++
	}
	n := float64(round * benchPages)
	b.ReportMetric(n/took[0].Seconds(), "pages/s")
	b.ReportMetric(n*benchBody/1e6/took[0].Seconds(), "MB/s")
	for i, name := range names[1:] {
		b.ReportMetric(n/took[i+1].Seconds(), name+"-pages/s")
		b.ReportMetric(took[i+1].Seconds()/took[0].Seconds(), name+"-ratio")
	}
	b.ReportMetric(0, "ns/op")
}

// benchRound makes the pages of one round; no two rounds share a message id.
func benchRound(round int) []*pages.Page {
	list := make([]*pages.Page, benchPages)
	for i := range list {
		n := round*benchPages + i
		list[i] = page(fmt.Sprintf("c%d.example", i%500), n, htmlBody(uint64(n), benchBody))
	}
	return list
}

func bareMsg(kind string, i int, p *pages.Page, data []byte) *nats.Msg {
	return &nats.Msg{
		Subject: "bare." + itoa(i%64) + "." + queue.Token(p.Domain), Data: data,
		Header: nats.Header{jetstream.MsgIDHeader: {kind + p.MessageID()}},
	}
}

// send makes the messages of bare-zstd as they are published.
func (c benchCodec) send(b *testing.B, list []*pages.Page) func(i int) *nats.Msg {
	return func(i int) *nats.Msg {
		frame, err := list[i].Encode()
		if err != nil {
			b.Error(err)
		}
		return bareMsg("zstd-", i, list[i], c.Pack(frame))
	}
}

// receive reads the messages of bare-zstd.
func (c benchCodec) receive(b *testing.B) func(data []byte) {
	return func(data []byte) {
		if err := c.DecodePage(data); err != nil {
			b.Error(err)
		}
	}
}

// benchCodec is the codec as a bare client calls it.
type benchCodec struct{ queue.Codec }

// ready are messages made beforehand, ignore does nothing with what arrives.
func ready(msgs []*nats.Msg) func(i int) *nats.Msg { return func(i int) *nats.Msg { return msgs[i] } }

func ignore([]byte) {}

// benchFrames are the messages of the sides that make theirs beforehand.
func benchFrames(b *testing.B, c benchCodec, list []*pages.Page) (plain, packed []*nats.Msg) {
	b.Helper()
	for i, p := range list {
		frame, err := p.Encode()
		if err != nil {
			b.Fatal(err)
		}
		plain = append(plain, bareMsg("plain-", i, p, frame))
		packed = append(packed, bareMsg("packed-", i, p, c.Pack(frame)))
	}
	return plain, packed
}

// untilEmpty waits until every acknowledgement has taken effect. Without it the server would still be
// removing one side's messages during the next one's turn.
func untilEmpty(b *testing.B, js jetstream.JetStream, stream string) {
	b.Helper()
	s, err := js.Stream(b.Context(), stream)
	if err != nil {
		b.Fatal(err)
	}
	for s.CachedInfo().State.Msgs > 0 {
		<-time.After(2 * time.Millisecond)
		if _, err := s.Info(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func benchOurs(b *testing.B, q *queue.Queue, js jetstream.JetStream, list []*pages.Page) time.Duration {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var got atomic.Int64
	all, done := make(chan struct{}), make(chan error, 1)
	start := time.Now()
	go func() {
		done <- q.ConsumePages(ctx, queue.BatchOptions{MaxBatch: benchBatch, MaxWait: benchWait, Workers: benchWorkers}, func(_ context.Context, batch []work.Delivery[*pages.Page]) []work.Outcome {
			out := make([]work.Outcome, len(batch))
			for i := range out {
				out[i] = work.Done()
			}
			if got.Add(int64(len(batch))) == benchPages {
				close(all)
			}
			return out
		})
	}()
	inParallel(func(k int) {
		batch := q.NewPageBatch()
		for i := k; i < len(list); i += benchSenders {
			if err := batch.Add(ctx, list[i]); err != nil {
				b.Error(err)
			}
		}
		if err := batch.Flush(ctx); err != nil {
			b.Error(err)
		}
	})
	<-all
	untilEmpty(b, js, queue.StreamPages)
	took := time.Since(start)
	cancel()
	if err := <-done; err != nil {
		b.Error(err)
	}
	return took
}

func inParallel(f func(k int)) {
	var wg sync.WaitGroup
	for k := range benchSenders {
		wg.Go(func() { f(k) })
	}
	wg.Wait()
}

// bareClient is nats.go without us, on a stream and a consumer declared like ours.
type bareClient struct {
	js   jetstream.JetStream
	cons jetstream.Consumer
}

func newBare(b *testing.B, srv *embedded.Server) *bareClient {
	b.Helper()
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(benchPending))
	if err != nil {
		b.Fatal(err)
	}
	s, err := js.CreateStream(b.Context(), jetstream.StreamConfig{
		Name: "BARE", Subjects: []string{"bare.>"}, Storage: jetstream.FileStorage, Retention: jetstream.WorkQueuePolicy,
		Discard: jetstream.DiscardNew, MaxBytes: 4 << 30, Duplicates: 2 * time.Minute, AllowDirect: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	cons, err := s.CreateConsumer(b.Context(), jetstream.ConsumerConfig{
		Durable: "bare", AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Minute, MaxAckPending: -1,
	})
	if err != nil {
		b.Fatal(err)
	}
	return &bareClient{js: js, cons: cons}
}

// move publishes n messages and pulls them, and returns the time from the first publish until the stream is empty.
func (c *bareClient) move(b *testing.B, n int, send func(i int) *nats.Msg, receive func(data []byte)) time.Duration {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	start := time.Now()
	var pullers sync.WaitGroup
	for range benchWorkers {
		pullers.Go(func() {
			for left.Load() > 0 {
				batch, err := c.cons.Fetch(benchBatch, jetstream.FetchMaxWait(benchWait))
				if err != nil {
					b.Error(err)
					return
				}
				for m := range batch.Messages() {
					receive(m.Data())
					if err := m.Ack(); err != nil {
						b.Error(err)
					}
					left.Add(-1)
				}
			}
		})
	}
	inParallel(func(k int) {
		for i := k; i < n; i += benchSenders {
			if _, err := c.js.PublishMsgAsync(send(i)); err != nil {
				b.Error(err)
			}
		}
	})
	<-c.js.PublishAsyncComplete()
	pullers.Wait()
	untilEmpty(b, c.js, "BARE")
	return time.Since(start)
}
