package store

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// TestConformance holds what the product asks of ClickHouse. It runs on the embedded engine, and on a
// server when TELLTALE_TEST_CLICKHOUSE names one.
func TestConformance(t *testing.T) { conform(t, open(t)) }

// TestConformanceOverASocket asks the same of the embedded engine where another process would: over
// loopback HTTP, compressed or not, with a token.
func TestConformanceOverASocket(t *testing.T) {
	served := open(t, func(c *Config) {
		c.URL, c.DataDir, c.Listen, c.Token, c.ListenWrite = "", t.TempDir(), "127.0.0.1:0", "secret", true
	})
	for _, options := range []string{"", "?compress=gzip", "?compress=br", "?compress=deflate"} {
		t.Run("with"+options, func(t *testing.T) {
			conform(t, open(t, func(c *Config) {
				c.URL, c.Token = "http://"+served.ListenAddr().String()+options, "secret"
			}))
		})
	}
}

func conform(t *testing.T, s *Store) {
	if err := s.createDatabase(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]func(*testing.T, *Store){
		"every type comes back as it went in":           typesRoundTrip,
		"strings hold any byte":                         anyByte,
		"parameters are bound, whatever they hold":      boundParameters,
		"settings last for one statement":               settingsPerStatement,
		"SET, USE and temporary tables leave no trace":  statementsLeaveNoTrace,
		"errors carry their code":                       errorsCarryCodes,
		"an error in mid-result is told":                errorInMidResult,
		"an empty result is empty":                      emptyResult,
		"a large result streams":                        largeResult,
		"a raw result comes in any format":              rawFormats,
		"a cancelled query ends":                        cancelledQuery,
		"a cancelled insert ends":                       cancelledInsert,
		"readers and writers run side by side":          sideBySide,
		"several statements in one request are refused": severalStatements,
		"rows written inline may hold line ends":        inlineRows,
	} {
		t.Run(name, func(t *testing.T) { check(t, s) })
	}
}

func typesRoundTrip(t *testing.T, s *Store) {
	ctx := t.Context()
	must(t, s.Exec(ctx, `CREATE TABLE types (
		u UInt64, i Int8, f Float64, b Bool, s String, lc LowCardinality(String), n Nullable(String), nl Nullable(UInt32),
		a Array(String), m Map(String, UInt32), tu Tuple(name String, points Int64), at Array(Tuple(name String, ids Array(UUID))),
		d Decimal(18, 2), nd Nullable(Decimal(18, 2)), dt DateTime64(3, 'UTC'), da Date, id UUID, big UInt256, agg SimpleAggregateFunction(max, LowCardinality(String))
	) ENGINE = MergeTree ORDER BY u`, nil))
	type pair struct {
		Name string      `ch:"name"`
		IDs  []uuid.UUID `ch:"ids"`
	}
	type row struct {
		U   uint64            `ch:"u"`
		I   int8              `ch:"i"`
		F   float64           `ch:"f"`
		B   bool              `ch:"b"`
		S   string            `ch:"s"`
		LC  string            `ch:"lc"`
		N   *string           `ch:"n"`
		NL  *uint32           `ch:"nl"`
		A   []string          `ch:"a"`
		M   map[string]uint32 `ch:"m"`
		TU  map[string]any    `ch:"tu"`
		AT  []pair            `ch:"at"`
		D   string            `ch:"d"`
		DT  time.Time         `ch:"dt"`
		DA  time.Time         `ch:"da"`
		ID  uuid.UUID         `ch:"id"`
		Big big.Int           `ch:"big"`
		Agg string            `ch:"agg"`
	}
	text, seven := "x", uint32(7)
	id := uuid.MustParse("01020304-0506-8708-890a-0b0c0d0e0f10")
	big1, _ := new(big.Int).SetString("115792089237316195423570985008687907853269984665640564039457584007913129639935", 10)
	want := row{
		U: 1<<64 - 1, I: -128, F: 0.1, B: true, S: "s", LC: "lc", N: &text, NL: &seven, A: []string{"", "b"}, M: map[string]uint32{"k": 1},
		TU: map[string]any{"name": "t", "points": int64(-5)}, AT: []pair{{"p", []uuid.UUID{id}}}, D: "-12345678.9",
		DT: time.Date(2024, 2, 29, 23, 59, 59, 123e6, time.UTC), DA: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), ID: id, Big: *big1, Agg: "agg",
	}
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO types (u, i, f, b, s, lc, n, nl, a, m, tu, at, d, nd, dt, da, id, big, agg)")
	must(t, err)
	at := []map[string]any{{"name": "p", "ids": []uuid.UUID{id}}}
	must(t, batch.Append(want.U, want.I, want.F, want.B, want.S, want.LC, want.N, want.NL, want.A, want.M, want.TU, at, want.D, nil, want.DT, want.DA, want.ID, want.Big, want.Agg))
	must(t, batch.Append(uint64(0), int8(0), 0.0, false, "", "", nil, nil, []string{}, map[string]uint32{}, map[string]any{"name": "", "points": int64(0)}, []map[string]any{}, "0", "1.5", want.DT, want.DA, uuid.Nil, big.Int{}, ""))
	must(t, batch.Send())
	var got []row
	must(t, s.Select(ctx, &got, "SELECT * EXCEPT (nd, d), toString(d) AS d FROM types WHERE nl = 7", nil))
	if diff := cmp.Diff([]row{want}, got, cmp.Comparer(func(a, b big.Int) bool { return a.Cmp(&b) == 0 })); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var nulls []struct {
		N uint64 `ch:"n"`
	}
	must(t, s.Select(ctx, &nulls, "SELECT countIf(n IS NULL AND nd = 1.5) + countIf(nd IS NULL) AS n FROM types", nil))
	if nulls[0].N != 2 {
		t.Errorf("%d nulls in their places, want 2", nulls[0].N)
	}
}

