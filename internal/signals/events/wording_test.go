package events

import (
	"os"
	"slices"
	"strings"
	"testing"

	"telltale/internal/signals/learned"
	"telltale/internal/signals/phrase"
)

// labelled reads a file of testdata: a line is the events with commas between them (- for none), a tab and the sentence.
func labelled(t *testing.T, name string) (wants [][]string, texts []string) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		labels, text, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("%s: no tab in %q", name, line)
		}
		var want []string
		if labels != "-" {
			want = strings.Split(labels, ",")
		}
		for _, event := range want {
			if !slices.Contains(Names(), event) {
				t.Fatalf("%s: no event is called %q", name, event)
			}
		}
		wants, texts = append(wants, want), append(texts, text)
	}
	return wants, texts
}

// tally counts right, wrong and missed events; log lists the last two, which must not be done for the unseen.
func tally(t *testing.T, m *Matcher, name string, log bool) (right, wrong, missed int) {
	t.Helper()
	wants, texts := labelled(t, name)
	for i, text := range texts {
		var got []string
		for _, h := range m.Text(text, "") {
			got = append(got, h.Event)
		}
		for _, event := range got {
			if slices.Contains(wants[i], event) {
				right++
				continue
			}
			wrong++
			if log {
				t.Logf("%s wrong: %s", event, text)
			}
		}
		for _, event := range wants[i] {
			if !slices.Contains(got, event) {
				missed++
				if log {
					t.Logf("%s missed: %s", event, text)
				}
			}
		}
	}
	return right, wrong, missed
}

// The wording that the phrases were made for is known; of wording that came after them the floor is what was measured (docs/events.md),
// far from the aim of 0.90 and 0.85.
func TestLooseWordingIsReadAsWellAsMeasured(t *testing.T) {
	l, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	model, err := learned.Default()
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewWithOpinion(l, model)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		file              string
		precision, recall float64
	}{{"worked.tsv", 0.93, 0.86}, {"unseen.tsv", 0.79, 0.56}} {
		right, wrong, missed := tally(t, m, tc.file, tc.file == "worked.tsv")
		precision, recall := float64(right)/float64(max(right+wrong, 1)), float64(right)/float64(max(right+missed, 1))
		t.Logf("%s: precision %.3f, recall %.3f (%d right, %d wrong, %d missed)", tc.file, precision, recall, right, wrong, missed)
		if precision < tc.precision || recall < tc.recall {
			t.Errorf("%s: precision %.3f, recall %.3f; want %.2f and %.2f", tc.file, precision, recall, tc.precision, tc.recall)
		}
	}
}

// Loose wording is for a sentence or two that somebody asks about: the same words on a company's page, or in a long text, are left alone.
func TestLooseWordingCountsInShortTextsOnly(t *testing.T) {
	m := matcher(t)
	const text = "Our true-up is due in June."
	renewal := func(hits []Hit) bool {
		return slices.ContainsFunc(hits, func(h Hit) bool { return h.Event == "renewal" })
	}
	page := phrase.Plain(text, "en")
	page.Domain = "harrow-tools.example"
	switch {
	case !renewal(m.Text(text, "en")):
		t.Error("not found in the sentence alone")
	case renewal(m.Match(page)):
		t.Error("found on a company's page")
	case renewal(m.Text(text+strings.Repeat(" The weather was fine all day.", 20), "en")):
		t.Error("found in a long text")
	}
}

func TestPagesAreNotReadForLooseWording(t *testing.T) {
	m := matcher(t)
	brief := m.brief()
	if brief == m || brief.brief != nil {
		t.Fatal("want one matcher of short texts beside that of pages")
	}
	if slices.ContainsFunc(m.rules, func(r rule) bool { return r.loose }) || !slices.ContainsFunc(brief.rules, func(r rule) bool { return r.loose }) {
		t.Error("want loose rules for short texts and for nothing else")
	}
	if !slices.Equal(m.HintNames(), brief.HintNames()) {
		t.Error("a model that fits the one must fit the other")
	}
}

func TestALexiconIsNotExtendedByWhatDoesNotFitIt(t *testing.T) {
	for name, more := range map[string]string{
		"an event it has not": "events: [{name: rain, patterns: [it rains]}]",
		"a class it has":      "classes: {role: (king|queen)}",
		"phrases for pages":   "events: [{name: award, patterns: [it wins]}]",
		"no YAML":             "events: {",
		"an unknown key":      "evens: []",
	} {
		l, err := Default()
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Extend([]byte(more)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
