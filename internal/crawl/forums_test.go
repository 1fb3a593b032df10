package crawl_test

import (
	"strings"
	"testing"

	"telltale/internal/crawl"
	"telltale/internal/pages"
)

// forumShape is a forum as its software serves it: pages by host and path with query.
type forumShape struct {
	name, link string
	pages      map[string]string
	// feed is the feed that is found, threads those that are read in any order, never what must not be asked.
	feed, never string
	threads     []string
}

const atomOf = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Forum</title><entry><title>Plan to move to the cloud</title><link href="LINK"/><summary>short</summary></entry></feed>`

func feedLike(link string) string { return strings.ReplaceAll(atomOf, "LINK", link) }

func forumShapes() []forumShape {
	const discourse = `<meta name="generator" content="Discourse 3.4.0 - https://github.com/discourse/discourse">`
	return []forumShape{
		{
			name: "Discourse, its feed named by nothing", link: "https://meet.contoso.example/",
			pages: map[string]string{
				"meet.contoso.example/": discourse + `<h1>Contoso Community</h1><a href="/t/upgrade-to-server-2025/42">Upgrade to Server 2025</a>
<a href="/t/upgrade-to-server-2025/42/7">last reply</a><a href="/c/support/5">Support</a>` + prose,
				"meet.contoso.example/t/upgrade-to-server-2025/42": discourse + `<h1>Upgrade to Server 2025</h1>` + prose,
				"meet.contoso.example/t/upgrade-to-server-2025/42/7": discourse + `<link rel="canonical" href="https://meet.contoso.example/t/upgrade-to-server-2025/42">
<h1>Upgrade to Server 2025</h1>` + prose + prose,
				"meet.contoso.example/latest.rss":               feedLike("https://meet.contoso.example/t/from-the-feed-alone/43"),
				"meet.contoso.example/t/from-the-feed-alone/43": discourse + `<h1>From the feed alone</h1>` + prose,
			},
			feed: "https://meet.contoso.example/latest.rss", threads: []string{"/t/upgrade-to-server-2025/42", "/t/from-the-feed-alone/43"},
		},
		{
			name: "phpBB, known by its foot", link: "/forum/",
			pages: map[string]string{
				"/forum/": `<h1>Board index</h1><a href="./viewforum.php?f=2&sid=0123456789abcdef0123456789abcdef">Backup</a>
<a href="./viewtopic.php?p=99#p99">View the latest post</a><footer>Powered by <a href="https://www.phpbb.com/">phpBB</a></footer>` + prose,
				"/forum/viewforum.php?f=2": `<h1>Backup</h1><a href="./viewtopic.php?t=11">Which backup do you use?</a> <a href="./viewtopic.php?t=12">Tape or cloud</a>
<a href="./viewtopic.php?t=12&start=15">2</a> <a href="./viewforum.php?f=2&sk=t&sd=a">Sort</a>` + prose,
				"/forum/viewtopic.php?t=11": `<h1>Which backup do you use?</h1>` + prose,
				"/forum/viewtopic.php?t=12": `<h1>Tape or cloud</h1>` + prose,
				"/forum/viewtopic.php?t=13": `<h1>New in the feed</h1>` + prose,
				"/forum/app.php/feed":       feedLike("/forum/viewtopic.php?t=13"),
			},
			feed: "https://contoso.example/forum/app.php/feed", threads: []string{"?t=11", "?t=12", "?t=13"}, never: "p=99 start= sk= sid=",
		},
		{
			name: "vBulletin, known by its generator", link: "/community/",
			pages: map[string]string{
				"/community/": `<meta name="generator" content="vBulletin 4.2.5"><h1>Forum</h1><a href="threads/501-Licence-renewal">Licence renewal</a>
<a href="showthread.php?t=502">Old address form</a><a href="showthread.php?t=502&goto=newpost">Newest</a>` + prose,
				"/community/threads/501-Licence-renewal": `<meta name="generator" content="vBulletin 4.2.5"><h1>Licence renewal</h1>` + prose,
				"/community/showthread.php?t=502":        `<meta name="generator" content="vBulletin 4.2.5"><h1>Old address form</h1>` + prose,
				"/community/external.php?type=RSS2":      feedLike("https://contoso.example/community/threads/503-In-the-feed"),
				"/community/threads/503-In-the-feed":     `<meta name="generator" content="vBulletin 4.2.5"><h1>In the feed</h1>` + prose,
			},
			feed: "https://contoso.example/community/external.php?type=RSS2", threads: []string{"/501-", "?t=502", "/503-"}, never: "goto=",
		},
		{
			name: "Stack Exchange, its feed named by a link element", link: "https://answers.contoso.example/questions",
			pages: map[string]string{
				"answers.contoso.example/questions": `<link rel="alternate" type="application/atom+xml" title="Feed of recent questions" href="/feeds"><h1>Questions</h1>
