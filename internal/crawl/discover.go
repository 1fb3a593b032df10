package crawl

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"telltale/internal/classify"
	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/urls"
)

// guessGroup is a group of common paths, one of which is looked for where no link leads to any.
type guessGroup uint8

const (
	linked guessGroup = iota
	guessFeed
	guessNews
	guessCareers
	guessForum
	guessSitemap
	guessGroups
)

// guesses are the common paths.
var guesses = [...]struct { //nolint:gochecknoglobals // a table
	group guessGroup
	kind  pages.Kind
	paths []string
}{
	{guessFeed, pages.KindFeed, []string{"/feed", "/rss.xml", "/atom.xml", "/feed.json"}},
	{guessNews, pages.KindBlog, []string{"/blog"}},
	{guessNews, pages.KindPress, []string{"/news", "/press"}},
	{guessCareers, pages.KindCareers, []string{"/careers", "/jobs"}},
	{guessForum, pages.KindForum, []string{"/forum", "/community"}},
}

// expand considers every link of a page of a kind.
func (v *visit) expand(doc *document.Document, kind pages.Kind, depth int) {
	if doc.NoFollow || depth >= v.c.config.MaxDepth {
		return
	}
	profiles := depth == 0 || isAbout(doc.FinalURL)
	for i := range doc.Links {
		l := &doc.Links[i]
		if !follows(l.Rel) {
			continue
		}
		if profiles {
			v.considerStream(l)
		}
		if !v.mayBeOurs(l.URL) {
			continue
		}
		if u, err := urls.Canonicalize(l.URL, doc.FinalURL); err == nil {
			v.considerLink(u, classify.Link(*l), kind, depth+1)
		}
	}
	if kind != pages.KindForum {
		return
	}
	if u, err := urls.Canonicalize(classify.ForumFeed(doc), ""); err == nil && urls.SameSite(u, v.in.Domain) {
		v.considerLink(u, pages.KindFeed, kind, depth+1)
	}
}

// considerLink considers what a page of a kind links to. A feed that a forum or press room is the first to name is theirs.
func (v *visit) considerLink(url string, kind, from pages.Kind, depth int) {
	known := len(v.res.Feeds)
	v.consider(url, kind, time.Time{}, depth, 0)
	if len(v.res.Feeds) > known && (from == pages.KindForum || from == pages.KindPress) {
		v.res.Feeds[known].Source = from
	}
}

