package events

import (
	"os"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"
)

type examples struct {
	Positive []string `yaml:"positive"`
	Negative []string `yaml:"negative"`
}

func matcher(t testing.TB) *Matcher {
	t.Helper()
	l, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(l)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func load(t *testing.T, event string) examples {
	t.Helper()
	b, err := os.ReadFile("testdata/" + event + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var ex examples
	if err := yaml.UnmarshalWithOptions(b, &ex, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	if len(ex.Positive) < 6 || len(ex.Negative) < 4 {
		t.Errorf("%s: %d positive and %d negative examples, want 6 and 4", event, len(ex.Positive), len(ex.Negative))
	}
	return ex
}

// The labelled sentences beside each event are found, and its hard negatives are not.
func TestLabelledSentencesScoreAboveTheThresholds(t *testing.T) {
	m := matcher(t)
	for _, event := range Names() {
		is := func(h Hit) bool { return h.Event == event }
		ex := load(t, event)
		tp, fp := 0, 0
		for _, text := range ex.Positive {
			if slices.ContainsFunc(m.Text(text, ""), is) {
				tp++
			} else {
				t.Logf("%s: missed: %s", event, text)
			}
		}
		for _, text := range ex.Negative {
			for _, h := range m.Text(text, "") {
				if is(h) {
					fp++
					t.Logf("%s: found by %s in: %s", event, h.Pattern, text)
				}
			}
		}
		precision, recall := float64(tp)/float64(max(tp+fp, 1)), float64(tp)/float64(len(ex.Positive))
		t.Logf("%-20s %3d sentences  precision %.2f  recall %.2f", event, len(ex.Positive)+len(ex.Negative), precision, recall)
		if precision < 0.95 || recall < 0.9 {
			t.Errorf("%s: precision %.2f, recall %.2f; want 0.95 and 0.9", event, precision, recall)
		}
	}
}

// What is labelled as one event is seldom taken for another: the spill over all positives stays small.
func TestEventsAreSeldomTakenForOneAnother(t *testing.T) {
	m := matcher(t)
	right, spilt := 0, 0
	for _, event := range Names() {
		for _, text := range load(t, event).Positive {
			for _, h := range m.Text(text, "") {
				if h.Event == event {
					right++
					continue
				}
				spilt++
				t.Logf("%s also gives %s by %s: %s", event, h.Event, h.Pattern, text)
			}
		}
	}
	t.Logf("%d right, %d spilt", right, spilt)
	if spilt*5 > right {
		t.Errorf("%d events of another kind beside %d right ones, want at most a fifth", spilt, right)
	}
}
