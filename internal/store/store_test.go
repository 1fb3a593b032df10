package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"telltale/internal/store/schemadir"
)

func TestMain(m *testing.M) {
	if run, ok := children[os.Getenv("TELLTALE_TEST_CHILD")]; ok {
		run()
		return
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(schema.End))
}

// schema is what stores of tests begin with.
var schema schemadir.Schema

// children are what the test binary does when a test starts it again as a process of its own.
var children = map[string]func(){
	"write until killed":   writeUntilKilled,
	"import until killed":  importUntilKilled,
	"write to a full disk": writeToFullDisk,
}

// open opens a store with a database of its own: on the server TELLTALE_TEST_CLICKHOUSE names, else embedded.
func open(t testing.TB, change ...func(*Config)) *Store {
	t.Helper()
	cfg := Config{Database: fmt.Sprintf("test_%016x", rand.Uint64())}
	if cfg.URL = os.Getenv("TELLTALE_TEST_CLICKHOUSE"); cfg.URL == "" {
		cfg.DataDir = t.TempDir()
	}
	for _, c := range change {
		c(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.conn != nil && s.engine == nil {
			if err := s.Exec(context.Background(), "DROP DATABASE IF EXISTS "+s.cfg.Database, nil); err != nil {
				t.Error(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// migrated opens a store with its schema: where nothing else is asked for, on a copy of an empty one.
func migrated(t testing.TB, change ...func(*Config)) *Store {
	t.Helper()
	if len(change) == 0 && os.Getenv("TELLTALE_TEST_CLICKHOUSE") == "" {
		dir := schema.Copy(t, func(dir string) (schemadir.Store, error) {
			return New(Config{DataDir: dir, Database: schemadir.Database})
		})
		change = append(change, func(c *Config) { c.DataDir, c.Database = dir, schemadir.Database })
	}
	s := open(t, change...)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and look at the difference", path)
	}
}
