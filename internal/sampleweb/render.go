package sampleweb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// render writes a page as it stands at t, in UTF-8.
func (w *Web) render(c *company, p *page, t time.Time) []byte {
	if c == w.wire.site {
		return w.renderWire(p, t)
	}
	switch p.kind {
	case "sitemap":
		return w.renderSitemap(c, p, t)
	case "feed":
		return w.renderFeed(c, t)
	}
	var b bytes.Buffer
	b.Grow(16 << 10)
	w.writeHead(&b, c, p, t)
	writeNav(&b, c)
	w.writeMain(&b, c, p, t)
	writeFoot(&b, c, t)
	out := b.Bytes()
	if c.Behaviour == BehaviourBrokenMarkup {
		out = breakMarkup(out)
	}
	return out
}

const css = `:root{--ink:#1d232b;--paper:#fff;--accent:#0b6e6e}*{box-sizing:border-box}body{margin:0;font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);background:var(--paper)}a{color:var(--accent)}header.site{display:flex;gap:2rem;padding:1rem 2rem;border-bottom:1px solid #e3e6ea}nav ul{display:flex;list-style:none;gap:1rem;margin:0;padding:0}.wrap{max-width:68rem;margin:0 auto;padding:2rem}.card{border:1px solid #e3e6ea;border-radius:6px;padding:1rem;margin:0 0 1rem}.meta{font-size:.85rem;color:#5b6673}footer{background:#f4f6f8;padding:2rem;font-size:.9rem}.hidden{position:absolute;left:-9999px}@media(max-width:600px){nav ul{flex-direction:column}}`

