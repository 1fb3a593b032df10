package sampleweb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// feedLength is how many entries a feed keeps.
const feedLength = 10

// renderFeed writes the company's feed: RSS 2.0 in three manners, Atom (RFC 4287) in two, or JSON Feed 1.1.
func (w *Web) renderFeed(c *company, t time.Time) []byte {
	entries := c.visiblePages(t, "post", "press")
	if len(entries) > feedLength {
		entries = entries[:feedLength]
	}
	switch c.style.feed {
	case 3, 6:
		return w.atom(c, entries)
	case 4:
		return w.jsonFeed(c, entries)
	case 5:
		return toWindows1252(w.rss(c, entries))
	}
	return w.rss(c, entries)
}

func (w *Web) rss(c *company, entries []*page) []byte {
	var b bytes.Buffer
	encoding := "UTF-8"
	if c.style.feed == 5 {
		encoding = "ISO-8859-1"
	}
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"%s\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n<title>%s</title>\n<link>%s</link>\n<description>%s</description>\n<language>%s</language>\n",
		encoding, escape(c.Name), c.Home, escape(c.Name), c.Language)
	for _, p := range entries {
		link := p.url
		if c.style.feed == 2 && p.host == c.style.host {
			link = p.path
		}
		fmt.Fprintf(&b, "<item>\n<title>%s</title>\n<link>%s</link>\n<guid isPermaLink=\"false\">%s#%d</guid>\n<pubDate>%s</pubDate>\n", escape(p.title), escape(link), c.domain, p.number, p.from.Format(time.RFC1123Z))
		if c.style.feed == 1 {
			body := "<p>" + strings.Join(escapeAll(w.paragraphs(c, p)), "</p>\n<p>") + "</p>"
			fmt.Fprintf(&b, "<description><![CDATA[%s]]></description>\n<content:encoded><![CDATA[%s]]></content:encoded>\n", escape(w.summary(c, p)), body)
		} else {
			fmt.Fprintf(&b, "<description>%s</description>\n", escape("<p>"+escape(w.summary(c, p))+"</p>"))
		}
		b.WriteString("</item>\n")
	}
	b.WriteString("</channel>\n</rss>\n")
	return b.Bytes()
}

func (w *Web) atom(c *company, entries []*page) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"%s\">\n<title type=\"text\">%s</title>\n<id>%s</id>\n<link rel=\"alternate\" href=\"%s\"/>\n<link rel=\"self\" href=\"%s\"/>\n", c.Language, escape(c.Name), c.Home, c.Home, escape(c.feedURL()))
	updated := epochStart()
	if len(entries) > 0 {
		updated = entries[0].from
	}
	fmt.Fprintf(&b, "<updated>%s</updated>\n", updated.Format(time.RFC3339))
	for _, p := range entries {
		fmt.Fprintf(&b, "<entry>\n<title>%s</title>\n<id>tag:%s,%s:%d</id>\n<link href=\"%s\"/>\n<published>%s</published>\n<updated>%s</updated>\n<author><name>%s</name></author>\n", escape(p.title), c.domain, p.from.Format(time.DateOnly), p.number, escape(p.url), p.from.Format(time.RFC3339), p.from.Format(time.RFC3339), escape(c.Name))
		if c.style.feed == 6 {
			fmt.Fprintf(&b, "<content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><p>%s</p></div></content>\n", strings.Join(escapeAll(w.paragraphs(c, p)), "</p><p>"))
		} else {
			fmt.Fprintf(&b, "<summary type=\"html\">%s</summary>\n", escape("<p>"+escape(w.summary(c, p))+"</p>"))
		}
		b.WriteString("</entry>\n")
	}
	b.WriteString("</feed>\n")
	return b.Bytes()
}

func (w *Web) jsonFeed(c *company, entries []*page) []byte {
	type entry struct {
		ID        string `json:"id"`
		URL       string `json:"url"`
		Title     string `json:"title"`
		Text      string `json:"content_text"`
		Published string `json:"date_published"`
	}
	items := make([]entry, 0, len(entries))
	for _, p := range entries {
		items = append(items, entry{p.url, p.url, p.title, strings.Join(w.paragraphs(c, p), "\n\n"), p.from.Format(time.RFC3339)})
	}
	raw, _ := json.MarshalIndent(map[string]any{"version": "https://jsonfeed.org/version/1.1", "title": c.Name, "home_page_url": c.Home,
		"feed_url": c.feedURL(), "language": c.Language, "items": items}, "", " ") // strings only, so this cannot fail
	return raw
}

func escapeAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = escape(s)
	}
	return out
}

// toWindows1252 re-encodes UTF-8; what the code page lacks becomes "?".
func toWindows1252(raw []byte) []byte {
	special := map[rune]byte{'€': 0x80, '„': 0x84, '…': 0x85, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '–': 0x96, '—': 0x97}
	out := make([]byte, 0, len(raw))
	for _, x := range string(raw) {
		switch c, ok := special[x]; {
		case x < 0x80 || x >= 0xa0 && x <= 0xff:
			out = append(out, byte(x))
		case ok:
			out = append(out, c)
		default:
			out = append(out, '?')
		}
	}
	return out
}
