package phrase

import (
	"strings"

	"telltale/internal/document"
)

// journalTypes are the schema.org types by which news media mark their articles and themselves
// (https://schema.org/NewsArticle, https://schema.org/NewsMediaOrganization).
func journalTypes() []string {
	return []string{
		`NewsArticle"`, `NewsMediaOrganization"`, `"LiveBlogPosting"`, `"OpinionNewsArticle"`,
	}
}

// journalMetas are meta elements that only publishers of news set for their readers' and search engines' sake.
func journalMetas() []string {
	return []string{"news_keywords", "parsely-author", "parsely-section", "sailthru.author", "article:content_tier", "cxenseparse:articleid"}
}

// journalWords are what news media call themselves, in a domain's label.
func journalWords() []string {
	return []string{
		"news", "nachrichten", "zeitung", "tageblatt", "anzeiger", "kurier", "gazette", "tribune", "herald", "diario", "noticias", "periodico",
		"nouvelles", "nouvelliste", "nieuws", "dagblad", "nyheter", "tidning",
	}
}

// journalism reports a page of a news medium: what it tells is other people's news, but where it names its owner.
func journalism(doc *document.Document) bool {
	label, _, _ := strings.Cut(doc.Domain, ".")
	for _, w := range journalWords() {
		if strings.Contains(label, w) && !strings.Contains(label, "newsletter") {
			return true
		}
	}
	for i := range doc.JSONLD {
		for _, t := range journalTypes() {
			if strings.Contains(doc.JSONLD[i].Text, t) {
				return true
			}
		}
	}
	for i := range doc.Metas {
		for _, name := range journalMetas() {
			if doc.Metas[i].Name == name {
				return true
			}
		}
	}
	return false
}

// Tells reports whether a block may be read for the account's own intent and news: on the page of a news medium it
// must name the account.
func (p *Page) Tells(b *document.Block) bool { return !p.Journal || p.Mentions(b.Text) }
