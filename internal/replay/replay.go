// Package replay is the stage that runs extraction from an archive, with no network: it makes page messages of archived
// answers and hands them to the extractor in batches. Reading archives is an adapter's business, extraction another
// stage's.
package replay

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"telltale/internal/pages"
	"telltale/internal/work"
)

// Archive is what is replayed; it is read twice.
type Archive interface {
	// Pages yields the pages that a crawl of ours published, without bodies; probes are whole.
	Pages(ctx context.Context, yield func(*pages.Page) error) error
	// Exchanges yields the HTTP answers; ours says that Pages has yielded each of them that was published.
	Exchanges(ctx context.Context, yield func(x *pages.Exchange, ours bool) error) error
}

// Config says what to replay and into what.
type Config struct {
	Archive Archive
	// Decode gives an answer's body as a fetch would have: decoded, in UTF-8, within pages.MaxBody.
	Decode func(*pages.Exchange) (body []byte, truncated bool, err error)
	// Extract is the extractor. An outcome that asks for a retry ends the replay.
	Extract work.BatchHandler[*pages.Page]
	// Workers is how many batches are extracted side by side; 0 means one.
	Workers int
	// BatchPages and BatchBytes bound a batch; 0 means 256 pages and 16 MiB of bodies.
	BatchPages, BatchBytes int
	// Domain, where set, is the domain that every page belongs to; otherwise it is that of its address.
	Domain string
	// Wanted, where set, says whether pages of a domain are read.
	Wanted func(domain string) bool
}

// Why an answer gives no page.
const (
	SkipUnpublished = "not published by the crawl"
	SkipStatus      = "status other than 2xx"
	SkipRobots      = "robots.txt"
	SkipType        = "neither HTML, feed nor text"
	SkipEncoding    = "content coding"
	SkipEmpty       = "empty"
	SkipAddress     = "address without a domain"
	SkipUnwanted    = "domain not wanted"
	SkipNoPage      = "error page, parked or sitemap"
	SkipNoIndex     = "noindex"
	SkipRejected    = "rejected by the extractor"
)

// Summary is what a replay came to.
type Summary struct {
	// Pages counts what was extracted, Probes those among it that are no documents.
	Pages, Probes int
	// Skipped counts answers by why they gave no page.
	Skipped map[string]int
	// Lost counts published pages whose answer is not in the archive, Changed those whose body has another hash now.
	Lost, Changed int
}

// run is the state of a replay.
type run struct {
	Config
	published map[string]*pages.Page
	batch     []work.Delivery[*pages.Page]
	bytes     int
	group     *errgroup.Group
	dropped   atomic.Int64
	summary   Summary
}

// Run replays an archive. The error is that of the archive, of the store behind the extractor, or of ctx; what was done
// until then is done, and doing it again changes nothing.
func Run(ctx context.Context, cfg Config) (Summary, error) {
	if cfg.BatchPages <= 0 {
		cfg.BatchPages = 256
	}
	if cfg.BatchBytes <= 0 {
		cfg.BatchBytes = 16 << 20
	}
	r := &run{Config: cfg, published: map[string]*pages.Page{}, summary: Summary{Skipped: map[string]int{}}}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(cfg.Workers, 1))
	r.group = group
	err := r.read(ctx)
	if failed := group.Wait(); failed != nil {
		err = failed // it ended the reading
	}
	if n := int(r.dropped.Load()); n > 0 {
		r.summary.Skipped[SkipRejected] = n
		r.summary.Pages -= n
	}
	r.summary.Lost = len(r.published)
	return r.summary, err
}

func (r *run) read(ctx context.Context) error {
	if err := r.Archive.Pages(ctx, func(p *pages.Page) error { return r.know(ctx, p) }); err != nil {
		return err
	}
	err := r.Archive.Exchanges(ctx, func(x *pages.Exchange, ours bool) error {
		page, skipped := r.pageOf(x, ours)
		if skipped != "" {
			r.summary.Skipped[skipped]++
			return nil
		}
		return r.add(ctx, page)
	})
	if err != nil {
		return err
	}
	return r.flush(ctx)
}

// key names the answer that a page was read from: its address and when it was asked for, to the microsecond of WARC-Date.
func key(url string, at time.Time) string {
	return url + " " + at.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
}

// know takes a published page: a probe is extracted at once, others wait for their answers.
func (r *run) know(ctx context.Context, p *pages.Page) error {
	if r.Domain != "" {
		p.Domain = r.Domain
	}
	if !r.wanted(p.Domain) {
		return nil
	}
	if p.Kind == pages.KindProbe {
		r.summary.Probes++
		return r.add(ctx, p)
	}
	r.published[key(p.FinalURL, p.FetchedAt)] = p
	return nil
}

func (r *run) wanted(domain string) bool { return r.Wanted == nil || r.Wanted(domain) }

// add puts a page into the batch, and extracts that where it is full.
func (r *run) add(ctx context.Context, p *pages.Page) error {
	r.summary.Pages++
	r.batch = append(r.batch, work.Delivery[*pages.Page]{Value: p, Attempt: 1, Last: true})
	if r.bytes += len(p.Body); len(r.batch) < r.BatchPages && r.bytes < r.BatchBytes {
		return nil
	}
	return r.flush(ctx)
}

// flush has the batch extracted by the next free worker.
func (r *run) flush(ctx context.Context) error {
	batch := r.batch
	r.batch, r.bytes = nil, 0
	if len(batch) == 0 {
		return ctx.Err()
	}
	r.group.Go(func() error {
		for i, outcome := range r.Extract(ctx, batch) {
			switch outcome.Verdict {
			case work.VerdictDone:
			case work.VerdictDrop:
				r.dropped.Add(1)
			case work.VerdictRetry:
				return fmt.Errorf("extract %s: %s", batch[i].Value.URL, outcome.Reason)
			}
		}
		return nil
	})
	return ctx.Err()
}
