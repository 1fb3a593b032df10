// Package storetest gives tests a real store of their own, the way stages read and write one.
package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"telltale/internal/store"
	"telltale/internal/store/schemadir"
)

// Bench is a migrated store of one test.
type Bench struct{ *store.Store }

// Open opens a migrated store of the test's own, closed when it ends: a database on the server that TELLTALE_TEST_CLICKHOUSE names, else
// embedded, on a copy of the schema.
func Open(t testing.TB, schema *schemadir.Schema) Bench {
	t.Helper()
	cfg := store.Config{Database: fmt.Sprintf("test_%016x", rand.Uint64())}
	if cfg.URL = os.Getenv("TELLTALE_TEST_CLICKHOUSE"); cfg.URL == "" {
		cfg.Database = schemadir.Database
		cfg.DataDir = schema.Copy(t, func(dir string) (schemadir.Store, error) {
			return store.New(store.Config{DataDir: dir, Database: schemadir.Database})
		})
	}
	s, err := store.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cfg.URL != "" {
			if err := s.Exec(context.Background(), "DROP DATABASE "+cfg.Database, nil); err != nil {
				t.Error(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return Bench{s}
}

// Exec is the store's, by the type that stages know it by.
func (b Bench) Exec(ctx context.Context, query string, args map[string]any) error {
	return b.Store.Exec(ctx, query, args)
}

// Each is the store's, by the type that stages know it by.
func (b Bench) Each(ctx context.Context, query string, args map[string]any, scan func(into func(dest ...any) error) error) error {
	return b.Store.Each(ctx, query, args, scan)
}

// Do runs statements; one that fails ends the test.
func (b Bench) Do(t testing.TB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := b.Exec(t.Context(), s, nil); err != nil {
			t.Fatalf("%.200s: %v", s, err)
		}
	}
}

// Lines reads a query's rows, the columns of each made text and parted by tabs.
func (b Bench) Lines(t testing.TB, query string) []string {
	t.Helper()
	var out strings.Builder
	if err := b.Query(t.Context(), query, "TSV", &out); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}
