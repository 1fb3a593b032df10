package sampleweb

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

var hrefs = regexp.MustCompile(`href="([^"]+)"`)

func TestTrapsNeverEnd(t *testing.T) {
	w := New(Config{NoDelays: true})
	for behaviour, start := range map[Behaviour]string{BehaviourTrapCalendar: "/calendar/2026/11/", BehaviourTrapSession: "/catalogue?sid=1", BehaviourTrapPath: "/archive/"} {
		i := slices.IndexFunc(w.companies, func(c *company) bool { return c.Behaviour == behaviour })
		c := w.companies[i]
		if home := fetch(t, w, c.Home).Body.String(); !strings.Contains(home, strings.SplitN(start, "=", 2)[0]) {
			t.Errorf("%s: the home page does not lead into the trap", c.Home)
		}
		origin, target, seen := c.origin(c.style.host), start, map[string]bool{}
		for range 50 {
			res := fetch(t, w, origin+target)
			if res.Code != http.StatusOK || seen[target] {
				t.Fatalf("%s%s: %d, seen before: %v", origin, target, res.Code, seen[target])
			}
			seen[target] = true
			link := hrefs.FindStringSubmatch(res.Body.String())[1]
			if !strings.HasPrefix(link, "/") {
				link = target + link
			}
			target = link
		}
	}
}

func TestHostileBehaviours(t *testing.T) {
	w := New(Config{NoDelays: true})
	of := func(b Behaviour) *company {
		return w.companies[slices.IndexFunc(w.companies, func(c *company) bool { return c.Behaviour == b })]
	}
	moved := of(BehaviourMoved)
	if res := fetch(t, w, moved.Home); res.Code != http.StatusMovedPermanently || res.Header().Get("Location") != moved.moved || strings.Contains(moved.moved, moved.domain) {
		t.Errorf("moved: %d to %s", res.Code, res.Header().Get("Location"))
	}
	loop := of(BehaviourLoop)
	target := "/"
	for range 12 {
		res := fetch(t, w, loop.origin(loop.style.host)+target)
		if target = res.Header().Get("Location"); res.Code != http.StatusFound || target == "" {
			t.Fatalf("loop: %d to %q", res.Code, target)
		}
	}
	looks := map[string]bool{}
	for _, b := range []Behaviour{BehaviourParkedAds, BehaviourParkedSale} {
		body := fetch(t, w, of(b).Home).Body.String()
		looks[body[:120]] = true
		if !strings.Contains(strings.ToLower(body), "domain") {
			t.Errorf("%s: %s", b, body)
		}
	}
	if len(looks) != 2 {
		t.Error("parking pages look alike")
	}
	if res := fetch(t, w, of(BehaviourRobots5xx).origin(of(BehaviourRobots5xx).style.host)+"/robots.txt"); res.Code != http.StatusServiceUnavailable {
		t.Errorf("robots: %d", res.Code)
	}
	if n := fetch(t, w, of(BehaviourHuge).find("about")).Body.Len(); n < 2<<20 {
		t.Errorf("huge page of %d bytes", n)
	}
	if body := fetch(t, w, of(BehaviourBrokenMarkup).Home).Body.Bytes(); utf8.Valid(body) || bytes.Contains(body, []byte("</p>")) {
		t.Error("broken markup is whole")
	}
	coded := of(BehaviourWindows1252)
	if body := fetch(t, w, coded.Home).Body.Bytes(); utf8.Valid(body) || !bytes.Contains(body, []byte("\xa9")) {
		t.Errorf("%s is no windows-1252", coded.Home)
	}
	if !slices.ContainsFunc(of(BehaviourBrokenTransfer).pages, func(p *page) bool { return p.damaged }) {
		t.Error("no damaged page")
	}
}

func TestSlowHostsTakeTheirTime(t *testing.T) {
	b := setup(t, Config{})
	start := time.Now()
	if res, _ := b.get(b.of(BehaviourSlow).Home); res.StatusCode != http.StatusOK || time.Since(start) < 300*time.Millisecond {
		t.Errorf("%d after %v", res.StatusCode, time.Since(start))
	}
}

