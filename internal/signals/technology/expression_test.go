package technology

import (
	"errors"
	"strings"
	"testing"
)

func TestExpressionsMeanWhatTheyMeanInJavaScript(t *testing.T) {
	for name, c := range map[string]struct {
		expr     string
		yes, not []string
	}{
		"a letter that means nothing stands for itself":    {`\APC\b`, []string{"an apc unit", "APC"}, []string{"xapcx", "pc"}},
		"any character at all":                             {`a[^]b`, []string{"a\nb", "axb"}, []string{"ab"}},
		"no character at all":                              {`a[]b`, nil, []string{"ab", "a]b"}},
		"a bracket in a class":                             {`x[[:]y`, []string{"x[y", "x:y"}, []string{"xy"}},
		"a backspace in a class":                           {`x[\b]y`, []string{"x\x08y"}, []string{"x y", "xby"}},
		"code points":                                      {`\u0041\x42\uZ`, []string{"abuz"}, []string{"AB"}},
		"a dollar sign that is escaped":                    {`\$x`, []string{"$x"}, []string{"x", "$"}},
		"classes are not folded":                           {`^\S+$`, []string{"abc"}, []string{"a b", ""}},
		"not before":                                       {`\.vendor\.io/(?!assist)`, []string{"x.vendor.io/app"}, []string{"x.vendor.io/assist/1"}},
		"not before, from a later place on":                {`(?!framing\.io)\bframing.{0,32}\.js`, []string{"/framing.js", "framing.io/framing.js"}, []string{"framing.io/x.js"}},
		"not anywhere before":                              {`^(?!.*viewer).*adview\.com/`, []string{"//x.adview.com/a"}, []string{"//viewer.adview.com/", "//adview.com/viewer"}},
		"not anywhere behind":                              {`mapper.{0,32}\.js(?!.+shopper)`, []string{"mapper.js", "mapper.js\n?shopper", "mapper.js?shopper mapper.js"}, []string{"mapper.js?x=shopper"}},
		"in the middle":                                    {`/(\d+)/library(?!\.popup|(?:\.[\w-]*)*gallery)[/.-][^u]`, []string{"/3/library.min.js"}, []string{"/3/library.popup.js", "/3/library.x.gallery.js", "/3/library-ui"}},
		"not behind":                                       {`(?<!abc\.io)/loader\.`, []string{"x.com/loader.js"}, []string{"x.abc.io/loader.js"}},
		"not behind a hyphen":                              {`\b(?<!-)UPS\b`, []string{"by UPS today", "ups"}, []string{"-ups", "cups", "upset"}},
		"a dot that never begins a word":                   {`^(?:(?!inner).)*$`, []string{"https://x.example/", ""}, []string{"https://x.example/inner/1", "a\nb"}},
		"before and behind":                                {`(?<=a)b(?=c)`, []string{"abc"}, []string{"ab", "bc", "xbc"}},
		"an alternative that looks ahead, and one without": {`x(?!y)|z`, []string{"xa", "xyz"}, []string{"xy"}},
	} {
		t.Run(name, func(t *testing.T) {
			e, _, err := compile(c.expr)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range c.yes {
				if e.find([]byte(s), 0, len(s), true) == nil {
					t.Errorf("%q does not match", s)
				}
			}
			for _, s := range c.not {
				if at := e.find([]byte(s), 0, len(s), true); at != nil {
					t.Errorf("%q matches at %v", s, at)
				}
			}
		})
	}
}

func TestGroupsKeepTheirNumbersBesideGuards(t *testing.T) {
	e, _, err := compile(`(?<!q)/(\d+)/x(?!y)-([a-z]+)`)
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("/12/x-abc")
	if got := groupsOf(text, e.find(text, 0, len(text), true)); strings.Join(got, " ") != "/12/x-abc 12 abc" {
		t.Errorf("groups %q", got)
	}
}

