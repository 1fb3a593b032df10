package queue_test

import (
	"context"
	"errors"
	"sort"
	"strings"
	"testing"
	"time"

	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

// TestEveryMetricCountsWhatItSays drives the queue through everything that counts and reads every metric.
// A metric that is added and not read here fails it.
func TestEveryMetricCountsWhatItSays(t *testing.T) {
	b := setup(t, func(c *queue.Config, _ *embeddedConfig) {
		c.Consume.AckWait = 300 * time.Millisecond
		c.Limits.PageBytes = 16 << 10
		c.SweepEvery = 20 * time.Millisecond
	})
	driveMetrics(t, b)
	want := map[string]float64{
		"published_total stream=RESULTS":                      1,
		"publish_seconds stream=RESULTS":                      1,
		"published_duplicates_total stream=PAGES":             1,
		"publish_refused_total stream=VISITS why=outstanding": 1,
		"publish_inflight_bytes":                              0,
		"consumed_total stream=VISITS outcome=done":           1,
		"consumed_total stream=VISITS outcome=retry":          1,
		"consumed_total stream=VISITS outcome=dead":           1,
		"redelivered_total stream=VISITS":                     1,
		"held_messages stream=VISITS":                         0,
		"ack_seconds stream=VISITS":                           3,
		"handler_panics_total stream=VISITS":                  1,
		"dead_letters_total stream=VISITS reason=dropped":     1,
		"dead_letters_total stream=VISITS reason=stuck":       1,
		"swept_total stream=VISITS":                           1,
		"replayed_total stream=VISITS":                        1,
		"leases_total result=acquired":                        1,
		"stream_messages stream=RESULTS":                      1,
		"stream_ack_pending stream=RESULTS":                   0,
		"disconnects_total":                                   1,
		"crawlers":                                            0,
		"partitions_owned":                                    0,
		"rebalances_total":                                    0,
		"waiting_visits":                                      0,
	}
	atLeast := map[string]float64{
		"publish_waits_total stream=PAGES why=full":        1,
		"publish_wait_seconds_total stream=PAGES why=full": 0.001,
		"heartbeats_total stream=VISITS":                   1,
		"pull_errors_total stream=PAGES":                   1,
		"stream_bytes stream=RESULTS":                      1,
		"stream_oldest_seconds stream=RESULTS":             0.0001,
	}
	for series, w := range map[string]float64{
		"visit_pulls_total result=visits": 2, "visit_pulls_total result=empty": 1,
		"partition_visits_total partition=" + itoa(queue.Partition("drops.example")): 1,
	} {
		atLeast[series] = w
	}
	read := map[string]bool{}
	for set, ok := range map[*map[string]float64]func(got, want float64) bool{
		&want: func(g, w float64) bool { return g == w }, &atLeast: func(g, w float64) bool { return g >= w },
	} {
		for series, w := range *set {
			f := strings.Fields(series)
			read["telltale_queue_"+f[0]] = true
			if got := b.value("telltale_queue_"+f[0], f[1:]...); !ok(got, w) {
				t.Errorf("%s = %v, want %v", series, got, w)
			}
		}
	}
	families, err := b.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !read[f.GetName()] {
			t.Errorf("%s is read by no test", f.GetName())
		}
	}
	sort.Slice(families, func(i, j int) bool { return families[i].GetName() < families[j].GetName() })
	if len(families) != len(read) {
		t.Errorf("%d metrics, %d read", len(families), len(read))
	}
}

func driveMetrics(t *testing.T, b *bundle) {
	t.Helper()
	ctx := deadline(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// A visit that panics once, and one that is dropped, replayed and left.
	b.publishVisits("panics.example", "drops.example")
	if err := b.q.PublishVisit(ctx, visit("drops.example")); !errors.Is(err, queue.ErrOutstanding) {
		t.Fatal(err)
	}
	stop := b.consumeVisits(2, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
		if d.Value.Domain == "drops.example" {
			eventually(t, "a heartbeat", func() bool { return b.value("telltale_queue_heartbeats_total") > 0 })
			return work.Drop("no")
		}
		if d.Attempt == 1 {
			panic("once")
		}
		return work.Done()
	})
	eventually(t, "visits have ended", func() bool { return b.messages(queue.StreamVisits) == 0 })
	must(stop())
	if n, err := b.q.Replay(ctx, queue.Filter{}); n != 1 {
		t.Fatal(n, err)
	}
	_, err := b.q.Purge(ctx, queue.StreamVisits, "")
	must(err)

	// Pages: a copy, a full stream, a failed pull.
	one := page("a.example", 1, nil)
	must(b.q.PublishPage(ctx, one))
	must(b.q.PublishPage(ctx, one))
	batch := b.q.NewPageBatch()
	for i := range 20 {
		must(batch.Add(ctx, page("a.example", 100+i, htmlBody(uint64(i), 20<<10))))
	}
	eventually(t, "a full stream", func() bool { return b.value("telltale_queue_publish_waits_total", "why=full") > 0 })
	s := &sink{}
	stop = b.consumePages(s.handle)
	must(batch.Flush(ctx))
	must(b.js.DeleteConsumer(ctx, queue.StreamPages, "signal-worker"))
	eventually(t, "a failed pull", func() bool { return b.value("telltale_queue_pull_errors_total") > 0 })
	must(stop())

	b.publishResults("a.example")
	_, _, err = b.q.Leases().Acquire(ctx, "k", "me", time.Minute)
	must(err)
	giveUp(t, b, "stuck.example")
	stop = run(b.q.Run)
	eventually(t, "a sweep", func() bool {
		return b.value("telltale_queue_swept_total") > 0 && b.value("telltale_queue_stream_messages", "stream=RESULTS") == 1
	})
	must(stop())
	must(b.srv.Stop())
	must(b.srv.Start(ctx))
	eventually(t, "the client is back", func() bool { return b.q.Ping(ctx) == nil && b.value("telltale_queue_disconnects_total") > 0 })
}
