package archive

import (
	"context"
	"log/slog"
	"time"

	"telltale/internal/pages"
)

const (
	// overhead is what a job weighs in the queue beside its body: headers and heads of records; in bytes, roughly.
	overhead = 4 << 10
	// tidyEvery is how often files are looked at for their age where nothing is written.
	tidyEvery = 10 * time.Minute
)

// Recorder writes exchanges and pages to WARC files. Record and RecordPage may be called from anywhere; Run writes.
//
// What comes faster than the disk takes it waits: the queue is bounded in bytes, and beyond the bound the crawler waits
// with it, so that an archive has no holes. A disk that fails is another matter: what cannot be written is counted as
// lost, and crawling goes on.
type Recorder struct {
	cfg     Config
	log     *slog.Logger
	metrics *metrics
	queue   *queue
	files   files
	compose composer
}

// New checks a Config and registers the metrics; no file is touched before Run. Errors wrap ErrConfig or say what could
// not be registered.
func New(cfg Config, deps Deps) (*Recorder, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(deps.Registerer)
	if err != nil {
		return nil, err
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	if deps.Clock == nil {
		deps.Clock = time.Now
	}
	r := &Recorder{cfg: cfg, log: deps.Logger, metrics: m, queue: newQueue(cfg.MaxQueued)}
	r.files = files{cfg: &r.cfg, log: r.log, clock: deps.Clock, metrics: m, create: createFile}
	r.compose.encoder = newEncoder()
	return r, nil
}

// Record queues an exchange, waiting for room until ctx ends. The exchange must not change afterwards.
func (r *Recorder) Record(ctx context.Context, x *pages.Exchange) {
	r.put(ctx, job{exchange: x, weight: int64(len(x.Body)) + overhead})
}

// RecordPage queues what a published page was: which answer, read as what. Call it once the page is durable elsewhere; the
// page's header must not change afterwards.
func (r *Recorder) RecordPage(ctx context.Context, p *pages.Page) {
	head := *p
	head.Body = nil
	r.put(ctx, job{page: &head, weight: overhead})
}

func (r *Recorder) put(ctx context.Context, j job) {
	if lost := r.queue.put(ctx, j); lost != "" {
		r.metrics.lost.WithLabelValues(lost).Inc()
	}
	r.metrics.queued.Set(float64(r.queue.size()))
}

// Run completes the files that a crash left behind, then writes what is queued until ctx ends, writes what still waits and
// completes its file. It runs once; afterwards nothing more is taken. The error is nil: a disk that fails is counted and
// logged, and does not end a crawl.
func (r *Recorder) Run(ctx context.Context) error {
	r.files.recover(ctx)
	r.files.tidy(0)
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	stopping := ctx.Done()
	for {
		j, ok, changed := r.queue.take()
		if ok {
			r.write(&j)
			continue
		}
		if stopping == nil {
			r.files.complete()
			return nil
		}
		select {
		case <-changed:
		case <-tick.C:
			r.files.rest()
		case <-stopping:
			r.queue.close()
			stopping = nil
		}
	}
}

// write puts one job into the current file, as one write, so that a crash cuts off at most one.
func (r *Recorder) write(j *job) {
	r.metrics.queued.Set(float64(r.queue.size()))
	defer r.compose.discard()
	if err := r.writeWhole(j); err != nil {
		r.files.failed(err)
		r.metrics.lost.WithLabelValues(lostDisk).Inc()
		return
	}
	for kind, n := range r.compose.counts {
		r.metrics.records.WithLabelValues(kind).Add(float64(n))
	}
}

func (r *Recorder) writeWhole(j *job) error {
	fresh, err := r.files.ready()
	if err != nil {
		return err
	}
	if fresh {
		if err := r.compose.begin(&r.cfg, r.files.name, r.files.begun); err != nil {
			return err
		}
	}
	if err := r.compose.add(j); err != nil {
		return err
	}
	return r.files.write(r.compose.bytes())
}
