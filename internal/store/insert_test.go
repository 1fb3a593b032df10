package store

import (
	"strings"
	"testing"
	"time"
)

func TestRowsAreInsertedAllOrNone(t *testing.T) {
	s := migrated(t)
	names := []string{"run_id", "span", "account", "freshest", "ending", "drivers"}
	at := time.UnixMilli(1_782_000_000_123).UTC()
	rows := func() []any {
		return []any{[]string{"r", "r"}, []uint16{3, 3}, []uint32{0, 1}, []time.Time{at, at}, []bool{false, true}, []string{"\x07\x00\x01\x02", ""}}
	}
	must(t, s.Insert(t.Context(), "run_evidence", names, rows()))
	for name, c := range map[string]struct {
		table  string
		change func(values []any) []any
		want   string
	}{
		"a column too short":   {"run_evidence", func(v []any) []any { v[2] = []uint32{0}; return v }, "column account: []uint32 is no list of 2 rows"},
		"a column too few":     {"run_evidence", func(v []any) []any { return v[1:] }, "6 columns are named and 5 given"},
		"no list":              {"run_evidence", func(v []any) []any { v[0] = "r"; return v }, "column run_id: string is no list of 0 rows"},
		"values of other type": {"run_evidence", func(v []any) []any { v[1] = []string{"3", "3"}; return v }, "insert into run_evidence, column span"},
		"no such table":        {"run_nothing", func(v []any) []any { return v }, "no such table"},
	} {
		if err := s.Insert(t.Context(), c.table, names, c.change(rows())); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, s.Insert(t.Context(), "run_evidence", names[:1], []any{[]string{}})) // nothing to write is no error
	var out strings.Builder
	must(t, s.Query(t.Context(), "SELECT account, freshest, ending, reinterpret(drivers, 'Array(UInt16)') FROM run_evidence ORDER BY account", "TSV", &out))
	if got, want := out.String(), "0\t2026-06-21 00:00:00.123\tfalse\t[7,513]\n1\t2026-06-21 00:00:00.123\ttrue\t[]\n"; got != want {
		t.Errorf("stored:\n%s", got)
	}
}
