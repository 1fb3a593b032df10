package crawl

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"telltale/internal/classify"
	"telltale/internal/document"
	"telltale/internal/document/feed"
	"telltale/internal/document/sitemap"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

const (
	acceptFeed = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
	// wholeArticle is the least text, in bytes, for which an item of a feed counts as the whole article.
	wholeArticle = 600
	// maxSitemapItems is how many addresses of one sitemap are considered, the newest first.
	maxSitemapItems = 200
)

// visitNext reads one candidate. The error is that of a publisher.
func (v *visit) visitNext(budget, ctx context.Context, c candidate) error {
	r := v.conditional(c.url)
	if c.kind == pages.KindFeed {
		r.Accept = acceptFeed
	}
	if c.class == classSitemap {
		v.sitemaps++
	}
	if c.class == classKnown {
		v.rechecks++
	}
	resp, target, reason := v.get(budget, r)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case resp == nil && reason == "":
		return nil
	case resp == nil:
		v.missed(&c, 0, reasonText(reason, target))
		return nil
	}
	v.count(c.kind, resp.Status)
	if resp.NotModified {
		v.read++
		v.queue.take(c.kind)
		v.unchanged(c.url, c.kind, resp.Status, resp.FetchedAt)
		return nil
	}
	if resp.Status < 200 || resp.Status > 299 {
		v.missed(&c, resp.Status, "status:"+strconv.Itoa(resp.Status))
		return nil
	}
	if resp.FinalURL != c.url && !v.mark(resp.FinalURL) {
		// The redirect ends on a page that was read, or is about to be.
		v.duplicate(&c)
		return nil
	}
	return v.readBody(ctx, &c, resp)
}

func reasonText(reason pages.FetchReason, target string) string {
	if reason == pages.ReasonOffsite && target != "" {
		return "redirect:" + target
	}
	return string(reason)
}

// missed records an address that gave no page; a guess that missed is nobody's failure.
func (v *visit) missed(c *candidate, status int, reason string) {
	if c.guess == linked {
		v.failed(c.url, c.kind, status, reason)
	}
}

func (v *visit) duplicate(c *candidate) {
	if c.guess == linked {
		v.skip("duplicate", 1)
	}
}

// readBody tells by the body what was fetched, whatever was expected.
func (v *visit) readBody(ctx context.Context, c *candidate, resp *pages.Response) error {
	if c.class == classSitemap {
		v.readSitemap(c, resp)
		return nil
	}
	page := v.page(c.url, c.kind, resp)
	if page.ContentHash == v.homeHash {
		v.duplicate(c)
		return nil
	}
	doc, err := document.Parse(page)
	if err != nil {
		return err
	}
	switch kind := classify.Page(doc); kind {
	case pages.KindFeed:
		page.Kind = kind
		return v.readFeed(ctx, c, page)
	case pages.KindError, pages.KindParked:
		v.missed(c, resp.Status, string(kind)+"_page")
	case pages.KindSitemap:
		v.readSitemap(c, resp)
	case pages.KindHome:
		v.duplicate(c)
	default:
		if c.kind == pages.KindFeed {
			v.missed(c, resp.Status, "not_a_feed")
			return nil
		}
		page.Kind = kind
		return v.readPage(ctx, c, page, doc)
	}
	return nil
}

// readPage publishes a page and considers its links.
func (v *visit) readPage(ctx context.Context, c *candidate, page *pages.Page, doc *document.Document) error {
	if canonical, err := urls.Canonicalize(doc.Canonical, doc.FinalURL); err == nil && doc.Canonical != "" &&
		canonical != page.URL && canonical != page.FinalURL && urls.SameSite(canonical, v.in.Domain) && !v.mark(canonical) {
		v.duplicate(c)
		return nil
	}
	v.settle(c, page.Kind)
	v.expand(doc, int(c.depth))
	if doc.NoIndex {
		v.skip("noindex", 1)
		return nil
	}
	return v.publish(ctx, page)
}

// settle counts a page that was read against the budgets and ends its group of guesses.
func (v *visit) settle(c *candidate, kind pages.Kind) {
	v.read++
	v.queue.take(kind)
	v.queue.found[c.guess] = c.guess != linked
}

