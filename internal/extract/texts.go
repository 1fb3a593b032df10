package extract

import (
	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

// minSimilar is the fewest words of a text that is told by its similarity hash: shorter ones are headlines and teasers, of which a changed
// word is another statement.
const minSimilar = 30

// rests notes that signals of prose rest on a text, so that its copies can be told.
func (r *reading) rests(doc *document.Document) {
	if n := len(r.texts); n > 0 && r.texts[n-1].URL == doc.URL && r.texts[n-1].Domain == doc.Domain {
		return
	}
	f := document.FingerprintOf(doc)
	if f.Key == 0 { // what was found stands in its title
		return
	}
	t := signals.Text{Domain: doc.Domain, URL: doc.URL, Key: f.Key, SimHash: f.SimHash, Words: f.Words, StatedAt: doc.FetchedAt, KnownFrom: doc.FetchedAt}
	// Two advertisements by one employer differ in the place or the post alone, and are two.
	if f.Words < minSimilar || doc.Kind == pages.KindJob || doc.Kind == pages.KindCareers {
		t.SimHash = 0
	}
	if !doc.Published.IsZero() && datable(doc.Kind) {
		t.StatedAt = doc.Published
	}
	r.texts = append(r.texts, t)
}
