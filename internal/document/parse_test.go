package document

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"telltale/internal/pages"
)

var fetched = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func page(body string) *pages.Page {
	return &pages.Page{Domain: "acme.example", URL: "https://www.acme.example/a/page", FinalURL: "https://www.acme.example/a/page",
		Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, FetchedAt: fetched, Body: []byte(body)}
}

func parse(t *testing.T, body string) *Document {
	t.Helper()
	d, err := Parse(page(body))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return d
}

func render(d *Document) string {
	names := [...]string{"p", "title", "h", "li", "quote", "td", "chrome"}
	var b strings.Builder
	for _, bl := range d.Blocks {
		b.WriteString(names[bl.Role] + ":" + bl.Text + "|")
	}
	return strings.TrimSuffix(b.String(), "|")
}

func TestBlocksCarryTheirRoles(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"white space is collapsed and entities are decoded":  {"<p> a &amp;\n b&nbsp;&nbsp;c &#x41;&eacute; </p>", "p:a & b c Aé"},
		"a title is a block of its own":                      {"<title>T &lt;1&gt;</title><p>x", "title:T <1>|p:x"},
		"headings, items, quotes and cells are told apart":   {"<h2>H</h2><ul><li>i<li>j</ul><blockquote>q</blockquote><table><tr><td>c<td>d</table>z", "h:H|li:i|li:j|quote:q|td:c|td:d|p:z"},
		"inline elements do not break words":                 {"<p>Mi<b>cro</b>soft <i>365</i></p>", "p:Microsoft 365"},
		"navigation, footer, aside and forms are chrome":     {"<header>x</header><nav>n</nav><p>a</p><form>f</form><aside>s</aside><footer>z</footer>", "chrome:x|chrome:n|p:a|chrome:f|chrome:s|chrome:z"},
		"a cookie banner is chrome by its class":             {`<div class="cookie-banner"><p>We use Google Analytics</p></div><p>a</p>`, "chrome:We use Google Analytics|p:a"},
		"a cookie class on the body is not":                  {`<body class="cookies-not-set"><p>a</p>`, "p:a"},
		"an article's header is content":                     {"<article><header><h1>H</h1><p>by</p></header>t</article>", "h:H|p:by|p:t"},
		"a page header keeps its heading":                    {"<header><h1>H</h1><p>slogan</p></header>", "h:H|chrome:slogan"},
		"main is content inside an unclosed navigation":      {"<nav>n<main><p>a</p></main>", "chrome:n|p:a"},
		"a form around the whole page is no form":            {`<body><form id="aspnetForm"><p>a</p></form>`, "p:a"},
		"a view state says the same":                         {`<body><form id="x"><input type="hidden" name="__VIEWSTATE"><p>a</p></form>`, "p:a"},
		"an unclosed heading ends at the next block":         {"<h2>H<p>a</p><div>b</div>", "h:H|p:a|p:b"},
		"a stray end tag closes nothing":                     {"<nav><ul><li>n</div></li></ul></nav><p>a</p></nav>", "chrome:n|p:a"},
		"scripts, styles, templates and comments are silent": {"<p>a<script>var b='<p>c'</script><style>p{}</style><template>t</template><!-- d --></p>e", "p:a|p:e"},
		"noscript is markup, and chrome":                     {"<noscript><p>Enable <b>JavaScript</b></p></noscript><p>a", "chrome:Enable JavaScript|p:a"},
		"two breaks end a block":                             {"a<br>b<br><br>c", "p:a b|p:c"},
		"NULs and soft hyphens vanish, bad UTF-8 is marked":  {"<p>Mi\x00cro\u00adsoft \xff</p>", "p:Microsoft \uFFFD"},
		"hidden text is chrome":                              {`<div style="display: none">x</div><div hidden>y</div><p>a`, "chrome:x|chrome:y|p:a"},
		"an svg title is no title":                           {"<svg><title>icon</title><text>t</text></svg><p>a", "p:a"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := render(parse(t, c.body)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
