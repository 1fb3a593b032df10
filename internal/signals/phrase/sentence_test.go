package phrase

import (
	"slices"
	"strings"
	"testing"
)

// sentences cuts a text with a set that knows no word.
func sentences(text string) []string {
	s := &Set{vocab: newVocab()}
	s.vocab.freeze()
	tokens, _ := s.scan(nil, text)
	var out []string
	from := 0
	for i, t := range tokens {
		if t.Has(Last) {
			out = append(out, text[tokens[from].Start:t.End])
			from = i + 1
		}
	}
	return out
}

func TestASentenceEndsWhereAReaderWouldSaySo(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"a full stop before a capital ends one":       {"We moved. It works.", []string{"We moved", "It works"}},
		"a decimal does not":                          {"It costs 4.5 million. We paid.", []string{"It costs 4.5 million", "We paid"}},
		"a title does not":                            {"Mr. Smith and Dr. Jones met. They left.", []string{"Mr. Smith and Dr. Jones met", "They left"}},
		"an initial does not":                         {"J. Smith joins us.", []string{"J. Smith joins us"}},
		"a corporate suffix does not":                 {"Fenwick Inc. Canada grows.", []string{"Fenwick Inc. Canada grows"}},
		"a corporate suffix before an opener does":    {"We bought Fenwick Inc. The deal closed.", []string{"We bought Fenwick Inc", "The deal closed"}},
		"a German ordinal before a month does not":    {"Am 3. März eröffnen wir. Kommt alle.", []string{"Am 3. März eröffnen wir", "Kommt alle"}},
		"a German abbreviation does not":              {"Das sind z.B. Server bzw. Rechner.", []string{"Das sind z.B. Server bzw. Rechner"}},
		"a French title does not":                     {"Mme. Durand est nommée. Bravo.", []string{"Mme. Durand est nommée", "Bravo"}},
		"a Spanish title does not":                    {"El Sr. García dimite. Adiós.", []string{"El Sr. García dimite", "Adiós"}},
		"a Swedish abbreviation does not":             {"Vi byter bl.a. Slack. Snart.", []string{"Vi byter bl.a. Slack", "Snart"}},
		"a Dutch abbreviation does not":               {"Dhr. Jansen vertrekt. Dag.", []string{"Dhr. Jansen vertrekt", "Dag"}},
		"a question mark does":                        {"Why? Because.", []string{"Why", "Because"}},
		"an address is one sentence":                  {"See www.example.com for more.", []string{"See www.example.com for more"}},
		"a full stop inside quotation marks does":     {"“We left.” They stayed.", []string{"We left", "They stayed"}},
		"bullets separate":                            {"Slack • Zoom • Okta", []string{"Slack", "Zoom", "Okta"}},
		"an empty line separates":                     {"first line\n\nsecond line", []string{"first line", "second line"}},
		"a single line break does not":                {"one sentence\nover two lines", []string{"one sentence\nover two lines"}},
		"no words give no sentence":                   {" … . !? ", nil},
		"text without full stops is cut at the limit": {strings.Repeat("a ", MaxSentence+1), []string{strings.TrimSpace(strings.Repeat("a ", MaxSentence)), "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sentences(tc.text); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestWordsAreCutAndFoldedAlikeInPatternsAndText(t *testing.T) {
	for text, want := range map[string][]string{
		"We’re not Contoso's, don't":    {"we", "re", "not", "contoso", "don't"},
		"end-of-life, E5 & S/4HANA":     {"end", "of", "life", "e5", "s", "4hana"},
		"$4.5m at 20% of 1,200 ÜBUNGEN": {"$", "4.5m", "at", "20", "%", "of", "1,200", "übungen"},
		"l'entreprise d’Azure":          {"l", "entreprise", "d", "azure"},
	} {
		if got := split(text); !slices.Equal(got, want) {
			t.Errorf("split(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzSentences(f *testing.F) {
	for _, s := range []string{"We moved. It works.", "Mr. X", "a’s “b.” c", "\xff\xfe. A", "1.2.3. A", "…\n\n- x", "«Ça va?» Oui."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := &Set{vocab: newVocab()}
		s.vocab.freeze()
		tokens, _ := s.scan(nil, text)
		last, run := int32(0), 0
		for _, tok := range tokens {
			if tok.Start < last || tok.End <= tok.Start || int(tok.End) > len(text) {
				t.Fatalf("token %+v after byte %d of %d", tok, last, len(text))
			}
			last = tok.End
			if run++; run > MaxSentence {
				t.Fatalf("a sentence of more than %d words", MaxSentence)
			}
			if tok.Has(Last) {
				run = 0
			}
		}
		if len(tokens) > 0 && !tokens[len(tokens)-1].Has(Last) {
			t.Fatal("the last sentence does not end")
		}
	})
}
