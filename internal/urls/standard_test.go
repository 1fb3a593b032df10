package urls_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"telltale/internal/urls"
)

// What the URL Standard makes of addresses (url.spec.whatwg.org; its tests are web-platform-tests' urltestdata),
// with our policy on top. An empty want is a refusal.
func TestAddressesAreReadByTheURLStandard(t *testing.T) {
	const base = "http://example.org/foo/bar"
	for _, c := range []struct{ raw, base, want string }{
		{"http://example\t.\norg", base, "http://example.org/"},
		{"http://user:pass@foo:21/bar;par?b#c", base, "http://foo:21/bar;par?b"},
		{"http:foo.com", base, "http://example.org/foo/foo.com"},
		{"https:foo.com", base, "https://foo.com/"},
		{"\t   :foo.com   \n", base, "http://example.org/foo/:foo.com"},
		{" foo.com  ", base, "http://example.org/foo/foo.com"},
		{"http://f:00000000000080/c", base, "http://f/c"},
		{"http://f:0/c", base, "http://f:0/c"},
		{"http://f:b/c", base, ""},
		{"http://f: /c", base, ""},
		{"http://f:65536/c", base, ""},
		{"http://f:\n/c", base, "http://f/c"},
		{"http://f:fifty-two/c", base, ""},
		{"  \t", base, "http://example.org/foo/bar"},
		{":a", base, "http://example.org/foo/:a"},
		{":", base, "http://example.org/foo/:"},
		{"#", base, "http://example.org/foo/bar"},
		{"/", base, "http://example.org/"},
		{`\x`, base, "http://example.org/x"},
		{`http:\\x:hello`, base, ""},
		{"//", base, ""},
		{"//foo/bar", base, "http://foo/bar"},
		{"http://foo/path;a??e#f#g", base, "http://foo/path;a??e"},
		{"http://foo/abcd#foo?bar", base, "http://foo/abcd"},
		{"[61:24:74]:98", base, "http://example.org/foo/[61:24:74]:98"},
		{"http:[61:27]/:foo", base, "http://example.org/foo/[61:27]/:foo"},
		{"http://[1::2]:3:4", base, ""},
		{"http://2001::1", base, ""},
		{"http://[::127.0.0.1]", base, "http://[::7f00:1]/"},
		{"http://[0:0:0:0:0:0:13.1.68.3]", base, "http://[::d01:4403]/"},
		{"http://[www.google.com]/", "", ""},
		{"http://[google.com]", "", ""},
		{"http://[::1%eth0]/", "", ""},
		{"http://192.0x00A80001", base, "http://192.168.0.1/"},
		{"http://192.168.0.257", base, ""},
		{"http://0300.0250.01.01/", base, "http://192.168.1.1/"},
		{"http://3232235777/", base, "http://192.168.1.1/"},
		{"http://１９２.１６８.０.１/", base, "http://192.168.0.1/"},
		{"http://%30%78%63%30%2e%30%32%35%30.01", base, "http://192.168.0.1/"},
		{"http://Goo%20 goo%7C|.com", base, ""},
		{"http://GOO \u200b\u2060\ufeffgoo.com", base, ""},
		{"http://GOO\u200b\u2060\ufeffgoo.com", base, "http://googoo.com/"},
		{"http://www.foo。bar.com", base, "http://www.foo.bar.com/"},
		{"http://Ｇｏ.com", base, "http://go.com/"},
		{"http://你好你好", base, "http://xn--6qqa088eba/"},
		{"https://faß.ExAmPlE/", "", "https://xn--fa-hia.example/"},
		{"http://ho%20st/", "", ""},
		{"http://ho<st/", "", ""},
		{"http://a_b.example/", "", "http://a_b.example/"},
		{"https://x/ ?%DF\u9999#\u00e9", "", "https://x/%20?%DF%E9%A6%99"},
		{"/a%20b c\u0001\u007f\"<>`{}", base, "http://example.org/a%20b%20c%01%7F%22%3C%3E%60%7B%7D"},
		{"/a/%2e%2E/%2e/b", base, "http://example.org/b"},
		{"/..//../a/./", base, "http://example.org/a/"},
		{"?'\"<>", base, "http://example.org/foo/bar?%27%22%3C%3E"},
		{"http://host/?\xffx", "", "http://host/?%EF%BF%BDx"},
		{"ssh://example.com/foo", "", ""},
		{"data:text/html,test", base, ""},
		{"blob:https://example.com:443/", "", ""},
		{"about:blank", base, ""},
		{"ws://example.com/", base, ""},
	} {
		got, err := urls.Canonicalize(c.raw, c.base)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("Canonicalize(%q, %q) = %q, %v; want %q", c.raw, c.base, got, err, c.want)
		}
	}
}

