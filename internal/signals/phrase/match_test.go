package phrase

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func compile(t testing.TB, exprs ...string) *Set {
	t.Helper()
	spec := Spec{
		Classes:  map[string]string{"move": "mov(e|es|ed|ing)|switch(|ed|ing)"},
		Entities: []Entity{{Alias: "azure", Slot: "product"}, {Alias: "[microsoft] teams", Slot: "product", Exact: true}, {Alias: "(aws|amazon web services)", Slot: "rival"}},
	}
	for i, e := range exprs {
		spec.Patterns = append(spec.Patterns, Pattern{ID: fmt.Sprint(i), Expr: e})
	}
	s, err := Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// found returns the words of the first match of pattern 0, empty where there is none.
func found(s *Set, text string) string {
	out := ""
	s.Each(&Scratch{}, text, func(sen *Sentence) bool {
		anchors := []int{-1}
		if s.Anchored(0) {
			anchors = sen.Entities
		}
		for _, a := range anchors {
			if a >= 0 && !sen.Fits(0, a) {
				continue
			}
			if spans := sen.Find(0, a); len(spans) > 0 {
				out = text[sen.Tokens[spans[0].Start].Start:sen.Tokens[spans[0].End-1].End]
				return false
			}
		}
		return true
	})
	return out
}

func TestAPatternMatchesWhatItsSyntaxSays(t *testing.T) {
	for name, tc := range map[string]struct{ expr, text, want string }{
		"inflections":                     {"migrat(e|ing)", "We are MIGRATING it", "MIGRATING"},
		"word boundaries":                 {"migrat(e|ing)", "immigrating", ""},
		"a gap that is wide enough":       {"move ~3 cloud", "move it to the cloud", "move it to the cloud"},
		"a gap that is too narrow":        {"move ~2 cloud", "move it to the cloud", ""},
		"a gap stays in its sentence":     {"move ~9 cloud", "We move. The cloud is far.", ""},
		"alternatives":                    {"(big cat|dog) barks", "the big cat barks", "big cat barks"},
		"an optional word":                {"phase [slowly] out", "phase out", "phase out"},
		"a class":                         {"<move> ~4 house", "switching to another house", "switching to another house"},
		"a slot":                          {"<move> ~3 {product}", "moving to Azure", "moving to Azure"},
		"a slot of another kind":          {"<move> ~3 {product}", "moving to AWS", ""},
		"the longest name":                {"{rival} rocks", "Amazon Web Services rocks", "Amazon Web Services rocks"},
		"an exact name in lower case":     {"<move> ~3 {product}", "moving both teams", ""},
		"an exact name in upper case":     {"<move> ~3 {product}", "moving to Teams", "moving to Teams"},
		"a number":                        {"{num} seats", "for 250 seats", "250 seats"},
		"a capital":                       {"acquires {cap}", "it acquires Fenwick", "acquires Fenwick"},
		"no capital":                      {"acquires {cap}", "it acquires skills", ""},
		"the latest start before the end": {"move ~9 {product}", "we move and move to Azure", "move to Azure"},
		"the anchor among two slots":      {"from {rival} to {product!}", "from AWS to Azure", "from AWS to Azure"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := found(compile(t, tc.expr), tc.text); got != tc.want {
				t.Errorf("%s in %q: %q, want %q", tc.expr, tc.text, got, tc.want)
			}
		})
	}
}

func TestABadPatternIsRefusedByName(t *testing.T) {
	for _, expr := range []string{"", "(a", "a)", "[a", "~0 a", "~99 a", "<nobody>", "{nothing} a", "[a]", "a|", "{", "a(b", "…"} {
		_, err := Compile(Spec{Patterns: []Pattern{{ID: "mine", Expr: expr}}})
		if !errors.Is(err, ErrPattern) || !strings.Contains(err.Error(), "mine") {
			t.Errorf("Compile(%q) = %v, want ErrPattern that names the pattern", expr, err)
		}
	}
	loop := Spec{Classes: map[string]string{"a": "<b>", "b": "<a>"}, Patterns: []Pattern{{ID: "loop", Expr: "<a>"}}}
	if _, err := Compile(loop); !errors.Is(err, ErrPattern) {
		t.Errorf("a class that holds itself: %v, want ErrPattern", err)
	}
}

// steps reads a text as the rules do, each candidate put to the sentence once, and counts the tokens that were read for it.
func steps(s *Set, text string) int {
	sc := &Scratch{}
	s.Each(sc, text, func(sen *Sentence) bool {
		for _, p := range sen.Candidates() {
			if !s.Anchored(int(p)) {
				sen.Find(int(p), -1)
			} else if len(sen.Entities) > 0 {
				sen.Find(int(p), sen.Entities[0])
			}
		}
		return true
	})
	return sc.steps
}

// The work for a byte must not grow with the text: from 10 KB to 10 MB, hostile and plain. Steps are counted and not time, which
// says as much about the machine.
func TestMatchingTimeIsLinearInTheText(t *testing.T) {
	s := compile(t, "<move> ~8 (to|onto) ~4 {product}", "(a|b) ~12 (a|b) ~12 c")
	for name, unit := range map[string]string{
		"plain prose":      "We are moving to Azure next year. Nothing else is new in the office. ",
		"no full stop":     "moving to a b c moving to Azure ",
		"only the anchors": "Azure ",
		"one long word":    "x",
	} {
		per := map[int]float64{}
		for _, size := range []int{10 << 10, 10 << 20} {
			per[size] = float64(steps(s, strings.Repeat(unit, size/len(unit)))) / float64(size)
		}
		t.Logf("%-18s %.4f steps a byte at 10 KB, %.4f at 10 MB", name, per[10<<10], per[10<<20])
		if name != "one long word" && per[10<<10] == 0 {
			t.Errorf("%s: no steps were counted", name)
		}
		if per[10<<20] > 1.1*per[10<<10]+0.001 {
			t.Errorf("%s: %.4f steps a byte at 10 MB, %.4f at 10 KB", name, per[10<<20], per[10<<10])
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, s := range [][2]string{{"migrat(e|ing) ~4 {product}", "migrating to Azure"}, {"[a] (b|c d) ~2 e", "b x e"}, {"<move>", "moved"}, {"((a|b)", "a"}, {"{num} {cap}", "4 X"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		s, err := Compile(Spec{
			Classes: map[string]string{"move": "mov(e|ed)"}, Entities: []Entity{{Alias: "azure", Slot: "product"}},
			Patterns: []Pattern{{ID: "p", Expr: expr}},
		})
		if err != nil {
			if !errors.Is(err, ErrPattern) {
				t.Fatalf("%v does not wrap ErrPattern", err)
			}
			return
		}
		s.Each(&Scratch{}, text, func(sen *Sentence) bool {
			for _, a := range append([]int{-1}, sen.Entities...) {
				if a >= 0 && !sen.Fits(0, a) {
					continue
				}
				for _, span := range sen.Find(0, a) {
					if span.Start < 0 || span.Start >= span.End || span.End > len(sen.Tokens) {
						t.Fatalf("span %+v in %d tokens", span, len(sen.Tokens))
					}
					sen.Quote(span)
				}
			}
			return true
		})
	})
}

func BenchmarkScanWithoutCue(b *testing.B) {
	s := compile(b, "<move> ~8 (to|onto) ~4 {product}")
	text := strings.Repeat("The weather in the valley was fine and nobody thought of work. ", 160)
	sc := &Scratch{}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s.Each(sc, text, func(*Sentence) bool { return true })
	}
}
