package imports_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"telltale/internal/imports"
	"telltale/internal/pages"
)

const goodWatch = `# press
sources:
  - name: Wire, all of it
    url: HTTPS://Feeds.Wire.example:443/all.rss?b=2&a=1#top
    kind: press
    min_interval: 30m
  - {name: "42", url: "http://forum.müller.example/latest.rss", kind: feed}
`

func TestAWatchListIsRead(t *testing.T) {
	var s shelf
	reg := prometheus.NewRegistry()
	rep, err := importer(t, s.sinks(), reg).Import(t.Context(), imports.Watch, file(t, "watch.yaml", goodWatch), imports.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []imports.WatchSource{
		{Name: "Wire, all of it", Domain: "wire.example", URL: "https://feeds.wire.example/all.rss?a=1&b=2", Source: pages.KindPress, Floor: 30 * time.Minute},
		{Name: "42", Domain: "xn--mller-kva.example", URL: "http://forum.xn--mller-kva.example/latest.rss"},
	}
	if d := cmp.Diff(want, s.watch); d != "" {
		t.Error(d)
	}
	if rep.Rows != 2 || rep.Changed != 2 || rep.Kind != imports.Watch || !s.known.Equal(now) {
		t.Errorf("report %+v", rep)
	}
	if err := testutil.GatherAndCompare(reg, strings.NewReader("# HELP telltale_imports_rows_total Good rows of imported files, by kind.\n# TYPE telltale_imports_rows_total counter\ntelltale_imports_rows_total{kind=\"watch\"} 2\n"), "telltale_imports_rows_total"); err != nil {
		t.Error(err)
	}
}

func TestAWatchListThatCannotBeIsToldWithItsLine(t *testing.T) {
	source := func(rest string) string { return "sources:\n  - name: A\n" + rest }
	const ok = "    url: https://a.example/feed\n    kind: press\n"
	for _, c := range []struct{ name, text, says string }{
		{"an empty file", "", ": want one YAML document with the key sources"},
		{"a comment alone", "# nothing\n", ": want one YAML document with the key sources"},
		{"two documents", "sources: []\n---\nsources: []\n", ": want one YAML document"},
		{"a word", "sources\n", ":1: want the key sources"},
		{"another key", "feeds:\n  - name: A\n", ":1: feeds: is no key here; want sources"},
		{"another key after sources", source(ok) + "feeds: []\n", ":5: feeds: is no key here"},
		{"sources that are no list", "sources: all\n", ":1: sources: want a list of sources"},
		{"no sources", "sources: []\n", ":1: sources: lists no source"},
		{"a source that is a word", "sources:\n  - https://a.example\n", ":2: name: required and missing"},
		{"broken YAML", "sources:\n  - name: A\n   url: x\n", ":3: "},
		{"a doubled key", source("    name: B\n" + ok), ":3: mapping key \"name\" already defined"},
		{"an unknown key", source(ok + "    colour: red\n"), ":5: colour: is no key of a source; want name, url, kind or min_interval"},
		{"no address", source("    kind: press\n"), ":2: url: required and missing"},
		{"no kind", source("    url: https://a.example/\n"), ":2: kind: required and missing"},
		{"an empty name", "sources:\n  - name: \"\"\n" + ok, ":2: name: want 1 to 100 bytes"},
		{"a name that is a list", "sources:\n  - name: [A]\n" + ok, ":2: name: want one value"},
		{"an alias", "sources:\n  - name: &a A\n" + ok, ":2: name: want one value"},
		{"an unknown kind", source("    url: https://a.example/\n    kind: gossip\n"), `:4: kind: "gossip" is none of press, forum, social, blog, feed`},
		{"an ftp address", source("    url: ftp://a.example/feed\n    kind: press\n"), `:3: url: "ftp://a.example/feed" is no http or https address`},
		{"a path", source("    url: /feed\n    kind: press\n"), `:3: url: "/feed" is no http or https address`},
		{"an address without a domain", source("    url: http://127.0.0.1/feed\n    kind: press\n"), `:3: url: "http://127.0.0.1/feed" lies on no domain`},
		{"LinkedIn", source("    url: https://www.linkedin.com/company/a\n    kind: social\n"), ":3: url: linkedin.com allows no crawling"},
		{"X", source("    url: https://x.com/a\n    kind: social\n"), ":3: url: x.com allows no crawling"},
		{"Facebook", source("    url: https://de-de.facebook.com/a\n    kind: social\n"), ":3: url: facebook.com allows no crawling"},
		{"a doubled name", source(ok) + "  - name: A\n    url: https://b.example/\n    kind: feed\n", `:5: name: "A" stands on line 2 already`},
		{"a doubled address", source(ok) + "  - name: B\n    url: https://A.example:443/feed\n    kind: feed\n", `:6: url: "https://a.example/feed" stands on line 3 already`},
		{"a minute", source(ok + "    min_interval: 1m\n"), `:5: min_interval: "1m" is no duration from 15m to 24h`},
		{"a number of seconds", source(ok + "    min_interval: 900\n"), `:5: min_interval: "900" is no duration`},
		{"two bad sources", source("    kind: x\n") + "  - name: B\n", "and 1 more bad row; nothing was imported"},
		{"brackets without end", "sources:\n" + strings.Repeat("[\n", 100), ":34: more than 32 brackets open"},
		{"a line without end", "sources: " + strings.Repeat("- ", 3000), ":1: a line of more than 4096 bytes"},
		{"not UTF-8", "sources: \xff\n", ": not UTF-8"},
		{"a huge file", strings.Repeat("#\n", 1<<19+1), ": more than 1048576 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := file(t, "watch.yaml", c.text)
			var s shelf
			_, err := importer(t, s.sinks(), nil).Import(t.Context(), imports.Watch, path, imports.Options{})
			if !errors.Is(err, imports.ErrInput) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v\nwant %s%s", err, path, c.says)
			}
			if s.watch != nil {
				t.Error("something was stored")
			}
		})
	}
}

func TestTheWatchListOfTheExamplesIsGood(t *testing.T) {
	var s shelf
	rep, err := importer(t, s.sinks(), nil).Import(t.Context(), imports.Watch, filepath.Join("..", "..", "examples", "watch.yaml"), imports.Options{})
	if err != nil || rep.Rows < 12 {
		t.Errorf("%d sources, %v", rep.Rows, err)
	}
}

// FuzzWatch reads any bytes as a watch list: sources that could be, or one line that names the file.
func FuzzWatch(f *testing.F) {
	for _, s := range []string{goodWatch, "sources: [{name: a, url: \"http://a.example\", kind: feed}]", "sources:\n- &a\n- *a", "? !!binary x\n: y", "a: [", "---\n...\n", "\x00"} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "watch.yaml")
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		var s shelf
		_, err := importer(t, s.sinks(), nil).Import(t.Context(), imports.Watch, path, imports.Options{})
		if err != nil && (!errors.Is(err, imports.ErrInput) || !strings.Contains(err.Error(), path) || s.watch != nil) {
			t.Fatalf("not the file's fault, or half imported: %v", err)
		}
		if err == nil && len(s.watch) == 0 {
			t.Fatal("nothing was read and nothing said")
		}
		for _, w := range s.watch {
			if w.Name == "" || w.Domain == "" || !strings.HasPrefix(w.URL, "http") || w.Floor < 0 {
				t.Fatalf("source %+v", w)
			}
		}
	})
}
