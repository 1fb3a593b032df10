package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"telltale/internal/signals/learned"
	"telltale/internal/signals/learned/train"
	"telltale/internal/signals/topics"
)

// TrainTopics trains the second opinion on topics. The same data, rules and flags give the same bytes.
type TrainTopics struct {
	Data    string `help:"Labelled sentences, a JSON object a line: text, labels (topic/product), lang, group (never on both sides of a split); lines that begin with # are comments." required:"" type:"path" placeholder:"FILE"`
	Out     string `help:"File to write the model to; none means that it is only measured." type:"path" placeholder:"FILE"`
	Licence string `help:"Licence of the sentences, kept in the model." default:"own work"`
	Measure bool   `help:"Cross-validate and print the tables." default:"true" negatable:""`
	Folds   int    `help:"Parts that the sentences are dealt to for cross-validation, whole groups each." default:"5"`
	Seed    uint64 `help:"Seed of every draw." default:"1"`
}

// Run implements Command.
func (c *TrainTopics) Run(_ context.Context, env *Env) error {
	if err := checkTraining(c.Out, c.Folds); err != nil {
		return err
	}
	sentences, err := readExamples(c.Data)
	if err != nil {
		return err
	}
	taxonomy, err := topics.Default()
	if err != nil {
		return err
	}
	rules, err := topics.New(taxonomy)
	if err != nil {
		return err
	}
	names := taxonomy.TopicNames()
	if err := c.checkLabels(taxonomy, names, sentences); err != nil {
		return err
	}
	views, unseen := topicViews(rules, names, sentences)
	o := train.Topics()
	o.Folds, o.Seed = c.Folds, c.Seed
	if c.Measure {
		r, err := train.Cross(views, names, o)
		if errors.Is(err, train.ErrData) {
			return inputf("--data %s: %w", c.Data, err)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Out, "%d sentences give %d views, one for each product that a sentence names; %d labels are of products that no name gives away\n", len(sentences), len(views), unseen)
		fmt.Fprintln(env.Out, eventTable(r, nil))
	}
	if c.Out == "" {
		return nil
	}
	return fitModel(env.Out, "topic", c.Data, c.Out, func() (*learned.Model, error) {
		return train.Fit(views, names, rules.HintNames(), c.Licence, o)
	})
}

// checkLabels refuses labels that are no topic and product of the taxonomy.
func (c *TrainTopics) checkLabels(taxonomy *topics.Taxonomy, names []string, sentences []train.Example) error {
	for i := range sentences {
		for _, l := range sentences[i].Labels {
			topic, product, _ := strings.Cut(l, "/")
			if !slices.Contains(names, topic) || !slices.Contains(taxonomy.ProductNames(), product) {
				return inputf("--data %s: sentence %d: %q is no topic/product of the taxonomy", c.Data, i+1, l)
			}
		}
	}
	return nil
}

// topicViews are the sentences as the second opinion sees them, with what the rules found; unseen counts labels of products that a
// sentence does not name, which no opinion is asked on.
func topicViews(rules *topics.Matcher, names []string, sentences []train.Example) (out []train.Example, unseen int) {
	for i := range sentences {
		s := &sentences[i]
		hits := rules.Text(s.Text, s.Lang)
		seen := map[string]bool{}
		for _, v := range rules.Views(s.Text, s.Lang) {
			e := train.Example{Text: v.Text, Lang: s.Lang, Group: s.Group, Doc: s.Doc, Hints: v.Hints, Labels: []string{}, Rules: make([]float64, len(names))}
			for _, l := range s.Labels {
				if topic, product, _ := strings.Cut(l, "/"); product == v.Product {
					e.Labels = append(e.Labels, topic)
				}
			}
			for _, h := range hits {
				if k := slices.Index(names, h.Topic); k >= 0 && h.Product == v.Product {
					e.Rules[k] = max(e.Rules[k], h.Confidence)
				}
			}
			seen[v.Product] = true
			out = append(out, e)
		}
		for _, l := range s.Labels {
			if _, product, _ := strings.Cut(l, "/"); !seen[product] {
				unseen++
			}
		}
	}
	return out, unseen
}
