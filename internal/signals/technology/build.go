package technology

import (
	"sort"
	"strings"
	"sync"
)

// builder gathers technologies and patterns for a matcher.
type builder struct {
	m                           *Matcher
	body, values, sources, text index
	// numbers counts the patterns of one technology, field and key.
	numbers map[numbered]int32
}

type numbered struct {
	tech  int32
	field Field
	key   string
}

func newBuilder() *builder {
	return &builder{
		m:    &Matcher{byName: map[string]int32{}, keys: map[keyOf]bool{}, globals: map[string][]int32{}, objects: map[string]bool{}},
		body: newIndex(), values: newIndex(), sources: newIndex(), text: newIndex(), numbers: map[numbered]int32{},
	}
}

func (b *builder) declare(name string) {
	if _, ok := b.m.byName[name]; !ok {
		b.m.byName[name] = int32(len(b.m.techs))
		b.m.techs = append(b.m.techs, tech{name: name})
	}
}

func (b *builder) add(id int32, t *Technology) {
	for _, f := range [...]struct {
		field Field
		list  strs
	}{{FieldHTML, t.HTML}, {FieldScriptSrc, t.ScriptSrc}, {FieldScripts, t.Scripts}, {FieldURL, t.URL}, {FieldText, t.Text},
		{FieldCertIssuer, t.CertIssuer}, {FieldRobots, t.Robots}, {FieldCSS, t.CSS}, {FieldLinks, t.Links}} {
		for _, raw := range f.list {
			b.pattern(id, f.field, "", raw)
		}
	}
	for _, f := range [...]struct {
		field Field
		byKey map[string]strs
	}{{FieldHeader, t.Headers}, {FieldCookie, t.Cookies}, {FieldMeta, t.Meta}, {FieldDNS, t.DNS}} {
		for _, key := range sortedKeys(f.byKey) {
			for _, raw := range f.byKey[key] {
				b.pattern(id, f.field, strings.ToLower(strings.TrimSpace(key)), raw)
			}
		}
	}
	for i := range t.DOM {
		b.domRule(id, &t.DOM[i])
	}
	for _, path := range sortedKeys(t.JS) {
		for _, raw := range t.JS[path] {
			b.pattern(id, FieldJS, path, raw)
		}
	}
	b.m.report.notEvaluated("js", lengths(t.JS))
	b.m.report.notEvaluated("xhr", len(t.XHR))
	b.m.report.notEvaluated("probe", len(t.Probe))
	b.relations(id, t)
}

func lengths(m map[string]strs) int {
	n := 0
	for _, list := range m {
		n += len(list)
	}
	return n
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
		name, version, confidence := tags(raw)
		if other, ok := b.known(id, "implies", name); ok {
			at.implies = append(at.implies, implied{other, confidence, version})
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
	b.m.report.Skipped = append(b.m.report.Skipped, Skipped{b.m.techs[id].name, field, strings.TrimSpace(raw), reason})
}

// number gives a pattern its place among those of its technology, field and key.
func (b *builder) number(p *pattern) int32 {
	at := numbered{p.tech, p.field, p.key}
	n := b.numbers[at]
	b.numbers[at] = n + 1
	return n
}

// pattern parses one pattern and files it under its literals.
func (b *builder) pattern(id int32, field Field, key, raw string) {
	expr, version, confidence := tags(raw)
	p := pattern{tech: id, field: field, key: key, version: version, confidence: confidence}
	p.number = b.number(&p)
	x := b.indexOf(field)
	if expr == "" {
		if strings.TrimSpace(key) == "" {
			b.skip(id, field.String(), raw, "an empty pattern matches every page")
			return
		}
		b.keep(&p, x)
		return
	}
	e, tree, err := compile(expr)
	if err != nil {
		b.skip(id, field.String(), raw, err.Error())
		return
	}
	if x == nil {
		p.expr = e
		b.keep(&p, x)
		return
	}
	if !field.long() {
		p.expr, p.clauses = e, x.file(words(parts(tree)), nil, false)
		b.keep(&p, x)
		return
	}
	if links := chained(e, tree); links != nil && version == "" {
		p.expr = e
		b.chain(&p, links, x)
		b.keep(&p, x)
		return
	}
	list, trees := split(e, tree)
	first := int32(len(b.m.patterns))
	for i := range list {
		q := p
		seq := parts(trees[i])
		q.expr, q.clauses, q.windowed = list[i], x.file(words(seq), seq, true), true
		b.keepTwin(&q, x, first)
	}
}

// words returns the clauses of an expression, those of two bytes only where it has no other.
func words(seq []part) []clause {
	list := mandatory(seq, minLiteral)
	if len(list) == 0 {
		list = mandatory(seq, minLiteral-1)
	}
	return list
}

// long reports a field of whole texts, on which patterns run around their literals.
func (f Field) long() bool {
	switch f {
	case FieldHTML, FieldScripts, FieldCSS, FieldText, FieldRobots:
		return true
	default:
	}
	return false
}

// indexOf says which index finds a field's patterns; those of js are found by the name of the global.
func (b *builder) indexOf(f Field) *index {
	switch f {
	case FieldHTML, FieldScripts, FieldCSS, FieldDOM, FieldLinks, FieldRobots:
		return &b.body
	case FieldText:
		return &b.text
	case FieldScriptSrc:
		return &b.sources
	case FieldJS:
		return nil
	default:
	}
	return &b.values
}

// keep adds a pattern to the matcher.
func (b *builder) keep(p *pattern, x *index) { b.keepTwin(p, x, int32(len(b.m.patterns))) }

// keepTwin adds a pattern that is one with the first of its alternatives, as far as they count.
func (b *builder) keepTwin(p *pattern, x *index, first int32) {
	p.windowed = p.windowed && len(p.clauses) > 0
	n := int32(len(b.m.patterns))
	p.first = first
	b.m.patterns = append(b.m.patterns, *p)
	if n == first {
		b.m.report.Patterns++
		b.m.report.fields[p.field]++
	}
	if p.field.keyed() {
		b.m.addKey(p)
	}
	if x == nil {
		b.m.globals[p.key] = append(b.m.globals[p.key], n)
		for i := range len(p.key) {
			if p.key[i] == '.' {
				b.m.objects[p.key[:i]] = true
			}
		}
		return
	}
	if len(p.clauses) == 0 {
		b.m.report.Unfiltered++
	}
	x.held = append(x.held, n)
}

func (b *builder) size() int { return b.body.size + b.values.size + b.sources.size + b.text.size }

func (b *builder) finish() *Matcher {
	m := b.m
	all := [...]*index{&b.body, &b.values, &b.sources, &b.text}
	var wg sync.WaitGroup
	for _, x := range all { // each holds patterns of its own
		wg.Go(func() { x.finish(m.patterns) })
	}
	wg.Wait()
	for _, x := range all {
		m.report.Literals += len(x.literals.literals)
	}
	m.body, m.values, m.sources, m.text = b.body, b.values, b.sources, b.text
	m.report.Technologies = len(m.techs)
	m.scratch.New = func() any { return newScratch(m) }
	return m
}