func TestWhatHasNoEquivalentIsAnError(t *testing.T) {
	for _, expr := range []string{`(a)\1`, `(?<n>a)\k<n>`, `(?:a(?!b))*c`, `a(?!b(?=c))`, `a\`, `[a`, `(?=a`, strings.Repeat("a", maxExpression+1) + `\w`} {
		if _, _, err := compile(expr); !errors.Is(err, errNoEquivalent) {
			t.Errorf("%s: %v", clipped(expr), err)
		}
	}
	for _, expr := range []string{"(a", "a**", "[z-a]", "x{2000}"} {
		if _, _, err := compile(expr); err == nil {
			t.Errorf("%s compiles", expr)
		}
	}
}

func TestAlternativesRunEachAroundTheirOwnWords(t *testing.T) {
	e, tree, err := compile(`(?:<a[^>]+(\d)by alpha>|from <b[^>]+(\d)beta<)x`)
	if err != nil {
		t.Fatal(err)
	}
	list, trees := split(e, tree)
	if len(list) != 2 {
		t.Fatalf("%d expressions", len(list))
	}
	for i, c := range []struct{ text, groups string }{{"<a 1by alpha>x", "<a 1by alpha>x|1|"}, {"from <b 2beta<x", "from <b 2beta<x||2"}} {
		if !bounded(parts(trees[i])) {
			t.Errorf("alternative %d has no bound", i)
		}
		text := []byte(c.text)
		if got := groupsOf(text, list[i].find(text, 0, len(text), true)); strings.Join(got, "|") != c.groups {
			t.Errorf("groups %q, want %s", got, c.groups)
		}
	}
}

func TestLinksOfAChainFollowEachOther(t *testing.T) {
	m, err := New(Rules{"T": {HTML: strs{`<script>[\s\S]*?alpha-mark[\s\S]*</script>`}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.patterns) != 1 || len(m.patterns[0].links) != 3 {
		t.Fatalf("%+v", m.patterns)
	}
	filler := strings.Repeat("<p>x</p>", 4000)
	for body, want := range map[string]bool{
		"<script>" + filler + "alpha-mark" + filler + "</script>":   true,
		"alpha-mark" + filler + "<script>" + filler + "</script>":   false,
		"<script></script>" + filler + "alpha-mark":                 false,
		"<script></script>alpha-mark<script></script>":              true,
		"</script><script>alpha-mark" + filler + "</SCRIPT>":        true,
		"<script>" + filler + "ALPHA-mark" + filler + "</script  >": false,
	} {
		s := scanned(m, docOf(t, body))
		s.inBody()
		if _, got := s.found[0]; got != want {
			t.Errorf("%s: found %v", clipped(body), got)
		}
	}
}

// FuzzCompile holds the translation to what it says it does: an error, or an expression that can be run.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{`\b(?<!-)UPS\b`, `^(?!.*a).*b`, `(?:<a|b)[^]\u0041[[\b]`, `a{1,250}[\s\S]*?b`, `(x)(?=y)|z`} {
		f.Add(s, "UPS <a b x y")
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 300 || len(text) > 2000 {
			return
		}
		e, tree, err := compile(expr)
		if err != nil {
			return
		}
		at := e.find([]byte(text), 0, len(text), true)
		if at != nil && (at[0] < 0 || at[1] > len(text) || at[0] > at[1]) {
			t.Errorf("match at %v", at)
		}
		list, _ := split(e, tree)
		found := false
		for _, alt := range list {
			found = found || alt.find([]byte(text), 0, len(text), false) != nil
		}
		if found != (at != nil) {
			t.Errorf("%q on %q: whole %v, alternatives %v", expr, text, at, found)
		}
	})
}

func TestManyAlternationsAreLeftWhole(t *testing.T) {
	e, tree, err := compile(strings.Repeat(`(?:a[^x]*|b[x]*)`, 60))
	if err != nil {
		t.Fatal(err)
	}
	if list, _ := split(e, tree); len(list) != 1 || list[0] != e {
		t.Errorf("%d expressions", len(list))
	}
}
