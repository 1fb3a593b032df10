package embedded

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestGoKeepsItsSignals(t *testing.T) {
	conn := dial(t, start(t))
	if err := conn.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		got := make(chan os.Signal, 1)
		signal.Notify(got, sig)
		if err := syscall.Kill(os.Getpid(), sig); err != nil {
			t.Fatal(err)
		}
		select {
		case <-got:
		case <-time.After(10 * time.Second):
			t.Errorf("%v did not arrive", sig)
		}
		signal.Stop(got)
	}
	for range 3 {
		recovered := func() (v any) {
			defer func() { v = recover() }()
			var nothing *Engine
			nothing.cfg.Dir = ""
			return nil
		}()
		if recovered == nil {
			t.Error("a nil dereference did not panic")
		}
	}
	if err := conn.Ping(t.Context()); err != nil {
		t.Errorf("after the panics: %v", err)
	}
}

func TestAMissingOrCorruptLibraryIsOneClearError(t *testing.T) {
	corrupt := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.WriteFile(corrupt, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"missing": "/nosuch/libchdb.so", "corrupt": corrupt, "another library": libc(t)} {
		e, err := New(Config{Dir: t.TempDir(), Library: path})
		if err != nil {
			t.Fatal(err)
		}
		err = e.Open(context.Background())
		if !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), "make chdb") || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if err := e.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
	t.Setenv(LibraryEnv, "/nosuch/of/the/environment.so")
	if _, err := FindLibrary(""); !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), "of/the/environment") {
		t.Errorf("got %v", err)
	}
}

// libc finds a library that is whole and no libchdb.
func libc(t *testing.T) string {
	t.Helper()
	for _, pattern := range []string{"/lib/x86_64-linux-gnu/libm.so.6", "/usr/lib/*/libm.so.6", "/lib*/libm.so.6", "/lib/ld-musl-*.so.1"} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	t.Fatal("this system has no libm")
	return ""
}

func TestStatementsWaitTheirTurnInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := New(Config{Dir: "unused", MaxConcurrent: 2, MaxOutside: 1})
		if err != nil {
			t.Fatal(err)
		}
		e.open = true
		enter := func(outside bool) func() {
			leave, err := e.enter(t.Context(), outside)
			if err != nil {
				t.Error(err)
			}
			return leave
		}
		guest := enter(true)
		var order []int
		var mu sync.Mutex
		for i := range 3 {
			go func() {
				leave := enter(true)
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				leave()
			}()
			synctest.Wait()
		}
		enter(false)() // outsiders in a line do not keep the product out
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := e.enter(ctx, true); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		guest()
		synctest.Wait()
		if fmt.Sprint(order) != "[0 1 2]" {
			t.Errorf("served in order %v", order)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	e := start(t, func(c *Config) { c.MaxMemory = 600 << 20 })
	conn := dial(t, e)
	ballast := make([]byte, 700<<20) // the program's own memory is not the engine's
	for i := 0; i < len(ballast); i += 4096 {
		ballast[i] = 1
	}
	if err := drainQuery(t.Context(), conn, "SELECT number, count() FROM numbers(1000000) GROUP BY number FORMAT Null"); err != nil {
		t.Errorf("a modest query: %v", err)
	}
	err := drainQuery(t.Context(), conn, "SELECT groupArray(number) AS a, length(a) FROM numbers(200000000) FORMAT Null")
	var x *clickhouse.Exception
	if !errors.As(err, &x) || x.Code != 241 {
		t.Errorf("a query that wants too much: %v, want code 241", err)
	}
	if err := drainQuery(t.Context(), conn, "SELECT number, count() FROM numbers(10000000) GROUP BY number FORMAT Null"); err != nil {
		t.Errorf("a grouping that spills to disk: %v", err)
	}
	if ballast[4096] != 1 {
		t.Error("unreachable")
	}
}

