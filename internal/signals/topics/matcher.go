// Package topics finds, in the text of a page, what a company says it intends with a cloud product:
// that it evaluates it, moves to it, renews it, suffers from what it has, hires for it. What counts is
// written in a versioned taxonomy of YAML files; package phrase does the reading.
package topics

import (
	"fmt"
	"sync"
	"time"

	"telltale/internal/signals/learned"
	"telltale/internal/signals/phrase"
)

// Hit is one topic found on a page.
type Hit struct {
	Product, Topic string
	// Sign is +1 towards the product, -1 away from it.
	Sign int8
	// Strength and Confidence are in 0–1: how much it says, and how sure we are that it says it.
	Strength, Confidence float64
	// Evidence is the sentence, at most signals.MaxEvidence runes; Offset the byte offset of the block it
	// stands in, plus its own within the block's text.
	// Of a job advert it is the role, an ellipsis and the sentence.
	Evidence string
	Offset   int
	// ObservedAt is when the advert that says it was posted (UTC); zero where it is the page that dates it.
	ObservedAt time.Time
	// Pattern names the topic, group and pattern that matched.
	Pattern string
}

// Matcher finds topics. It is immutable and safe for concurrent use.
type Matcher struct {
	taxonomy *Taxonomy
	set      *phrase.Set
	voice    *phrase.Voice
	names    []name
	patterns []pattern
	// number is, by topic, its place in the taxonomy.
	number  map[*Topic]int
	opinion *opinion
	scratch sync.Pool
}

// name is what an entity stands for.
type name struct {
	product string
	slot    slot
}

type slot uint8

const (
	slotProduct slot = iota
	slotRival
	slotLegacy
	slotClass
	slotManual
	slotStandard
	slotCloud
	slotAgreement
	slotResidency
	slotSkill
)

func (s slot) String() string {
	return [...]string{"product", "rival", "legacy", "class", "manual", "standard", "cloud", "agreement", "residency", "skill"}[s]
}

type pattern struct {
	id       string
	topic    *Topic
	group    *Group
	notAfter map[string]bool
	kinds    map[string]bool
}

// New compiles a taxonomy to a matcher by rules alone. Errors name the file's part and wrap phrase.ErrPattern or ErrTaxonomy.
func New(t *Taxonomy) (*Matcher, error) { return NewWithOpinion(t, nil) }

// NewWithOpinion compiles a taxonomy to a matcher that asks a learned model for a second opinion; a nil model means rules alone. Errors are
// those of New; a model that knows none of the taxonomy's topics gives one that wraps learned.ErrModel.
func NewWithOpinion(t *Taxonomy, model *learned.Model) (*Matcher, error) {
	voice, err := phrase.NewVoice()
	if err != nil {
		return nil, err
	}
	m := &Matcher{taxonomy: t, voice: voice, number: make(map[*Topic]int, len(t.Topics))}
	for i := range t.Topics {
		m.number[&t.Topics[i]] = i
	}
	m.scratch.New = func() any { return &work{sc: &phrase.Scratch{}} }
	spec := phrase.Spec{Classes: t.Classes, Named: true}
	m.addNames(&spec)
	m.addPatterns(&spec)
	voice.AddTo(&spec)
	if m.set, err = phrase.Compile(spec); err != nil {
		return nil, fmt.Errorf("compile the topics: %w", err)
	}
	if model != nil {
		if m.opinion, err = newOpinion(m, model); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Taxonomy returns what the matcher was compiled from; it must not be changed.
func (m *Matcher) Taxonomy() *Taxonomy { return m.taxonomy }

func (m *Matcher) addNames(spec *phrase.Spec) {
	add := func(list []Alias, product string, s slot) {
		for _, a := range list {
			if product == "" {
				m.names = append(m.names, name{a.Product, s})
			} else {
				m.names = append(m.names, name{product, s})
			}
			spec.Entities = append(spec.Entities, phrase.Entity{
				Alias: a.Alias, Slot: s.String(), Exact: a.Exact, Before: a.After, Ref: len(m.names) - 1,
			})
		}
	}
	for _, p := range m.taxonomy.Products {
		for s, list := range [][]Alias{p.Product, p.Rival, p.Legacy, p.Class, p.Manual, p.Standard, p.Cloud} {
			add(list, p.Name, slot(s))
		}
		add(p.Skill, p.Name, slotSkill)
	}
	add(m.taxonomy.Agreements, "", slotAgreement)
	add(m.taxonomy.Residency, "", slotResidency)
}

func (m *Matcher) addPatterns(spec *phrase.Spec) {
	for i := range m.taxonomy.Topics {
		t := &m.taxonomy.Topics[i]
		for j := range t.Groups {
			g := &t.Groups[j]
			notAfter, kinds := set(g.NotAfter), set(g.Kinds)
			for k, expr := range g.Patterns {
				id := fmt.Sprintf("%s/%s/%d", t.Name, g.ID, k+1)
				m.patterns = append(m.patterns, pattern{id: id, topic: t, group: g, notAfter: notAfter, kinds: kinds})
				spec.Patterns = append(spec.Patterns, phrase.Pattern{ID: id, Expr: expr})
			}
		}
	}
}

func set(list []string) map[string]bool {
	if len(list) == 0 {
		return nil
	}
	m := make(map[string]bool, len(list))
	for _, x := range list {
		m[x] = true
	}
	return m
}
