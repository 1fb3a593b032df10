package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestRowsAreInsertedAllOrNone(t *testing.T) {
	s := migrated(t)
	columns := []string{"run_id", "span", "account", "product", "freshest", "names", "points", "counts", "ids"}
	id := uuid.MustParse("00000000-0000-8000-8000-000000000007")
	row := func(account uint32) []any {
		return []any{"r", uint16(3), account, uint8(2), time.UnixMilli(1_782_000_000_123).UTC(), []string{"base:rate", "topic:pain"}, []int64{-2000, 7}, []uint32{0, 1}, []uuid.UUID{id}}
	}
	must(t, s.Insert(t.Context(), "run_evidence", columns, func(add func(values ...any) error) error {
		for account := range uint32(3) {
			if err := add(row(account)...); err != nil {
				return err
			}
		}
		return nil
	}))
	stop := errors.New("the signals came to an end")
	for name, c := range map[string]struct {
		table string
		fill  func(add func(values ...any) error) error
		want  string
	}{
		"a reader that fails": {"run_evidence", func(add func(values ...any) error) error { return errors.Join(add(row(9)...), stop) }, stop.Error()},
		"a row too short":     {"run_evidence", func(add func(values ...any) error) error { return add("r") }, "insert into run_evidence"},
		"a value of no type":  {"run_evidence", func(add func(values ...any) error) error { return add(append([]any{7}, row(9)[1:]...)...) }, "insert into run_evidence"},
		"no such table":       {"run_nothing", func(func(values ...any) error) error { return nil }, "no such table"},
	} {
		if err := s.Insert(t.Context(), c.table, columns, c.fill); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, s.Insert(t.Context(), "run_evidence", columns, func(func(values ...any) error) error { return nil })) // nothing to write is no error
	var out strings.Builder
	must(t, s.Query(t.Context(), "SELECT account, freshest, names, points, counts, ids FROM run_evidence ORDER BY account", "TSV", &out))
	want := "\t2026-06-21 00:00:00.123\t['base:rate','topic:pain']\t[-2000,7]\t[0,1]\t['00000000-0000-8000-8000-000000000007']\n"
	if got := out.String(); got != "0"+want+"1"+want+"2"+want {
		t.Errorf("stored:\n%s", got)
	}
}
