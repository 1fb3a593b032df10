package topics

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

func page(kind pages.Kind, blocks ...document.Block) *document.Document {
	return &document.Document{
		Domain: "harwick-foods.example", Kind: kind, FetchedAt: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Blocks: blocks,
	}
}

func topicsOf(hits []Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Topic+"/"+h.Product)
	}
	return strings.Join(out, " ")
}

func TestThePageDecidesWhoseIntentItIs(t *testing.T) {
	m := matcher(t)
	own := "Harwick Foods makes soup."
	for name, tc := range map[string]struct {
		doc  *document.Document
		want string
	}{
		"the account by name":             {page(pages.KindPress, document.Block{Text: "Harwick Foods will move its mail to Microsoft 365."}), "migration/Microsoft 365"},
		"another company by name":         {page(pages.KindBlog, document.Block{Text: own}, document.Block{Text: "Fenwick has decided to move to Azure."}), ""},
		"another company's chief, quoted": {page(pages.KindBlog, document.Block{Text: own}, document.Block{Text: "“We are moving to Azure,” says Tom Reed, CIO at Fenwick."}), ""},
		"a year long past":                {page(pages.KindBlog, document.Block{Text: "We moved to Microsoft 365 in 2019."}), ""},
		"this year":                       {page(pages.KindBlog, document.Block{Text: "We moved to Microsoft 365 in 2026."}), "migration/Microsoft 365"},
		"navigation":                      {page(pages.KindBlog, document.Block{Text: "We are moving to Azure.", Role: document.RoleChrome}), ""},
		"a customer's story by its title": {page(pages.KindBlog, document.Block{Text: "Case study: Fenwick", Role: document.RoleHeading}, document.Block{Text: "We are moving to Azure."}), ""},
		"a careers page":                  {page(pages.KindCareers, document.Block{Text: "We are moving to Azure and need an Azure engineer."}), "hiring/Azure"},
		"a question in a forum":           {page(pages.KindForum, document.Block{Text: "Has anyone moved from Exchange to Exchange Online with 50 users?"}), "evaluation/Microsoft 365"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := topicsOf(m.Match(tc.doc)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestAHitQuotesItsSentence(t *testing.T) {
	m := matcher(t)
	text := "Soup is good. We are moving to Azure next year! More soup."
	hits := m.Match(page(pages.KindBlog, document.Block{Text: text, Offset: 100}))
	if len(hits) != 1 {
		t.Fatalf("hits %+v", hits)
	}
	h := hits[0]
	if h.Evidence != "We are moving to Azure next year!" || h.Offset != 114 || h.Sign != 1 || h.Confidence <= 0 || h.Confidence > 1 || h.Strength <= 0 || h.Strength > 1 {
		t.Errorf("hit %+v", h)
	}
	long := "We are moving to Azure " + strings.Repeat("with a great deal of care and über alles ", 40)
	for _, h := range m.Text(long, "") {
		if utf8.RuneCountInString(h.Evidence) > signals.MaxEvidence || !strings.Contains(h.Evidence, "Azure") {
			t.Errorf("evidence of %d runes: %q", utf8.RuneCountInString(h.Evidence), h.Evidence)
		}
	}
}

func TestAMatcherIsSafeForConcurrentUse(t *testing.T) {
	m := matcher(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if got := topicsOf(m.Text("We are moving from Slack to Microsoft Teams.", "")); got != "migration/Microsoft 365" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzMatch(f *testing.F) {
	m := matcher(f)
	for _, s := range []string{"We are moving to Azure.", "Unser Vertrag läuft aus. Exchange 2016 \xff", "“We chose AWS,” says X of Y.", strings.Repeat("Azure ", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, h := range m.Match(page(pages.KindBlog, document.Block{Text: text})) {
			if h.Evidence == "" || utf8.RuneCountInString(h.Evidence) > signals.MaxEvidence || h.Confidence > 1 || h.Strength > 1 {
				t.Fatalf("hit %+v", h)
			}
		}
	})
}

func BenchmarkMatchProse(b *testing.B) {
	m := matcher(b)
	unit := "The weather was fine and nobody thought of work. We are moving our mail to Microsoft 365 next year. "
	doc := page(pages.KindBlog, document.Block{Text: strings.Repeat(unit, 3) + strings.Repeat("A long story of soup, salt and spoons follows. ", 200)})
	b.SetBytes(int64(len(doc.Blocks[0].Text)))
	b.ReportAllocs()
	for b.Loop() {
		m.Match(doc)
	}
}
