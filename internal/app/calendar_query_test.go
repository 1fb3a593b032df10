package app_test

import (
	"strings"
	"testing"
)

func TestTheEndOfSupportCalendarIsReadBySQL(t *testing.T) {
	a := ask(t, "", "telltale", "query", "--data-dir", t.TempDir(), "--format", "TSV",
		"SELECT product, version, mainstream_end, extended_end, source FROM end_of_support WHERE release IN ('SQL Server 2014', 'PHP 7.4') ORDER BY release").fine(t)
	want := "PHP\t7.4\t\\N\t2022-11-28\thttps://www.php.net/eol.php\nSQL Server\t2014\t2019-07-09\t2024-07-09\thttps://learn.microsoft.com/lifecycle/products/sql-server-2014\n"
	if a.out != want || strings.Contains(a.err, "error") {
		t.Errorf("got %q, want %q; it says %s", a.out, want, a.err)
	}
}
