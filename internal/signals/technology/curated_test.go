package technology

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// leastCurated is how many technologies our own rules must know.
const leastCurated = 420

func TestOurOwnRulesKnowEnoughTechnologies(t *testing.T) {
	r := ours(t).Report()
	for _, s := range r.Skipped {
		t.Errorf("%s %s %q: %s", s.Technology, s.Field, s.Pattern, s.Reason)
	}
	if r.Technologies < leastCurated {
		t.Errorf("%d technologies, want %d", r.Technologies, leastCurated)
	}
	if len(r.NeedsScript) > 0 {
		t.Errorf("of our own patterns need a script engine: %v", r.NeedsScript)
	}
}

// TestEveryPatternOfOurOwnIsFoundByALiteral: a pattern is looked for only where its literal stands, or where the
// one header, cookie or meta element stands that it reads.
func TestEveryPatternOfOurOwnIsFoundByALiteral(t *testing.T) {
	m := ours(t)
	for i := range m.patterns {
		p := &m.patterns[i]
		if len(p.clauses) > 0 {
			continue
		}
		key := strings.TrimSuffix(p.key, "*")
		own := p.field != FieldDNS && !slices.Contains([]string{"server", "via", "link", "x-powered-by", "generator"}, key)
		if !own || len(key) < minLiteral {
			t.Errorf("%s has no literal of %d bytes", m.id(p), minLiteral)
		}
	}
}

func TestNoTwoTechnologiesShareAPattern(t *testing.T) {
	m := ours(t)
	owner := map[string]string{}
	for i := range m.patterns {
		p := &m.patterns[i]
		text := p.field.String() + " " + p.key + " " + wording(p)
		name := m.techs[p.tech].name
		if other, ok := owner[text]; ok && other != name {
			t.Errorf("%s and %s share %s", other, name, text)
		}
		owner[text] = name
	}
}

// wording is what a pattern asks for, beyond its field and key.
func wording(p *pattern) string {
	var out []string
	if p.dom != nil {
		out = append(out, fmt.Sprint(p.dom.attr, p.dom.text))
	}
	if p.expr != nil && p.expr.tree != nil {
		out = append(out, p.expr.tree.String())
	} else if p.expr != nil {
		out = append(out, p.expr.src)
	}
	for i := range p.links {
		out = append(out, wording(&p.links[i]))
	}
	return strings.Join(out, " ")
}
