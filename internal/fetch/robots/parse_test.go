package robots_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"telltale/internal/fetch/robots"
)

func TestLinesAreRead(t *testing.T) {
	const fooX = "user-agent: FooBot\n"
	runMatchCases(t, []matchCase{
		{name: "an empty file allows", file: "", allowed: []string{"", "/x"}},
		{name: "unknown keys say nothing", file: "foo: FooBot\nbar: /\n", allowed: []string{"/x/y"}},
		{name: "two words need no colon", file: "user-agent FooBot\ndisallow /\n", denied: []string{"/x/y"}},
		{name: "three words without colon are no rule", file: fooX + "disallow / now\n", allowed: []string{"/x"}},
		{name: "keys know no case", file: "USER-AGENT: FooBot\nALLOW: /x/\ndIsAlLoW: /\n", allowed: []string{"/x/y"}, denied: []string{"/a/b"}},
		{name: "typos that major engines accept", file: "useragent: FooBot\ndissallow: /a\ndissalow: /b\ndisalow: /c\ndiasllow: /d\ndisallaw: /e\n",
			denied: []string{"/a", "/b", "/c", "/d", "/e"}, allowed: []string{"/f"}},
		{name: "a user agent in two words", file: "user agent: FooBot\ndisallow: /\n", denied: []string{"/x"}},
		{name: "white space is of no matter", file: " \tuser-agent \t:\t FooBot \t\n\t disallow\t : / \t\n", denied: []string{"/x"}},
		{name: "old Mac line ends", file: "user-agent: FooBot\rdisallow: /a\r\rallow: /a/b\r", allowed: []string{"/a/b"}, denied: []string{"/a"}},
		{name: "mixed line ends", file: "user-agent: FooBot\r\ndisallow: /a\nallow: /a/b\r", allowed: []string{"/a/b"}, denied: []string{"/a"}},
		{name: "no line end at the end", file: fooX + "disallow: /", denied: []string{"/x"}},
		{name: "a byte order mark", file: "\xEF\xBB\xBF" + fooX + "disallow: /", denied: []string{"/x"}},
		{name: "two thirds of a byte order mark", file: "\xEF\xBB" + fooX + "disallow: /", denied: []string{"/x"}},
		{name: "a third of a byte order mark", file: "\xEF" + fooX + "disallow: /", denied: []string{"/x"}},
		{name: "a broken byte order mark spoils its line", file: "\xEF\x11\xBF" + fooX + "disallow: /", allowed: []string{"/x"}},
		{name: "a byte order mark elsewhere spoils its line", file: fooX + "\xEF\xBB\xBFdisallow: /", allowed: []string{"/x"}},
		{name: "a value may hold colons", file: fooX + "disallow: /a:b\n", denied: []string{"/a:b"}, allowed: []string{"/a"}},
		{name: "HTML instead of rules allows", file: "<!DOCTYPE html><html><body>disallow: /</body>\n", allowed: []string{"/x"}},
	})
}

