package app

import (
	"bytes"
	"strings"
	"testing"

	"telltale/internal/signals/learned"
	"telltale/internal/signals/learned/train"
	"telltale/internal/signals/topics"
)

const topicSentences = "../signals/learned/data/topics.jsonl"

func ownTopicSentences(t *testing.T) []train.Example {
	t.Helper()
	sentences, err := readExamples(topicSentences)
	if err != nil {
		t.Fatal(err)
	}
	return sentences
}

func ownTaxonomy(t *testing.T) (*topics.Taxonomy, *topics.Matcher) {
	t.Helper()
	taxonomy, err := topics.Default()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := topics.New(taxonomy)
	if err != nil {
		t.Fatal(err)
	}
	return taxonomy, rules
}

func TestOurSentencesOnTopicsAreManyVariedAndLabelled(t *testing.T) {
	sentences := ownTopicSentences(t)
	taxonomy, _ := ownTaxonomy(t)
	if err := (&TrainTopics{Data: topicSentences}).checkLabels(taxonomy, taxonomy.TopicNames(), sentences); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for i := range sentences {
		count["lang "+sentences[i].Lang]++
		if len(sentences[i].Labels) == 0 {
			count["none"]++
		}
		for _, l := range sentences[i].Labels {
			topic, product, _ := strings.Cut(l, "/")
			count[topic]++
			count[product]++
		}
	}
	for _, class := range append(append(taxonomy.TopicNames(), taxonomy.ProductNames()...), "none") {
		if count[class] < 100 {
			t.Errorf("%s: %d sentences, want 100", class, count[class])
		}
	}
	for _, lang := range []string{"en", "de", "fr", "es", "sv", "nl"} {
		if count["lang "+lang] < 80 {
			t.Errorf("language %s: %d sentences, want 80", lang, count["lang "+lang])
		}
	}
	for _, p := range train.NearDuplicates(sentences, 0.4) {
		t.Errorf("near-duplicates:\n  %s\n  %s", sentences[p[0]].Text, sentences[p[1]].Text)
	}
}

// Names of products, phrases and cues are hints: who changes them trains the model again.
func TestTheTopicModelCompiledInIsTrainedOnOurSentencesOnly(t *testing.T) {
	m, err := learned.DefaultTopics()
	if err != nil {
		t.Fatal(err)
	}
	taxonomy, rules := ownTaxonomy(t)
	views, _ := topicViews(rules, taxonomy.TopicNames(), ownTopicSentences(t))
	if digest := train.Digest(views); m.Digest != digest || m.Examples != len(views) {
		t.Errorf("trained on %d views with digest %s; ours are %d with %s: make topic-model", m.Examples, m.Digest, len(views), digest)
	}
	if m.Licence != "own work" {
		t.Errorf("licence %q", m.Licence)
	}
	for _, topic := range taxonomy.TopicNames() {
		if m.Event(topic) < 0 {
			t.Errorf("it does not know %s", topic)
		}
	}
}

// A view is of one product: the others' names are masked, and only the product's labels and rules are told.
func TestATopicIsLearnedOfTheProductItSpeaksOf(t *testing.T) {
	taxonomy, rules := ownTaxonomy(t)
	names := taxonomy.TopicNames()
	views, unseen := topicViews(rules, names, []train.Example{
		{Text: "We are leaving Slack for good, and our servers move to Azure in May.", Labels: []string{"competitor_dropped/Microsoft 365", "migration/Azure", "pain/Surface"}},
	})
	if unseen != 1 {
		t.Errorf("%d labels without a name, want that of Surface", unseen)
	}
	for _, v := range views {
		text := strings.ToLower(v.Text)
		if strings.Contains(text, "slack") || strings.Contains(text, "azure") {
			t.Errorf("a name is left in %q", v.Text)
		}
		if len(v.Labels) != 1 || v.Labels[0] == "competitor_dropped" != strings.Contains(text, "qqrival") {
			t.Errorf("%v of %q", v.Labels, v.Text)
		}
	}
	if len(views) != 2 {
		t.Fatalf("%d views, want one a product", len(views))
	}
}

func TestTheTopicModelIsTheSameAgain(t *testing.T) {
	taxonomy, rules := ownTaxonomy(t)
	views, _ := topicViews(rules, taxonomy.TopicNames(), ownTopicSentences(t)[:900])
	var files [2]bytes.Buffer
	for i := range files {
		o := train.Topics()
		o.Rounds = 5
		m, err := train.Fit(views, taxonomy.TopicNames(), rules.HintNames(), "own work", o)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Save(&files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("the same sentences gave two models")
	}
}
