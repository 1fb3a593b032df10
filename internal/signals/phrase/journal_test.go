package phrase

import (
	"testing"

	"telltale/internal/document"
	"telltale/internal/pages"
)

func TestANewsMediumTellsOfItselfOnlyByName(t *testing.T) {
	const own, other = "Fenwick Herald has acquired a printer.", "The bank has acquired a rival."
	for _, tc := range []struct {
		name, head      string
		journal, toldOf bool
	}{
		{"an article marked as news", `<script type="application/ld+json">{"@type":"NewsArticle"}</script>`, true, false},
		{"a publisher that marks itself", `<script type="application/ld+json">{"@graph":[{"@type":["Organization","NewsMediaOrganization"]}]}</script>`, true, false},
		{"keywords for news search", `<meta name="news_keywords" content="banks">`, true, false},
		{"a company's post", `<script type="application/ld+json">{"@type":"BlogPosting"}</script>`, false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body := "<html><head><title>News</title>" + tc.head + "</head><body><p>" + own + "</p><p>" + other + "</p></body></html>"
			doc, err := document.Parse(&pages.Page{URL: "https://fenwick.example/a", Domain: "fenwick.example", Kind: pages.KindPress, Status: 200, Body: []byte(body)})
			if err != nil {
				t.Fatal(err)
			}
			page := NewPage(doc)
			if page.Journal != tc.journal {
				t.Errorf("journal %v, want %v", page.Journal, tc.journal)
			}
			for i := range doc.Blocks {
				b := &doc.Blocks[i]
				if b.Text == own && !page.Tells(b) {
					t.Error("a block that names the account is not read")
				}
				if b.Text == other && page.Tells(b) != tc.toldOf {
					t.Errorf("a block about somebody else: read %v, want %v", page.Tells(b), tc.toldOf)
				}
			}
		})
	}
}
