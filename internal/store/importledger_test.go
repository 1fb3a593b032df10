package store

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAnUnfinishedImportIsSettledByTheSameFileImportedWhole(t *testing.T) {
	s := migrated(t)
	later, earlier := time.Now().Add(time.Minute), time.Now().Add(-time.Minute)
	cut := ImportNote{Kind: "fit", File: "fit.csv", State: "failed", Partial: true, StartedAt: noon, BeganAt: earlier, FinishedAt: noon, Written: 40}
	for _, c := range []struct {
		name          string
		first, second func(*ImportNote)
		want          string
	}{
		{"nothing else was imported", func(*ImportNote) {}, nil, ""},
		{"it is whole", func(n *ImportNote) { n.State, n.Partial = "done", false }, nil, "whole"},
		{"it failed before it stored a row", func(n *ImportNote) { n.Partial = false }, nil, "nothing stored"},
		{"it runs", func(n *ImportNote) { n.State, n.FinishedAt = "running", time.Time{} }, nil, ""},
		{"the same file was imported after it", func(*ImportNote) {}, func(*ImportNote) {}, "imported again"},
		{"the same file was imported after one that was killed", func(n *ImportNote) { n.State, n.FinishedAt = "running", time.Time{} }, func(*ImportNote) {}, "imported again"},
		{"a file of another kind was", func(*ImportNote) {}, func(n *ImportNote) { n.Kind += "s" }, ""},
		{"a file of another name was", func(*ImportNote) {}, func(n *ImportNote) { n.File += "s" }, ""},
		{"the same file was cut off again", func(*ImportNote) {}, func(n *ImportNote) { n.State, n.Partial = "failed", true }, ""},
		{"the same file was refused", func(*ImportNote) {}, func(n *ImportNote) { n.State = "failed" }, ""},
		{"the other began while it was at work", func(*ImportNote) {}, func(n *ImportNote) { n.BeganAt = earlier }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := cut
			first.ID, first.File = "first "+c.name, c.name // a file of the case's own
			c.first(&first)
			must(t, s.NoteImport(t.Context(), first))
			if c.second != nil {
				second := ImportNote{ID: "second " + c.name, Kind: first.Kind, File: first.File, State: "done", StartedAt: noon, BeganAt: later, FinishedAt: noon}
				c.second(&second)
				must(t, s.NoteImport(t.Context(), second))
			}
			if got := standing(t, s, first.ID); got.Settled != c.want {
				t.Errorf("settled %q, want %q", got.Settled, c.want)
			}
		})
	}
}

// standing is an import as it is listed.
func standing(t *testing.T, s *Store, id string) ImportEntry {
	t.Helper()
	list, err := s.Imports(t.Context())
	must(t, err)
	for _, m := range list {
		if m.ID == id {
			return m
		}
	}
	t.Fatalf("import %s is not listed", id)
	return ImportEntry{}
}

func TestAnUnfinishedImportIsSettledByHandAndKept(t *testing.T) {
	s := migrated(t)
	note := ImportNote{
		ID: "i1", Kind: "accounts", File: "customers.csv", State: "running", Partial: true, StartedAt: noon, BeganAt: time.Now(), Read: 90, Written: 40, Rejected: 2, Error: "cut off",
	}
	must(t, s.NoteImport(t.Context(), note))
	must(t, s.ForgetImport(t.Context(), "i1", noon.Add(time.Hour)))
	got := standing(t, s, "i1")
	if got.Settled != "by hand" || got.State != "running" || got.Read != 90 || got.Written != 40 || got.Rejected != 2 || got.Error != "cut off" || !got.StartedAt.Equal(noon) {
		t.Errorf("%+v", got)
	}
	for id, says := range map[string]string{"i1": "i1 is settled (by hand)", "i2": `no such import: "i2"`} {
		if err := s.ForgetImport(t.Context(), id, noon); !errors.Is(err, ErrNoImport) || !strings.Contains(err.Error(), says) {
			t.Errorf("forget %s: %v, want %q", id, err, says)
		}
	}
	// One that was at work all the while speaks for itself again.
	note.State, note.Error = "failed", "the disk is full"
	must(t, s.NoteImport(t.Context(), note))
	if got := standing(t, s, "i1"); got.Settled != "" || got.State != "failed" {
		t.Errorf("after it failed: %+v", got)
	}
}
