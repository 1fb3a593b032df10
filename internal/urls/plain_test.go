package urls

import (
	"testing"

	"pgregory.net/rapid"
)

// same compares the short way with the parser's.
func same(t interface{ Fatalf(string, ...any) }, raw, base string) {
	got, ok := plain(raw, base)
	if !ok {
		return
	}
	if want, err := settle(raw, base); err != nil || got != want {
		t.Fatalf("plain(%q, %q) = %q; the parser gives %q, %v", raw, base, got, want, err)
	}
}

func TestPlainAddressesTakeTheShortWay(t *testing.T) {
	for _, c := range []struct {
		name, raw, base, want string
		short                 bool
	}{
		{"an address that is canonical", "https://www.example.com/a/b-c_d.html", "", "https://www.example.com/a/b-c_d.html", true},
		{"a host alone", "http://example.com", "", "http://example.com/", true},
		{"a rooted path", "/a?b=1", "https://example.com/x?y#z", "https://example.com/a?b=1", true},
		{"a fragment", "https://example.com/a#b c", "", "https://example.com/a", true},
		{"tracking parameters", "https://example.com/a?utm_source=x&b=2&a=1", "", "https://example.com/a?a=1&b=2", true},
		{"a query without a path", "https://example.com?a=1", "", "https://example.com/?a=1", true},
		{"a port", "https://example.com:443/", "", "https://example.com/", false},
		{"a path without a root", "a", "https://example.com/b/c", "https://example.com/b/a", false},
		{"a link without scheme", "//example.org/", "https://example.com/", "https://example.org/", false},
		{"dot segments", "https://example.com/a/../b", "", "https://example.com/b", false},
		{"an encoded name", "https://xn--mller-kva.de/", "", "https://xn--mller-kva.de/", false},
		{"an address in numbers", "http://127.0.0.1/", "", "http://127.0.0.1/", false},
		{"an address in hexadecimal", "http://a.0xff/", "", "", false},
		{"a session id in the path", "https://example.com/a;sid=1", "", "https://example.com/a", false},
		{"a space at the end", "https://example.com/a ", "", "https://example.com/a", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, short := plain(c.raw, c.base); short != c.short {
				t.Errorf("short way: %v", short)
			}
			if got, err := Canonicalize(c.raw, c.base); got != c.want || (err != nil) != (c.want == "") {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
			same(t, c.raw, c.base)
		})
	}
}

func TestTheShortWayEndsWhereTheParserDoes(t *testing.T) {
	host := rapid.StringMatching(`(https?|HTTP)://([a-z0-9-]{1,5}\.){0,3}[a-z0-9x-]{1,4}\.?(:80|:8080)?`)
	rest := rapid.StringMatching(`([/?#&=;:%+~.,@!a-zA-Z0-9é|^ -]|utm_x|sid=|%2e|\.\.){0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		base := host.Draw(t, "base") + "/" + rest.Draw(t, "in base")
		same(t, host.Draw(t, "host")+rest.Draw(t, "rest"), "")
		same(t, "/"+rest.Draw(t, "path"), base)
		same(t, rest.Draw(t, "link"), base)
	})
}

func FuzzPlain(f *testing.F) {
	f.Add("https://example.com/a?b=1&utm_source=c#d", "")
	f.Add("/a/b.c?d", "https://www.example.co.uk/x/y?z")
	f.Add("http://a-b.c1.de?x=%2e&y=/", "")
	f.Fuzz(func(t *testing.T, raw, base string) { same(t, raw, base) })
}

func BenchmarkCanonicalize(b *testing.B) {
	const raw = "https://www.example.com/blog/2026/11/notes-on-pallets?page=2"
	for name, canonicalize := range map[string]func(string, string) (string, error){"short": Canonicalize, "parser": settle} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got, err := canonicalize(raw, ""); err != nil || got != raw {
					b.Fatal(got, err)
				}
			}
		})
	}
}
