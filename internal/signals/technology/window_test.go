package technology

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"telltale/internal/document"
	"telltale/internal/pages"
)

// Unraced leaves a test to the run without the race detector: thousands of rules, or each of ours on a whole page, take most of a minute
// under it.
func Unraced(t *testing.T) {
	t.Helper()
	if Raced && os.Getenv("TELLTALE_NIGHTLY") == "" {
		t.Skip("make test runs this without the race detector, make nightly with it")
	}
}

// ownMatcher is the matcher of our own rules, made once: under the race detector that takes seconds.
var ownMatcher = sync.OnceValues(func() (*Matcher, error) {
	rules, err := Curated()
	if err != nil {
		return nil, err
	}
	return New(rules)
})

func ours(t testing.TB) *Matcher {
	t.Helper()
	m, err := ownMatcher()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func scanned(m *Matcher, d *document.Document) *scratch {
	s := m.acquire(d)
	s.bodyHits.reset()
	s.m.body.literals.scan(d.Body, &s.bodyHits)
	return s
}

// sampleBody is a page of all samples that stand in a body, far apart and among filler.
func sampleBody(t testing.TB) []byte {
	t.Helper()
	f, err := os.Open("testdata/positives.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	body := strings.Builder{}
	body.WriteString("<p>")
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
	return []byte(body.String())
}

// TestWindowsHideNoMatch runs every pattern of the body both around its literals and on the whole of a page that
// holds the samples, and asks for the same answer.
func TestWindowsHideNoMatch(t *testing.T) {
	Unraced(t)
	m := ours(t)
	doc, err := document.Parse(&pages.Page{URL: "https://acme.example/", Header: map[string][]string{"Content-Type": {"text/html"}}, Body: sampleBody(t)})
	if err != nil {
		t.Fatal(err)
	}
	s := scanned(m, doc)
	short, found := 0, 0
	for i := range m.patterns {
		p := &m.patterns[i]
		if !p.field.long() || p.field == FieldText || !p.windowed {
			continue
		}
		short++
		whole := p.expr.find(doc.Body, 0, len(doc.Body), true)
		got, ok := s.aroundLiterals(doc.Body, &s.bodyHits, p, 0, len(doc.Body))
		if !ok {
			continue // left to a run on the whole
		}
		if (whole == nil) != (got == nil) || whole != nil && whole[0] != got[0] {
			t.Errorf("%s: around its literals %v, on the whole %v", m.id(p), got, whole)
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

func TestTheWindowOfALiteralEndsWhereNoMatchCanGoOn(t *testing.T) {
	for name, c := range map[string]struct{ expr, text, window string }{
		"a tag bounds what stays within it":     {`<link[^>]+wp-mark`, `<p title="something else entirely">a<link rel=q href=/wp-mark/x>b`, `rely">a<link rel=q href=/wp-mark/`},
		"a quote bounds a quoted value":         {`href="[^"]*wp-mark`, `<a title="something else" href="/a/wp-mark/"> y`, ` href="/a/wp-mark/`},
		"a width bounds what has one":           {`ab.{0,3}wp-mark`, `0123456789012345678901234567890123456789012345678901ab123wp-mark789`, `2345678901ab123wp-mark7`},
		"anything at all leaves the whole text": {`a[^x]*[x]*wp-mark`, `xx a yy wp-mark zz`, `xx a yy wp-mark `},
		"a line bounds a dot":                   {`a.*wp-mark`, "xx\na yy of no little length wp-mark\nzz", "x\na yy of no little length wp-mark\n"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := New(Rules{"T": {HTML: strs{c.expr}}})
			if err != nil {
				t.Fatal(err)
			}
			s := scanned(m, &document.Document{Body: []byte(c.text)})
			best := s.rarest(&s.bodyHits, &m.patterns[0])
			if best == nil || len(s.around) != 1 {
				t.Fatalf("places %v", s.around)
			}
			w := s.window(s.doc.Body, best, int(s.around[0]), 0, len(c.text))
			if got := c.text[w.lo:w.hi]; got != c.window {
				t.Errorf("window %q, want %q", got, c.window)
			}
			if at := s.findBetween(&m.patterns[0], 0, len(c.text)); at == nil {
				t.Error("not found")
			}
		})
	}
}

// TestPlacesOfOnePageAreNotThoseOfTheNext matches a short page after a long one with the same working memory.
func TestPlacesOfOnePageAreNotThoseOfTheNext(t *testing.T) {
	m, err := New(Rules{"T": {HTML: strs{"<b (?:alpha|omega)-mark>"}}})
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]int{strings.Repeat("x", 100_000) + "<b alpha-mark>": 100_000, "<b omega-mark>": 0} {
		s := scanned(m, &document.Document{Body: []byte(body)})
		if at := s.findBetween(&m.patterns[0], 0, len(body)); at == nil || at[0] != want {
			t.Errorf("found at %v, want %d", at, want)
		}
		m.release(s)
	}
}

// TestHostilePagesCostLittle counts the work, not the time: the bytes patterns are run on.
func TestHostilePagesCostLittle(t *testing.T) {
	m := ours(t)
	const lits = "player.vimeo.com/video/ app.powerbi.com/view www.youtube.com/embed/ list-manage.com/subscribe data-reactroot ng-version= <iframe src= <link href= /wp-content/ /bootstrap .css "
	for _, unit := range []string{"<", "<iframe ", "<link href='/wp-content/", lits} {
		body := []byte(lits + strings.Repeat(unit, (2<<20)/len(unit)))
		doc, err := document.Parse(&pages.Page{URL: "https://acme.example/", Header: map[string][]string{"Content-Type": {"text/html"}}, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		m.Match(doc)
		s := scanned(m, doc)
		s.inBody()
		if s.whole > 2*maxWhole || s.texts > 2*maxTexts || s.steps > maxSteps+1 {
			t.Errorf("%q: %d bytes without a bound, %d of text, %d steps", unit, s.whole, s.texts, s.steps)
		}
	}
	unlimited := 0
	for i := range m.patterns {
		p := &m.patterns[i]
		if p.field.long() && !slices.ContainsFunc(p.clauses, func(c filed) bool { return finite(c.left) && finite(c.right) }) {
			unlimited++
			t.Log(m.id(p))
		}
	}
	if unlimited > 4 {
		t.Errorf("%d of our own patterns have no bound", unlimited)
	}
}

// FuzzAPatternMatchesAsOnTheWhole asks of a pattern on html, however it is found and windowed, what its expression
// says of the whole page.
func FuzzAPatternMatchesAsOnTheWhole(f *testing.F) {
	f.Add(`<link[^>]+(?:alpha|beta)-mark\b`, `<p>alpha-mark</p><link rel=x href="/Beta-Mark">`)
	f.Add(`^abc[\s\S]*def$|\bghi.*?jkl`, "abc\nghi jkl def")
	f.Add(`(?:one[^"]{0,9}two|<a[^>]+three)four(?!five)`, `one x twofour<a href="three">threefour`)
	f.Fuzz(func(t *testing.T, expr, body string) {
		if len(expr) > 200 || len(body) > 4000 || len(body) == 0 || strings.ContainsAny(body, "\u212a\u017f") || strings.Contains(expr, `\;`) {
			return
		}
		whole, _, err := compile(expr)
		if err != nil || expr == "" {
			return
		}
		m, err := New(Rules{"T": {HTML: strs{expr}}})
		if err != nil {
			t.Fatal(err)
		}
		s := scanned(m, &document.Document{Body: []byte(body)})
		s.inBody()
		if _, found := s.found[0]; found != (whole.find([]byte(body), 0, len(body), false) != nil) {
			t.Errorf("%q on %q: found %v", expr, body, found)
		}
	})
}
