package sampleweb

import (
	"bytes"
	"fmt"
	"time"
)

func writeForumHead(b *bytes.Buffer, c *company) {
	if c.style.forumKind == "discourse" {
		b.WriteString("<meta name=\"generator\" content=\"Discourse 3.3.1 - https://github.com/discourse/discourse version 0a1b2c3d\">\n")
		return
	}
	b.WriteString("<link href=\"./styles/prosilver/theme/stylesheet.css?assets_version=12\" rel=\"stylesheet\">\n")
}

func (w *Web) writeForumIndex(b *bytes.Buffer, c *company, t time.Time) {
	threads := c.visiblePages(t, "thread")
	if c.style.forumKind == "discourse" {
		b.WriteString("<table class=\"topic-list\"><tbody>\n")
		for _, q := range threads {
			fmt.Fprintf(b, "<tr class=\"topic-list-item\"><td class=\"main-link\"><a itemprop=\"url\" href=\"%s\" class=\"title raw-link raw-topic-link\">%s</a></td><td>%s</td></tr>\n", escape(q.url), escape(q.title), q.from.Format("January 2, 2006"))
		}
		b.WriteString("</tbody></table>\n")
		return
	}
	b.WriteString("<div class=\"forumbg\"><ul class=\"topiclist topics\">\n")
	for _, q := range threads {
		fmt.Fprintf(b, "<li class=\"row bg1\"><dl class=\"row-item topic_read\"><dt><a href=\"%s\" class=\"topictitle\">%s</a><br>» %s</dt></dl></li>\n", escape(q.url), escape(q.title), q.from.Format("Mon Jan 02, 2006 3:04 pm"))
	}
	b.WriteString("</ul></div>\n")
}

// writeThread writes a conversation: a staff statement stands under the company's own name, a
// customer's under a handle.
func (w *Web) writeThread(b *bytes.Buffer, c *company, p *page) {
	r := newRNG(w.cfg.Seed, "thread", p.url)
	s := w.slots(c, r, p.from, "")
	pool := w.prose.pool(s.filler(), "thread")
	type post struct {
		by, text string
		at       time.Time
	}
	handles := []string{"bluefox77", "workshop_r", "t-rex", "evergreen", "kilowatt", "m_b_1982"}
	posts := []post{}
	at := p.from
	add := func(by, text string) {
		posts = append(posts, post{by, text, at})
		at = at.Add(time.Duration(r.between(11, 300)) * time.Minute)
	}
	staff := c.Name + " IT"
	switch {
	case p.negative != "":
		add(pick(r, handles), p.passage)
	case p.passage != "" && r.chance(0.5):
		add(staff, p.passage+" "+s.fill(pick(r, pool)))
	default:
		add(pick(r, handles), s.fill(pick(r, pool)))
		if p.passage != "" {
			add(staff, s.fill(pick(r, pool))+" "+p.passage)
		}
	}
	for range r.between(1, 4) {
		add(pick(r, handles), s.fill(pick(r, pool)))
	}
	fmt.Fprintf(b, "<h1>%s</h1>\n", escape(p.title))
	for i, x := range posts {
		if c.style.forumKind == "discourse" {
			fmt.Fprintf(b, "<div id=\"post_%d\" itemprop=\"comment\" itemscope itemtype=\"http://schema.org/Comment\" class=\"topic-body crawler-post\"><div class=\"crawler-post-meta\"><span class=\"creator\" itemprop=\"author\">%s</span> <time datetime=\"%s\" class=\"post-time\">%s</time></div><div class=\"post\" itemprop=\"text\"><p>%s</p></div></div>\n",
				i+1, escape(x.by), x.at.Format(time.RFC3339), x.at.Format("January 2, 2006, 3:04pm"), escape(x.text))
			continue
		}
		fmt.Fprintf(b, "<div id=\"p%d\" class=\"post has-profile bg%d\"><div class=\"postbody\"><p class=\"author\">by <span class=\"username\">%s</span> » <time datetime=\"%s\">%s</time></p><div class=\"content\">%s</div></div></div>\n",
			100+i, 1+i%2, escape(x.by), x.at.Format(time.RFC3339), x.at.Format("Mon Jan 02, 2006 3:04 pm"), escape(x.text))
	}
}
