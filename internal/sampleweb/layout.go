package sampleweb

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

func (c *company) german() bool { return c.Language == "de" }

// find returns the address of the company's first page of a kind, or "".
func (c *company) find(kind string) string {
	for _, p := range c.pages {
		if p.kind == kind {
			return p.url
		}
	}
	return ""
}

func (c *company) feedURL() string { return c.find("feed") }

// writeNav writes the masthead and the main menu.
func writeNav(b *bytes.Buffer, c *company) {
	labels := map[string][2]string{
		"about": {"About", "Über uns"}, "services": {"What we do", "Leistungen"}, "blog_index": {"Blog", "Aktuelles"},
		"press_index": {"Press", "Presse"}, "careers_index": {"Careers", "Karriere"}, "forum_index": {"Community", "Forum"}, "contact": {"Contact", "Kontakt"},
	}
	i := 0
	if c.german() {
		i = 1
	}
	fmt.Fprintf(b, "<header class=\"site\"><a class=\"brand\" href=\"%s\">%s</a><nav><ul>", c.Home, escape(c.Name))
	for _, kind := range []string{"about", "services", "blog_index", "press_index", "careers_index", "forum_index", "contact"} {
		if url := c.find(kind); url != "" {
			href := url
			if c.style.layout < 3 {
				href = strings.TrimPrefix(url, c.origin(c.style.host))
			}
			fmt.Fprintf(b, "<li><a href=\"%s\">%s</a></li>", escape(href), labels[kind][i])
		}
	}
	b.WriteString("</ul></nav></header>\n")
}

// writeMain writes what is particular to the page.
func (w *Web) writeMain(b *bytes.Buffer, c *company, p *page, t time.Time) {
	b.WriteString("<main class=\"wrap\">\n")
	switch p.kind {
	case "home":
		w.writeHome(b, c, p, t)
	case "blog_index":
		w.writeList(b, c, p, c.visiblePages(t, "post"))
	case "press_index":
		w.writeList(b, c, p, c.visiblePages(t, "press"))
	case "careers_index":
		w.writeList(b, c, p, c.visiblePages(t, "job"))
		b.WriteString(strings.Join(c.traces("careers", t), "\n"))
	case "forum_index":
		w.writeForumIndex(b, c, t)
	case "thread":
		w.writeThread(b, c, p)
	case "contact":
		w.writeContact(b, c, t)
	case "job":
		writeArticle(b, c, p, w.paragraphs(c, p))
		b.WriteString(strings.Join(c.traces("careers", t), "\n"))
	default:
		writeArticle(b, c, p, w.paragraphs(c, p))
	}
	writeTrapLinks(b, c)
	b.WriteString("</main>\n")
	if c.Behaviour == BehaviourHuge && (p.kind == "post" || p.kind == "about") {
		b.Write(w.huge())
	}
}

// hugeTable pads a page beyond 2 MiB, as tables exported by machine do.
func hugeTable() []byte {
	var b bytes.Buffer
	b.WriteString("<table>\n")
	for i := range 30000 {
		fmt.Fprintf(&b, "<tr><td>%06d</td><td class=\"num\">%d.%02d</td><td>item, blue, packed in boxes of ten</td></tr>\n", i, i*7%991, i%100)
	}
	b.WriteString("</table>\n")
	return b.Bytes()
}

func (w *Web) writeHome(b *bytes.Buffer, c *company, p *page, t time.Time) {
	writeArticle(b, c, p, w.paragraphs(c, p))
	b.WriteString("<section class=\"latest\">\n")
	for i, q := range c.visiblePages(t, "post", "press") {
		if i == 4 {
			break
		}
		fmt.Fprintf(b, "<div class=\"card\"><h3><a href=\"%s\">%s</a></h3></div>\n", escape(q.url), escape(q.title))
	}
	for _, q := range c.visiblePages(t, "partner", "story", "page", "course", "legal") {
		fmt.Fprintf(b, "<p><a href=\"%s\">%s</a></p>\n", escape(q.url), escape(q.title))
	}
	b.WriteString("</section>\n")
	for _, line := range c.traces("body", t) {
		b.WriteString(line + "\n")
	}
}

// writeList writes an index with title, date and, on some sites, the first paragraph of each entry.
func (w *Web) writeList(b *bytes.Buffer, c *company, p *page, entries []*page) {
	fmt.Fprintf(b, "<h1>%s</h1>\n<ul class=\"list\">\n", escape(p.title))
	for _, q := range entries {
		fmt.Fprintf(b, "<li class=\"card\"><a href=\"%s\">%s</a>", escape(q.url), escape(q.title))
		if !q.undated {
			fmt.Fprintf(b, " <span class=\"meta\">%s</span>", shown(c.Language, q.from))
		}
		if c.index%4 == 1 && q.kind != "job" {
			fmt.Fprintf(b, "<p>%s</p>", escape(w.summary(c, q)))
		}
		b.WriteString("</li>\n")
	}
	b.WriteString("</ul>\n")
	if len(entries) == 0 {
		b.WriteString("<p>–</p>\n")
	}
}

func (w *Web) writeContact(b *bytes.Buffer, c *company, t time.Time) {
	fmt.Fprintf(b, "<h1>%s</h1>\n<address>%s<br>Mill Lane %d<br>%s<br>%s</address>\n", map[bool]string{true: "Kontakt", false: "Contact"}[c.german()], escape(c.Name), 1+c.index%90, escape(c.City), escape(c.Country))
	fmt.Fprintf(b, "<p>Tel. +44 1632 960%03d · <a href=\"mailto:info@%s\">info@%s</a></p>\n", c.index%1000, c.domain, c.domain)
	for _, line := range c.traces("body", t) {
		b.WriteString(line + "\n")
	}
}

// writeFoot writes the footer: legal links, contact data, the cookie line, and links to every part of the site.
func writeFoot(b *bytes.Buffer, c *company, t time.Time) {
	fmt.Fprintf(b, "<footer><p>© %d–2026 %s · %s · info@%s</p>\n", c.Founded, escape(c.Name), escape(c.City), c.domain)
	fmt.Fprintf(b, "<p><a href=\"%s\">%s</a> · <a href=\"%s\">%s</a>", escape(c.find("imprint")), map[bool]string{true: "Impressum", false: "Terms"}[c.german()], escape(c.find("privacy")), map[bool]string{true: "Datenschutz", false: "Privacy"}[c.german()])
	for _, q := range c.pages {
		if q.disallowed && visible(q.from, q.to, t) {
			fmt.Fprintf(b, " · <a href=\"%s\">%s</a>", escape(q.path), "Notes")
		}
	}
	b.WriteString("</p>\n")
	if !c.uses("OneTrust") && !c.uses("Cookiebot") && c.index%2 == 0 {
		b.WriteString(map[bool]string{true: "<div class=\"cookie-note\" hidden>Diese Seite verwendet nur technisch notwendige Cookies. <button>Verstanden</button></div>\n",
			false: "<div class=\"cookie-note\" hidden>This site uses only strictly necessary cookies. <button>Got it</button></div>\n"}[c.german()])
	}
	b.WriteString("</footer>\n<script>document.documentElement.className+=' js';(function(){var n=document.querySelector('nav');if(n){n.addEventListener('click',function(e){n.classList.toggle('open')})}})();</script>\n</body>\n</html>\n")
}
