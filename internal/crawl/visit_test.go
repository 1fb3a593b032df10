package crawl_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/crawl"
	"telltale/internal/pages"
	"telltale/internal/work"
)

const (
	c     = "contoso.example"
	prose = "<p>We plan the year ahead with our partners and tell you here what we learn on the way, in some detail and at some length.</p>"
)

// company serves a small site: home, blog with feed, press, careers, a product page.
func company(l *lab) {
	l.html(c, "/{$}", `<link rel="alternate" type="application/rss+xml" href="/blog/feed.xml"><h1>Contoso</h1>`+prose+`
<a href="/blog">Blog</a> <a href="/press">Press</a> <a href="/careers">Careers</a> <a href="/products/erp">ERP</a>
<a href="https://www.linkedin.com/company/contoso">LinkedIn</a> <a href="https://other.example/">Partner</a> <a href="/brochure.pdf">PDF</a>
<a href="/secret" rel="nofollow">Secret</a> <a href="/privacy">Privacy</a>`)
	l.html(c, "/blog", `<h1>Blog</h1><a href="/blog/older-post-about-us">Older</a><a href="/blog/tag/cloud">Tag</a>`+prose)
	l.html(c, "/press", `<h1>Press</h1><a href="/press/we-open-a-plant">Plant</a>`+prose)
	l.html(c, "/careers", `<h1>Careers</h1><a href="/careers/senior-cloud-engineer">Engineer</a>`+prose)
	l.html(c, "/products/erp", "<h1>ERP</h1>"+prose)
	l.html(c, "/privacy", "<h1>Privacy</h1>"+prose)
	l.page(c, "/blog/feed.xml", "application/rss+xml", `<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Blog</title>
<item><title>Old</title><link>https://contoso.example/blog/older-post-about-us</link><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate><description>Short</description></item>
<item><title>New</title><link>https://contoso.example/blog/newest-post-of-all</link><pubDate>Mon, 16 Feb 2026 10:00:00 GMT</pubDate><description>Short</description></item>
<item><title>Whole</title><link>https://contoso.example/blog/whole-in-the-feed</link><pubDate>Tue, 17 Feb 2026 10:00:00 GMT</pubDate>
<content:encoded><![CDATA[`+strings.Repeat(prose, 8)+`]]></content:encoded></item></channel></rss>`)
	for _, path := range []string{"/blog/older-post-about-us", "/blog/newest-post-of-all", "/press/we-open-a-plant", "/careers/senior-cloud-engineer"} {
		l.html(c, path, "<h1>"+path+"</h1>"+prose)
	}
}

func TestAVisitReadsWhatIsNewAndPublishesItInOrder(t *testing.T) {
	l := newLab(t, crawl.Config{})
	company(l)
	l.zone[c] = []string{"A 127.0.0.1", "MX 10 contoso-example.mail.protection.outlook.com.", `TXT "v=spf1 include:spf.protection.outlook.com -all"`}
	r := l.visit(visitOf(c))
	want := "probe dns:contoso.example, home /, feed /blog/feed.xml, blog /blog, press /press, careers /careers, blog /blog/newest-post-of-all, " +
		"blog /blog/older-post-about-us, press /press/we-open-a-plant, job /careers/senior-cloud-engineer, product /products/erp, legal /privacy"
	if got := l.published(); got != want {
		t.Errorf("published\n%s, want\n%s", got, want)
	}
	if r.Outcome != pages.OutcomeOK || r.Reason != "" || r.Published != 12 || r.Failed != 0 || r.Denied != 0 || r.Failures != 0 || r.VisitID != visitOf(c).ID || r.Crawler != "lab" {
		t.Errorf("result %+v", r)
	}
	asked := l.requests()
	for _, never := range []string{"/secret", "/brochure.pdf", "/blog/tag", "/blog/whole-in-the-feed", "/feed "} {
		if strings.Contains(asked, never) {
			t.Errorf("asked for %s: %s", never, asked)
		}
	}
	probe := l.pages[0]
	if len(probe.Probe.DNS.MX) != 1 || probe.Probe.TLS == nil || probe.Probe.HTTP.Status != 200 || probe.Probe.HTTP.CanonicalHost != c || probe.Header.Get("Etag") == "" {
		t.Errorf("probe %+v, TLS %+v, HTTP %+v", probe.Probe.DNS, probe.Probe.TLS, probe.Probe.HTTP)
	}
	for _, p := range l.pages {
		if p.Kind != pages.KindProbe && (p.ContentHash != pages.Hash(p.Body) || p.FetchedAt.IsZero() || p.Domain != c || p.Status != 200) {
			t.Errorf("page %+v", p)
		}
	}
}

