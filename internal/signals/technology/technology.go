// Package technology recognises the technologies behind a domain by what its pages, headers, cookies,
// DNS records and certificates show. It reads rules in the Wappalyzer JSON format: a curated set of our
// own is compiled in, and others load from files. What merely mentions a technology in its text is no evidence.
package technology

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"telltale/internal/document"
	"telltale/internal/signals"
)

// Detection is one technology found on one page.
type Detection struct {
	Name string
	// Version is the release the page gives away; empty where it does not.
	Version string
	// Confidence is in 1–100: the sum of the patterns that matched, at most 100.
	Confidence int
	// Kind is the field of the strongest pattern, Pattern its id: technology, field, key and number.
	Kind    Field
	Pattern string
	// Matched is what the pattern matched, as one line of at most signals.MaxEvidence runes; empty where presence
	// is all it asks, and for cookies, whose values may identify a person.
	Matched string
	// Evidence is the span that matched, with the name of what holds it; Offset its place in the body, 0 outside it.
	Evidence string
	Offset   int
	Source   signals.Source
}

// Matcher holds compiled rules. It is immutable and safe for concurrent use.
type Matcher struct {
	techs    []tech
	byName   map[string]int32
	patterns []pattern
	// The indexes find candidates in the body, in short values, in addresses of scripts and in the visible text.
	body, values, sources, text index
	// keys are the headers, meta elements and records that are read; cookies the expressions that stand for several names.
	keys    map[keyOf]bool
	cookies map[string]*regexp.Regexp
	// globals lists the js patterns by the path they read; objects are the paths some pattern looks below.
	globals map[string][]int32
	objects map[string]bool
	report  Report
	scratch sync.Pool
}

// tech is what resolution needs of a technology.
type tech struct {
	name               string
	categories         []int
	implies            []implied
	requires           []int32
	requiresCategories []int
	excludes           []int32
}

type implied struct {
	tech       int32
	confidence int
	version    string
}

// ErrNoRules reports a matcher without a single technology.
var ErrNoRules = errors.New("no technologies")

// maxLiterals bounds the literals of all patterns, in bytes: each takes a row of the automaton, some 300 bytes.
const maxLiterals = 1 << 20

// New compiles rule sets into one matcher; a technology that is in several keeps the patterns of all.
// Patterns that cannot be compiled do not fail it: Report lists them.
func New(sets ...Rules) (*Matcher, error) {
	b := newBuilder()
	for _, set := range sets {
		for _, name := range set.names() {
			b.declare(name)
		}
	}
	if len(b.m.techs) == 0 {
		return nil, fmt.Errorf("build technology matcher: %w", ErrNoRules)
	}
	b.m.patterns = make([]pattern, 0, 2*len(b.m.techs)) // of the open set about 1.3 a technology
	for _, set := range sets {
		for _, name := range set.names() {
			t := set[name]
			b.add(b.m.byName[name], &t)
		}
	}
	if n := b.size(); n > maxLiterals {
		return nil, fmt.Errorf("build technology matcher: %w: literals of %d bytes, at most %d", ErrRules, n, maxLiterals)
	}
	return b.finish(), nil
}

// Report says what the matcher holds and what it leaves out.
func (m *Matcher) Report() *Report { return &m.report }

// Names returns the technologies the matcher knows, in order.
func (m *Matcher) Names() []string {
	names := make([]string, len(m.techs))
	for i := range m.techs {
		names[i] = m.techs[i].name
	}
	slices.Sort(names)
	return names
}

// Match returns the technologies a page shows, in order of name.
func (m *Matcher) Match(doc *document.Document) []Detection {
	s := m.acquire(doc)
	defer m.release(s)
	s.run()
	out := m.resolve(s)
	slices.SortFunc(out, func(a, b Detection) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// minConfidence is the least confidence, in percent, with which a detection becomes a signal.
const minConfidence = 50

// Signals returns the technologies of a page as signals: undated, as a page that shows a technology
// says nothing of when it came.
func (m *Matcher) Signals(doc *document.Document) []signals.Signal {
	found := m.Match(doc)
	out := make([]signals.Signal, 0, len(found))
	for i := range found {
		d := &found[i]
		if d.Confidence < minConfidence {
			continue
		}
		out = append(out, signals.Signal{
			Domain: doc.Domain, Kind: signals.KindTechnology, Name: d.Name, Version: d.Version,
			Strength: 1, Confidence: float64(d.Confidence) / 100, Sign: 1,
			ObservedAt: doc.FetchedAt, DetectedAt: doc.FetchedAt, Source: d.Source, URL: doc.URL,
			Evidence: d.Evidence, Offset: d.Offset, ContentHash: doc.ContentHash,
		})
	}
	return out
}
