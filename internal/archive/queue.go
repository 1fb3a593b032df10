package archive

import (
	"context"
	"sync"

	"telltale/internal/pages"
)

// job is something to be written: an exchange or a page.
type job struct {
	exchange *pages.Exchange
	page     *pages.Page
	// weight is what it holds of memory, in bytes, roughly.
	weight int64
}

// queue hands jobs to the writer, in order. It is bounded in bytes; one job fits however large it is.
type queue struct {
	limit int64

	mu     sync.Mutex
	jobs   []job
	bytes  int64
	closed bool
	// changed is closed, and made anew, with every change.
	changed chan struct{}
}

func newQueue(limit int64) *queue { return &queue{limit: limit, changed: make(chan struct{})} }

// put adds a job, waiting for room until ctx ends. Otherwise it says why the job is lost: lostStopped or lostCancelled.
func (q *queue) put(ctx context.Context, j job) (lost string) {
	for {
		q.mu.Lock()
		switch {
		case q.closed:
			q.mu.Unlock()
			return lostStopped
		case len(q.jobs) == 0 || q.bytes+j.weight <= q.limit:
			q.jobs, q.bytes = append(q.jobs, j), q.bytes+j.weight
			q.signal()
			q.mu.Unlock()
			return ""
		}
		changed := q.changed
		q.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return lostCancelled
		}
	}
}

// take removes the oldest job; where there is none, it returns a channel that is closed when something changes.
func (q *queue) take() (j job, ok bool, changed <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.jobs) == 0 {
		return job{}, false, q.changed
	}
	j = q.jobs[0]
	q.jobs[0] = job{}
	q.jobs, q.bytes = q.jobs[1:], q.bytes-j.weight
	q.signal()
	return j, true, nil
}

// close refuses further jobs; those that wait can still be taken.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

// size is the weight of what waits, in bytes.
func (q *queue) size() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

// signal wakes all who wait; the caller holds mu.
func (q *queue) signal() {
	close(q.changed)
	q.changed = make(chan struct{})
}
