package attribution

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"telltale/internal/document"
	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

// books are the accounts of most tests.
func books() []domains.Account {
	a := func(id, name, domain, country, industry string) domains.Account {
		return domains.Account{ID: id, Name: name, Domains: []string{domain}, Country: country, Industry: industry}
	}
	return []domains.Account{
		a("hotels", "Hartwell Hotels Ltd", "hartwell-hotels.example", "United Kingdom", "Hospitality"),
		a("tools", "Hartwell Tools GmbH", "hartwell-tools.example", "Germany", "Manufacturing"),
		a("target", "Target Corporation", "target.example", "US", "Retail"),
		a("orange", "Orange S.A.", "orange.example", "France", "Telecommunications"),
		a("next", "Next plc", "next.example", "GB", "Retail"),
		a("muller", "Müller & Söhne Maschinenbau GmbH & Co. KG", "mueller-soehne.example", "DE", "Manufacturing"),
		a("contoso", "Contoso Inc.", "contoso.example", "US", "Software"),
		a("anna", "Anna AB", "anna.example", "Sweden", "Retail"),
		a("bath", "Bath AG", "bath.example", "Switzerland", "Retail"),
		a("intl", "Kestrel Intl Mfg Pty Ltd", "kestrel.example", "Australia", "Manufacturing"),
		a("twin-gb", "Calder Learning Ltd", "calder-learning.example", "United Kingdom", "Education"),
		a("twin-us", "Calder Learning LLC", "calderlearning.example", "United States", "Education"),
		a("old", "Old Mill Foods SARL", "oldmill.example", "France", "Food and drink"),
		a("norden", "A/S Norden", "norden.example", "Denmark", "Logistics"),
		a("fenwick", "Fenwick SpA", "fenwick.example", "Italy", "Retail"),
		a("fenwick-labs", "Fenwick Laboratories BV", "fenwick-labs.example", "Netherlands", "Healthcare"),
		a("wire", "Prime Wire Inc", "wire.example", "US", "Media"),
		a("threem", "3M Company", "3m.example", "US", "Manufacturing"),
		a("trivago", "trivago N.V.", "trivago.example", "DE", "Hospitality"),
		a("inns", "Ironbridge Inns Group plc", "ironbridge-inns.example", "GB", "Hospitality"),
		a("joe", "Joe's Kitchens Ltd", "joes.example", "GB", "Retail"),
	}
}

func matcher(t testing.TB, accounts []domains.Account) *Matcher {
	t.Helper()
	b := NewBuilder()
	for i := range accounts {
		if err := b.Add(&accounts[i]); err != nil {
			t.Fatal(err)
		}
	}
	return b.Build()
}

