package classify

import (
	"strings"

	"telltale/internal/document"
	"telltale/internal/urls"
)

// Thread reports the address of one thread in the form of a forum's software: Discourse (/t/slug/1), phpBB
// (viewtopic.php?t=1), vBulletin (/threads/1-slug, showthread.php?t=1), Stack Exchange (/questions/1/slug), GitHub
// (/discussions/1), and their like.
func Thread(url string) bool {
	_, segments := split(url)
	for i, s := range segments {
		next := ""
		if i+1 < len(segments) {
			next = segments[i+1]
		}
		switch s {
		case "viewtopic.php", "showthread.php":
			_, query, _ := strings.Cut(url, "?")
			return next == "" && names(query, "t") || strings.HasPrefix(query, "f=") && names(query, "t")
		case "questions", "question", "threads", "thread", "discussions", "discussion", "topic", "d":
			if numbered(next) {
				return true
			}
		case "t":
			if i+2 < len(segments) && isNumber(segments[i+2]) || isNumber(next) {
				return true
			}
		}
	}
	return false
}

// names reports a query that has a parameter of that name.
func names(query, name string) bool {
	query, _, _ = strings.Cut(query, "#")
	for part := range strings.SplitSeq(query, "&") {
		if n, value, _ := strings.Cut(part, "="); n == name && value != "" {
			return true
		}
	}
	return false
}

// numbered reports a segment that is a thread's number, or begins or ends with it: 12, 12-slug, slug.12.
func numbered(s string) bool {
	if head, _, ok := strings.Cut(s, "-"); isNumber(s) || ok && isNumber(head) {
		return true
	}
	dot := strings.LastIndexByte(s, '.')
	return dot > 0 && isNumber(s[dot+1:])
}

func isNumber(s string) bool { return s != "" && len(s) <= 12 && strings.Trim(s, "0123456789") == "" }

// forumElsewhere knows the questions under a tag on Stack Exchange's sites, and forums that Discourse hosts.
func forumElsewhere(host string, segments []string) (Stream, bool) {
	stackExchange := host == "stackoverflow.com" || host == "serverfault.com" || host == "superuser.com" || host == "askubuntu.com" ||
		strings.HasSuffix(host, ".stackexchange.com")
	switch {
	case stackExchange && len(segments) >= 3 && segments[0] == "questions" && segments[1] == "tagged" && plainName(segments[2]):
		return Stream{URL: "https://" + host + "/feeds/tag/" + segments[2], Loose: true, Forum: true}, true
	case strings.HasSuffix(host, ".discourse.group") && len(segments) == 0:
		return Stream{URL: "https://" + host + "/latest.rss", Forum: true}, true
	}
	return Stream{}, false
}

// feedsOfForums are where a forum's software has its feed, beside its front page, by what tells of the software: the
// start of the generator's name, or the home of the software that the foot of each page links to.
var feedsOfForums = []struct{ generator, home, path string }{ //nolint:gochecknoglobals // a table
	{"discourse", "www.discourse.org", "latest.rss"},
	{"phpbb", "www.phpbb.com", "app.php/feed"},
	{"vbulletin", "www.vbulletin.com", "external.php?type=RSS2"},
	{"mybb", "mybb.com", "syndication.php"},
}

// ForumFeed returns the feed of the forum that a page belongs to, known by its software, "" where it is none or names
// its feeds itself.
func ForumFeed(doc *document.Document) string {
	at := address(doc)
	for i := range doc.Links {
		if isFeedType(doc.Links[i].Type) {
			return ""
		}
	}
	generator := strings.ToLower(doc.Meta("generator"))
	for _, f := range feedsOfForums {
		if strings.HasPrefix(generator, f.generator) || generator == "" && linksHome(doc, f.home) {
			return forumRoot(at) + f.path
		}
	}
	return ""
}

// linksHome reports a link in the page's foot to the home page of a forum's software.
func linksHome(doc *document.Document, home string) bool {
	for i := range doc.Links {
		if host, rest := split(doc.Links[i].URL); strings.TrimPrefix(host, "www.") == strings.TrimPrefix(home, "www.") && len(rest) == 0 {
			return true
		}
	}
	return false
}

// forumRoot is the address of a forum's front page, as far as that of a page of it shows: Discourse has the rest of the
// host, the others the directory of their scripts.
func forumRoot(at string) string {
	origin, rest := urls.Origin(at)
	path, _, _ := strings.Cut(rest, "?")
	for _, mark := range [...]string{"/t/", "/c/", "/categories", "/latest", "/top", "/threads/", "/app.php", "/viewforum.php", "/viewtopic.php", "/forumdisplay.php", "/showthread.php"} {
		if i := strings.Index(path, mark); i >= 0 {
			return origin + path[:i+1]
		}
	}
	return origin + path[:strings.LastIndexByte(path, '/')+1]
}