func TestASecondVisitPublishesNothingThatIsKnown(t *testing.T) {
	l := newLab(t, crawl.Config{})
	company(l)
	l.visit(visitOf(c))
	v := visitOf(c, l.known()...)
	v.Interval = 7 * 24 * time.Hour
	r := l.visit(v)
	if l.published() != "" || r.Published != 0 || r.Outcome != pages.OutcomeOK {
		t.Fatalf("published %s, result %+v", l.published(), r)
	}
	if r.Unchanged != len(v.Known) {
		t.Errorf("%d of %d pages unchanged", r.Unchanged, len(v.Known))
	}
	for _, read := range r.Reads {
		if !read.Unchanged || read.Error != "" || (read.Status != http.StatusNotModified && read.Kind != pages.KindProbe) {
			t.Errorf("read %+v", read)
		}
	}
}

func TestContentThatIsTheSameIsNotPublishedAgainWithoutValidators(t *testing.T) {
	l := newLab(t, crawl.Config{})
	company(l)
	l.visit(visitOf(c))
	known := l.known()
	for i := range known {
		known[i].ETag = ""
	}
	if r := l.visit(visitOf(c, known...)); l.published() != "" || r.Unchanged != len(known) {
		t.Fatalf("published %s, %d unchanged of %d", l.published(), r.Unchanged, len(known))
	}
}

func TestOneContentUnderTwoAddressesIsPublishedOnce(t *testing.T) {
	l := newLab(t, crawl.Config{})
	l.html(c, "/{$}", `<h1>Contoso</h1><a href="/blog/one-article-of-ours">1</a><a href="/blog/one-article-of-ours/print-it-now">2</a>`+prose)
	for _, path := range []string{"/blog/one-article-of-ours", "/blog/one-article-of-ours/print-it-now"} {
		l.page(c, path, "text/html", "<h1>Article</h1>"+prose)
	}
	if r := l.visit(visitOf(c)); l.published() != "probe dns:contoso.example, home /, blog /blog/one-article-of-ours" || r.Skipped != 1 || r.Unchanged != 0 {
		t.Fatalf("published %s, result %+v", l.published(), r)
	}
}

func TestOnlyWhatChangedIsPublished(t *testing.T) {
	l := newLab(t, crawl.Config{})
	company(l)
	l.visit(visitOf(c))
	known := l.known()
	for i := range known {
		if strings.HasSuffix(known[i].URL, "/press") {
			known[i].ContentHash, known[i].ETag = "another", `"another"`
		}
	}
	if r := l.visit(visitOf(c, known...)); l.published() != "press /press" || r.Published != 1 {
		t.Fatalf("published %s, result %+v", l.published(), r)
	}
}

func TestARedeliveredVisitPublishesTheSameMessages(t *testing.T) {
	l := newLab(t, crawl.Config{})
	company(l)
	ids := func() (out []string) {
		l.visit(visitOf(c))
		for _, p := range l.pages {
			out = append(out, p.MessageID())
		}
		return out
	}
	first := ids()
	if diff := cmp.Diff(first, ids()); diff != "" || len(first) < 10 {
		t.Fatalf("%d messages (-first +second):\n%s", len(first), diff)
	}
}