// writeHead writes the document up to and with the opening body tag.
func (w *Web) writeHead(b *bytes.Buffer, c *company, p *page, t time.Time) {
	charset := "utf-8"
	if c.Behaviour == BehaviourWindows1252 {
		charset = "windows-1252"
	}
	title := p.title
	if p.kind != "home" {
		title += [...]string{" | ", " - ", " – ", " :: ", " · "}[c.style.layout] + c.Name
	}
	if c.style.layout == 3 {
		b.WriteString("<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">\n<HTML LANG=" + c.Language + ">\n<HEAD>\n<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=" + charset + "\">\n")
	} else {
		b.WriteString("<!doctype html>\n<html lang=\"" + c.Language + "\">\n<head>\n<meta charset=\"" + charset + "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
	}
	fmt.Fprintf(b, "<title>%s</title>\n<link rel=\"canonical\" href=\"%s\">\n", escape(title), escape(p.url))
	if c.style.layout != 3 {
		fmt.Fprintf(b, "<meta property=\"og:title\" content=\"%s\">\n<meta property=\"og:site_name\" content=\"%s\">\n", escape(p.title), escape(c.Name))
	}
	writeDateMeta(b, c, p)
	if c.style.feedPath != "" {
		kind := "application/rss+xml"
		switch {
		case strings.HasSuffix(c.style.feedPath, ".json"):
			kind = "application/feed+json"
		case strings.Contains(c.style.feedPath, "atom"):
			kind = "application/atom+xml"
		}
		fmt.Fprintf(b, "<link rel=\"alternate\" type=\"%s\" title=\"%s\" href=\"%s\">\n", kind, escape(c.Name), escape(c.feedURL()))
	}
	b.WriteString("<style>" + css + "</style>\n")
	if strings.HasPrefix(p.kind, "forum") || p.kind == "thread" {
		writeForumHead(b, c)
	}
	for _, line := range c.traces("head", t) {
		b.WriteString(line + "\n")
	}
	if c.ghost() != "" {
		b.WriteString("<!-- switched off: <script src=\"" + c.ghost() + "\"></script> -->\n")
	}
	fmt.Fprintf(b, "</head>\n<body class=\"page %s l%d\">\n", strings.ReplaceAll(p.kind, "_", "-"), c.style.layout)
}

// ghost is a script that stands commented out on a few sites: it is not in use.
func (c *company) ghost() string {
	if c.index%23 == 7 && !c.uses("Hotjar") {
		return "https://static.hotjar.com/c/hotjar-1002003.js?sv=6"
	}
	return ""
}

func dated(p *page) bool {
	return !p.undated && !p.from.IsZero() && (p.kind == "post" || p.kind == "press" || p.kind == "job")
}

// writeDateMeta writes a dated page's date where its head shows one.
func writeDateMeta(b *bytes.Buffer, c *company, p *page) {
	if !dated(p) {
		return
	}
	iso := p.from.Format(time.RFC3339)
	switch {
	case p.kind == "job" && c.style.layout != 3:
		writeJobPosting(b, c, p)
	case c.style.dateForm == 0:
		fmt.Fprintf(b, "<meta property=\"article:published_time\" content=\"%s\">\n", iso)
	case c.style.dateForm == 1:
		kind := "BlogPosting"
		if p.kind == "press" {
			kind = "NewsArticle"
		}
		writeJSONLD(b, map[string]any{"@context": "https://schema.org", "@type": kind, "headline": p.title, "datePublished": iso,
			"author": map[string]string{"@type": "Organization", "name": c.Name}})
	case c.style.dateForm == 3:
		fmt.Fprintf(b, "<meta name=\"date\" content=\"%s\">\n", p.from.Format(time.DateOnly))
	}
}

func writeJobPosting(b *bytes.Buffer, c *company, p *page) {
	writeJSONLD(b, map[string]any{"@context": "https://schema.org", "@type": "JobPosting", "title": p.title, "datePosted": p.from.Format(time.DateOnly),
		"validThrough": p.to.Format(time.DateOnly), "employmentType": "FULL_TIME", "hiringOrganization": map[string]string{"@type": "Organization", "name": c.Name},
		"jobLocation": map[string]any{"@type": "Place", "address": map[string]string{"@type": "PostalAddress", "addressLocality": c.City, "addressCountry": c.Country}}})
}

func writeJSONLD(b *bytes.Buffer, v any) {
	raw, _ := json.Marshal(v) // strings and maps only
	b.WriteString("<script type=\"application/ld+json\">")
	b.Write(raw)
	b.WriteString("</script>\n")
}

// dateLine is the date a reader sees above a text.
func dateLine(c *company, p *page) string {
	if !dated(p) {
		return ""
	}
	day := shown(c.Language, p.from)
	switch c.style.dateForm {
	case 0, 5:
		return fmt.Sprintf("<p class=\"meta\"><time datetime=\"%s\">%s</time></p>\n", p.from.Format(time.DateOnly), day)
	case 1:
		return fmt.Sprintf("<p class=\"meta\">%s · %d min</p>\n", day, 1+len(p.title)%6)
	}
	return fmt.Sprintf("<p class=\"meta\">%s</p>\n", day)
}

// writeArticle writes heading and paragraphs in the markup of the site's layout.
func writeArticle(b *bytes.Buffer, c *company, p *page, paragraphs []string) {
	head := escape(p.title)
	switch c.style.layout {
	case 0:
		fmt.Fprintf(b, "<article id=\"post-%d\" class=\"post-%d type-post status-publish hentry\">\n<header class=\"entry-header\"><h1 class=\"entry-title\">%s</h1></header>\n%s<div class=\"entry-content\">\n", p.number, p.number, head, dateLine(c, p))
	case 1:
		fmt.Fprintf(b, "<div class=\"container\"><div class=\"row\"><div class=\"col-lg-8\">\n<h1 class=\"display-5\">%s</h1>\n%s", head, dateLine(c, p))
	case 2:
		fmt.Fprintf(b, "<article>\n<h1>%s</h1>\n%s", head, dateLine(c, p))
	case 3:
		fmt.Fprintf(b, "<TABLE WIDTH=\"100%%\" BORDER=0><TR><TD VALIGN=top>\n<H1>%s</H1>\n%s", head, dateLine(c, p))
	default:
		fmt.Fprintf(b, "<div class=\"css-1x9k2\"><div class=\"css-8hq1\"><h2 class=\"css-t0\">%s</h2>\n%s", head, dateLine(c, p))
	}
	for i, text := range paragraphs {
		writeParagraph(b, c, i, text)
	}
	b.WriteString([...]string{"</div>\n</article>\n", "</div></div></div>\n", "</article>\n", "</TD></TR></TABLE>\n", "</div></div>\n"}[c.style.layout])
}

func writeParagraph(b *bytes.Buffer, c *company, i int, text string) {
	html := escape(text)
	if strings.Contains(html, "Microsoft 365") && c.index%3 == 0 {
		html = strings.Replace(html, "Microsoft 365", "<strong>Microsoft&nbsp;365</strong>", 1)
	}
	switch {
	case c.style.layout == 3 && i > 0:
		b.WriteString("<P>" + html + "\n")
	case c.style.layout == 4:
		b.WriteString("<div class=\"css-p1\"><span>" + html + "</span></div>\n")
	case c.style.layout == 2 && i == 2:
		b.WriteString("<blockquote><p>" + strings.ReplaceAll(html, ". ", ".\n    ") + "</p></blockquote>\n")
	default:
		b.WriteString("<p>" + html + "</p>\n")
	}
}

// breakMarkup leaves tags open and puts bytes in that are no UTF-8.
func breakMarkup(raw []byte) []byte {
	raw = bytes.ReplaceAll(raw, []byte("</p>"), nil)
	raw = bytes.ReplaceAll(raw, []byte("</li>"), nil)
	raw = bytes.Replace(raw, []byte("<footer"), []byte("<div class=\"x\xff\xfe\" <b><i>caf\xe9 \xc3\x28</div\n<footer"), 1)
	return bytes.Replace(raw, []byte("</body>"), nil, 1)
}
