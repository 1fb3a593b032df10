package technology

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"telltale/internal/document"
	"telltale/internal/pages"
)

// TestWindowsHideNoMatch runs every pattern of the body both around its literals and on the whole of
// pages that hold the samples, far apart and among filler, and asks for the same answer.
func TestWindowsHideNoMatch(t *testing.T) {
	rules, err := Curated()
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("testdata/positives.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var body strings.Builder
	filler := strings.Repeat(`<div class="row"><a href="/über/uns" title="Größe">x</a></div>`, 4)
	for sc := bufio.NewScanner(f); sc.Scan(); {
		parts := strings.Split(sc.Text(), " | ")
		switch {
		case len(parts) > 2 && parts[1] == "html":
			body.WriteString(filler + parts[2])
		case len(parts) > 2 && parts[1] == "inline":
			body.WriteString("<script>" + filler + parts[2] + filler + "</script>")
		}
	}
	doc, err := document.Parse(&pages.Page{URL: "https://acme.example/", Header: map[string][]string{"Content-Type": {"text/html"}}, Body: []byte("<p>" + body.String())})
	if err != nil {
		t.Fatal(err)
	}
	s := m.acquire(doc)
	s.scanBody()
	short, found := 0, 0
	for i := range m.patterns {
		p := &m.patterns[i]
		if p.field != FieldHTML && p.field != FieldScripts || p.reach == 0 {
			continue
		}
		short++
		whole := p.re.FindIndex(doc.Body)
		got := s.find(p)
		if (whole == nil) != (got == nil) || whole != nil && whole[0] != got[0] {
			t.Errorf("%s: around its literals %v, on the whole %v", p.id, got, whole)
		}
		if got != nil {
			found++
		}
	}
	if found < 40 || short < 90 {
		t.Errorf("only %d of %d patterns matched", found, short)
	}
	t.Logf("%d patterns run around their literals, %d matched", short, found)
}

// TestPlacesOfOnePageAreNotThoseOfTheNext matches a short page after a long one with the same working memory.
func TestPlacesOfOnePageAreNotThoseOfTheNext(t *testing.T) {
	set := Rules{"T": {HTML: strs{"<b (?:alpha|omega)-mark>"}}}
	m, err := New(set)
	if err != nil {
		t.Fatal(err)
	}
	s := m.acquire(&document.Document{Body: []byte(strings.Repeat("x", 100_000) + "<b alpha-mark>")})
	s.scanBody()
	if at := s.find(&m.patterns[0]); at == nil || at[0] != 100_000 {
		t.Fatalf("found at %v", at)
	}
	s.doc = &document.Document{Body: []byte("<b omega-mark>")}
	s.scanBody()
	if at := s.find(&m.patterns[0]); at == nil || at[0] != 0 {
		t.Errorf("found at %v", at)
	}
}

// TestHostilePagesCostLittle counts the work, not the time: the bytes patterns are run on.
func TestHostilePagesCostLittle(t *testing.T) {
	rules, err := Curated()
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	const lits = "player.vimeo.com/video/ app.powerbi.com/view www.youtube.com/embed/ list-manage.com/subscribe data-reactroot ng-version= <iframe src= <link href= /wp-content/ /bootstrap .css "
	for _, unit := range []string{"<", "<iframe ", "<link href='/wp-content/", lits} {
		doc := &document.Document{URL: "https://acme.example/", Body: []byte(lits + strings.Repeat(unit, (2<<20)/len(unit)))}
		s := m.acquire(doc)
		s.scanBody()
		for _, n := range append([]int32(nil), s.pick(FieldHTML, "")...) {
			total := 0
			for _, w := range s.windows(&m.patterns[n], len(doc.Body)) {
				total += w.hi - w.lo
			}
			if p := &m.patterns[n]; p.reach > 0 && total > maxWindows+2*maxReach {
				t.Errorf("%q: %s is run on %d bytes", unit, p.id, total)
			}
		}
		m.Match(doc)
	}
	unbounded := 0
	for i := range m.patterns {
		if f := m.patterns[i].field; (f == FieldHTML || f == FieldScripts) && m.patterns[i].reach == 0 {
			unbounded++
		}
	}
	if unbounded > 4 {
		t.Errorf("%d of our own patterns have no bound", unbounded)
	}
}