// readFeed publishes a feed and considers those of its items that it does not carry whole.
func (v *visit) readFeed(ctx context.Context, c *candidate, page *pages.Page) error {
	f, err := feed.Parse(page.Body, page.Header, page.FinalURL)
	if err != nil {
		v.missed(c, page.Status, "not_a_feed")
		return nil //nolint:nilerr // what is no feed stands in the result; the visit goes on
	}
	v.settle(c, pages.KindFeed)
	asked := document.HeaderDirectives(page.Header, page.FetchedAt)
	if !asked.NoFollow {
		for i := range f.Items {
			v.considerItem(c, &f.Items[i], asked.NoIndex)
		}
	}
	if asked.NoIndex {
		v.skip("noindex", 1)
		return nil
	}
	return v.publish(ctx, page)
}

// considerItem queues an item's page, unless the published feed holds all of it.
func (v *visit) considerItem(c *candidate, it *feed.Item, unpublished bool) {
	u, err := urls.Canonicalize(it.URL, "")
	if err != nil || !unpublished && isWhole(it) {
		return
	}
	kind := classify.Link(document.Link{URL: u, Text: it.Title})
	if kind == pages.KindOther || kind == pages.KindFeed {
		kind = feedTopic(c.url)
	}
	v.consider(u, kind, it.Newest(), int(c.depth)+1)
}

// isWhole reports an item that carries its article: long enough, and not cut with a "read more".
func isWhole(it *feed.Item) bool {
	if len(it.Content) < wholeArticle || len(it.Summary) < wholeArticle/2 {
		return false
	}
	end := strings.ToLower(it.Content[len(it.Content)-min(len(it.Content), 120):])
	for _, cut := range [...]string{"[…]", "[&#8230;]", "[...]", "…</p>", "read more", "continue reading", "weiterlesen", "lire la suite", "leer más"} {
		if strings.Contains(end, cut) {
			return false
		}
	}
	return true
}

// feedTopic is what a feed's items are by the page the feed belongs to; most feeds are blogs.
func feedTopic(feedURL string) pages.Kind {
	origin, rest := urls.Origin(feedURL)
	p, _, _ := strings.Cut(rest, "?")
	switch kind := classify.Link(document.Link{URL: origin + path.Dir(strings.TrimSuffix(p, "/"))}); kind {
	case pages.KindPress, pages.KindForum, pages.KindCareers, pages.KindStory:
		return kind
	default:
		return pages.KindBlog
	}
}

// readSitemap considers the newest addresses of a sitemap; an index adds its sitemaps.
func (v *visit) readSitemap(c *candidate, resp *pages.Response) {
	s, err := sitemap.Limits{Entries: v.c.config.SitemapEntries}.Parse(resp.Body)
	if err != nil {
		v.missed(c, resp.Status, "not_a_sitemap")
		return
	}
	v.read++
	v.queue.found[c.guess] = c.guess != linked
	newest := func(a, b sitemap.Entry) int { return b.LastMod.Compare(a.LastMod) }
	slices.SortStableFunc(s.Sitemaps, newest)
	for _, e := range s.Sitemaps {
		u, err := urls.Canonicalize(e.Loc, "")
		if err == nil && int(c.depth) < v.c.config.MaxDepth && urls.SameSite(u, v.in.Domain) && v.mark(u) {
			v.queue.push(candidate{url: u, kind: pages.KindSitemap, class: classSitemap, date: v.sane(e.LastMod), depth: c.depth + 1})
		}
	}
	slices.SortStableFunc(s.URLs, newest)
	considered := 0
	for _, e := range s.URLs {
		u, err := urls.Canonicalize(e.Loc, "")
		if err != nil {
			continue
		}
		// A sitemap lists everything: only what an address says to be worth reading is.
		kind := classify.Link(document.Link{URL: u})
		if kind == pages.KindOther || kind == pages.KindLegal || kind == pages.KindSitemap {
			continue
		}
		if considered++; considered > maxSitemapItems {
			break
		}
		v.consider(u, kind, e.LastMod, 1)
	}
}
