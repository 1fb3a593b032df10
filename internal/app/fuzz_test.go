package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzConfig reads any bytes as a configuration file: values or one error, never a panic.
func FuzzConfig(f *testing.F) {
	for _, s := range []string{"data-dir: x\nvisits: 3\n", "a: [", "- 1", "data-dir: {a: b}", "? !!binary x\n: y", "\x00", "&a *a"} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "config.yaml")
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadConfig(path); err != nil && !strings.Contains(err.Error(), path) {
			t.Fatalf("error %v does not name the file", err)
		}
	})
}

// FuzzInspectBatch asks any lines: as many answers as questions, each one line of JSON.
func FuzzInspectBatch(f *testing.F) {
	for _, s := range []string{`{"url":"https://a.example/?utm_source=x"}`, `{"headers":{"a":["b"]}}`, "{", "\n\n{}\n", `{"body":"!"}`, `{"text":null}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		env := &Env{In: strings.NewReader(in), Out: &out}
		if err := (&InspectURL{Batch: true}).Run(t.Context(), env); err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		for line := range strings.Lines(out.String()) {
			if !json.Valid([]byte(line)) {
				t.Fatalf("%q answers %q", in, line)
			}
		}
	})
}