func anyByte(t *testing.T, s *Store) {
	ctx := t.Context()
	must(t, s.Exec(ctx, "CREATE TABLE bytes (n UInt16, s String) ENGINE = MergeTree ORDER BY n", nil))
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO bytes (n, s)")
	must(t, err)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	values := []string{"", "\n", "\x00", "\r\n\n\x00\n", string(all), strings.Repeat(string(all), 300), "'; DROP TABLE bytes; --", "__exception__\r\n"}
	for i := range all {
		values = append(values, string(all[i:i+1]))
	}
	for i, v := range values {
		must(t, batch.Append(uint16(i), v))
	}
	must(t, batch.Send())
	var got []struct {
		S string `ch:"s"`
	}
	must(t, s.Select(ctx, &got, "SELECT s FROM bytes ORDER BY n", nil))
	for i, v := range values {
		if got[i].S != v {
			t.Errorf("value %d: got %q, want %q", i, got[i].S, v)
		}
	}
}

func boundParameters(t *testing.T, s *Store) {
	for _, v := range []string{"", "plain", "tab\tline\nreturn\rnul\x00", `back\slash 'quote' "double" {p:String}`, "ünï", "); DROP TABLE x"} {
		var got []struct {
			V string   `ch:"v"`
			A []string `ch:"a"`
			N int64    `ch:"n"`
			B bool     `ch:"b"`
		}
		must(t, s.Select(t.Context(), &got, "SELECT {v:String} AS v, {a:Array(String)} AS a, {n:Int64} AS n, {b:Bool} AS b",
			Params{"v": v, "a": []string{v, "x"}, "n": int64(-3), "b": true}))
		if got[0].V != v || got[0].A[0] != v || got[0].N != -3 || !got[0].B {
			t.Errorf("got %+v, want %q", got[0], v)
		}
	}
}

func settingsPerStatement(t *testing.T, s *Store) {
	read := func(ctx context.Context) (n uint64) {
		must(t, s.conn.QueryRow(ctx, "SELECT toUInt64(getSetting('max_block_size'))").Scan(&n))
		return n
	}
	plain := read(t.Context())
	with := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_block_size": 1234}))
	if got := read(with); got != 1234 {
		t.Errorf("got %d with the setting, want 1234", got)
	}
	if got := read(t.Context()); got != plain {
		t.Errorf("got %d afterwards, want %d as before", got, plain)
	}
}

