package scoring_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"telltale/internal/scoring"
	"telltale/internal/store"
)

// imported notes how an import of the file customers.csv stands that began an hour before the test's now.
func (b bridge) imported(t *testing.T, id, state string, change ...func(*store.ImportNote)) {
	t.Helper()
	n := store.ImportNote{
		ID: id, Kind: "accounts", File: "customers.csv", State: state, Partial: state != "done", StartedAt: now.Add(-time.Hour), BeganAt: time.Now(), Written: 40_000,
	}
	for _, c := range change {
		c(&n)
	}
	if err := b.NoteImport(t.Context(), n); err != nil {
		t.Fatal(err)
	}
}

// scorable is a store with an account that can be scored.
func scorable(t *testing.T) bridge {
	b := open(t)
	b.account(t, "a", 10, "", "a.example")
	b.fit(t, "a", "Azure", 80)
	return b
}

func TestAMonthIsNotScoredOnAHalfImportedFile(t *testing.T) {
	b := scorable(t)
	b.imported(t, "20260710t110000-cut", "running")
	opened := time.Now() // and so the import's process is gone
	s := scorer(t, b, func(_ *scoring.Config, d *scoring.Deps) { d.AloneSince = opened })
	refused := func(want error, says string) {
		t.Helper()
		_, err := s.Run(t.Context(), june)
		if !errors.Is(err, want) || !strings.HasPrefix(err.Error(), "score 2026-06: "+says) {
			t.Errorf("got %v, want %s", err, says)
		}
		if n := b.Lines(t, "SELECT (SELECT count() FROM scoring_run_rows), (SELECT count() FROM models), (SELECT count() FROM propensity)")[0]; n != "0\t0\t0" {
			t.Errorf("the refused run wrote: %s", n)
		}
	}
	const remedy = ": import the file again, or let what is stored count with telltale imports forget 20260710t110000-cut"
	refused(scoring.ErrUnfinished, "an import is unfinished: accounts from customers.csv, begun 2026-07-10 11:00:00, at least 40000 rows stored"+remedy)
	// Tried again, and failed; then tried under another name.
	b.imported(t, "again", "failed", func(n *store.ImportNote) { n.Written, n.StartedAt = 0, now })
	b.imported(t, "other", "done", func(n *store.ImportNote) { n.File = "clients.csv" })
	refused(scoring.ErrUnfinished, "an import is unfinished: accounts from customers.csv, begun 2026-07-10 11:00:00, at least 40000 rows stored"+remedy+" (and 1 more: telltale imports)")
	b.imported(t, "whole", "done")
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Errorf("once the file is whole: %v", err)
	}
}

func TestAMonthIsNotScoredWhileAFileIsImported(t *testing.T) {
	b := scorable(t)
	opened := time.Now()
	b.imported(t, "i1", "running", func(n *store.ImportNote) { n.Written = 0 })
	for name, since := range map[string]time.Time{"over a store of this process": opened, "over a server": {}} {
		s := scorer(t, b, func(_ *scoring.Config, d *scoring.Deps) { d.AloneSince = since })
		_, err := s.Run(t.Context(), june)
		const says = "score 2026-06: an import is under way: accounts from customers.csv, begun 2026-07-10 11:00:00, some rows may be stored, last heard of "
		if !errors.Is(err, scoring.ErrUnderWay) || !strings.HasPrefix(err.Error(), says) || !strings.HasSuffix(err.Error(), "with telltale imports forget i1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Of two, the one that waiting does not help is told.
	b.imported(t, "i2", "failed", func(n *store.ImportNote) { n.Kind, n.StartedAt = "fit", now })
	s := scorer(t, b)
	if _, err := s.Run(t.Context(), june); !errors.Is(err, scoring.ErrUnfinished) || !strings.Contains(err.Error(), "forget i2 (and 1 more") {
		t.Errorf("beside one that was cut off: %v", err)
	}
	for _, id := range []string{"i1", "i2"} {
		if err := b.ForgetImport(t.Context(), id, now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Errorf("once they are settled: %v", err)
	}
}

func TestWhatWasKnownBeforeAnImportBeganIsScoredAllTheSame(t *testing.T) {
	b := scorable(t)
	b.imported(t, "i1", "failed")
	s := scorer(t, b)
	before := scoring.Request{Month: june, AsOf: june.End(), KnownBy: now.Add(-time.Hour - time.Millisecond)}
	if _, err := s.RunAt(t.Context(), before); err != nil {
		t.Errorf("a run as of before the import: %v", err)
	}
	read := func(context.Context, scoring.Summary) error { return nil }
	if _, err := s.Rehearse(t.Context(), before, read); err != nil {
		t.Errorf("a rehearsal as of before the import: %v", err)
	}
	for name, known := range map[string]time.Time{"when it began": now.Add(-time.Hour), "now": {}} {
		at := scoring.Request{Month: june, AsOf: june.End(), KnownBy: known}
		if _, err := s.RunAt(t.Context(), at); !errors.Is(err, scoring.ErrUnfinished) {
			t.Errorf("a run as of %s: %v", name, err)
		}
		if _, err := s.Rehearse(t.Context(), at, read); !errors.Is(err, scoring.ErrUnfinished) || !strings.HasPrefix(err.Error(), "rehearse 2026-06: ") {
			t.Errorf("a rehearsal as of %s: %v", name, err)
		}
	}
	b.imported(t, "i2", "failed", func(n *store.ImportNote) { n.Partial, n.StartedAt = false, now.Add(-2*time.Hour) })
	if _, err := s.RunAt(t.Context(), before); err != nil {
		t.Errorf("beside an import that stored nothing: %v", err)
	}
}
