package embedded

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start opens an engine in a directory of its own.
func start(t testing.TB, change ...func(*Config)) *Engine {
	t.Helper()
	cfg := Config{Dir: t.TempDir()}
	for _, c := range change {
		c(&cfg)
	}
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// dial opens the driver on an engine, without a socket.
func dial(t testing.TB, e *Engine, change ...func(*clickhouse.Options)) driver.Conn {
	t.Helper()
	opt := &clickhouse.Options{
		Protocol: clickhouse.HTTP, Addr: []string{"embedded:0"}, MaxOpenConns: 32,
		TransportFunc: func(*http.Transport) (http.RoundTripper, error) { return e.Transport(), nil },
	}
	for _, c := range change {
		c(opt)
	}
	conn, err := clickhouse.Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestDriverReadsAndWritesThroughTheTransport(t *testing.T) {
	conn := dial(t, start(t))
	ctx := t.Context()
	if err := conn.Exec(ctx, "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a"); err != nil {
		t.Fatal(err)
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO t (a, s)")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if err := batch.Append(uint64(i), fmt.Sprintf("row\n%d\x00", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	var n, last uint64
	if err := conn.QueryRow(ctx, "SELECT count(), max(a) FROM t WHERE s LIKE {p:String}", clickhouse.Named("p", "row%")).Scan(&n, &last); err != nil {
		t.Fatal(err)
	}
	if n != 1000 || last != 999 {
		t.Errorf("got %d rows up to %d, want 1000 up to 999", n, last)
	}
}

func TestCancellingTheContextStopsTheQuery(t *testing.T) {
	e := start(t)
	conn := dial(t, e)
	for name, sql := range map[string]string{
		"a stream of rows":       "SELECT number FROM numbers(100000000000)",
		"an aggregation":         "SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))",
		"a query that sleeps":    "SELECT sleepEachRow(0.1) FROM numbers(100000) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0",
		"a format with a header": "SELECT number FROM numbers(100000000000) FORMAT CSVWithNames",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			rows, err := conn.Query(ctx, sql)
			if err == nil {
				for rows.Next() {
				}
				err = rows.Err()
				_ = rows.Close()
			}
			if err == nil {
				t.Fatal("the query ended by itself")
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("returned after %v", took)
			}
			waitIdle(t, e)
		})
	}
}

// waitIdle waits until the engine runs nothing but the question itself.
func waitIdle(t *testing.T, e *Engine) {
	t.Helper()
	conn := dial(t, e)
	deadline := time.Now().Add(10 * time.Second)
	for {
		var n uint64
		if err := conn.QueryRow(t.Context(), "SELECT count() FROM system.processes").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d queries still run", n-1)
		}
	}
}

func TestErrorsCarryTheirCode(t *testing.T) {
	conn := dial(t, start(t))
	for sql, code := range map[string]int32{
		"SELECT nosuch FROM system.one": 47,
		"SELECT * FROM nosuch":          60,
		"SELEC 1":                       62,
		"SELECT 1; SELECT 2":            62,
		"SELECT throwIf(number = 500000) FROM numbers(800000)": 395,
		"SELECT 1 SETTINGS nosuch = 1":                         115,
	} {
		err := drainQuery(t.Context(), conn, sql)
		var x *clickhouse.Exception
		if !errors.As(err, &x) || x.Code != code {
			t.Errorf("%s: got %v, want code %d", sql, err, code)
		}
	}
}

func drainQuery(ctx context.Context, conn driver.Conn, sql string) error {
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	return errors.Join(rows.Err(), rows.Close())
}
