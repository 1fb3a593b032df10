package app

import (
	"context"
	"net/http"

	"telltale/internal/document"
	"telltale/internal/document/feed"
	"telltale/internal/extract"
	"telltale/internal/pages"
	"telltale/internal/signals/events"
	"telltale/internal/signals/topics"
)

// InspectPage answers what a page is and what it gives away.
type InspectPage struct {
	URL      string   `name:"url" help:"Address of the page." placeholder:"URL"`
	Header   []string `help:"Header of the answer that carried it, NAME: VALUE; repeatable." placeholder:"NAME: VALUE" sep:"none"`
	Taxonomy string   `help:"Directory of taxonomy files that add to the built-in ones." type:"path" placeholder:"DIR"`
	Batch    bool     `help:"One JSON question a line: url, headers, and body (base64) or text."`
	SecondOpinions
	TechnologyFiles
}

// Run implements Command.
func (c *InspectPage) Run(ctx context.Context, env *Env) error {
	headers, err := parseHeaders(c.Header)
	if err != nil {
		return err
	}
	rules, err := buildRules(Extraction{Taxonomy: c.Taxonomy, TechnologyFiles: c.TechnologyFiles, SecondOpinions: c.SecondOpinions})
	if err != nil {
		return err
	}
	reader, err := extract.New(extract.Config{Rules: rules, Feed: feed.Parse, Logger: env.Log, Now: env.Now})
	if err != nil {
		return err
	}
	return inspect(ctx, env, c.Batch, inspected{URL: c.URL, Headers: headers}, func(q *inspected) any {
		page := &pages.Page{URL: q.URL, Header: http.Header(q.Headers), Body: q.content(), FetchedAt: env.Now()}
		if len(page.Body) > pages.MaxBody {
			page.Body, page.Truncated = page.Body[:pages.MaxBody], true
		}
		answer, err := reader.Inspect(page)
		if err != nil {
			return inspectFailure{oneLine(err)}
		}
		return answer
	})
}

// InspectText answers what plain text says.
type InspectText struct {
	Language string `help:"Language of the text, ISO 639-1; none means that it is detected." placeholder:"LANG"`
	Taxonomy string `help:"Directory of taxonomy files that add to the built-in ones." type:"path" placeholder:"DIR"`
	SecondOpinions
	Batch bool `help:"One JSON question a line: language, and text or body (base64)."`
}

type textAnswer struct {
	Language string            `json:"language"`
	Topics   []textAnswerTopic `json:"topics"`
	Events   []textAnswerEvent `json:"events"`
}

type textAnswerTopic struct {
	Name     string `json:"name"`
	Product  string `json:"product"`
	Sign     int8   `json:"sign"`
	Evidence string `json:"evidence"`
}

type textAnswerEvent struct {
	Name     string `json:"name"`
	Evidence string `json:"evidence"`
}

// Run implements Command.
func (c *InspectText) Run(ctx context.Context, env *Env) error {
	topic, event, err := proseMatchers(c.Taxonomy, c.SecondOpinions)
	if err != nil {
		return err
	}
	return inspect(ctx, env, c.Batch, inspected{Language: c.Language}, func(q *inspected) any {
		return readText(topic, event, string(q.content()), q.Language)
	})
}

func readText(topic *topics.Matcher, event *events.Matcher, text, language string) textAnswer {
	if language == "" {
		language = document.Detect(text)
	}
	answer := textAnswer{Language: language, Topics: []textAnswerTopic{}, Events: []textAnswerEvent{}}
	for _, h := range topic.Text(text, language) {
		answer.Topics = append(answer.Topics, textAnswerTopic{h.Topic, h.Product, h.Sign, h.Evidence})
	}
	for _, h := range event.Text(text, language) {
		answer.Events = append(answer.Events, textAnswerEvent{h.Event, h.Evidence})
	}
	return answer
}
