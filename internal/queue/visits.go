package queue

import (
	"context"
	"sync"
	"time"

	"telltale/internal/pages"
	"telltale/internal/work"
)

// warnEvery is the least time between two log lines about failed pulls: with the server away, each partition fails.
const warnEvery = time.Second

// ConsumeVisits hands visits to h, at most concurrency at once, until ctx ends. It then stops pulling, hands
// back what has not begun, lets handlers finish within Consume.DrainTimeout and returns nil, or an error where
// handlers had to be left behind.
//
// The visits of one address go to one of all who consume as long as nobody comes or goes, and at most
// Consume.PerAddress of them to h at once: more would share the address's pace until none of them gets done.
// Up to 8,192 more wait in hand, so that others behind them in the stream are reached.
func (q *Queue) ConsumeVisits(ctx context.Context, concurrency int, h work.Handler[pages.Visit]) error {
	one := func(ctx context.Context, batch []work.Delivery[pages.Visit]) []work.Outcome {
		return []work.Outcome{h(ctx, batch[0])}
	}
	v := &visits{
		runner: &runner[pages.Visit]{q: q, stream: StreamVisits, handle: one, decode: decodeJSON[pages.Visit](q.codec)},
		desk:   newDesk(max(concurrency, 1), q.cfg.Consume.PerAddress),
	}
	return v.run(ctx)
}

// visits moves visits from the partitions that are ours through one handler.
type visits struct {
	*runner[pages.Visit]
	desk  *desk
	begun sync.WaitGroup
	// warned is when a failed pull was last logged.
	warned time.Time
}

func (v *visits) run(ctx context.Context) error {
	cancel, beat, err := v.begin(ctx)
	if err != nil {
		return err
	}
	defer cancel(nil)
	defer beat()
	members := v.q.join(ctx, v.own)
	var membership sync.WaitGroup
	membership.Go(func() { members.run(ctx) })
	v.pump(ctx)
	membership.Wait()
	v.own(nil)
	return v.drain(&v.begun, cancel)
}

// own takes the partitions that are ours by now, and hands back what waits of those that are not.
func (v *visits) own(partitions []int) {
	for _, m := range v.desk.own(partitions) {
		v.release(m, func() { v.q.handBack(m) })
	}
	v.q.metrics.waiting.Set(float64(v.desk.waiting()))
}

// pump pulls from the partitions in turn until ctx ends. One pull request is under way at a time, and waits
// for nothing: a request that waited would keep its slots from the partitions that have visits.
func (v *visits) pump(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		p, n, wait := v.desk.next(time.Now())
		if n > 0 {
			v.ask(ctx, p, n)
			continue
		}
		var look <-chan time.Time
		if wait > 0 {
			timer.Reset(wait)
			look = timer.C
		}
		select {
		case <-look:
		case <-v.desk.wake:
		case <-ctx.Done():
		}
	}
}

// ask makes one pull request and notes how it went.
func (v *visits) ask(ctx context.Context, p, n int) {
	got, more, err := v.pull(ctx, p, n)
	v.q.metrics.waiting.Set(float64(v.desk.waiting()))
	if err == nil {
		v.desk.asked(p, got, more, time.Now())
		v.q.metrics.pulled(p, got)
		return
	}
	if ctx.Err() != nil {
		return
	}
	now := time.Now()
	v.desk.failed(p, now)
	v.q.metrics.pullErrors.WithLabelValues(v.stream).Inc()
	if now.Sub(v.warned) >= warnEvery {
		v.warned = now
		v.q.log.Warn("pulling visits failed; trying again", "partition", p, "err", err)
	}
	v.q.redeclare(ctx, v.stream, visitConsumer(p), err)
}

// pull makes one pull request, begins what may begin, and says whether the partition has more. After a stop it
// hands messages back.
func (v *visits) pull(ctx context.Context, p, n int) (got int, more bool, err error) {
	cons, err := v.q.consumer(ctx, v.stream, visitConsumer(p))
	if err != nil {
		return 0, false, err
	}
	batch, err := cons.FetchNoWait(n)
	if err != nil {
		return 0, false, err
	}
	for raw := range batch.Messages() {
		got++
		m, err := v.q.received(v.stream, raw)
		if err != nil {
			v.q.log.Error("message without JetStream metadata", "stream", v.stream, "err", err)
			continue
		}
		more = m.meta.NumPending > 0
		v.held.add(m)
		switch {
		case ctx.Err() != nil:
			v.release(m, func() { v.q.handBack(m) })
		case v.desk.arrived(m):
			v.begun.Go(func() { v.handle(ctx, m) })
		}
	}
	return got, more, batch.Error()
}

// handle handles a visit, and then those of its address that wait, one after another.
func (v *visits) handle(ctx context.Context, m *message) {
	for ; m != nil; m = v.desk.done(m) {
		if ctx.Err() != nil {
			v.release(m, func() { v.q.handBack(m) })
			continue
		}
		v.process([]*message{m})
	}
}
