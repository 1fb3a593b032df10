package sampleweb

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// robots is a company's robots.txt and what it forbids.
type robots struct {
	status   int
	text     string
	disallow []string
	delay    time.Duration
}

// forbids reports whether a crawler that is not named in the file may not fetch target.
// It knows prefixes, "*" and a closing "$", and no Allow lines, because the generator writes none that matter.
func (r robots) forbids(target string) bool {
	if target == "/robots.txt" {
		return false
	}
	if r.status >= 500 {
		return true
	}
	for _, pattern := range r.disallow {
		if robotsMatch(pattern, target) {
			return true
		}
	}
	return false
}

func robotsMatch(pattern, target string) bool {
	parts := strings.Split(strings.TrimSuffix(pattern, "$"), "*")
	if !strings.HasPrefix(target, parts[0]) {
		return false
	}
	rest := target[len(parts[0]):]
	for _, part := range parts[1:] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return !strings.HasSuffix(pattern, "$") || rest == ""
}

// buildRobots chooses one of the ways in which robots.txt is written.
func (w *Web) buildRobots(c *company, r rng) {
	area := pick(r, []string{"/intern/", "/private/", "/members/", "/_drafts/"})
	form := r.weighted([]float64{14, 10, 14, 24, 12, 8, 8, 6})
	ro := robots{status: 200}
	switch form {
	case 0:
		ro.status = 404
	case 1:
	case 2:
		ro.text = "User-agent: *\nAllow: /\n"
	case 3:
		ro.disallow = []string{area, "/wp-admin/"}
		ro.text = "# " + c.domain + "\nUser-agent: *\nDisallow: " + area + "\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n"
	case 4:
		ro.disallow = []string{area, "/*?print=", "/*.pdf$"}
		ro.text = "User-agent: BadBot\nUser-agent: WorseBot\nDisallow: /\n\nUser-agent: *\nDisallow: " + area + "   # nothing to see\nDisallow: /*?print=\nDisallow: /*.pdf$\n"
	case 5:
		ro.disallow = []string{area}
		ro.text = "\ufeffuser-agent: *\r\ndisallow: " + area + "\r\n\r\nUser-agent: SomeOtherBot\r\nDisallow:\r\n"
	case 6:
		ro.disallow = []string{area}
		ro.delay = 200 * time.Millisecond
		if r.chance(0.25) {
			ro.delay = time.Second
		}
		if w.cfg.NoDelays {
			ro.delay = 0
		}
		ro.text = fmt.Sprintf("User-agent: *\nCrawl-delay: %g\nDisallow: %s\n", ro.delay.Seconds(), area)
	default:
		ro.disallow = []string{area}
		ro.text = "<!-- robots -->\nUser agent *\nUser-agent: *\nNonsense: yes\nDisallow: " + area + "\nUser-agent: Googlebot\nDisallow: /nothing/\n"
	}
	if c.style.nav != 3 && ro.status == 200 {
		ro.text += "\nSitemap: " + c.origin(c.style.host) + sitemapRoot(c) + "\n"
	}
	if c.Behaviour == BehaviourRobotsDeny {
		ro = robots{status: 200, text: "User-agent: *\nDisallow: /\n", disallow: []string{"/"}}
	}
	if c.Behaviour == BehaviourRobots5xx {
		ro = robots{status: 503, text: "temporarily unavailable"}
	}
	c.robots = ro
}

func sitemapRoot(c *company) string {
	if c.style.nav == 0 {
		return "/sitemap.xml"
	}
	return "/sitemap_index.xml"
}

// buildSitemaps adds the sitemap files: one file, an index with a gzip part, or an index with news.
func (w *Web) buildSitemaps(c *company) {
	add := func(path string) { c.add(&page{kind: "sitemap", path: path}) }
	switch c.style.nav {
	case 0:
		add("/sitemap.xml")
	case 1:
		add("/sitemap_index.xml")
		add("/post-sitemap.xml")
		add("/page-sitemap.xml.gz")
	case 2:
		add("/sitemap_index.xml")
		add("/page-sitemap.xml")
		add("/news-sitemap.xml")
	}
}

// renderSitemap writes a sitemap file as sitemaps.org's protocol 0.9 and Google's news extension say.
func (w *Web) renderSitemap(c *company, p *page, t time.Time) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	switch {
	case p.path == "/sitemap_index.xml":
		b.WriteString(`<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
		for _, q := range c.pages {
			if q.kind == "sitemap" && q != p {
				fmt.Fprintf(&b, "<sitemap><loc>%s</loc></sitemap>\n", escape(q.url))
			}
		}
		b.WriteString("</sitemapindex>\n")
	case strings.HasPrefix(p.path, "/news"):
		b.WriteString(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">` + "\n")
		for _, q := range c.visiblePages(t, "post", "press") {
			fmt.Fprintf(&b, "<url><loc>%s</loc><news:news><news:publication><news:name>%s</news:name><news:language>%s</news:language></news:publication><news:publication_date>%s</news:publication_date><news:title>%s</news:title></news:news></url>\n",
				escape(q.url), escape(c.Name), c.Language, q.from.Format(time.RFC3339), escape(q.title))
		}
		b.WriteString("</urlset>\n")
	default:
		writeURLSet(&b, c, p, t)
	}
	if strings.HasSuffix(p.path, ".gz") {
		return gzipped(b.Bytes())
	}
	return b.Bytes()
}

func writeURLSet(b *bytes.Buffer, c *company, p *page, t time.Time) {
	kinds := []string{"home", "about", "services", "contact", "imprint", "privacy", "blog_index", "press_index", "careers_index", "forum_index", "job", "story", "partner", "course", "page", "legal", "thread"}
	switch {
	case strings.HasPrefix(p.path, "/post-"):
		kinds = []string{"post", "press"}
	case p.path == "/sitemap.xml":
		kinds = append(kinds, "post", "press")
	}
	b.WriteString(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, q := range c.visiblePages(t, kinds...) {
		fmt.Fprintf(b, "<url><loc>%s</loc>", escape(q.url))
		if !q.from.IsZero() && !q.undated {
			fmt.Fprintf(b, "<lastmod>%s</lastmod>", q.from.Format(time.DateOnly))
		}
		b.WriteString("</url>\n")
	}
	b.WriteString("</urlset>\n")
}

func gzipped(raw []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is valid, so this cannot fail
	_, _ = z.Write(raw)                             // a bytes.Buffer never fails
	_ = z.Close()
	return b.Bytes()
}
