// Package attribution says which account a page speaks of that stands on nobody's domain: a press wire's, a forum's, a social
// stream's. It weighs links to accounts' domains, names and where they stand, legal forms, countries and trades. What stays
// ambiguous, or is a word of the language, is quarantined with its candidates; nothing is guessed.
package attribution

import (
	"cmp"
	"slices"
	"strings"

	"telltale/internal/document"
	"telltale/internal/signals"
)

// Version names the rules; it is stored with every attribution. Raise it when a change decides the same page otherwise.
const Version = "1"

// Thresholds of confidence, in 0–1: from decided on a page is an account's, from doubtful on a candidate is worth a person's look.
const (
	decided  = 0.75
	doubtful = 0.5
	// ahead is how far one of several accounts of one name must lead.
	ahead = 0.2
	most  = 0.99
)

// Result is what a page came to.
type Result struct {
	// Verdict is signals.Attributed, Quarantined or Nobody; Origin says whether a person decided it.
	Verdict signals.Verdict
	Origin  signals.Origin
	// Candidates are the accounts in question, the best first, at most 20. The first of an attributed page is whom it speaks of; the
	// others were found on it as well.
	Candidates []signals.Candidate
	// Company are the names under which the page speaks of the first candidate: what rules take for the account's own. Empty
	// without candidates.
	Company []string
}

const maxCandidates = 20

// Match says of which account a page speaks. Its Domain is the wire's own: an account that owns it gains nothing from that.
// A person's decision about the address or the content hash wins.
func (m *Matcher) Match(doc *document.Document) Result {
	if id, ok := m.correction(doc); ok {
		return m.asCorrected(doc, id)
	}
	if d := domainOf(doc.URL); d != "" && d != doc.Domain {
		if account, ok := m.owner(d); ok && !m.lex.hosts[d] {
			c := signals.Candidate{AccountID: m.idOf(account), Confidence: 0.97, Evidence: cutRunes(doc.URL, signals.MaxEvidence), Why: "the item's own address lies on " + d}
			return Result{Verdict: signals.Attributed, Origin: signals.ByMatcher, Candidates: []signals.Candidate{c}, Company: []string{m.nameOf(account)}}
		}
	}
	r := m.read(doc)
	return r.settle(r.weigh())
}

func (m *Matcher) correction(doc *document.Document) (string, bool) {
	if id, ok := m.corrected[doc.URL]; ok {
		return id, true
	}
	if doc.ContentHash == "" {
		return "", false
	}
	id, ok := m.corrected[doc.ContentHash]
	return id, ok
}

// asCorrected is the result of a person's decision, with the names of the account where it is known.
func (m *Matcher) asCorrected(doc *document.Document, id string) Result {
	if id == "" {
		return Result{Verdict: signals.Nobody, Origin: signals.ByCorrection}
	}
	out := Result{Verdict: signals.Attributed, Origin: signals.ByCorrection,
		Candidates: []signals.Candidate{{AccountID: id, Confidence: 1, Evidence: cutRunes(doc.URL, signals.MaxEvidence), Why: "corrected by hand"}}}
	if n, ok := m.byID[id]; ok {
		out.Company = []string{m.nameOf(n)}
	}
	return out
}

// settle decides: whom the best-placed names speak of, or that a person must look.
func (r *reading) settle(all []weighed) Result {
	out := Result{Verdict: signals.Nobody, Origin: signals.ByMatcher}
	slices.SortStableFunc(all, func(a, b weighed) int {
		return cmp.Or(-compareBool(a.sure, b.sure), -cmp.Compare(a.confidence, b.confidence), cmp.Compare(r.m.idOf(a.account), r.m.idOf(b.account)))
	})
	sure := plain(all)
	for i := range all {
		w := &all[i]
		wanted := w.sure
		if !sure {
			wanted = w.confidence >= doubtful || w.shared
		}
		if !wanted || len(out.Candidates) == maxCandidates {
			continue
		}
		out.Candidates = append(out.Candidates, r.m.candidate(w))
		if len(out.Company) == 0 {
			out.Company = r.company(w)
		}
	}
	switch {
	case sure:
		out.Verdict = signals.Attributed
	case len(out.Candidates) > 0:
		out.Verdict = signals.Quarantined
	}
	return out
}

// plain reports that the first of them decides the page. Where the headline is about somebody who is not plain, the lead alone
// does not.
func plain(all []weighed) bool {
	if len(all) == 0 || !all[0].sure {
		return false
	}
	return all[0].headline || !slices.ContainsFunc(all, func(w weighed) bool { return !w.sure && w.headline && w.confidence >= doubtful })
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (m *Matcher) candidate(w *weighed) signals.Candidate {
	return signals.Candidate{AccountID: m.idOf(w.account), Confidence: w.confidence, Evidence: w.quote.text, Offset: w.quote.offset, Why: strings.Join(w.why, ", ")}
}

// company are the names of an account on this page.
func (r *reading) company(w *weighed) []string {
	names := []string{r.m.nameOf(w.account)}
	if w.group != nil && w.group.written != "" && w.group.written != names[0] {
		names = append(names, w.group.written)
	}
	return names
}
