package app_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	// everySignal is all that a signal is; the account is another table's business.
	everySignal = `SELECT signal_id, domain, kind, name, product, version, strength, confidence, sign, observed_at, dated, detected_at, last_seen, source, url, evidence,
evidence_offset, content_hash, extractor_version FROM signals ORDER BY signal_id`
	// everyRead is what reads left behind, and knownPages what of it the next visit is told.
	everyRead = `SELECT domain, url, fetched_at, kind, status, unchanged, error, content_hash, simhash, etag, last_modified, bytes, title, language, published_at, signals,
visit_id, extractor_version FROM pages FINAL WHERE extractor_version != '' ORDER BY domain, url, fetched_at`
	knownPages = `SELECT domain, url, argMax(etag, fetched_at), argMax(last_modified, fetched_at), argMax(content_hash, fetched_at), argMax(kind, fetched_at)
FROM pages WHERE NOT unchanged AND error = '' AND content_hash != '' GROUP BY domain, url ORDER BY domain, url`
)

// archived makes a pass over a month on the data directory one, kept in an archive, and returns the archive's files.
func (f *fleet) archived(month string) []string {
	f.t.Helper()
	f.at(month)
	dir := f.path("warc-" + month)
	args := []string{"run", "--month", month, "--data-dir", f.path("one"), "--out", f.path("out-" + month), "--warc", dir, "--warc-size", "1", "--warc-total", "1000"}
	for _, name := range []string{"accounts", "fit"} {
		args = append(args, "--"+name, f.path("inputs/"+name+".csv"))
	}
	f.mustCall("telltale", append(args, f.network...)...)
	files, err := filepath.Glob(filepath.Join(dir, "*.warc.gz"))
	if err != nil || len(files) == 0 {
		f.t.Fatalf("the archive has the files %v, %v", files, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.open")); len(left) > 0 {
		f.t.Errorf("unfinished files: %v", left)
	}
	return files
}

// TestAReplayFindsWhatTheCrawlFound crawls two months, switches the web off, and runs extraction from the archives.
func TestAReplayFindsWhatTheCrawlFound(t *testing.T) {
	f := newFleet(t, 20).asShipped()
	first := f.archived("2026-09")
	september := []string{f.ask(everySignal), f.ask(everyRead)}
	second := f.archived("2026-10")
	october := []string{f.ask(everySignal), f.ask(everyRead), f.ask(knownPages)}
	if err := f.web.Close(); err != nil {
		t.Fatal(err)
	}
	replay := func(data string, args []string) string {
		return f.mustCall("telltale", append([]string{"replay", "--data-dir", f.path(data)}, args...)...)
	}
	at := func(data, sql string) string { return strings.TrimSpace(f.query(sql, "--data-dir", f.path(data))) }

	summary := replay("two", first)
	if !strings.Contains(summary, "signals") || !strings.Contains(summary, "skipped: not published by the crawl") {
		t.Errorf("the summary is\n%s", summary)
	}
	for _, trouble := range []string{"damaged", "wrong digest", "without their original", "not here", "otherwise now", "rejected"} {
		if strings.Contains(summary, trouble) {
			t.Errorf("the summary has %q:\n%s", trouble, summary)
		}
	}
	compareTables(t, september[0], at("two", everySignal))
	compareTables(t, september[1], at("two", everyRead))
	rows := at("two", "SELECT (SELECT count() FROM signals), (SELECT count() FROM pages FINAL)")
	replay("two", first)
	if again := at("two", "SELECT (SELECT count() FROM signals), (SELECT count() FROM pages FINAL)"); again != rows {
		t.Errorf("a second replay made %s of %s rows", again, rows)
	}

	past := replay("one", append([]string{"--owned"}, first...)) // the past, into a store that knows more
	if strings.Contains(past, "not wanted") || strings.Contains(past, "not here") {
		t.Errorf("domains of accounts are not wanted:\n%s", past)
	}
	for i, sql := range []string{everySignal, everyRead, knownPages} {
		compareTables(t, october[i], f.ask(sql))
	}
	replay("two", second)
	compareTables(t, october[0], at("two", everySignal))

	backwards := slices.Concat(second, first)
	replay("three", append([]string{"--owned"}, backwards...)) // nobody's domains, so nothing
	if n := at("three", "SELECT count() FROM signals"); n != "0" {
		t.Errorf("%s signals of domains that no account owns", n)
	}
	replay("three", backwards)
	compareTables(t, october[0], at("three", everySignal))
	f.checkDryRun(first, strings.Count(september[0], "\n")+1)
}

// checkDryRun compares the signals of a dry run with those that were stored: it has each once for every page that shows it.
func (f *fleet) checkDryRun(files []string, want int) {
	f.t.Helper()
	lines := strings.TrimSpace(f.mustCall("telltale", append([]string{"replay", "--dry-run", "--data-dir", f.path("none")}, files...)...))
	ids := map[string]bool{}
	for line := range strings.SplitSeq(lines, "\n") {
		var s struct {
			ID       string `json:"signal_id"`
			Evidence string `json:"evidence"`
			Detected string `json:"detected_at"`
		}
		if err := json.Unmarshal([]byte(line), &s); err != nil || s.Evidence == "" || !strings.HasPrefix(s.Detected, "2026-09-") {
			f.t.Fatalf("line %q: %v", line, err)
		}
		ids[s.ID] = true
	}
	if len(ids) != want {
		f.t.Errorf("a dry run gives %d signals, the crawl gave %d", len(ids), want)
	}
	if _, err := os.Stat(f.path("none")); err == nil {
		f.t.Error("a dry run made a data directory")
	}
}

func TestReplaysThatCannotBeAreToldInOneLine(t *testing.T) {
	text, empty := file(t, "notes.warc", "hello\n"), file(t, "empty.warc", "")
	for _, c := range []struct {
		name string
		args []string
		says []string
	}{
		{"no file", nil, []string{"<file>"}},
		{"a missing file", []string{"/nowhere.warc"}, []string{"/nowhere.warc", "no such file"}},
		{"a directory", []string{t.TempDir()}, []string{"a directory"}},
		{"a file that is no archive", []string{text}, []string{text, "no WARC record", "offset 0"}},
		{"an empty file", []string{empty}, []string{empty, "no WARC record", "offset 0"}},
		{"a domain that is none", []string{text, "--domain", "no domain"}, []string{"--domain", "no domain"}},
		{"workers below nothing", []string{text, "--workers=-1"}, []string{"--workers -1"}},
		{"a dry run that needs the store", []string{text, "--dry-run", "--owned"}, []string{"--owned", "--dry-run"}},
		{"a dry run that compares with the store", []string{text, "--dry-run", "--diff"}, []string{"--diff", "--dry-run"}},
		{"a dry run that replaces", []string{text, "--dry-run", "--replace"}, []string{"--replace", "--dry-run"}},
		{"changes as JSON where none are listed", []string{text, "--json"}, []string{"--json", "--diff"}},
		{"lines below nothing", []string{text, "--diff", "--lines=-1"}, []string{"--lines -1"}},
		{"rules that are missing", []string{text, "--technologies", "/nowhere"}, []string{"--technologies", "/nowhere"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ask(t, "", "telltale", append([]string{"replay"}, c.args...)...).refused(t, "telltale", 2, c.says...)
		})
	}
}

func TestArchivesThatCannotBeAreToldInOneLine(t *testing.T) {
	notDir := file(t, "file", "")
	for _, c := range []struct {
		name string
		args []string
		says []string
	}{
		{"a file for a directory", []string{"--warc", notDir}, []string{"--warc", notDir, "not a directory"}},
		{"a size of nothing", []string{"--warc", "d", "--warc-size=0"}, []string{"--warc-size 0", "want 1 or more"}},
		{"less in all than two files", []string{"--warc", "d", "--warc-size=10", "--warc-total=19"}, []string{"--warc-total 19", "--warc-size 10"}},
		{"an age of nothing", []string{"--warc", "d", "--warc-keep=0s"}, []string{"--warc-keep 0s", "1m0s"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ask(t, "", "crawler", append([]string{"--contact", "https://a.example", "--check"}, c.args...)...).refused(t, "crawler", 2, c.says...)
		})
	}
	ask(t, "", "crawler", "--contact", "https://a.example", "--check", "--warc", filepath.Join(t.TempDir(), "new")).fine(t)
}

// TestADamagedArchiveIsReadAroundItsDamage replays a file of another tool with garbage in its middle and a torn end.
func TestADamagedArchiveIsReadAroundItsDamage(t *testing.T) {
	record := func(url, body string) string {
		block := "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
		return "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <" + url + ">\r\nWARC-Date: 2020-05-01T10:00:00Z\r\nContent-Length: " + strconv.Itoa(len(block)) + "\r\n\r\n" + block + "\r\n\r\n"
	}
	page := `<html lang="en"><head><title>Blog</title><meta name="generator" content="WordPress 6.4"></head><body><p>We write about our work here.</p></body></html>`
	whole := record("http://b.example/blog/two", page)
	var b bytes.Buffer
	b.WriteString(record("http://a.example/blog/one", page) + "garbage\n" + whole + whole[:len(whole)/2])
	path := file(t, "mixed.warc", b.String())
	a := ask(t, "", "telltale", "replay", "--dry-run", path).fine(t)
	for _, want := range []string{`"domain":"a.example"`, `"domain":"b.example"`, `"name":"WordPress"`, `"detected_at":"2020-05-01T10:00:00Z"`} {
		if !strings.Contains(a.out, want) {
			t.Errorf("stdout has no %s: %s", want, a.out)
		}
	}
	for _, want := range []string{"replay: " + path + ": offset ", "damaged places", "files that end within a record"} {
		if !strings.Contains(a.err, want) {
			t.Errorf("stderr does not say %q: %s", want, a.err)
		}
	}
	given := ask(t, "", "telltale", "replay", "--dry-run", "--domain", "given.example", path).fine(t)
	if strings.Contains(given.out, `"domain":"a.example"`) || !strings.Contains(given.out, `"domain":"given.example"`) {
		t.Errorf("with a domain given: %s", given.out)
	}
}
