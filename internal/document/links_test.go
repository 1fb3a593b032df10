package document

import (
	"strings"
	"testing"

	"telltale/internal/urls"
)

var plainSeeds = []string{"/", "/a/b-c_d.html", "a", "a/b.html#x", "../a", "./a", "a/./b", "a//b", "//h.example/x", "https://h.example/a~b,c", "http://h.example/",
	"https://h.example", "https://H.example/a", "https://h.example:443/a", "https://1.2.3.4/a", "https://h.example./a", "a:b", "/a:b", "?q", "/a?q=1", "#x", "/a;jsessionid=1",
	"/a%20b", "https://xn--mller-kva.de/a", "https://u@h.example/a", "/.well-known/x", "mailto:a", "/a/..", "/a/.b", "https://h.example/a/(S(abc))/b", "http:a", "https:/a/b", "/(S(lit3py55t21z5v55vlm25s55))/x"}

// TestPlainLinksResolveAsTheStandardDoes holds the short cut to the address rules it goes round.
func TestPlainLinksResolveAsTheStandardDoes(t *testing.T) {
	for _, base := range []string{"https://www.acme.example/a/page", "http://acme.example/", "https://acme.example/a b/c", "https://acme.example:8443/x/", "https://192.0.2.1/x/"} {
		for _, href := range plainSeeds {
			comparePlain(t, href, base)
		}
		for _, origin := range []string{"", "/", "https://h.example/"} { // around the longest address
			for n := urls.MaxLength - 40; n < urls.MaxLength+3; n++ {
				comparePlain(t, origin+strings.Repeat("o", n), base)
			}
		}
	}
}

func FuzzPlainLinks(f *testing.F) {
	for _, s := range plainSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, href string) { comparePlain(t, href, "https://www.acme.example/a/page") })
}

func comparePlain(t *testing.T, href, base string) {
	t.Helper()
	if !followable(href) {
		return
	}
	got, ok := newResolver(base, "").plain(href)
	if !ok {
		return
	}
	if want, err := urls.Canonicalize(href, base); err != nil || got != want {
		t.Errorf("%q on %q: %q, by the standard %q, %v", href, base, got, want, err)
	}
}