func TestGroupsAreFormed(t *testing.T) {
	const several = "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\nuser-agent: BarBot\ndisallow: /\nallow: /y/\n\n\nallow: /w/\n" +
		"user-agent: BazBot\n\nuser-agent: FooBot\nallow: /z/\ndisallow: /\n"
	const general = "user-agent: *\nallow: /\nuser-agent: FooBot\ndisallow: /\n"
	const foobar = "User-Agent: *\nDisallow: /\nUser-Agent: Foo Bar\nAllow: /x/\nDisallow: /\n"
	runMatchCases(t, []matchCase{
		{name: "groups of one token are merged", file: several, allowed: []string{"/x/b", "/z/d"}, denied: []string{"/y/c", "/foo/bar/"}},
		{name: "blank lines do not end a group", file: several, agent: "BarBot", allowed: []string{"/y/c", "/w/a"}, denied: []string{"/z/d", "/foo/bar/"}},
		{name: "agents above one another share rules", file: several, agent: "BazBot", allowed: []string{"/z/d"}, denied: []string{"/foo/bar/"}},
		{name: "the own group wins wherever it stands", file: general, denied: []string{"/x"}},
		{name: "others take the general group", file: general, agent: "BarBot", allowed: []string{"/x"}},
		{name: "no group, no rules", file: "user-agent: FooBot\ndisallow: /\n", agent: "QuxBot", allowed: []string{"/x"}},
		{name: "general groups are merged too", file: "user-agent: *\ndisallow: /a\nuser-agent: x\ndisallow: /\nuser-agent: *\ndisallow: /b\n", denied: []string{"/a", "/b"}, allowed: []string{"/c"}},
		{name: "an own group without rules allows all", file: "user-agent: *\ndisallow: /\nuser-agent: FooBot\ndisallow:\n", allowed: []string{"/x"}},
		{name: "tokens know no case", file: "User-Agent: FOOBOT\nDisallow: /\n", agent: "foobot", denied: []string{"/x"}},
		{name: "a token ends at its first foreign byte", file: foobar, agent: "Foo", allowed: []string{"/x/y"}, denied: []string{"/y"}},
		{name: "an agent of two words has no group", file: foobar, agent: "Foo Bar", denied: []string{"/x/y"}},
		{name: "a line with a version names the token", file: "User-Agent: FooBot/2.1\nDisallow: /\n", denied: []string{"/x"}},
		{name: "a whole User-Agent value gives its token", file: group("disallow: /"), agent: "FooBot/1.0 (+https://foo.example/bot)", denied: []string{"/x"}},
		{name: "FooBot is not FooBar", file: "User-agent: FooBar\nDisallow: /\n", allowed: []string{"/x"}},
		{name: "Foo is not FooBot", file: "User-agent: Foo\nDisallow: /\n", allowed: []string{"/x"}},
		{name: "FooBot-News is not FooBot", file: "User-agent: FooBot-News\nDisallow: /\n", allowed: []string{"/x"}},
		{name: "no agent has no group", file: group("disallow: /"), agent: " ", allowed: []string{"/x"}},
		{name: "a star with a remark is a star", file: "User-agent: * all\nDisallow: /\n", denied: []string{"/x"}},
		{name: "a star with letters is none", file: "User-agent: *bot\nDisallow: /\n", allowed: []string{"/x"}},
		{name: "rules of a nameless group are nobody's", file: "user-agent: FooBot\ndisallow: /a\nuser-agent: 007\ndisallow: /\n", allowed: []string{"/x"}, denied: []string{"/a"}},
		{name: "a sitemap does not end the agents", file: "user-agent: FooBot\nsitemap: https://a/b\nuser-agent: BarBot\ndisallow: /\n", denied: []string{"/x"}},
		{name: "a delay does not end the agents", file: "user-agent: FooBot\ncrawl-delay: 3\nuser-agent: BarBot\ndisallow: /\n", denied: []string{"/x"}},
	})
}

func TestLongLinesAreCutAndLongFilesToo(t *testing.T) {
	long := "/x/" + strings.Repeat("a", 2083*8-len("/x/")-len("disallow: ")+1)
	runMatchCases(t, []matchCase{
		{name: "a rule is cut at 2083*8 bytes", file: group("disallow: " + long + "/qux"), allowed: []string{"/fux"}, denied: []string{long + "/fux"}},
		{name: "an allow is cut too", file: group("disallow: /", "allow: "+long+"/qux"), allowed: []string{long + "/fux"}, denied: []string{"/"}},
		{name: "500 KiB are read", file: "#" + strings.Repeat("x", robots.MaxBytes-len(group("disallow: /"))-2) + "\n" + group("disallow: /"), denied: []string{"/x"}},
		{name: "what follows 500 KiB is not", file: "#" + strings.Repeat("x", robots.MaxBytes) + "\n" + group("disallow: /"), allowed: []string{"/x"}},
	})
}

