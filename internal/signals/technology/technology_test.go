package technology_test

import (
	"bufio"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals/technology"
)

var fetched = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// ownMatcher is the matcher of our own rules, made once: under the race detector that takes seconds.
var ownMatcher = sync.OnceValues(func() (*technology.Matcher, error) {
	rules, err := technology.Curated()
	if err != nil {
		return nil, err
	}
	return technology.New(rules)
})

func curated(t testing.TB) *technology.Matcher {
	t.Helper()
	m, err := ownMatcher()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func htmlPage(body string) *pages.Page {
	return &pages.Page{Domain: "acme.example", URL: "https://acme.example/", Status: 200, FetchedAt: fetched,
		Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(body)}
}

func parse(t testing.TB, p *pages.Page) *document.Document {
	t.Helper()
	d, err := document.Parse(p)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sample is one line of testdata/positives.txt.
type sample struct{ name, where, what, version string }

func samples(t *testing.T) []sample {
	t.Helper()
	f, err := os.Open("testdata/positives.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []sample
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if line := sc.Text(); line != "" && line[0] != '#' {
			parts := strings.Split(line, " | ")
			if len(parts) < 3 {
				t.Fatalf("bad sample: %s", line)
			}
			s := sample{name: parts[0], where: parts[1], what: parts[2]}
			if len(parts) > 3 {
				s.version = parts[3]
			}
			out = append(out, s)
		}
	}
	return out
}

// page puts a sample where it belongs.
func (s sample) page(t *testing.T) *pages.Page {
	t.Helper()
	p := htmlPage("<title>Acme</title><p>Pumps.</p>")
	where, key, _ := strings.Cut(s.where, " ")
	switch where {
	case "dns":
		facts := &pages.Probe{}
		for name, list := range map[string]*[]string{"MX": &facts.DNS.MX, "TXT": &facts.DNS.TXT, "NS": &facts.DNS.NS,
			"CNAME": &facts.DNS.CNAME, "DMARC": &facts.DNS.DMARC} {
			if name == key {
				*list = []string{s.what}
			}
		}
		p.Kind, p.Probe, p.Body = pages.KindProbe, facts, nil
	case "cert":
		p.Kind, p.Probe, p.Body = pages.KindProbe, &pages.Probe{TLS: &pages.TLSFacts{Issuer: s.what}}, nil
	case "header":
		p.Header.Set(key, s.what)
	case "cookie":
		p.Header.Set("Set-Cookie", s.what+"=s3cret; Path=/; HttpOnly")
	case "meta":
		p.Body = []byte(`<meta name="` + key + `" content="` + s.what + `">`)
	case "script":
		p.Body = []byte(`<script src="` + strings.ReplaceAll(s.what, "&", "&amp;") + `"></script>`)
	case "inline":
		p.Body = []byte("<script>" + s.what + "</script>")
	case "html":
		p.Body = []byte("<p>Pumps.</p>" + s.what + "<p>More</p>")
	default:
		t.Fatalf("sample of nowhere: %+v", s)
	}
	return p
}

func TestEveryTechnologyIsFoundInItsSamples(t *testing.T) {
	m := curated(t)
	seen := map[string]bool{}
	for _, s := range samples(t) {
		seen[s.name] = true
		t.Run(s.name+" by "+s.where, func(t *testing.T) {
			found := m.Match(parse(t, s.page(t)))
			for _, d := range found {
				if d.Name == s.name {
					if d.Version != s.version {
						t.Errorf("version %q, want %q", d.Version, s.version)
					}
					if d.Confidence < 50 || d.Evidence == "" || d.Pattern == "" || d.Source == "" {
						t.Errorf("incomplete: %+v", d)
					}
					if strings.Contains(d.Evidence, "s3cret") {
						t.Errorf("a cookie's value is in the evidence: %s", d.Evidence)
					}
					return
				}
			}
			t.Errorf("not found in %q; found %v", s.what, found)
		})
	}
	implied := map[string]bool{"Windows Server": true, "Node.js": true}
	for _, name := range m.Names() {
		if !seen[name] && !implied[name] {
			t.Errorf("%s has no sample", name)
		}
	}
}

func TestAPageReadAgainQuotesTheSameField(t *testing.T) {
	m := curated(t)
	page := htmlPage("<p>hello</p>")
	page.Header = http.Header{"Server": {"Vercel"}, "X-Vercel-Id": {"fra1::abc"}, "X-Vercel-Cache": {"HIT"}, "Content-Type": {"text/html"}}
	quoted := map[string]bool{}
	for range 50 {
		for _, s := range m.Signals(parse(t, page)) {
			if s.Name == "Vercel" {
				quoted[s.Evidence] = true
			}
		}
	}
	if len(quoted) != 1 {
		t.Errorf("fifty readings quote %v", quoted)
	}
}

func TestEveryCuratedPatternCompiles(t *testing.T) {
	r := curated(t).Report()
	for _, s := range r.Skipped {
		t.Errorf("%s %s %q: %s", s.Technology, s.Field, s.Pattern, s.Reason)
	}
	if r.Technologies < 110 {
		t.Errorf("only %d technologies", r.Technologies)
	}
	t.Logf("%d technologies, %d patterns, %d literals, %d unfiltered", r.Technologies, r.Patterns, r.Literals, r.Unfiltered)
}
