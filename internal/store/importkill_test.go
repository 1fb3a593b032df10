package store

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"
)

// importedRows is how many rows a file has whose import is killed; a chunk is stored at a time.
const importedRows = 4 * importChunk

func fitFile() []FitScore {
	rows := make([]FitScore, importedRows)
	for i := range rows {
		rows[i] = FitScore{AccountID: fmt.Sprintf("A%06d", i), Product: "Azure", Model: "imported", Imported: true, Score: float32(i % 101)}
	}
	return rows
}

// noteOf is what the ledger is told of an import of that file.
func noteOf(id, state string, written int) ImportNote {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return ImportNote{ID: id, Kind: "fit", File: "fit.csv", State: state, Partial: state == "running", StartedAt: day, BeganAt: time.Now(), Read: importedRows, Written: written}
}

// importUntilKilled imports the first chunks of a file, says so, and goes on with the whole of it for ever.
func importUntilKilled() {
	s, err := New(Config{DataDir: os.Getenv("TELLTALE_TEST_DIR")})
	if err == nil {
		err = s.Open(context.Background())
	}
	if err == nil {
		err = s.Migrate(context.Background())
	}
	if err == nil {
		_, err = s.ImportFit(context.Background(), fitFile()[:2*importChunk], time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	if err == nil {
		err = s.NoteImport(context.Background(), noteOf("killed", "running", 2*importChunk))
	}
	fmt.Fprintln(os.Stdout, "half", err)
	for err == nil {
		_, err = s.ImportFit(context.Background(), fitFile(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	os.Exit(1)
}

func TestAFileWhoseImportWasKilledIsCompletedByImportingItAgain(t *testing.T) {
	dir := t.TempDir()
	cmd, out := child(t, "import until killed", dir)
	if !out.Scan() || out.Text() != "half <nil>" {
		t.Fatalf("the child said %q", out.Text())
	}
	must(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	s := migrated(t, embeddedAt(dir))
	there := count(t, s, "fit_score_rows")
	if there < 2*importChunk || there > importedRows {
		t.Errorf("%d rows after the kill", there)
	}
	if m := standing(t, s, "killed"); m.State != "running" || m.Settled != "" || m.Written != 2*importChunk || m.Read != importedRows {
		t.Errorf("the ledger says %+v after the kill", m)
	}
	again := noteOf("again", "running", 0)
	must(t, s.NoteImport(t.Context(), again))
	done, err := s.ImportFit(t.Context(), fitFile(), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	must(t, err)
	if uint64(done.Written) != importedRows-there || count(t, s, "fit_score_rows") != importedRows || count(t, s, "fit_scores") != importedRows {
		t.Errorf("of %d rows %d were there; the import wrote %d and left %d", importedRows, there, done.Written, count(t, s, "fit_score_rows"))
	}
	again.State, again.Partial, again.Written = "done", false, done.Written
	must(t, s.NoteImport(t.Context(), again))
	for id, want := range map[string]string{"killed": "imported again", "again": "whole"} {
		if m := standing(t, s, id); m.Settled != want {
			t.Errorf("import %s is settled %q, want %q", id, m.Settled, want)
		}
	}
}
