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
	s.scanBody()
	s.inBody(s.pick(FieldHTML, ""))
	s.inScripts(s.pick(FieldScripts, ""), d.Scripts)
	s.inScripts(s.pick(FieldCSS, ""), d.Styles)
	s.inLinks(s.pick(FieldLinks, ""))
	s.inElements(s.pick(FieldDOM, ""))
}

// body runs all candidates of one field on the body.
func (s *scratch) body(f Field) {
	s.scanBody()
	s.inBody(s.pick(f, ""))
}

// scanBody finds the literals of the body, and where they are.
func (s *scratch) scanBody() {
	s.hits.reset()
	s.m.literals.scanAt(s.doc.Body, &s.hits, &s.places)
}

func (s *scratch) inBody(candidates []int32) {
	body := s.doc.Body
	for _, n := range candidates {
		p := &s.m.patterns[n]
		at := s.find(p)
		if at == nil {
			continue
		}
		around := string(body[at[0]:min(len(body), at[1]+maxTail)])
		s.record(p, groupsOf(around, shifted(at, at[0])), spanOf(around, at[1]-at[0]), at[0])
	}
}

func (s *scratch) inScripts(candidates []int32, scripts []document.Script) {
	for _, n := range candidates {
		p := &s.m.patterns[n]
		sc, at := s.findIn(p, scripts)
		if at == nil {
			continue
		}
		around := sc.Text[at[0]:min(len(sc.Text), at[1]+maxTail)]
		s.record(p, groupsOf(sc.Text, at), spanOf(around, at[1]-at[0]), sc.Offset+at[0])
	}
}

// maxTail bounds what is quoted behind a match, in bytes, up to the end of its tag or statement.
const maxTail = 120

// spanOf quotes a match of n bytes at the start of a text, and the rest of its tag, statement or word.
func spanOf(text string, n int) string {
	end := len(text)
	if tail := text[n:]; n > 0 && text[n-1] != '>' && text[n-1] != ';' {
		if i := strings.IndexAny(tail, ">;\n"); i >= 0 {
			end = n + i + 1
		} else if i := strings.LastIndexAny(tail, " ,"); i >= 0 {
			end = n + i
		}
	} else {
		end = n
	}
	return clipEvidence(text[:end], 0)
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
