package imports_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/imports"
	"telltale/internal/store"
)

// storeOf opens the store in a directory, and an importer of fit scores that keeps its ledger there.
func storeOf(dir string, now func() time.Time, before func()) (*store.Store, *imports.Importer, error) {
	st, err := store.New(store.Config{DataDir: filepath.Join(dir, "store")})
	if err == nil {
		err = st.Open(context.Background())
	}
	if err == nil {
		err = st.Migrate(context.Background())
	}
	if err != nil {
		return nil, nil, err
	}
	im, err := imports.New(imports.Deps{
		Now:    now,
		Ledger: func(ctx context.Context, e imports.Entry) error { return st.NoteImport(ctx, store.ImportNote(e)) },
		Sinks: imports.Sinks{Fit: func(ctx context.Context, rows []imports.FitScore, known time.Time) (int, error) {
			before()
			out := make([]store.FitScore, len(rows))
			for i, r := range rows {
				out[i] = store.FitScore(r)
			}
			done, err := st.ImportFit(ctx, out, known)
			return done.Written, err
		}},
	})
	return st, im, err
}

// importAndHang is what this test's binary does as a process of its own: it imports a file, says so in the middle of it, and hangs.
func importAndHang(dir string) {
	batches := 0
	_, im, err := storeOf(dir, func() time.Time { return now }, func() {
		if batches++; batches > 2 {
			fmt.Fprintln(os.Stdout, "half")
			select {}
		}
	})
	if err == nil {
		_, err = im.Import(context.Background(), imports.Fit, filepath.Join(dir, "fit.csv"), imports.Options{})
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func TestAKilledImportIsUnfinishedUntilTheFileIsImportedAgain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "fit.csv")
	if err := os.WriteFile(path, []byte(fitRows(50_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "TELLTALE_TEST_IMPORT_AND_HANG="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "half\n" {
		t.Fatalf("the child said %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child was not killed")
	}
	later := now.Add(time.Hour)
	st, im, err := storeOf(dir, func() time.Time { return later }, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	entries := func() (lines []string) {
		list, err := st.Imports(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			lines = append(lines, fmt.Sprintf("%s %s %s, %d of %d rows, begun %s, ended %v, %q", m.Kind, m.File, m.State, m.Written, m.Read, m.StartedAt.Format(time.TimeOnly), m.FinishedAt != nil, m.Settled))
		}
		return lines
	}
	// 40,000 rows are there; the last note is that of the first batch.
	same(t, entries(), `fit fit.csv running, 20000 of 50000 rows, begun 12:00:00, ended false, ""`)
	if _, err := im.Import(t.Context(), imports.Fit, path, imports.Options{}); err != nil {
		t.Fatal(err)
	}
	same(t, entries(), `fit fit.csv done, 10000 of 50000 rows, begun 13:00:00, ended true, "whole"`,
		`fit fit.csv running, 20000 of 50000 rows, begun 12:00:00, ended false, "imported again"`)
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
