package topics

import (
	"errors"
	"slices"
	"testing"
	"testing/fstest"
	"time"
)

func TestTheTaxonomyKnowsTheSharedVocabulary(t *testing.T) {
	tax := matcher(t).Taxonomy()
	products := []string{"Microsoft 365", "Azure", "Dynamics 365", "Surface", "Security", "Copilot and AI", "Power Platform", "Data Platform"}
	if got := tax.ProductNames(); !slices.Equal(got, products) {
		t.Errorf("products %q, want %q", got, products)
	}
	topics := []string{
		"competitor_adopted", "competitor_dropped", "compliance", "end_of_support", "evaluation", "expansion", "hiring",
		"migration", "pain", "renewal",
	}
	if got := tax.TopicNames(); !slices.Equal(got, topics) {
		t.Errorf("topics %q, want %q", got, topics)
	}
	for _, p := range products {
		if tax.TopicWeight("migration", p) <= 0 || tax.TopicWeight("competitor_adopted", p) >= 0 {
			t.Errorf("%s: migration %v, competitor_adopted %v", p, tax.TopicWeight("migration", p), tax.TopicWeight("competitor_adopted", p))
		}
	}
}

func TestWeightsFollowTheFiles(t *testing.T) {
	tax := matcher(t).Taxonomy()
	if w := tax.TechnologyWeight("Google Workspace", "Microsoft 365"); w != 4 {
		t.Errorf("Google Workspace for Microsoft 365: %v, want 4", w)
	}
	if r := tax.TechnologyRelations("Salesforce"); len(r) == 0 || r[0].Product != "Dynamics 365" || r[0].Relation != "competitor" {
		t.Errorf("Salesforce: %+v", r)
	}
	if layoff, funding := tax.EventWeight("layoff", "Surface"), tax.EventWeight("funding", "Azure"); layoff >= 0 || funding <= 0 {
		t.Errorf("layoff %v, funding %v", layoff, funding)
	}
	if w := tax.EventWeight("no such event", "Azure") + tax.TopicWeight("no such topic", "Azure") + tax.TechnologyWeight("none", "Azure"); w != 0 {
		t.Errorf("unknown names weigh %v", w)
	}
	if h := tax.TopicHalfLife("no such topic"); h != 90*24*time.Hour {
		t.Errorf("default half-life %v", h)
	}
	if h := tax.EventHalfLife("hiring"); h != 60*24*time.Hour {
		t.Errorf("half-life of hiring %v", h)
	}
}

func TestUsersAddProductsAndTopicsOfTheirOwn(t *testing.T) {
	tax, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	err = tax.Add(fstest.MapFS{
		"products.yaml":       {Data: []byte("version: 2\nproducts:\n  - name: Kettle\n    product: [kettle cloud]\n")},
		"topics/curious.yaml": {Data: []byte("name: curious\nsign: 1\nweight: 2\nhalf_life_days: 30\nstrength: 0.5\ngroups:\n  - id: a\n    patterns: ['wonder ~4 {product}']\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(tax)
	if err != nil {
		t.Fatal(err)
	}
	hits := m.Text("We wonder about Kettle Cloud.", "en")
	if len(hits) != 1 || hits[0].Product != "Kettle" || hits[0].Topic != "curious" || hits[0].Pattern != "curious/a/1" {
		t.Errorf("hits %+v", hits)
	}
}

func TestABadTaxonomyIsRefused(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"an unknown key":         {"products.yaml": {Data: []byte("colour: red\n")}},
		"a topic without a sign": {"topics/x.yaml": {Data: []byte("name: x\nweight: 1\nhalf_life_days: 1\nstrength: 1\n")}},
		"an unknown product":     {"technologies.yaml": {Data: []byte("technologies:\n  - {name: X, relations: [{product: Y, relation: owned, weight: 1}]}\n")}},
		"an unknown relation":    {"technologies.yaml": {Data: []byte("technologies:\n  - {name: X, relations: [{product: Azure, relation: likes, weight: 1}]}\n")}},
		"a product with no name": {"products.yaml": {Data: []byte("products:\n  - {product: [x]}\n")}},
	} {
		t.Run(name, func(t *testing.T) {
			tax, err := Default()
			if err != nil {
				t.Fatal(err)
			}
			if err := tax.Add(files); !errors.Is(err, ErrTaxonomy) {
				t.Errorf("got %v, want ErrTaxonomy", err)
			}
		})
	}
}
