package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// capturedDir is a directory of captured pages: a company's news, a newspaper's article with a headline beside it, and one that is not labelled.
func capturedDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.tsv": "file\turl\na.html\thttps://www.harrowtools.example/news/award\nb.html\thttps://paper.example/business/1\nc.html\thttps://paper.example/2\n",
		"a.html": `<!doctype html><html lang="en"><title>Harrow Tools wins export award</title><meta property="og:site_name" content="Harrow Tools"><h1>Harrow Tools wins export award</h1>` +
			`<p>Harrow Tools has won the Yorkshire export award. We are proud of our workshop.</p><p>We have passed the TISAX assessment.</p></html>`,
		"b.html": `<!doctype html><html lang="en"><title>Paper</title><article><h1>Town news</h1><p>Brisk Fasteners has acquired the saw maker Gunnar for 12 million euros.</p></article></html>`,
		"c.html": `<!doctype html><p>Nothing.</p>`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const capturedLabels = `{"url":"https://www.harrowtools.example/news/award","kind":"press","language":"en","events":[` +
	`{"event":"award","whose":"own","where":"main","quote":"Harrow Tools has won the Yorkshire export award."},{"event":"hiring","whose":"own","where":"main","quote":"We are proud of our workshop."}],"topics":[]}

{"url":"https://paper.example/business/1","kind":"press","also":"blog","language":"de","events":[` +
	`{"event":"merger_acquisition","whose":"other","where":"main","quote":"Brisk Fasteners has acquired the saw maker Gunnar for 12 million euros."}],"topics":[{"topic":"pain","product":"Azure","whose":"own","where":"main","quote":"Gunnar"}]}
{"url":"https://gone.example/","kind":"home","language":"en","events":[],"topics":[]}
`

func TestCapturedPagesAreJudgedByPeoplesLabels(t *testing.T) {
	labels := file(t, "labels.jsonl", capturedLabels)
	a := ask(t, "", "telltale", "evaluate", "--pages", capturedDir(t), "--labels", labels, "--mistakes", "9").fine(t)
	row := func(event string) []string {
		for _, line := range strings.Split(a.out, "\n") {
			if cells := strings.Split(strings.Trim(line, "│"), "│"); strings.TrimSpace(cells[0]) == event {
				for i := range cells {
					cells[i] = strings.TrimSpace(cells[i])
				}
				return cells
			}
		}
		t.Fatalf("no row for %s in\n%s", event, a.out)
		return nil
	}
	for event, want := range map[string]string{ // own, another's, headline's, nothing, missed, precision, recall; told, headline's, nothing, precision; heard, recall
		"award":              "award 1 0 0 0 0 1.000 1.000 1 0 0 1.000 1 of 1 1.000",
		"compliance":         "compliance 0 0 0 1 0 0.000 NaN 0 0 1 0.000 0 of 0 NaN",
		"hiring":             "hiring 0 0 0 0 1 NaN 0.000 0 0 0 NaN 0 of 1 0.000",
		"merger_acquisition": "merger_acquisition 0 0 0 0 0 NaN NaN 1 0 0 1.000 1 of 1 1.000",
	} {
		if got := strings.Join(row(event), " "); got != want {
			t.Errorf("%s", got)
		}
	}
	for _, want := range []string{
		"2 read, 1 labelled but absent, 0 could not be read", "language right 0.500", "topics: 0 right, ", "wrong, 1 missed\n",
		"nothing: compliance https://www.harrowtools.example/news/award", "missed: hiring https://www.harrowtools.example/news/award",
	} {
		if !strings.Contains(a.out, want) {
			t.Errorf("it does not say %q:\n%s", want, a.out)
		}
	}
}

func TestLabelsThatCannotBeAreToldInOneLine(t *testing.T) {
	dir := capturedDir(t)
	for _, c := range []struct{ name, text, says string }{
		{"an empty file", "\n", "holds no label"},
		{"no JSON", "hello\n", ":1: "},
		{"an unknown key", `{"url":"https://a.example/","kind":"blog","colour":"red"}`, `:1: json: unknown field "colour"`},
		{"no address", "\n" + `{"kind":"blog"}`, ":2: want url and kind"},
		{"nobody's event", `{"url":"https://a.example/","kind":"blog","events":[{"event":"award","where":"main","quote":"x"}]}`, `:1: whose is ""`},
		{"an event nowhere", `{"url":"https://a.example/","kind":"blog","events":[{"event":"award","whose":"own","quote":"x"}]}`, `:1: where is ""`},
		{"an event without words", `{"url":"https://a.example/","kind":"blog","events":[{"event":"award","whose":"own","where":"main"}]}`, ":1: award without a quote"},
		{"a page twice", strings.Repeat(`{"url":"https://a.example/","kind":"blog"}`+"\n", 2), ":2: https://a.example/ is labelled twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			labels := file(t, "labels.jsonl", c.text)
			ask(t, "", "telltale", "evaluate", "--pages", dir, "--labels", labels).refused(t, "telltale", 2, "--labels", c.says)
		})
	}
	labels := file(t, "labels.jsonl", capturedLabels)
	ask(t, "", "telltale", "evaluate", "--pages", dir).refused(t, "telltale", 2, "--pages and --labels go together")
	ask(t, "", "telltale", "evaluate", "--pages", t.TempDir(), "--labels", labels).refused(t, "telltale", 2, "--pages", "manifest.tsv")
}
