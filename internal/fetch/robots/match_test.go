package robots_test

import (
	"strings"
	"testing"

	"telltale/internal/fetch/robots"
)

// group writes a file with one group for FooBot.
func group(lines ...string) string {
	return "user-agent: FooBot\n" + strings.Join(lines, "\n") + "\n"
}

type matchCase struct {
	name, file, agent string
	allowed, denied   []string
}

func runMatchCases(t *testing.T, cases []matchCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			agent := c.agent
			if agent == "" {
				agent = "FooBot"
			}
			f := robots.Parse([]byte(c.file))
			for _, url := range c.allowed {
				if d := f.Test(agent, url); !d.Allowed {
					t.Errorf("%s denied by line %d, %q", url, d.Line, d.Rule)
				}
			}
			for _, url := range c.denied {
				if d := f.Test(agent, url); d.Allowed {
					t.Errorf("%s allowed by line %d, %q", url, d.Line, d.Rule)
				}
			}
		})
	}
}

// The facts below were gathered from the behaviour that Google's parser documents in its own tests.
func TestTheLongestMatchDecides(t *testing.T) {
	runMatchCases(t, []matchCase{
		{name: "a longer disallow beats allow", file: group("disallow: /x/page.html", "allow: /x/"), denied: []string{"http://foo.bar/x/page.html"}},
		{name: "a longer allow beats disallow", file: group("allow: /x/page.html", "disallow: /x/"), allowed: []string{"/x/page.html"}, denied: []string{"/x/"}},
		{name: "two empty rules say nothing", file: group("disallow: ", "allow: "), allowed: []string{"/x/page.html"}},
		{name: "allow wins a tie", file: group("disallow: /", "allow: /"), allowed: []string{"/x"}},
		{name: "allow wins a tie in either order", file: group("allow: /folder", "disallow: /folder"), allowed: []string{"/folder/page"}},
		{name: "a slash more decides", file: group("disallow: /x", "allow: /x/"), allowed: []string{"/x/"}, denied: []string{"/x"}},
		{name: "a wildcard counts as an octet", file: group("allow: /page", "disallow: /*.html"), allowed: []string{"/page"}, denied: []string{"/page.html"}},
		{name: "a shorter wildcard loses", file: group("allow: /x/page.", "disallow: /*.html"), allowed: []string{"/x/page.html"}, denied: []string{"/x/y.html"}},
		{name: "a tie between wildcard and text goes to allow", file: group("allow: /page", "disallow: /*.ph"), allowed: []string{"/page.ph"}},
		{name: "only the home page", file: group("allow: /$", "disallow: /"), allowed: []string{"/", "http://foo.bar"}, denied: []string{"/page.html"}},
		{name: "paths are case-sensitive", file: group("disallow: /X/"), allowed: []string{"/x/y"}, denied: []string{"/X/y"}},
		{name: "an own group sets the general one aside", file: "User-agent: *\nDisallow: /x/\n" + group("Disallow: /y/"), allowed: []string{"/x/page"}, denied: []string{"/y/page"}},
		{name: "an empty URL is the root", file: group("disallow: /"), denied: []string{""}},
		{name: "robots.txt itself is always allowed", file: group("disallow: /"), allowed: []string{"https://foo.bar/robots.txt"}, denied: []string{"/robots.txt.bak"}},
	})
}

func TestPatternsMatch(t *testing.T) {
	deny := func(allow string) string { return group("disallow: /", "allow: "+allow) }
	runMatchCases(t, []matchCase{
		{name: "a prefix", file: deny("/fish"),
			allowed: []string{"/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html", "/fish.html?id=anything"},
			denied:  []string{"/bar", "/Fish.asp", "/catfish", "/?id=fish"}},
		{name: "a prefix with a star at its end", file: deny("/fish*"), allowed: []string{"/fish", "/fish/salmon.html", "/fish.html?id=x"}, denied: []string{"/Fish.bar", "/catfish", "/?id=fish"}},
		{name: "a directory", file: deny("/fish/"), allowed: []string{"/fish/", "/fish/salmon", "/fish/?salmon"}, denied: []string{"/fish", "/fish.html", "/Fish/Salmon.html"}},
		{name: "a star before a suffix", file: deny("/*.php"),
			allowed: []string{"/filename.php", "/folder/filename.php?parameters", "//folder/any.php.file.html", "/filename.php/", "/index?f=filename.php/"},
			denied:  []string{"/php/", "/index?php", "/windows.PHP"}},
		{name: "an end", file: deny("/*.php$"), allowed: []string{"/filename.php", "/a/filename.php"},
			denied: []string{"/filename.php?parameters", "/filename.php/", "/filename.php5", "/filename?php", "/aaaphpaaa"}},
		{name: "a star in the middle", file: deny("/fish*.php"), allowed: []string{"/fish.php", "/fishheads/catfish.php?parameters"}, denied: []string{"/Fish.PHP"}},
		{name: "a star may stand for nothing", file: deny("/foo/*/qux"), allowed: []string{"/foo//qux", "/foo/a/b/qux"}, denied: []string{"/foo/qux"}},
		{name: "the last piece is found at the end, not at its first place", file: deny("/*ab$"), allowed: []string{"/abab", "/ab"}, denied: []string{"/aba"}},
		{name: "pieces do not overlap", file: deny("/aba*aba"), allowed: []string{"/abaaba", "/aba-aba"}, denied: []string{"/aba", "/ababa"}},
		{name: "many stars are one", file: deny("/a***b"), allowed: []string{"/ab", "/axxb"}, denied: []string{"/a"}},
		{name: "a star before the end matches all", file: deny("/a*$"), allowed: []string{"/a", "/ab"}, denied: []string{"/b"}},
		{name: "a dollar in the middle is a dollar", file: deny("/a$b"), allowed: []string{"/a$b", "/a%24b"}, denied: []string{"/a", "/ab"}},
		{name: "a pattern without slash matches nothing", file: group("disallow: private"), allowed: []string{"/private", "private"}},
		{name: "a pattern may begin with a star", file: group("disallow: *.pdf$"), allowed: []string{"/a.pdf?x"}, denied: []string{"/a.pdf"}},
		{name: "a comment ends a pattern", file: group("# Disallow: /", "Disallow: /foo/quz#qux", "Allow: /"), allowed: []string{"/foo/bar"}, denied: []string{"/foo/quz"}},
		{name: "a fragment is no part of the address", file: group("Disallow: /*secret"), allowed: []string{"/a#secret"}, denied: []string{"/secret#a"}},
		// Google's parser takes "/index.html" for "/"; RFC 9309 §2.2.2 compares octets.
		{name: "index.html is only itself", file: deny("/dir/index.html"), allowed: []string{"/dir/index.html"}, denied: []string{"/dir/", "/dir/index.htm"}},
	})
}

