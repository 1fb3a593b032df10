package technology

import (
	"fmt"
	"strings"
	"testing"
)

func TestOnlyPlainAssignmentsOfTheTopLevelCount(t *testing.T) {
	for script, want := range map[string]string{
		`window.dataLayer = window.dataLayer || [];`:                        "dataLayer",
		`var Foo = {"name": 'x', version: "1.2", nested: {n: 3}, f: g(1)};`: "Foo Foo.name=x Foo.version=1.2 Foo.nested Foo.nested.n=3 Foo.f",
		`var a = 1, b = "x", c = f(1, 2), d`:                                "a=1 b=x c",
		"Foo.bar = 'x'\nwindow['baz'] = true":                               "Foo.bar=x baz=true",
		`self.x = null; y = undefined; z = void 0; w = false; v = !0`:       "v=true",
		`var s = "a" + b`:                                    "s",
		`if (x) { var Foo = 1 }`:                             "",
		`function f(){ Foo = 1 }`:                            "",
		`(function(w){ w.Foo = 1; window.Bar = 2 })(window)`: "",
		`let Foo = 1; const Bar = 2, Baz = 3`:                "",
		`Foo == 1; Bar => 2; Foo.x === 3`:                    "",
		"// var Foo = 1\n/* Bar = 2 */ Baz = 3":              "Baz=3",
		"var t = `Foo = 1; ${a('x')}`; Bar = 1":              "t Bar=1",
		"var t = `${a(`x`)}`; Bar = 1":                       "",
		`x = a / b; Foo = /[/"]'/g.test(y); Bar = 1`:         "x Foo Bar=1",
		`f("Foo = 1"); Bar = 1`:                              "Bar=1",
		`Foo = 1 }`:                                          "",
		`Foo = "never closed`:                                "",
		`Foo = 1; (`:                                         "",
		`a.b[c] = 1; a[0] = 2`:                               "",
		"<!-- hidden\nFoo = 1":                               "Foo=1",
		`{ Foo = 1 } Bar = 2`:                                "Bar=2",
		`var Foo = Foo || {}; Foo.x = "esc\"aped"`:           "Foo Foo.x",
	} {
		list, _ := assignments([]byte(script), func(string) bool { return true })
		var got []string
		say := func(path string, v *jsValue) {
			switch {
			case v.absent:
			case v.literal:
				got = append(got, path+"="+v.text)
			default:
				got = append(got, path)
			}
		}
		for i := range list {
			say(list[i].path, &list[i].value)
			for k := range list[i].value.fields {
				say(list[i].path+"."+list[i].value.fields[k].path, &list[i].value.fields[k].value)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s\ngot  %s\nwant %s", script, s, want)
		}
	}
}

func TestGlobalsThatInlineScriptsAssignShowTheirTechnology(t *testing.T) {
	rules := Rules{
		"Layer": {JS: map[string]strs{"dataLayer": {""}}},
		"Foo":   {JS: map[string]strs{"Foo.version": {`^([\d.]+)$\;version:\1`}}},
		"Shop":  {JS: map[string]strs{"Shop.kind": {"^plus$"}, "shopWidget": {`\;confidence:40`}}},
	}
	m, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{
		`<script>window.dataLayer = window.dataLayer || [];</script>`:                           "Layer  100;",
		`<script>var Foo = {a: 1, version: "1.2"}</script>`:                                     "Foo 1.2 100;",
		`<script>Foo.version = 'next'</script><script>Shop.kind = "plus"</script>`:              "Shop  100;",
		`<script>shopWidget = 1; var Shop = {kind: "basic"}</script>`:                           "Shop  40;",
		`<script type="text/template">dataLayer = []</script><p>window.dataLayer = []</p>`:      "",
		`<script>function later(){ window.dataLayer = [] }</script><script>dataLayer=</script>`: "",
		`<script src="x.js">dataLayer = []</script>`:                                            "",
	} {
		got := ""
		for _, d := range m.Match(docOf(t, body)) {
			got += fmt.Sprintf("%s %s %d;", d.Name, d.Version, d.Confidence)
			if d.Kind != FieldJS || d.Offset == 0 || !strings.Contains(body[d.Offset:], strings.Fields(d.Evidence)[0]) {
				t.Errorf("%s: %+v", body, d)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	if n := m.Report().NeedsScript["js"]; n != 4 {
		t.Errorf("%d js patterns counted", n)
	}
}

// FuzzAssignments holds the scanner to its bounds on any script.
func FuzzAssignments(f *testing.F) {
	for _, s := range []string{"var a={b:'c',d:{e:1}};window.x=y||{}", "a=`${`${b}`}`/c/d", "x=/[/]/;(", "a['b'][\"c\"]=-1.5//", "<!--\nvar $=!0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) {
		list, ok := assignments([]byte(script), func(string) bool { return true })
		if !ok && len(list) > 0 {
			t.Errorf("given up, and yet %+v", list)
		}
		for _, a := range list {
			if a.path == "" || a.start < 0 || a.start >= len(script) || len(a.value.fields) > maxFields {
				t.Errorf("%+v", a)
			}
		}
	})
}
