package technology_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/technology"
)

// load builds a matcher from rules as they stand in a file.
func load(t testing.TB, rules string) *technology.Matcher {
	t.Helper()
	set, err := technology.LoadDir(fstest.MapFS{"technologies/a.json": {Data: []byte(rules)}, "categories.json": {Data: []byte(`{"1":{"name":"CMS"}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := technology.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func show(list []technology.Detection) string {
	var out []string
	for _, d := range list {
		out = append(out, fmt.Sprintf("%s %s %d %s", d.Name, d.Version, d.Confidence, d.Kind))
	}
	return strings.Join(out, "; ")
}

func TestEveryFieldOfTheFormatIsRead(t *testing.T) {
	full := &pages.Page{URL: "https://acme.example/shop/?id=7", Domain: "acme.example", FetchedAt: fetched,
		Header: map[string][]string{"Content-Type": {"text/html"}, "X-Thing": {"Thing/4.5"}, "Set-Cookie": {"thing_session=abc-2.1; Path=/"}},
		Body: []byte(`<meta property="og:site_name" content="Thing 9.1"><style>.thing-grid{color:red}</style><p>Made with Thing here</p>
<script src="/js/thing-3.2.1.js"></script><script src="/js/more.js"></script><script>window.Thing={version:"7.7"}</script><div class="a thing-root b" data-thing="8.8">Text 6.6</div>`)}
	for name, c := range map[string]struct{ rule, want string }{
		"headers":                         {`"headers":{"X-Thing":"^Thing/([\\d.]+)\\;version:\\1"}`, "T 4.5 100 header"},
		"headers by presence":             {`"headers":{"x-thing":""}`, "T  100 header"},
		"cookies":                         {`"cookies":{"thing_session":"-([\\d.]+)\\;version:\\1"}`, "T 2.1 100 cookie"},
		"cookies with a star":             {`"cookies":{"thing_*":""}`, "T  100 cookie"},
		"meta by property":                {`"meta":{"og:site_name":["Nothing","Thing ([\\d.]+)\\;version:\\1"]}`, "T 9.1 100 meta"},
		"html":                            {`"html":"<div[^>]+data-thing=\"([\\d.]+)\\;version:\\1"`, "T 8.8 100 html"},
		"scriptSrc":                       {`"scriptSrc":"thing-([\\d.]+)\\.js\\;version:\\1"`, "T 3.2.1 100 scriptSrc"},
		"scripts":                         {`"scripts":"Thing=\\{version:\"([\\d.]+)\\;version:\\1"`, "T 7.7 100 scripts"},
		"url":                             {`"url":"acme\\.example/shop/\\?id=(\\d)\\;version:\\1"`, "T 7 100 url"},
		"text":                            {`"text":"\\bMade with Thing\\b"`, "T  100 text"},
		"css":                             {`"css":"\\.thing-grid"`, "T  100 css"},
		"dom selector":                    {`"dom":"div.thing-root[data-thing]"`, "T  100 dom"},
		"dom attributes":                  {`"dom":{"[class*='thing-root']":{"attributes":{"data-thing":"([\\d.]+)\\;version:\\1"}}}`, "T 8.8 100 dom"},
		"dom text":                        {`"dom":{".thing-root":{"text":"Text ([\\d.]+)\\;version:\\1"}}`, "T 6.6 100 dom"},
		"dom of a script's string":        {`"dom":"[data-nothing]"`, ""},
		"confidence adds up":              {`"html":["data-thing\\;confidence:30","thing-root\\;confidence:40"]`, "T  70 html"},
		"confidence stops at 100":         {`"html":["data-thing\\;confidence:80","thing-root\\;confidence:70"]`, "T  100 html"},
		"a pattern counts once":           {`"scriptSrc":"\\.js\\;confidence:30","html":"thing-root\\;confidence:40"`, "T  70 html"},
		"case is folded, classes are not": {`"html":"MADE\\swith\\sTHING\\S*\\shere"`, "T  100 html"},
	} {
		t.Run(name, func(t *testing.T) {
			m := load(t, `{"T":{"cats":[1],`+c.rule+`}}`)
			if got := show(m.Match(parse(t, full))); got != c.want {
				t.Errorf("got %q, want %q; report %+v", got, c.want, m.Report())
			}
		})
	}
}

func TestDNSAndCertificateRulesReadTheProbe(t *testing.T) {
	m := load(t, `{"T":{"dns":{"MX":"\\.thing\\.example\\.?$","TXT":["thing=([\\d.]+)\\;version:\\1"],"SOA":"soa-thing"},"certIssuer":"Thing CA"}}`)
	probe := &pages.Probe{DNS: pages.DNSFacts{MX: []string{"10 mx.thing.example."}, TXT: []string{"x", "thing=1.5"}}, TLS: &pages.TLSFacts{Issuer: "CN=Thing CA 2"}}
	d := m.Match(parse(t, &pages.Page{URL: "https://acme.example/", Kind: pages.KindProbe, FetchedAt: fetched, Probe: probe}))
	if len(d) != 1 || d[0].Version != "1.5" || d[0].Evidence != "MX 10 mx.thing.example." || d[0].Source != "dns" {
		t.Errorf("%+v", d)
	}
}

func TestAnIssuerCountsOnlyWhereItIsKnownToHaveSigned(t *testing.T) {
	m := load(t, `{"T":{"certIssuer":"Thing CA"}}`)
	for defect, want := range map[pages.CertDefect]int{"": 1, pages.CertExpired: 1, pages.CertSelfSigned: 0, pages.CertUnknownAuthority: 0, pages.CertWrongName: 0, pages.CertUnsound: 0} {
		probe := &pages.Probe{TLS: &pages.TLSFacts{Issuer: "CN=Thing CA 2", Invalid: defect}}
		if d := m.Match(parse(t, &pages.Page{URL: "https://acme.example/", Kind: pages.KindProbe, FetchedAt: fetched, Probe: probe})); len(d) != want {
			t.Errorf("%q: %+v", defect, d)
		}
	}
}

func TestTechnologiesBringRequireAndExcludeOthers(t *testing.T) {
	const base = `"A":{"cats":[1],"html":"alpha-mark"%s},"B":{"cats":[2],"html":"beta-mark"%s},"C":{"cats":[3]%s}`
	for name, c := range map[string]struct{ a, b, c, body, want string }{
		"implies":                         {`,"implies":"C"`, ``, ``, "alpha-mark", "A  100 html; C  100 implied"},
		"implies with less confidence":    {`,"implies":"C\\;confidence:40"`, ``, ``, "alpha-mark", "A  100 html; C  40 implied"},
		"implies in a chain and a circle": {`,"implies":"B"`, `,"implies":"C"`, `,"implies":"A"`, "alpha-mark", "A  100 html; B  100 implied; C  100 implied"},
		"requires, unmet":                 {`,"requires":"B"`, ``, ``, "alpha-mark", ""},
		"requires, met":                   {`,"requires":"B"`, ``, ``, "alpha-mark beta-mark", "A  100 html; B  100 html"},
		"requires a category, unmet":      {`,"requiresCategory":2`, ``, ``, "alpha-mark", ""},
		"requires a category, met":        {`,"requiresCategory":[2]`, ``, ``, "alpha-mark beta-mark", "A  100 html; B  100 html"},
		"excludes":                        {`,"excludes":["B"]`, ``, ``, "alpha-mark beta-mark", "A  100 html"},
		"two that exclude each other":     {`,"excludes":"B"`, `,"excludes":"A"`, ``, "alpha-mark beta-mark", "A  100 html"},
	} {
		t.Run(name, func(t *testing.T) {
			m := load(t, "{"+fmt.Sprintf(base, c.a, c.b, c.c)+"}")
			if got := show(m.Match(parse(t, htmlPage("<p>"+c.body)))); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatCannotBeEvaluatedIsReportedByName(t *testing.T) {
	m := load(t, `{"T":{"html":["good-mark","(?<=look)behind","(?:x(?=ahead))+","(a)\\1",""],"dom":["div > p.thing","p:hover","[unclosed"],"js":{"Thing.version":"","Other":""},"implies":"Nobody"}}`)
	r := m.Report()
	var fields []string
	for _, s := range r.Skipped {
		if s.Technology != "T" || s.Reason == "" {
			t.Errorf("%+v", s)
		}
		fields = append(fields, s.Field)
	}
	slices.Sort(fields)
	if want := []string{"dom", "dom", "html", "html", "html", "implies"}; !slices.Equal(fields, want) {
		t.Errorf("skipped %v, want %v", fields, want)
	}
	if r.NeedsScript["js"] != 2 || r.Technologies != 1 || r.Patterns != 5 {
		t.Errorf("report %+v", r)
	}
	const line = `1 technologies, 5 patterns; 2 need a script engine (js 2), 2 of them read from plain assignments; 6 cannot be read: T html, T dom, T implies`
	if r.String() != line {
		t.Errorf("got %q, want %q", r.String(), line)
	}
}

func TestBadRuleFilesAreNamed(t *testing.T) {
	for name, data := range map[string]string{
		"no JSON": "{", "a list": "[]", "a pattern that is an object": `{"T":{"html":[{"a":1}]}}`, "a category that is a word": `{"T":{"requiresCategory":"x"}}`,
		"a dom rule that is a number": `{"T":{"dom":{"a":3}}}`,
	} {
		_, err := technology.LoadDir(fstest.MapFS{"bad.json": {Data: []byte(data)}})
		if err == nil || !strings.Contains(err.Error(), "bad.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := technology.LoadDir(fstest.MapFS{"readme.md": {}}); err == nil {
		t.Error("a directory without rules is accepted")
	}
	if _, err := technology.New(); err == nil {
		t.Error("a matcher without rules is accepted")
	}
}

func TestOneRuleFileLoadsByItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.json")
	for data, want := range map[string]int{`{"T":{"html":"x-mark"}}`: 1, `{"technologies":{"T":{"cats":[1]},"U":{"cats":[2]}}}`: 2, `{}`: 0} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		rules, err := technology.LoadFile(path)
		if len(rules) != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d technologies, %v", data, len(rules), err)
		}
	}
}

func TestOneMatcherServesManyAtOnce(t *testing.T) {
	m := curated(t)
	doc := parse(t, htmlPage(`<meta name="generator" content="WordPress 6.4.2"><script src="https://js.stripe.com/v3/"></script>`))
	want := show(m.Match(doc))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got := show(m.Match(doc)); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzMatch holds the matcher to its bounds on any page.
func FuzzMatch(f *testing.F) {
	m := curated(f)
	f.Add([]byte(`<script src=//js.stripe.com/v3/></script><div id=grnhse_app data-domain="x.bamboohr.com">`), "nginx/1.2")
	f.Add([]byte("<iframe src=\"https://app.powerbi.com/view\x00\xff"), "\xff")
	f.Fuzz(func(t *testing.T, body []byte, server string) {
		p := htmlPage(string(body))
		p.Header["Server"] = []string{server}
		d, err := document.Parse(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range m.Signals(d) {
			if err := s.Validate(); err != nil {
				t.Error(err)
			}
		}
	})
}

// FuzzRules holds the loader to an error or a matcher that works, whatever a rule file holds.
func FuzzRules(f *testing.F) {
	f.Add([]byte(`{"T":{"cats":[1],"html":["<a[^>]+b\\;version:\\1","(?!x)y"],"headers":{"X":""},"dom":{"div > a":{"attributes":{"href":["x","y"]},"text":"z"}},"js":{"a.b":"c"},"implies":"T"}}`), "<div><a href=x>z</a>")
	f.Add([]byte(`{"technologies":{"T":{"cats":[1],"requires":["U"],"dom":["a","b"]},"U":{"excludes":"T","url":"."}}}`), "<b>")
	f.Add([]byte(`{"T":{"html":[[]],"dom":[{"a":{}}],"probe":{"x":1}}}`), "")
	f.Fuzz(func(t *testing.T, rules []byte, body string) {
		if len(rules) > 4000 || len(body) > 4000 {
			return
		}
		set, err := technology.LoadDir(fstest.MapFS{"a.json": {Data: rules}})
		if err != nil {
			if !strings.Contains(err.Error(), "a.json") && !strings.Contains(err.Error(), "no technologies") {
				t.Errorf("the error names no file: %v", err)
			}
			return
		}
		m, err := technology.New(set)
		if err != nil {
			t.Fatal(err)
		}
		p := htmlPage(body)
		p.Header["Server"], p.Header["Set-Cookie"] = []string{body}, []string{body}
		for _, d := range m.Match(parse(t, p)) {
			if _, known := set[d.Name]; !known || d.Confidence < 1 || d.Confidence > 100 || d.Pattern == "" || d.Evidence == "" || len(d.Version) > 32 {
				t.Errorf("%+v", d)
			}
		}
		if m.Report().String() == "" {
			t.Error("an empty report")
		}
	})
}