// RFC 9309 §2.2.2 and §2.2.3. Google's parser leaves unreserved characters encoded and the address as
// it is given; the RFC has both sides normalised.
func TestEncodingsCompareByTheRFC(t *testing.T) {
	deny := func(allow string) string { return group("disallow: /", "allow: "+allow) }
	runMatchCases(t, []matchCase{
		{name: "a query stands as it is", file: deny("/foo/bar?qux=taz&baz=http://foo.bar?tar&par"), allowed: []string{"http://foo.bar/foo/bar?qux=taz&baz=http://foo.bar?tar&par"}},
		{name: "a query equals its encoded form", file: deny("/foo/bar?baz=https://foo.bar"), allowed: []string{"/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar"}},
		{name: "an encoded query equals its plain form", file: deny("/foo/bar?baz=https%3A%2F%2Ffoo.bar"), allowed: []string{"/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar"}},
		{name: "a star before an encoded query value", file: group("disallow: *=%2Fprivate"), denied: []string{"/a?next=%2Fprivate"}, allowed: []string{"/a?next=%2Fpublic"}},
		{name: "UTF-8 in the rule equals its encoding", file: deny("/foo/bar/ツ"), allowed: []string{"/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84", "/foo/bar/ツ"}},
		{name: "an encoding in the rule equals UTF-8", file: deny("/foo/bar/%E3%83%84"), allowed: []string{"/foo/bar/%E3%83%84", "/foo/bar/ツ"}},
		{name: "an encoded unreserved character is itself", file: deny("/foo/bar/%62%61%7A"), allowed: []string{"/foo/bar/baz", "/foo/bar/%62%61%7A", "/foo/bar/%62az"}},
		{name: "an encoded star is a star", file: deny("/path/file-with-a-%2A.html"), allowed: []string{"/path/file-with-a-*.html", "/path/file-with-a-%2a.html"}, denied: []string{"/path/file-with-a-b.html"}},
		{name: "an encoded dollar is a dollar", file: deny("/path/foo-%24"), allowed: []string{"/path/foo-$", "/path/foo-$x"}, denied: []string{"/path/foo-"}},
		{name: "an encoded slash in a path is no slash", file: group("disallow: /a%2Fb"), allowed: []string{"/a/b"}, denied: []string{"/a%2fb"}},
		{name: "a slash in a path is no encoded slash", file: group("disallow: /a/b"), allowed: []string{"/a%2Fb"}, denied: []string{"/a/b"}},
		{name: "a broken encoding is a percent sign", file: group("disallow: /100%"), denied: []string{"/100%", "/100%zz", "/100%25"}},
		{name: "invalid UTF-8 harms nobody", file: group("disallow: /\xff\xfb"), allowed: []string{"/a"}, denied: []string{"/\xff\xfb", "/%FF%FB"}},
		{name: "octets outside ASCII count three", file: group("disallow: /é", "allow: /*Z*"), denied: []string{"/éZ"}},
	})
}

func TestPathsAreCutFromAddresses(t *testing.T) {
	for _, c := range [][2]string{
		{"", "/"}, {"http://www.example.com", "/"}, {"http://www.example.com/a/", "/a/"}, {"example.com", "/"},
		{"http://www.example.com/a/b?c=http://d.e/", "/a/b?c=http://d.e/"}, {"example.com/a/b?c=d&e=f#fragment", "/a/b?c=d&e=f"},
		{"a", "/"}, {"a/", "/"}, {"/a", "/a"}, {"a/b", "/b"}, {"example.com?a", "/?a"}, {"example.com/a;b#c", "/a;b"}, {"//a/b/c", "/b/c"},
		{"http://example.com#/a", "/"},
	} {
		f := robots.Parse([]byte(group("disallow: /", "allow: "+c[1]+"$")))
		if d := f.Test("FooBot", c[0]); !d.Allowed {
			t.Errorf("%q was not taken for the path %q", c[0], c[1])
		}
	}
}

func TestADecisionNamesItsLine(t *testing.T) {
	f := robots.Parse([]byte("# who\r\nUser-agent: *\r\n\r\nAllow: /a\r\nDisallow:\t/ツ/*.pdf$ # no\r\n"))
	for _, c := range []struct {
		url  string
		want robots.Decision
	}{
		{"/%E3%83%84/x.pdf", robots.Decision{Rule: "Disallow: /ツ/*.pdf$", Line: 5}},
		{"/ab", robots.Decision{Allowed: true, Rule: "Allow: /a", Line: 4}},
		{"/b", robots.Decision{Allowed: true}},
	} {
		if got := f.Test("anybot", c.url); got != c.want {
			t.Errorf("Test(%q) = %+v, want %+v", c.url, got, c.want)
		}
	}
}
