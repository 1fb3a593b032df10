package oracle

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

const (
	// feedTick is how often the feeder looks for domains that are due.
	feedTick = 50 * time.Millisecond
	// lostAfter is when a visit without a result is published again, as the scheduler's provisional due time does.
	lostAfter = 20 * time.Second
	// soon is when a domain of which pages are missing is due again, later when one that is complete is.
	soon, later = 300 * time.Millisecond, 4 * time.Second
	// publishers is the number of visits published side by side.
	publishers = 8
)

// feeder plays the scheduler and the result writer: it has every domain visited again and again, so that there is always
// work, and takes what the crawlers publish off the streams.
type feeder struct {
	web   *Web
	queue *queue.Queue
	log   *slog.Logger

	mu sync.Mutex
	// due is when each domain is to be visited next.
	due   map[string]time.Time
	hosts map[string][]*Host
	order []string
	// visits, results and pages count messages.
	visits, results, pages int
}

func newFeeder(web *Web, q *queue.Queue, seed uint64, log *slog.Logger) *feeder {
	f := &feeder{web: web, queue: q, log: log, due: map[string]time.Time{}, hosts: map[string][]*Host{}}
	for _, h := range web.Truth.Hosts {
		f.hosts[h.Domain] = append(f.hosts[h.Domain], h)
	}
	for i := range len(f.hosts) {
		f.order = append(f.order, domainName(i))
	}
	rand.New(rand.NewPCG(seed, 2)).Shuffle(len(f.order), func(i, j int) { f.order[i], f.order[j] = f.order[j], f.order[i] })
	return f
}

// run feeds until ctx ends.
func (f *feeder) run(ctx context.Context) {
	var all sync.WaitGroup
	due := make(chan string)
	for range publishers {
		all.Go(func() {
			for name := range due {
				f.publish(ctx, name)
			}
		})
	}
	all.Go(func() {
		defer close(due)
		f.pick(ctx, due)
	})
	all.Go(func() {
		_ = f.queue.ConsumeResults(ctx, queue.BatchOptions{MaxBatch: 256, MaxWait: feedTick}, f.takeResults) // it ends with ctx
	})
	all.Go(func() {
		_ = f.queue.ConsumePages(ctx, queue.BatchOptions{MaxBatch: 256, MaxWait: feedTick}, f.takePages)
	})
	all.Wait()
}

// pick hands out the domains that are due.
func (f *feeder) pick(ctx context.Context, due chan<- string) {
	tick := time.NewTicker(feedTick)
	defer tick.Stop()
	for {
		for _, name := range f.ready() {
			select {
			case due <- name:
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// ready returns what is due, and sets its provisional next time.
func (f *feeder) ready() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	var out []string
	for _, name := range f.order {
		if !now.Before(f.due[name]) {
			f.due[name] = now.Add(lostAfter)
			out = append(out, name)
		}
	}
	return out
}

func (f *feeder) publish(ctx context.Context, name string) {
	now := time.Now()
	v := pages.Visit{ID: pages.VisitID(name, now), Domain: name, DueAt: now}
	if h := f.web.Truth.Hosts[name]; !h.Guessed {
		v.Interval, v.Address = 24*time.Hour, h.Addrs[0].String()
		v.Known = []pages.Known{{URL: h.Scheme() + "://" + name + "/", Kind: pages.KindHome, ContentHash: "before"}}
	}
	err := f.queue.PublishVisit(ctx, v)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err == nil:
		f.visits++
	case errors.Is(err, queue.ErrOutstanding): // its last visit is not settled yet, or waits for its turn
		f.due[name] = time.Now().Add(later)
	case ctx.Err() == nil:
		f.log.Warn("publish visit", "domain", name, "error", err)
	}
}

// takeResults sets the next due time of what was visited.
func (f *feeder) takeResults(_ context.Context, batch []work.Delivery[pages.Result]) []work.Outcome {
	out := make([]work.Outcome, len(batch))
	for i := range batch {
		out[i] = work.Done()
		name := batch[i].Value.Domain
		wait := later
		if f.web.Log.Missing(f.hosts[name]) > 0 {
			wait = soon
		}
		f.mu.Lock()
		f.results++
		f.due[name] = time.Now().Add(wait)
		f.mu.Unlock()
	}
	return out
}

func (f *feeder) takePages(_ context.Context, batch []work.Delivery[*pages.Page]) []work.Outcome {
	out := make([]work.Outcome, len(batch))
	for i := range batch {
		out[i] = work.Done()
	}
	f.mu.Lock()
	f.pages += len(batch)
	f.mu.Unlock()
	return out
}
