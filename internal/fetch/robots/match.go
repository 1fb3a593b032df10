package robots

import (
	"bytes"
	"strings"
	"time"
)

// Decision is what a file says about one address.
type Decision struct {
	Allowed bool
	// Rule is the line that decided, in full ("Disallow: /private/"), Line its number from 1; "" and 0
	// where no rule matched.
	Rule string
	Line int
}

// rule is one allow or disallow line, compiled for matching.
type rule struct {
	// text is the pattern as it stands in the file.
	text string
	// plain is the pattern with percent-encodings undone; query is the same with encoded slashes and
	// question marks behind its "?" undone too, and nil where that changes nothing.
	plain, query []byte
	// octets is the pattern's length in its percent-encoded form; the longest match wins.
	octets int32
	line   int32
	allow  bool
	// anchored reports a "$" at the end.
	anchored bool
}

// The octets below never occur in UTF-8, so they are free to stand for what is not an octet.
const (
	// wildcard stands for "*" in a pattern.
	wildcard = 0xFB
	// encodedSlash and encodedQuestion stand for "%2F" and "%3F": reserved characters stay distinct
	// from their encodings (RFC 9309 §2.2.2) where they delimit.
	encodedSlash    = 0xFE
	encodedQuestion = 0xFF
	// invalidOctet takes the place of those octets themselves.
	invalidOctet = 0xF8
)

// Test says whether agent, a product token or a whole User-Agent value, may fetch url, an absolute URL
// or a path with its query.
func (f *File) Test(agent, url string) Decision { return f.For(agent).Test(url) }

// CrawlDelay returns the Crawl-delay that the file states for agent, at most a day, and whether it
// states one.
func (f *File) CrawlDelay(agent string) (time.Duration, bool) { return f.For(agent).CrawlDelay() }

// Sitemaps returns the values of the file's sitemap lines in their order: at most 1,000, of at most
// 2,048 bytes each, not validated otherwise.
func (f *File) Sitemaps() []string { return f.sitemaps }

// Rules are what one file says to one product token; the zero value allows everything.
type Rules struct {
	rules []rule
	delay time.Duration
	// delayed reports that the file states a delay, which may be 0.
	delayed bool
}

// For returns the rules of the groups that name agent, merged wherever they stand, or else of those that
// name "*" (RFC 9309 §2.2.1). It is never nil.
func (f *File) For(agent string) *Rules {
	members := f.groups[anyAgent]
	if token := agentToken(agent); token != "" {
		if own, ok := f.groups[token]; ok {
			members = own
		}
	}
	out := &Rules{}
	for _, m := range members {
		out.rules = append(out.rules, m.block.rules...)
		for _, d := range m.block.delays {
			if d.upTo > m.place && (!out.delayed || d.delay > out.delay) {
				out.delay, out.delayed = d.delay, true
			}
		}
	}
	return out
}

// CrawlDelay returns the stated Crawl-delay and whether there is one.
func (r *Rules) CrawlDelay() (time.Duration, bool) { return r.delay, r.delayed }

// Test says whether the rules allow url, an absolute URL or a path with its query: the rule with the
// most octets decides, allow wins a tie, no match allows (RFC 9309 §2.2.2). /robots.txt is always allowed.
func (r *Rules) Test(url string) Decision {
	path := pathOf(url)
	if len(r.rules) == 0 || path == "/robots.txt" {
		return Decision{Allowed: true}
	}
	plain, _ := octetsOf(path, false, false)
	query, _ := octetsOf(path, true, false)
	if bytes.Equal(query, plain) {
		query = plain
	}
	var best *rule
	for i := range r.rules {
		c := &r.rules[i]
		if best != nil && (c.octets < best.octets || c.octets == best.octets && !c.allow || c.octets == best.octets && best.allow) {
			continue
		}
		if c.matches(plain, query) {
			best = c
		}
	}
	if best == nil {
		return Decision{Allowed: true}
	}
	name := "Disallow: "
	if best.allow {
		name = "Allow: "
	}
	return Decision{Allowed: best.allow, Rule: name + best.text, Line: int(best.line)}
}

