package crawl

import (
	"strings"
	"time"

	"telltale/internal/pages"
	"telltale/internal/urls"
)

// maxQueue bounds the candidates a visit holds.
const maxQueue = 400

// class orders candidates: what tells most about news comes first.
type class uint8

const (
	classFeed class = iota
	classIndex
	classSitemap
	classItem
	classPlain
	// classKnown are articles that were read before: read again when nothing new is left.
	classKnown
)

// candidate is an address that may be read.
type candidate struct {
	url   string
	date  time.Time
	kind  pages.Kind
	class class
	depth uint8
	// guess names the group of common paths that an unlinked address belongs to; 0 for a linked one.
	guess guessGroup
}

// before says whether c is read before d: by class, then the newest, then the one found first.
func (c *candidate) before(d *candidate) bool {
	if c.class != d.class {
		return c.class < d.class
	}
	return c.date.After(d.date)
}

// frontier holds the candidates of a visit. It stays small, so that it is scanned rather than sorted.
type frontier struct {
	list   []candidate
	quotas map[pages.Kind]int
	used   map[pages.Kind]int
	shapes map[string]int
	// found marks the groups of common paths of which one was found.
	found [guessGroups]bool
}

// push adds a candidate; false where the queue is full of better ones.
func (f *frontier) push(c candidate) bool {
	if len(f.list) < maxQueue {
		f.list = append(f.list, c)
		return true
	}
	worst := 0
	for i := range f.list {
		if !f.list[i].before(&f.list[worst]) {
			worst = i
		}
	}
	if !c.before(&f.list[worst]) {
		return false
	}
	f.list[worst] = c
	return true
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
		c := f.list[best]
		f.list = append(f.list[:best], f.list[best+1:]...)
		switch {
		case c.guess != 0 && f.found[c.guess]:
		case f.spent(v, &c):
			v.skip("quota", 1)
		default:
			return c, true
		}
	}
	return candidate{}, false
}

func (f *frontier) spent(v *visit, c *candidate) bool {
	switch {
	case c.class == classSitemap:
		return v.sitemaps >= v.c.config.MaxSitemaps
	case c.class == classKnown && v.rechecks >= v.c.config.MaxRechecks:
		return true
	}
	return f.used[c.kind] >= f.quotas[c.kind]
}

// take counts a page against the quota of its kind.
func (f *frontier) take(kind pages.Kind) {
	if f.used == nil {
		f.used = make(map[pages.Kind]int, 8)
	}
	f.used[kind]++
}

// has reports a candidate of that kind.
func (f *frontier) has(kinds ...pages.Kind) bool {
	for i := range f.list {
		for _, k := range kinds {
			if f.list[i].kind == k {
				return true
			}
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
		f.shapes = make(map[string]int, 16)
	}
	shape, numbered := shapeOf(url)
	f.shapes[shape]++
	if numbered {
		return f.shapes[shape] > maxNumbered
	}
	return f.shapes[shape] > maxShape
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