func statementsLeaveNoTrace(t *testing.T, s *Store) {
	if s.opt.Protocol != clickhouse.HTTP {
		return // a native connection is a session by design
	}
	ctx := t.Context()
	for _, sql := range []string{"SET max_block_size = 77", "USE system", "CREATE TEMPORARY TABLE tmp (x Int8)"} {
		must(t, s.Exec(ctx, sql, nil))
	}
	for range 20 {
		var database string
		var block uint64
		must(t, s.conn.QueryRow(ctx, "SELECT currentDatabase(), toUInt64(getSetting('max_block_size'))").Scan(&database, &block))
		if database != s.cfg.Database || block == 77 {
			t.Fatalf("a later statement ran in %s with blocks of %d", database, block)
		}
		if err := s.Exec(ctx, "SELECT * FROM tmp", nil); codeOf(err) != 60 {
			t.Fatalf("the temporary table outlived its statement: %v", err)
		}
	}
}

func errorsCarryCodes(t *testing.T, s *Store) {
	for sql, code := range map[string]int32{
		"SELECT * FROM nosuch": 60, "SELECT nosuch FROM system.one": 47, "SELEC 1": 62, "CREATE TABLE x (a Nosuch) ENGINE = Memory": 50,
		"INSERT INTO nosuch VALUES (1)": 60, "SELECT 1 SETTINGS nosuch = 1": 115, "SELECT nosuch(1)": 46, "USE nosuch": 81,
	} {
		if err := s.Exec(t.Context(), sql, nil); codeOf(err) != code {
			t.Errorf("%s: got %v, want code %d", sql, err, code)
		}
	}
}

func errorInMidResult(t *testing.T, s *Store) {
	n := 0
	err := s.Each(t.Context(), "SELECT throwIf(number = 3000000) AS x FROM numbers(4000000) SETTINGS max_threads = 1", nil, func(into func(...any) error) error {
		n++
		var x uint8
		return into(&x)
	})
	if codeOf(err) != 395 || n == 0 {
		t.Errorf("after %d rows: %v, want code 395 after some", n, err)
	}
	var b bytes.Buffer
	err = s.Query(t.Context(), "SELECT throwIf(number = 3000000) AS x FROM numbers(4000000) SETTINGS max_threads = 1", "CSVWithNames", &b)
	if codeOf(err) != 395 || b.Len() == 0 {
		t.Errorf("after %d bytes: %v, want code 395 after some", b.Len(), err)
	}
}

func emptyResult(t *testing.T, s *Store) {
	var rows []struct {
		X uint64 `ch:"x"`
	}
	must(t, s.Select(t.Context(), &rows, "SELECT number AS x FROM numbers(10) WHERE x > 100", nil))
	if len(rows) != 0 {
		t.Errorf("got %d rows", len(rows))
	}
	for format, want := range map[string]string{"CSVWithNames": "\"x\"\n", "JSONEachRow": "", "TSV": ""} {
		var b bytes.Buffer
		must(t, s.Query(t.Context(), "SELECT number AS x FROM numbers(10) WHERE x > 100", format, &b))
		if b.String() != want {
			t.Errorf("%s: got %q, want %q", format, b.String(), want)
		}
	}
}

func largeResult(t *testing.T, s *Store) {
	n := uint64(150_000) // three blocks; more takes minutes under the race detector, compressed
	if nightly {
		n = 400_000
	}
	var count, sum uint64
	must(t, s.Each(t.Context(), fmt.Sprintf("SELECT number, randomPrintableASCII(20) FROM numbers(%d)", n), nil, func(into func(...any) error) error {
		var x uint64
		var r string
		err := into(&x, &r)
		count++
		sum += x
		return err
	}))
	if count != n || sum != n*(n-1)/2 {
		t.Errorf("got %d rows with sum %d", count, sum)
	}
}

