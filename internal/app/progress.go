package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"telltale/internal/queue"
)

const (
	// pollEvery is how often a pass looks whether the queues have run empty.
	pollEvery = 100 * time.Millisecond
	// lineEvery is how often progress is a line, where the output is no terminal.
	lineEvery = 5 * time.Second
)

// progress shows how far a pass has come: a bar on a terminal, a line now and then elsewhere.
type progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar
	start time.Time
	last  time.Time
	total int
	whole bool
}

func newProgress(out io.Writer, total int) *progress {
	p := &progress{out: out, total: total, start: time.Now()}
	if f, ok := out.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("visits"),
				progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(pollEvery))
		}
	}
	return p
}

// show reports visits done and pages that wait to be read.
func (p *progress) show(done int, waiting uint64) {
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("visits (%d pages wait)", waiting))
		_ = p.bar.Set(done)
		return
	}
	if now := time.Now(); now.Sub(p.last) >= lineEvery || (done == p.total && waiting == 0 && !p.whole) {
		p.last, p.whole = now, done == p.total && waiting == 0
		fmt.Fprintf(p.out, "  %5.1f s  %d of %d visits done, %d pages wait to be read\n", now.Sub(p.start).Seconds(), done, p.total, waiting)
	}
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// awaitIdle returns when no visit, page or result is outstanding: every visit's pages and result are in
// streams before it is acknowledged, and every page's signals in the store before it is, so empty means done.
func awaitIdle(ctx context.Context, q *queue.Queue, p *progress) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	defer p.finish()
	for {
		streams, err := q.Status(ctx)
		if err != nil {
			return err
		}
		left := map[string]uint64{}
		for _, s := range streams {
			left[s.Stream] = s.Messages
		}
		outstanding := left[queue.StreamVisits]
		p.show(max(p.total-int(outstanding), 0), left[queue.StreamPages])
		if outstanding+left[queue.StreamPages]+left[queue.StreamResults] == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
