// Package schemadir gives each test an embedded store's directory that has its schema already. To migrate an empty one takes a second
// of the engine's time, to copy one that is migrated a hundredth.
package schemadir

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
)

// Database is the database of the directories.
const Database = "test"

// Store is what makes the schema: a store.Store.
type Store interface {
	Open(ctx context.Context) error
	Migrate(ctx context.Context) error
	Close() error
}

// Schema is one directory with the schema and no rows, made once a test process. Its zero value is ready.
type Schema struct {
	once sync.Once
	dir  string
	err  error
}

// Copy returns a directory of the test's own with a migrated store in it. The first call makes the original with a store at the path
// that it gives to at; no engine may be open in this process then, as only one can be.
func (s *Schema) Copy(t testing.TB, at func(dir string) (Store, error)) string {
	t.Helper()
	s.once.Do(func() { s.err = s.make(at) })
	if s.err != nil {
		t.Fatalf("make a store's directory with its schema: %v", s.err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
		t.Fatalf("copy a store's directory: %v", err)
	}
	return dir
}

func (s *Schema) make(at func(dir string) (Store, error)) (err error) {
	if s.dir, err = os.MkdirTemp("", "telltale-schema-"); err != nil {
		return err
	}
	st, err := at(s.dir)
	if err != nil {
		return err
	}
	err = st.Open(context.Background())
	if err == nil {
		err = st.Migrate(context.Background())
	}
	return errors.Join(err, st.Close())
}

// End removes the original and ends the process: what TestMain does last, with the code of its tests, or 1 where it cannot remove.
func (s *Schema) End(code int) {
	if s.dir != "" {
		if err := os.RemoveAll(s.dir); err != nil {
			fmt.Fprintln(os.Stderr, "remove a store's directory:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}
