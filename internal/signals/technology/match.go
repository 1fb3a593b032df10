package technology

import (
	"maps"
	"slices"
	"strings"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

// match is what was found of one technology so far.
type match struct {
	confidence int
	version    string
	best       *pattern
	evidence   string
	offset     int
	// via is the technology that implied this one, -1 where it was seen itself.
	via int32
}

// scratch is the working memory of one Match, kept in a pool.
type scratch struct {
	m    *Matcher
	doc  *document.Document
	hits hits
	// places are those of the body's literals; spans is working memory, whole the bytes spent on patterns without a bound.
	places places
	spans  []span
	whole  int
	// tried marks, by epoch of hits, the patterns already taken as candidates of this scan.
	tried      []uint32
	candidates []int32
	found      map[int32]*match
	// counted holds the patterns that have added their confidence: a pattern counts once a page.
	counted map[*pattern]bool
}

func (m *Matcher) acquire(doc *document.Document) *scratch {
	s, ok := m.scratch.Get().(*scratch)
	if !ok {
		panic("technology: the pool holds only scratch")
	}
	s.doc, s.whole = doc, 0
	clear(s.found)
	clear(s.counted)
	return s
}

// run reads every field of the document.
func (s *scratch) run() {
	d := s.doc
	s.headers(d)
	s.metas(d)
	for i := range d.Scripts {
		if src := d.Scripts[i].Src; src != "" {
			s.value(FieldScriptSrc, "", src, "script: "+src, d.Scripts[i].Offset)
		}
	}
	s.value(FieldURL, "", d.URL, d.URL, 0)
	if strings.HasSuffix(d.URL, "/robots.txt") {
		s.body(FieldRobots)
	}
	s.texts(d)
	s.page()
	if d.Probe != nil {
		s.probe(d.Probe)
	}
}

// headers reads response headers and the names of cookies.
func (s *scratch) headers(d *document.Document) {
	s.headerSet(d.Header)
	if d.Probe != nil && d.Probe.HTTP != nil {
		s.headerSet(d.Probe.HTTP.Header)
	}
}

func (s *scratch) headerSet(h map[string][]string) {
	// In one order: of several fields that show a technology, the same one is quoted each time the page is read.
	for _, name := range slices.Sorted(maps.Keys(h)) {
		key, values := strings.ToLower(name), h[name]
		if key == "set-cookie" {
			for _, v := range values {
				s.cookie(v)
			}
			continue
		}
		for _, v := range values {
			s.value(FieldHeader, key, v, name+": "+v, 0)
		}
	}
}

// cookie matches one Set-Cookie value; the evidence is the cookie's name alone, its value may identify a person.
func (s *scratch) cookie(v string) {
	name, value, _ := strings.Cut(v, "=")
	value, _, _ = strings.Cut(value, ";")
	name = strings.TrimSpace(name)
	s.value(FieldCookie, strings.ToLower(name), value, "cookie: "+name, 0)
}

func (s *scratch) metas(d *document.Document) {
	for i := range d.Metas {
		mt := &d.Metas[i]
		s.value(FieldMeta, mt.Name, mt.Content, mt.Name+": "+mt.Content, mt.Offset)
	}
}

func (s *scratch) texts(d *document.Document) {
	if !s.m.uses(FieldText) {
		return
	}
	for i := range d.Blocks {
		s.value(FieldText, "", d.Blocks[i].Text, d.Blocks[i].Text, d.Blocks[i].Offset)
	}
}

func (m *Matcher) uses(f Field) bool {
	if len(m.always[f]) > 0 || len(m.byKey[f]) > 0 {
		return true
	}
	for _, list := range m.byLiteral[f] {
		if len(list) > 0 {
			return true
		}
	}
	return false
}

// probe reads DNS records and the certificate.
func (s *scratch) probe(p *pages.Probe) {
	for _, r := range []struct {
		name    string
		records []string
	}{{"MX", p.DNS.MX}, {"NS", p.DNS.NS}, {"TXT", p.DNS.TXT}, {"CNAME", p.DNS.CNAME}, {"SOA", p.DNS.SOA}, {"DMARC", p.DNS.DMARC},
		{"A", p.DNS.A}, {"AAAA", p.DNS.AAAA}} {
		for _, v := range r.records {
			s.value(FieldDNS, strings.ToLower(r.name), v, r.name+" "+v, 0)
		}
	}
	if p.TLS != nil && (p.TLS.Invalid == "" || p.TLS.Invalid == pages.CertExpired) {
		// Who is not known to have signed may bear any name, and another's certificate tells of the other.
		s.value(FieldCertIssuer, "", p.TLS.Issuer, "certificate issuer: "+p.TLS.Issuer, 0)
	}
}

// value runs a field's candidates on one short value.
func (s *scratch) value(f Field, key, value, evidence string, offset int) {
	s.hits.reset()
	s.m.literals.scan([]byte(value), &s.hits)
	for _, n := range s.pick(f, key) {
		p := &s.m.patterns[n]
		if p.key != key && !keyMatches(f, p.key, key) {
			continue
		}
		if p.re == nil {
			s.record(p, nil, clipEvidence(evidence, 0), offset)
			continue
		}
		if at := p.re.FindStringSubmatchIndex(value); at != nil {
			start := at[0] + len(evidence) - len(value)
			if start < 0 || f == FieldCookie {
				start = 0
			}
			s.record(p, groupsOf(value, at), clipEvidence(evidence, start), offset)
		}
	}
}

// keyMatches allows a cookie rule to end in a star: the rest of the name varies.
func keyMatches(f Field, pattern, key string) bool {
	prefix, ok := strings.CutSuffix(pattern, "*")
	return ok && f == FieldCookie && strings.HasPrefix(key, prefix)
}

// pick returns the patterns of a field whose clauses are all among the hits, and those without a clause.
func (s *scratch) pick(f Field, key string) []int32 {
	out := s.candidates[:0]
	out = append(out, s.m.always[f]...)
	if key != "" {
		out = append(out, s.m.byKey[f][key]...)
	}
	for _, l := range s.hits.list {
		for _, n := range s.m.byLiteral[f][l] {
			if s.tried[n] == s.hits.epoch {
				continue
			}
			s.tried[n] = s.hits.epoch
			if s.satisfied(&s.m.patterns[n]) {
				out = append(out, n)
			}
		}
	}
	s.candidates = out
	return out
}

func (s *scratch) satisfied(p *pattern) bool {
	for _, c := range p.clauses {
		ok := false
		for _, l := range c {
			if s.hits.has(l) {
				ok = true
				break
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

// groupsOf returns the text of each group of a match; missing groups are empty.
func groupsOf(value string, at []int) []string {
	groups := make([]string, 0, len(at)/2)
	for i := 0; i+1 < len(at); i += 2 {
		if at[i] < 0 || at[i+1] > len(value) || at[i] > at[i+1] {
			groups = append(groups, "")
			continue
		}
		groups = append(groups, value[at[i]:at[i+1]])
	}
	return groups
}

// record adds a match to its technology: confidence adds up, the strongest pattern gives the evidence,
// the longest version wins.
func (s *scratch) record(p *pattern, groups []string, evidence string, offset int) {
	f := s.found[p.tech]
	if f == nil {
		f = &match{via: -1}
		s.found[p.tech] = f
	}
	if v := resolveVersion(p.version, groups); len(v) > len(f.version) {
		f.version = v
	}
	if f.best == nil || p.confidence > f.best.confidence || p.confidence == f.best.confidence && p.field < f.best.field {
		f.best, f.evidence, f.offset = p, evidence, offset
	}
	if !s.counted[p] {
		s.counted[p] = true
		f.confidence = min(100, f.confidence+p.confidence)
	}
}

// source says where a pattern of a field was read.
func (s *scratch) source(f Field) signals.Source {
	switch f {
	case FieldDNS:
		return signals.SourceDNS
	case FieldCertIssuer:
		return signals.SourceTLS
	case FieldHeader, FieldCookie:
		return signals.SourceHTTP
	default:
	}
	if s.doc.Probe != nil {
		return signals.SourceHTTP
	}
	return SourceOf(s.doc.Kind)
}

// SourceOf says which source a page of that kind is; kinds without one of their own are the company's own site, home.
func SourceOf(k pages.Kind) signals.Source {
	switch k {
	case pages.KindBlog:
		return signals.SourceBlog
	case pages.KindPress:
		return signals.SourcePress
	case pages.KindFeed:
		return signals.SourceFeed
	case pages.KindForum:
		return signals.SourceForum
	case pages.KindSocial:
		return signals.SourceSocial
	case pages.KindCareers, pages.KindJob:
		return signals.SourceCareers
	default:
	}
	return signals.SourceHome
}