func TestDelaysAndSitemapsAreRead(t *testing.T) {
	f := robots.Parse([]byte("Sitemap: https://a.example/1.xml\nUser-agent: slow\nCrawl-delay: 2.5 # half\nUser-agent: *\nDisallow: /x\n" +
		"SITE-MAP:https://a.example/2.xml\nUser-agent: mad\nCrawl-delay: 1e300\nUser-agent: odd\nDisallow: /\nCrawl-delay: soon\nCrawl-delay: -1\nCrawl-delay: NaN\n" +
		"User-agent: zero\nCrawl-delay: 0\nDisallow:\nUser-agent: slow\nCrawl-delay: 1,5\n"))
	for _, c := range []struct {
		agent string
		want  time.Duration
		ok    bool
	}{
		{"slow", 2500 * time.Millisecond, true}, {"anybody", 0, false}, {"mad", 24 * time.Hour, true}, {"odd", 0, false}, {"zero", 0, true},
	} {
		if got, ok := f.CrawlDelay(c.agent); got != c.want || ok != c.ok {
			t.Errorf("CrawlDelay(%q) = %v, %v; want %v, %v", c.agent, got, ok, c.want, c.ok)
		}
	}
	if got, want := f.Sitemaps(), []string{"https://a.example/1.xml", "https://a.example/2.xml"}; !slices.Equal(got, want) {
		t.Errorf("Sitemaps() = %q, want %q", got, want)
	}
	if got := len(robots.Parse([]byte(strings.Repeat("sitemap: /s\n", 5000))).Sitemaps()); got != 1000 {
		t.Errorf("%d sitemaps were kept", got)
	}
}

// A file of 500 KiB may name twenty thousand agents above twenty thousand rules; neither time nor
// memory may grow with their product.
func TestAFileOfAgentsAndRulesStaysSmall(t *testing.T) {
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "user-agent: a%s\n", strings.Map(func(r rune) rune { return r + 'a' - '0' }, fmt.Sprint(i)))
	}
	for b.Len() < robots.MaxBytes-20 {
		b.WriteString("disallow: /a*b\n")
	}
	allocated := testing.AllocsPerRun(1, func() { robots.Parse([]byte(b.String())) })
	if allocated > 500_000 {
		t.Fatalf("%.0f allocations", allocated)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(group("disallow: /a*b$", "allow: /%2A%zz", "crawl-delay: 3", "sitemap: x")), "FooBot/1.0", "https://a.example/a?b=/c%2Fd#e")
	f.Add([]byte("\xEF\xBB\xBFuser agent *\r\rdisallow /\xfb**$\n"), "", "//a")
	f.Add([]byte("disallow: *\x00*\nuser-agent:*\nallow:/"+strings.Repeat("*a", 500)), "x", "/"+strings.Repeat("a", 2000))
	f.Fuzz(func(t *testing.T, body []byte, agent, url string) {
		file := robots.Parse(body)
		d := file.Test(agent, url)
		if (d.Rule == "") != (d.Line == 0) || (d.Line == 0 && !d.Allowed) {
			t.Fatalf("a decision without its rule: %+v", d)
		}
		if delay, ok := file.CrawlDelay(agent); delay < 0 || delay > 24*time.Hour || (!ok && delay != 0) {
			t.Fatalf("delay %v, %v", delay, ok)
		}
		if again := robots.Parse(body).Test(agent, url); again != d {
			t.Fatalf("first %+v, then %+v", d, again)
		}
	})
}

func BenchmarkTestWorstCase(b *testing.B) {
	f := robots.Parse([]byte("user-agent: *\n" + strings.Repeat("disallow: /*a*a*a*b\n", 20_000)))
	url := "/" + strings.Repeat("a", 2000)
	for b.Loop() {
		if !f.Test("x", url).Allowed {
			b.Fatal("denied")
		}
	}
}
