package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file below testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "inspect", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs (-update writes it):\n got %s\nwant %s", path, got, want)
	}
}

const robotsTxt = `# robots of a.example
User-agent: *
Disallow: /private/
Allow: /private/press
Crawl-delay: 2.5

User-agent: TelltaleBot
Disallow: /tmp
Sitemap: https://a.example/one.xml
Sitemap: https://a.example/two.xml
`

const rss = `<?xml version="1.0"?><rss version="2.0"><channel><title>News &amp; more</title><link>https://a.example/</link>
<item><title>First</title><link>https://a.example/1</link><pubDate>Mon, 14 Sep 2026 08:00:00 +0200</pubDate><description>One &lt;b&gt;bold&lt;/b&gt; step.</description></item>
<item><title>Second</title><link>/2</link></item></channel></rss>`

const sitemapXML = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://a.example/</loc><lastmod>2026-09-14</lastmod></url><url><loc>https://a.example/b?x=1&amp;y=2</loc></url></urlset>`

const sitemapIndex = `<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://a.example/one.xml</loc></sitemap></sitemapindex>`

const page = `<!doctype html><html lang="en"><head><title>Contoso moves its mail to Microsoft 365</title>
<meta property="article:published_time" content="2026-09-14T08:00:00+02:00"><link rel="canonical" href="https://www.contoso.example/news/mail-move">
<script src="https://www.googletagmanager.com/gtm.js?id=GTM-ABC123"></script></head><body><nav><a href="/careers/">Careers</a></nav>
<article><h1>Contoso moves its mail to Microsoft 365</h1><p>We are migrating all of our mailboxes from Google Workspace to Microsoft 365.</p>
<p>In May we acquired Fabrikam Ltd, a maker of pumps in York.</p></article></body></html>`

const prose = "We are migrating all of our mailboxes from Google Workspace to Microsoft 365. In May we acquired Fabrikam Ltd, a maker of pumps."

// question is one thing asked in both ways: as flags and a body, and as a line of --batch.
type question struct {
	name, verb string
	args       []string
	keys       map[string]any
	body       string
}

func questions() []question {
	headers := map[string]any{"Server": "nginx/1.25.3", "Set-Cookie": []string{"a=1", "b=2"}}
	return []question{
		{"robots that refuse", "robots", []string{"--agent", "OtherBot", "--url", "https://a.example/private/x"}, map[string]any{"agent": "OtherBot", "url": "https://a.example/private/x"}, robotsTxt},
		{"robots that allow", "robots", []string{"--agent", "OtherBot", "--url", "/private/press/1"}, map[string]any{"agent": "OtherBot", "url": "/private/press/1"}, robotsTxt},
		{"robots that name us", "robots", []string{"--url", "/tmp/a"}, map[string]any{"url": "/tmp/a"}, robotsTxt},
		{"robots that are empty", "robots", nil, map[string]any{}, ""},
		{"robots that are HTML", "robots", nil, map[string]any{}, "<!doctype html><title>No</title>"},
		{"an address", "url", nil, map[string]any{}, "HTTP://WWW.Bücher.Example:80/a/../b c?q=1#part"},
		{"a relative address", "url", []string{"--base", "https://a.co.uk/x/"}, map[string]any{"base": "https://a.co.uk/x/"}, "../y"},
		{"no address", "url", nil, map[string]any{}, "http://"},
		{"a feed", "feed", []string{"--header", "Content-Type: application/rss+xml", "--url", "https://a.example/feed"}, map[string]any{"url": "https://a.example/feed", "headers": map[string]any{"Content-Type": "application/rss+xml"}}, rss},
		{"no feed", "feed", nil, map[string]any{}, "hello"},
		{"a sitemap", "sitemap", nil, map[string]any{}, sitemapXML},
		{"an index of sitemaps", "sitemap", nil, map[string]any{}, sitemapIndex},
		{"no sitemap", "sitemap", nil, map[string]any{}, "hello"},
		{"a page", "page", []string{"--url", "https://contoso.example/news/mail-move", "--header", "Server: nginx/1.25.3", "--header", "Set-Cookie: a=1", "--header", "Set-Cookie: b=2"}, map[string]any{"url": "https://contoso.example/news/mail-move", "headers": headers}, page},
		{"an empty page", "page", nil, map[string]any{}, ""},
		{"a text", "text", nil, map[string]any{}, prose},
		{"a text of a language", "text", []string{"--language", "en"}, map[string]any{"language": "en"}, prose},
		{"an empty text", "text", nil, map[string]any{}, ""},
	}
}

func TestInspectAnswersByTheContract(t *testing.T) {
	for _, q := range questions() {
		t.Run(q.name, func(t *testing.T) {
			single := ask(t, q.body, "telltale", append([]string{"inspect", q.verb}, q.args...)...).fine(t)
			if strings.Count(single.out, "\n") != 1 || single.err != "" {
				t.Fatalf("it answers %q and says %q", single.out, single.err)
			}
			got := single.out
			if q.verb == "page" || q.verb == "text" { // what rules find is theirs to test; the form is the contract
				got = shape(t, got) + "\n"
			}
			golden(t, strings.ReplaceAll(q.name, " ", "-")+".golden", got)

			var lines strings.Builder
			for _, body := range []map[string]any{{"body": base64.StdEncoding.EncodeToString([]byte(q.body))}, {"text": q.body}} {
				for k, v := range q.keys {
					body[k] = v
				}
				line, err := json.Marshal(body)
				if err != nil {
					t.Fatal(err)
				}
				lines.Write(append(line, '\n'))
			}
			batch := ask(t, lines.String(), "telltale", "inspect", q.verb, "--batch").fine(t)
			if batch.out != single.out+single.out {
				t.Errorf("alone it answers\n%sin a batch, as body and as text,\n%s", single.out, batch.out)
			}
		})
	}
}

