package crawl

import (
	"slices"

	"telltale/internal/pages"
)

const (
	// maxQueue bounds the candidates a visit holds.
	maxQueue = 400
	// maxText is how long, in bytes, the text of their addresses may be before it is tidied.
	maxText = 64 << 10
)

// class orders candidates: what tells most about news comes first.
type class uint8

const (
	// classDue are the feeds that the visit was sent for.
	classDue class = iota
	classFeed
	classIndex
	classSitemap
	classItem
	classPlain
	// classStream are feeds on other hosts: what they cost in waiting is the domain's time.
	classStream
	// classKnown are articles that were read before: read again when nothing new is left.
	classKnown
)

// candidate is an address that may be read.
type candidate struct {
	url string
	// known is the number in the visit's memory of an address that was read before, where inMemory is set.
	known uint32
	// date is in seconds since 1970 where it orders articles, 0 for none.
	date  uint32
	kind  pages.Kind
	class class
	depth uint8
	// guess names the group of common paths that an unlinked address belongs to; 0 for a linked one.
	guess guessGroup
	// feed is 1 + the place in the result of the feed that it is, or that names it; 0 for none.
	feed     uint8
	inMemory bool
	// foreign marks a stream of the domain on a host that is not its own.
	foreign bool
}

// queued is a candidate at rest: a visit holds hundreds of them, and a process ten thousand visits.
type queued struct {
	// at is where the address begins in the text of the frontier, or its number in the visit's memory.
	at, date          uint32
	n                 uint16
	kind              uint8
	class             class
	depth             uint8
	guess             guessGroup
	feed              uint8
	inMemory, foreign bool
	// onOrigin marks an address that is written without the frontier's origin.
	onOrigin bool
}

// before says whether c is read before d: by class, then the newest, then the one found first.
func (c *queued) before(d *queued) bool {
	if c.class != d.class {
		return c.class < d.class
	}
	return c.date > d.date
}

// kinds are the kinds of candidates by number.
var kinds = [...]pages.Kind{ //nolint:gochecknoglobals // a table
	pages.KindOther, pages.KindHome, pages.KindBlog, pages.KindPress, pages.KindFeed, pages.KindForum, pages.KindSocial, pages.KindCareers,
	pages.KindJob, pages.KindProduct, pages.KindStory, pages.KindLegal, pages.KindParked, pages.KindError, pages.KindSitemap, pages.KindProbe,
}

func numberOf(kind pages.Kind) uint8 { return uint8(max(0, slices.Index(kinds[:], kind))) }

// frontier holds the candidates of a visit. It stays small, so that it is scanned rather than sorted.
type frontier struct {
	list []queued
	// text holds their addresses; what is left of those that were read is dropped when it has grown to tidyAt.
	text   []byte
	tidyAt int
	// atRest is the text compressed, while the visit waits.
	atRest []byte
	// origin is that of the home page: most addresses begin with it.
	origin string
	// used counts the pages read by kind.
	used   [len(kinds)]uint16
	shapes map[uint64]uint8
	// found marks the groups of common paths of which one was found.
	found [guessGroups]bool
}

// push adds a candidate; false where the queue is full of better ones.
func (f *frontier) push(c *candidate) bool {
	q := queued{
		at: c.known, date: c.date, kind: numberOf(c.kind), class: c.class, depth: c.depth, guess: c.guess, feed: c.feed,
		inMemory: c.inMemory, foreign: c.foreign,
	}
	at := len(f.list)
	if at >= maxQueue {
		at = f.worst()
		if !q.before(&f.list[at]) {
			return false
		}
	} else {
		f.list = append(f.list, queued{})
	}
	f.list[at] = queued{}
	if !c.inMemory {
		f.keep(&q, c.url)
	}
	f.list[at] = q
	return true
}

func (f *frontier) worst() int {
	worst := 0
	for i := range f.list {
		if !f.list[i].before(&f.list[worst]) {
			worst = i
		}
	}
	return worst
}

// pop takes the best candidate that its kind's quota and the guesses still allow; false where none is left.
func (f *frontier) pop(v *visit, c *candidate) bool {
	for len(f.list) > 0 {
		best := 0
		for i := 1; i < len(f.list); i++ {
			if f.list[i].before(&f.list[best]) {
				best = i
			}
		}
		q := f.list[best]
		f.list = append(f.list[:best], f.list[best+1:]...)
		switch {
		case q.guess != 0 && f.found[q.guess]:
		case f.spent(v, &q):
			v.skip("quota", 1)
		default:
			*c = f.candidate(v, &q)
			return true
		}
	}
	return false
}

func (f *frontier) candidate(v *visit, q *queued) candidate {
	c := candidate{
		known: q.at, date: q.date, kind: kinds[q.kind], class: q.class, depth: q.depth, guess: q.guess, feed: q.feed,
		inMemory: q.inMemory, foreign: q.foreign,
	}
	f.wake()
	if q.inMemory {
		c.url = v.in.Memory.At(int(q.at)).URL
	} else if c.url = string(f.text[q.at : q.at+uint32(q.n)]); q.onOrigin {
		c.url = f.origin + c.url
	}
	return c
}

func (f *frontier) spent(v *visit, q *queued) bool {
	switch {
	case q.class == classDue:
		return false
	case q.class == classSitemap:
		return v.sitemaps >= v.c.config.MaxSitemaps
	case q.class == classKnown && v.rechecks >= v.c.config.MaxRechecks:
		return true
	}
	return int(f.used[q.kind]) >= v.c.config.Quotas[kinds[q.kind]]
}

// take counts a page against the quota of its kind.
func (f *frontier) take(kind pages.Kind) { f.used[numberOf(kind)]++ }

// has reports a candidate of that kind on the domain's own hosts.
func (f *frontier) has(of ...pages.Kind) bool {
	for i := range f.list {
		if q := &f.list[i]; !q.foreign && slices.Contains(of, kinds[q.kind]) {
			return true
		}
	}
	return false
}

// left counts the candidates that were not read, guesses aside.
func (f *frontier) left() int {
	n := 0
	for i := range f.list {
		if f.list[i].guess == 0 {
			n++
		}
	}
	return n
}