// page is a wire's page: a title, and a body in HTML.
func page(t testing.TB, title, body string) *document.Document {
	t.Helper()
	html := "<html lang=en><head><title>" + title + "</title></head><body><nav><a href='https://hartwell-hotels.example/'>Hartwell Hotels Ltd</a></nav><main>" + body + "</main></body></html>"
	doc, err := document.Parse(&pages.Page{Domain: "wire.example", URL: "https://wire.example/news/1", FinalURL: "https://wire.example/news/1", Status: 200,
		Kind: pages.KindPress, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, ContentHash: "c0ffee", Body: []byte(html)})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestPagesAreTheAccountsTheySpeakOfOrAreQuarantined(t *testing.T) {
	m := matcher(t, books())
	const lead = "<p>LONDON, 3 March 2026 – Hartwell Hotels Ltd has opened a second site, the group said on Tuesday.</p>"
	for _, c := range []struct {
		name, title, body string
		verdict           signals.Verdict
		account           string
	}{
		{"full legal name in title and lead", "Hartwell Hotels Ltd opens second site | Prime Wire", lead, signals.Attributed, "hotels"},
		{"name without its legal form", "Hartwell Hotels opens second site", "<p>The hotel group Hartwell Hotels said on Tuesday that it will open a second site.</p>", signals.Attributed, "hotels"},
		{"in title case", "Hartwell Hotels Opens Second Site In Leeds", lead, signals.Attributed, "hotels"},
		{"in capitals", "HARTWELL HOTELS OPENS SECOND SITE", lead, signals.Attributed, "hotels"},
		{"the lead alone", "Second site opens in Leeds", lead, signals.Attributed, "hotels"},
		{"umlauts written out, and und", "Mueller und Soehne Maschinenbau erweitert Werk", "<p>Die Mueller und Soehne Maschinenbau GmbH &amp; Co. KG erweitert ihr Werk in Kassel um zwei Hallen.</p>", signals.Attributed, "muller"},
		{"umlauts left out", "Muller &amp; Sohne Maschinenbau expands plant", "<p>Muller &amp; Sohne Maschinenbau is to expand its plant in Kassel by two halls this year.</p>", signals.Attributed, "muller"},
		{"abbreviations written out", "Kestrel International Manufacturing wins award", "<p>Kestrel International Manufacturing has won an award for its new line of pumps this week.</p>", signals.Attributed, "intl"},
		{"form before the name", "A/S Norden orders ships", "<p>A/S Norden has ordered two ships from a yard in Korea, the shipping company said today.</p>", signals.Attributed, "norden"},
		{"possessive", "Contoso’s new cloud is here", "<p>Contoso's new cloud went live on Monday, and customers of Contoso can use it from today.</p>", signals.Attributed, "contoso"},
		{"a name with a figure", "3M Company cuts jobs", "<p>3M Company will cut two hundred jobs at its plant, the maker of tapes said on Monday.</p>", signals.Attributed, "threem"},
		{"a name in small letters", "trivago N.V. names new chief", "<p>Travel search company trivago N.V. has named a new chief executive, it said on Monday.</p>", signals.Attributed, "trivago"},
		{"an owner's possessive", "Joe’s Kitchens opens in Leeds", "<p>Joe's Kitchens has opened its third showroom, which stands in Leeds near the station.</p>", signals.Attributed, "joe"},
		{"a group without the word", "Ironbridge Inns moves its systems", "<p>Ironbridge Inns is moving its systems to a new centre before the year is out, it said.</p>", signals.Attributed, "inns"},
		{"a group with it", "Ironbridge Inns Group moves its systems", "<p>Ironbridge Inns Group plc is moving its systems to a new centre before the year is out.</p>", signals.Attributed, "inns"},
		{"the longer of two names", "Fenwick Labs buys scanner", "<p>Fenwick Laboratories has bought a scanner. Fenwick said that it would be used from May on.</p>", signals.Attributed, "fenwick-labs"},
		{"a link decides among namesakes", "Calder Learning opens school", "<p>Calder Learning has opened a school, see <a href='https://calderlearning.example/news'>its notice</a> for more.</p>", signals.Attributed, "twin-us"},
		{"the legal form decides among namesakes", "Calder Learning Ltd opens school", "<p>Calder Learning Ltd has opened a school for two hundred pupils, it said on Monday.</p>", signals.Attributed, "twin-gb"},
		{"the dateline decides among namesakes", "Calder Learning opens school", "<p>BOSTON, March 3, 2026 -- Calder Learning has opened a school for two hundred students.</p>", signals.Attributed, "twin-us"},
		{"a common word with its legal form", "Target Corporation opens stores", "<p>Target Corporation will open twenty stores in Texas this year, the company said on Monday.</p>", signals.Attributed, "target"},
		{"a common word with a link", "Orange opens lab", "<p>Orange has opened a lab in Paris: <a href='https://www.orange.example/lab'>orange.example</a></p>", signals.Attributed, "orange"},
		{"a domain written out", "Orange opens lab", "<p>Orange has opened a lab in Paris, says www.orange.example in a note of today.</p>", signals.Attributed, "orange"},
		{"a common word, its country and its trade", "Target opens twenty stores", "<p>Target will open twenty stores in the United States this year and hire two thousand people.</p>", signals.Attributed, "target"},

		{"a common word alone", "Target in sight", "<p>Target has been set, and everybody knows what it takes to reach it before the year is out.</p>", signals.Quarantined, "target"},
		{"another common word alone", "Next opens doors to visitors", "<p>Next came a tour of the hall for those who had come early in the morning to see it.</p>", signals.Quarantined, "next"},
		{"a given name", "Anna opens the season", "<p>Anna has opened the season with a fine win over her old rival on the court.</p>", signals.Quarantined, "anna"},
		{"a place", "Bath welcomes visitors", "<p>Bath has welcomed more visitors than ever this summer, the council said on Monday.</p>", signals.Quarantined, "bath"},
		{"namesakes that nothing tells apart", "Calder Learning opens school", "<p>Calder Learning has opened a school for two hundred pupils, it said on Monday.</p>", signals.Quarantined, "twin-gb"},
		{"another legal form", "Hartwell Hotels GmbH opens site", "<p>Hartwell Hotels GmbH has opened a site in the north, the company said on Monday morning.</p>", signals.Quarantined, "hotels"},
		{"a dateline abroad", "Hartwell Hotels opens second site", "<p>TORONTO, March 3, 2026 – Hartwell Hotels has opened a second site, it said on Tuesday.</p>", signals.Quarantined, "hotels"},
		{"an object in the title", "Unknown &amp; Partners signs contract with Hartwell Hotels", "<p>Unknown &amp; Partners, a caterer, has signed a contract with Hartwell Hotels, it said today.</p>", signals.Quarantined, "hotels"},
		{"a link without a name", "A fine house", "<p>Have a look at <a href='https://hartwell-hotels.example/rooms'>this fine house</a> by the sea, it is worth it.</p>", signals.Quarantined, "hotels"},
		{"part of a longer name elsewhere", "Hartwell Hotels opens site", "<p>Hartwell Hotels Portugal has opened a site, the first of Hartwell Hotels there, it said today.</p>", signals.Quarantined, "hotels"},

		{"nobody", "Weather to stay fine", "<p>The weather will stay fine until Thursday, forecasters said, with light winds from the west.</p>", signals.Nobody, ""},
		{"words in small letters", "A look at what comes next", "<p>The target was clear, and an orange is no apple; what came next surprised everybody there.</p>", signals.Nobody, ""},
		{"a mention in passing", "Unknown Catering grows", "<p>Unknown Catering has grown by a tenth this year, the company said.</p><p>Among its customers is Hartwell Hotels, for one, and there are many others besides.</p>", signals.Nobody, ""},
		{"a part of a place name", "Orange County votes", "<p>Orange County has voted for a new library, which will stand near the station there.</p>", signals.Nobody, ""},
		{"a person", "Jane Target retires", "<p>The teacher Jane Target has retired after forty years, and the town will miss her.</p>", signals.Nobody, ""},
		{"a compound", "An orange-coloured roof", "<p>Orange-coloured roofs are the fashion of the year, as visitors of the fair could see.</p>", signals.Nobody, ""},
		{"a mail address", "Write to us", "<p>Questions go to press@contoso.example and will be answered within two days by the team.</p>", signals.Nobody, ""},
		{"a handle and an address", "Tags of the week", "<p>The tags of the week are #Contoso and @Contoso and example.test/Contoso, says the list of them.</p>", signals.Nobody, ""},
		{"the wire itself", "Weather to stay fine | Prime Wire", "<p>The weather will stay fine until Thursday, says the forecast.</p><p>About Prime Wire</p><p>Prime Wire Inc brings you news.</p>", signals.Nobody, ""},
		{"another who folds alike", "Jos Kitchens opens", "<p>Jos Kitchens has opened its third showroom, which stands in Leeds near the station.</p>", signals.Nobody, ""},
		{"another company of the same first word", "Hartwell Dairy opens", "<p>Hartwell Dairy has opened a new farm shop, and Hartwell is happy with the turnout there.</p>", signals.Nobody, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := m.Match(page(t, c.title, c.body))
			first := ""
			if len(got.Candidates) > 0 {
				first = got.Candidates[0].AccountID
			}
			if got.Verdict != c.verdict || c.account != "" && first != c.account {
				t.Errorf("%s %q, want %s %q: %+v", got.Verdict, first, c.verdict, c.account, got.Candidates)
			}
			for _, k := range got.Candidates {
				if k.Evidence == "" || k.Why == "" || k.Confidence <= 0 || k.Confidence > 1 || strings.Contains(k.Evidence, "@") {
					t.Errorf("candidate %+v", k)
				}
			}
		})
	}
}

