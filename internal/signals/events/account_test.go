package events

import (
	"testing"

	"telltale/internal/document"
	"telltale/internal/pages"
)

func TestWhatIsNotTheAccountsNewsIsLeftOut(t *testing.T) {
	m := matcher(t)
	const own = "Harwick Foods makes soup."
	for name, c := range map[string]struct {
		texts []string
		want  string
	}{
		"a neighbour's award":               {[]string{own, "Our neighbours at Fenwick Mills have won the export award."}, ""},
		"somebody congratulated":            {[]string{own, "Congratulations to Fenwick Mills, who have won the export award."}, ""},
		"the account's own award":           {[]string{own, "Harwick Foods has won the export award."}, "award"},
		"reports said to be wrong":          {[]string{own, "Reports that Harwick Foods is closing its plant in York are untrue."}, ""},
		"rumours dismissed":                 {[]string{own, "Harwick Foods dismisses rumours that it is cutting jobs."}, ""},
		"a customer who chooses us":         {[]string{own, "Fenwick Mills chooses Harwick Foods for its canteens."}, "new_client"},
		"a supplier whom we choose":         {[]string{own, "Harwick Foods chooses Fenwick Mills for its flour."}, ""},
		"licences bought":                   {[]string{own, "We have bought SentinelOne licences for the whole company."}, ""},
		"a company bought":                  {[]string{own, "We have bought the flour mill of Fenwick from its founders."}, "merger_acquisition"},
		"approval by an authority":          {[]string{own, "The purchase is subject to approval by the competition authority."}, ""},
		"the fire brigade":                  {[]string{own, "After that, the fire brigade shows our staff how to use a hose."}, ""},
		"a fire":                            {[]string{own, "We report a fire in our warehouse."}, "incident"},
		"passive news on a page that is us": {[]string{own, "The plant in York will close in June."}, "facility"},
		"the words of plain news":           {[]string{own, "Bondholders and lenders met on Tuesday."}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := eventsOf(m.Match(page(pages.KindPress, c.texts...))); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := eventsOf(m.Text("Bondholders and lenders met on Tuesday.", "en")); got != "funding" {
		t.Errorf("plain text: got %q", got)
	}
}

func TestTheAccountsOwnNameIsNoClue(t *testing.T) {
	m := matcher(t)
	for name, c := range map[string]struct{ domain, text, want string }{
		"a hotel company's financing": {"calder-hotels.example", "Calder Hotels Ltd completes its financing round of 4 million euros.", "funding"},
		"a school's branch":           {"calder-learning.example", "Calder Learning is closing its York branch.", "facility"},
		"a title with the name":       {"calder-construction.example", "Notes from the workshop – Calder Construction", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := page(pages.KindPress, c.text, "We wish all our readers well.")
			d.Domain = c.domain
			if got := eventsOf(m.Match(d)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestHeadlinesOfOtherPagesAreNoEvents(t *testing.T) {
	d := page(pages.KindBlog, "We write about soup.")
	d.Blocks = append(d.Blocks, document.Block{Text: "We are opening a new warehouse in Leeds.", Role: document.RoleHeading, Teaser: true})
	if got := eventsOf(matcher(t).Match(d)); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestWhosePageItIsDecidesWhoseCaseItIs(t *testing.T) {
	m := matcher(t)
	const own = "We make soup."
	for name, c := range map[string]struct {
		kind pages.Kind
		text string
		want string
	}{
		"a ruling that a company releases":   {pages.KindPress, "The court has dismissed the claim in full.", "legal"},
		"a ruling that a blog tells of":      {pages.KindBlog, "The court has dismissed the claim in full.", ""},
		"a case of the account's on a blog":  {pages.KindBlog, "The court has dismissed the claim against us.", "legal"},
		"crime in the neighbourhood":         {pages.KindBlog, "The court sentenced the burglar to two years in prison.", ""},
		"what one person did":                {pages.KindBlog, "I launched my new app on Monday.", ""},
		"what the people of the account did": {pages.KindBlog, "We launched our new app on Monday.", "product_launch"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := eventsOf(m.Match(page(c.kind, own, c.text))); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
