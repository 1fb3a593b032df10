package technology

import (
	"slices"
	"strings"
	"testing"
)

func TestVersionTemplatesAreResolved(t *testing.T) {
	for name, c := range map[string]struct {
		template string
		groups   []string
		want     string
	}{
		"a group":                        {`\1`, []string{"x 1.2", "1.2"}, "1.2"},
		"text around a group":            {`v\1`, []string{"", "1.2"}, "v1.2"},
		"two groups":                     {`\1.\2`, []string{"", "1", "2"}, "1.2"},
		"a ternary that holds":           {`\1?found:missing`, []string{"", "x"}, "found"},
		"a ternary that does not":        {`\1?found:missing`, []string{"", ""}, "missing"},
		"a ternary with nothing else":    {`\1?next:`, []string{"", ""}, ""},
		"a ternary that gives the group": {`\1?\1:2.0`, []string{"", "3.1"}, "3.1"},
		"a ternary on a second group":    {`\2?pro:free`, []string{"", "", "y"}, "pro"},
		"a group that did not match":     {`\1`, []string{"x", ""}, ""},
		"a group that is not there":      {`\3`, []string{"x", "1"}, ""},
		"no template":                    {``, []string{"x"}, ""},
		"what is too long is no version": {`\1`, []string{"", strings.Repeat("1", 40)}, ""},
		"markup is no version":           {`\1`, []string{"", "1<b>"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := resolveVersion(c.template, c.groups); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzResolveVersion(f *testing.F) {
	f.Add(`\1?a:b`, "1", "2")
	f.Add(`\1?\2:\1?x:y`, "", "\\1")
	f.Add(`\0\0\0?:`, strings.Repeat("x", 100), "")
	f.Fuzz(func(t *testing.T, template, a, b string) {
		if v := resolveVersion(template, []string{a + b, a, b}); len(v) > maxVersion {
			t.Errorf("%d bytes", len(v))
		}
	})
}

func TestTagsAreSplitFromPatterns(t *testing.T) {
	expr, version, confidence := tags(`a\;b\;confidence:50\;version:\1:x`)
	if expr != "a" || version != `\1:x` || confidence != 50 {
		t.Errorf("%q %q %d", expr, version, confidence)
	}
	if _, _, c := tags(`a\;confidence:900`); c != 100 {
		t.Errorf("confidence %d", c)
	}
}

func TestMandatoryLiterals(t *testing.T) {
	for expr, want := range map[string]string{
		`googletagmanager\.com/gtm\.js`: "gletagmanager.com/gtm.js",
		`<[^>]{1,250}wp-content`:        "wp-content",
		`(?:foo|barbaz)x`:               "foox|barbazx",
		`foo1.*barb`:                    "foo1 barb",
		`class=.*barb`:                  "barb",
		`(?:foo.*|x)`:                   "",
		`abc?def`:                       "abdef|abcdef",
		`(?:ab)+cde`:                    "cde",
		`[abc]de`:                       "ade|bde|cde",
		`\d+\.js`:                       ".js",
		`(?:alpha|beta.*gamma)`:         "alpha|gamma",
		`ab|cdef.*`:                     "",
		`Äpfel.de`:                      "pfel",
		`x{3,5}`:                        "",
		`Some\sTHING\S`:                 "thing some",
		`$`:                             "",
	} {
		_, tree, err := compile(expr)
		if err != nil {
			t.Fatal(err)
		}
		var clauses []string
		for _, c := range mandatory(parts(tree), minLiteral) {
			clauses = append(clauses, strings.Join(c.literals, "|"))
		}
		if got := strings.Join(clauses, " "); got != want {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}

// FuzzMandatory holds literals to their word: what matches an expression holds a literal of each
// clause, or the prefilter would hide it.
func FuzzMandatory(f *testing.F) {
	f.Add(`(?:foo|ba[rz])+qux?`, "FOOqu")
	f.Add(`a(?:bcd|e{2}f)*ghi|jkl`, "xxJKLxx")
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 200 || len(text) > 2000 || strings.ContainsAny(text, "\u212a\u017f") {
			return
		}
		compiled, re, err := compile(expr)
		if err != nil || compiled.find([]byte(text), 0, len(text), true) == nil {
			return
		}
		low := strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' {
				return r + 32
			}
			return r
		}, text)
		for _, c := range mandatory(parts(re), minLiteral) {
			if !slices.ContainsFunc(c.literals, func(l string) bool { return strings.Contains(low, l) }) {
				t.Errorf("%q matches %q without any of %q", expr, text, c.literals)
			}
		}
	})
}

func TestTheAutomatonFindsEveryLiteralInAnyCase(t *testing.T) {
	literals := []string{"he", "she", "his", "hers", "wp-content", "content", "a/b"}
	a := newAutomaton(literals)
	for text, want := range map[string][]string{
		"uSHErs":            {"he", "hers", "she"},
		"/WP-Content/":      {"content", "wp-content"},
		"xa/bx his":         {"a/b", "his"},
		"nothing \xff\x00":  nil,
		"sh\xc3\xa9 wp-con": nil,
	} {
		h := newHits(len(literals))
		h.reset()
		a.scan([]byte(text), &h)
		var got []string
		for _, id := range h.list {
			got = append(got, literals[id])
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
