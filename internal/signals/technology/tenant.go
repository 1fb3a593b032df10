package technology

import (
	"strings"

	"telltale/internal/document"
)

// minTenant is the shortest name, in bytes, that is recognised as the beginning of another.
const minTenant = 4

// inLinks runs a candidate on the addresses a page links to. A link to a vendor proves nothing, a link to
// the account's own place there does: a careers page leads to acme.wd3.myworkdayjobs.com.
func (s *scratch) inLinks(p *pattern) {
	if p.expr == nil {
		return
	}
	for i := range s.doc.Links {
		l := &s.doc.Links[i]
		s.buf = append(s.buf[:0], l.URL...)
		at := p.expr.find(s.buf, 0, len(s.buf), true)
		if at == nil {
			continue
		}
		if groups := groupsOf(s.buf, at); len(groups) > 1 && isTenant(groups[1], s.doc) {
			s.record(p, s.buf, at, clipEvidence("link: "+l.URL, 0), l.Offset)
			break
		}
	}
}

// isTenant reports that a tenant is named like the account: its domain's label, or a beginning of it, or the
// label with something behind (acmegroup).
func isTenant(tenant string, doc *document.Document) bool {
	label, _, _ := strings.Cut(strings.TrimPrefix(doc.Domain, "www."), ".")
	label, tenant = plainName(label), plainName(tenant)
	if label == "" || tenant == "" {
		return false
	}
	return label == tenant || len(tenant) >= minTenant && strings.HasPrefix(label, tenant) ||
		len(label) >= minTenant && strings.HasPrefix(tenant, label)
}

// plainName keeps the letters and digits of a name, in lower case.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 0x80:
			return r
		}
		return -1
	}, s)
}
