package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNoImport reports an import that is not there, or that there is nothing to settle of.
var ErrNoImport = errors.New("no such import")

// ImportNote is what the ledger keeps of an import: the latest note of an id counts.
type ImportNote struct {
	// ID names the import, Kind what its file holds; File has no directories. State is running, done or failed.
	ID, Kind, File, State string
	// Partial says that some of its rows may be stored and others not.
	Partial bool
	// StartedAt and FinishedAt (zero while it runs) are the product's time, BeganAt the machine's.
	StartedAt, BeganAt, FinishedAt time.Time
	// Read, Written and Rejected count rows.
	Read, Written, Rejected int
	Error                   string
}

// NoteImport writes how an import stands.
func (s *Store) NoteImport(ctx context.Context, n ImportNote) error {
	type N = ImportNote
	rows := []N{n}
	err := s.insertBlock(ctx, "import_rows", len(rows), []column{
		project("id", rows, func(n *N) string { return n.ID }),
		project("version", rows, func(*N) uint64 { return s.nextVersion(0) }),
		project("kind", rows, func(n *N) string { return n.Kind }),
		project("file", rows, func(n *N) string { return n.File }),
		project("state", rows, func(n *N) string { return n.State }),
		project("partial", rows, func(n *N) bool { return n.Partial }),
		project("started_at", rows, func(n *N) time.Time { return n.StartedAt }),
		project("began_at", rows, func(n *N) time.Time { return n.BeganAt }),
		project("finished_at", rows, func(n *N) *time.Time { return orNil(n.FinishedAt) }),
		project("rows_read", rows, func(n *N) uint64 { return uint64(max(n.Read, 0)) }),
		project("rows_written", rows, func(n *N) uint64 { return uint64(max(n.Written, 0)) }),
		project("rows_rejected", rows, func(n *N) uint64 { return uint64(max(n.Rejected, 0)) }),
		project("error", rows, func(n *N) string { return n.Error }),
	})
	if err != nil {
		return fmt.Errorf("note import %s: %w", n.ID, err)
	}
	return nil
}

// ImportEntry is an import as the view shows it.
type ImportEntry struct {
	ID         string     `ch:"id" json:"id"`
	Kind       string     `ch:"kind" json:"kind"`
	File       string     `ch:"file" json:"file"`
	State      string     `ch:"state" json:"state"`
	StartedAt  time.Time  `ch:"started_at" json:"started_at"`
	FinishedAt *time.Time `ch:"finished_at" json:"finished_at"`
	// HeardAt is the machine's time of its last note.
	HeardAt  time.Time `ch:"heard_at" json:"heard_at"`
	Read     uint64    `ch:"rows_read" json:"rows_read"`
	Written  uint64    `ch:"rows_written" json:"rows_written"`
	Rejected uint64    `ch:"rows_rejected" json:"rows_rejected"`
	Error    string    `ch:"error" json:"error"`
	// Settled says why its file is no half one: whole, nothing stored, imported again or by hand; empty where it is one.
	Settled string `ch:"settled" json:"settled"`
}

// Imports lists the imports, the latest first.
func (s *Store) Imports(ctx context.Context) ([]ImportEntry, error) {
	var rows []ImportEntry
	if err := s.Select(ctx, &rows, text("import_list"), nil); err != nil {
		return nil, fmt.Errorf("list the imports: %w", err)
	}
	return rows, nil
}

// ForgetImport lets what an unfinished import has stored count as it is, from now on. Errors wrap ErrNoImport where there is none of the id, or
// where it is settled already.
func (s *Store) ForgetImport(ctx context.Context, id string, now time.Time) error {
	var rows []struct {
		Version uint64 `ch:"version"`
		Settled string `ch:"settled"`
	}
	if err := s.Select(ctx, &rows, text("import_standing"), Params{"id": id}); err != nil {
		return fmt.Errorf("forget import %s: %w", id, err)
	}
	switch {
	case len(rows) == 0:
		return fmt.Errorf("%w: %q", ErrNoImport, id)
	case rows[0].Settled != "":
		return fmt.Errorf("%w that is unfinished: %s is settled (%s)", ErrNoImport, id, rows[0].Settled)
	}
	err := s.Exec(ctx, text("import_forget"), Params{"id": id, "version": s.nextVersion(rows[0].Version), "at": now.UTC()})
	if err != nil {
		return fmt.Errorf("forget import %s: %w", id, err)
	}
	return nil
}
