// Package archtest holds the architecture of DESIGN §3: arrows point down, each outside thing has one
// door, and rooms stay small enough to read in one sitting.
package archtest

import (
	"bufio"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// layer is a height in the house; a package imports only from lower layers, or what its own allow list names.
type layer int

const (
	words layer = iota
	rules
	adapters
	stages
	app
	programs
)

// rooms names every room under internal/ and cmd/ with its layer; the longest matching prefix counts.
var rooms = map[string]layer{
	"internal/domains": words, "internal/pages": words, "internal/signals": words, "internal/work": words, "internal/urls": words, "internal/steady": words,
	"internal/document": rules, "internal/classify": rules, "internal/signals/technology": rules, "internal/signals/topics": rules,
	"internal/signals/events": rules, "internal/signals/phrase": rules, "internal/signals/attribution": rules, "internal/signals/learned": rules,
	"internal/fit": rules, "internal/intent": rules, "internal/backtest": rules,
	"internal/fetch": adapters, "internal/queue": adapters, "internal/store": adapters, "internal/export": adapters, "internal/archive": adapters,
	"internal/crawl": stages, "internal/extract": stages, "internal/scoring": stages, "internal/report": stages, "internal/imports": stages, "internal/replay": stages,
	"internal/telemetry": adapters, "internal/sampleweb": words, "internal/archtest": programs,
	"internal/app": app, "internal/oracle": app, "cmd": programs,
}

// beside lists the packages of one's own layer that a room may import, beyond its own sub-packages.
var beside = map[string][]string{
	"internal/pages":               {"internal/domains"},
	"internal/classify":            {"internal/document"},
	"internal/signals/technology":  {"internal/document"},
	"internal/signals/topics":      {"internal/document", "internal/signals/phrase", "internal/signals/learned"},
	"internal/signals/events":      {"internal/document", "internal/signals/phrase", "internal/signals/learned"},
	"internal/signals/phrase":      {"internal/document"},
	"internal/signals/attribution": {"internal/document"},
	"internal/intent":              {"internal/fit"},
	"internal/backtest":            {"internal/fit", "internal/intent"},
}

// doors says which room alone may import an outside thing.
var doors = map[string]string{
	"github.com/gocolly/colly":            "internal/fetch",
	"github.com/nats-io":                  "internal/queue",
	"github.com/ClickHouse/clickhouse-go": "internal/store",
	"github.com/ebitengine/purego":        "internal/store/embedded",
	"github.com/xuri/excelize":            "internal/export",
}

func roomOf(pkg string) (string, layer, bool) {
	best := ""
	for room := range rooms {
		if (pkg == room || strings.HasPrefix(pkg, room+"/")) && len(room) > len(best) {
			best = room
		}
	}
	l, ok := rooms[best]
	return best, l, ok
}

type file struct {
	path, pkg string
	imports   []string
	test      bool
	lines     int
}

func sources(t *testing.T) []file {
	t.Helper()
	var out []file
	for _, top := range []string{"internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			f, err := read(path)
			if err == nil {
				out = append(out, f)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func read(path string) (file, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return file{}, err
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return file{}, err
	}
	f := file{path: rel, pkg: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(path, "_test.go")}
	for _, imp := range parsed.Imports {
		name, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			return file{}, err
		}
		f.imports = append(f.imports, name)
	}
	f.lines, err = countLines(path)
	return f, err
}

func countLines(path string) (int, error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = in.Close() }()
	n, scan := 0, bufio.NewScanner(in)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		n++
	}
	return n, scan.Err()
}

func TestArrowsPointDown(t *testing.T) {
	for _, f := range sources(t) {
		room, from, ok := roomOf(f.pkg)
		if !ok {
			t.Errorf("%s: the room %s has no place in the house; name its layer in rooms", f.path, f.pkg)
			continue
		}
		if f.test {
			continue
		}
		for _, imp := range f.imports {
			pkg, ours := strings.CutPrefix(imp, "telltale/")
			if ours && !mayImport(room, from, pkg) {
				t.Errorf("%s: %s must not import %s: the arrow points up or sideways", f.path, room, pkg)
			}
		}
	}
}

func mayImport(room string, from layer, pkg string) bool {
	if pkg == room || strings.HasPrefix(pkg, room+"/") || strings.HasPrefix(room, pkg+"/") {
		return true
	}
	other, to, ok := roomOf(pkg)
	if !ok {
		return false
	}
	if room == "internal/sampleweb" || other == "internal/sampleweb" {
		return other == "internal/sampleweb" && from == app
	}
	for _, b := range beside[room] {
		if pkg == b || strings.HasPrefix(pkg, b+"/") {
			return true
		}
	}
	switch from {
	case words, rules:
		return to == words
	case adapters, stages:
		return to == words || to == rules
	case app:
		return to < app
	case programs:
		return other == "internal/app"
	}
	return false
}

func TestEachOutsideThingHasOneDoor(t *testing.T) {
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		for _, imp := range f.imports {
			for thing, room := range doors {
				if strings.HasPrefix(imp, thing) && f.pkg != room && !strings.HasPrefix(f.pkg, room+"/") {
					t.Errorf("%s imports %s; only %s does", f.path, imp, room)
				}
			}
		}
	}
}

// TestTheSampleWebKnowsNoRules holds the oracle apart: neither side sees the other, not even in tests of rules.
func TestTheSampleWebKnowsNoRules(t *testing.T) {
	for _, f := range sources(t) {
		for _, imp := range f.imports {
			pkg, ours := strings.CutPrefix(imp, "telltale/")
			if !ours {
				continue
			}
			_, to, _ := roomOf(pkg)
			inWeb := strings.HasPrefix(f.pkg, "internal/sampleweb")
			if inWeb && !strings.HasPrefix(pkg, "internal/sampleweb") {
				t.Errorf("%s: the sample web imports %s", f.path, pkg)
			}
			_, from, _ := roomOf(f.pkg)
			if strings.HasPrefix(pkg, "internal/sampleweb") && !inWeb && (from == rules || (from == words && to == words)) {
				t.Errorf("%s: rules must not see the sample web", f.path)
			}
		}
	}
}

func TestRoomsAreSmall(t *testing.T) {
	for _, f := range sources(t) {
		limit := 300
		if f.test {
			limit = 500
		}
		if f.lines > limit {
			t.Errorf("%s has %d lines; %d is the limit", f.path, f.lines, limit)
		}
		if strings.HasPrefix(f.pkg, "cmd/") && !f.test && f.lines > 60 {
			t.Errorf("%s has %d lines; a main has at most 60", f.path, f.lines)
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	documented, seen := map[string]bool{}, map[string]bool{}
	for _, f := range sources(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, f.path), nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		seen[f.pkg] = true
		if parsed.Doc != nil {
			documented[f.pkg] = true
		}
	}
	for pkg := range seen {
		if !documented[pkg] {
			t.Errorf("package %s has no package comment", pkg)
		}
	}
}
