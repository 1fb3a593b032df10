package robots_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gocolly/colly/v2"

	"telltale/internal/fetch/robots"
)

// none is the agent that goes by no name.
const none = "\x00"

func (c *googleCase) by() string {
	switch c.agent {
	case "":
		return "FooBot"
	case none:
		return ""
	}
	return c.agent
}

// each calls f for each address with what Google answers and what the RFC does.
func (c *googleCase) each(f func(url string, google, rfc bool)) {
	for i, list := range [][]string{c.allowed, c.denied} {
		for _, url := range list {
			google := i == 0
			f(url, google, google != slices.Contains(c.byRFC, url))
		}
	}
}

func TestGooglesCasesAreAnsweredAsGoogleDoesUnlessTheRFCSaysOtherwise(t *testing.T) {
	checks, otherwise := 0, 0
	for _, c := range googleCases() {
		t.Run(c.name, func(t *testing.T) {
			file := robots.Parse([]byte(c.file))
			c.each(func(url string, google, rfc bool) {
				checks++
				if google != rfc {
					otherwise++
				}
				address := url
				if url != "" {
					address = "http://foo.bar" + url
				}
				if d := file.Test(c.by(), address); d.Allowed != rfc {
					t.Errorf("%.80q: allowed %v by line %d, %.80q", url, d.Allowed, d.Line, d.Rule)
				}
			})
		})
	}
	if checks != 164 || otherwise != 4 {
		t.Errorf("%d checks, %d of them by the RFC against Google", checks, otherwise)
	}
}

func TestLinesAreCountedWhateverTheyEndIn(t *testing.T) {
	for name, file := range map[string]string{
		"Unix": "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\nDisallow: /\n", "DOS": "User-Agent: foo\r\nAllow: /some/path\r\nUser-Agent: bar\r\n\r\n\r\nDisallow: /\r\n",
		"Mac": "User-Agent: foo\rAllow: /some/path\rUser-Agent: bar\r\r\rDisallow: /\r", "no end": "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\nDisallow: /",
		"mixed": "User-Agent: foo\nAllow: /some/path\r\nUser-Agent: bar\n\r\n\nDisallow: /",
	} {
		f := robots.Parse([]byte(file))
		if foo, bar := f.Test("foo", "/some/path").Line, f.Test("bar", "/").Line; foo != 2 || bar != 6 {
			t.Errorf("%s: lines %d and %d", name, foo, bar)
		}
	}
}

// What colly, with its robots check on, makes of the same files: the reason why it decides nothing here.
func TestCollyGetsManyOfGooglesCasesWrong(t *testing.T) {
	cases := googleCases()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.Host, "case"), ".example")); err == nil && r.URL.Path == "/robots.txt" {
			_, _ = io.WriteString(w, cases[i].file)
		}
	}))
	defer server.Close()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}}
	defer transport.CloseIdleConnections()
	checks, wrong := 0, 0
	for i, c := range cases {
		c.each(func(url string, google, _ bool) {
			agent, host := c.by(), "http://case"+strconv.Itoa(i)+".example"
			bare := colly.NewCollector(colly.AllowURLRevisit(), colly.UserAgent(agent))
			bare.IgnoreRobotsTxt = false
			bare.WithTransport(transport)
			err := bare.Visit(host + url)
			checks++
			if errors.Is(err, colly.ErrRobotsTxtBlocked) == google {
				wrong++
			}
		})
	}
	t.Logf("colly answers %d of %d otherwise than Google", wrong, checks)
	if wrong < 15 {
		t.Errorf("only %d of %d: is our own parser still needed?", wrong, checks)
	}
}
