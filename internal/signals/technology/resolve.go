package technology

import (
	"slices"
	"sort"
)

// resolve applies requires, excludes and implies, in that order, and makes the detections.
func (m *Matcher) resolve(s *scratch) []Detection {
	m.dropUnmet(s.found)
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
			Pattern: m.id(f.best), Matched: f.matched, Evidence: f.evidence, Offset: f.offset, Source: s.source(f.best.field)}
		if f.via >= 0 {
			d.Kind = FieldImplied
		}
		out = append(out, d)
	}
	return out
}

// dropUnmet removes technologies that require others of which none is there. As in the format's own matcher,
// one of several required technologies or categories is enough; it must be seen, not only implied, and two that
// only require each other are both out.
func (m *Matcher) dropUnmet(found map[int32]*match) {
	var waiting []int32
	met := map[int32]bool{}
	categories := map[int]bool{}
	accept := func(id int32) {
		met[id] = true
		for _, c := range m.techs[id].categories {
			categories[c] = true
		}
	}
	for id := range found {
		if t := &m.techs[id]; len(t.requires)+len(t.requiresCategories) > 0 {
			waiting = append(waiting, id)
		} else {
			accept(id)
		}
	}
	for changed := true; changed; {
		changed = false
		waiting = slices.DeleteFunc(waiting, func(id int32) bool {
			t := &m.techs[id]
			ok := slices.ContainsFunc(t.requires, func(r int32) bool { return met[r] }) ||
				slices.ContainsFunc(t.requiresCategories, func(c int) bool { return categories[c] })
			if ok {
				accept(id)
				changed = true
			}
			return ok
		})
	}
	for _, id := range waiting {
		delete(found, id)
	}
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
			found[imp.tech] = &match{confidence: confidence, version: resolveVersion(imp.version, nil), best: from.best, matched: from.matched,
				evidence: from.evidence, offset: from.offset, via: id}
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
