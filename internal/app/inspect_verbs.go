package app

import (
	"context"
	"net/http"
	"strings"

	"telltale/internal/document/feed"
	"telltale/internal/document/sitemap"
	"telltale/internal/fetch/robots"
	"telltale/internal/urls"
)

// InspectRobots answers whether an agent may fetch an address.
type InspectRobots struct {
	Agent string `help:"Product token or User-Agent that asks." default:"TelltaleBot"`
	URL   string `name:"url" help:"Address it asks for, absolute or a path." default:"/"`
	Batch bool   `help:"One JSON question a line: agent, url, and body (base64) or text."`
}

type robotsAnswer struct {
	Allowed     bool     `json:"allowed"`
	Rule        string   `json:"rule"`
	Line        int      `json:"line"`
	CrawlDelayS float64  `json:"crawl_delay_s"`
	Sitemaps    []string `json:"sitemaps"`
}

// Run implements Command.
func (c *InspectRobots) Run(ctx context.Context, env *Env) error {
	return inspect(ctx, env, c.Batch, inspected{Agent: c.Agent, URL: c.URL}, func(q *inspected) any {
		file := robots.Parse(q.content())
		decision := file.Test(q.Agent, q.URL)
		delay, _ := file.CrawlDelay(q.Agent)
		return robotsAnswer{decision.Allowed, decision.Rule, decision.Line, delay.Seconds(), orEmpty(file.Sitemaps())}
	})
}

// InspectURL answers how an address is written.
type InspectURL struct {
	Base  string `help:"Address that the one on stdin is relative to."`
	Batch bool   `help:"One JSON question a line: url, or the address as text, and base."`
}

type urlAnswer struct {
	URL               string `json:"url"`
	RegistrableDomain string `json:"registrable_domain"`
}

// Run implements Command.
func (c *InspectURL) Run(ctx context.Context, env *Env) error {
	return inspect(ctx, env, c.Batch, inspected{Base: c.Base}, func(q *inspected) any {
		raw := q.URL
		if raw == "" {
			raw = strings.TrimRight(string(q.content()), "\r\n")
		}
		canonical, err := urls.Canonicalize(raw, q.Base)
		if err != nil {
			return inspectFailure{oneLine(err)}
		}
		return urlAnswer{canonical, urls.RegistrableDomain(canonical)}
	})
}

// InspectFeed answers what a feed holds.
type InspectFeed struct {
	URL    string   `name:"url" help:"Address of the feed, to resolve relative links."`
	Header []string `help:"Header of the answer that carried it, NAME: VALUE; repeatable." placeholder:"NAME: VALUE" sep:"none"`
	Batch  bool     `help:"One JSON question a line: url, headers, and body (base64) or text."`
}

type feedAnswer struct {
	Type  string           `json:"type"`
	Title string           `json:"title"`
	Items []feedAnswerItem `json:"items"`
}

type feedAnswerItem struct {
	URL       string `json:"url"`
	Title     string `json:"title"`
	Published string `json:"published"`
	Summary   string `json:"summary"`
}

// Run implements Command.
func (c *InspectFeed) Run(ctx context.Context, env *Env) error {
	headers, err := parseHeaders(c.Header)
	if err != nil {
		return err
	}
	return inspect(ctx, env, c.Batch, inspected{URL: c.URL, Headers: headers}, func(q *inspected) any {
		parsed, err := feed.Parse(q.content(), http.Header(q.Headers), q.URL)
		if err != nil {
			return inspectFailure{oneLine(err)}
		}
		answer := feedAnswer{Type: parsed.Type, Title: parsed.Title, Items: make([]feedAnswerItem, 0, len(parsed.Items))}
		for _, it := range parsed.Items {
			answer.Items = append(answer.Items, feedAnswerItem{it.URL, it.Title, rfc3339(it.Published), it.Summary})
		}
		return answer
	})
}

// InspectSitemap answers what a sitemap holds.
type InspectSitemap struct {
	Batch bool `help:"One JSON question a line: body (base64) or text."`
}

type sitemapAnswer struct {
	URLs     []sitemapAnswerURL `json:"urls"`
	Sitemaps []string           `json:"sitemaps"`
	// Error says why the lists are empty, where the body is no sitemap.
	Error string `json:"error,omitempty"`
}

type sitemapAnswerURL struct {
	URL     string `json:"url"`
	LastMod string `json:"lastmod"`
}

// Run implements Command.
func (c *InspectSitemap) Run(ctx context.Context, env *Env) error {
	return inspect(ctx, env, c.Batch, inspected{}, func(q *inspected) any {
		parsed, err := sitemap.Parse(q.content())
		if err != nil {
			return sitemapAnswer{URLs: []sitemapAnswerURL{}, Sitemaps: []string{}, Error: oneLine(err)}
		}
		answer := sitemapAnswer{URLs: make([]sitemapAnswerURL, 0, len(parsed.URLs)), Sitemaps: make([]string, 0, len(parsed.Sitemaps))}
		for _, s := range parsed.Sitemaps {
			answer.Sitemaps = append(answer.Sitemaps, s.Loc)
		}
		for _, u := range parsed.URLs {
			answer.URLs = append(answer.URLs, sitemapAnswerURL{u.Loc, rfc3339(u.LastMod)})
		}
		return answer
	})
}
