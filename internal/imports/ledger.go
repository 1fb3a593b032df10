package imports

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// The states of an import.
const (
	stateRunning = "running"
	stateDone    = "done"
	stateFailed  = "failed"
)

const (
	// noteEvery is how often an import that takes long says how far it is.
	noteEvery = 5 * time.Second
	// endGrace bounds the last note, when the caller's context may be gone already.
	endGrace = 15 * time.Second
	// maxError is the longest error that is kept, in bytes.
	maxError = 1000
)

// Entry is what a ledger keeps of an import. Its fields are those of the store's notes.
type Entry struct {
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

// Ledger keeps entries: the latest of an id counts.
type Ledger func(ctx context.Context, e Entry) error

// progress is how far an import is, as the ledger is told.
type progress struct {
	im    *Importer
	entry Entry
	// noted is when it was last told; storing is true from the first row that may be stored, stored counts rows that the store has taken.
	noted   time.Time
	storing bool
	stored  int
}

// begin tells the ledger of an import before anything is read or stored: whoever scores from then on knows of it, and who began before knows none
// of its rows.
func (im *Importer) begin(ctx context.Context, kind Kind, path string, knownFrom time.Time) (*progress, error) {
	began := time.Now()
	var chance [4]byte
	_, _ = rand.Read(chance[:]) // never fails (crypto/rand)
	started := im.deps.Now()
	if !knownFrom.IsZero() && knownFrom.Before(started) {
		started = knownFrom
	}
	p := &progress{im: im, entry: Entry{
		ID: began.UTC().Format("20060102t150405") + "-" + hex.EncodeToString(chance[:]), Kind: string(kind), File: nameOf(path), State: stateRunning,
		Partial: true, StartedAt: started.UTC(), BeganAt: began.UTC(),
	}}
	if err := p.note(ctx, p.entry); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// nameOf is a file's name; what a shell passes in has none.
func nameOf(path string) string {
	if path == "-" || strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/") {
		return "-"
	}
	return plain(filepath.Base(path))
}

// plain keeps control characters of a text from terminals.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

func (p *progress) note(ctx context.Context, e Entry) error {
	p.noted = time.Now()
	if p.im.deps.Ledger == nil {
		return nil
	}
	return p.im.deps.Ledger(ctx, e)
}

// more tells the ledger how far the storing is, after the first batch and then now and then; the last batch is for end to tell.
func (p *progress) more(ctx context.Context, rep *Report, rows int) {
	first := p.stored == 0
	if p.stored += rows; p.stored >= rep.Rows || !first && time.Since(p.noted) < noteEvery {
		return
	}
	e := p.entry
	e.count(rep)
	if err := p.note(ctx, e); err != nil { // the beginning is noted, and where the store is gone the next batch says so
		p.im.deps.Log.Info("how far an import is could not be noted", "import", e.ID, "error", err)
	}
}

// end tells the ledger how the import ended, however the caller fares, and returns its error.
func (p *progress) end(ctx context.Context, path string, rep *Report, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endGrace)
	defer cancel()
	e := p.entry
	e.count(rep)
	e.State, e.Partial, e.FinishedAt = stateDone, false, p.im.deps.Now().UTC()
	if err != nil {
		text := plain(strings.ReplaceAll(err.Error(), path, e.File))
		e.State, e.Partial, e.Error = stateFailed, p.storing, strings.ToValidUTF8(text[:min(len(text), maxError)], "")
	}
	failed := p.note(ctx, e)
	switch {
	case failed != nil && err == nil:
		return fmt.Errorf("%s: all rows are stored, but that could not be noted; import it again: %w", path, failed)
	case failed != nil: // it stays unfinished, as it should
		p.im.deps.Log.Info("a failed import could not be noted as such", "import", e.ID, "error", failed)
	}
	return err
}

func (e *Entry) count(rep *Report) {
	e.Read, e.Written, e.Rejected = rep.Rows+rep.Repeated+rep.Rejected, rep.Changed, rep.Rejected
}
