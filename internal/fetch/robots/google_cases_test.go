package robots_test

import "strings"

// googleCase is one file and what Google's parser answers about it (github.com/google/robotstxt,
// robots_test.cc, retold). Paths are those of http://foo.bar.
type googleCase struct {
	name, file      string
	agent           string // FooBot where empty
	allowed, denied []string
	// byRFC are the addresses of which RFC 9309 says the opposite; we follow the RFC.
	byRFC []string
}

// longLine is a path that its directive carries just beyond Google's limit of 2083*8 bytes a line.
func longLine(directive, filler string) string {
	return "/x/" + strings.Repeat(filler, 2083*8-len("/x/")-len(directive)+1-len("/x/"))
}

func googleCases() []googleCase {
	return append(append(append(googleSyntax(), googlePrecedence()...), googleEncoding()...), googlePaths()...)
}

// googleSyntax holds lines, groups, product tokens, line ends and byte order marks.
func googleSyntax() []googleCase {
	const (
		groups = "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\nuser-agent: BarBot\ndisallow: /\nallow: /y/\n\n\nallow: /w/\n" +
			"user-agent: BazBot\n\nuser-agent: FooBot\nallow: /z/\ndisallow: /\n"
		twoWords = "User-Agent: *\nDisallow: /\nUser-Agent: Foo Bar\nAllow: /x/\nDisallow: /\n"
		general  = "user-agent: *\nallow: /\nuser-agent: FooBot\ndisallow: /\n"
		specific = "user-agent: FooBot\nallow: /\nuser-agent: BarBot\ndisallow: /\nuser-agent: BazBot\ndisallow: /\n"
	)
	cases := []googleCase{
		{name: "an empty file and no address", allowed: []string{""}},
		{name: "an empty file, no agent and no address", agent: none, allowed: []string{""}},
		{name: "no agent", file: group("disallow: /"), agent: none, allowed: []string{""}},
		{name: "no address is the root", file: group("disallow: /"), denied: []string{""}},
		{name: "right lines", file: group("disallow: /"), denied: []string{"/x/y"}},
		{name: "unknown keys", file: "foo: FooBot\nbar: /\n", allowed: []string{"/x/y"}},
		{name: "lines without colon", file: "user-agent FooBot\ndisallow /\n", denied: []string{"/x/y"}},
		{name: "groups, FooBot", file: groups, allowed: []string{"/x/b", "/z/d"}, denied: []string{"/y/c", "/foo/bar/"}},
		{name: "groups, BarBot", file: groups, agent: "BarBot", allowed: []string{"/y/c", "/w/a"}, denied: []string{"/z/d", "/foo/bar/"}},
		{name: "groups, BazBot", file: groups, agent: "BazBot", allowed: []string{"/z/d"}, denied: []string{"/foo/bar/"}},
		{name: "keys in capitals", file: "USER-AGENT: FooBot\nALLOW: /x/\nDISALLOW: /\n", allowed: []string{"/x/y"}, denied: []string{"/a/b"}},
		{name: "keys in small letters", file: "user-agent: FooBot\nallow: /x/\ndisallow: /\n", allowed: []string{"/x/y"}, denied: []string{"/a/b"}},
		{name: "keys in both", file: "uSeR-aGeNt: FooBot\nAlLoW: /x/\ndIsAlLoW: /\n", allowed: []string{"/x/y"}, denied: []string{"/a/b"}},
		{name: "a token up to its first space", file: twoWords, agent: "Foo", allowed: []string{"/x/y"}},
		{name: "an agent of two words is none", file: twoWords, agent: "Foo Bar", denied: []string{"/x/y"}},
		{name: "no groups", allowed: []string{"/x/y"}},
		{name: "the own group before the general one", file: general, denied: []string{"/x/y"}},
		{name: "the general group for others", file: general, agent: "BarBot", allowed: []string{"/x/y"}},
		{name: "no group for others", file: specific, agent: "QuxBot", allowed: []string{"/x/y"}},
	}
	for _, line := range []string{"FOO BAR", "foo bar", "FoO bAr"} {
		for _, agent := range []string{"Foo", "foo"} {
			cases = append(cases, googleCase{name: line + " for " + agent, agent: agent, file: "User-Agent: " + line + "\nAllow: /x/\nDisallow: /\n", allowed: []string{"/x/y"}, denied: []string{"/a/b"}})
		}
	}
	// What a product token may be (RFC 9309 §2.2.1), as far as decisions show it.
	for _, agent := range []string{"Foobot", "Foobot-Bar", "Foo_Bar"} {
		cases = append(cases, googleCase{name: "token " + agent, agent: agent, file: "user-agent: " + agent + "\ndisallow: /\n", denied: []string{"/x"}})
	}
	for _, agent := range []string{"ツ", "Foobot*", " Foobot ", "Foobot Bar"} {
		cases = append(cases, googleCase{name: "no token " + agent, agent: agent, file: "user-agent: " + agent + "\ndisallow: /\n", allowed: []string{"/x"}})
	}
	for name, eol := range map[string][2]string{"Unix": {"\n", "\n"}, "DOS": {"\r\n", "\r\n"}, "Mac": {"\r", "\r"}, "mixed": {"\n", "\r\n"}} {
		file := "User-Agent: foo" + eol[0] + "Allow: /some/path" + eol[1] + "User-Agent: bar" + eol[0] + eol[1] + eol[0] + "Disallow: /"
		cases = append(cases,
			googleCase{name: name + " line ends", agent: "bar", file: file + eol[0], denied: []string{"/some/path"}},
			googleCase{name: name + " line ends, none at the end", agent: "bar", file: file, denied: []string{"/some/path"}})
	}
	const marked = "User-Agent: foo\nDisallow: /AnyValue\n"
	return append(cases,
		googleCase{name: "a byte order mark", agent: "foo", file: "\xEF\xBB\xBF" + marked, denied: []string{"/AnyValue"}},
		googleCase{name: "two thirds of one", agent: "foo", file: "\xEF\xBB" + marked, denied: []string{"/AnyValue"}},
		googleCase{name: "a third of one", agent: "foo", file: "\xEF" + marked, denied: []string{"/AnyValue"}},
		googleCase{name: "a broken one spoils its line", agent: "foo", file: "\xEF\x11\xBF" + marked, allowed: []string{"/AnyValue"}},
		googleCase{name: "one within the file spoils its line", agent: "foo", file: "User-Agent: foo\n\xEF\xBB\xBFDisallow: /AnyValue\n", allowed: []string{"/AnyValue"}},
	)
}

