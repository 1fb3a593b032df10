package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRulesBesideTheBuiltInOnesAreLoadedFromSeveralPaths(t *testing.T) {
	dir := t.TempDir()
	for name, rules := range map[string]string{
		"a.json": `{"Widget One":{"cats":[1],"html":"<widget-one data-v=\"([\\d.]+)\\;version:\\1"}}`,
		"b.json": `{"Widget Two":{"dom":"main > div.widget-two"},"WordPress":{"html":"<x-own-press>"}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(rules), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const page = `<main><div class="widget-two">x</div></main><widget-one data-v="1.5"></widget-one><x-own-press></x-own-press>`
	a, b := filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")
	for name, args := range map[string][]string{
		"repeated":         {"--technologies", a, "--technologies", b},
		"with a comma":     {"--technologies", a + "," + b},
		"a directory":      {"--technologies", dir},
		"one of them only": {"--technologies", b},
	} {
		t.Run(name, func(t *testing.T) {
			out := ask(t, page, "telltale", append([]string{"inspect", "page", "--url", "https://acme.example/"}, args...)...).fine(t).out
			for _, want := range []string{`"name":"Widget One","version":"1.5"`, `"name":"Widget Two"`, `"name":"WordPress"`} {
				if expected := name != "one of them only" || !strings.Contains(want, "One"); strings.Contains(out, want) != expected {
					t.Errorf("%s: %v in %s", want, !expected, out)
				}
			}
		})
	}
}

func TestRulesThatCannotBeReadAreToldInOneLine(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.json")
	if err := os.WriteFile(broken, []byte(`{"Fine":{"html":"x"},"Spoilt One":{"headers":{"X":[{}]}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path string
		says       []string
	}{
		{"a path that is missing", "/nowhere", []string{"--technologies /nowhere", "no such file"}},
		{"a directory without rules", t.TempDir(), []string{"no technologies"}},
		{"an entry that is none", broken, []string{"broken.json", `"Spoilt One"`}},
		{"the directory it is in", dir, []string{"broken.json", `"Spoilt One"`}},
		{"no JSON", file(t, "rules.json", "{"), []string{"rules.json"}},
		{"one of two", filepath.Join(dir, "missing.json") + "," + broken, []string{"missing.json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			warc := file(t, "x.warc", "")
			ask(t, "", "telltale", "inspect", "page", "--technologies", c.path).refused(t, "telltale", 2, c.says...)
			ask(t, "", "signal-worker", "--technologies", c.path).refused(t, "signal-worker", 2, c.says...)
			ask(t, "", "telltale", "replay", warc, "--technologies", c.path).refused(t, "telltale", 2, c.says...)
			ask(t, "", "telltale", "demo", "--out", filepath.Join(t.TempDir(), "demo"), "--technologies", c.path).refused(t, "telltale", 2, c.says...)
			ask(t, "", "telltale", "evaluate", "--out", filepath.Join(t.TempDir(), "evaluate"), "--technologies", c.path).refused(t, "telltale", 2, c.says...)
		})
	}
}

func TestTheDoctorSaysWhatOfTheRulesIsNotEvaluated(t *testing.T) {
	path := file(t, "rules.json", `{"T":{"html":["good-mark","(a)\\1"],"js":{"T.version":""},"xhr":"x"}}`)
	out := askApart(t, nil, "telltale", "doctor", "--data-dir", t.TempDir(), "--technologies", path).out
	if !strings.Contains(out, "✓ technologies") || !strings.Contains(out, "2 need a script engine (js 1, xhr 1)") || !strings.Contains(out, "1 cannot be read: T html") {
		t.Errorf("doctor says %s", out)
	}
}
