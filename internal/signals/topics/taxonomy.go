package topics

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"
)

//go:embed taxonomy
var builtin embed.FS

// ErrTaxonomy reports a taxonomy that does not hold together.
var ErrTaxonomy = errors.New("bad taxonomy")

// Alias is a name as written in a taxonomy file: a pattern of words, or one with conditions.
type Alias struct {
	Alias string `yaml:"alias"`
	// Exact asks for a capital letter away from the start of a sentence.
	Exact bool `yaml:"exact"`
	// After lists words of which one must stand just before the name.
	After []string `yaml:"after"`
	// Product is set where the alias stands outside of a product's entry.
	Product string `yaml:"product"`
}

// UnmarshalYAML takes a plain string, where a leading = means Exact, or a mapping.
func (a *Alias) UnmarshalYAML(b []byte) error {
	var s string
	if err := yaml.Unmarshal(b, &s); err == nil {
		a.Alias = s
		if s != "" && s[0] == '=' {
			a.Alias, a.Exact = s[1:], true
		}
		return nil
	}
	type plain Alias
	return yaml.UnmarshalWithOptions(b, (*plain)(a), yaml.Strict())
}

// Product is a product with the names that speak of it, by slot.
type Product struct {
	Name     string  `yaml:"name"`
	Product  []Alias `yaml:"product"`
	Rival    []Alias `yaml:"rival"`
	Legacy   []Alias `yaml:"legacy"`
	Class    []Alias `yaml:"class"`
	Manual   []Alias `yaml:"manual"`
	Standard []Alias `yaml:"standard"`
	Cloud    []Alias `yaml:"cloud"`
	// Skill names what only people have: certificates and languages of the product.
	Skill []Alias `yaml:"skill"`
}

// Group is a set of patterns with the conditions they share.
type Group struct {
	ID       string   `yaml:"id"`
	Patterns []string `yaml:"patterns"`
	// Confidence in 0–1 before the context is weighed; 0 means DefaultConfidence.
	Confidence float64 `yaml:"confidence"`
	// Needs "own" asks for the account as the subject, or for a page of its own that speaks of it.
	Needs string `yaml:"needs"`
	// Neutral "ok" takes a sentence without a subject even where no plan or date stands in it.
	Neutral string `yaml:"neutral"`
	// Question "ok" takes questions.
	Question string `yaml:"question"`
	// Reader "ok" takes sentences that address the reader, as adverts do.
	Reader string `yaml:"reader"`
	// OwnBlock asks for the account's own voice somewhere in the block.
	OwnBlock bool `yaml:"own_block"`
	// NotAfter are words that must not stand one or two words before the entity.
	NotAfter []string `yaml:"not_after"`
	// YieldsTo are topics that, found for the same product in the same sentence, take this group's place.
	YieldsTo []string `yaml:"yields_to"`
	// Unless are topics that, found in the same sentence for any product, silence this group.
	Unless []string `yaml:"unless"`
	// Kinds limits the group to these kinds of page.
	Kinds []string `yaml:"kinds"`
	// Implicit groups name no product; one that another product is named beside does not count.
	Implicit bool `yaml:"implicit"`
	// Fallback groups count only where nothing else was found in the sentence.
	Fallback bool `yaml:"fallback"`
}

// DefaultConfidence is a pattern's confidence before its context is weighed.
const DefaultConfidence = 0.85

// Topic is one kind of intent.
type Topic struct {
	Name string `yaml:"name"`
	// Sign is +1 towards the product, -1 away from it.
	Sign int8 `yaml:"sign"`
	// Weight is in points of the scorer's scale, 0–10.
	Weight float64 `yaml:"weight"`
	// HalfLifeDays is the time after which a signal counts half.
	HalfLifeDays float64 `yaml:"half_life_days"`
	// Strength in 0–1 of an undoubted hit.
	Strength float64 `yaml:"strength"`
	// Denial says what a denial does: empty drops the hit, "inside" allows one that is part of the match or follows it,
	// "ignore" takes no notice.
	Denial string `yaml:"denial"`
	// Past "ok" takes sentences with a year of long ago: what is old is the trouble.
	Past string `yaml:"past"`
	// Weighable topics do not count while they are only being considered: that is an evaluation.
	Weighable bool    `yaml:"weighable"`
	Groups    []Group `yaml:"groups"`
	// Products overrides Weight for some products.
	Products map[string]float64 `yaml:"products"`
}

// Relation is what a technology at an account says for a product.
type Relation struct {
	Product string `yaml:"product"`
	// Relation is one of owned, competitor, adjacent, foundation, gap.
	Relation string `yaml:"relation"`
	// Weight is in points of the scorer's scale, -10 to 10.
	Weight float64 `yaml:"weight"`
}

// Technology is a technology's relations.
type Technology struct {
	Name      string     `yaml:"name"`
	Relations []Relation `yaml:"relations"`
}

// Event is what an event at an account says for the products.
type Event struct {
	Name         string  `yaml:"name"`
	HalfLifeDays float64 `yaml:"half_life_days"`
	// All is added to every product, Products to those it names; points, -10 to 10.
	All      float64            `yaml:"all"`
	Products map[string]float64 `yaml:"products"`
}