func TestNativeBlocksTravelCompressed(t *testing.T) {
	e := start(t)
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP, clickhouse.CompressionBrotli, clickhouse.CompressionDeflate} {
		conn := dial(t, e, func(o *clickhouse.Options) { o.Compression = &clickhouse.Compression{Method: method, Level: 3} })
		table := "t" + method.String()
		if err := conn.Exec(t.Context(), "CREATE TABLE "+table+" (n UInt64, s String) ENGINE = MergeTree ORDER BY n"); err != nil {
			t.Fatal(err)
		}
		batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO "+table)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100_000 {
			if err := batch.Append(uint64(i), strings.Repeat("x", i%50)); err != nil {
				t.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		rows, err := conn.Query(t.Context(), "SELECT n, s FROM "+table+" ORDER BY n")
		if err != nil {
			t.Fatal(err)
		}
		var i uint64
		for rows.Next() {
			var n uint64
			var s string
			if err := rows.Scan(&n, &s); err != nil || n != i || len(s) != int(i%50) {
				t.Fatalf("%s: row %d: %d %q %v", method, i, n, s, err)
			}
			i++
		}
		if err := rows.Err(); err != nil || i != 100_000 {
			t.Errorf("%s: %d rows, %v", method, i, err)
		}
		_ = rows.Close()
		if err := drainQuery(t.Context(), conn, "SELECT nosuch FROM "+table); !strings.Contains(fmt.Sprint(err), "nosuch") {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestTablesTravelWithAQuery(t *testing.T) {
	conn := dial(t, start(t))
	table, err := ext.NewTable("wanted", ext.Column("n", "UInt64"), ext.Column("s", "String"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := table.Append(uint64(i*2), fmt.Sprint("s\n", i)); err != nil {
			t.Fatal(err)
		}
	}
	ctx := clickhouse.Context(t.Context(), clickhouse.WithExternalTable(table))
	for range 2 {
		var n uint64
		if err := conn.QueryRow(ctx, "SELECT count() FROM numbers(10) AS a JOIN wanted AS b ON a.number = b.n").Scan(&n); err != nil || n != 5 {
			t.Errorf("got %d, %v; want 5", n, err)
		}
	}
	if err := drainQuery(t.Context(), conn, "SELECT * FROM wanted"); err == nil {
		t.Error("the table outlived its query")
	}
}

func TestMetricsTellWhatTheEngineDoes(t *testing.T) {
	reg := prometheus.NewRegistry()
	e := start(t, func(c *Config) { c.Registerer = reg })
	conn := dial(t, e)
	for range 3 {
		if err := drainQuery(t.Context(), conn, "SELECT 1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Exec(t.Context(), "INSERT INTO FUNCTION null('x String') VALUES ('abc')"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := drainQuery(ctx, conn, "SELECT sleep(3)"); err == nil {
		t.Fatal("the query ended by itself")
	}
	waitIdle(t, e)
	for name, got := range map[string]float64{
		"requests answered well":      testutil.ToFloat64(e.metrics.requests.WithLabelValues("inside", "200")),
		"sessions used again":         testutil.ToFloat64(e.metrics.sessions.WithLabelValues("reused")),
		"sessions opened":             testutil.ToFloat64(e.metrics.sessions.WithLabelValues("opened")),
		"statements stopped":          testutil.ToFloat64(e.metrics.kills),
		"bytes inserted":              testutil.ToFloat64(e.metrics.bytesIn),
		"bytes given":                 testutil.ToFloat64(e.metrics.bytesOut),
		"statements that waited":      float64(testutil.CollectAndCount(e.metrics.wait)),
		"origins of what is going on": float64(testutil.CollectAndCount(e.metrics.running)),
	} {
		if got < 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
	if n := testutil.ToFloat64(e.metrics.running.WithLabelValues("inside")); n != 0 {
		t.Errorf("%v statements are said to run", n)
	}
	if _, err := New(Config{Dir: "unused", Registerer: reg}); err == nil {
		t.Error("metrics registered twice")
	}
}

func TestCloseIsSafeAnytime(t *testing.T) {
	e, err := New(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := e.Transport().RoundTrip(mustRequest(t)); err != nil {
		t.Errorf("before Open: %v, want an answer that says so", err)
	}
	for range 2 {
		if err := e.Open(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
	resp, err := e.Transport().RoundTrip(mustRequest(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after Close: status %d", resp.StatusCode)
	}
	if _, err := New(Config{}); err == nil {
		t.Error("no directory was taken")
	}
}

func mustRequest(t *testing.T) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://embedded/?query=SELECT+1", nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}
