package embedded

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// outside serves an engine to callers with the token "secret".
func outside(t *testing.T, e *Engine, write bool) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(e.Handler(Access{Outside: true, Token: "secret", Write: write}))
	t.Cleanup(server.Close)
	return server
}

// ask posts a statement and returns the status, the exception's code and the body.
func ask(t *testing.T, server *httptest.Server, sql string, params ...string) (status int, code, body string) {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		values.Set(params[i], params[i+1])
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/?"+values.Encode(), strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-ClickHouse-Key", "secret")
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("X-ClickHouse-Exception-Code"), string(raw)
}

func TestOnlyTheTokenOpensTheDoor(t *testing.T) {
	server := outside(t, start(t), false)
	for name, c := range map[string]struct {
		header, value, query string
		want                 int
	}{
		"no token":         {want: http.StatusForbidden},
		"a wrong key":      {header: "X-ClickHouse-Key", value: "secre", want: http.StatusForbidden},
		"the key":          {header: "X-ClickHouse-Key", value: "secret", want: http.StatusOK},
		"a bearer":         {header: "Authorization", value: "Bearer secret", want: http.StatusOK},
		"a basic password": {header: "Authorization", value: "Basic ZGVmYXVsdDpzZWNyZXQ=", want: http.StatusOK},
		"in the URL":       {query: "&password=secret", want: http.StatusOK},
		"an empty bearer":  {header: "Authorization", value: "Bearer ", want: http.StatusForbidden},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/?query=SELECT+1"+c.query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			req.Header.Set(c.header, c.value)
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s: status %d, want %d", name, resp.StatusCode, c.want)
		}
	}
	server2 := httptest.NewServer(start2(t, server).Handler(Access{Outside: true}))
	defer server2.Close()
	resp, err := server2.Client().Post(server2.URL, "", strings.NewReader("SELECT 1"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("without any token configured: status %d", resp.StatusCode)
	}
}

// start2 returns the engine behind a server of outside.
func start2(t *testing.T, server *httptest.Server) *Engine {
	t.Helper()
	h, ok := server.Config.Handler.(*handler)
	if !ok {
		t.Fatal("not a handler of this package")
	}
	return h.engine
}

