package document_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"telltale/internal/document"
)

// labelsDir holds labels made by hand, with quotations from the main text and from teasers (docs/captured.md).
const labelsDir = "../../docs/captured"

// TestOwnTextAgreesWithLabels measures which quotations of a page's main text, and which of its teasers, lie in blocks that are the
// page's own. Rules were made on the pages of even number; those of odd number are held out.
func TestOwnTextAgreesWithLabels(t *testing.T) {
	corpus := os.Getenv(corpusEnv)
	if corpus == "" {
		t.Skipf("%s is not set: a directory of captured pages", corpusEnv)
	}
	files := manifest(t, corpus)
	names, err := filepath.Glob(filepath.Join(labelsDir, "*.jsonl"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no *.jsonl, %v", labelsDir, err)
	}
	var kept, main, out, beside [2]int
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			var l struct {
				N, URL string
				Events []struct{ Where, Quote string }
			}
			if err := json.Unmarshal([]byte(line), &l); err != nil || l.N == "" {
				t.Fatalf("%s: %q, %v", name, l.N, err)
			}
			own := ownLetters(capturedPage(t, filepath.Join(corpus, files[strings.TrimSpace(l.URL)]), l.URL))
			odd := int(l.N[len(l.N)-1]-'0') % 2
			for _, e := range l.Events {
				in := strings.Contains(own, letters(e.Quote))
				if e.Where == "main" {
					main[odd]++
					kept[odd] += count(in)
				} else {
					beside[odd]++
					out[odd] += count(!in)
				}
			}
		}
	}
	for i, part := range [...]string{"even, developed on", "odd, held out"} {
		t.Logf("%s: main text kept %d of %d, teasers left out %d of %d", part, kept[i], main[i], out[i], beside[i])
		if kept[i]*10 < main[i]*9 || out[i]*10 < beside[i]*9 {
			t.Errorf("%s: fewer than nine of ten", part)
		}
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// ownLetters is the page's own text without white space and marks, as two readers of one page differ in those.
func ownLetters(doc *document.Document) string {
	var b strings.Builder
	for i := range doc.Blocks {
		if doc.Own(&doc.Blocks[i]) {
			b.WriteString(letters(doc.Blocks[i].Text))
			b.WriteByte('|')
		}
	}
	return b.String()
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
