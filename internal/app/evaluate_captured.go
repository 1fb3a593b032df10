package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/document"
	"telltale/internal/document/feed"
	"telltale/internal/extract"
	"telltale/internal/pages"
	"telltale/internal/sampleweb/captured"
	"telltale/internal/signals/events"
)

// CapturedPages are the flags of an evaluation on captured pages.
type CapturedPages struct {
	Pages  string `help:"Directory of captured pages with a manifest.tsv (columns file and url): they are evaluated against --labels instead of the sample web." type:"path" placeholder:"DIR"`
	Labels string `help:"What people found on those pages, a JSON object a line (docs/captured.md)." type:"path" placeholder:"FILE"`
}

func (c *CapturedPages) check() error {
	if (c.Pages == "") != (c.Labels == "") {
		return inputf("--pages and --labels go together")
	}
	return nil
}

// capturedReader reads captured pages in both ways.
type capturedReader struct {
	page *extract.Extractor
	text *events.Matcher
	env  *Env
}

func newCapturedReader(env *Env, settings Extraction) (*capturedReader, error) {
	rules, err := buildRules(settings)
	if err != nil {
		return nil, err
	}
	page, err := extract.New(extract.Config{Rules: rules, Feed: feed.Parse, Logger: env.Log, Now: env.Now})
	if err != nil {
		return nil, err
	}
	_, text, err := proseMatchers(settings.Taxonomy, settings.SecondOpinions)
	return &capturedReader{page: page, text: text, env: env}, err
}

// read says what the program finds on a page.
func (r *capturedReader) read(l *pageLabel, body []byte) (*pageClaims, error) {
	p := &pages.Page{URL: l.URL, Body: body, FetchedAt: r.env.Now()}
	if len(body) > pages.MaxBody {
		p.Body, p.Truncated = body[:pages.MaxBody], true
	}
	in, err := r.page.Inspect(p)
	if err != nil {
		return nil, err
	}
	c := &pageClaims{Kind: in.Kind, Language: in.Language}
	for _, e := range in.Events {
		c.Events = append(c.Events, e.Name)
	}
	for _, t := range in.Topics {
		c.Topics = append(c.Topics, [2]string{t.Name, t.Product})
	}
	doc, err := document.Parse(p)
	if err != nil {
		return nil, err
	}
	for _, h := range r.text.Text(mainText(doc), in.Language) {
		c.Told = append(c.Told, h.Event)
	}
	for _, s := range l.Events {
		heard := func(h events.Hit) bool { return h.Event == s.Event }
		c.Heard = append(c.Heard, slices.ContainsFunc(r.text.Text(s.Quote, in.Language), heard))
	}
	return c, nil
}

// mainText is a page's text without navigation and headlines of other pages, a line a block.
func mainText(doc *document.Document) string {
	var b strings.Builder
	for i := range doc.Blocks {
		if block := &doc.Blocks[i]; block.Role != document.RoleChrome && !block.Teaser {
			b.WriteString(block.Text)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// evaluateCaptured compares what the program finds on the captured pages with their labels, and prints both.
func evaluateCaptured(ctx context.Context, env *Env, c CapturedPages, settings Extraction, mistakes int) error {
	labels, err := readLabels(c.Labels)
	if err != nil {
		return asInput(fmt.Errorf("--labels: %w", err))
	}
	web, err := captured.Load(c.Pages)
	if err != nil {
		return asInput(fmt.Errorf("--pages: %w", err))
	}
	reader, err := newCapturedReader(env, settings)
	if err != nil {
		return err
	}
	result := newCapturedResult()
	for _, url := range slices.Sorted(maps.Keys(labels)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		body, err := web.Body(url)
		if errors.Is(err, captured.ErrAbsent) {
			result.Absent++
			continue
		}
		if err != nil {
			return asInput(fmt.Errorf("--pages: %w", err))
		}
		claims, err := reader.read(labels[url], body)
		if err != nil {
			result.Failed++
			result.Mistakes = append(result.Mistakes, "not read: "+url+": "+oneLine(err))
			continue
		}
		result.judge(labels[url], claims)
	}
	result.print(env.Out, mistakes)
	return nil
}

// print writes the tables and, where asked, the mistakes.
func (r *capturedResult) print(out io.Writer, mistakes int) {
	kinds, low := wilson(r.KindsRight, r.Pages)
	languages, _ := wilson(r.LanguagesRight, r.Languages)
	held, _ := wilson(r.HeldRight, r.Held)
	fmt.Fprintf(out, "captured pages: %d read, %d labelled but absent, %d could not be read; kind right %s (≥ %s with 95 %%; %s of the %d held out), language right %s\n",
		r.Pages, r.Absent, r.Failed, rate(kinds), rate(low), rate(held), r.Held, rate(languages))
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"event", "own", "another's", "a headline's", "nothing", "missed", "precision", "recall", "told", "a headline's", "nothing", "precision", "quotes heard", "recall"})
	list, sum := r.byEvent()
	for _, e := range list {
		t.AppendRow(e.row())
	}
	t.AppendSeparator()
	sum.Event = "all"
	t.AppendRow(sum.row())
	for i, name := range []string{"pages of even n", "pages of odd n, held out"} {
		r.Halves[i].Event = name
		t.AppendRow(r.Halves[i].row())
	}
	fmt.Fprintln(out, t.Render())
	fmt.Fprintln(out, "left, the page as its site's own: only the publisher's own events are right; right, the main text as plain text, whoever it speaks of")
	fmt.Fprintf(out, "topics: %d right, %d wrong, %d missed\n", r.TopicsRight, r.TopicsWrong, r.TopicsMissed)
	r.printKinds(out)
	for _, m := range r.Mistakes[:min(len(r.Mistakes), mistakes)] {
		fmt.Fprintln(out, m)
	}
}

func (t *capturedTally) row() table.Row {
	precision, _ := wilson(t.Own, t.Own+t.Others+t.Teasers+t.Nothing)
	recall, _ := wilson(t.Own, t.Own+t.Missed)
	told, _ := wilson(t.Told, t.Told+t.ToldTeasers+t.ToldWrong)
	heard, _ := wilson(t.Heard, t.Quotes)
	return table.Row{
		t.Event, t.Own, t.Others, t.Teasers, t.Nothing, t.Missed, rate(precision), rate(recall),
		t.Told, t.ToldTeasers, t.ToldWrong, rate(told), fmt.Sprintf("%d of %d", t.Heard, t.Quotes), rate(heard),
	}
}

// printKinds lists which kinds were taken for which.
func (r *capturedResult) printKinds(out io.Writer) {
	var wrong []string
	for pair, n := range r.Kinds {
		if pair[0] != pair[1] {
			wrong = append(wrong, fmt.Sprintf("%s taken for %s: %d", pair[0], pair[1], n))
		}
	}
	slices.Sort(wrong)
	fmt.Fprintf(out, "kinds: %s\n", strings.Join(wrong, "; "))
}
