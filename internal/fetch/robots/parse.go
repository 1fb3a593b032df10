// Package robots reads robots.txt by RFC 9309 and keeps what it read.
//
// Where the RFC speaks it is followed to the letter; where it is silent we do as Google's parser
// does (github.com/google/robotstxt), so that a site owner's file means the same to us. The places
// where the two disagree, and we keep to the RFC, are named in the tests.
package robots

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

const (
	// MaxBytes is the parse limit (RFC 9309 §2.5): what follows is not read.
	MaxBytes = 500 << 10
	// maxLine bounds one line, in bytes, as Google's parser does; the rest of the line is not read.
	maxLine = 2083*8 - 1
	// maxSitemaps bounds the addresses kept from one file, maxSitemapURL each of them, in bytes.
	maxSitemaps   = 1000
	maxSitemapURL = 2048
	// maxCrawlDelay bounds what a file can ask for.
	maxCrawlDelay = 24 * time.Hour
)

// File is a parsed robots.txt.
type File struct {
	// groups lists, for each product token, the blocks that name it. Blocks are shared: twenty thousand
	// agents above twenty thousand rules must not make four hundred million.
	groups   map[string][]membership
	sitemaps []string
}

// block is a run of user-agent lines and the rules below it.
type block struct {
	agents int
	rules  []rule
	delays []blockDelay
}

// blockDelay is a Crawl-delay that holds for the first upTo agents of its block.
type blockDelay struct {
	upTo  int
	delay time.Duration
}

// membership is one token's place among the agents of a block.
type membership struct {
	block *block
	place int
}

// anyAgent is the product token of the group for everybody else (RFC 9309 §2.2.1).
const anyAgent = "*"

// Parse reads the body of a robots.txt file, at most MaxBytes of it. It never fails: what is not
// understood is passed over (RFC 9309 §2.2.4, §2.3.1.5).
func Parse(body []byte) *File {
	p := parser{file: &File{groups: map[string][]membership{}}}
	if len(body) > MaxBytes {
		body = body[:MaxBytes]
	}
	body = trimBOM(body)
	for number := 1; len(body) > 0; number++ {
		var line []byte
		line, body = cutLine(body)
		p.line(line, number)
	}
	return p.file
}

// trimBOM removes a byte order mark, or the part of one that is there.
func trimBOM(body []byte) []byte {
	for _, c := range [...]byte{0xEF, 0xBB, 0xBF} {
		if len(body) == 0 || body[0] != c {
			break
		}
		body = body[1:]
	}
	return body
}

// cutLine cuts at CR, LF or CRLF (RFC 9309 §2.2, EOL).
func cutLine(body []byte) (line, rest []byte) {
	i := bytes.IndexAny(body, "\r\n")
	if i < 0 {
		return body, nil
	}
	line, rest = body[:i], body[i+1:]
	if body[i] == '\r' && len(rest) > 0 && rest[0] == '\n' {
		rest = rest[1:]
	}
	return line, rest
}

type parser struct {
	file *File
	// current is the block that the next rule belongs to; closed reports that a rule was read, so that
	// the next user-agent line opens a new one.
	current *block
	closed  bool
}

func (p *parser) line(line []byte, number int) {
	key, value, ok := splitLine(line)
	if !ok {
		return
	}
	switch directiveOf(key) {
	case userAgent:
		p.agent(value)
	case allow:
		p.rule(true, value, number)
	case disallow:
		p.rule(false, value, number)
	case crawlDelay:
		p.delay(value)
	case sitemap:
		if value != "" && len(value) <= maxSitemapURL && len(p.file.sitemaps) < maxSitemaps {
			p.file.sitemaps = append(p.file.sitemaps, strings.Clone(value))
		}
	case unknown:
	}
}

