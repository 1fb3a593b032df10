package extract

import (
	"strings"
	"unicode/utf8"

	"telltale/internal/document"
	"telltale/internal/extract/scrub"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/signals/attribution"
)

// watched reads a page or feed item of a watch list. It stands on nobody's domain: whom it speaks of is decided first, and rules of
// prose then take the names of that account, or of the likeliest, for the company's own. What the wire's own site runs on is no
// account's, and a page that speaks of no account gives no signals.
func (r *reading) watched(doc *document.Document, s *settler) {
	if r.e.cfg.Attribute == nil || r.stop.Load() {
		return
	}
	r.begin("attribution")
	text := *doc
	text.ContentHash = textHash(doc)
	found := r.e.cfg.Attribute(&text)
	r.e.metrics.attributed.WithLabelValues(string(found.Verdict), string(found.Origin)).Inc()
	r.attributions = append(r.attributions, r.decision(&text, &found))
	if len(found.Company) == 0 {
		return
	}
	doc.Company = found.Company
	for i := range r.e.cfg.Rules {
		if rule := &r.e.cfg.Rules[i]; rule.Prose && doc.Kind != pages.KindLegal {
			r.apply(rule, doc, s)
		}
	}
}

// textHash is the hash of a page's title and text: that of a feed item stays when other items of its feed come and go.
func textHash(doc *document.Document) string {
	var b strings.Builder
	for i := range doc.Blocks {
		if doc.Blocks[i].Role != document.RoleChrome {
			b.WriteString(doc.Blocks[i].Text)
			b.WriteByte('\n')
		}
	}
	return pages.Hash([]byte(b.String()))
}

// decision is the row of what was found, its quotations free of personal data.
func (r *reading) decision(doc *document.Document, found *attribution.Result) signals.Attribution {
	a := signals.Attribution{
		URL: doc.URL, Domain: doc.Domain, Watch: r.watch, ContentHash: doc.ContentHash, Origin: signals.ByMatcher, Verdict: found.Verdict,
		KnownFrom: doc.FetchedAt, Version: attribution.Version,
	}
	if found.Origin == signals.ByCorrection { // the person's row decides; this one says which text stands at the address
		a.Verdict, a.Why = signals.Nobody, "corrected by hand"
		return a
	}
	for _, c := range found.Candidates {
		c.Evidence = short(scrub.Text(c.Evidence))
		a.Candidates = append(a.Candidates, c)
	}
	if found.Verdict == signals.Attributed {
		best := a.Candidates[0]
		a.AccountID, a.Confidence, a.Evidence, a.Why = best.AccountID, best.Confidence, best.Evidence, best.Why
		a.Candidates = a.Candidates[1:]
	}
	return a
}

// short cuts what marks in place of names and addresses have made longer than a quotation may be.
func short(s string) string {
	for utf8.RuneCountInString(s) > signals.MaxEvidence {
		at := strings.LastIndexByte(s, ' ')
		if at < 0 {
			return ""
		}
		s = s[:at]
	}
	return s
}
