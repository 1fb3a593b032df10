package phrase

import (
	"strings"
	"time"

	"telltale/internal/document"
	"telltale/internal/pages"
)

// Page is what a rule needs to know of the page a sentence stands on.
type Page struct {
	Kind pages.Kind
	// Names are the folded names that the account goes by on this page: words of its domain and site name.
	// None are known of plain text.
	Names []string
	// Named reports that the page's text holds one of Names: a subject by another name is then somebody else.
	Named bool
	// Story reports a page about somebody else: a customer's story.
	Story bool
	// Journal reports a page of a news medium, whose news are other people's.
	Journal bool
	// owners are the whole names of the site's owner, each in one word: its label and the site's name.
	owners []string
	// doc is the page itself; speaks says whether it speaks in the first person: 0 unknown, 1 yes, 2 no.
	doc    *document.Document
	speaks uint8
	// Year is the year of publication, or of the fetch; 0 where neither is known.
	Year int
}

// storyTitles give away a customer's story in a title, an address or a heading.
func storyTitles() []string {
	return []string{
		"case study", "case-study", "case studies", "customer story", "customer-story", "customer stories", "customer-stories",
		"success story", "success-story", "success stories", "success-stories", "client story", "client stories",
		"referenz", "kundenstimme", "erfolgsgeschichte", "anwenderbericht", "fallstudie", "kundenprojekt",
		"cas client", "cas-client", "témoignage client", "caso de éxito", "casos-de-exito", "caso de cliente",
		"kundcase", "kundreferens", "klantcase", "klantverhaal", "klantverhalen",
	}
}

// NewPage reads a page's circumstances off its document.
func NewPage(doc *document.Document) Page {
	p := Page{Kind: doc.Kind, doc: doc, Year: year(doc.Published, doc.FetchedAt)}
	p.Names = accountNames(doc)
	p.owners = ownerNames(doc)
	p.Journal = journalism(doc)
	p.Story = doc.Kind == pages.KindStory || storyTitle(doc.Title) || storyTitle(doc.URL)
	for i := range doc.Blocks {
		b := &doc.Blocks[i]
		if b.Role == document.RoleChrome {
			continue
		}
		if b.Role == document.RoleHeading || b.Role == document.RoleTitle {
			p.Story = p.Story || storyTitle(b.Text)
		}
		p.Named = p.Named || p.Mentions(b.Text)
	}
	return p
}

func year(ts ...time.Time) int {
	for _, t := range ts {
		if !t.IsZero() {
			return t.UTC().Year()
		}
	}
	return 0
}

func storyTitle(s string) bool {
	if len(s) > 1<<10 {
		s = s[:1<<10]
	}
	s = strings.ToLower(s)
	for _, t := range storyTitles() {
		if strings.Contains(s, t) {
			return true
		}
	}
	return false
}

// Speaks reports whether the page's prose, outside of chrome and teasers, names the account or speaks in the first
// person plural. It reads the page once, when first asked.
func (p *Page) Speaks() bool {
	if p.speaks == 0 {
		p.speaks = 2
		for i := range p.doc.Blocks {
			b := &p.doc.Blocks[i]
			if b.Role == document.RoleParagraph && p.doc.Own(b) && (p.Mentions(b.Text) || SpeaksOwn(b.Text)) {
				p.speaks = 1
				break
			}
		}
	}
	return p.speaks == 1
}

// Mask takes the words of the account's own name out of the vocabulary for this sentence: Hartwell Hotels opens no
// hotel by its name, and Calder Learning teaches nobody. Patterns still see capitalised words there.
func (sen *Sentence) Mask(page *Page) {
	if len(page.Names) == 0 {
		return
	}
	for i := range sen.Tokens {
		if !sen.Tokens[i].Has(Upper) || sen.Tokens[i].Ent != 0 || !page.Is(sen.Word(i)) {
			continue
		}
		sen.Tokens[i].Word = 0
		for j := i + 1; j < len(sen.Tokens) && sen.continues(j); j++ {
			sen.Tokens[j].Word = 0
		}
	}
}

// continues reports that the word at j goes on with the name before it: its trade or its legal form.
func (sen *Sentence) continues(j int) bool {
	t := sen.Tokens[j]
	if !t.Has(Upper) || t.Ent != 0 || t.Flags&(Comma|Break) != 0 {
		return false
	}
	w := fold(sen.Word(j))
	return trades(w) || corporate(w)
}
