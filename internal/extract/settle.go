package extract

import (
	"bytes"

	"telltale/internal/document"
	"telltale/internal/extract/scrub"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/signals/technology"
)

// settler completes, cleans, checks and deduplicates the signals of one page.
type settler struct {
	e *Extractor
	// page is the document that was fetched; items of a feed lie within it.
	page *document.Document
	out  []signals.Signal
	// best holds the place in out of each signal's id.
	best map[[16]byte]int
}

// add takes one signal in, or counts why not. Of two with one identity the surer one is kept; either is taken.
func (s *settler) add(in *signals.Signal, doc *document.Document) (taken bool) {
	sig := *in
	complete(&sig, doc)
	if doc != s.page {
		sig.Offset = max(0, bytes.Index(s.page.Body, []byte(sig.Evidence)))
	}
	if sig.Kind == signals.KindTechnology {
		sig.Evidence = scrub.Addresses(sig.Evidence)
	} else {
		sig.Evidence = scrub.Text(sig.Evidence)
	}
	if err := sig.Validate(); err != nil {
		s.e.metrics.rejected.WithLabelValues("invalid").Inc()
		s.e.cfg.Logger.Warn("signal rejected", "url", sig.URL, "error", err)
		return false
	}
	id := [16]byte(sig.ID())
	if at, ok := s.best[id]; ok {
		s.e.metrics.rejected.WithLabelValues("duplicate").Inc()
		if sig.Confidence > s.out[at].Confidence {
			s.out[at] = sig
		}
		return true
	}
	if len(s.out) >= maxSignals {
		s.e.metrics.rejected.WithLabelValues("over_bound").Inc()
		return false
	}
	s.best[id] = len(s.out)
	s.out = append(s.out, sig)
	return true
}

// complete fills in what a rule leaves to the page. A signal of prose happened when the page was
// published, where the page is of a kind that is written once and says it to the month at least; else it is undated.
func complete(sig *signals.Signal, doc *document.Document) {
	if sig.Domain == "" {
		sig.Domain = doc.Domain
	}
	if sig.URL == "" {
		sig.URL = doc.URL
	}
	if sig.Source == "" {
		sig.Source = technology.SourceOf(doc.Kind)
	}
	if sig.ContentHash == "" {
		sig.ContentHash = doc.ContentHash
	}
	if sig.ExtractorVersion == "" {
		sig.ExtractorVersion = Version
	}
	if sig.DetectedAt.IsZero() {
		sig.DetectedAt = doc.FetchedAt
	}
	if !sig.ObservedAt.IsZero() {
		return
	}
	if post := doc.PostAt(sig.Offset); post != nil && !post.At.IsZero() && sig.Kind != signals.KindTechnology {
		sig.ObservedAt, sig.Dated = post.At, true // a thread goes on for years; what a post says is of its day
		return
	}
	if doc.PublishedPrecision >= document.PrecisionMonth && datable(doc.Kind) {
		sig.ObservedAt, sig.Dated = doc.Published, true
		return
	}
	sig.ObservedAt, sig.Dated = doc.FetchedAt, false
}

// datable reports the kinds of page whose date is the date of what they say; the date on a home or
// product page is when the site was made.
func datable(k pages.Kind) bool {
	switch k {
	case pages.KindBlog, pages.KindPress, pages.KindFeed, pages.KindStory, pages.KindJob, pages.KindForum, pages.KindSocial, pages.KindOther:
		return true
	default:
	}
	return false
}
