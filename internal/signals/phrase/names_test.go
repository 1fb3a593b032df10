package phrase

import (
	"testing"

	"telltale/internal/document"
)

func TestANameIsMentionedAsAWordOnly(t *testing.T) {
	p := NewPage(&document.Document{Domain: "cal.example"})
	for text, want := range map[string]bool{
		"Cal opens a depot.":          true,
		"The plans of CAL, in short.": true,
		"Cals neues Lager":            true,
		"(cal)":                       true,
		"We calculate every price.":   false,
		"A vocal critic":              false,
		"Écal is a town.":             false,
	} {
		if got := p.Mentions(text); got != want {
			t.Errorf("%q: mentioned %v, want %v", text, got, want)
		}
	}
}

// read calls fn with the first sentence of a text in which a pattern may match.
func read(t *testing.T, text string, fn func(*Voice, *Sentence)) {
	t.Helper()
	v, err := NewVoice()
	if err != nil {
		t.Fatal(err)
	}
	spec := Spec{Patterns: []Pattern{{ID: "any", Expr: "(acquires|acquired|launched|defends|the)"}}}
	v.AddTo(&spec)
	set, err := Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	set.Each(&Scratch{}, text, func(sen *Sentence) bool {
		found = true
		fn(v, sen)
		return false
	})
	if !found {
		t.Fatalf("no sentence of %q is read", text)
	}
}

func TestTheOwnerOfASiteIsItsWholeNameAtTheHead(t *testing.T) {
	doc := &document.Document{Domain: "fenwickherald.example", Metas: []document.Meta{{Name: "og:site_name", Content: "The Fenwick Herald"}}}
	p := NewPage(doc)
	for text, want := range map[string]bool{
		"The Fenwick Herald acquires a printer.": true,
		"Fenwick Herald acquires a printer.":     true,
		"Fenwick acquires the mill.":             false,
		"The mill acquires Fenwick Herald.":      false,
		"Yesterday the Fenwick Herald launched.": false,
	} {
		read(t, text, func(_ *Voice, sen *Sentence) {
			if got := p.Owner(sen); got != want {
				t.Errorf("%q: owner %v, want %v", text, got, want)
			}
		})
	}
}

func TestAYearMakesOldNewsWhereItDatesTheSentence(t *testing.T) {
	for _, tc := range []struct {
		text string
		now  int
		want bool
	}{
		{"In 1987 the company acquired its first rival.", 0, true},
		{"Founded in 1987, the company acquired a rival.", 0, false},
		{"In 1987 the company began, and in 2024 it acquired a rival.", 0, false},
		{"The company acquired a rival in 2022.", 0, false},
		{"The company acquired a rival in 2022.", 2024, true},
		{"The company acquired a rival in 2023.", 2024, false},
	} {
		read(t, tc.text, func(_ *Voice, sen *Sentence) {
			if got := oldYear(sen, tc.now); got != tc.want {
				t.Errorf("%q in %d: old %v, want %v", tc.text, tc.now, got, tc.want)
			}
		})
	}
}
