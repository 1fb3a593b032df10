package signals

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// Verdict says what matching a page to accounts came to.
type Verdict string

// The verdicts, as stored.
const (
	// Attributed pages speak of one account; Quarantined ones may, and a person must look; Nobody's speak of none.
	Attributed  Verdict = "attributed"
	Quarantined Verdict = "quarantined"
	Nobody      Verdict = "nobody"
)

// Origin says who decided.
type Origin string

// The origins, as stored; a correction wins over the matcher, whenever either came.
const (
	ByMatcher    Origin = "matcher"
	ByCorrection Origin = "correction"
)

// Candidate is an account that a page may speak of.
type Candidate struct {
	AccountID string
	// Confidence is in 0–1.
	Confidence float64
	// Evidence is the quoted span, at most MaxEvidence runes; Offset its byte offset in the text that was read. Why lists what
	// speaks for and against it.
	Evidence string
	Offset   int
	Why      string
}

// Attribution is a decision about whom a page that stands on nobody's domain speaks of.
type Attribution struct {
	// URL is the page's address; empty in a correction by ContentHash.
	URL, Domain string
	// Watch is the watch-list source the page was read for.
	Watch string
	// ContentHash is the hash of the text that was read.
	ContentHash string
	Origin      Origin
	Verdict     Verdict
	// AccountID is set where Verdict is Attributed.
	AccountID string
	// Confidence, Evidence and Why are those of the account.
	Confidence float64
	Evidence   string
	Why        string
	// Candidates are the accounts in question where it is quarantined, the best first; else others that were found.
	Candidates []Candidate
	// KnownFrom is since when we know: the fetch, or the import of a correction. ValidFrom and ValidTo bound when it holds;
	// zero times mean always.
	KnownFrom, ValidFrom, ValidTo time.Time
	// Version names the rules that decided.
	Version string
}

// Validate checks that a decision is complete. Errors wrap ErrInvalid.
func (a *Attribution) Validate() error {
	switch {
	case a.URL == "" && a.ContentHash == "":
		return fmt.Errorf("%w: attribution: address or content hash is required", ErrInvalid)
	case a.URL == "" && a.Origin != ByCorrection, a.Origin != ByMatcher && a.Origin != ByCorrection:
		return fmt.Errorf("%w: attribution of %q: origin %q", ErrInvalid, a.URL, a.Origin)
	case (a.Verdict == Attributed) != (a.AccountID != ""), a.Verdict != Attributed && a.Verdict != Quarantined && a.Verdict != Nobody:
		return fmt.Errorf("%w: attribution of %q: verdict %q, account %q", ErrInvalid, a.URL, a.Verdict, a.AccountID)
	case a.Verdict == Quarantined && len(a.Candidates) == 0:
		return fmt.Errorf("%w: attribution of %q: quarantined without candidates", ErrInvalid, a.URL)
	case a.KnownFrom.IsZero():
		return fmt.Errorf("%w: attribution of %q: since when it is known is required", ErrInvalid, a.URL)
	}
	return a.validEvidence()
}

// validEvidence checks what is quoted and how sure it is.
func (a *Attribution) validEvidence() error {
	if !inUnit(a.Confidence) || utf8.RuneCountInString(a.Evidence) > MaxEvidence {
		return fmt.Errorf("%w: attribution of %q: confidence %v, evidence of %d runes", ErrInvalid, a.URL, a.Confidence, utf8.RuneCountInString(a.Evidence))
	}
	for i := range a.Candidates {
		if c := &a.Candidates[i]; c.AccountID == "" || !inUnit(c.Confidence) || utf8.RuneCountInString(c.Evidence) > MaxEvidence {
			return fmt.Errorf("%w: attribution of %q: candidate %q", ErrInvalid, a.URL, c.AccountID)
		}
	}
	return nil
}