func TestEveryRefusalHasItsOutcome(t *testing.T) {
	home := func(l *lab, status int, body string) {
		l.site(c).HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		})
	}
	for _, tt := range []struct {
		name, reason string
		set          func(l *lab)
		outcome      pages.VisitOutcome
		failures     int
		published    string
	}{
		{"a name that does not exist is dead", "name_not_found", func(l *lab) { l.zone[c], l.zone["www."+c] = nil, nil }, pages.OutcomeDead, 4, ""},
		{
			"a dead name with mail still shows its mail servers", "name_not_found",
			func(l *lab) { l.zone[c], l.zone["www."+c] = []string{"MX 10 mx.contoso.example."}, nil },
			pages.OutcomeDead, 4, "probe dns:contoso.example",
		},
		{"robots.txt that forbids the home page", "robots_denied", func(l *lab) { l.page(c, "/robots.txt", "text/plain", "User-agent: *\nDisallow: /") }, pages.OutcomeDenied, 0, "probe dns:contoso.example"},
		{"robots.txt that fails", "robots_unreachable", func(l *lab) {
			for _, host := range []string{c, "www." + c} {
				l.site(host).HandleFunc("/robots.txt", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
			}
		}, pages.OutcomeDenied, 4, "probe dns:contoso.example"},
		{"a server's fault", "status:500", func(l *lab) { home(l, http.StatusInternalServerError, "<h1>Fault</h1>") }, pages.OutcomeError, 4, "probe dns:contoso.example"},
		{"a page that is not there", "status:404", func(l *lab) { home(l, http.StatusNotFound, "<h1>Not found</h1>") }, pages.OutcomeError, 0, "probe dns:contoso.example"},
		{"an error page that says it is none", "error_page", func(l *lab) { home(l, http.StatusOK, "<title>404 Not Found</title><h1>404 Not Found</h1>") }, pages.OutcomeError, 0, "probe dns:contoso.example"},
		{"an empty page", "empty", func(l *lab) { home(l, http.StatusOK, "") }, pages.OutcomeError, 0, "probe dns:contoso.example"},
		{"a parked domain", "parked", func(l *lab) {
			home(l, http.StatusOK, `<title>contoso.example</title><script src="https://img.sedoparking.com/p.js"></script><p>This domain is for sale.</p>`)
		}, pages.OutcomeParked, 0, "probe dns:contoso.example"},
		{"a company that moved", "redirect:other.example", func(l *lab) {
			l.site(c).HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://other.example/", http.StatusMovedPermanently)
			})
			l.html("other.example", "/{$}", "<h1>Other</h1>"+prose)
		}, pages.OutcomeError, 0, "probe dns:contoso.example"},
		{"redirects without end", "redirects", func(l *lab) {
			for _, host := range []string{c, "www." + c} {
				l.site(host).HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/robots.txt" {
						http.NotFound(w, r)
						return
					}
					http.Redirect(w, r, "/"+fmt.Sprint(len(r.URL.Path)), http.StatusFound)
				})
			}
		}, pages.OutcomeError, 0, "probe dns:contoso.example"},
		{"a host that asks to be left alone", "throttled", func(l *lab) {
			l.site(c).HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(http.StatusTooManyRequests)
			})
		}, pages.OutcomeError, 4, "probe dns:contoso.example"},
		{"a domain that ops blocked", "blocked by ops: complaint", func(l *lab) { l.blocks[c] = "blocked by ops: complaint" }, pages.OutcomeBlocked, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, crawl.Config{})
			l.site(c)
			tt.set(l)
			v := visitOf(c)
			v.Failures = 3
			r := l.visit(v)
			if r.Outcome != tt.outcome || r.Reason != tt.reason || r.Failures != tt.failures || r.FinishedAt.Before(r.StartedAt) || r.StartedAt.IsZero() {
				t.Errorf("outcome %s, reason %s, failures %d", r.Outcome, r.Reason, r.Failures)
			}
			if got := l.published(); got != tt.published {
				t.Errorf("published %q, want %q", got, tt.published)
			}
			if blocked := tt.outcome == pages.OutcomeBlocked; !blocked && len(r.Reads) == 0 {
				t.Error("no read tells of the failure")
			} else if blocked && l.requests() != "" {
				t.Error("a blocked domain was asked")
			}
		})
	}
}

