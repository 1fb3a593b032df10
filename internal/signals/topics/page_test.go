package topics

import (
	"testing"

	"telltale/internal/document"
	"telltale/internal/pages"
)

func TestAPageThatSpeaksOfTheAccountLendsItsVoice(t *testing.T) {
	m := matcher(t)
	const own = "Harwick Foods makes soup."
	texts := func(kind pages.Kind, list ...string) *document.Document {
		d := page(kind)
		for _, s := range list {
			d.Blocks = append(d.Blocks, document.Block{Text: s})
		}
		return d
	}
	for name, c := range map[string]struct {
		doc  *document.Document
		want string
	}{
		"a sentence without a subject on our blog": {texts(pages.KindBlog, own, "The bill from AWS has doubled and nobody can explain it."), "pain/Azure"},
		"the same on a page of nobody":             {texts(pages.KindBlog, "The bill from AWS has doubled and nobody can explain it."), ""},
		"the same on a course's page":              {texts(pages.KindOther, own, "Migrating spreadsheets to Power Apps, two evenings."), ""},
		"a talk in the diary":                      {texts(pages.KindBlog, own, "14 May: “Migrating to Azure”, breakfast seminar of the chamber of commerce."), ""},
		"a customer's question in our forum":       {texts(pages.KindForum, own, "We are migrating our servers to Azure. Does your scanner run there?"), ""},
		"our own post there":                       {texts(pages.KindForum, own, "We are migrating our servers to Azure next week."), "migration/Azure"},
		"a loose cue, with our voice":              {texts(pages.KindBlog, "Our Azure subscription is a matter for talks with our partner."), "renewal/Azure"},
		"a loose cue, denied":                      {texts(pages.KindBlog, "Azure is not on our list of candidates."), ""},
		"a vendor's list":                          {texts(pages.KindBlog, "Our price list has Dynamics 365, NetSuite, Power BI, Tableau, Okta and Zendesk."), ""},
		"a maker's news":                           {texts(pages.KindBlog, own, "According to its maker, Surface Laptop now has a larger display."), ""},
		"an adviser's offer":                       {texts(pages.KindBlog, own, "We move your mailboxes to Microsoft 365 at a fixed price."), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := topicsOf(m.Match(c.doc)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestHeadlinesOfOtherPagesCountOnCareersPagesOnly(t *testing.T) {
	m := matcher(t)
	for kind, want := range map[pages.Kind]string{pages.KindBlog: "", pages.KindCareers: "hiring/Azure"} {
		d := page(kind, document.Block{Text: "We are hiring an Azure administrator", Role: document.RoleListItem, Teaser: true})
		if got := topicsOf(m.Match(d)); got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
}

func TestAWordThatSpurnsDeniesWhatFollows(t *testing.T) {
	m := matcher(t)
	d := page(pages.KindBlog, document.Block{Text: "We are moving to Microsoft 365 instead of Google Workspace."})
	if got := topicsOf(m.Match(d)); got != "migration/Microsoft 365" {
		t.Errorf("got %q", got)
	}
}
