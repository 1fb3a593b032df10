package app_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// panics is YAML on which goccy/go-yaml 1.19.2 panics, found by the fuzz target of internal/intent.
const panics = "products: !000\n0000000:0000000000000000000000000000000000000000000000000000000"

func TestFlagsThatCannotBeAreToldInOneLine(t *testing.T) {
	accounts := file(t, "accounts.csv", "account_id,name,domain\n1,A,a.example\n")
	ranges := file(t, "ranges.csv", "name,prefix,concurrency\nOwn,198.51.100.0/24,many\n")
	noPEM := file(t, "none.pem", "hello\n")
	up, run := []string{"up", "--contact", "https://a.example"}, []string{"run", "--contact", "https://a.example", "--accounts", accounts}
	with := func(base []string, more ...string) []string { return append(slices.Clone(base), more...) }
	for _, c := range []struct {
		name, program string
		args          []string
		says          []string
	}{
		{"no command", "telltale", nil, []string{"expected one of", `"run"`}},
		{"an unknown command", "telltale", []string{"nonsense"}, []string{"unexpected argument nonsense"}},
		{"an unknown flag", "crawler", []string{"--nonsense"}, []string{"unknown flag --nonsense"}},
		{"an unknown flag of a sub-command", "intent-scorer", []string{"runs", "--nonsense"}, []string{"--nonsense"}},
		{"a log format that is none", "telltale", []string{"doctor", "--log-format", "xml"}, []string{"--log-format", `"xml"`, `"json"`}},
		{"a log level that is none", "signal-worker", []string{"--log-level", "loud"}, []string{"--log-level", `"loud"`}},
		{"a kind of import that is none", "telltale", []string{"import", "people", accounts}, []string{"<kind>", `"people"`, `"accounts"`}},
		{"a way with errors that is none", "telltale", []string{"import", "accounts", accounts, "--on-error", "hope"}, []string{"--on-error", `"hope"`}},
		{"an import without a file", "telltale", []string{"import", "accounts"}, []string{"<file>"}},
		{"a number that is none", "telltale", with(up, "--visits", "many"), []string{"--visits", `"many"`}},
		{"no visits", "telltale", with(up, "--visits=0"), []string{"--visits 0", "want 1 or more"}},
		{"a delay below nothing", "telltale", with(up, "--delay=-1s"), []string{"--delay -1s", "want 0s or more"}},
		{"a duration without a unit", "telltale", with(up, "--delay", "5"), []string{"--delay", `"5"`}},
		{"a batch without pages", "signal-worker", []string{"--batch-pages=0"}, []string{"--batch-pages 0", "want 1 or more"}},
		{"a wait for acks of nothing", "telltale", with(up, "--ack-wait=0s"), []string{"--ack-wait 0s", "want 1s or more"}},
		{"a role that is none", "telltale", with(up, "--roles", "crawler,cook"), []string{"--roles", `"cook"`, "signal-worker"}},
		{"a memory that is none", "telltale", with(up, "--store-memory", "lots"), []string{"--store-memory", `"lots"`, "MiB"}},
		{"runs to compare that are not there", "intent-scorer", []string{"runs", "diff", "nosuch", "neither", "--data-dir", t.TempDir()}, []string{"no such scoring run: nosuch"}},
		{"more moves than a comparison holds", "intent-scorer", []string{"runs", "diff", "a", "b", "--most", "100001"}, []string{"--most 100001", "0 to 100000"}},
		{"a memory that is too small", "intent-scorer", []string{"runs", "--store-memory", "12"}, []string{"--store-memory", `"12"`, "256"}},
		{"a time that is none", "telltale", with(up, "--as-if", "yesterday"), []string{"--as-if", "yesterday"}},
		{"no contact", "telltale", []string{"up"}, []string{"--contact is required"}},
		{"no contact for a crawler", "crawler", nil, []string{"--contact is required"}},
		{"no contact for a pass", "telltale", []string{"run", "--accounts", accounts, "--month", "2026-10"}, []string{"--contact is required"}},
		{"an HTTP port out of range", "telltale", with(up, "--http-port", "70000"), []string{"--http-port 70000", "65535"}},
		{"an HTTPS port out of range", "telltale", with(up, "--https-port=0"), []string{"--https-port 0", "want 1 or more"}},
		{"a further port out of range", "telltale", with(up, "--ports", "8080,99999"), []string{"--ports 99999", "65535"}},
		{"address ranges that are missing", "telltale", with(up, "--address-ranges", "/nowhere.csv"), []string{"--address-ranges", "/nowhere.csv", "no such file"}},
		{"address ranges that are none", "telltale", with(up, "--address-ranges", ranges), []string{"--address-ranges", "ranges.csv", "Own", `"many"`}},
		{"a resolver without a port", "telltale", with(up, "--resolver", "127.0.0.1"), []string{"--resolver", `"127.0.0.1"`, "HOST:PORT"}},
		{"a resolver's port out of range", "telltale", with(up, "--resolver", "127.0.0.1:99999"), []string{"--resolver", "99999", "1 to 65535"}},
		{"a CA file that is missing", "telltale", with(up, "--ca-file", "/nowhere.pem"), []string{"--ca-file", "/nowhere.pem", "no such file"}},
		{"a CA file without PEM", "telltale", with(up, "--ca-file", noPEM), []string{"--ca-file", noPEM, "PEM"}},
		{"an operations port for everybody", "telltale", with(up, "--ops-listen", "0.0.0.0:9464"), []string{"--ops-listen", "0.0.0.0:9464", "--ops-public"}},
		{"an operations port that is none", "telltale", with(up, "--ops-listen", "nonsense"), []string{"--ops-listen", `"nonsense"`}},
		{"rules that are missing", "telltale", with(up, "--technologies", "/nowhere"), []string{"--technologies", "/nowhere", "no such file"}},
		{"rules that are no rules", "signal-worker", []string{"--technologies", noPEM}, []string{"--technologies", "none.pem"}},
		{"a month that is none", "telltale", with(run, "--month", "2026-13"), []string{`"2026-13"`, "YYYY-MM"}},
		{"a month that has not begun", "telltale", with(run, "--month", "2026-10", "--as-if", "2026-09-30T23:59:00Z"), []string{"2026-10", "has not begun", "2026-09-30"}},
		{"no month", "telltale", run, []string{"--month"}},
		{"no accounts", "telltale", []string{"run", "--month", "2026-10"}, []string{"--accounts is required"}},
		{"a fit file that is missing", "telltale", with(run, "--month", "2026-10", "--as-if", "2026-11-01T00:00:00Z", "--fit", "/nowhere.csv"), []string{"/nowhere.csv", "no such file"}},
		{"an accounts file that is a directory", "telltale", []string{"import", "accounts", "/tmp"}, []string{"/tmp", "is a directory"}},
		{"a month to score that is none", "intent-scorer", []string{"run", "--month", "October"}, []string{`"October"`, "YYYY-MM"}},
		{"a month to score that has not begun", "intent-scorer", []string{"run", "--month", "2099-01"}, []string{"2099-01", "has not begun"}},
		{"a time to score that is none", "intent-scorer", []string{"run", "--month", "2020-01", "--as-of", "noon"}, []string{"--as-of", `"noon"`, "2026-10-31T23:59:59Z"}},
		{"a month that the sample web does not have", "telltale", []string{"evaluate", "--month", "2031-01"}, []string{"--month", `"2031-01"`, "2026-05 to 2026-10"}},
		{"a sample web that is too small", "telltale", []string{"sample", "--companies", "1", "--out", t.TempDir()}, []string{"--companies 1", "20"}},
		{"captured pages that are missing", "telltale", []string{"sample", "--pages", "/nowhere", "--out", t.TempDir()}, []string{"/nowhere/manifest.tsv", "no such file"}},
		{"an empty statement", "telltale", []string{"query", " "}, []string{"empty statement"}},
		{"a domain that is none", "telltale", []string{"pause", "not a domain"}, []string{`"not a domain"`}},
		{"a block without a reason", "telltale", []string{"pause", "--block", "a.example"}, []string{"--reason"}},
		{"a header that is none", "telltale", []string{"inspect", "page", "--header", "Server"}, []string{"--header", `"Server"`, "NAME: VALUE"}},
		{"a store URL of another kind", "telltale", []string{"query", "SELECT 1", "--clickhouse-url", "gopher://a"}, []string{`"gopher://a"`, "clickhouse://"}},
		{"a database that is no name", "telltale", []string{"query", "SELECT 1", "--database", "a b"}, []string{`"a b"`}},
		{"an embedded port without embedded queue", "telltale", with(up, "--roles", "none", "--nats-url", "nats://127.0.0.1:1", "--nats-listen", "127.0.0.1:0"), []string{"--nats-listen", "--nats-url"}},
		{"an embedded port without embedded store", "telltale", with(up, "--roles", "none", "--clickhouse-url", "http://127.0.0.1:1", "--store-listen", "127.0.0.1:0"), []string{"--store-listen", "--clickhouse-url"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("TELLTALE_DATA_DIR", filepath.Join(t.TempDir(), "data"))
			ask(t, "", c.program, c.args...).refused(t, c.program, 2, c.says...)
		})
	}
}

