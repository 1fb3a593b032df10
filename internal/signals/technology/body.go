package technology

import (
	"sort"
	"strings"
	"unicode/utf8"

	"telltale/internal/document"
	"telltale/internal/signals"
)

// page scans the body once and runs the candidates of the fields that lie in it.
func (s *scratch) page() {
	d := s.doc
	if len(d.Body) == 0 {
		return
	}
	s.hits.reset()
	s.m.literals.scan(d.Body, &s.hits)
	s.inBody(s.pick(FieldHTML, ""))
	s.inScripts(s.pick(FieldScripts, ""), d.Scripts)
	s.inScripts(s.pick(FieldCSS, ""), d.Styles)
	s.inElements(s.pick(FieldDOM, ""))
}

// body runs all candidates of one field on the body.
func (s *scratch) body(f Field) {
	s.hits.reset()
	s.m.literals.scan(s.doc.Body, &s.hits)
	s.inBody(s.pick(f, ""))
}

func (s *scratch) inBody(candidates []int32) {
	body := s.doc.Body
	for _, n := range candidates {
		p := &s.m.patterns[n]
		at := p.re.FindSubmatchIndex(body)
		if at == nil {
			continue
		}
		lo, hi := window(len(body), at[0], at[1])
		around := string(body[lo:hi])
		s.record(p, groupsOf(around, shifted(at, lo)), clipEvidence(around, at[0]-lo), at[0])
	}
}

func (s *scratch) inScripts(candidates []int32, scripts []document.Script) {
	for _, n := range candidates {
		p := &s.m.patterns[n]
		for i := range scripts {
			sc := &scripts[i]
			if sc.Text == "" {
				continue
			}
			at := p.re.FindStringSubmatchIndex(sc.Text)
			if at == nil {
				continue
			}
			lo, hi := window(len(sc.Text), at[0], at[1])
			around := sc.Text[lo:hi]
			s.record(p, groupsOf(sc.Text, at), clipEvidence(around, at[0]-lo), sc.Offset+at[0])
			break
		}
	}
}

// maxAround bounds the bytes looked at around a match.
const maxAround = 1200

// window returns a stretch of the text that holds a match and some of what is around it.
func window(n, start, end int) (lo, hi int) {
	const margin = 60
	return max(0, start-margin), min(n, max(min(end, start+maxAround)+margin, start))
}

func shifted(at []int, by int) []int {
	out := make([]int, len(at))
	for i, x := range at {
		if out[i] = x - by; x < 0 {
			out[i] = -1
		}
	}
	return out
}

// clipEvidence returns the span of text around a match as one line of at most signals.MaxEvidence
// runes, cut at white space where it must be cut and there is any near.
func clipEvidence(text string, start int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	start = min(max(start, 0), len(text))
	if utf8.RuneCountInString(text) > signals.MaxEvidence {
		lo := max(0, start-40)
		if lo > 0 {
			if i := strings.IndexAny(text[lo:start], " \t\n>"); i >= 0 {
				lo += i + 1
			}
		}
		text = text[lo:]
	}
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= signals.MaxEvidence {
		return strings.TrimSpace(strings.ReplaceAll(text, "\x00", ""))
	}
	cut := 0
	for range signals.MaxEvidence {
		_, n := utf8.DecodeRuneInString(text[cut:])
		cut += n
	}
	text = text[:cut]
	if i := strings.LastIndexByte(text, ' '); i > len(text)*3/4 {
		text = text[:i]
	}
	return strings.ReplaceAll(text, "\x00", "")
}

// resolve applies requires, excludes and implies, in that order, and makes the detections.
func (m *Matcher) resolve(s *scratch) []Detection {
	for range 8 {
		if !m.dropUnmet(s.found) {
			break
		}
	}
	for _, id := range m.sorted(s.found) {
		if s.found[id] == nil {
			continue
		}
		for _, other := range m.techs[id].excludes {
			delete(s.found, other)
		}
	}
	m.imply(s.found)
	out := make([]Detection, 0, len(s.found))
	for id, f := range s.found {
		if f.confidence <= 0 || f.evidence == "" {
			continue
		}
		d := Detection{Name: m.techs[id].name, Version: f.version, Confidence: f.confidence, Kind: f.best.field,
			Pattern: f.best.id, Evidence: f.evidence, Offset: f.offset, Source: s.source(f.best.field)}
		if f.via >= 0 {
			d.Kind = FieldImplied
		}
		out = append(out, d)
	}
	return out
}

// dropUnmet removes technologies whose required technology or category is not there.
func (m *Matcher) dropUnmet(found map[int32]*match) bool {
	categories := map[int]bool{}
	for id := range found {
		for _, c := range m.techs[id].categories {
			categories[c] = true
		}
	}
	dropped := false
	for id := range found {
		t := &m.techs[id]
		ok := true
		for _, r := range t.requires {
			ok = ok && found[r] != nil
		}
		for _, c := range t.requiresCategories {
			ok = ok && categories[c]
		}
		if !ok {
			delete(found, id)
			dropped = true
		}
	}
	return dropped
}

// imply adds what the technologies found bring with them, and what those bring; the evidence is theirs.
func (m *Matcher) imply(found map[int32]*match) {
	queue := m.sorted(found)
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		from := found[id]
		for _, imp := range m.techs[id].implies {
			confidence := min(imp.confidence, from.confidence)
			if f := found[imp.tech]; f != nil {
				f.confidence = max(f.confidence, confidence)
				continue
			}
			found[imp.tech] = &match{confidence: confidence, best: from.best, evidence: from.evidence, offset: from.offset, via: id}
			queue = append(queue, imp.tech)
		}
	}
}

// sorted returns the technologies found in order of name, so that results do not depend on chance.
func (m *Matcher) sorted(found map[int32]*match) []int32 {
	ids := make([]int32, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return m.techs[ids[i]].name < m.techs[ids[j]].name })
	return ids
}
