package jsonld

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// render writes what was read in one line: types, members in order.
func render(nodes []*Node) string {
	var b strings.Builder
	for i, n := range nodes {
		if i > 0 {
			b.WriteString(" ")
		}
		n.render(&b)
	}
	return b.String()
}

func (n *Node) render(b *strings.Builder) {
	b.WriteString("{")
	for i, m := range n.members {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(m.key + ":")
		m.val.render(b)
	}
	b.WriteString("}")
}

func (v value) render(b *strings.Builder) {
	switch v.kind {
	case kindText:
		b.WriteString(v.text)
	case kindList:
		b.WriteString("[")
		for i, e := range v.list {
			if i > 0 {
				b.WriteString(",")
			}
			e.render(b)
		}
		b.WriteString("]")
	case kindNode:
		v.node.render(b)
	default:
	}
}

func TestStructuredDataIsReadAsItIsFound(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"an object":                         {`{"a":"b","n":1.5,"t":true,"x":null}`, `{a:b,n:1.5,t:true}`},
		"a list of objects":                 {`[{"a":1},{"b":2}]`, `{a:1} {b:2}`},
		"an array of arrays":                {`[[{"a":1}],[[{"b":2}]],[]]`, `{a:1} {b:2}`},
		"a graph":                           {`{"@context":"https://schema.org","@graph":[{"a":1},{"b":2}]}`, `{a:1} {b:2}`},
		"a graph with a type of its own":    {`{"@type":"X","@graph":[{"a":1}]}`, `{@type:X,@graph:[{a:1}]} {a:1}`},
		"several objects one after another": {`{"a":1} {"b":2};{"c":3}`, `{a:1} {b:2} {c:3}`},
		"nested objects":                    {`{"a":{"b":{"c":"d"}}}`, `{a:{b:{c:d}}}`},
		"trailing commas":                   {`{"a":[1,2,],"b":"c",}`, `{a:[1,2],b:c}`},
		"missing commas":                    {"{\"a\":\"b\"\n\"c\":\"d\"}", `{a:b,c:d}`},
		"an HTML comment around it":         {"<!-- \n{\"a\":1}\n-->", `{a:1}`},
		"a CDATA section around it":         {"//<![CDATA[\n{\"a\":1}\n//]]>", `{a:1}`},
		"comments within it":                {"{/* x */\"a\":1, // y\n\"b\":2}", `{a:1,b:2}`},
		"raw line breaks in a string":       {"{\"a\":\"b\n\tc\"}", "{a:b\n\tc}"},
		"raw quotes in a string":            {`{"name":"The "Best" of us","a":"say "so""}`, `{name:The "Best" of us,a:say "so"}`},
		"escapes":                           {`{"a":"\u00fc\/\n\"\ud83d\ude00 \ud83d \u12"}`, "{a:ü/ \"😀 \uFFFD \uFFFD12}"},
		"references for all its quotes":     {`{&quot;a&quot;:&quot;b&quot;}`, `{a:b}`},
		"a missing end":                     {`{"a":{"b":[1,{"c":"d`, `{a:{b:[1,{c:d}]}}`},
		"a missing bracket":                 {`{"a":[1,2,"b":3}`, `{a:[1,2,b,3]}`},
		"names without quotes":              {`{a:1,'b':2}`, `{a:1,b:2}`},
		"a template that was not filled in": {`{"a": {{ page.title }}, "b": }`, `{a:{}}`},
		"no JSON at all":                    {`hello <b>world</b>`, ``},
		"nothing":                           {``, ``},
		"a byte order mark":                 {"\ufeff{\"a\":1}", `{a:1}`},
		"a backslash at the end":            {`{"a":"b\`, `{a:b\}`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := render(Parse(c.in)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestTypesAndTermsLoseTheirPrefix(t *testing.T) {
	n := Parse(`{"@type":["http://schema.org/Article","schema:Thing"],"https://schema.org/name":"x &amp;  y"}`)[0]
	if !n.Is("Article") || !n.Is("Thing") || n.Is("Person") || n.Text("name") != "x & y" {
		t.Errorf("types %v, name %q", n.Types, n.Text("name"))
	}
}

// TestHostileDataStaysWithinBounds asserts the bounds; that each ends at all is the rest of the claim.
func TestHostileDataStaysWithinBounds(t *testing.T) {
	many := strings.Repeat
	for name, text := range map[string]string{
		"nested lists": many("[", 1<<20), "nested objects": many(`{"a":`, 1<<20), "quotes": many(`"`, 1<<20), "quotes and blanks": many(`" `, 1<<20),
		"braces": many("{}", 1<<20), "commas": `{"a":[` + many("1,", 1<<20), "open comments": many("/*", 1<<20), "backslashes": `{"a":"` + many(`\`, 1<<20),
		"colons": "{" + many(":", 1<<20), "a long text": `{"a":"` + many("x", 1<<20) + `"}`, "blanks after quotes": many(`"`+many(" ", 1000), 1000),
	} {
		t.Run(name, func(t *testing.T) {
			nodes, deepest, count := Parse(text), 0, 0
			Walk(nodes, func(n *Node, depth int, _ string) bool {
				count++
				deepest = max(deepest, depth)
				if len(n.members) > maxList || len(n.Text("a")) > maxString {
					t.Errorf("a node of %d members, a text of %d bytes", len(n.members), len(n.Text("a")))
				}
				return true
			})
			if deepest > maxDepth || count > maxNodes {
				t.Errorf("%d nodes, %d deep", count, deepest)
			}
		})
	}
}

func TestOrganizationsTellTheirFacts(t *testing.T) {
	own := func(url string) bool { return strings.Contains(url, "acme.example") }
	for name, c := range map[string]struct {
		in   string
		want *Organization
	}{
		"all of them": {
			`{"@type":"Corporation","name":"Acme","legalName":"Acme Pumps GmbH","url":"https://www.acme.example/","foundingDate":"1987-05-01T00:00",
"numberOfEmployees":{"@type":"QuantitativeValue","value":250},"address":{"@type":"PostalAddress","streetAddress":"Am Werk 1","postalCode":"10115",
"addressLocality":"Berlin","addressCountry":{"@type":"Country","name":"DE"}},"sameAs":["https://www.linkedin.com/company/acme","nonsense"],"founder":{"@type":"Person","name":"X"}}`,
			&Organization{Type: "Corporation", Name: "Acme", LegalName: "Acme Pumps GmbH", URL: "https://www.acme.example/", Founded: "1987-05-01", EmployeesMin: 250, EmployeesMax: 250,
				Address: &Address{Street: "Am Werk 1", PostalCode: "10115", Locality: "Berlin", Country: "DE"}, SameAs: []string{"https://www.linkedin.com/company/acme"}},
		},
		"the publisher of a page, in a graph, in two parts": {
			`{"@graph":[{"@type":"WebPage","isPartOf":{"@type":"WebSite","publisher":{"@id":"#org"}}},{"@type":"Article","publisher":{"@type":"Organization","@id":"#org","name":"Acme","url":"https://acme.example"}},
{"@type":"Organization","@id":"#org","sameAs":"//x.example/acme"}]}`,
			&Organization{Type: "Organization", Name: "Acme", URL: "https://acme.example", SameAs: []string{"https://x.example/acme"}},
		},
		"a range of employees": {`{"@type":"Organization","name":"A","numberOfEmployees":{"minValue":"11","maxValue":"50"}}`, &Organization{Type: "Organization", Name: "A", EmployeesMin: 11, EmployeesMax: 50}},
		"a range in words":     {`{"@type":"Organization","name":"A","numberOfEmployees":"1,001-5,000 employees"}`, &Organization{Type: "Organization", Name: "A", EmployeesMin: 1001, EmployeesMax: 5000}},
		"500+":                 {`{"@type":"Organization","name":"A","numberOfEmployees":"500+"}`, &Organization{Type: "Organization", Name: "A", EmployeesMin: 500, EmployeesMax: 500}},
		"an address in one line": {`{"@type":"LocalBusiness","name":"A","address":"Am Werk 1, Berlin"}`,
			&Organization{Type: "LocalBusiness", Name: "A", Address: &Address{Text: "Am Werk 1, Berlin"}}},
		"a name alone is no fact":              {`{"@type":"Organization","name":"A"}`, nil},
		"the author's organisation is another": {`{"@type":"Article","author":{"@type":"Organization","name":"B","legalName":"B Ltd"}}`, nil},
		"an organisation of another site":      {`{"@type":"Organization","name":"B","url":"https://b.example","legalName":"B Ltd"}`, nil},
		"people are never read":                {`{"@type":"Person","name":"Jane","sameAs":["https://x.example/jane"]}`, nil},
		"more people than live":                {`{"@type":"Organization","name":"A","numberOfEmployees":99999999999,"foundingDate":"20000-01-01","legalName":"A"}`, &Organization{Type: "Organization", Name: "A", LegalName: "A"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, OrganizationOf(Parse(c.in), own)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestJobAdvertsTellRoleSkillsAndDay(t *testing.T) {
	in := `[{"@type":"JobPosting","title":"Azure Engineer (m/w/d)","datePosted":"2026-03-14T08:00:00Z","validThrough":"2026-05-01","employmentType":["FULL_TIME","PART_TIME"],
"hiringOrganization":{"@type":"Organization","name":"Acme","sameAs":["https://acme.example","ftp://no"],"url":"//www.acme.example/"},"description":"<p>You run <b>Azure</b>.","jobBenefits":"a bicycle","qualifications":{"@type":"X","name":"A degree"},"skills":["Azure, Terraform; Kubernetes","` + strings.Repeat("a long sentence ", 9) + `"],
"jobLocation":{"@type":"Place","address":{"addressLocality":"Berlin","addressCountry":"DE"}},"jobLocationType":"TELECOMMUTE"}]`
	want := []Job{{Title: "Azure Engineer (m/w/d)", Company: "Acme", Skills: []string{"Azure", "Terraform", "Kubernetes"}, Posted: "2026-03-14", Until: "2026-05-01",
		Employment: "FULL_TIME, PART_TIME", Locality: "Berlin", Country: "DE", Remote: true, CompanyURLs: []string{"https://www.acme.example/", "https://acme.example"},
		Description: "<div><p>You run <b>Azure</b>.</div><div>A degree</div><div>" + strings.TrimSpace(strings.Repeat("a long sentence ", 9)) + "</div>"}}
	if diff := cmp.Diff(want, JobsOf(Parse(in+in))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestALongAdvertIsCutAtARune(t *testing.T) {
	jobs := JobsOf(Parse(`{"@type":"JobPosting","title":"Cook","description":"` + strings.Repeat("ß", maxDescription) + `"}`))
	if len(jobs) != 1 || len(jobs[0].Description) > maxDescription || len(jobs[0].Description) < maxDescription-2 || !utf8.ValidString(jobs[0].Description) {
		t.Errorf("%d jobs", len(jobs))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"@type":"Organization","numberOfEmployees":"1-5","address":"x"}`, `[[{"@graph":[{}]}]]`, `{"a":"\ud83d\u`, `<!--{"a":/*`, `{&quot;a`, `{"@type":"JobPosting","title":"x","skills":[["a"]]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		nodes := Parse(text)
		if o := OrganizationOf(nodes, nil); o != nil && (len(o.Name) > maxFact || o.EmployeesMin > o.EmployeesMax || o.EmployeesMax > maxEmployees) {
			t.Errorf("%+v", o)
		}
		if jobs := JobsOf(nodes); len(jobs) > maxJobs {
			t.Errorf("%d jobs", len(jobs))
		}
	})
}
