package queue_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

func TestABatchIsHandledWhenItIsFullOrItsFirstMessageHasWaited(t *testing.T) {
	for name, c := range map[string]struct {
		opts queue.BatchOptions
		want []int
	}{
		"full, however long it may wait":      {queue.BatchOptions{MaxBatch: 3, MaxWait: time.Hour}, []int{3, 3}},
		"waited, however much it might take":  {queue.BatchOptions{MaxBatch: 1000, MaxWait: time.Second}, []int{6}},
		"alone, where it is to have no other": {queue.BatchOptions{MaxBatch: 1}, []int{1, 1, 1, 1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			b.publishResults("a.example", "b.example", "c.example", "d.example", "e.example", "f.example")
			var mu sync.Mutex
			var sizes []int
			stop := run(func(ctx context.Context) error {
				return b.q.ConsumeResults(ctx, c.opts, func(_ context.Context, batch []work.Delivery[pages.Result]) []work.Outcome {
					mu.Lock()
					defer mu.Unlock()
					sizes = append(sizes, len(batch))
					return slices.Repeat([]work.Outcome{work.Done()}, len(batch))
				})
			})
			eventually(t, "all are done", func() bool { return b.messages(queue.StreamResults) == 0 })
			if err := stop(); err != nil {
				t.Error(err)
			}
			if !slices.Equal(sizes, c.want) {
				t.Errorf("batches of %v, want %v", sizes, c.want)
			}
		})
	}
}

func TestAsManyBatchesAreHandledAtOnceAsThereAreWorkers(t *testing.T) {
	const workers = 3
	b := setup(t)
	var domains []string
	for i := range 4 * workers {
		domains = append(domains, fmt.Sprintf("d%d.example", i))
	}
	b.publishResults(domains...)
	var mu sync.Mutex
	busy, most := 0, 0
	full := make(chan struct{})
	stop := run(func(ctx context.Context) error {
		return b.q.ConsumeResults(ctx, queue.BatchOptions{MaxBatch: 2, MaxWait: 10 * time.Millisecond, Workers: workers}, func(_ context.Context, batch []work.Delivery[pages.Result]) []work.Outcome {
			mu.Lock()
			if busy++; busy > most {
				most = busy
			}
			if most == workers && busy == workers {
				select {
				case <-full:
				default:
					close(full)
				}
			}
			mu.Unlock()
			<-full // until as many are at work as may be
			mu.Lock()
			busy--
			mu.Unlock()
			return slices.Repeat([]work.Outcome{work.Done()}, len(batch))
		})
	})
	eventually(t, "all are done", func() bool { return b.messages(queue.StreamResults) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
	if most != workers {
		t.Errorf("%d batches at once, want %d", most, workers)
	}
}