<a href="/questions/71001/how-to-connect-to-the-api">How to connect?</a><a href="/questions/71001/how-to-connect-to-the-api?sort=votes">votes</a>` + prose,
				"answers.contoso.example/questions/71001/how-to-connect-to-the-api": `<script type="application/ld+json">{"@type":"QAPage"}</script><h1>How to connect?</h1>` + prose,
				"answers.contoso.example/feeds":                                     feedLike("https://answers.contoso.example/questions/71002/asked-in-the-feed"),
				"answers.contoso.example/questions/71002/asked-in-the-feed":         `<h1>Asked in the feed</h1>` + prose,
			},
			feed: "https://answers.contoso.example/feeds", threads: []string{"/questions/71001/", "/questions/71002/"}, never: "sort=",
		},
	}
}

// serveForum serves a home page that links to a forum, and the forum.
func (l *lab) serveForum(f *forumShape) {
	l.html(c, "/{$}", `<h1>Contoso</h1><a href="`+f.link+`">Community</a>`+prose)
	for at, body := range f.pages {
		host, path, _ := strings.Cut(at, "/")
		if host == "" {
			host = c
		}
		media := "text/html; charset=utf-8"
		if strings.HasPrefix(body, "<feed") {
			media = "application/atom+xml"
		} else {
			body = "<!doctype html><html lang=en><title>" + at + "</title>" + body
		}
		l.exact(host, "/"+path, media, body)
	}
}

func TestForumsAreFoundByTheShapeOfTheirSoftware(t *testing.T) {
	for _, f := range forumShapes() {
		t.Run(f.name, func(t *testing.T) {
			l := newLab(t, crawl.Config{})
			l.serveForum(&f)
			r := l.visit(visitOf(c))
			if r.Outcome != pages.OutcomeOK || r.Failed != 0 {
				t.Errorf("result %+v", r)
			}
			var feed *pages.FeedRead
			for i := range r.Feeds {
				if r.Feeds[i].URL == f.feed {
					feed = &r.Feeds[i]
				}
			}
			if feed == nil || feed.Source != pages.KindForum || feed.ReadAt.IsZero() || feed.Error != "" || !feed.Changed {
				t.Errorf("feeds %+v", r.Feeds)
			}
			kinds := map[string]pages.Kind{}
			for _, p := range l.pages {
				kinds[p.URL] = p.Kind
			}
			if kinds[f.feed] != pages.KindForum {
				t.Errorf("the feed was published as %q", kinds[f.feed])
			}
			for _, thread := range f.threads {
				found := 0
				for url, kind := range kinds {
					if strings.Contains(url, thread) && kind == pages.KindForum {
						found++
					}
				}
				if found != 1 {
					t.Errorf("%s was published %d times: %s", thread, found, l.published())
				}
			}
			asked := l.requests()
			for never := range strings.FieldsSeq(f.never) {
				if strings.Contains(asked, never) {
					t.Errorf("asked for %s: %s", never, asked)
				}
			}
		})
	}
}

func TestForumsOnOthersHostsAreReadAsForums(t *testing.T) {
	l := newLab(t, crawl.Config{})
	l.html(c, "/{$}", `<h1>Contoso</h1>`+prose+`<footer><a href="https://github.com/contoso/erp/discussions">Discuss</a>
<a href="https://stackoverflow.com/questions/tagged/contoso">Stack Overflow</a></footer>`)
	for host, path := range map[string]string{"github.com": "/contoso/erp/discussions.atom", "stackoverflow.com": "/feeds/tag/contoso"} {
		l.zone[host] = []string{"A 127.0.0.1"}
		l.page(host, path, "application/atom+xml", feedLike("https://"+host+"/questions/1/x"))
	}
	r := l.visit(visitOf(c))
	if len(r.Feeds) != 2 || r.Outcome != pages.OutcomeOK || r.Failed != 0 || strings.Contains(l.requests(), "/questions/1/") {
		t.Fatalf("result %+v", r)
	}
	for i := range r.Feeds {
		if r.Feeds[i].Source != pages.KindForum || r.Feeds[i].ReadAt.IsZero() || l.pages[2+i].Kind != pages.KindForum || l.pages[2+i].Domain != c {
			t.Errorf("feed %+v, published %s", r.Feeds[i], l.published())
		}
	}
	// The schedule knows them; they come again as they are.
	v := visitOf(c)
	v.FeedsOnly = true
	for i := range r.Feeds {
		v.Feeds = append(v.Feeds, pages.Feed{URL: r.Feeds[i].URL, Source: r.Feeds[i].Source})
	}
	l.pages = nil
	if again := l.visit(v); again.Outcome != pages.OutcomeOK || len(l.pages) != 2 || l.pages[0].Kind != pages.KindForum || l.pages[1].Kind != pages.KindForum {
		t.Errorf("result %+v, published %s", again, l.published())
	}
}
