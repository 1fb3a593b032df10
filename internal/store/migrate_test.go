package store

import (
	"bytes"
	"errors"
	"flag"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "write golden files")

func TestMigrationsApplyOnceHoweverManyStartTogether(t *testing.T) {
	s := open(t)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { errs[i] = s.Migrate(t.Context()) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		N uint64 `ch:"n"`
		U uint64 `ch:"u"`
	}
	if err := s.Select(t.Context(), &rows, "SELECT count() AS n, uniqExact(version) AS u FROM schema_migrations", nil); err != nil {
		t.Fatal(err)
	}
	all, err := loadMigrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	if rows[0].N != uint64(len(all)) || rows[0].U != uint64(len(all)) {
		t.Errorf("%d records of %d migrations, want %d of each", rows[0].N, rows[0].U, len(all))
	}
	var locks []struct {
		N uint64 `ch:"n"`
	}
	if err := s.Select(t.Context(), &locks, "SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND name = 'schema_lock'", nil); err != nil {
		t.Fatal(err)
	}
	if locks[0].N != 0 {
		t.Error("the lock was left behind")
	}
}

func TestMigrateRefusesWhatItMustNotTouch(t *testing.T) {
	files := func(content ...string) fstest.MapFS {
		fsys := fstest.MapFS{}
		for i, c := range content {
			fsys[strings.Replace("migrations/000N_x.sql", "N", string(rune('1'+i)), 1)] = &fstest.MapFile{Data: []byte(c)}
		}
		return fsys
	}
	const one = "CREATE TABLE IF NOT EXISTS a (x Int8) ENGINE = MergeTree ORDER BY x; -- one;\n"
	for name, c := range map[string]struct {
		then fstest.MapFS
		want string
	}{
		"a changed applied file":   {files(one + "SELECT 1;"), "applied files must not change"},
		"a database of the future": {files(), "newer"},
		"a number used twice":      {fstest.MapFS{"migrations/1_a.sql": {}, "migrations/01_b.sql": {}}, "number of its own"},
		"a statement that fails":   {files(one, "CREATE TABLE b (x Nosuch) ENGINE = Memory"), "migration 0002_x.sql, statement 1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			if err := s.migrate(t.Context(), files(one)); err != nil {
				t.Fatal(err)
			}
			err := s.migrate(t.Context(), c.then)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestDataDictionaryIsThatOfTheSchema(t *testing.T) {
	var b bytes.Buffer
	if err := migrated(t).WriteDictionary(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "` |  |\n") {
		for line := range strings.Lines(b.String()) {
			if strings.HasSuffix(line, "` |  |\n") {
				t.Errorf("no comment: %s", line)
			}
		}
	}
	golden(t, "../../docs/data-dictionary.md", b.String())
}

func TestARunOfBeforeItsRulesWereKeptSaysSo(t *testing.T) {
	s := open(t)
	must(t, s.migrate(t.Context(), upTo(t, "0021")))
	must(t, s.Exec(t.Context(), "INSERT INTO scoring_run_rows VALUES ('old', 1, '2026-06-01', 'published', '2026-06-30', '2026-07-01', '2026-07-01', NULL, 'w', 'm', 3, 4, 5, '')", nil))
	must(t, s.Migrate(t.Context()))
	var got []struct {
		Segments string `ch:"segments"`
		Calendar string `ch:"calendar"`
		Fiscal   uint8  `ch:"fiscal_year_start"`
		Computed *bool  `ch:"prefer_computed_fit"`
		Matrix   string `ch:"matrix"`
		Rows     uint64 `ch:"rows"`
	}
	must(t, s.Select(t.Context(), &got, "SELECT segments, calendar, fiscal_year_start, prefer_computed_fit, matrix, rows FROM scoring_runs WHERE run_id = 'old'", nil))
	if len(got) != 1 || got[0].Segments != "" || got[0].Calendar != "" || got[0].Fiscal != 0 || got[0].Computed != nil || got[0].Matrix != "m" || got[0].Rows != 5 {
		t.Errorf("%+v", got)
	}
}