func TestNamesakesShareTheConfidence(t *testing.T) {
	got := matcher(t, books()).Match(page(t, "Calder Learning opens school", "<p>Calder Learning has opened a school for two hundred pupils, it said on Monday.</p>"))
	if len(got.Candidates) != 2 || got.Candidates[0].Confidence != got.Candidates[1].Confidence || got.Candidates[0].Confidence >= decided ||
		!strings.Contains(got.Candidates[1].Why, "one of 2 accounts of that name") {
		t.Errorf("%+v", got.Candidates)
	}
	if !slices.Contains(got.Company, "Calder Learning") {
		t.Errorf("rules read it for %v", got.Company)
	}
}

func TestTheQuotedSpanStandsWhereItSays(t *testing.T) {
	doc := page(t, "Second site opens", "<p>It rained. LONDON was wet.</p><p>Hartwell Hotels Ltd has opened a second site. It is large.</p>")
	got := matcher(t, books()).Match(doc)
	c := got.Candidates[0]
	if c.Evidence != "Hartwell Hotels Ltd has opened a second site." || !strings.HasPrefix(string(doc.Body[c.Offset:]), "Hartwell Hotels Ltd") {
		t.Errorf("%q at %d: %q", c.Evidence, c.Offset, doc.Body[c.Offset:c.Offset+10])
	}
}

