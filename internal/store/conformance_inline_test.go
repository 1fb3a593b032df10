package store

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func severalStatements(t *testing.T, s *Store) {
	must(t, s.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS precious (n UInt64) ENGINE = Memory", nil))
	if err := s.Exec(t.Context(), "SELECT 1; DROP TABLE precious", nil); codeOf(err) != 62 {
		t.Errorf("got %v, want code 62", err)
	}
	if err := s.Exec(t.Context(), "DROP TABLE precious; garbage", nil); codeOf(err) != 62 {
		t.Errorf("got %v, want code 62", err)
	}
	must(t, s.Exec(t.Context(), "SELECT * FROM precious", nil))
}

func inlineRows(t *testing.T, s *Store) {
	ctx := t.Context()
	must(t, s.Exec(ctx, "CREATE TABLE inline (n UInt64, s String) ENGINE = Memory", nil))
	must(t, s.Exec(ctx, "INSERT INTO inline VALUES (1, 'a\nb'),\n\n(2, 'c;d')", nil))
	must(t, s.Exec(ctx, "INSERT INTO inline (n, s) VALUES ({n:UInt64}, {s:String})", Params{"n": uint64(3), "s": "e\tf"}))
	must(t, s.Exec(ctx, "INSERT INTO inline SELECT 4, 'g'", nil))
	must(t, s.conn.Exec(ctx, "INSERT INTO inline (n, s) VALUES (?, ?)", uint64(5), "h'\n"))
	var got []struct {
		S string `ch:"s"`
	}
	must(t, s.Select(ctx, &got, "SELECT s FROM inline ORDER BY n", nil))
	if fmt.Sprintf("%q", got) != `[{"a\nb"} {"c;d"} {"e\tf"} {"g"} {"h'\n"}]` {
		t.Errorf("got %q", got)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func codeOf(err error) int32 {
	var x *clickhouse.Exception
	if errors.As(err, &x) {
		return x.Code
	}
	return 0
}
