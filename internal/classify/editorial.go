package classify

import (
	"strings"

	"telltale/internal/document"
)

// minProse is the least text, in bytes, that makes a dated page an article.
const minProse = 1_000

// journalMetas are meta elements that only publishers of news set.
var journalMetas = []string{"news_keywords", "parsely-author", "parsely-section", "sailthru.author", "article:content_tier", "cxenseparse:articleid"} //nolint:gochecknoglobals // a table

// editorial reports an article that somebody signs, or one of a news medium: an organisation's own releases are signed by nobody.
func editorial(doc *document.Document, types map[string]int) bool {
	switch {
	case types["NewsMediaOrganization"]+types["LiveBlogPosting"]+types["OpinionNewsArticle"]+types["ReportageNewsArticle"]+types["AnalysisNewsArticle"] > 0:
		return true
	case types["NewsArticle"] > 0 && types["Person"] > 0:
		return true
	}
	for _, name := range journalMetas {
		if doc.Meta(name) != "" {
			return true
		}
	}
	return false
}

// saysPress reports an address that speaks of the press, and not of news alone, which newspapers have too.
func saysPress(segments []string) bool {
	for _, s := range segments {
		for _, word := range [...]string{"press", "prensa", "newsroom", "communiqu", "media-cent", "mediacent", "medieninfo"} {
			if strings.Contains(s, word) {
				return true
			}
		}
	}
	return false
}

// aboutUs names the pages that speak of the organisation itself or say how to reach it, by their last segment.
const aboutUs = `about about-us aboutus ueber-uns uber-uns wir-ueber-uns unternehmen a-propos qui-sommes-nous quienes-somos sobre-nosotros over-ons om-oss om-os
	chi-siamo o-nas contact contact-us kontakt contacto contatti team our-team`

// saysAbout reports the address of such a page.
func saysAbout(segments []string) bool {
	return len(segments) > 0 && len(segments) < 3 && hasWord(aboutUs, trimSuffixes(segments[len(segments)-1]))
}

// proseBytes counts the page's own paragraphs.
func proseBytes(doc *document.Document) int {
	n := 0
	for i := range doc.Blocks {
		if b := &doc.Blocks[i]; b.Role == document.RoleParagraph && doc.Own(b) {
			n += len(b.Text)
		}
	}
	return n
}
