package topics

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/phrase"
)

// example is a labelled sentence: Product is the one the topic is expected for, empty in a negative.
type example struct {
	Text    string `yaml:"text"`
	Product string `yaml:"product"`
	Kind    string `yaml:"kind"`
	Role    string `yaml:"role"`
	Domain  string `yaml:"domain"`
	// Allows are topics that a negative may show: it is a negative of its own topic only.
	Allows []string `yaml:"allows"`
}

type examples struct {
	Positive []example `yaml:"positive"`
	Negative []example `yaml:"negative"`
}

func matcher(t testing.TB) *Matcher {
	t.Helper()
	tax, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(tax)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (e *example) document() *document.Document {
	d := phrase.Plain(e.Text, "")
	if d.Domain = e.Domain; d.Domain != "" { // a page of a known company, which speaks of itself
		d.Blocks = append(d.Blocks, document.Block{Text: "We wish all our readers a quiet week."})
	}
	if e.Kind != "" {
		d.Kind = pages.Kind(e.Kind)
	}
	if e.Role == "title" {
		d.Blocks[0].Role = document.RoleTitle
	}
	return d
}

func load(t *testing.T, file string) examples {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var ex examples
	if err := yaml.UnmarshalWithOptions(b, &ex, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return ex
}

// The labelled sentences beside each topic are found, and their hard negatives are not.
func TestLabelledSentencesScoreAboveTheThresholds(t *testing.T) {
	m := matcher(t)
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) != len(m.Taxonomy().Topics) {
		t.Fatalf("%d example files for %d topics: %v", len(files), len(m.Taxonomy().Topics), err)
	}
	for _, file := range files {
		topic := strings.TrimSuffix(filepath.Base(file), ".yaml")
		ex := load(t, file)
		if len(ex.Positive) < 8 || len(ex.Negative) < 4 {
			t.Errorf("%s: %d positive and %d negative examples, want 8 and 4", topic, len(ex.Positive), len(ex.Negative))
		}
		tp, fp := 0, 0
		for _, e := range ex.Positive {
			hits := m.Match(e.document())
			found := slices.ContainsFunc(hits, func(h Hit) bool { return h.Topic == topic && h.Product == e.Product })
			wrong := slices.ContainsFunc(hits, func(h Hit) bool { return h.Topic == topic && h.Product != e.Product })
			if found {
				tp++
			} else {
				t.Logf("%s: missed for %s: %s", topic, e.Product, e.Text)
			}
			if wrong {
				fp++
				t.Logf("%s: wrong product: %+v", topic, hits)
			}
		}
		for _, e := range ex.Negative {
			for _, h := range m.Match(e.document()) {
				if slices.Contains(e.Allows, h.Topic) {
					continue
				}
				fp++
				t.Logf("%s: found %s/%s by %s in: %s", topic, h.Topic, h.Product, h.Pattern, e.Text)
			}
		}
		precision, recall := float64(tp)/float64(max(tp+fp, 1)), float64(tp)/float64(len(ex.Positive))
		t.Logf("%-20s %3d sentences  precision %.2f  recall %.2f", topic, len(ex.Positive)+len(ex.Negative), precision, recall)
		if precision < 0.95 || recall < 0.9 {
			t.Errorf("%s: precision %.2f, recall %.2f; want 0.95 and 0.9", topic, precision, recall)
		}
	}
}
