package urls

import "strings"

// maxHost and maxLabel are the longest host and label of a plain address, in bytes (RFC 1035 §2.3.4).
const (
	maxHost  = 253
	maxLabel = 63
)

// plain canonicalises without a parser what is seen to need none: an absolute address, or a rooted path on a base
// that is one, of characters that the URL Standard leaves as they are. Most links are one of these, and every
// address is canonicalised several times on its way. It gives what the parser and the policy give, or ok is false.
func plain(raw, base string) (canonical string, ok bool) {
	if i := strings.IndexByte(raw, '#'); i >= 0 {
		raw = raw[:i]
	}
	if len(raw) > MaxLength-maxHost {
		return "", false
	}
	n, based := plainOrigin(base)
	if base != "" && !based {
		return "", false // a base that is none is an error, whatever the link
	}
	if based && strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//") {
		rest, ok := plainRest(raw)
		return base[:n] + rest, ok
	}
	if n, ok = plainOrigin(raw); !ok {
		return "", false
	}
	rest, ok := plainRest(raw[n:])
	if len(rest) == len(raw)-n && rest == raw[n:] {
		return raw, ok
	}
	return raw[:n] + rest, ok
}

// plainOrigin returns the length of scheme and host of an absolute address without user info and port, whose host is
// a name in lower-case ASCII that is neither encoded nor an address.
func plainOrigin(s string) (n int, ok bool) {
	start := len("https://")
	switch {
	case strings.HasPrefix(s, "https://"):
	case strings.HasPrefix(s, "http://"):
		start--
	default:
		return 0, false
	}
	end := len(s)
	if i := strings.IndexAny(s[start:], "/?#"); i >= 0 {
		end = start + i
	}
	return end, plainHost(s[start:end])
}

// plainHost reports a name of two labels or more, the last of letters alone, so that it is no address.
func plainHost(host string) bool {
	last := strings.LastIndexByte(host, '.') + 1
	if last == 0 || len(host) > maxHost {
		return false
	}
	label := 0
	for i := range len(host) {
		if host[i] != '.' {
			continue
		}
		if !plainLabel(host[label:i]) {
			return false
		}
		label = i + 1
	}
	return plainLabel(host[last:]) && !strings.ContainsAny(host[last:], "0123456789-")
}

// plainLabel reports letters, digits and single hyphens within them: two may begin an encoded label (RFC 5891 §4.2.3.1).
func plainLabel(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case c != '-' || i == 0 || s[i-1] == '-':
			return false
		}
	}
	return s != "" && len(s) <= maxLabel && s[len(s)-1] != '-'
}

// plainRest returns path and query by our policy, where no character of them needs encoding and no segment resolving.
func plainRest(s string) (string, bool) {
	if s == "" {
		return "/", true
	}
	if s[0] == '?' {
		s = "/" + s
	}
	path, query, asked := strings.Cut(s, "?")
	if !plainPath(path) {
		return "", false
	}
	if !asked {
		return path, true
	}
	for i := range len(query) {
		if c := query[i]; !plainOctet(c) && strings.IndexByte("/&%?", c) < 0 {
			return "", false
		}
	}
	switch kept := cleanQuery(query); kept {
	case "":
		return path, true
	case query:
		return s, true
	default:
		return path + "?" + kept, true
	}
}

// plainPath reports a path without segments that are empty or begin with a dot.
func plainPath(path string) bool {
	for i := range len(path) {
		switch c := path[i]; {
		case c == '/':
			if i+1 < len(path) && (path[i+1] == '/' || path[i+1] == '.') {
				return false
			}
		case !plainOctet(c):
			return false
		}
	}
	return true
}

// plainOctet reports a character that stays as it is in path and query (URL Standard, percent-encode sets).
func plainOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~,+@!=:", c) >= 0
}
