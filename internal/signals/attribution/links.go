package attribution

import (
	"strings"

	"telltale/internal/domains"
)

// links gathers the accounts that the page links to: not from navigation, and not where everybody links to.
func (r *reading) links() {
	for i := range r.doc.Links[:min(len(r.doc.Links), maxLinks)] {
		l := &r.doc.Links[i]
		if l.Chrome || !strings.HasPrefix(l.URL, "http") || strings.Contains(l.Rel, "stylesheet") || strings.Contains(l.Rel, "icon") {
			continue
		}
		r.link(domainOf(l.URL))
	}
}

// domainOf is the registrable domain of an address.
func domainOf(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	host, _, _ := strings.Cut(rest, ":")
	if host == "" || len(host) > 253 {
		return ""
	}
	return domains.Registrable(host)
}

func (r *reading) link(domain string) {
	if domain == "" || domain == r.doc.Domain || r.m.lex.hosts[domain] {
		return
	}
	if account, ok := r.m.owner(domain); ok && len(r.linked) < maxNames {
		r.linked[account] = domain
	}
}

// writtenDomains finds domains that stand in a text as words; those of mail addresses are none of them.
func (r *reading) writtenDomains(text string) {
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '.')
		if i < 0 {
			return
		}
		i += at
		at = i + 1
		start := i
		for start > 0 && hostByte(text[start-1]) {
			start--
		}
		end := i
		for end < len(text) && hostByte(text[end]) {
			end++
		}
		if start < i && end > i+1 && end-start <= 253 && (start == 0 || text[start-1] != '@') && (end == len(text) || text[end] != '@') {
			r.link(domains.Registrable(strings.TrimRight(text[start:end], ".-")))
		}
		at = max(at, end)
	}
}

func hostByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.'
}
