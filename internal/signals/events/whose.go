package events

import (
	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/phrase"
)

// others reports that the news is not the account's.
func others(e *Event, st phrase.Stance) bool {
	if st.Single || st.Quoted || st.Foreign && !st.Ours && !e.Person || st.Story && e.Name != "new_client" {
		return true
	}
	return e.Parties != "two" && (st.Third || st.Aside && !st.Named)
}

// elsewhere reports that the news belongs to public life, to whom a news medium writes of, or to nobody that stands near it.
func (w *work) elsewhere(sen *phrase.Sentence, e *Event, span phrase.Span, st phrase.Stance) bool {
	return st.Civic && st.Actor != phrase.ActorOwn || w.page.Journal && !w.page.Owner(sen) || e.Near && !w.near(sen, span)
}

// maxTold is the longest sentence, in words, that a newsreader's phrase or the model is believed on: longer ones are lists and menus.
const maxTold = 70

// told is the confidence of a phrase that only plain text is read for: whose news it is, and when it was, stays open, but an
// organisation must be named, in English, as the phrases are.
func (w *work) told(sen *phrase.Sentence, st phrase.Stance) float64 {
	if st.General || st.Asked || st.Old || st.Negated || st.NegatedWithin || st.Untrue || st.Civic || len(sen.Tokens) > maxTold || !newsworthy(sen) {
		return 0
	}
	return plainConfidence
}

// newsworthy reports an English sentence that may name an organisation: a capitalised word away from its beginning, or a word for one.
func newsworthy(sen *phrase.Sentence) bool {
	english, named := false, false
	for i := range sen.Tokens {
		word := sen.Word(i)
		switch word {
		case "the", "The", "and", "for", "with", "from", "that", "its", "has", "will", "to", "by", "of", "after":
			english = true
		case "company", "companies", "firm", "maker", "group", "retailer", "carrier", "bank", "automaker", "we", "our":
			named = true
		default:
			named = named || i > 0 && word != "I" && sen.Tokens[i].Has(phrase.Upper)
		}
	}
	return english && named
}

// nearWords is how far, in words, a party may stand from what a near event's phrase matched.
const nearWords = 6

// near reports that the account, by name or in its own voice, stands by a match of a site's text. Plain text has no account, and what a
// company releases as its news need not name it in each sentence.
func (w *work) near(sen *phrase.Sentence, span phrase.Span) bool {
	if len(w.page.Names) == 0 || w.released() {
		return true
	}
	for i := max(0, span.Start-nearWords); i < min(span.End+nearWords, len(sen.Tokens)); i++ {
		if word := sen.Word(i); sen.Tokens[i].Has(phrase.Upper) && w.page.Is(word) || phrase.SpeaksOwn(word) {
			return true
		}
	}
	return false
}

// attributed says, of a match whose subject is not plainly the account, how far the page lets us take it for
// the account's: 0 on a site whose text around it never speaks of itself. Plain text has no site.
func (w *work) attributed(e *Event, st phrase.Stance) float64 {
	press := w.released()
	switch {
	case len(w.page.Names) == 0, st.Ours:
		return 1
	case st.Actor == phrase.ActorNamed && !press && !e.Person:
		return 0
	case w.speaksOwn():
		return 1
	case press && (w.page.Named || st.Actor == phrase.ActorNamed):
		return 0.9
	}
	return w.byPage(st, press)
}

// byPage attributes what neither sentence nor paragraph does: on the account's own news and blog, and in headings
// of pages that name it.
func (w *work) byPage(st phrase.Stance, press bool) float64 {
	switch {
	case (press || w.page.Kind == pages.KindBlog) && st.Actor == phrase.ActorNobody && w.page.Speaks():
		return 0.8
	case w.page.Named && w.block.Role != document.RoleParagraph && w.page.Kind != pages.KindForum:
		return 0.75
	}
	return 0
}

// released reports a page on which a company announces its news.
func (w *work) released() bool {
	return w.page.Kind == pages.KindPress || w.page.Kind == pages.KindFeed || w.page.Kind == pages.KindSocial
}

// picksUs reports that the account stands at the end of a match or right behind it. Of plain text it is not known.
func (w *work) picksUs(sen *phrase.Sentence, span phrase.Span) bool {
	if len(w.page.Names) == 0 {
		return true
	}
	for i := max(span.Start+1, span.End-2); i < min(span.End+3, len(sen.Tokens)); i++ {
		if word := sen.Word(i); sen.Tokens[i].Has(phrase.Upper) && w.page.Is(word) || phrase.SpeaksOwn(word) {
			return true
		}
	}
	return false
}

func (w *work) speaksOwn() bool {
	if w.own == 0 {
		w.own = 2
		if phrase.SpeaksOwn(w.block.Text) || w.page.Mentions(w.block.Text) {
			w.own = 1
		}
	}
	return w.own == 1
}

// kind says how far a page of this kind is to be believed on the company's news.
func (w *work) kind() float64 {
	switch w.page.Kind {
	case pages.KindPress, pages.KindBlog, pages.KindCareers, pages.KindJob, pages.KindOther, "":
		return 1
	case pages.KindFeed, pages.KindSocial, pages.KindHome:
		return 0.95
	case pages.KindForum, pages.KindProduct, pages.KindStory, pages.KindLegal, pages.KindParked, pages.KindError,
		pages.KindSitemap, pages.KindProbe:
		return 0.8
	}
	return 0.8
}