func TestAnAnswerWithoutEncryptionOrOnlyUnderWWWIsFound(t *testing.T) {
	t.Run("plain HTTP", func(t *testing.T) {
		l := newLab(t, crawl.Config{})
		l.plain[c] = true
		l.html(c, "/{$}", "<h1>Contoso</h1>"+prose)
		if r := l.visit(visitOf(c)); r.Outcome != pages.OutcomeOK || l.pages[1].URL != "http://contoso.example/" || l.pages[0].Probe.TLS != nil {
			t.Fatalf("result %+v, published %s", r, l.published())
		}
	})
	t.Run("the name has no address, www has", func(t *testing.T) {
		l := newLab(t, crawl.Config{})
		l.zone[c] = nil
		l.html("www."+c, "/{$}", "<h1>Contoso</h1>"+prose)
		if r := l.visit(visitOf(c)); r.Outcome != pages.OutcomeOK || l.pages[1].URL != "https://www.contoso.example/" {
			t.Fatalf("result %+v, published %s", r, l.published())
		}
	})
	t.Run("the name redirects to www", func(t *testing.T) {
		l := newLab(t, crawl.Config{})
		l.site(c).HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://www.contoso.example/", http.StatusMovedPermanently)
		})
		l.html("www."+c, "/{$}", `<h1>Contoso</h1><a href="/">Home</a>`+prose)
		r := l.visit(visitOf(c))
		if r.Outcome != pages.OutcomeOK || l.pages[1].URL != "https://contoso.example/" || l.pages[1].FinalURL != "https://www.contoso.example/" || l.pages[0].Probe.HTTP.CanonicalHost != "www."+c {
			t.Fatalf("result %+v, published %s", r, l.published())
		}
	})
}

// The lab's certificate is not for wrong.example.
func TestACertificateThatIsNotTrustedIsAFact(t *testing.T) {
	const domain = "wrong.example"
	facts := func(t *testing.T, l *lab) *pages.TLSFacts {
		t.Helper()
		if len(l.pages) == 0 || l.pages[0].Kind != pages.KindProbe || l.pages[0].Probe.TLS == nil {
			t.Fatalf("published %s", l.published())
		}
		return l.pages[0].Probe.TLS
	}
	t.Run("where the site answers without encryption", func(t *testing.T) {
		l := newLab(t, crawl.Config{})
		l.html(domain, "/{$}", "<h1>Wrong</h1>"+prose)
		if r := l.visit(visitOf(domain)); r.Outcome != pages.OutcomeOK || l.pages[1].URL != "http://wrong.example/" {
			t.Fatalf("result %+v, published %s", r, l.published())
		}
		if f := facts(t, l); f.Invalid != pages.CertWrongName || !slices.Contains(f.Names, "contoso.example") || f.NotAfter.IsZero() || f.Protocol != "TLS 1.3" {
			t.Errorf("%+v", f)
		}
	})
	t.Run("where nothing else does", func(t *testing.T) {
		l := newLab(t, crawl.Config{})
		for _, host := range []string{domain, "www." + domain} {
			l.site(host).HandleFunc("/", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		}
		r := l.visit(visitOf(domain))
		if r.Outcome != pages.OutcomeUnreachable || r.Reason != "tls:wrong_name" || r.Failures != 1 || r.Reads[0].Error != "tls:wrong_name" {
			t.Fatalf("result %+v", r)
		}
		if f := facts(t, l); f.Invalid != pages.CertWrongName {
			t.Errorf("%+v", f)
		}
		if n := value(t, l.reg, "telltale_crawl_reads_total", "tls"); n != 1 {
			t.Errorf("%v reads counted", n)
		}
	})
}

func TestAVisitThatCannotPublishComesAgain(t *testing.T) {
	l := newLab(t, crawl.Config{})
	company(l)
	l.failPages = errors.New("stream is away")
	out := l.crawler.Handle(t.Context(), work.Delivery[pages.Visit]{Value: visitOf(c), Attempt: 1})
	if out.Verdict != work.VerdictRetry || !strings.Contains(out.Reason, "stream is away") || len(l.results) != 0 {
		t.Fatalf("outcome %+v, results %v", out, l.results)
	}
	if out := l.crawler.Handle(t.Context(), work.Delivery[pages.Visit]{}); out.Verdict != work.VerdictDrop {
		t.Fatalf("a visit of nothing: %+v", out)
	}
}
