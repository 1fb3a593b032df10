package events

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"

	"telltale/internal/signals/phrase"
)

//go:embed patterns.yaml
var patternsYAML []byte

//go:embed wording.yaml
var wordingYAML []byte

// ErrLexicon reports a lexicon that does not hold together.
var ErrLexicon = errors.New("bad event lexicon")

// Names are the events of the contract (DESIGN §4), in its order.
func Names() []string {
	return []string{
		"merger_acquisition", "investment", "funding", "leadership_change", "hiring", "layoff", "facility", "expansion",
		"partnership", "new_client", "product_launch", "award", "incident", "compliance", "legal", "rfp", "renewal",
	}
}

// Event is one kind of event and the phrases that tell of it.
type Event struct {
	Name string `yaml:"name"`
	// Strength in 0–1 of an undoubted hit.
	Strength float64 `yaml:"strength"`
	// Denial "inside" allows a denial that is part of the match.
	Denial string `yaml:"denial"`
	// Parties "two" marks news that has a second party by its nature: customers, partners, bidders, opponents.
	Parties string `yaml:"parties"`
	// Near marks news that is the account's only where it is named, or speaks, close by the match.
	Near bool `yaml:"near"`
	// Person marks news whose subject is a person, not a company.
	Person   bool     `yaml:"person"`
	Patterns []string `yaml:"patterns"`
	// Chosen are phrases whose object, at their end, must be the account: "chooses Fenwick".
	Chosen []string `yaml:"chosen"`
	// Plain are phrases that count in plain text of no known company only, as a newsreader's: on a company's own
	// pages they say too little of whose news it is.
	Plain []string `yaml:"plain"`
	// Loose are patterns, LooseBlocks blocks, that count in a short text of no known company only: a sentence or two that
	// somebody asks about.
	Loose       []string `yaml:"loose"`
	LooseBlocks []string `yaml:"loose_blocks"`
	// Blocks are phrases that, in the same sentence, say that it is something else.
	Blocks []string `yaml:"blocks"`
	// Guards are blocks that count on the pages of a known account only: they name what companies buy, and those
	// who sell it have news of their own.
	Guards []string `yaml:"guards"`
}

// Lexicon is what the events are recognised by.
type Lexicon struct {
	Version int               `yaml:"version"`
	Classes map[string]string `yaml:"classes"`
	Events  []Event           `yaml:"events"`
}

// Default reads the lexicon that is compiled in: the phrases of patterns.yaml, and behind them those of wording.yaml.
func Default() (*Lexicon, error) {
	l, err := Read(patternsYAML)
	if err != nil {
		return nil, err
	}
	if err := l.Extend(wordingYAML); err != nil {
		return nil, err
	}
	return l, nil
}

// ForPages is the lexicon without its loose wording, as pages are read by it: what a model is trained beside, so that its
// thresholds are those of pages.
func (l *Lexicon) ForPages() *Lexicon {
	pages := *l
	pages.Events = slices.Clone(l.Events)
	for i := range pages.Events {
		pages.Events[i].Loose, pages.Events[i].LooseBlocks = nil, nil
	}
	return &pages
}

func (l *Lexicon) hasLoose() bool {
	return slices.ContainsFunc(l.Events, func(e Event) bool { return len(e.Loose) > 0 })
}

// Extend adds loose phrases and their blocks to events that the lexicon has; classes are added and none is replaced. Errors wrap ErrLexicon.
func (l *Lexicon) Extend(b []byte) error {
	more := &Lexicon{}
	if err := yaml.UnmarshalWithOptions(b, more, yaml.Strict()); err != nil {
		return fmt.Errorf("%w: %w", ErrLexicon, err)
	}
	for name, expr := range more.Classes {
		if _, has := l.Classes[name]; has {
			return fmt.Errorf("%w: class %s is there already", ErrLexicon, name)
		}
		l.Classes[name] = expr
	}
	for _, add := range more.Events {
		i := slices.IndexFunc(l.Events, func(e Event) bool { return e.Name == add.Name })
		if i < 0 {
			return fmt.Errorf("%w: no event is called %q", ErrLexicon, add.Name)
		}
		if len(add.Patterns)+len(add.Chosen)+len(add.Plain)+len(add.Blocks)+len(add.Guards) > 0 || add.Strength != 0 {
			return fmt.Errorf("%w: event %s may be given loose phrases and loose_blocks only", ErrLexicon, add.Name)
		}
		e := &l.Events[i]
		e.Loose, e.LooseBlocks = append(e.Loose, add.Loose...), append(e.LooseBlocks, add.LooseBlocks...)
	}
	return nil
}

// Read reads a lexicon from YAML. Errors wrap ErrLexicon.
func Read(b []byte) (*Lexicon, error) {
	l := &Lexicon{}
	if err := yaml.UnmarshalWithOptions(b, l, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLexicon, err)
	}
	for _, e := range l.Events {
		if !slices.Contains(Names(), e.Name) {
			return nil, fmt.Errorf("%w: no event is called %q", ErrLexicon, e.Name)
		}
		if e.Strength <= 0 || e.Strength > 1 || len(e.Patterns) == 0 {
			return nil, fmt.Errorf("%w: event %s needs patterns and a strength in 0–1", ErrLexicon, e.Name)
		}
	}
	return l, nil
}

func (l *Lexicon) spec() (phrase.Spec, []rule) {
	spec := phrase.Spec{Classes: l.Classes}
	var rules []rule
	for i := range l.Events {
		e := &l.Events[i]
		for _, list := range []struct {
			name  string
			exprs []string
			rule  rule
		}{
			{"", e.Patterns, rule{}}, {"plain/", e.Plain, rule{plain: true}}, {"loose/", e.Loose, rule{loose: true}},
			{"loose-block/", e.LooseBlocks, rule{block: true, loose: true}},
			{"chosen/", e.Chosen, rule{object: true}},
			{"block/", e.Blocks, rule{block: true}}, {"guard/", e.Guards, rule{block: true, guard: true}},
		} {
			for k, x := range list.exprs {
				r := list.rule
				r.id, r.event = fmt.Sprintf("%s/%s%d", e.Name, list.name, k+1), i
				spec.Patterns = append(spec.Patterns, phrase.Pattern{ID: r.id, Expr: x, Aid: r.block})
				rules = append(rules, r)
			}
		}
	}
	return spec, rules
}