// googlePrecedence holds which rule decides, and special characters.
func googlePrecedence() []googleCase {
	longA, longB, longD := longLine("allow: ", "a"), longLine("allow: ", "b"), longLine("disallow: ", "a")
	return []googleCase{
		{name: "lower case", file: group("disallow: /x/"), denied: []string{"/x/y"}},
		{name: "upper case", file: group("disallow: /X/"), allowed: []string{"/x/y"}},
		{name: "a longer disallow", file: group("disallow: /x/page.html", "allow: /x/"), denied: []string{"/x/page.html"}},
		{name: "a longer allow", file: group("allow: /x/page.html", "disallow: /x/"), allowed: []string{"/x/page.html"}, denied: []string{"/x/"}},
		{name: "empty values", file: group("disallow: ", "allow: "), allowed: []string{"/x/page.html"}},
		{name: "a tie of roots", file: group("disallow: /", "allow: /"), allowed: []string{"/x/page.html"}},
		{name: "a slash more", file: group("disallow: /x", "allow: /x/"), denied: []string{"/x"}, allowed: []string{"/x/"}},
		{name: "a tie of pages", file: group("disallow: /x/page.html", "allow: /x/page.html"), allowed: []string{"/x/page.html"}},
		{name: "a longer wildcard", file: group("allow: /page", "disallow: /*.html"), denied: []string{"/page.html"}, allowed: []string{"/page"}},
		{name: "a shorter wildcard", file: group("allow: /x/page.", "disallow: /*.html"), allowed: []string{"/x/page.html"}, denied: []string{"/x/y.html"}},
		{name: "the own group sets the general one aside", file: "User-agent: *\nDisallow: /x/\nUser-agent: FooBot\nDisallow: /y/\n", allowed: []string{"/x/page"}, denied: []string{"/y/page"}},
		{name: "a star in the middle", file: group("Disallow: /foo/bar/quz", "Allow: /foo/*/qux"), denied: []string{"/foo/bar/quz"}, allowed: []string{"/foo/quz", "/foo//quz", "/foo/bax/quz"}},
		{name: "an end", file: group("Disallow: /foo/bar$", "Allow: /foo/bar/qux"), denied: []string{"/foo/bar"}, allowed: []string{"/foo/bar/qux", "/foo/bar/", "/foo/bar/baz"}},
		{name: "comments", file: group("# Disallow: /", "Disallow: /foo/quz#qux", "Allow: /"), allowed: []string{"/foo/bar"}, denied: []string{"/foo/quz"}},
		// Google takes "/index.html" for "/" at the end of a rule; RFC 9309 §2.2.2 compares octets.
		{name: "index.html", file: "User-Agent: *\nAllow: /allowed-slash/index.html\nDisallow: /\n", agent: "foobot",
			allowed: []string{"/allowed-slash/", "/allowed-slash/index.html"}, denied: []string{"/allowed-slash/index.htm", "/anyother-url"}, byRFC: []string{"/allowed-slash/"}},
		{name: "a disallow line too long", file: group("disallow: " + longD + "/qux"), allowed: []string{"/fux"}, denied: []string{longD + "/fux"}},
		{name: "allow lines too long", file: group("disallow: /", "allow: "+longA+"/qux", "allow: "+longB+"/qux"), denied: []string{"/"}, allowed: []string{longA + "/qux", longB + "/fux"}},
		{name: "a longer allow beats the root", file: group("allow: /p", "disallow: /"), allowed: []string{"/page"}},
		{name: "a tie of folders", file: group("allow: /folder", "disallow: /folder"), allowed: []string{"/folder/page"}},
		{name: "a wildcard one octet longer", file: group("allow: /page", "disallow: /*.htm"), denied: []string{"/page.htm"}},
		{name: "the home page alone", file: group("allow: /$", "disallow: /"), allowed: []string{"/"}, denied: []string{"/page.html"}},
	}
}

