package feed

import "strings"

// tagName returns the element name that b begins with: ASCII, at most one colon; "" where there is none.
func tagName(b []byte) string {
	n := 0
	for n < len(b) && n < 64 && isNameByte(b[n]) {
		n++
	}
	name := string(b[:n])
	if n == 0 || n < len(b) && !isBreak(b[n]) || !isLetter(name[0]) || strings.Count(name, ":") > 1 || name[n-1] == ':' {
		return ""
	}
	if _, local, ok := strings.Cut(name, ":"); ok && !isLetter(local[0]) {
		return ""
	}
	return name
}

// localName is a name without its prefix, in lower case.
func localName(name string) string {
	if _, local, ok := strings.Cut(name, ":"); ok {
		name = local
	}
	return strings.ToLower(name)
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func isNameByte(c byte) bool {
	return isLetter(c) || c >= '0' && c <= '9' || c == ':' || c == '-' || c == '.'
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isBreak(c byte) bool { return isSpace(c) || c == '>' || c == '/' }

func isItem(local string) bool { return local == "item" || local == "entry" }

func isContainerName(name string) bool {
	switch localName(name) {
	case "item", "entry", "channel", "rss", "rdf", "feed":
		return true
	}
	return false
}

// isText names the elements of a feed that hold nothing but text.
func isText(local string) bool {
	switch local {
	case "title", "link", "guid", "id", "pubdate", "published", "updated", "date", "category", "comments", "ttl", "language":
		return true
	}
	return false
}

// isField names the elements that end a text element whose end tag was forgotten.
func isField(local string) bool {
	return isText(local) || local == "description" || local == "summary" || local == "content" || local == "encoded"
}
