package urls_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"telltale/internal/urls"
)

func TestCanonicalizeWritesOnePageOneWay(t *testing.T) {
	for _, c := range []struct{ name, raw, base, want string }{
		{"scheme and host go to lower case", "HTTP://WWW.Example.COM/A", "", "http://www.example.com/A"},
		{"an empty path becomes a slash", "https://example.com", "", "https://example.com/"},
		{"a default port is dropped", "https://example.com:443/a", "", "https://example.com/a"},
		{"another port is kept", "http://example.com:8080/a", "", "http://example.com:8080/a"},
		{"a fragment is dropped", "https://example.com/a#top", "", "https://example.com/a"},
		{"user info is dropped", "https://joe:secret@example.com/", "", "https://example.com/"},
		{"the root label's dot is dropped", "https://example.com./a", "", "https://example.com/a"},
		{"dot segments are resolved", "https://example.com/a/./b/../c", "", "https://example.com/a/c"},
		{"percent-encoded dot segments are resolved", "https://example.com/a/%2e%2e/c", "", "https://example.com/c"},
		{"a backslash is a slash", `https:\\example.com\a`, "", "https://example.com/a"},
		{"white space around and within is removed", " https://example.com/a\n b ", "", "https://example.com/a%20b"},
		{"an international name is written in ASCII", "https://müller.de/ü", "", "https://xn--mller-kva.de/%C3%BC"},
		{"an address in hexadecimal is written in dots", "http://0x7f.1/", "", "http://127.0.0.1/"},
		{"an IPv6 address is compressed", "http://[2001:DB8:0:0:0:0:0:1]/", "", "http://[2001:db8::1]/"},
		{"a relative link resolves against its base", "../c?x=1", "https://example.com/a/b/d", "https://example.com/a/c?x=1"},
		{"a link without scheme takes the base's", "//other.example/a", "https://example.com/", "https://other.example/a"},
		{"a query alone replaces the query", "?b=2", "https://example.com/a?c=1", "https://example.com/a?b=2"},
		{"an empty link is its base", "", "https://example.com/a?c=1#x", "https://example.com/a?c=1"},
		{"tracking parameters are dropped", "https://example.com/?utm_source=x&id=3&gclid=1&FBCLID=2", "", "https://example.com/?id=3"},
		{"an encoded tracking name is seen through", "https://example.com/?%75tm_source=x", "", "https://example.com/"},
		{"session ids are dropped", "https://example.com/a;jsessionid=AB12?PHPSESSID=1&sid=2&q=3", "", "https://example.com/a?q=3"},
		{"a session id that hides dots is seen through", "https://example.com/a/..;sid=1", "", "https://example.com/"},
		{"named values are sorted", "https://example.com/?b=2&a=1", "", "https://example.com/?a=1&b=2"},
		{"values of one name keep their order", "https://example.com/?b=2&a=2&a=1", "", "https://example.com/?a=2&a=1&b=2"},
		{"a query of bare words keeps its order", "https://example.com/?page/2&a=1", "", "https://example.com/?page/2&a=1"},
		{"an empty query is dropped", "https://example.com/a?", "", "https://example.com/a"},
		{"empty parts of a query are dropped", "https://example.com/?&&a=1&", "", "https://example.com/?a=1"},
		{"percent encoding in the path is left alone", "https://example.com/%7Ejoe/%2f", "", "https://example.com/%7Ejoe/%2f"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := urls.Canonicalize(c.raw, c.base)
			if err != nil || got != c.want {
				t.Fatalf("Canonicalize(%q, %q) = %q, %v; want %q", c.raw, c.base, got, err, c.want)
			}
		})
	}
}

func TestCanonicalizeRefuses(t *testing.T) {
	for _, c := range []struct {
		name, raw, base string
		want            error
	}{
		{"text that is no URL", "no url", "", urls.ErrInvalid},
		{"nothing at all", "", "", urls.ErrInvalid},
		{"a host that is a forbidden word", "http://exa mple.com/", "", urls.ErrInvalid},
		{"a port that is no port", "http://example.com:99999/", "", urls.ErrInvalid},
		{"an address that is none", "http://1.2.3.4.5/", "", urls.ErrInvalid},
		{"mail", "mailto:joe@example.com", "https://example.com/", urls.ErrRefused},
		{"script", "javascript:alert(1)", "https://example.com/", urls.ErrRefused},
		{"a file", "file:///etc/passwd", "", urls.ErrRefused},
		{"more than 2,048 bytes", "https://example.com/" + strings.Repeat("a", 2048), "", urls.ErrRefused},
		{"a very long text", "https://example.com/" + strings.Repeat("a", 1<<20), "", urls.ErrRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := urls.Canonicalize(c.raw, c.base); !errors.Is(err, c.want) {
				t.Fatalf("Canonicalize(%.40q) = %q, %v; want an error of kind %v", c.raw, got, err, c.want)
			}
		})
	}
}

