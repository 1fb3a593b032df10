package classify_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"telltale/internal/classify"
	"telltale/internal/document"
	"telltale/internal/pages"
)

func TestALinkIsKnownByItsAddressTypeOrText(t *testing.T) {
	const site = "https://www.acme.example"
	for _, c := range []struct {
		name string
		link document.Link
		want pages.Kind
	}{
		{"the root is home", document.Link{URL: site + "/"}, pages.KindHome},
		{"a language root is home", document.Link{URL: site + "/de-at/"}, pages.KindHome},
		{"an English blog", document.Link{URL: site + "/blog/why-we-moved"}, pages.KindBlog},
		{"a blog behind a language", document.Link{URL: site + "/en/insights/"}, pages.KindBlog},
		{"a German press room", document.Link{URL: site + "/unternehmen/pressemitteilungen/2026"}, pages.KindPress},
		{"a French press room", document.Link{URL: site + "/fr/actualites"}, pages.KindPress},
		{"a Spanish press room", document.Link{URL: site + "/sala-de-prensa"}, pages.KindPress},
		{"a Dutch news page", document.Link{URL: site + "/nieuws.html"}, pages.KindPress},
		{"Swedish press releases", document.Link{URL: site + "/pressmeddelanden/"}, pages.KindPress},
		{"a percent-encoded umlaut", document.Link{URL: site + "/l%C3%B6sungen"}, pages.KindProduct},
		{"careers in German", document.Link{URL: site + "/karriere/"}, pages.KindCareers},
		{"one advert beneath careers", document.Link{URL: site + "/careers/senior-cloud-engineer-berlin"}, pages.KindJob},
		{"benefits beneath careers are no advert", document.Link{URL: site + "/careers/benefits"}, pages.KindCareers},
		{"a job board elsewhere", document.Link{URL: "https://boards.greenhouse.io/acme"}, pages.KindCareers},
		{"a forum on its own host", document.Link{URL: "https://forum.acme.example/t/42"}, pages.KindForum},
		{"a careers host with an advert", document.Link{URL: "https://jobs.acme.example/posting/1234"}, pages.KindJob},
		{"a forum on a host of its own name, by the text", document.Link{URL: "https://meet.acme.example/", Text: "Community"}, pages.KindForum},
		{"a root whose text says nothing is home", document.Link{URL: "https://meet.acme.example/", Text: "Acme"}, pages.KindHome},
		{"a Discourse thread", document.Link{URL: site + "/t/upgrade-to-server-2025/42"}, pages.KindForum},
		{"a post in a Discourse thread", document.Link{URL: site + "/t/upgrade-to-server-2025/42/7"}, pages.KindForum},
		{"a t that is no thread", document.Link{URL: site + "/t/shirts"}, pages.KindOther},
		{"a phpBB thread", document.Link{URL: site + "/viewtopic.php?f=2&t=42"}, pages.KindForum},
		{"a vBulletin thread", document.Link{URL: site + "/threads/42-licence-renewal"}, pages.KindForum},
		{"a XenForo thread", document.Link{URL: site + "/threads/licence-renewal.42/"}, pages.KindForum},
		{"a Flarum thread", document.Link{URL: site + "/d/42-licence-renewal"}, pages.KindForum},
		{"a question", document.Link{URL: site + "/questions/71001/how-to"}, pages.KindForum},
		{"a discussion", document.Link{URL: "https://code.acme.example/acme/erp/discussions/42"}, pages.KindForum},
		{"a feed by its ending", document.Link{URL: "https://meet.acme.example/c/support/5.rss"}, pages.KindFeed},
		{"a customer story", document.Link{URL: site + "/referenzen/mueller"}, pages.KindStory},
		{"an imprint", document.Link{URL: site + "/impressum"}, pages.KindLegal},
		{"French legal notice", document.Link{URL: site + "/mentions-legales/"}, pages.KindLegal},
		{"a feed by relation and type", document.Link{URL: site + "/x", Rel: "alternate", Type: "application/rss+xml"}, pages.KindFeed},
		{"a feed by path, though beneath a blog", document.Link{URL: site + "/blog/feed/"}, pages.KindFeed},
		{"a sitemap", document.Link{URL: site + "/sitemap-posts-1.xml"}, pages.KindSitemap},
		{"a social network", document.Link{URL: "https://www.linkedin.com/company/acme"}, pages.KindSocial},
		{"a host that merely ends in a network's name", document.Link{URL: "https://netflix.com/x"}, pages.KindOther},
		{"anchor text where the address is mute", document.Link{URL: site + "/c/12", Text: "Karriere"}, pages.KindCareers},
		{"two words of anchor text", document.Link{URL: site + "/c/12", Text: "Press releases"}, pages.KindPress},
		{"Swedish anchor text", document.Link{URL: site + "/c/12", Text: "Lediga jobb"}, pages.KindCareers},
		{"a long sentence names nothing", document.Link{URL: site + "/c/12", Text: "Read why our jobs are the best jobs you could ever have"}, pages.KindOther},
		{"no address at all", document.Link{}, pages.KindHome},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := classify.Link(c.link); got != c.want {
				t.Errorf("Link(%+v) = %s, want %s", c.link, got, c.want)
			}
		})
	}
}