func TestAConfigurationFileThatCannotBeIsToldInOneLine(t *testing.T) {
	for _, c := range []struct {
		name, text string
		says       []string
	}{
		{"an unknown key", "lost: 1\n", []string{`"lost"`, "no flag"}},
		{"broken YAML", "delay: [\n", []string{"[1:8]"}},
		{"YAML that makes the parser panic", panics, nil},
		{"a list", "- delay\n", []string{"mapping"}},
		{"a doubled key", "delay: 1s\ndelay: 2s\n", []string{`"delay"`, "already"}},
		{"a value that is a mapping", "delay: {a: b}\n", []string{`"delay"`, "one value"}},
		{"a value that is a list", "delay: [1s]\n", []string{`"delay"`, "one value"}},
		{"no value", "delay:\n", []string{`"delay"`, "one value"}},
		{"a value that does not fit", "visits: many\n", []string{"--visits", `"many"`}},
		{"a word that is none of those", "log-level: loud\n", []string{"--log-level", `"loud"`}},
		{"a flag that stands alone", "version: true\n", []string{`"version"`}},
		{"more than a mebibyte", strings.Repeat("#", 1<<20+1), []string{"1048577 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := file(t, "telltale.yaml", c.text)
			ask(t, "", "telltale", "up", "--contact", "x", "--check", "--config", path).refused(t, "telltale", 2, append(c.says, "--config "+path)...)
		})
	}
	ask(t, "", "telltale", "doctor", "--config", "/nowhere.yaml").refused(t, "telltale", 2, "--config", "/nowhere.yaml", "no such file")
}

