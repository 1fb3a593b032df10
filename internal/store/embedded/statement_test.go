package embedded

import (
	"strings"
	"testing"
)

func TestAStatementIsTakenApart(t *testing.T) {
	for name, c := range map[string]struct {
		sql, want, tail, format, data string
		insert                        bool
	}{
		"a plain query":                  {sql: "SELECT 1 ; ", want: "SELECT 1"},
		"a query with a format":          {sql: "SELECT 1 FORMAT JSON;", want: "SELECT 1 ", format: "JSON"},
		"a format before settings":       {sql: "SELECT 1 format CSV SETTINGS a = 1 -- x", want: "SELECT 1 ", tail: " SETTINGS a = 1", format: "CSV"},
		"a column called format":         {sql: "SELECT format FROM t", want: "SELECT format FROM t"},
		"an alias called format":         {sql: "SELECT a AS format FROM t WHERE format = 1", want: "SELECT a AS format FROM t WHERE format = 1"},
		"a format in a subquery":         {sql: "SELECT * FROM (SELECT 1 FORMAT x)", want: "SELECT * FROM (SELECT 1 FORMAT x)"},
		"a new column called format":     {sql: "ALTER TABLE t ADD COLUMN format String", want: "ALTER TABLE t ADD COLUMN format String"},
		"an insert with data behind":     {sql: "INSERT INTO t (a) FORMAT CSV\n1\n2\n", want: "INSERT INTO t (a) ", format: "CSV", data: "1\n2\n", insert: true},
		"an insert with values":          {sql: "INSERT INTO t VALUES (1), (2)", want: "INSERT INTO t ", format: "Values", data: " (1), (2)", insert: true},
		"an insert into a table values":  {sql: "INSERT INTO values VALUES (1)", want: "INSERT INTO values ", format: "Values", data: " (1)", insert: true},
		"an insert of a query":           {sql: "INSERT INTO t SELECT * FROM x", want: "INSERT INTO t SELECT * FROM x"},
		"an insert with leading comment": {sql: "/* c */ INSERT INTO t FORMAT Native", want: "/* c */ INSERT INTO t ", format: "Native", insert: true},
	} {
		st := parse(c.sql)
		if st.sql != c.want || st.tail != c.tail || st.format != c.format || st.insert != c.insert || st.insert && c.sql[st.dataAt:] != c.data {
			t.Errorf("%s: got %+v", name, st)
		}
	}
}

func TestWhatReachesOutsideIsSeen(t *testing.T) {
	for sql, refused := range map[string]bool{
		"SELECT file('/etc/passwd')":                  true,
		"SELECT File /* x */ ('/etc/passwd')":         true,
		"SELECT `file`('/etc/passwd')":                true,
		"SELECT \"fi\\x6ce\"('/etc/passwd')":          true,
		"INSERT INTO t FROM INFILE 'x' FORMAT CSV":    true,
		"SELECT 1 INTO OUTFILE '/tmp/x'":              true,
		"SELECT * FROM system.`stack_trace`":          true,
		"SELECT file FROM t":                          false,
		"SELECT 'file(x)', profile('x') FROM infiles": false,
		"SELECT 1 -- file(":                           false,
	} {
		if got := parse(sql).refused != ""; got != refused {
			t.Errorf("%s: refused %v, want %v", sql, got, refused)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"SELECT 1 FORMAT CSV", "INSERT INTO t FORMAT Native\n\x00", "INSERT INTO t VALUES", "FORMAT", "SELECT FORMAT", "INSERT", "SELECT 1 FORMAT a SETTINGS b", "CREATE TEMPORARY"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		st := parse(sql)
		if !strings.HasPrefix(sql, st.sql) || !strings.Contains(sql, st.tail) {
			t.Fatalf("%q: %+v", sql, st)
		}
		if st.insert && (st.dataAt < len(st.sql) || st.dataAt > len(sql)) {
			t.Fatalf("%q: data at %d", sql, st.dataAt)
		}
		SplitFormat(sql)
	})
}