func TestAPageIsKnownByWhatItShows(t *testing.T) {
	long := "<p>" + strings.Repeat("We build pumps for water works in forty countries. ", 80) + "</p>"
	for _, c := range []struct {
		name, url, body string
		status          int
		hint, want      pages.Kind
	}{
		{"a status is an error", "/", "<p>oops", 503, "", pages.KindError},
		{"the root is home", "/", "<title>Acme</title>" + long, 200, "", pages.KindHome},
		{"an address names a blog", "/blog/a", long, 200, "", pages.KindBlog},
		{"one job posting", "/x/1", `<script type="application/ld+json">{"@type":"JobPosting"}</script>` + long, 200, "", pages.KindJob},
		{"two job postings are a list", "/x/1", `<script type="application/ld+json">[{"@type":"JobPosting"},{"@type":"JobPosting"}]</script>` + long, 200, "", pages.KindCareers},
		{"news by structured data", "/x/1", `<script type="application/ld+json">{"@type":["NewsArticle"]}</script>` + long, 200, "", pages.KindPress},
		{"the address outweighs an article type", "/press/1", `<script type="application/ld+json">{"@type":"BlogPosting"}</script>` + long, 200, "", pages.KindPress},
		{"news that somebody signs is an article", "/news/1", `<script type="application/ld+json">{"@type":"NewsArticle","author":{"@type":"Person"}}</script>` + long, 200, "", pages.KindBlog},
		{"a release that somebody signs is one all the same", "/press/1", `<script type="application/ld+json">{"@type":"NewsArticle","author":{"@type":"Person"}}</script>` + long, 200, "", pages.KindPress},
		{"news of a news medium is an article", "/news/1", `<meta name="news_keywords" content="pumps">` + long, 200, "", pages.KindBlog},
		{"news that nobody signs is a release", "/news/1", long, 200, "", pages.KindPress},
		{"long text with a day of its own is an article", "/x/1", `<h1>Pumps</h1><time datetime="2026-03-01"></time>` + long, 200, "", pages.KindBlog},
		{"short text with a day is anything", "/x/1", `<h1>Pumps</h1><time datetime="2026-03-01"></time><p>Fair on Monday.`, 200, "", pages.KindOther},
		{"a page about us is no article, whatever it says", "/about-us", `<script type="application/ld+json">{"@type":"Article"}</script>` + long, 200, "", pages.KindOther},
		{"a channel by its root", "/x/1", `<CHANNEL HREF="https://acme.example/"><ITEM HREF="/a"/></CHANNEL>`, 200, "", pages.KindFeed},
		{"a question page is a forum", "/x/1", `<script type="application/ld+json">{"@type":"QAPage"}</script>` + long, 200, "", pages.KindForum},
		{"a feed by its root", "/x/1", `<?xml version="1.0"?><!-- c --><rss version="2.0"><channel></channel></rss>`, 200, "", pages.KindFeed},
		{"a sitemap by its root", "/x/1", `<?xml version="1.0"?><urlset></urlset>`, 200, "", pages.KindSitemap},
		{"a JSON feed", "/x/1", `{"version":"https://jsonfeed.org/version/1.1","items":[]}`, 200, "", pages.KindFeed},
		{"a parked page by its phrase", "/", "<h1>acme.example</h1><p>This domain is for sale. Buy this domain now.", 200, "", pages.KindParked},
		{"a parked page in German", "/", "<p>Diese Domain steht zum Verkauf", 200, "", pages.KindParked},
		{"a parked page by its script", "/", `<script>window.onload=function(){window.location.href="/lander"}</script>`, 200, "", pages.KindParked},
		{"a parked page by its script's host", "/", `<script src="https://img.sedoparking.com/js/x.js"></script><p>acme`, 200, "", pages.KindParked},
		{"an article about a domain sale is none", "/blog/x", "<p>The domain is for sale, they said.</p>" + long, 200, "", pages.KindBlog},
		{"a soft 404", "/blog/x", "<title>Page not found | Acme</title><p>Sorry", 200, "", pages.KindError},
		{"a soft 404 in Dutch", "/x/1", "<title>Acme</title><h1>Pagina niet gevonden</h1>", 200, "", pages.KindError},
		{"a challenge page", "/", "<title>Just a moment...</title>", 200, "", pages.KindError},
		{"an article about 404s is none", "/blog/404", "<title>How we fixed 404 pages for good and what we learnt from it</title><p>a", 200, "", pages.KindBlog},
		{"the crawler's expectation counts where the page is mute", "/x/1", long, 200, pages.KindStory, pages.KindStory},
		{"a dated article at a mute address", "/x/1", `<meta property="og:type" content="article"><meta property="article:published_time" content="2026-03-01">` + long, 200, "", pages.KindBlog},
		{"a forum by its engine", "/x/1", `<meta name="generator" content="Discourse 3.4">` + long, 200, "", pages.KindForum},
		{"nothing at all", "/x/1", long, 200, "", pages.KindOther},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := document.Parse(&pages.Page{Domain: "acme.example", URL: "https://acme.example" + c.url, Status: c.status, Kind: c.hint,
				Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(c.body), FetchedAt: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
			if err != nil {
				t.Fatal(err)
			}
			if got := classify.Page(doc); got != c.want {
				t.Errorf("Page = %s, want %s", got, c.want)
			}
		})
	}
}

func TestAProbeIsAProbe(t *testing.T) {
	if got := classify.Page(&document.Document{Probe: &pages.Probe{}}); got != pages.KindProbe {
		t.Errorf("Page = %s", got)
	}
}