func TestInspectPageFindsWhatThePageShows(t *testing.T) {
	a := ask(t, page, "telltale", "inspect", "page", "--url", "https://contoso.example/news/mail-move", "--header", "Server: nginx/1.25.3").fine(t)
	for _, want := range []string{
		`"kind":"press"`, `"title":"Contoso moves its mail to Microsoft 365"`, `"language":"en"`, `"published":"2026-09-14T06:00:00Z"`,
		`"canonical":"https://www.contoso.example/news/mail-move"`, `{"url":"https://contoso.example/careers/","kind":"careers"}`,
		`"name":"nginx","version":"1.25.3"`, `"name":"Google Tag Manager"`, `"name":"migration","product":"Microsoft 365","sign":1`, `"name":"merger_acquisition"`,
	} {
		if !strings.Contains(a.out, want) {
			t.Errorf("no %s in %s", want, a.out)
		}
	}
	b := ask(t, prose, "telltale", "inspect", "text").fine(t)
	for _, want := range []string{`{"language":"en",`, `"name":"migration","product":"Microsoft 365","sign":1`, `{"name":"merger_acquisition","evidence":"In May we acquired Fabrikam Ltd`} {
		if !strings.Contains(b.out, want) {
			t.Errorf("no %s in %s", want, b.out)
		}
	}
}

func TestABatchAnswersEveryLineInOrder(t *testing.T) {
	var in, want strings.Builder
	for i := range 2000 {
		switch i % 5 {
		case 0:
			in.WriteString("nonsense\n")
		case 1:
			in.WriteString(`{"url":5}` + "\n")
		case 2:
			in.WriteString("\n")
		case 3:
			in.WriteString(`{"body":"not base64!"}` + "\n")
		default:
			fmt.Fprintf(&in, `{"url":"http://A%d.example","unknown":[1]}`+"\n", i)
		}
	}
	in.WriteString("\n \n") // blank lines at the end are nobody's questions
	out := ask(t, in.String(), "telltale", "inspect", "url", "--batch").fine(t).out
	for i := range 2000 {
		if i%5 == 4 {
			fmt.Fprintf(&want, `{"url":"http://a%d.example/","registrable_domain":"a%[1]d.example"}`+"\n", i)
			continue
		}
		want.WriteString(`{"error":`)
		line, rest, _ := strings.Cut(out[want.Len()-len(`{"error":`):], "\n")
		if !strings.HasPrefix(line, `{"error":"line is no question: `) || rest == "" {
			t.Fatalf("line %d is answered by %q", i, line)
		}
		want.WriteString(line[len(`{"error":`):] + "\n")
	}
	if out != want.String() {
		t.Errorf("the answers are not those of the lines, in order")
	}
	flags := ask(t, `{}`+"\n"+`{"agent":"Other"}`, "telltale", "inspect", "robots", "--agent", "TelltaleBot", "--batch").fine(t).out
	if strings.Count(flags, "\n") != 2 {
		t.Errorf("a last line without an end is answered by %q", flags)
	}
	for _, headers := range []string{`[1]`, `{"a":1}`, `"a"`} {
		if a := ask(t, `{"headers":`+headers+`}`, "telltale", "inspect", "page", "--batch").fine(t); !strings.HasPrefix(a.out, `{"error":"line is no question: headers: `) {
			t.Errorf("headers %s are answered by %s", headers, a.out)
		}
	}
}

func TestABatchAnswersBeforeTheNextQuestion(t *testing.T) {
	cmd := command(t.Context(), "telltale", []string{"inspect", "url", "--batch"})
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answers := json.NewDecoder(out)
	for i := range 3 {
		if _, err := fmt.Fprintf(in, `{"url":"http://a%d.example/"}`+"\n", i); err != nil {
			t.Fatal(err)
		}
		var a struct{ URL string }
		if err := answers.Decode(&a); err != nil || a.URL != fmt.Sprintf("http://a%d.example/", i) {
			t.Fatalf("question %d: %+v, %v", i, a, err)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// shape writes a JSON answer as its keys, in order, and the types of its values; a list is what its elements share.
func shape(t *testing.T, answer string) string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(answer))
	s, err := shapeOf(dec)
	if err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
	if _, err := dec.Token(); err != io.EOF {
		t.Errorf("there is more than one value in %s", answer)
	}
	return s
}

func shapeOf(dec *json.Decoder) (string, error) {
	token, err := dec.Token()
	if err != nil {
		return "", err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return fmt.Sprintf("%T", token), nil
	}
	var b bytes.Buffer
	b.WriteString(delim.String())
	seen := map[string]bool{}
	for dec.More() {
		if delim == '{' {
			key, err := dec.Token()
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&b, "%q:", key)
		}
		s, err := shapeOf(dec)
		if err != nil {
			return "", err
		}
		if delim == '{' || !seen[s] {
			b.WriteString(s + " ")
		}
		seen[s] = true
	}
	end, err := dec.Token()
	return strings.TrimSuffix(b.String(), " ") + fmt.Sprint(end), err
}