// spelling draws a canonical address of named parameters, and another way to write it.
func spelling(t *rapid.T) (canonical, other string) {
	host := rapid.SampledFrom([]string{"example.com", "www.a-b.co.uk", "xn--mller-kva.de", "1.2.3.4"}).Draw(t, "host")
	segments := rapid.SliceOfN(rapid.StringMatching(`[a-z0-9_~-]{1,6}`), 0, 4).Draw(t, "segments")
	names := slices.Sorted(slices.Values(rapid.SliceOfNDistinct(rapid.StringMatching(`[a-f]{2}`), 0, 4, rapid.ID).Draw(t, "names")))
	var params []string
	for _, n := range names {
		params = append(params, n+"="+rapid.StringMatching(`[a-z0-9]{0,4}`).Draw(t, "value"))
	}
	path := "/" + strings.Join(segments, "/")
	canonical = "https://" + host + path
	if len(params) > 0 {
		canonical += "?" + strings.Join(params, "&")
	}
	// The other spelling: each change is one that the standard or the policy undoes.
	change := func(name string) bool { return rapid.Bool().Draw(t, name) }
	if change("dots") {
		path = "/x/.." + strings.ReplaceAll(path, "/", "/./")
	}
	if change("backslashes") {
		path = strings.ReplaceAll(path, "/", `\`)
	}
	if change("session in path") {
		path += ";JSESSIONID=0A1B"
	}
	for _, extra := range []string{"utm_source=x", "GCLID=1", "fbclid=2", "PHPSESSID=3", "mc_eid=4", "msclkid=5", ""} {
		if change("extra " + extra) {
			params = append(params, extra)
		}
	}
	params = rapid.Permutation(params).Draw(t, "order")
	scheme, port, user := "https", "", ""
	if change("capitals") {
		scheme, host = "HttpS", strings.ToUpper(host)
	}
	if change("root label") && !strings.HasPrefix(host, "1") {
		host += "."
	}
	if change("port") {
		port = ":443"
	}
	if change("user") {
		user = "joe:secret@"
	}
	other = scheme + "://" + user + host + port + path
	if len(params) > 0 {
		other += "?" + strings.Join(params, "&")
	}
	if change("fragment") {
		other += "#part?a=b"
	}
	if change("space") {
		other = " \n" + other + "\t "
	}
	return canonical, other
}

func TestOnePageHasOneSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, other := spelling(t)
		for _, raw := range []string{want, other} {
			if got, err := urls.Canonicalize(raw, ""); err != nil || got != want {
				t.Fatalf("Canonicalize(%q) = %q, %v; want %q", raw, got, err, want)
			}
		}
	})
}

// Whatever the path holds, scheme, host and port stay those of the address.
func TestSchemeAndHostNeverChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		origin := rapid.SampledFrom([]string{"http://example.com", "https://example.com:8443", "http://[2001:db8::1]", "https://1.2.3.4"}).Draw(t, "origin")
		raw := origin + rapid.SampledFrom([]string{"/", "?", "#", `\`}).Draw(t, "end") + rapid.String().Draw(t, "rest")
		got, err := urls.Canonicalize(raw, "")
		if err != nil {
			return
		}
		if o, _ := urls.Origin(got); o != origin {
			t.Fatalf("%q becomes %q", raw, got)
		}
	})
}

// Plain relative references are resolved as RFC 3986 §5.2 says, which net/url follows.
func TestPlainReferencesResolveAsNetURLDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.StringMatching(`[a-z]{1,3}|\.|\.\.`)
		base := "https://example.com/" + strings.Join(rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,3}`), 0, 4).Draw(t, "base"), "/")
		reference := strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(t, "reference"), "/") + rapid.SampledFrom([]string{"", "/", "?a=b", "#c"}).Draw(t, "end")
		b, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		want, err := b.Parse(reference)
		if err != nil {
			t.Fatal(err)
		}
		want.Fragment = ""
		if got, err := urls.Canonicalize(reference, base); err != nil || got != want.String() {
			t.Fatalf("%q on %q: %q, %v; net/url says %q", reference, base, got, err, want)
		}
	})
}

