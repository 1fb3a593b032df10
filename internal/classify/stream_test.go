package classify_test

import (
	"testing"

	"telltale/internal/classify"
	"telltale/internal/document"
)

func TestAProfileHasItsStream(t *testing.T) {
	for address, want := range map[string]classify.Stream{
		"https://mastodon.social/@contoso":                 {URL: "https://mastodon.social/@contoso.rss"},
		"https://social.contoso.example/@news":             {URL: "https://social.contoso.example/@news.rss"},
		"https://fosstodon.org/@contoso/112233":            {},
		"https://fosstodon.org/@contoso@other.example":     {},
		"https://bsky.app/profile/contoso.example":         {URL: "https://bsky.app/profile/contoso.example/rss"},
		"https://bsky.app/profile/did:plc:abc123":          {URL: "https://bsky.app/profile/did:plc:abc123/rss"},
		"https://bsky.app/profile/contoso.example/post/3k": {},
		"https://bsky.app/intent/compose":                  {},
		"https://www.youtube.com/channel/UC123_-a":         {URL: "https://www.youtube.com/feeds/videos.xml?channel_id=UC123_-a"},
		"https://www.youtube.com/@contoso":                 {URL: "https://www.youtube.com/@contoso", OnPage: true},
		"https://m.youtube.com/@contoso/videos":            {URL: "https://www.youtube.com/@contoso", OnPage: true},
		"https://youtube.com/user/contoso":                 {URL: "https://www.youtube.com/user/contoso", OnPage: true},
		"https://www.youtube.com/c/contoso":                {URL: "https://www.youtube.com/c/contoso", OnPage: true},
		"https://www.youtube.com/watch?v=1":                {},
		"https://medium.com/@contoso":                      {URL: "https://medium.com/feed/@contoso"},
		"https://medium.com/contoso-engineering":           {URL: "https://medium.com/feed/contoso-engineering"},
		"https://contoso.medium.com/":                      {URL: "https://contoso.medium.com/feed"},
		"https://medium.com/@contoso/a-post-1a2b":          {},
		"https://medium.com/m/signin":                      {},
		"https://contoso.substack.com/":                    {URL: "https://contoso.substack.com/feed"},
		"https://substack.com/@contoso":                    {},
		"https://www.reddit.com/r/contoso/":                {URL: "https://www.reddit.com/r/contoso/.rss"},
		"https://old.reddit.com/u/contoso":                 {URL: "https://www.reddit.com/user/contoso/.rss"},
		"https://www.reddit.com/user/contoso/":             {URL: "https://www.reddit.com/user/contoso/.rss"},
		"https://www.reddit.com/submit?url=x":              {},
		"https://github.com/contoso":                       {URL: "https://github.com/contoso.atom"},
		"https://github.com/contoso/erp":                   {URL: "https://github.com/contoso/erp/releases.atom", Loose: true},
		"https://github.com/contoso/erp/releases":          {URL: "https://github.com/contoso/erp/releases.atom", Loose: true},
		"https://github.com/contoso/erp/discussions":       {URL: "https://github.com/contoso/erp/discussions.atom", Loose: true, Forum: true},
		"https://github.com/contoso/erp/issues/5":          {},
		"https://github.com/features":                      {},
		"https://www.linkedin.com/company/contoso":         {},
		"https://x.com/contoso":                            {},
		"https://twitter.com/@contoso":                     {},
		"https://www.facebook.com/@contoso":                {},
		"https://www.instagram.com/@contoso":               {},
		"https://www.threads.net/@contoso":                 {},
		"https://www.tiktok.com/@contoso":                  {},
		"https://www.contoso.example/about":                {},
		"mailto:@contoso":                                  {},
		"https://mastodon.social:8443/@contoso":            {},
	} {
		got, ok := classify.StreamOf(&document.Link{URL: address})
		if ok != (want.URL != "") || ok && got != want {
			t.Errorf("%s: %+v, %v, want %+v", address, got, ok, want)
		}
	}
}

func FuzzStreamOf(f *testing.F) {
	f.Add("https://mastodon.social/@contoso")
	f.Add("https://github.com/a/b/discussions")
	f.Add("https://bsky.app/profile//")
	f.Fuzz(func(t *testing.T, address string) {
		if s, ok := classify.StreamOf(&document.Link{URL: address}); ok && (s.URL == "" || len(s.URL) > len(address)+80) {
			t.Fatalf("%q: %+v", address, s)
		}
	})
}