func rawFormats(t *testing.T, s *Store) {
	const sql = "SELECT number AS n, toString(number) AS s FROM numbers(2) -- a comment; and more"
	for format, want := range map[string]string{
		"JSONEachRow": "{\"n\":0,\"s\":\"0\"}\n{\"n\":1,\"s\":\"1\"}\n", "CSVWithNames": "\"n\",\"s\"\n0,\"0\"\n1,\"1\"\n",
		"TabSeparatedWithNamesAndTypes": "n\ts\nUInt64\tString\n0\t0\n1\t1\n", "Values": "(0,'0'),(1,'1')",
	} {
		var b bytes.Buffer
		must(t, s.Query(t.Context(), sql, format, &b))
		if b.String() != want {
			t.Errorf("%s: got %q, want %q", format, b.String(), want)
		}
		b.Reset()
		must(t, s.Query(t.Context(), "SELECT number AS n, toString(number) AS s FROM numbers(2) FORMAT "+format+";", "TSV", &b))
		if b.String() != want {
			t.Errorf("FORMAT %s: got %q, want %q", format, b.String(), want)
		}
	}
	if err := s.Query(t.Context(), "SELECT 1", "Nosuch", &bytes.Buffer{}); codeOf(err) != 73 {
		t.Errorf("got %v, want code 73", err)
	}
	for _, sql := range []string{"SHOW TABLES", "DESCRIBE TABLE system.one", "EXPLAIN SELECT 1", "EXISTS TABLE nosuch"} {
		var b bytes.Buffer
		must(t, s.Query(t.Context(), sql, "JSON", &b))
		if !strings.Contains(b.String(), `"rows"`) {
			t.Errorf("%s: got %q, want JSON", sql, b.String())
		}
	}
}

func cancelledQuery(t *testing.T, s *Store) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := s.Exec(ctx, "SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))", nil)
	if err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("got %v after %v", err, time.Since(began))
	}
	waitIdle(t, s)
}

func cancelledInsert(t *testing.T, s *Store) {
	must(t, s.Exec(t.Context(), "CREATE TABLE endless (n UInt64) ENGINE = Null", nil))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := s.Exec(ctx, "INSERT INTO endless SELECT number FROM numbers(100000000000)", nil); err == nil {
		t.Error("the insert ended by itself")
	}
	waitIdle(t, s)
}

// waitIdle waits until the store runs nothing of this test's but the question itself.
func waitIdle(t *testing.T, s *Store) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		var n uint64
		must(t, s.conn.QueryRow(t.Context(), "SELECT count() FROM system.processes WHERE current_database = currentDatabase()").Scan(&n))
		if n == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d statements still run", n-1)
		}
	}
}

func sideBySide(t *testing.T, s *Store) {
	ctx := t.Context()
	must(t, s.Exec(ctx, "CREATE TABLE shared (w UInt8, n UInt64) ENGINE = MergeTree ORDER BY (w, n)", nil))
	const writers, batches, size = 4, 10, 1000
	var wg sync.WaitGroup
	errs := make(chan error, 2*writers)
	for w := range writers {
		wg.Go(func() { errs <- writeBatches(ctx, s, uint8(w), batches, size) })
		wg.Go(func() {
			var last uint64
			for range batches {
				var n uint64
				if err := s.conn.QueryRow(ctx, "SELECT count() FROM shared").Scan(&n); err != nil || n < last || n%size != 0 {
					errs <- fmt.Errorf("read %d after %d: %w", n, last, err)
					return
				}
				last = n
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		must(t, err)
	}
	var n uint64
	must(t, s.conn.QueryRow(ctx, "SELECT count() FROM shared").Scan(&n))
	if n != writers*batches*size {
		t.Errorf("got %d rows, want %d", n, writers*batches*size)
	}
}

func writeBatches(ctx context.Context, s *Store, w uint8, batches, size int) error {
	for range batches {
		batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO shared (w, n)")
		if err != nil {
			return err
		}
		for i := range size {
			if err := batch.Append(w, uint64(i)); err != nil {
				return err
			}
		}
		if err := batch.Send(); err != nil {
			return err
		}
	}
	return nil
}
