package crawl

import (
	"time"

	"telltale/internal/document"
	"telltale/internal/document/feed"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// maxFeedReads bounds the feeds a visit reports; a candidate names one by a number of 8 bits.
const maxFeedReads = 100

// isFeed reports a candidate that is worth having only as a feed.
func (c *candidate) isFeed() bool {
	return c.kind == pages.KindFeed || c.kind == pages.KindSocial && c.feed > 0
}

// takeFeeds puts the feeds that are due into the result, unread.
func (v *visit) takeFeeds() {
	due := v.in.Feeds[:min(len(v.in.Feeds), maxFeedReads)]
	if len(due) > 0 {
		v.res.Feeds = make([]pages.FeedRead, 0, len(due))
	}
	for i := range due {
		f := &due[i]
		v.res.Feeds = append(v.res.Feeds, pages.FeedRead{URL: f.URL, Watch: f.Watch, Source: f.Source, Interval: f.Interval, Failures: f.Failures})
	}
	v.in.Feeds = nil
}

// queueDue queues the feeds that the visit was sent for, before everything else and beyond the quota of feeds.
func (v *visit) queueDue() {
	for i := range v.res.Feeds {
		f := &v.res.Feeds[i]
		c := candidate{kind: pages.KindFeed, class: classDue, depth: 1, feed: uint8(i + 1)}
		u, err := urls.Canonicalize(f.URL, "")
		if f.Source == pages.KindSocial || !urls.SameSite(u, v.in.Domain) {
			c.kind = pages.KindSocial
		}
		if err != nil {
			v.feedMissed(&c, "bad_address", 0)
			continue
		}
		c.url, c.foreign = u, !urls.SameSite(u, v.in.Domain)
		if v.mark(u) {
			v.queue.push(&c)
		}
	}
}

// feedOf returns the number of a feed in the result, where it is put if it is new there; 0 where there is no room.
func (v *visit) feedOf(url string, source pages.Kind) uint8 {
	for i := range v.res.Feeds {
		if v.res.Feeds[i].URL == url {
			return uint8(i + 1)
		}
	}
	if len(v.res.Feeds) >= maxFeedReads {
		return 0
	}
	v.res.Feeds = append(v.res.Feeds, pages.FeedRead{URL: url, Source: source})
	return uint8(len(v.res.Feeds))
}

// readFeed considers those items of a feed that it does not carry whole, and returns the page where it is to be
// published. Items of a stream on another host are read in the feed alone.
func (v *visit) readFeed(c *candidate, page *pages.Page) *pages.Page {
	f, err := feed.Parse(page.Body, page.Header, page.FinalURL)
	if err != nil {
		v.missed(c, page.Status, "not_a_feed", 0)
		return nil
	}
	if !c.foreign && (c.feed == 0 || !c.isFeed()) {
		c.feed = v.feedOf(c.url, "")
	}
	page.Kind, page.SimHash = v.feedKind(c), f.Digest()
	v.settle(c, c.kind)
	v.feedRead(c, page, f)
	asked := document.HeaderDirectives(page.Header, page.FetchedAt)
	if !asked.NoFollow && !c.foreign {
		for i := range f.Items {
			v.considerItem(c, &f.Items[i], asked.NoIndex)
		}
	}
	if asked.NoIndex {
		v.skip("noindex", 1)
		return nil
	}
	return page
}

// feedKind is the kind of a feed's page: a forum's items are others' words, a stream's are said elsewhere.
func (v *visit) feedKind(c *candidate) pages.Kind {
	forum := c.feed > 0 && v.res.Feeds[c.feed-1].Source == pages.KindForum
	switch {
	case forum || !c.foreign && v.feedTopic(c) == pages.KindForum:
		return pages.KindForum
	case c.foreign:
		return pages.KindSocial
	}
	return pages.KindFeed
}

// feedRead notes what a read of a feed says of it.
func (v *visit) feedRead(c *candidate, page *pages.Page, f *feed.Feed) {
	if c.feed == 0 {
		return
	}
	r := &v.res.Feeds[c.feed-1]
	r.ReadAt, r.Failures, r.Error, r.Items, r.AskLater = page.FetchedAt, 0, "", len(f.Items), f.TTL
	r.Changed = v.hasNews(page, f)
}

// hasNews reports an item that was not in the feed when it was last read.
func (v *visit) hasNews(page *pages.Page, f *feed.Feed) bool {
	k, read := v.find(page.URL)
	if read && (k.ContentHash == page.ContentHash || k.SimHash != 0 && k.SimHash == page.SimHash) {
		return false
	}
	for i := range f.Items {
		u, err := urls.Canonicalize(f.Items[i].URL, "")
		if err != nil {
			return true
		}
		if k, known := v.find(u); !known || k.ContentHash == "" {
			return true
		}
	}
	return false
}

// feedUnchanged notes a 304.
func (v *visit) feedUnchanged(c *candidate, resp *pages.Response) {
	if c.feed == 0 || !c.isFeed() {
		return
	}
	r := &v.res.Feeds[c.feed-1]
	r.ReadAt, r.Failures, r.Error, r.AskLater = resp.FetchedAt, 0, "", feed.MaxAge(resp.Header)
}

// feedMissed notes a read that gave no feed. One that was not its turn, or refused for now, is no failure of the feed.
func (v *visit) feedMissed(c *candidate, reason string, wait time.Duration) {
	r := &v.res.Feeds[c.feed-1]
	r.ReadAt, r.Error, r.AskLater = v.c.deps.Now(), reason, min(wait, feed.MaxTTL)
	switch pages.FetchReason(reason) {
	case pages.ReasonThrottled, pages.ReasonCancelled, pages.ReasonBlocked:
	default:
		r.Failures++
	}
}

// endFeeds ends a visit that read feeds only: well, if any of them was read.
func (v *visit) endFeeds() {
	outcome, why := pages.OutcomeOK, v.stop
	failed := ""
	for i := range v.res.Feeds {
		r := &v.res.Feeds[i]
		if !r.ReadAt.IsZero() && r.Error == "" {
			failed = ""
			break
		}
		if failed == "" {
			failed = r.Error
		}
	}
	if failed != "" {
		outcome, why = outcomeOf(pages.FetchReason(failed)), failed
	}
	v.end(outcome, why)
	// The schedule of the domain itself has not moved.
	v.res.Failures = v.in.Failures
}
