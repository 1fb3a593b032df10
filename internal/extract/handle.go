package extract

import (
	"context"
	"fmt"

	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/work"
)

// Handle extracts a batch of pages. Attributions, texts and organisations are written first, then signals, and page records after them, so that no signal of
// a wire counts for its owner, none of a copy beside its original's, and a page's validators advance only when its signals are durable; where the store fails, every page that
// depended on the write is retried. One outcome is returned for each delivery, in order.
func (e *Extractor) Handle(ctx context.Context, batch []work.Delivery[*pages.Page]) []work.Outcome {
	out := make([]work.Outcome, len(batch))
	e.metrics.batch.Observe(float64(len(batch)))
	for start := 0; start < len(batch); start += e.cfg.MaxBatch {
		end := min(start+e.cfg.MaxBatch, len(batch))
		e.handleSome(ctx, batch[start:end], out[start:end])
	}
	return out
}

// handleSome extracts and writes at most MaxBatch pages.
func (e *Extractor) handleSome(ctx context.Context, batch []work.Delivery[*pages.Page], out []work.Outcome) {
	results := make([]result, len(batch))
	for i, d := range batch {
		if err := ctx.Err(); err != nil {
			results[i].err = err
			continue
		}
		results[i] = e.extract(ctx, d.Value)
	}
	e.write(ctx, results)
	for i := range results {
		out[i] = e.outcome(batch[i].Value, &results[i])
	}
}

// write stores whom pages speak of, the texts that signals rest on and what pages state of their organisations, then the signals of all pages, then the records of those whose
// signals are durable.
func (e *Extractor) write(ctx context.Context, results []result) {
	store := e.cfg.Store
	writePart(ctx, e, results, "attributions", store.WriteAttributions, func(r *result) []signals.Attribution { return r.attributions })
	writePart(ctx, e, results, "texts", store.WriteTexts, func(r *result) []signals.Text { return r.texts })
	writePart(ctx, e, results, "organisations", store.WriteOrganisations, func(r *result) []signals.Organisation { return r.organisations })
	writePart(ctx, e, results, "signals", store.WriteSignals, func(r *result) []signals.Signal { return r.signals })
	writePart(ctx, e, results, "page records", store.WritePages, func(r *result) []pages.Record { return []pages.Record{r.record} })
}

// writePart stores one part of what pages came to; where that fails, the pages that have some come again.
func writePart[T any](ctx context.Context, e *Extractor, results []result, what string, write func(context.Context, []T) error, part func(*result) []T) {
	var rows []T
	for i := range results {
		if results[i].err == nil {
			rows = append(rows, part(&results[i])...)
		}
	}
	if len(rows) == 0 {
		return
	}
	if err := write(ctx, rows); err != nil {
		e.failed(results, fmt.Errorf("write %d %s: %w", len(rows), what, err), func(r *result) bool { return len(part(r)) > 0 })
	}
}

// failed marks the pages that depended on a write and have no error yet.
func (e *Extractor) failed(results []result, err error, depends func(*result) bool) {
	e.cfg.Logger.Error("store failed, pages will come again", "error", err)
	for i := range results {
		if r := &results[i]; r.err == nil && depends(r) {
			r.err, r.retry = err, true
		}
	}
}

// outcome turns a result into the queue's word, and counts it.
func (e *Extractor) outcome(p *pages.Page, r *result) work.Outcome {
	label, out := r.label, work.Done()
	switch {
	case r.err != nil && (r.retry || ctxEnded(r.err)):
		label, out = "retry", work.Retry(r.err, e.cfg.RetryAfter)
	case r.err != nil:
		label, out = "drop", work.Drop(r.err.Error())
		if p != nil {
			e.cfg.Logger.Warn("page dropped", "url", p.URL, "error", r.err)
		}
	}
	e.metrics.pages.WithLabelValues(label, string(r.record.Kind)).Inc()
	if out.Verdict == work.VerdictDone {
		for i := range r.signals {
			e.metrics.signals.WithLabelValues(string(r.signals[i].Kind)).Inc()
		}
	}
	return out
}
