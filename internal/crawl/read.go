package crawl

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

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

// receive reads what came of a candidate. The error is that of a publisher.
func (v *visit) receive(budget, ctx context.Context, c *candidate, resp *pages.Response, err error) error {
	if resp != nil {
		defer resp.Release()
	}
	var f fetched
	if c.foreign {
		f = v.gotForeign(budget, c.url, resp, err)
	} else {
		f = v.got(budget, c.url, resp, err)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case f.resp == nil && f.reason == "":
		return nil
	case f.reason == pages.ReasonCrawlDelay:
		v.skip("budget", 1)
		return nil
	case f.resp == nil:
		v.missed(c, 0, reasonText(f.reason, f.target), f.wait)
		return nil
	}
	return v.answered(ctx, c, f.resp)
}

// answered reads an answer to a candidate.
func (v *visit) answered(ctx context.Context, c *candidate, resp *pages.Response) error {
	v.count(c.kind, resp.Status)
	if resp.NotModified {
		v.read++
		v.queue.take(c.kind)
		v.unchanged(c.url, c.kind, resp.Status, resp.FetchedAt)
		v.feedUnchanged(c, resp)
		return nil
	}
	if c.class == classSitemap {
		v.sitemapBytes += len(resp.Body)
	}
	if resp.Status < 200 || resp.Status > 299 {
		v.missed(c, resp.Status, "status:"+strconv.Itoa(resp.Status), 0)
		return nil
	}
	if resp.FinalURL != c.url && !v.mark(resp.FinalURL) {
		// The redirect ends on a page that was read, or is about to be.
		v.duplicate(c)
		return nil
	}
	return v.readBody(ctx, c, resp)
}

func reasonText(reason pages.FetchReason, target string) string {
	if reason == pages.ReasonOffsite && target != "" {
		return "redirect:" + target
	}
	return string(reason)
}

// missed records an address that gave no page; a guess that missed is nobody's failure, nor is a stream that it was
// not our turn to ask.
func (v *visit) missed(c *candidate, status int, reason string, wait time.Duration) {
	if c.feed > 0 && c.isFeed() {
		v.feedMissed(c, reason, wait)
	}
	if c.guess == linked && (!c.foreign || reason != stopThrottled && reason != stopBlocked) {
		v.failed(c.url, c.kind, status, reason)
	}
}

func (v *visit) duplicate(c *candidate) {
	if c.feed > 0 && c.isFeed() {
		v.feedMissed(c, "duplicate", 0)
	}
	if c.guess == linked {
		v.skip("duplicate", 1)
	}
}

// readBody tells by the body what was fetched, whatever was expected, and publishes it.
func (v *visit) readBody(ctx context.Context, c *candidate, resp *pages.Response) error {
	var (
		page *pages.Page
		err  error
	)
	v.c.aside(func() {
		page, err = v.digest(c, resp)
		v.rest()
	})
	if err != nil || page == nil {
		return err
	}
	return v.publish(ctx, page)
}

// digest considers what a body leads to and returns the page to publish, nil for none.
func (v *visit) digest(c *candidate, resp *pages.Response) (*pages.Page, error) {
	if c.class == classSitemap {
		v.readSitemap(c, resp)
		return nil, nil //nolint:nilnil // no page and no failure
	}
	page := v.page(c, resp)
	if page.ContentHash == v.homeHash {
		v.duplicate(c)
		return nil, nil //nolint:nilnil // no page and no failure
	}
	doc, err := document.Parse(page)
	if err != nil {
		return nil, err
	}
	switch kind := classify.Page(doc); {
	case kind == pages.KindFeed:
		return v.readFeed(c, page), nil
	case kind == pages.KindError || kind == pages.KindParked:
		v.missed(c, resp.Status, string(kind)+"_page", 0)
	case c.class == classStream && !c.isFeed():
		v.streamOnPage(c, doc)
	case c.isFeed():
		v.missed(c, resp.Status, "not_a_feed", 0)
	case kind == pages.KindSitemap:
		v.readSitemap(c, resp)
	case kind == pages.KindHome:
		v.duplicate(c)
	default:
		page.Kind = kind
		return v.readPage(c, page, doc), nil
	}
	return nil, nil //nolint:nilnil // no page and no failure
}

// readPage considers the links of a page, and returns it where it is to be published.
func (v *visit) readPage(c *candidate, page *pages.Page, doc *document.Document) *pages.Page {
	if canonical, err := urls.Canonicalize(doc.Canonical, doc.FinalURL); err == nil && doc.Canonical != "" &&
		canonical != page.URL && canonical != page.FinalURL && urls.SameSite(canonical, v.in.Domain) && !v.mark(canonical) {
		v.duplicate(c)
		return nil
	}
	v.settle(c, page.Kind)
	if !v.in.FeedsOnly {
		v.expand(doc, page.Kind, int(c.depth))
	}
	if doc.NoIndex {
		v.skip("noindex", 1)
		return nil
	}
	page.SimHash = document.SimHash(doc)
	return page
}

// settle counts a page that was read against the budgets and ends its group of guesses.
func (v *visit) settle(c *candidate, kind pages.Kind) {
	v.read++
	v.queue.take(kind)
	v.queue.found[c.guess] = c.guess != linked
}

// considerItem queues an item's page, unless the published feed holds all of it.
func (v *visit) considerItem(c *candidate, it *feed.Item, unpublished bool) {
	u, err := urls.Canonicalize(it.URL, "")
	if err != nil || !unpublished && isWhole(it) {
		return
	}
	kind := classify.Link(document.Link{URL: u, Text: it.Title})
	if kind == pages.KindOther || kind == pages.KindFeed {
		kind = v.feedTopic(c)
	}
	v.consider(u, kind, it.Newest(), int(c.depth)+1, c.feed)
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

// feedTopic is what a feed's items are: what was said when it was put on the schedule, or by the page that the feed
// belongs to; most feeds are blogs.
func (v *visit) feedTopic(c *candidate) pages.Kind {
	if c.feed > 0 {
		switch source := v.res.Feeds[c.feed-1].Source; source {
		case pages.KindBlog, pages.KindPress, pages.KindForum:
			return source
		default:
		}
	}
	origin, rest := urls.Origin(c.url)
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
		v.missed(c, resp.Status, "not_a_sitemap", 0)
		return
	}
	v.read++
	v.queue.found[c.guess] = c.guess != linked
	newest := func(a, b sitemap.Entry) int { return b.LastMod.Compare(a.LastMod) }
	slices.SortStableFunc(s.Sitemaps, newest)
	for _, e := range s.Sitemaps {
		u, err := urls.Canonicalize(e.Loc, "")
		if err == nil && int(c.depth) < v.c.config.MaxDepth && urls.SameSite(u, v.in.Domain) && v.mark(u) {
			v.queue.push(&candidate{url: u, kind: pages.KindSitemap, class: classSitemap, date: v.sane(e.LastMod), depth: c.depth + 1})
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
		v.consider(u, kind, e.LastMod, 1, 0)
	}
}
