package robots_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"telltale/internal/fetch/robots"
)

// naiveOctet is an octet as a rune; those that no UTF-8 holds (RFC 3629 §1) count as one and the same.
func naiveOctet(c byte) string { return string(rune(min(c, 0xF8))) }

// naiveRunes writes octets as runes, percent-encoding undone: by the RFC's table encoded slashes and question
// marks are not what they encode, unless they stand behind a question mark and inQuery has them so. star takes
// the place of a bare "*". length counts the octets of the normalised spelling (RFC 9309 §2.2.2).
func naiveRunes(s string, inQuery bool, star string) (out string, length int) {
	encoded := regexp.MustCompile(`^%[0-9A-Fa-f]{2}`)
	for query := false; s != ""; {
		if code := encoded.FindString(s); code != "" {
			n, _ := strconv.ParseUint(code[1:], 16, 8)
			s = s[3:]
			plain := regexp.MustCompile(`[A-Za-z0-9._~-]`).MatchString(naiveOctet(byte(n)))
			length++
			if !plain {
				length += 2
			}
			switch {
			case n == '/' && (!inQuery || !query):
				out += "\u1000"
			case n == '?' && (!inQuery || !query):
				out += "\u1001"
			default:
				out += regexp.QuoteMeta(naiveOctet(byte(n)))
			}
			continue
		}
		c := s[0]
		s = s[1:]
		length++
		if c >= 0x80 {
			length += 2
		}
		query = query || c == '?'
		if c == '*' {
			out += star
		} else {
			out += regexp.QuoteMeta(naiveOctet(c))
		}
	}
	return out, length
}

// naiveAllowed decides as RFC 9309 §2.2.2 reads, by a regular expression for each rule.
func naiveAllowed(rules []naiveRule, path string) bool {
	best, allowed := -1, true
	for _, r := range rules {
		body, anchored := strings.CutSuffix(r.pattern, "$")
		matches := false
		for _, inQuery := range []bool{false, true} {
			expression, _ := naiveRunes(body, inQuery, "(?s:.*)")
			if anchored {
				expression += `\z`
			}
			text, _ := naiveRunes(path, inQuery, `\*`)
			unquoted := regexp.MustCompile(`\\(.)`).ReplaceAllString(text, "$1")
			matches = matches || regexp.MustCompile(`\A`+expression).MatchString(unquoted)
		}
		_, length := naiveRunes(body, false, "*")
		if anchored {
			length++
		}
		if matches && (length > best || length == best && r.allow) {
			best, allowed = length, r.allow
		}
	}
	return allowed
}

type naiveRule struct {
	allow   bool
	pattern string
}

// Whatever the rules and the address, the matcher decides as one does that is slow and plain to see.
func TestTheMatcherDecidesAsANaiveOne(t *testing.T) {
	piece := rapid.SampledFrom([]string{"/", "/", "a", "a", "b", "ab", "*", "*", "$", "?", "=", "-", ".", "%", "%2F", "%2f", "%3F", "%61", "%2A", "%24", "%25", "é", "%C3%A9", "%c3", "\xff", "%FB", "[", "&"})
	text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "") })
	denied := 0
	rapid.Check(t, func(t *rapid.T) {
		var rules []naiveRule
		var file strings.Builder
		file.WriteString("user-agent: *\n")
		for range rapid.IntRange(1, 5).Draw(t, "rules") {
			r := naiveRule{rapid.Bool().Draw(t, "allow"), rapid.SampledFrom([]string{"/", "/", "/a", "*", ""}).Draw(t, "start") + text.Draw(t, "pattern")}
			if r.pattern == "" {
				continue
			}
			rules = append(rules, r)
			fmt.Fprintf(&file, "%s: %s\n", map[bool]string{true: "Allow", false: "Disallow"}[r.allow], r.pattern)
		}
		parsed := robots.Parse([]byte(file.String()))
		for range 5 {
			path := "/" + text.Draw(t, "path")
			got, want := parsed.Test("x", "https://a.example"+path).Allowed, naiveAllowed(rules, path)
			if got != want {
				t.Fatalf("%q under\n%s: allowed %v, the naive matcher says %v", path, file.String(), got, want)
			}
			if !want {
				denied++
			}
		}
	})
	if denied == 0 {
		t.Error("no rule ever denied")
	}
}
