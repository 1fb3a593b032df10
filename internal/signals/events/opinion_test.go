package events

import (
	"errors"
	"strings"
	"testing"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/learned"
)

// biased is a model that knows two words: "quaintly" speaks for an award, "dubious" against everything.
func biased(t testing.TB, hints []string) *learned.Model {
	t.Helper()
	h := learned.Header{Version: "test", Events: Names(), Hints: hints, Bits: 16, Veto: 0.2, Add: 0.9, Bias: make([]float64, len(Names()))}
	for range hints {
		h.HintWeights = append(h.HintWeights, make([]float64, len(Names())))
	}
	for range Names() {
		h.Judges = append(h.Judges, learned.Judge{Constant: -1, Learned: 1, Rules: 3})
	}
	var places []learned.Place
	for word, towards := range map[string]float64{"quaintly": 60, "dubious": -60, "purported": -3} {
		f := &learned.Features{}
		f.Read(word, h.Bits)
		p := learned.Place{At: f.Buckets[0][0], IDF: 3, Weights: make([]float64, len(Names()))}
		for k, name := range Names() {
			if towards < 0 || name == "award" {
				p.Weights[k] = towards
			}
		}
		places = append(places, p)
	}
	m, err := learned.Build(h, places)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func withOpinion(t testing.TB, model *learned.Model) *Matcher {
	t.Helper()
	l, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewWithOpinion(l, model)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheModelAddsTheAccountsNewsOnly(t *testing.T) {
	m := withOpinion(t, biased(t, matcher(t).HintNames()))
	const own = "Harwick Foods makes soup."
	for name, c := range map[string]struct {
		kind pages.Kind
		text string
		want string
	}{
		"the account in words that no rule knows": {pages.KindPress, "Our prize quaintly glitters in the hall.", "award"},
		"the account by name":                     {pages.KindPress, "Harwick Foods quaintly shows its prize.", "award"},
		"somebody else":                           {pages.KindBlog, "Fenwick Mills has quaintly shown its prize.", ""},
		"a neighbour":                             {pages.KindPress, "Our neighbours at Fenwick quaintly show their prize.", ""},
		"a denial":                                {pages.KindPress, "Our prize does not quaintly glitter in the hall.", ""},
		"advice":                                  {pages.KindPress, "How to show your prize quaintly", ""},
		"a careers page":                          {pages.KindCareers, "Our prize quaintly glitters in the hall.", ""},
		"a legal page":                            {pages.KindLegal, "Our prize quaintly glitters in the hall.", ""},
		"a customer's story":                      {pages.KindStory, "Our prize quaintly glitters in the hall.", ""},
		"a sentence without the word":             {pages.KindPress, "Our prize glitters in the hall.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			hits := m.Match(page(c.kind, own, c.text))
			if got := eventsOf(hits); got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			if c.want == "" {
				return
			}
			if h := hits[0]; h.Evidence != c.text || h.Pattern != "learned/test" || h.Confidence < minConfidence || h.Confidence > 1 {
				t.Errorf("hit %+v", h)
			}
		})
	}
}

func TestAddedEvidencePointsIntoItsBlock(t *testing.T) {
	m := withOpinion(t, biased(t, matcher(t).HintNames()))
	d := page(pages.KindPress, "Harwick Foods makes soup.")
	text := "We like soup. Our prize quaintly glitters in the hall. The end."
	d.Blocks = append(d.Blocks, document.Block{Text: text, Offset: 1000})
	hits := m.Match(d)
	if len(hits) != 1 || hits[0].Offset != 1000+strings.Index(text, "Our prize") || hits[0].Evidence != "Our prize quaintly glitters in the hall." {
		t.Errorf("hits %+v", hits)
	}
}

func TestTheModelDoubtsVetoesAndAffirms(t *testing.T) {
	rules := matcher(t)
	m := withOpinion(t, biased(t, rules.HintNames()))
	at := func(m *Matcher, text string) float64 {
		for _, h := range m.Match(page(pages.KindPress, "Harwick Foods makes soup.", text)) {
			if h.Event == "award" {
				return h.Confidence
			}
		}
		return 0
	}
	const plain, sure, doubted, weak, absurd = "Harwick Foods has won the export award.", "Harwick Foods has quaintly won the export award.",
		"Harwick Foods has won the purported export award.", "Dubious gold at the design awards for the soup in the tin.",
		"Harwick Foods has won the dubious export award."
	if alone := at(rules, plain); at(m, sure) <= alone || at(m, plain) >= at(m, sure) {
		t.Errorf("rules %.2f, with the model %.2f, affirmed %.2f", alone, at(m, plain), at(m, sure))
	}
	if alone := at(rules, doubted); alone < 0.8 || at(m, doubted) >= alone || at(m, doubted) == 0 {
		t.Errorf("strong rules, doubted: rules %.2f, with the model %.2f", alone, at(m, doubted))
	}
	if alone := at(rules, absurd); alone < 0.8 || at(m, absurd) != 0 {
		t.Errorf("strong rules, below the veto: rules %.2f, with the model %.2f", alone, at(m, absurd))
	}
	if alone := at(rules, weak); alone == 0 || alone >= 0.8 || at(m, weak) != 0 {
		t.Errorf("weak rules, doubted: rules %.2f, with the model %.2f", alone, at(m, weak))
	}
}

func TestWhatOnlyPlainTextIsReadForIsNotDoubted(t *testing.T) {
	m := withOpinion(t, biased(t, matcher(t).HintNames()))
	if got := eventsOf(m.Text("Dubious bondholders and lenders met on Tuesday.", "en")); got != "funding" {
		t.Errorf("got %q", got)
	}
}

func TestAModelOfOtherHintsIsRefused(t *testing.T) {
	l, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewWithOpinion(l, biased(t, []string{"phrases award"})); !errors.Is(err, learned.ErrModel) {
		t.Errorf("got %v, want ErrModel", err)
	}
}

// With the model that is compiled in, the labelled sentences beside each event keep their precision and recall.
func TestTheCompiledInModelAgreesWithTheLabelledSentences(t *testing.T) {
	model, err := learned.Default()
	if err != nil {
		t.Fatal(err)
	}
	m := withOpinion(t, model)
	for _, event := range Names() {
		ex := load(t, event)
		tp, fp := 0, 0
		for _, text := range ex.Positive {
			if strings.Contains(" "+eventsOf(m.Text(text, ""))+" ", " "+event+" ") {
				tp++
			}
		}
		for _, text := range ex.Negative {
			if strings.Contains(" "+eventsOf(m.Text(text, ""))+" ", " "+event+" ") {
				fp++
			}
		}
		precision, recall := float64(tp)/float64(max(tp+fp, 1)), float64(tp)/float64(len(ex.Positive))
		if precision < 0.95 || recall < 0.9 {
			t.Errorf("%s: precision %.2f, recall %.2f; want 0.95 and 0.9", event, precision, recall)
		}
	}
}

func TestHintsTellWordsPhrasesAndVoice(t *testing.T) {
	m := matcher(t)
	names := m.HintNames()
	hints := m.Hints("We will not merge with our rival.", "en")
	told := map[string]bool{}
	for i, x := range hints {
		told[names[i]] = x > 0
	}
	for name, want := range map[string]bool{"phrases merger_acquisition": true, "words merger_acquisition": true, "cue own": true, "cue negation": true, "phrases award": false} {
		if told[name] != want {
			t.Errorf("%s: %v, want %v", name, told[name], want)
		}
	}
	if got := m.Hints("", ""); len(got) != len(names) {
		t.Errorf("%d hints of nothing, want %d", len(got), len(names))
	}
}

func BenchmarkMatchProseWithOpinion(b *testing.B) {
	model, err := learned.Default()
	if err != nil {
		b.Fatal(err)
	}
	m := withOpinion(b, model)
	doc := page(pages.KindBlog, "We are opening a new warehouse in Leeds. "+strings.Repeat("A long story of soup, salt and spoons follows. ", 200))
	b.SetBytes(int64(len(doc.Blocks[0].Text)))
	b.ReportAllocs()
	for b.Loop() {
		m.Match(doc)
	}
}
