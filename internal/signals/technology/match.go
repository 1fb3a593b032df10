package technology

import (
	"maps"
	"net/http"
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
	matched    string
	evidence   string
	offset     int
	// via is the technology that implied this one, -1 where it was seen itself.
	via int32
}

// scratch is the working memory of one Match, kept in a pool.
type scratch struct {
	m   *Matcher
	doc *document.Document
	// bodyHits are the literals of the body, valueHits those of the value or text at hand.
	bodyHits, valueHits, sourceHits, textHits hits
	// tried marks, by scan, the patterns already taken as candidates; counted, by page, those that have added their confidence.
	tried, counted []uint32
	scan, page     uint32
	candidates     []int32
	found          map[int32]*match

	// buf holds the value at hand, or the visible text; starts where each block of it begins.
	buf    []byte
	starts []int32
	places []int32
	inline []document.Script

	tree    tree
	nested  bool
	attrs   []attribute
	attrsOf int
	// textSeen is the element whose whole text was read last.
	textSeen int
	elements []int32
	around   []int32
	// whole, texts and steps count work against its bounds.
	whole, texts, steps int
}

func newScratch(m *Matcher) *scratch {
	return &scratch{
		m: m, found: map[int32]*match{},
		bodyHits: newHits(len(m.body.literals.literals)), valueHits: newHits(len(m.values.literals.literals)),
		sourceHits: newHits(len(m.sources.literals.literals)),
		textHits:   newHits(len(m.text.literals.literals)),
		tried:      make([]uint32, len(m.patterns)), counted: make([]uint32, len(m.patterns)),
	}
}

func (m *Matcher) acquire(doc *document.Document) *scratch {
	s, ok := m.scratch.Get().(*scratch)
	if !ok {
		panic("technology: the pool holds only scratch")
	}
	s.doc, s.nested, s.attrsOf, s.textSeen = doc, false, -1, -1
	s.whole, s.texts, s.steps = 0, 0, 0
	s.page++
	if s.page == 0 {
		clear(s.counted)
		s.page = 1
	}
	clear(s.found)
	return s
}

func (m *Matcher) release(s *scratch) {
	s.doc, s.inline = nil, s.inline[:0]
	m.scratch.Put(s)
}

// run reads every field of the document.
func (s *scratch) run() {
	d := s.doc
	s.headerSet(d.Header)
	if d.Probe != nil && d.Probe.HTTP != nil {
		s.headerSet(d.Probe.HTTP.Header)
	}
	for i := range d.Metas {
		if mt := &d.Metas[i]; s.m.keys[keyOf{FieldMeta, mt.Name}] {
			s.value(FieldMeta, mt.Name, mt.Content, mt.Name+": ", mt.Offset)
		}
	}
	for i := range d.Scripts {
		if src := d.Scripts[i].Src; src != "" {
			s.value(FieldScriptSrc, "", src, "script: ", d.Scripts[i].Offset)
		}
	}
	s.value(FieldURL, "", d.URL, "", 0)
	s.text()
	s.inBody()
	s.assigned()
	if d.Probe != nil {
		s.probe(d.Probe)
	}
}

func (s *scratch) headerSet(h http.Header) {
	// In one order: of several fields that show a technology, the same one is quoted each time the page is read.
	for _, name := range slices.Sorted(maps.Keys(h)) {
		key := strings.ToLower(name)
		for _, v := range h[name] {
			if key == "set-cookie" {
				s.cookie(v)
			} else if s.m.keys[keyOf{FieldHeader, key}] {
				s.value(FieldHeader, key, v, name+": ", 0)
			}
		}
	}
}

// cookie matches one Set-Cookie value, as a cookie and as a header; the evidence is the cookie's name alone,
// its value may identify a person.
func (s *scratch) cookie(v string) {
	name, value, _ := strings.Cut(v, "=")
	value, _, _ = strings.Cut(value, ";")
	name = strings.TrimSpace(name)
	s.value(FieldCookie, strings.ToLower(name), value, "cookie: "+name, 0)
	if s.m.keys[keyOf{FieldHeader, "set-cookie"}] {
		s.value(FieldHeader, "set-cookie", v, "cookie: "+name, 0)
	}
}

// probe reads DNS records and the certificate.
func (s *scratch) probe(p *pages.Probe) {
	for _, r := range [...]struct {
		name    string
		records []string
	}{{"MX", p.DNS.MX}, {"NS", p.DNS.NS}, {"TXT", p.DNS.TXT}, {"CNAME", p.DNS.CNAME}, {"SOA", p.DNS.SOA}, {"DMARC", p.DNS.DMARC},
		{"A", p.DNS.A}, {"AAAA", p.DNS.AAAA}} {
		for _, v := range r.records {
			s.value(FieldDNS, strings.ToLower(r.name), v, r.name+" ", 0)
		}
	}
	if p.TLS != nil && (p.TLS.Invalid == "" || p.TLS.Invalid == pages.CertExpired) {
		// Who is not known to have signed may bear any name, and another's certificate tells of the other.
		s.value(FieldCertIssuer, "", p.TLS.Issuer, "certificate issuer: ", 0)
	}
}

// isSecret reports a field whose values are never quoted.
func isSecret(f Field, key string) bool {
	return f == FieldCookie || f == FieldHeader && key == "set-cookie"
}

// value runs a field's candidates on one short value; label says what holds it.
func (s *scratch) value(f Field, key, value, label string, offset int) {
	s.buf = append(s.buf[:0], value...)
	x, h := &s.m.values, &s.valueHits
	if f == FieldScriptSrc {
		x, h = &s.m.sources, &s.sourceHits
	}
	h.reset()
	x.literals.scan(s.buf, h)
	for _, n := range s.pick(x, h, f, key) {
		p := &s.m.patterns[n]
		if p.field != f || !s.m.reads(p, key) {
			continue
		}
		var at []int
		start := 0
		if p.expr != nil {
			if at = p.expr.find(s.buf, 0, len(s.buf), p.version != ""); at == nil {
				continue
			}
			start = len(label) + at[0]
		}
		if isSecret(f, key) {
			s.record(p, s.buf, at, clipEvidence(label, 0), offset)
			if m := s.found[p.tech]; m.best == p {
				m.matched = ""
			}
			continue
		}
		s.record(p, s.buf, at, clipEvidence(label+value, start), offset)
	}
}

// pick returns the patterns of an index whose clauses are all among the hits, and those of a field without a clause.
func (s *scratch) pick(x *index, h *hits, f Field, key string) []int32 {
	if s.scan++; s.scan == 0 {
		clear(s.tried)
		s.scan = 1
	}
	out := s.candidates[:0]
	out = append(out, x.always[f]...)
	if key != "" {
		out = append(out, x.byKey[key]...)
	}
	for _, l := range h.list {
		for _, n := range x.byLiteral[l] {
			if s.tried[n] == s.scan {
				continue
			}
			s.tried[n] = s.scan
			if satisfied(&s.m.patterns[n], h) {
				out = append(out, n)
			}
		}
	}
	s.candidates = out
	return out
}

func satisfied(p *pattern, h *hits) bool {
	for i := range p.clauses {
		if !slices.ContainsFunc(p.clauses[i].ids, h.has) {
			return false
		}
	}
	return true
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
