package embedded

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestACutLibraryIsRefusedBeforeItIsMapped cuts the real library at places where the loader would only notice by SIGBUS.
func TestACutLibraryIsRefusedBeforeItIsMapped(t *testing.T) {
	whole, err := FindLibrary("")
	if err != nil {
		t.Fatal(err)
	}
	if err := checkWhole(whole); err != nil {
		t.Fatalf("the whole library: %v", err)
	}
	for name, bytes := range map[string]int64{"nothing": 0, "a head": 64, "a megabyte": 1 << 20, "twenty megabytes": 20 << 20} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "libchdb.so")
			in, err := os.Open(whole)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			out, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(out, in, bytes); err != nil {
				t.Fatal(err)
			}
			if err := out.Close(); err != nil {
				t.Fatal(err)
			}
			_, err = openLibrary(path)
			if !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "make chdb") {
				t.Fatalf("error %v, want one that names the file and what mends it", err)
			}
		})
	}
}
