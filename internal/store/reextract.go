package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"telltale/internal/pages"
	"telltale/internal/signals"
)

// maxPending bounds the decisions, and the texts, that a re-extraction holds in memory until it replaces.
const maxPending = 200_000

// ErrTooMuch reports a re-extraction of more than it can hold at once.
var ErrTooMuch = errors.New("too much for one re-extraction: read the archive in parts")

// Reextraction compares what newer rules find in pages that are read again with what is stored, and replaces the one by the other. It
// takes what an extractor writes onto a bench of its own; nothing else is touched before Replace. Its Write methods are safe for
// concurrent use. Close it.
type Reextraction struct {
	s       *Store
	id      string
	version string

	mu        sync.Mutex
	decisions []signals.Attribution
	texts     []signals.Text
	// organisations are held like decisions and texts.
	organisations []signals.Organisation
}

// Reextract begins a re-extraction by the rules of a version.
func (s *Store) Reextract(version string) *Reextraction {
	var chance [8]byte
	_, _ = rand.Read(chance[:]) // never fails (crypto/rand)
	return &Reextraction{s: s, id: hex.EncodeToString(chance[:]), version: version}
}

// WriteSignals takes what the newer rules find.
func (r *Reextraction) WriteSignals(ctx context.Context, rows []signals.Signal) error {
	for i := range rows {
		if err := rows[i].Validate(); err != nil {
			return fmt.Errorf("re-extract: row %d: %w", i, err)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	columns := signalColumns(rows)
	columns = append(columns, project("run_id", rows, func(*signals.Signal) string { return r.id }))
	kept := columns[:0]
	for _, c := range columns {
		if c.name != "last_seen" {
			kept = append(kept, c)
		}
	}
	return r.s.insertBlock(ctx, "reextract_signals", len(rows), kept)
}

// readAgain is an address that was read again, and the fetch.
type readAgain struct {
	domain, url string
	at          time.Time
	page        bool
	found       int
}

// WritePages takes what was read again: pages, and the items of feeds.
func (r *Reextraction) WritePages(ctx context.Context, records []pages.Record) error {
	var rows []readAgain
	for i := range records {
		p := &records[i]
		rows = append(rows, readAgain{p.Domain, p.URL, p.FetchedAt, true, p.Signals})
		for _, item := range p.Items {
			rows = append(rows, readAgain{p.Domain, item, p.FetchedAt, false, 0})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	type R = readAgain
	return r.s.insertBlock(ctx, "reextract_reads", len(rows), []column{
		project("run_id", rows, func(*R) string { return r.id }),
		project("domain", rows, func(r *R) string { return r.domain }),
		project("url", rows, func(r *R) string { return r.url }),
		project("read_at", rows, func(r *R) time.Time { return r.at }),
		project("page", rows, func(r *R) bool { return r.page }),
		project("found", rows, func(r *R) uint32 { return count32(r.found) }),
	})
}

// WriteAttributions holds decisions until Replace. Errors wrap ErrTooMuch.
func (r *Reextraction) WriteAttributions(_ context.Context, rows []signals.Attribution) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.decisions)+len(rows) > maxPending {
		return fmt.Errorf("more than %d decisions: %w", maxPending, ErrTooMuch)
	}
	r.decisions = append(r.decisions, rows...)
	return nil
}

// WriteTexts holds texts until Replace. Errors wrap ErrTooMuch.
func (r *Reextraction) WriteTexts(_ context.Context, rows []signals.Text) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.texts)+len(rows) > maxPending {
		return fmt.Errorf("more than %d texts: %w", maxPending, ErrTooMuch)
	}
	r.texts = append(r.texts, rows...)
	return nil
}

// WriteOrganisations holds statements until Replace. Errors wrap ErrTooMuch.
func (r *Reextraction) WriteOrganisations(_ context.Context, rows []signals.Organisation) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.organisations)+len(rows) > maxPending {
		return fmt.Errorf("more than %d organisations: %w", maxPending, ErrTooMuch)
	}
	r.organisations = append(r.organisations, rows...)
	return nil
}

