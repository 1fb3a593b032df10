package classify

import (
	"net/url"
	"strings"

	"telltale/internal/document"
)

// Stream is where a social network or code host publishes what an account says.
type Stream struct {
	// URL is the feed, or, with OnPage, the page whose link elements name it.
	URL    string
	OnPage bool
	// Loose marks a stream that is often linked by others than its owner: a repository, a tag.
	Loose bool
	// Forum marks one in which others than its owner have their say.
	Forum bool
}

// StreamOf returns the stream behind a link to a profile: Mastodon, Bluesky, YouTube, Medium, Substack, Reddit or
// GitHub, and forums on others' hosts: Stack Exchange, GitHub Discussions, Discourse. Networks that allow no crawling (LinkedIn, X, Facebook, Instagram, …) have none, and posts are no profiles.
func StreamOf(l *document.Link) (Stream, bool) {
	if !strings.HasPrefix(l.URL, "https://") && !strings.HasPrefix(l.URL, "http://") {
		return Stream{}, false
	}
	u, err := url.Parse(l.URL)
	if err != nil || u.Port() != "" {
		return Stream{}, false
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	segments := strings.FieldsFunc(u.EscapedPath(), func(r rune) bool { return r == '/' })
	for name, of := range streams {
		if host == name || host == "m."+name || host == "old."+name || host == "new."+name {
			return of(segments)
		}
	}
	if s, ok := underName(host, segments); ok {
		return s, true
	}
	if s, ok := forumElsewhere(host, segments); ok {
		return s, true
	}
	return fediverse(host, segments, l)
}

// underName knows writers' hosts, Substack's and Medium's.
func underName(host string, segments []string) (Stream, bool) {
	substack, under := strings.CutSuffix(host, ".substack.com")
	medium, beneath := strings.CutSuffix(host, ".medium.com")
	ok := under && plainName(substack) || beneath && plainName(medium) && len(segments) == 0
	return Stream{URL: "https://" + host + "/feed"}, ok
}

// fediverse knows the profiles of Mastodon, on any host, by their form: the one segment is the user's name.
func fediverse(host string, segments []string, l *document.Link) (Stream, bool) {
	if len(segments) != 1 || isOrUnder(host, socialHosts) && host != "mastodon.social" || isOrUnder(host, notFediverse) {
		return Stream{}, false
	}
	name, ok := strings.CutPrefix(segments[0], "@")
	if !ok || !plainName(name) || !strings.Contains(host, ".") {
		return Stream{}, false
	}
	scheme, _, _ := strings.Cut(l.URL, "://")
	return Stream{URL: scheme + "://" + host + "/@" + name + ".rss"}, true
}

// notFediverse have names with an at sign and are no Mastodon.
var notFediverse = []string{"threads.com", "tumblr.com", "odysee.com", "rumble.com", "dev.to", "hashnode.com", "about.me", "linktr.ee", "lnk.bio", //nolint:gochecknoglobals // a table
	"flipboard.com", "codepen.io", "npmjs.com", "unsplash.com", "rumble.com", "substack.com", "telegram.me", "line.me", "naver.com"}

// streams are the networks of one host. Each function is given the path's segments.
var streams = map[string]func(path []string) (Stream, bool){ //nolint:gochecknoglobals // a table
	"bsky.app": func(p []string) (Stream, bool) {
		ok := len(p) == 2 && p[0] == "profile" && plainName(strings.ReplaceAll(p[1], ":", ""))
		return Stream{URL: "https://bsky.app/profile/" + last(p) + "/rss"}, ok
	},
	"youtube.com": youtube,
	"medium.com": func(p []string) (Stream, bool) {
		ok := len(p) == 1 && plainName(strings.TrimPrefix(p[0], "@")) && !oneOf(p[0], "about m me new-story tag topics search membership creators jobs-at-medium feed")
		return Stream{URL: "https://medium.com/feed/" + last(p)}, ok
	},
	"reddit.com": func(p []string) (Stream, bool) {
		if len(p) != 2 || !plainName(p[1]) {
			return Stream{}, false
		}
		switch p[0] {
		case "r":
			return Stream{URL: "https://www.reddit.com/r/" + p[1] + "/.rss"}, true
		case "user", "u":
			return Stream{URL: "https://www.reddit.com/user/" + p[1] + "/.rss"}, true
		}
		return Stream{}, false
	},
	"github.com": github,
}

// youtube knows channels by their number; handles and names have the feed on their page.
func youtube(p []string) (Stream, bool) {
	switch {
	case len(p) >= 2 && p[0] == "channel" && plainName(p[1]):
		return Stream{URL: "https://www.youtube.com/feeds/videos.xml?channel_id=" + p[1]}, true
	case len(p) >= 1 && strings.HasPrefix(p[0], "@") && plainName(p[0][1:]):
		return Stream{URL: "https://www.youtube.com/" + p[0], OnPage: true}, true
	case len(p) >= 2 && (p[0] == "user" || p[0] == "c") && plainName(p[1]):
		return Stream{URL: "https://www.youtube.com/" + p[0] + "/" + p[1], OnPage: true}, true
	}
	return Stream{}, false
}

// github knows an organisation's activity, a repository's releases and its discussions.
func github(p []string) (Stream, bool) {
	const own = `about features pricing enterprise team login join signup topics collections trending events marketplace sponsors explore
		security customer-stories readme settings notifications search site contact apps orgs solutions resources nonprofit mobile copilot`
	if len(p) == 0 || oneOf(p[0], own) || !plainName(p[0]) {
		return Stream{}, false
	}
	owner := "https://github.com/" + p[0]
	switch {
	case len(p) == 1:
		return Stream{URL: owner + ".atom"}, true
	case !plainName(p[1]):
	case len(p) == 2 || len(p) == 3 && p[2] == "releases":
		return Stream{URL: owner + "/" + p[1] + "/releases.atom", Loose: true}, true
	case p[2] == "discussions" && len(p) == 3:
		return Stream{URL: owner + "/" + p[1] + "/discussions.atom", Loose: true, Forum: true}, true
	}
	return Stream{}, false
}

func last(p []string) string {
	if len(p) == 0 {
		return ""
	}
	return p[len(p)-1]
}

func oneOf(word, list string) bool { return hasWord(list, strings.ToLower(word)) }

// plainName reports a name of letters, digits, dots, hyphens and underscores, at most 80 bytes.
func plainName(s string) bool {
	if s == "" || len(s) > 80 || s[0] == '.' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