// Taxonomy is everything that the topics are recognised and weighed by.
type Taxonomy struct {
	// Version of the files read, for the extractor's version.
	Version      int
	Products     []Product
	Agreements   []Alias
	Residency    []Alias
	Classes      map[string]string
	Topics       []Topic
	Technologies []Technology
	Events       []Event
}

type productsFile struct {
	Version    int       `yaml:"version"`
	Products   []Product `yaml:"products"`
	Agreements []Alias   `yaml:"agreements"`
	Residency  []Alias   `yaml:"data_residency"`
}

type classesFile struct {
	Version int               `yaml:"version"`
	Classes map[string]string `yaml:"classes"`
}

type technologiesFile struct {
	Version      int          `yaml:"version"`
	Technologies []Technology `yaml:"technologies"`
}

type eventsFile struct {
	Version int     `yaml:"version"`
	Events  []Event `yaml:"events"`
}

// Default reads the taxonomy that is compiled in.
func Default() (*Taxonomy, error) {
	sub, err := fs.Sub(builtin, "taxonomy")
	if err != nil {
		return nil, fmt.Errorf("open the taxonomy: %w", err)
	}
	t := &Taxonomy{Classes: map[string]string{}}
	return t, t.Add(sub)
}

// Add reads a directory of taxonomy files over t: products.yaml, classes.yaml, technologies.yaml,
// events.yaml and topics/*.yaml, each optional. A product of a known name gains names; a topic of a known
// name gains groups and takes over the figures that are not zero; technologies and events are replaced by name.
// Errors name the file and wrap ErrTaxonomy.
func (t *Taxonomy) Add(dir fs.FS) error {
	if err := t.addProducts(dir); err != nil {
		return err
	}
	var cf classesFile
	if err := read(dir, "classes.yaml", &cf); err != nil {
		return err
	}
	maps.Copy(t.Classes, cf.Classes)
	names, err := fs.Glob(dir, "topics/*.yaml")
	if err != nil {
		return fmt.Errorf("%w: list topics: %w", ErrTaxonomy, err)
	}
	slices.Sort(names)
	for _, name := range names {
		var topic Topic
		if err := read(dir, name, &topic); err != nil {
			return err
		}
		t.addTopic(topic)
	}
	var tf technologiesFile
	if err := read(dir, "technologies.yaml", &tf); err != nil {
		return err
	}
	for _, x := range tf.Technologies {
		t.Technologies = append(slices.DeleteFunc(t.Technologies, func(o Technology) bool { return o.Name == x.Name }), x)
	}
	var ef eventsFile
	if err := read(dir, "events.yaml", &ef); err != nil {
		return err
	}
	for _, x := range ef.Events {
		t.Events = append(slices.DeleteFunc(t.Events, func(o Event) bool { return o.Name == x.Name }), x)
	}
	return t.check()
}

func (t *Taxonomy) addProducts(dir fs.FS) error {
	var pf productsFile
	if err := read(dir, "products.yaml", &pf); err != nil {
		return err
	}
	t.Version = max(t.Version, pf.Version)
	t.Agreements = append(t.Agreements, pf.Agreements...)
	t.Residency = append(t.Residency, pf.Residency...)
	for _, p := range pf.Products {
		i := slices.IndexFunc(t.Products, func(o Product) bool { return o.Name == p.Name })
		if i < 0 {
			t.Products = append(t.Products, p)
			continue
		}
		o := &t.Products[i]
		o.Product, o.Rival, o.Legacy = append(o.Product, p.Product...), append(o.Rival, p.Rival...), append(o.Legacy, p.Legacy...)
		o.Class, o.Manual, o.Standard = append(o.Class, p.Class...), append(o.Manual, p.Manual...), append(o.Standard, p.Standard...)
		o.Cloud, o.Skill = append(o.Cloud, p.Cloud...), append(o.Skill, p.Skill...)
	}
	return nil
}

func (t *Taxonomy) addTopic(x Topic) {
	i := slices.IndexFunc(t.Topics, func(o Topic) bool { return o.Name == x.Name })
	if i < 0 {
		t.Topics = append(t.Topics, x)
		return
	}
	o := &t.Topics[i]
	o.Groups = append(o.Groups, x.Groups...)
	o.Weight, o.HalfLifeDays, o.Strength = over(o.Weight, x.Weight), over(o.HalfLifeDays, x.HalfLifeDays), over(o.Strength, x.Strength)
	if x.Sign != 0 {
		o.Sign = x.Sign
	}
	if x.Denial != "" {
		o.Denial = x.Denial
	}
	o.Weighable = o.Weighable || x.Weighable
	if x.Products != nil {
		o.Products = x.Products
	}
}

func over(old, with float64) float64 {
	if with != 0 {
		return with
	}
	return old
}

func read(dir fs.FS, name string, into any) error {
	b, err := fs.ReadFile(dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTaxonomy, err)
	}
	if err := yaml.UnmarshalWithOptions(b, into, yaml.Strict()); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrTaxonomy, name, err)
	}
	return nil
}