func TestDamagedPagesCannotBeReadWhole(t *testing.T) {
	b := setup(t, Config{})
	c := b.of(BehaviourBrokenTransfer)
	for _, p := range c.pages {
		if !p.damaged {
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := b.client.Do(req)
		if err != nil {
			continue
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err == nil && !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
			t.Errorf("%s came whole: %d bytes", p.url, len(body))
		}
	}
}

func TestRateLimitedHostsAskToWaitAndNoticeWhoDoesNot(t *testing.T) {
	w := New(Config{})
	c := w.companies[slices.IndexFunc(w.companies, func(c *company) bool { return c.Behaviour == BehaviourRateLimited })]
	refused := 0
	for range 10 {
		if res := fetch(t, w, c.Home); res.Code == http.StatusTooManyRequests {
			refused++
			if res.Header().Get("Retry-After") != "1" {
				t.Errorf("Retry-After %q", res.Header().Get("Retry-After"))
			}
		}
	}
	early := slices.ContainsFunc(w.Violations(0), func(v Violation) bool { return v.Rule == "retry_after" })
	if refused != 2 || !early {
		t.Errorf("%d refused, early noticed: %v", refused, early)
	}
}

func TestTheRequestLogNoticesBreachesOfRobotsAndPace(t *testing.T) {
	w := New(Config{NoDelays: true})
	i := slices.IndexFunc(w.companies, func(c *company) bool {
		return c.Behaviour == BehaviourNormal && slices.ContainsFunc(c.pages, func(p *page) bool { return p.disallowed })
	})
	c := w.companies[i]
	private := c.pages[slices.IndexFunc(c.pages, func(p *page) bool { return p.disallowed })]
	if !strings.Contains(fetch(t, w, c.Home).Body.String(), private.path) {
		t.Errorf("%s does not link %s", c.Home, private.path)
	}
	if v := w.Violations(0); len(v) != 0 && c.robots.delay == 0 {
		t.Errorf("one request broke %v", v)
	}
	fetch(t, w, private.url)
	fetch(t, w, c.origin(c.style.host)+"/robots.txt")
	rules := map[string]int{}
	for _, v := range w.Violations(time.Minute) {
		rules[v.Rule]++
	}
	if rules["disallowed"] != 1 || rules["gap"] != 1 {
		t.Errorf("noticed %v", rules)
	}
	if kept, dropped := w.Requests(); len(kept) != 3 || dropped != 0 || kept[0].Address != c.Address || kept[0].Status != http.StatusOK {
		t.Errorf("kept %+v, dropped %d", kept, dropped)
	}
	w.ForgetRequests()
	if kept, _ := w.Requests(); len(kept) != 0 {
		t.Error("requests were not forgotten")
	}
}

func TestRobotsPatterns(t *testing.T) {
	for _, x := range []struct {
		pattern, target string
		want            bool
	}{
		{"/private/", "/private/a", true}, {"/private/", "/priv", false}, {"/*?print=", "/a/b?print=1", true},
		{"/*.pdf$", "/x.pdf", true}, {"/*.pdf$", "/x.pdf?y", false}, {"/", "/anything", true},
	} {
		if got := robotsMatch(x.pattern, x.target); got != x.want {
			t.Errorf("%s on %s: %v", x.pattern, x.target, got)
		}
	}
}

func TestFeedsAndSitemapsAreWellFormedInEveryManner(t *testing.T) {
	w := New(Config{NoDelays: true})
	feeds, maps := map[int]int{}, 0
	for _, c := range w.companies {
		if c.Behaviour != BehaviourNormal {
			continue
		}
		for _, p := range c.pages {
			body := fetch(t, w, p.url).Body.Bytes()
			switch {
			case p.kind == "feed" && c.style.feed == 4:
				if !json.Valid(body) {
					t.Errorf("%s is no JSON", p.url)
				}
				feeds[4]++
			case p.kind == "feed" || p.kind == "sitemap" && !strings.HasSuffix(p.path, ".gz"):
				d := xml.NewDecoder(bytes.NewReader(body))
				d.CharsetReader = charset.NewReaderLabel
				if err := wellFormed(d); err != nil {
					t.Errorf("%s: %v", p.url, err)
				}
				if p.kind == "feed" {
					feeds[c.style.feed]++
				} else {
					maps++
				}
			}
		}
	}
	if len(feeds) != 6 || maps < 50 {
		t.Errorf("feeds by manner %v, %d sitemaps", feeds, maps)
	}
}

func wellFormed(d *xml.Decoder) error {
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func BenchmarkPages(b *testing.B) {
	w := New(Config{NoDelays: true})
	var pages []*page
	var owners []*company
	for _, c := range w.companies {
		for _, p := range c.pages {
			if c.Readable && c.Behaviour != BehaviourHuge {
				pages, owners = append(pages, p), append(owners, c)
			}
		}
	}
	b.ResetTimer()
	for i := range b.N {
		k := i % len(pages)
		b.SetBytes(int64(len(w.render(owners[k], pages[k], epochEnd()))))
	}
}
