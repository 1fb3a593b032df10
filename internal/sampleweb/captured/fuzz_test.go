package captured

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzLoad reads any bytes as a manifest: a web or one error that names it.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{"file\turl\na.html\thttps://a.example/x\n", "file\turl\n..\thttps://a.example/\n", "", "x", "file\turl\n\"a\thttp://", "file\turl\na\thttp://[::1]/"} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := os.WriteFile(filepath.Join(dir, "manifest.tsv"), body, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); err != nil && !strings.Contains(err.Error(), "manifest.tsv") {
			t.Fatalf("error %v does not name the manifest", err)
		}
	})
}