// googleEncoding holds percent-encoding. Google leaves the address as it is given and encoded unreserved
// characters encoded; RFC 9309 §2.2.2 has both sides normalised before they are compared.
func googleEncoding() []googleCase {
	deny := func(allow string) string { return group("Disallow: /", "Allow: "+allow) }
	return []googleCase{
		{name: "a query stays as it is", file: deny("/foo/bar?qux=taz&baz=http://foo.bar?tar&par"), allowed: []string{"/foo/bar?qux=taz&baz=http://foo.bar?tar&par"}},
		{name: "three octets", file: deny("/foo/bar/ツ"), allowed: []string{"/foo/bar/%E3%83%84"}, denied: []string{"/foo/bar/ツ"}, byRFC: []string{"/foo/bar/ツ"}},
		{name: "three octets encoded", file: deny("/foo/bar/%E3%83%84"), allowed: []string{"/foo/bar/%E3%83%84"}, denied: []string{"/foo/bar/ツ"}, byRFC: []string{"/foo/bar/ツ"}},
		{name: "unreserved characters encoded", file: deny("/foo/bar/%62%61%7A"), allowed: []string{"/foo/bar/%62%61%7A"}, denied: []string{"/foo/bar/baz"}, byRFC: []string{"/foo/bar/baz"}},
		{name: "an accent in the rule", file: deny("/á"), allowed: []string{"/%C3%A1"}},
		{name: "small hexadecimal digits in the rule", file: deny("/%aa"), allowed: []string{"/%AA"}},
		{name: "a rule that needs no escape", file: deny("/a/b/c"), allowed: []string{"/a/b/c"}},
	}
}

// googlePaths holds the table of Google's documentation on how paths match.
func googlePaths() []googleCase {
	deny := func(allow string) string { return group("disallow: /", "allow: "+allow) }
	fish := []string{"/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html", "/fish.html?id=anything"}
	return []googleCase{
		{name: "/fish", file: deny("/fish"), allowed: fish, denied: []string{"/bar", "/Fish.asp", "/catfish", "/?id=fish"}},
		{name: "/fish*", file: deny("/fish*"), allowed: fish, denied: []string{"/bar", "/Fish.bar", "/catfish", "/?id=fish"}},
		{name: "/fish/", file: deny("/fish/"), allowed: []string{"/fish/", "/fish/salmon", "/fish/?salmon", "/fish/salmon.html", "/fish/?id=anything"}, denied: []string{"/bar", "/fish", "/fish.html", "/Fish/Salmon.html"}},
		{name: "/*.php", file: deny("/*.php"),
			allowed: []string{"/filename.php", "/folder/filename.php", "/folder/filename.php?parameters", "//folder/any.php.file.html", "/filename.php/", "/index?f=filename.php/"},
			denied:  []string{"/bar", "/php/", "/index?php", "/windows.PHP"}},
		{name: "/*.php$", file: deny("/*.php$"), allowed: []string{"/filename.php", "/folder/filename.php"},
			denied: []string{"/bar", "/filename.php?parameters", "/filename.php/", "/filename.php5", "/php/", "/filename?php", "/aaaphpaaa", "//windows.PHP"}},
		{name: "/fish*.php", file: deny("/fish*.php"), allowed: []string{"/fish.php", "/fishheads/catfish.php?parameters"}, denied: []string{"/bar", "/Fish.PHP"}},
	}
}
