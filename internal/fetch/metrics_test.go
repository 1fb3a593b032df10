package fetch_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"telltale/internal/fetch"
	"telltale/internal/fetch/resolver"
	"telltale/internal/pages"
)

func TestEveryMetricCounts(t *testing.T) {
	l := newLab(t)
	l.page("a.example/robots.txt", "text/plain", "User-agent: *\nDisallow: /x\n")
	inFlight := 0.0
	l.mux.HandleFunc("/a", func(w http.ResponseWriter, _ *http.Request) {
		inFlight = l.metric(t, "in_flight", "")
		_, _ = w.Write([]byte(strings.Repeat("x", 2*pages.MaxBody)))
	})
	l.redirect("/r", "/missing")
	f := l.fetcher(t, l.config())
	get(t, f, "http://a.example/a")
	get(t, f, "http://a.example/r")
	deny(t, f, "http://a.example/x", pages.ReasonRobots)
	for _, c := range []struct {
		name, label string
		want        float64
	}{
		{"requests_total", "2xx", 2}, {"requests_total", "3xx", 1}, {"requests_total", "4xx", 1}, {"requests_total", "", 4},
		{"fetches_total", "2xx", 1}, {"fetches_total", "4xx", 1}, {"fetches_total", "robots_denied", 1}, {"fetches_total", "", 3},
		{"robots_fetches_total", "2xx", 1}, {"robots_denied_total", "", 1}, {"redirects_total", "", 1},
		{"body_bytes_total", "", pages.MaxBody + 27 + 19}, {"truncated_total", "", 1}, {"charsets_total", "utf-8", 2}, {"in_flight", "", 0},
		{"dns_seconds", "", 4}, {"connect_seconds", "", 2}, {"tls_seconds", "", 0}, {"first_byte_seconds", "", 4}, {"politeness_wait_seconds", "", 4},
	} {
		if got := l.metric(t, c.name, c.label); got != c.want {
			t.Errorf("%s{%s} = %v, want %v", c.name, c.label, got, c.want)
		}
	}
	if inFlight != 1 {
		t.Errorf("%v requests in flight during one", inFlight)
	}
	problems, err := testutil.GatherAndLint(l.reg)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	r, err := resolver.New(resolver.Config{Server: l.dns}, l.clock.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fetch.New(l.config(), fetch.Deps{Resolver: r, Registerer: l.reg}); err == nil {
		t.Error("two fetchers share one registry's names")
	}
}