func TestACorrectionWins(t *testing.T) {
	accounts := books()
	b := NewBuilder()
	for i := range accounts {
		if err := b.Add(&accounts[i]); err != nil {
			t.Fatal(err)
		}
	}
	b.Correct("https://wire.example/news/1", "tools")
	b.Correct("c0ffee", "")
	m := b.Build()
	doc := page(t, "Hartwell Hotels Ltd opens second site", "<p>Hartwell Hotels Ltd has opened a second site in the north of the town.</p>")
	if got := m.Match(doc); got.Verdict != signals.Attributed || got.Origin != signals.ByCorrection || got.Candidates[0].AccountID != "tools" || got.Company[0] != "Hartwell Tools GmbH" {
		t.Errorf("by address: %+v", got)
	}
	doc.URL = "https://wire.example/news/2"
	if got := m.Match(doc); got.Verdict != signals.Nobody || got.Origin != signals.ByCorrection || len(got.Candidates) != 0 {
		t.Errorf("by content hash: %+v", got)
	}
	doc.ContentHash = "beef"
	if got := m.Match(doc); got.Origin != signals.ByMatcher || got.Candidates[0].AccountID != "hotels" {
		t.Errorf("another page: %+v", got)
	}
}

func TestAnItemAtTheAccountsOwnAddressIsItsOwn(t *testing.T) {
	doc := page(t, "We are hiring", "<p>We are looking for cooks and waiters for our new house, and we pay well, too.</p>")
	doc.URL = "https://news.hartwell-hotels.example/jobs"
	if got := matcher(t, books()).Match(doc); got.Verdict != signals.Attributed || got.Candidates[0].AccountID != "hotels" {
		t.Errorf("%+v", got)
	}
}