// compile prepares a pattern for matching.
func compile(pattern string) rule {
	r := rule{text: strings.Clone(pattern)}
	body := pattern
	if strings.HasSuffix(pattern, "$") {
		body, r.anchored = pattern[:len(pattern)-1], true
	}
	var octets int
	r.plain, octets = octetsOf(body, false, true)
	if r.anchored {
		octets++
	}
	r.octets = int32(octets)
	if query, _ := octetsOf(body, true, true); !bytes.Equal(query, r.plain) {
		r.query = query
	}
	return r
}

// matches reports whether the pattern matches the path in either of its two readings: with "%2F" and
// "%3F" distinct from "/" and "?" everywhere, or only before the query (RFC 9309 §2.2.2, table, where
// "?baz=https://foo.bar" equals "?baz=https%3A%2F%2Ffoo.bar").
func (r *rule) matches(plain, query []byte) bool {
	if match(r.plain, plain, r.anchored) {
		return true
	}
	if r.query == nil && &query[0] == &plain[0] {
		return false
	}
	pattern := r.query
	if pattern == nil {
		pattern = r.plain
	}
	return match(pattern, query, r.anchored)
}

// match walks the pattern's literal pieces from left to right, each found at its first place: with
// "*" as the only wildcard no other choice can match more, so there is no way back and no blow-up.
func match(pattern, path []byte, anchored bool) bool {
	first := true
	for {
		piece, rest, more := bytes.Cut(pattern, []byte{wildcard})
		switch {
		case first && !bytes.HasPrefix(path, piece):
			return false
		case first:
			path = path[len(piece):]
		case !more && anchored:
			return bytes.HasSuffix(path, piece)
		default:
			i := bytes.Index(path, piece)
			if i < 0 {
				return false
			}
			path = path[i+len(piece):]
		}
		if !more {
			return !anchored || len(path) == 0
		}
		pattern, first = rest, false
	}
}

// octetsOf undoes percent-encoding, so that encoded and plain spellings compare equal, and counts
// the octets of the encoded spelling: three for an octet outside ASCII however it is written, one for
// an unreserved character, and a reserved one as it stands. An encoded "/" or "?" stays distinct,
// except behind the first "?" where inQuery says so. In a pattern "*" becomes the wildcard.
func octetsOf(s string, inQuery, pattern bool) (out []byte, octets int) {
	out = make([]byte, 0, len(s))
	query := false
	for len(s) > 0 {
		c, encoded, n := firstOctet(s)
		s = s[n:]
		octets++
		if c >= 0x80 || encoded && !unreserved(c) {
			octets += 2
		}
		query = query || c == '?' && !encoded
		switch {
		case encoded:
			c = decodedOctet(c, inQuery && query)
		case c == '*' && pattern:
			c = wildcard
		case c >= invalidOctet:
			c = invalidOctet
		}
		if c == wildcard && len(out) > 0 && out[len(out)-1] == wildcard {
			continue
		}
		out = append(out, c)
	}
	return out, octets
}

// firstOctet reads an octet, percent-encoded or not, and the number of bytes it is written in.
func firstOctet(s string) (c byte, encoded bool, n int) {
	if s[0] == '%' && len(s) > 2 && isHex(s[1]) && isHex(s[2]) {
		return unhex(s[1])<<4 | unhex(s[2]), true, 3
	}
	return s[0], false, 1
}

// decodedOctet is what an octet that was percent-encoded compares as.
func decodedOctet(c byte, plain bool) byte {
	switch {
	case c >= invalidOctet:
		return invalidOctet
	case c == '/' && !plain:
		return encodedSlash
	case c == '?' && !plain:
		return encodedQuestion
	}
	return c
}

// unreserved is RFC 3986 §2.3.
func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// pathOf returns path and query of a URL, at least "/", without its fragment.
func pathOf(url string) string {
	url, _, _ = strings.Cut(url, "#")
	from := 0
	if strings.HasPrefix(url, "//") {
		from = 2
	}
	early := indexFrom(url, from, "/?;")
	if scheme := strings.Index(url[from:], "://"); scheme >= 0 && (early < 0 || from+scheme < early) {
		from += scheme + len("://")
	}
	at := indexFrom(url, from, "/?;")
	if at < 0 {
		return "/"
	}
	if url[at] != '/' {
		return "/" + url[at:]
	}
	return url[at:]
}

func indexFrom(s string, from int, chars string) int {
	if i := strings.IndexAny(s[from:], chars); i >= 0 {
		return from + i
	}
	return -1
}