// splitLine cuts a line into key and value. A comment is dropped; a missing colon is forgiven where
// the line is exactly two words, as Google's parser does.
func splitLine(line []byte) (key, value string, ok bool) {
	if len(line) > maxLine {
		line = line[:maxLine]
	}
	if i := bytes.IndexByte(line, '#'); i >= 0 {
		line = line[:i]
	}
	text := strings.Trim(string(line), " \t\x00\v\f")
	key, value, ok = strings.Cut(text, ":")
	if !ok {
		words := strings.Fields(text)
		if len(words) != 2 {
			return "", "", false
		}
		key, value = words[0], words[1]
	}
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	return key, value, key != ""
}

// agent opens a block, or adds a product token to the one being opened. A token that names nobody
// still opens one: the rules below it must not fall to the block above.
func (p *parser) agent(value string) {
	if p.closed || p.current == nil {
		p.current, p.closed = &block{}, false
	}
	token := lineToken(value)
	if token == "" {
		return
	}
	member := p.file.groups[token]
	if len(member) > 0 && member[len(member)-1].block == p.current {
		return
	}
	p.file.groups[strings.Clone(token)] = append(member, membership{p.current, p.current.agents})
	p.current.agents++
}

func (p *parser) rule(allowed bool, value string, number int) {
	// A rule before any user-agent line belongs to nobody (RFC 9309 §2.2.2); an empty one says nothing,
	// yet it ends the list of agents.
	p.closed = true
	if value == "" || p.current == nil {
		return
	}
	r := compile(value)
	r.allow, r.line = allowed, int32(number)
	p.current.rules = append(p.current.rules, r)
}

// delay reads the extension Crawl-delay, in seconds. It holds for the agents listed so far and does not
// end their list: records beyond the RFC must not interfere with its own (RFC 9309 §2.2.4).
func (p *parser) delay(value string) {
	if i := strings.IndexAny(value, " \t"); i >= 0 {
		value = value[:i]
	}
	seconds, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64)
	if err != nil || !(seconds >= 0) || p.current == nil {
		return
	}
	d := maxCrawlDelay
	if seconds < maxCrawlDelay.Seconds() {
		d = time.Duration(seconds * float64(time.Second))
	}
	b := p.current
	if n := len(b.delays); n > 0 && b.delays[n-1].upTo == b.agents {
		b.delays[n-1].delay = max(b.delays[n-1].delay, d)
		return
	}
	b.delays = append(b.delays, blockDelay{b.agents, d})
}

type directive uint8

const (
	unknown directive = iota
	userAgent
	allow
	disallow
	crawlDelay
	sitemap
)

// directiveOf knows a key in any case, with the misspellings that Google's parser accepts.
func directiveOf(key string) directive {
	key = strings.ToLower(key)
	switch {
	case hasAnyPrefix(key, "user-agent", "useragent", "user agent"):
		return userAgent
	case hasAnyPrefix(key, "allow"):
		return allow
	case hasAnyPrefix(key, "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"):
		return disallow
	case hasAnyPrefix(key, "crawl-delay", "crawldelay", "crawl delay"):
		return crawlDelay
	case hasAnyPrefix(key, "sitemap", "site-map"):
		return sitemap
	}
	return unknown
}

func hasAnyPrefix(key string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// lineToken returns the product token of a user-agent line: letters, "_" and "-" up to the first
// other byte (RFC 9309 §2.2.1), in lower case, or "*" where that stands alone.
func lineToken(value string) string {
	if value != "" && value[0] == '*' && (len(value) == 1 || value[1] == ' ' || value[1] == '\t') {
		return anyAgent
	}
	return strings.ToLower(value[:tokenLength(value)])
}

// agentToken returns the product token that a crawler goes by. A whole User-Agent value gives the
// token before its version; anything else that is no token gives "", which only "*" matches.
func agentToken(agent string) string {
	n := tokenLength(agent)
	if n == 0 || (n < len(agent) && agent[n] != '/') {
		return ""
	}
	return strings.ToLower(agent[:n])
}

func tokenLength(s string) int {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return i
		}
	}
	return len(s)
}
