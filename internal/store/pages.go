package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"telltale/internal/pages"
)

// pageRow is one row of the table pages: a read that was extracted, unchanged or failed.
type pageRow struct {
	pages.Record
	unchanged bool
	failure   string
}

// ErrIncomplete reports a row without what identifies it; nothing of its call is stored.
var ErrIncomplete = errors.New("incomplete row")

// WritePages stores reads whose signals are durable; a redelivered one replaces itself.
func (s *Store) WritePages(ctx context.Context, records []pages.Record) error {
	rows := make([]pageRow, len(records))
	for i, r := range records {
		rows[i] = pageRow{Record: r}
	}
	return s.writePageRows(ctx, rows)
}

func (s *Store) writePageRows(ctx context.Context, rows []pageRow) error {
	for _, r := range rows {
		if r.Domain == "" || r.URL == "" || r.FetchedAt.IsZero() {
			return fmt.Errorf("write pages: %w: domain %q, address %q, read at %v", ErrIncomplete, r.Domain, r.URL, r.FetchedAt)
		}
	}
	return insertParted(ctx, s, "pages", rows, func(r *pageRow) int { return month(r.FetchedAt) }, pageColumns)
}

func pageColumns(rows []pageRow) []column {
	type R = pageRow
	return []column{
		project("domain", rows, func(r *R) string { return r.Domain }),
		project("url", rows, func(r *R) string { return r.URL }),
		project("fetched_at", rows, func(r *R) time.Time { return r.FetchedAt }),
		project("kind", rows, func(r *R) string { return string(r.Kind) }),
		project("status", rows, func(r *R) uint16 { return uint16(min(count32(r.Status), 1<<16-1)) }),
		project("unchanged", rows, func(r *R) bool { return r.unchanged }),
		project("error", rows, func(r *R) string { return r.failure }),
		project("content_hash", rows, func(r *R) string { return r.ContentHash }),
		project("simhash", rows, func(r *R) uint64 { return r.SimHash }),
		project("etag", rows, func(r *R) string { return r.ETag }),
		project("last_modified", rows, func(r *R) string { return r.LastModified }),
		project("bytes", rows, func(r *R) uint32 { return count32(r.Bytes) }),
		project("title", rows, func(r *R) string { return r.Title }),
		project("language", rows, func(r *R) string { return r.Language }),
		project("published_at", rows, func(r *R) *time.Time { return orNil(r.PublishedAt) }),
		project("signals", rows, func(r *R) uint32 { return count32(r.Signals) }),
		project("visit_id", rows, func(r *R) string { return r.VisitID }),
		project("extractor_version", rows, func(r *R) string { return r.ExtractorVersion }),
	}
}

// orNil makes a null of the zero time.
func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// WriteResults stores how visits ended, and the reads that published no page. A result delivered twice is one row.
func (s *Store) WriteResults(ctx context.Context, results []pages.Result) error {
	var reads []pageRow
	for _, r := range results {
		if r.Domain == "" || r.VisitID == "" || r.DueAt.IsZero() {
			return fmt.Errorf("write results: %w: visit %q of domain %q, due %v", ErrIncomplete, r.VisitID, r.Domain, r.DueAt)
		}
		for _, read := range r.Reads {
			reads = append(reads, pageRow{
				Record: pages.Record{
					Domain: r.Domain, URL: read.URL, Kind: read.Kind, FetchedAt: read.FetchedAt, Status: read.Status, VisitID: r.VisitID,
				},
				unchanged: read.Unchanged, failure: read.Error,
			})
		}
	}
	if err := s.writePageRows(ctx, reads); err != nil {
		return err
	}
	return insertParted(ctx, s, "visits", results, func(r *pages.Result) int { return month(r.DueAt) }, visitColumns)
}

func visitColumns(rows []pages.Result) []column {
	type R = pages.Result
	return []column{
		project("domain", rows, func(r *R) string { return r.Domain }),
		project("due_at", rows, func(r *R) time.Time { return r.DueAt }),
		project("visit_id", rows, func(r *R) string { return r.VisitID }),
		project("started_at", rows, func(r *R) time.Time { return r.StartedAt }),
		project("finished_at", rows, func(r *R) time.Time { return r.FinishedAt }),
		project("crawler", rows, func(r *R) string { return r.Crawler }),
		project("outcome", rows, func(r *R) string { return string(r.Outcome) }),
		project("reason", rows, func(r *R) string { return r.Reason }),
		project("published", rows, func(r *R) uint32 { return count32(r.Published) }),
		project("unchanged", rows, func(r *R) uint32 { return count32(r.Unchanged) }),
		project("denied", rows, func(r *R) uint32 { return count32(r.Denied) }),
		project("failed", rows, func(r *R) uint32 { return count32(r.Failed) }),
		project("skipped", rows, func(r *R) uint32 { return count32(r.Skipped) }),
		project("bytes", rows, func(r *R) uint64 { return uint64(max(r.Bytes, 0)) }),
		project("crawl_delay_s", rows, func(r *R) float32 { return float32(r.CrawlDelay.Seconds()) }),
	}
}