// mayBeOurs sorts out, before the work of canonicalisation, links that this visit has considered in the same
// spelling and links to other sites.
func (v *visit) mayBeOurs(url string) bool {
	if isASCII(url) && !strings.Contains(url, v.in.Domain) {
		// A host in upper case is rare enough to take the long way.
		if origin, _ := urls.Origin(url); origin == strings.ToLower(origin) {
			return false
		}
	}
	return !v.seen.has(url)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// follows says whether a link may be followed, and leads to a page at all.
func follows(rel string) bool {
	for r := range strings.FieldsSeq(rel) {
		switch r {
		case "nofollow", "ugc", "sponsored", "stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "prefetch", "modulepreload",
			"manifest", "pingback", "apple-touch-icon", "mask-icon", "edituri", "shortlink", "search":
			return false
		}
	}
	return true
}

// consider puts an address into the queue, if it is new, of this site, of a kind that is read, and no
// trap; feed is the number of the feed that names it. Pages of social networks are never fetched: their links stand
// on the published home page.
func (v *visit) consider(url string, kind pages.Kind, date time.Time, depth int, feed uint8) {
	if kind == pages.KindHome || kind == pages.KindSocial || !urls.SameSite(url, v.in.Domain) || !v.mark(url) {
		return
	}
	if why := v.unwanted(url, kind, depth); why != "" {
		v.skip(why, 1)
		return
	}
	v.enqueue(&candidate{url: url, kind: kind, date: v.sane(date), depth: uint8(min(depth, 255)), feed: feed})
}

// enqueue orders a candidate and queues it.
func (v *visit) enqueue(c *candidate) {
	_, known := v.find(c.url)
	if known && v.in.FeedsOnly {
		return
	}
	if c.kind == pages.KindFeed {
		c.feed = v.feedOf(c.url, "")
	}
	c.class = classOf(c, known)
	if !v.queue.push(c) {
		v.skip("queue", 1)
	}
}

// unwanted says why an address of this site is left out.
func (v *visit) unwanted(url string, kind pages.Kind, depth int) string {
	if trap := urls.Trap(url); trap != "" {
		return string(trap)
	}
	switch {
	case depth > v.c.config.MaxDepth:
		return "depth"
	case isFile(url):
		return "file"
	case isListing(url):
		return "listing"
	case kind != pages.KindSitemap && v.c.config.Quotas[kind] <= 0:
		return "kind"
	case kind == pages.KindOther && depth > 1:
		return "kind"
	case v.queue.shapeFull(url, kind == pages.KindForum && classify.Thread(url)):
		return "shape"
	}
	return ""
}

// classOf orders a candidate.
func classOf(c *candidate, known bool) class {
	switch c.kind {
	case pages.KindFeed:
		return classFeed
	case pages.KindSitemap:
		return classSitemap
	case pages.KindBlog, pages.KindPress, pages.KindCareers, pages.KindForum:
		if isIndex(c.url, c.kind) {
			return classIndex
		}
	case pages.KindLegal, pages.KindOther, pages.KindProduct:
		if !known {
			return classPlain
		}
	default:
	}
	if known {
		return classKnown
	}
	return classItem
}

// sane takes a date in the future for now: it orders, it does not testify. 0 stands for none.
func (v *visit) sane(date time.Time) uint32 {
	if now := v.c.deps.Now(); date.After(now) {
		date = now
	}
	return uint32(min(max(date.Unix(), 0), math.MaxUint32))
}

// isIndex reports a page that lists others of its kind: a short path, or one whose last segment names
// the kind by itself.
func isIndex(url string, kind pages.Kind) bool {
	origin, rest := urls.Origin(url)
	path, query, _ := strings.Cut(rest, "?")
	if query != "" {
		return false
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	last := segments[len(segments)-1]
	return last == "" || classify.Link(document.Link{URL: origin + "/" + last}) == kind
}

// considerKnown queues what earlier visits read: feeds and indexes first, articles when nothing new is
// left.
func (v *visit) considerKnown() {
	var articles []candidate
	for number, k := range v.in.Memory.All() {
		if u, err := urls.Canonicalize(k.URL, ""); err == nil && u == k.URL && k.Kind != pages.KindProbe && k.ContentHash != "" {
			v.considerAgain(number, &k, &articles)
		}
	}
	slices.SortFunc(articles, func(a, b candidate) int { return cmp.Compare(b.date, a.date) })
	// No more than these have their turn, whatever of them redirects or is gone.
	turn := min(len(articles), 2*v.c.config.MaxRechecks)
	for i := range articles[:turn] {
		v.queue.push(&articles[i])
	}
	v.skip("quota", len(articles)-turn)
}

// considerAgain is consider for an address that the visit's memory holds; articles are gathered, as most have to wait.
func (v *visit) considerAgain(number int, k *pages.Known, articles *[]candidate) {
	if k.Kind == pages.KindHome || k.Kind == pages.KindSocial || !urls.SameSite(k.URL, v.in.Domain) || !v.mark(k.URL) {
		return
	}
	if why := v.unwanted(k.URL, k.Kind, 1); why != "" {
		v.skip(why, 1)
		return
	}
	c := candidate{url: k.URL, kind: k.Kind, depth: 1, known: uint32(number), inMemory: true}
	if c.class = classOf(&c, true); c.class != classKnown {
		v.enqueue(&c)
		return
	}
	// By a number that differs from visit to visit, so that each article has its turn.
	c.date = uint32(xxhash.Sum64String(v.in.ID + c.url))
	*articles = append(*articles, c)
}

// discoverElsewhere adds the sitemaps that robots.txt names and, on a domain's first visits, common
// paths of which no link tells.
func (v *visit) discoverElsewhere() {
	host := urls.Host(v.homeURL)
	var maps []string
	if v.c.deps.Robots != nil {
		maps = v.c.deps.Robots.Sitemaps(host)
	}
	for _, m := range maps[:min(len(maps), 2*v.c.config.MaxSitemaps)] {
		if u, err := urls.Canonicalize(m, v.homeURL); err == nil && urls.SameSite(u, v.in.Domain) && v.mark(u) {
			v.queue.push(&candidate{url: u, kind: pages.KindSitemap, class: classSitemap, depth: 1})
		}
	}
	if v.in.Interval > 0 && v.in.Failures == 0 {
		return
	}
	origin, _ := urls.Origin(v.homeURL)
	if len(maps) == 0 {
		v.guess(origin+"/sitemap.xml", pages.KindSitemap, classSitemap, guessSitemap)
	}
	newsKnown := v.queue.has(pages.KindBlog, pages.KindPress)
	for _, g := range guesses {
		if v.queue.has(g.kind) || g.group == guessNews && newsKnown {
			continue
		}
		for _, path := range g.paths {
			cl := classIndex
			if g.group == guessFeed {
				cl = classFeed
			}
			v.guess(origin+path, g.kind, cl, g.group)
		}
	}
}

func (v *visit) guess(url string, kind pages.Kind, cl class, group guessGroup) {
	if u, err := urls.Canonicalize(url, ""); err == nil && v.mark(u) {
		v.queue.push(&candidate{url: u, kind: kind, class: cl, depth: 1, guess: group})
	}
}