func TestSitesFollowThePublicSuffixList(t *testing.T) {
	for _, c := range []struct {
		url, domain string
		same        bool
	}{
		{"https://www.example.co.uk/a", "example.co.uk", true},
		{"https://example.co.uk:8443/a", "example.co.uk", true},
		{"https://www.example.co.uk/a", "co.uk", false},
		{"https://blog.github.io/", "blog.github.io", true},
		{"http://127.0.0.1:8080/", "127.0.0.1", true},
		{"http://[2001:db8::1]:80/", "2001:db8::1", true},
		{"http://localhost/", "localhost", true},
		{"https://notexample.com/", "example.com", false},
		{"https://example.com/", "", false},
	} {
		if got := urls.SameSite(c.url, c.domain); got != c.same {
			t.Errorf("SameSite(%q, %q) = %v; its registrable domain is %q", c.url, c.domain, got, urls.RegistrableDomain(c.url))
		}
	}
}

func TestOriginSplitsHostAndRest(t *testing.T) {
	for _, c := range [][3]string{
		{"https://example.com/a?b", "https://example.com", "/a?b"},
		{"http://example.com:8080/", "http://example.com:8080", "/"},
		{"http://example.com", "http://example.com", "/"},
		{"http://example.com?x=/y", "http://example.com", "/?x=/y"},
	} {
		if origin, rest := urls.Origin(c[0]); origin != c[1] || rest != c[2] {
			t.Errorf("Origin(%q) = %q, %q", c[0], origin, rest)
		}
	}
}

func TestTrapKnowsEndlessSpaces(t *testing.T) {
	for _, c := range []struct {
		name, url string
		want      urls.TrapReason
	}{
		{"a plain article is none", "https://example.com/blog/2024/05/12/title", ""},
		{"an event's own page is none", "https://example.com/events/summer-party", ""},
		{"two equal segments are none", "https://example.com/en/about/en", ""},
		{"a segment three times", "https://example.com/a/x/a/y/a", urls.TrapRepeated},
		{"a run that repeats", "https://example.com/shop/de/shop/de/", urls.TrapRepeated},
		{"thirteen segments", "https://example.com/1/2/3/4/5/6/7/8/9/10/11/12/13", urls.TrapDepth},
		{"a long address", "https://example.com/" + strings.Repeat("a", 1100), urls.TrapLength},
		{"a month of a calendar", "https://example.com/calendar/2031-07", urls.TrapCalendar},
		{"a day of an agenda", "https://example.com/events/day/2031-07-01/", urls.TrapCalendar},
		{"a calendar's parameters", "https://example.com/x?month=3&year=2040", urls.TrapCalendar},
		{"a date below events", "https://example.com/events/?day=2040-01-01", urls.TrapCalendar},
		{"facets", "https://example.com/?a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9", urls.TrapParams},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := urls.Trap(c.url); got != c.want {
				t.Fatalf("Trap(%.60q) = %q, want %q", c.url, got, c.want)
			}
		})
	}
}

// checkCanonical holds whatever Canonicalize accepts to its promises.
func checkCanonical(t interface {
	Fatalf(string, ...any)
}, raw, base string) {
	first, err := urls.Canonicalize(raw, base)
	if err != nil {
		return
	}
	second, err := urls.Canonicalize(first, "")
	if err != nil || second != first {
		t.Fatalf("not idempotent: %q gives %q, then %q, %v", raw, first, second, err)
	}
	if len(first) > urls.MaxLength || strings.ContainsAny(first, "# \t\r\n") {
		t.Fatalf("%q gives %q", raw, first)
	}
	if !strings.HasPrefix(first, "http://") && !strings.HasPrefix(first, "https://") {
		t.Fatalf("%q gives %q", raw, first)
	}
	if urls.Host(first) == "" || urls.RegistrableDomain(first) == "" {
		t.Fatalf("%q gives %q, which has no host", raw, first)
	}
	origin, rest := urls.Origin(first)
	if origin+rest != first {
		t.Fatalf("%q splits into %q and %q", first, origin, rest)
	}
	urls.Trap(first)
}

func TestCanonicalizeIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.SampledFrom([]string{"example.com", "EXAMPLE.com.", "müller.de", "1.2.3.4", "[::1]", "a.b.co.uk:443"}).Draw(t, "host")
		piece := rapid.StringMatching(`(/|\.\.|\.|;sid=|;|%2e|%|[a-z ?&=#\\|^"ü]|utm_x=1|sid=){0,12}`)
		raw := rapid.SampledFrom([]string{"http://", "https://", "HTTPS:"}).Draw(t, "scheme") + host + "/" + piece.Draw(t, "rest")
		checkCanonical(t, raw, "")
		checkCanonical(t, piece.Draw(t, "relative"), "https://example.com/a/b?c=d")
		checkCanonical(t, rapid.String().Draw(t, "anything"), "https://example.com/a")
	})
}

func FuzzCanonicalize(f *testing.F) {
	for _, seed := range []string{
		"https://example.com/a?b=1&utm_source=x#y", "http://0x7f.1/..;sid=1/", "//[::1]:80/%zz", "http://ex%41mple.com", "?;&=&&",
		"https://xn--a.com/", "http:\\\\a\\b", "\x00http://a", "http://a/\xff\xfe",
	} {
		f.Add(seed, "https://example.com/a/b")
		f.Add(seed, "")
	}
	f.Fuzz(func(t *testing.T, raw, base string) { checkCanonical(t, raw, base) })
}
