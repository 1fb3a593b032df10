package crawl

import (
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"telltale/internal/pages"
	"telltale/internal/urls"
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

// keep writes an address into the text.
func (f *frontier) keep(q *queued, url string) {
	if len(f.text)+len(url) > max(f.tidyAt, maxText) {
		f.tidy()
		f.tidyAt = 2 * len(f.text)
	}
	q.at, q.n = uint32(len(f.text)), uint16(len(url))
	f.text = append(f.text, url...)
}

// tidy drops the addresses that no candidate has any more.
func (f *frontier) tidy() {
	var text []byte
	for i := range f.list {
		if q := &f.list[i]; !q.inMemory {
			at := uint32(len(text))
			text = append(text, f.text[q.at:q.at+uint32(q.n)]...)
			q.at = at
		}
	}
	f.text = text
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

// pop takes the best candidate that its kind's quota and the guesses still allow.
func (f *frontier) pop(v *visit) (candidate, bool) {
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
			return f.candidate(v, &q), true
		}
	}
	return candidate{}, false
}

func (f *frontier) candidate(v *visit, q *queued) candidate {
	c := candidate{
		known: q.at, date: q.date, kind: kinds[q.kind], class: q.class, depth: q.depth, guess: q.guess, feed: q.feed,
		inMemory: q.inMemory, foreign: q.foreign,
	}
	if q.inMemory {
		c.url = v.in.Memory.At(q.at).URL
	} else {
		c.url = string(f.text[q.at : q.at+uint32(q.n)])
	}
	return c
}

func (f *frontier) spent(v *visit, q *queued) bool {
	switch {
	case q.class == classDue:
		return false
	case q.class == classSitemap:
		return v.sitemaps >= v.c.config.MaxSitemaps
	case q.class == classKnown && int(v.rechecks) >= v.c.config.MaxRechecks:
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

const (
	// maxShape is how many addresses of one shape are considered, maxNumbered how many where only
	// numbers vary: articles have names, calendars and archives have numbers.
	maxShape    = 60
	maxNumbered = 10
)

// shapeFull counts an address against its shape and reports one too many.
func (f *frontier) shapeFull(url string) bool {
	if f.shapes == nil {
		f.shapes = make(map[uint64]uint8, 8)
	}
	shape, numbered := shapeOf(url)
	h := xxhash.Sum64String(shape)
	if f.shapes[h] <= maxShape {
		f.shapes[h]++
	}
	if numbered {
		return f.shapes[h] > maxNumbered
	}
	return f.shapes[h] > maxShape
}

// shapeOf writes an address with numbers as "0", a last segment of words as "*" and the query by its
// names. numbered reports that nothing but numbers tells it from others of its shape.
func shapeOf(url string) (shape string, numbered bool) {
	origin, rest := urls.Origin(url)
	path, query, _ := strings.Cut(rest, "?")
	var b strings.Builder
	b.WriteString(origin)
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i, s := range segments {
		b.WriteByte('/')
		switch folded := foldDigits(s); {
		case i < len(segments)-1 || query != "" || folded == s && !strings.ContainsAny(s, "-_"):
			b.WriteString(folded)
			numbered = numbered || folded != s
		case strings.Trim(folded, "0-_.") == "":
			b.WriteString("0")
			numbered = true
		default:
			b.WriteByte('*')
			numbered = false
		}
	}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		b.WriteString("&" + name)
		numbered = numbered || value != ""
	}
	return b.String(), numbered
}

// foldDigits writes every run of digits as "0".
func foldDigits(s string) string {
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	var b strings.Builder
	digit := false
	for i := range len(s) {
		c := s[i]
		if c >= '0' && c <= '9' {
			if !digit {
				b.WriteByte('0')
			}
			digit = true
			continue
		}
		digit = false
		b.WriteByte(c)
	}
	return b.String()
}
