package topics

import (
	"errors"
	"strings"
	"testing"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/learned"
)

// biased is a model whose opinion is made of single words: "quaintly" says that a rival is dropped, "dubious" that nothing is meant.
func biased(t testing.TB, names, hints []string) *learned.Model {
	t.Helper()
	h := learned.Header{Version: "test", Events: names, Hints: hints, Bits: 16, Veto: 0.3, Add: 0.8, Bias: make([]float64, len(names))}
	for range hints {
		h.HintWeights = append(h.HintWeights, make([]float64, len(names)))
	}
	var places []learned.Place
	for word, towards := range map[string]float64{"quaintly": 60, "dubious": -60, "purported": -2} {
		f := &learned.Features{}
		f.Read(word, h.Bits)
		p := learned.Place{At: f.Buckets[0][0], IDF: 3}
		for _, name := range names {
			w := 0.0
			if towards < 0 || name == "competitor_dropped" {
				w = towards
			}
			p.Weights = append(p.Weights, w)
		}
		places = append(places, p)
	}
	for range names {
		h.Judges = append(h.Judges, learned.Judge{Constant: -2, Learned: 1, Rules: 4})
	}
	m, err := learned.Build(h, places)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func opinionated(t testing.TB) *Matcher {
	t.Helper()
	rules := matcher(t)
	m, err := NewWithOpinion(rules.Taxonomy(), biased(t, rules.Taxonomy().TopicNames(), rules.HintNames()))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheModelFindsWhatNoRuleKnowsWhereTheAccountSpeaks(t *testing.T) {
	m := opinionated(t)
	said := func(kind pages.Kind, list ...string) *document.Document {
		d := page(kind)
		for _, s := range list {
			d.Blocks = append(d.Blocks, document.Block{Text: s})
		}
		return d
	}
	const own, told, dropped = "Harwick Foods makes soup.", "Our Okta sits quaintly in the cupboard.", "competitor_dropped/Security"
	for name, c := range map[string]struct {
		doc  *document.Document
		want string
	}{
		"our blog":               {said(pages.KindBlog, told), dropped},
		"no product is named":    {said(pages.KindBlog, "The kettle sits quaintly in our cupboard."), ""},
		"a customer's story":     {said(pages.KindStory, told), ""},
		"careers":                {said(pages.KindCareers, told), ""},
		"a customer in a forum":  {said(pages.KindForum, own, "Our Okta sits quaintly in the cupboard; does your kettle?"), ""},
		"a maker":                {said(pages.KindBlog, own, "According to its maker, Okta sits quaintly in our cupboard."), ""},
		"a list of tools":        {said(pages.KindBlog, "Quaintly we list Slack, Zoom, Webex, Dropbox and Salesforce."), ""},
		"nobody's page speaks":   {said(pages.KindOther, "Okta sits quaintly in the cupboard."), ""},
		"long ago":               {said(pages.KindBlog, "In 1998 our Okta sat quaintly in our cupboard."), ""},
		"a sentence without end": {said(pages.KindBlog, told[:len(told)-1]+strings.Repeat(" and blue", 40)+"."), ""},
	} {
		if got := topicsOf(m.Match(c.doc)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if hit := m.Match(said(pages.KindBlog, told))[0]; hit.Pattern != "learned/test" || hit.Evidence != told || hit.Sign != 1 || hit.Confidence < 0.5 || hit.Strength <= 0 {
		t.Errorf("hit %+v", hit)
	}
}

func TestTheModelDoubtsVetoesAndOutvotesRules(t *testing.T) {
	rules, m := matcher(t), opinionated(t)
	at := func(m *Matcher, text string) (string, float64) {
		hits := m.Match(page(pages.KindBlog, document.Block{Text: text}))
		if len(hits) == 0 {
			return "", 0
		}
		return topicsOf(hits), hits[0].Confidence
	}
	const plain, doubted, absurd, other = "We are moving to Microsoft 365.", "We are moving to purported Microsoft 365.", "We are moving to dubious Microsoft 365.",
		"We are moving quaintly to Google Workspace."
	if _, alone := at(rules, doubted); alone < sure {
		t.Errorf("the rules are sure of %.2f only", alone)
	}
	_, undoubted := at(m, plain)
	if topic, c := at(m, doubted); topic != "migration/Microsoft 365" || c >= undoubted {
		t.Errorf("doubted: %q with %.2f, undoubted %.2f", topic, c, undoubted)
	}
	if topic, _ := at(m, absurd); topic != "" {
		t.Errorf("below the veto: %q", topic)
	}
	if topic, _ := at(rules, other); topic != "competitor_adopted/Microsoft 365" {
		t.Errorf("the rules find %q", topic)
	}
	if topic, _ := at(m, other); !strings.Contains(topic, "competitor_dropped/Microsoft 365") {
		t.Errorf("outvoted: %q", topic)
	}
}

// A user's taxonomy may hold topics of its own: the model has no opinion on those.
func TestAModelServesATaxonomyThatUsersAddTo(t *testing.T) {
	rules := matcher(t)
	names := rules.Taxonomy().TopicNames()
	m, err := NewWithOpinion(rules.Taxonomy(), biased(t, names[1:], append([]string{"a hint of old"}, rules.HintNames()...)))
	if err != nil {
		t.Fatal(err)
	}
	if got := topicsOf(m.Match(page(pages.KindBlog, document.Block{Text: "We are moving to Microsoft 365."}))); got != "migration/Microsoft 365" {
		t.Errorf("got %q", got)
	}
	for name, model := range map[string]*learned.Model{
		"other classes": biased(t, []string{"award", "merger_acquisition"}, rules.HintNames()),
		"other hints":   biased(t, names, []string{"phrases award"}),
	} {
		if _, err := NewWithOpinion(rules.Taxonomy(), model); !errors.Is(err, learned.ErrModel) {
			t.Errorf("%s: %v, want ErrModel", name, err)
		}
	}
}