func TestATaxonomyThatCannotBeIsToldInOneLine(t *testing.T) {
	broken := t.TempDir()
	for name, text := range map[string]string{"panics": panics, "unknown": "topics: 1\n", "broken": "products: [\n"} {
		if err := os.MkdirAll(filepath.Join(broken, name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(broken, name, "products.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, dir, says string }{
		{"a directory that is missing", "/nowhere", "no such file"},
		{"a directory without taxonomy files", t.TempDir(), "holds no taxonomy file"},
		{"YAML that makes the parser panic", filepath.Join(broken, "panics"), "products.yaml"},
		{"an unknown key", filepath.Join(broken, "unknown"), `products.yaml: [1:1] unknown field "topics"`},
		{"broken YAML", filepath.Join(broken, "broken"), "products.yaml: [1:11]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ask(t, "", "telltale", "inspect", "text", "--taxonomy", c.dir).refused(t, "telltale", 2, "--taxonomy "+c.dir, c.says)
			ask(t, "", "signal-worker", "--taxonomy", c.dir).refused(t, "signal-worker", 2, "--taxonomy "+c.dir, c.says)
		})
	}
}

func TestEnginesThatCannotBeReachedAreNamed(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	nats, http, native := "nats://"+gone, "http://user:secret@"+gone, "clickhouse://user:secret@"+gone
	for _, c := range []struct {
		program string
		args    []string
	}{
		{"crawler", []string{"--contact", "x", "--nats-url", nats}},
		{"signal-worker", []string{"--nats-url", nats, "--clickhouse-url", http}},
		{"telltale", []string{"queues", "--nats-url", nats}},
		{"telltale", []string{"query", "SELECT 1", "--clickhouse-url", http}},
		{"telltale", []string{"query", "SELECT 1", "--clickhouse-url", native}},
		{"telltale", []string{"export", "--month", "2026-10", "--clickhouse-url", native}},
		{"intent-scorer", []string{"run", "--month", "2020-10", "--clickhouse-url", http}},
	} {
		t.Run(c.program+" "+c.args[len(c.args)-1], func(t *testing.T) {
			a := ask(t, "", c.program, c.args...)
			a.refused(t, c.program, 2, gone)
			if strings.Contains(a.err, "secret") {
				t.Errorf("it shows the password: %s", a.err)
			}
		})
	}
}

func TestAnEngineLibraryThatCannotBeIsNamed(t *testing.T) {
	corrupt := file(t, "libchdb.so", "\x7fELF and nothing else")
	query := []string{"query", "SELECT 1", "--data-dir", t.TempDir(), "--chdb-library"}
	askApart(t, nil, "telltale", append(query, corrupt)...).refused(t, "telltale", 2, corrupt, "make chdb")
	askApart(t, nil, "telltale", append(query, "/nowhere.so")...).refused(t, "telltale", 2, "/nowhere.so", "make chdb")
	a := askApart(t, nil, "telltale", "doctor", "--data-dir", t.TempDir(), "--chdb-library", corrupt)
	if a.code != 2 || !strings.Contains(a.out, "✗ store") || a.err != "telltale: doctor: 1 checks failed: store\n" {
		t.Errorf("doctor: exit code %d, %q, %s", a.code, a.err, a.out)
	}
}

func TestHelpSaysWhatThereIs(t *testing.T) {
	commands := map[string][]string{
		"telltale":      {"", "run", "up", "demo", "evaluate", "import", "imports", "imports forget", "schedule", "query", "export", "queues", "pause", "resume", "inspect", "inspect robots", "inspect url", "inspect feed", "inspect sitemap", "inspect page", "inspect text", "doctor", "migrate", "sample"},
		"intent-scorer": {"", "run", "runs", "runs diff", "explain"}, "crawler": {""}, "signal-worker": {""},
	}
	for program, list := range commands {
		for _, command := range list {
			t.Run(program+" "+command, func(t *testing.T) {
				a := ask(t, "", program, append(strings.Fields(command), "--help")...).fine(t)
				for _, want := range []string{"Usage: " + program, "--store-memory=\"1024\"", "MiB", "--drain-timeout=20s", "$TELLTALE_DATA_DIR", "--data-dir=\"data\""} {
					if !strings.Contains(a.out, want) || a.err != "" {
						t.Errorf("--help does not say %q: %s%s", want, a.out, a.err)
					}
				}
			})
		}
		if a := ask(t, "", program, "--version").fine(t); a.out != "0.1.0\n" {
			t.Errorf("%s --version: %q", program, a.out)
		}
	}
}

func TestAVariableOfTheVersionIsNoOrderToPrintIt(t *testing.T) {
	t.Setenv("TELLTALE_VERSION", "0.1.0")
	if a := ask(t, "http://a.example\n", "telltale", "inspect", "url").fine(t); !strings.Contains(a.out, "registrable_domain") {
		t.Errorf("it printed %q", a.out)
	}
}

func TestCheckSaysOkOrWhatIsWrong(t *testing.T) {
	config := file(t, "telltale.yaml", "contact: https://a.example\nvisits: 7\ndelay: 2s\n")
	for program, args := range map[string][]string{
		"telltale": {"up"}, "crawler": nil, "signal-worker": nil, "intent-scorer": {"run", "--month", "2020-01"},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		if a := ask(t, "", program, append(args, "--check", "--data-dir", dir, "--config", config)...).fine(t); a.out != "ok\n" || a.err != "" {
			t.Errorf("%s --check: %q, %q", program, a.out, a.err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s --check made its data directory", program)
		}
	}
	ask(t, "", "crawler", "--check").refused(t, "crawler", 2, "--contact")
	ask(t, "", "telltale", "up", "--check", "--roles", "cook").refused(t, "telltale", 2, fmt.Sprintf("%q", "cook"))
}