// TestNobodyReachesFilesOrTheNetwork asks for everything that reaches outside the store, as a reader, as a
// writer and from within.
func TestNobodyReachesFilesOrTheNetwork(t *testing.T) {
	e := start(t)
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.txt")
	if err := os.WriteFile(secret, []byte("topsecret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("the network was reached")
		_, _ = io.WriteString(w, "topsecret\n")
	}))
	defer inner.Close()
	address := strings.TrimPrefix(inner.URL, "http://")
	inside := httptest.NewServer(e.Handler(Access{}))
	defer inside.Close()
	servers := map[string]*httptest.Server{"a reader": outside(t, e, false), "a writer": outside(t, e, true), "within": inside}
	for _, sql := range []string{
		"SELECT * FROM file('" + secret + "', 'LineAsString')", "SELECT * FROM FILE('" + secret + "', 'LineAsString')", "DESCRIBE TABLE file('" + secret + "')",
		"SELECT file('" + secret + "')", "SELECT `file`('" + secret + "')", "SELECT * FROM '" + secret + "'", "SELECT * FROM `" + secret + "`", "SELECT * FROM default.`" + secret + "`",
		"WITH x AS (SELECT * FROM file('" + secret + "', 'LineAsString')) SELECT * FROM x", "SELECT (SELECT * FROM file('" + secret + "', 'LineAsString'))",
		"SELECT * FROM url('" + inner.URL + "', 'LineAsString')", "SELECT * FROM url('file://" + secret + "', 'LineAsString')",
		"SELECT * FROM s3('" + inner.URL + "/bucket/key', 'LineAsString')", "SELECT * FROM remote('" + address + "', system.one)", "SELECT * FROM remoteSecure('" + address + "', system.one)",
		"SELECT * FROM mysql('" + address + "', 'a', 'b', 'c', 'd')", "SELECT * FROM postgresql('" + address + "', 'a', 'b', 'c', 'd')", "SELECT * FROM mongodb('" + address + "', 'a', 'b', 'c', 'd', 'x Int8')",
		"SELECT * FROM redis('" + address + "', 'k', 'k String')", "SELECT * FROM sqlite('" + secret + "', 'x')", "SELECT * FROM hdfs('hdfs://" + address + "/x', 'CSV')",
		"SELECT * FROM jdbc('x', 'y', 'z')", "SELECT * FROM odbc('x', 'y', 'z')", "SELECT * FROM executable('id', 'TSV', 'x String')", "SELECT * FROM filesystem('" + dir + "')",
		"SELECT * FROM icebergLocal('" + dir + "')", "SELECT * FROM deltaLakeLocal('" + dir + "')", "SELECT * FROM fileCluster('default', '" + secret + "', 'LineAsString')", "SELECT * FROM python(x)",
		"SELECT 1 INTO OUTFILE '" + dir + "/out'", "INSERT INTO FUNCTION file('" + dir + "/out', 'TSV', 'x Int8') SELECT 1", "INSERT INTO FUNCTION url('" + inner.URL + "', 'TSV', 'x Int8') SELECT 1",
		"INSERT INTO t FROM INFILE '" + secret + "' FORMAT LineAsString", "CREATE TABLE f (x String) ENGINE = File('LineAsString', '" + secret + "')", "CREATE TABLE f (x String) ENGINE = URL('" + inner.URL + "', 'TSV')",
		"CREATE TABLE f (x String) ENGINE = S3('" + inner.URL + "/a/b', 'TSV')", "CREATE TABLE f (x String) ENGINE = MySQL('" + address + "', 'a', 'b', 'c', 'd')", "CREATE TABLE f AS file('" + secret + "', 'LineAsString')",
		"CREATE TABLE f (x String) ENGINE = Distributed('default', 'system', 'one')", "CREATE TABLE f (x String) ENGINE = Kafka('" + address + "', 'a', 'b', 'TSV')",
		"CREATE DATABASE f ENGINE = Filesystem('" + dir + "')", "CREATE DATABASE f ENGINE = MySQL('" + address + "', 'a', 'b', 'c')", "CREATE DATABASE f ENGINE = Backup('x', File('" + dir + "'))",
		"CREATE DICTIONARY f (a UInt64, b String) PRIMARY KEY a SOURCE(FILE(PATH '" + secret + "' FORMAT 'TSV')) LAYOUT(FLAT()) LIFETIME(0)",
		"CREATE DICTIONARY f (a UInt64, b String) PRIMARY KEY a SOURCE(HTTP(URL '" + inner.URL + "' FORMAT 'TSV')) LAYOUT(DIRECT())",
		"CREATE TABLE f (a Int8) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = 'local', path = '" + dir + "/x/')", "CREATE FUNCTION f AS x -> file(x)",
		"CREATE VIEW f AS SELECT * FROM file('" + secret + "', 'LineAsString')", "CREATE USER f", "CREATE NAMED COLLECTION f AS url = '" + inner.URL + "'", "GRANT ALL ON *.* TO default",
		"BACKUP DATABASE system TO File('" + dir + "/backup')", "BACKUP DATABASE default TO S3('" + inner.URL + "/a/b', 'k', 's')", "RESTORE DATABASE x FROM File('" + dir + "/backup')",
		"ATTACH TABLE f FROM '" + dir + "' (a Int8) ENGINE = MergeTree ORDER BY a", "SYSTEM SHUTDOWN", "SYSTEM KILL", "SELECT * FROM system.stack_trace",
	} {
		for who, server := range servers {
			status, code, body := ask(t, server, sql)
			if status == http.StatusOK || code == "" || strings.Contains(body, "topsecret") {
				t.Errorf("%s: %s: status %d, code %s, %.200q", who, sql, status, code, body)
			}
		}
	}
	for _, name := range []string{"out", "x", "backup"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

// TestEveryTableFunctionThatReadersMayCallIsKnown fails when a newer engine brings one that nobody has looked at.
func TestEveryTableFunctionThatReadersMayCallIsKnown(t *testing.T) {
	known := map[string]bool{}
	for name := range strings.FieldsSeq(`SQLStandardValues cluster clusterAllReplicas eval fuzzJSON fuzzQuery generateRandom generateSeries generate_series
		input merge mergeTreeAnalyzeIndexes mergeTreeAnalyzeIndexesUUID mergeTreeIndex mergeTreeProjection mergeTreeTextIndex null numbers numbers_mt
		primes timeSeriesData timeSeriesMetrics timeSeriesTags timeSeriesSamples timeSeriesSelector values view viewExplain viewIfPermitted zeros zeros_mt prometheusQuery prometheusQueryRange`) {
		known[name] = true
	}
	_, _, body := ask(t, outside(t, start(t), false), "SELECT name FROM system.table_functions WHERE allow_readonly ORDER BY name")
	for name := range strings.FieldsSeq(body) {
		if !known[name] {
			t.Errorf("table function %s may be called in readonly mode and is not known here", name)
		}
	}
}

func TestReadersOnlyRead(t *testing.T) {
	e := start(t)
	reader, writer := outside(t, e, false), outside(t, e, true)
	if status, _, body := ask(t, writer, "CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a"); status != http.StatusOK {
		t.Fatal(body)
	}
	for _, sql := range []string{
		"INSERT INTO t VALUES (1)", "INSERT INTO t SELECT 1", "DROP TABLE t", "ALTER TABLE t ADD COLUMN b Int8", "TRUNCATE TABLE t", "OPTIMIZE TABLE t", "CREATE TABLE u (a Int8) ENGINE = Memory",
		"CREATE TEMPORARY TABLE u (a Int8)", "SET readonly = 0", "SET max_threads = 1", "SELECT 1 SETTINGS readonly = 0", "SELECT 1 SETTINGS max_memory_usage = 0", "KILL QUERY WHERE 1", "SYSTEM STOP MERGES",
	} {
		if status, code, body := ask(t, reader, sql); status == http.StatusOK || code != "164" {
			t.Errorf("%s: status %d, code %s: %s", sql, status, code, body)
		}
	}
	if status, _, _ := ask(t, reader, "SELECT 1", "readonly", "0"); status != http.StatusOK {
		t.Errorf("a reader's readonly=0 is not passed over: status %d", status)
	}
	for name, value := range map[string]string{"max_memory_usage": "0", "max_threads": "1000", "max_execution_time": "86400"} {
		if status, code, _ := ask(t, reader, "SELECT 1", name, value); status == http.StatusOK || code != "452" {
			t.Errorf("%s = %s: status %d, code %s, want 452", name, value, status, code)
		}
	}
	resp, err := reader.Client().Get(writer.URL + "/?password=secret&query=" + url.QueryEscape("DROP TABLE t"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.Header.Get("X-ClickHouse-Exception-Code") != "164" {
		t.Error("a writer's GET may change something")
	}
	if _, _, body := ask(t, reader, "SELECT count() FROM t"); body != "0\n" {
		t.Errorf("got %q", body)
	}
}

func TestTheProtocolSaysWhatItDid(t *testing.T) {
	server := outside(t, start(t), true)
	resp, err := server.Client().Get(server.URL + "/ping")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if string(body) != "Ok.\n" {
		t.Errorf("ping: %q", body)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/?query_id=mine&param_x=5&query="+url.QueryEscape("SELECT {x:UInt8}"), strings.NewReader(" AS y FORMAT JSONEachRow"))
	req.Header.Set("Authorization", "Bearer secret")
	if resp, err = server.Client().Do(req); err != nil {
		t.Fatal(err)
	}
	body, _ = io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if string(body) != "{\"y\":5}\n" || resp.Header.Get("X-ClickHouse-Query-Id") != "mine" || resp.Header.Get("X-ClickHouse-Format") != "JSONEachRow" ||
		!strings.Contains(resp.Header.Get("X-ClickHouse-Summary"), `"result_rows":"1"`) || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		t.Errorf("%q %v", body, resp.Header)
	}
	for status, c := range map[int]string{http.StatusNotFound: "SELECT * FROM nosuch", http.StatusBadRequest: "SELEC 1 2"} {
		if got, _, body := ask(t, server, c); got != status || !strings.HasPrefix(body, "Code: ") || strings.Count(body, "(version") != 1 {
			t.Errorf("%s: status %d: %s", c, got, body)
		}
	}
	if _, code, _ := ask(t, server, "SELECT 1", "session_id", "x"); code != "1" {
		t.Errorf("session_id: code %s", code)
	}
	if _, _, body := ask(t, server, "\n", "query", "INSERT INTO FUNCTION null('x String') FORMAT TSV"); body != "" {
		t.Errorf("insert: %q", body)
	}
	if status, code, _ := ask(t, server, "SELECT '"+strings.Repeat("x", 2<<20)+"'"); status != http.StatusRequestEntityTooLarge || code != "168" {
		t.Errorf("a statement that is too long: status %d, code %s", status, code)
	}
}

func TestAResultThatBreaksOffIsNotTakenForWhole(t *testing.T) {
	server := outside(t, start(t), false)
	resp, err := server.Client().Get(server.URL + "/?password=secret&query=" + url.QueryEscape("SELECT throwIf(number = 3000000) FROM numbers(4000000) SETTINGS max_block_size = 65409 FORMAT CSVWithNames"))
	if err == nil {
		defer func() { _ = resp.Body.Close() }()
	}
	if err != nil || resp.StatusCode == http.StatusOK {
		var body []byte
		if err == nil {
			body, err = io.ReadAll(resp.Body)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(string(body), "Code: 395") {
			t.Errorf("got %v after %d bytes", err, len(body))
		}
	}
}

func TestAClientThatGoesAwayStopsItsQuery(t *testing.T) {
	e := start(t)
	server := outside(t, e, false)
	for _, format := range []string{"TSV", "CSVWithNames"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		query := url.QueryEscape("SELECT * FROM numbers(100000000000) FORMAT " + format)
		if _, err := io.WriteString(conn, "GET /?password=secret&query="+query+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 200_000)); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		waitIdle(t, e)
	}
}

func TestListenRefusesAddressesThatOthersReach(t *testing.T) {
	if l, err := Listen(t.Context(), "0.0.0.0:0"); !errors.Is(err, ErrNotLoopback) {
		_ = l.Close()
		t.Errorf("got %v", err)
	}
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
}
