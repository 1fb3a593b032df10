package technology

import (
	"fmt"
	"sort"
	"strings"
)

// builder gathers technologies and patterns for a matcher.
type builder struct {
	m        *Matcher
	ids      map[string]int32
	literals []string
}

func (b *builder) declare(name string) {
	if _, ok := b.m.byName[name]; !ok {
		b.m.byName[name] = int32(len(b.m.techs))
		b.m.techs = append(b.m.techs, tech{name: name})
	}
}

func (b *builder) add(id int32, t *Technology) {
	for _, f := range []struct {
		field Field
		list  strs
	}{{FieldHTML, t.HTML}, {FieldScriptSrc, t.ScriptSrc}, {FieldScripts, t.Scripts}, {FieldURL, t.URL}, {FieldText, t.Text},
		{FieldCertIssuer, t.CertIssuer}, {FieldRobots, t.Robots}, {FieldCSS, t.CSS}, {FieldLinks, t.Links}} {
		for i, raw := range f.list {
			b.pattern(id, f.field, "", raw, i)
		}
	}
	for _, f := range []struct {
		field Field
		byKey map[string]strs
	}{{FieldHeader, t.Headers}, {FieldCookie, t.Cookies}, {FieldMeta, t.Meta}, {FieldDNS, t.DNS}} {
		for _, key := range sortedKeys(f.byKey) {
			for i, raw := range f.byKey[key] {
				b.pattern(id, f.field, strings.ToLower(key), raw, i)
			}
		}
	}
	for i := range t.DOM {
		b.domPattern(id, &t.DOM[i], i)
	}
	b.relations(id, t)
	b.m.report.NeedsScript += len(t.JS) + len(t.XHR) + len(t.Probe)
}

func sortedKeys(m map[string]strs) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// relations reads implies, requires, requiresCategory and excludes; names nobody declared are reported.
func (b *builder) relations(id int32, t *Technology) {
	at := &b.m.techs[id]
	at.categories = append(at.categories, t.Categories...)
	at.requiresCategories = append(at.requiresCategories, t.RequiresCategory...)
	for _, raw := range t.Implies {
		name, _, confidence := tags(raw)
		if other, ok := b.known(id, "implies", name); ok {
			at.implies = append(at.implies, implied{other, confidence})
		}
	}
	for _, raw := range t.Requires {
		name, _, _ := tags(raw)
		if other, ok := b.known(id, "requires", name); ok {
			at.requires = append(at.requires, other)
		}
	}
	for _, raw := range t.Excludes {
		name, _, _ := tags(raw)
		if other, ok := b.known(id, "excludes", name); ok {
			at.excludes = append(at.excludes, other)
		}
	}
}

func (b *builder) known(id int32, field, name string) (int32, bool) {
	other, ok := b.m.byName[name]
	if !ok {
		b.skip(id, field, name, "no such technology")
	}
	return other, ok
}

func (b *builder) skip(id int32, field, raw, reason string) {
	b.m.report.Skipped = append(b.m.report.Skipped, Skipped{b.m.techs[id].name, field, raw, reason})
}

// pattern compiles one pattern and files it under its literals.
func (b *builder) pattern(id int32, field Field, key, raw string, number int) {
	expr, version, confidence := tags(raw)
	p := pattern{tech: id, field: field, key: key, version: version, confidence: confidence,
		id: fmt.Sprintf("%s/%s/%s#%d", b.m.techs[id].name, field, key, number)}
	var clauses [][]string
	switch {
	case expr != "":
		re, tree, err := compile(expr)
		if err != nil {
			b.skip(id, field.String(), raw, err.Error())
			return
		}
		p.re = re
		clauses = mandatory(tree)
		if n, ok := reach(tree); ok && n <= maxReach && len(clauses) > 0 {
			p.reach = max(n, 1)
		}
	case key == "":
		b.skip(id, field.String(), raw, "an empty pattern matches every page")
		return
	}
	b.file(p, clauses)
}

// file gives a pattern its literals' numbers and its place in the index.
func (b *builder) file(p pattern, clauses [][]string) {
	for _, c := range clauses {
		ids := make([]int32, 0, len(c))
		for _, l := range c {
			ids = append(ids, b.literal(l))
		}
		p.clauses = append(p.clauses, ids)
	}
	if len(clauses) > 1 {
		first := longest(clauses)
		for i := range clauses {
			if &clauses[i][0] == &first[0] {
				p.clauses[0], p.clauses[i] = p.clauses[i], p.clauses[0]
				break
			}
		}
	}
	b.m.patterns = append(b.m.patterns, p)
}

func (b *builder) literal(l string) int32 {
	id, ok := b.ids[l]
	if !ok {
		id = int32(len(b.literals))
		b.ids[l] = id
		b.literals = append(b.literals, l)
	}
	return id
}

// unfiltered files a pattern without a clause: by its key where it has a plain one.
func (m *Matcher) unfiltered(p *pattern, n int32) {
	m.report.Unfiltered++
	if p.key == "" || strings.HasSuffix(p.key, "*") {
		m.always[p.field] = append(m.always[p.field], n)
		return
	}
	if m.byKey[p.field] == nil {
		m.byKey[p.field] = map[string][]int32{}
	}
	m.byKey[p.field][p.key] = append(m.byKey[p.field][p.key], n)
}

func (b *builder) finish() *Matcher {
	m := b.m
	m.literals = newAutomaton(b.literals)
	for f := range m.byLiteral {
		m.byLiteral[f] = make([][]int32, len(b.literals))
	}
	for i := range m.patterns {
		p := &m.patterns[i]
		n := int32(i)
		if len(p.clauses) == 0 {
			m.unfiltered(p, n)
			continue
		}
		for _, l := range p.clauses[0] {
			m.byLiteral[p.field][l] = append(m.byLiteral[p.field][l], n)
		}
	}
	m.report.Technologies, m.report.Patterns, m.report.Literals = len(m.techs), len(m.patterns), len(b.literals)
	m.scratch.New = func() any {
		return &scratch{m: m, hits: hits{seen: make([]uint32, len(b.literals))},
			tried: make([]uint32, len(m.patterns)), found: map[int32]*match{}, places: places{make([][]int32, len(b.literals))}, counted: map[*pattern]bool{}}
	}
	return m
}