// Names below a suffix that a host of sites has put on the public suffix list (its private section) belong to
// different owners: each tenant is a site of its own, and the suffix is nobody's but its host's.
func TestTenantsOfAHostOfSitesAreSitesOfTheirOwn(t *testing.T) {
	for _, suffix := range []string{"github.io", "blogspot.com", "myshopify.com", "azurewebsites.net", "netlify.app", "co.uk", "com.au"} {
		ours, theirs, itself := "https://www.contoso."+suffix+"/", "https://fabrikam."+suffix+"/", "https://"+suffix+"/"
		if got := urls.RegistrableDomain(ours); got != "contoso."+suffix {
			t.Errorf("%s belongs to %s", ours, got)
		}
		if urls.SameSite(theirs, "contoso."+suffix) || urls.SameSite(ours, suffix) || urls.RegistrableDomain(itself) != suffix {
			t.Errorf("%s: tenants are taken for one site", suffix)
		}
	}
}

func TestTrapsBeginWhereTheySay(t *testing.T) {
	repeat := func(n int, part func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(part(i))
		}
		return b.String()
	}
	params := func(n int) string {
		return "?" + strings.TrimSuffix(repeat(n, func(i int) string { return fmt.Sprintf("p%d=1&", i) }), "&")
	}
	segments := func(n int) string { return repeat(n, func(i int) string { return fmt.Sprintf("/s%d", i) }) }
	const site = "https://example.com"
	for _, c := range []struct {
		name, url string
		want      urls.TrapReason
	}{
		{"1,024 bytes", site + "/" + strings.Repeat("a", 1024-len(site)-1), ""},
		{"1,025 bytes", site + "/" + strings.Repeat("a", 1024-len(site)), urls.TrapLength},
		{"twelve segments", site + segments(12), ""},
		{"thirteen segments", site + segments(13), urls.TrapDepth},
		{"eight facets", site + "/" + params(8), ""},
		{"nine facets", site + "/" + params(9), urls.TrapParams},
		{"a segment twice", site + "/a/b/a", ""},
		{"a segment three times", site + "/a/b/a/c/a", urls.TrapRepeated},
		{"a number three times, as dates have", site + "/2024/01/01/01", ""},
		{"a year's archive of a blog", site + "/blog/2024", ""},
		{"a year of a calendar", site + "/kalender/2024", urls.TrapCalendar},
		{"a month alone is no calendar", site + "/report?month=3", ""},
	} {
		if got := urls.Trap(c.url); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	// Session ids make endless addresses of one page; its one spelling has none.
	for _, session := range []string{"?sid=%x", "?PHPSESSID=%x", ";jsessionid=%x", "?CFID=%x&CFTOKEN=%[1]x", "?ASPSESSIONIDAB=%x"} {
		for i := range 3 {
			if got, err := urls.Canonicalize(site+"/catalogue"+fmt.Sprintf(session, 1<<20+i), ""); err != nil || got != site+"/catalogue" {
				t.Errorf("%s: %q, %v", session, got, err)
			}
		}
	}
}
