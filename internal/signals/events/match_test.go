package events

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals"
	"telltale/internal/signals/phrase"
)

func page(kind pages.Kind, texts ...string) *document.Document {
	d := &document.Document{Domain: "harwick-foods.example", Kind: kind}
	for _, s := range texts {
		d.Blocks = append(d.Blocks, document.Block{Text: s})
	}
	return d
}

func eventsOf(hits []Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Event)
	}
	return strings.Join(out, " ")
}

func TestTheAccountMustBeTheSubject(t *testing.T) {
	m := matcher(t)
	for name, tc := range map[string]struct {
		doc  *document.Document
		want string
	}{
		"the account by name":            {page(pages.KindPress, "Harwick Foods opens a new warehouse in Leeds."), "facility"},
		"the account as we":              {page(pages.KindBlog, "We are opening a new warehouse in Leeds."), "facility"},
		"another company by name":        {page(pages.KindBlog, "Harwick Foods makes soup.", "Fenwick opens a new warehouse in Leeds."), ""},
		"a news site that names neither": {page(pages.KindBlog, "Fenwick opens a new warehouse in Leeds."), ""},
		"a press wire":                   {page(pages.KindPress, "Fenwick opens a new warehouse in Leeds."), "facility"},
		"a legal page":                   {page(pages.KindLegal, "We are opening a new warehouse in Leeds."), ""},
		"a careers page, of hiring":      {page(pages.KindCareers, "We are hiring 40 drivers for our new warehouse in Leeds."), "hiring"},
		"a careers page, of anything":    {page(pages.KindCareers, "We are opening a new warehouse in Leeds."), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := eventsOf(m.Match(tc.doc)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestSumsOfMoneyAreRead(t *testing.T) {
	m := matcher(t)
	for text, want := range map[string]Amount{
		"We raised $18 million in a Series B round.":                           {18e6, "USD"},
		"We closed a seed round of €4.5m.":                                     {4.5e6, "EUR"},
		"Wir investieren 1,2 Mio. Euro in eine neue Halle.":                    {1.2e6, "EUR"},
		"We are investing 1.250.000 euros in a new production line.":           {1250000, "EUR"},
		"In 2026 we secured a loan of £2bn from the bank.":                     {2e9, "GBP"},
		"We raised a Series A round in 2026 with 14 investors from 3 regions.": {},
	} {
		hits := m.Text(text, "")
		if len(hits) == 0 || hits[0].Amount != want {
			t.Errorf("%s: %+v, want %+v", text, hits, want)
		}
	}
}

func TestABadLexiconIsRefused(t *testing.T) {
	for _, y := range []string{"events: [{name: birthday, strength: 1, patterns: [cake]}]", "events: [{name: award, patterns: [cake]}]", "colour: red"} {
		if _, err := Read([]byte(y)); !errors.Is(err, ErrLexicon) {
			t.Errorf("Read(%q) = %v, want ErrLexicon", y, err)
		}
	}
	l, err := Read([]byte("events: [{name: award, strength: 1, patterns: ['(cake']}]"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(l); !errors.Is(err, phrase.ErrPattern) {
		t.Errorf("New = %v, want ErrPattern", err)
	}
}

func FuzzMatch(f *testing.F) {
	m := matcher(f)
	for _, s := range []string{"We raised $18m.", "Kestrel will cut 300 jobs \xff", "£1.2.3,4 billion loan from the bank", strings.Repeat("acquired ", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, h := range m.Match(page(pages.KindPress, text)) {
			if h.Evidence == "" || utf8.RuneCountInString(h.Evidence) > signals.MaxEvidence || h.Confidence > 1 || h.Amount.Value < 0 {
				t.Fatalf("hit %+v", h)
			}
		}
	})
}

func BenchmarkMatchProse(b *testing.B) {
	m := matcher(b)
	doc := page(pages.KindBlog, "We are opening a new warehouse in Leeds. "+strings.Repeat("A long story of soup, salt and spoons follows. ", 200))
	b.SetBytes(int64(len(doc.Blocks[0].Text)))
	b.ReportAllocs()
	for b.Loop() {
		m.Match(doc)
	}
}

func TestAPersonMayBeTheSubjectOfALeadershipChange(t *testing.T) {
	m := matcher(t)
	for _, text := range []string{
		"Maria Lopez joins Harwick Foods as Chief Financial Officer.",
		"Maria Lopez has been appointed managing director.",
		"Jana Krüger wird neue Geschäftsführerin.",
		"Last week Tom Reed joined us as head of engineering.",
	} {
		if got := eventsOf(m.Match(page(pages.KindPress, "Harwick Foods makes soup.", text))); got != "leadership_change" {
			t.Errorf("%s: got %q", text, got)
		}
	}
	for _, text := range []string{"Die Fertigung wird im Mai in unser neues Werk verlagert.", "Employees will move into our new office in June."} {
		if got := eventsOf(m.Match(page(pages.KindBlog, "Harwick Foods makes soup.", text))); got != "facility" {
			t.Errorf("%s: got %q", text, got)
		}
	}
}