// Change is what replacing would do to the signals of one domain, kind, name, product and address.
type Change struct {
	// Change is added, removed, changed or kept: not found again, but not every fetch that showed it was read again.
	Change  string `ch:"change"`
	Domain  string `ch:"domain"`
	Kind    string `ch:"kind"`
	Name    string `ch:"name"`
	Product string `ch:"product"`
	URL     string `ch:"url"`
	// Was is what is stored and Now what the newer rules find; of an addition and of a removal one is zero.
	WasVersion    string    `ch:"was_version"`
	WasStrength   float32   `ch:"was_strength"`
	WasConfidence float32   `ch:"was_confidence"`
	WasSign       int8      `ch:"was_sign"`
	WasObservedAt time.Time `ch:"was_observed_at"`
	WasEvidence   string    `ch:"was_evidence"`
	NowVersion    string    `ch:"now_version"`
	NowStrength   float32   `ch:"now_strength"`
	NowConfidence float32   `ch:"now_confidence"`
	NowSign       int8      `ch:"now_sign"`
	NowObservedAt time.Time `ch:"now_observed_at"`
	NowEvidence   string    `ch:"now_evidence"`
}

// ChangeCount is how many signals of a kind have a change; of Change same as well.
type ChangeCount struct {
	Change string `ch:"change"`
	Kind   string `ch:"kind"`
	N      uint64 `ch:"n"`
}

// Compare works out what replacing would change, once everything was written: how much, and at most limit changes in the order of change,
// domain, kind, name, product and address.
func (r *Reextraction) Compare(ctx context.Context, limit int) (counts []ChangeCount, changes []Change, err error) {
	run := Params{"run_id": r.id}
	if err := r.s.Exec(ctx, text("reextract_compare"), Params{"run_id": r.id, "version": r.version}); err != nil {
		return nil, nil, fmt.Errorf("compare: %w", err)
	}
	if err := r.s.Select(ctx, &counts, text("reextract_counts"), run); err != nil {
		return nil, nil, fmt.Errorf("count changes: %w", err)
	}
	if err := r.s.Select(ctx, &changes, text("reextract_changes"), Params{"run_id": r.id, "limit": count32(limit)}); err != nil {
		return nil, nil, fmt.Errorf("list changes: %w", err)
	}
	return counts, changes, nil
}

// Replace does what Compare showed, known from now on: scores as of an earlier time stay what they were. After an error some of it may be done; the same
// re-extraction from its beginning finds and does the rest.
func (r *Reextraction) Replace(ctx context.Context, now time.Time) error {
	for i := range r.decisions {
		r.decisions[i].KnownFrom = now
	}
	for i := range r.texts {
		r.texts[i].KnownFrom = now
	}
	if err := r.s.WriteAttributions(ctx, r.decisions); err != nil {
		return err
	}
	if err := r.s.WriteTexts(ctx, r.texts); err != nil {
		return err
	}
	if err := r.s.WriteOrganisations(ctx, r.organisations); err != nil {
		return err
	}
	args := Params{"run_id": r.id, "version": r.version, "known": now.UTC().Format("2006-01-02 15:04:05.000")}
	// Additions first: those that were retired are told by the revisions that stood before.
	for _, step := range []string{"reextract_add", "reextract_revise", "reextract_pages"} {
		if err := r.s.Exec(ctx, text(step), args); err != nil {
			return fmt.Errorf("replace: %s: %w", step, err)
		}
	}
	return nil
}

// Close clears the bench.
func (r *Reextraction) Close(ctx context.Context) error {
	var errs []error
	for _, table := range []string{"reextract_signals", "reextract_reads", "reextract_changes"} {
		errs = append(errs, r.s.Exec(ctx, "ALTER TABLE "+table+" DROP PARTITION '"+r.id+"'", nil))
	}
	return errors.Join(errs...)
}
