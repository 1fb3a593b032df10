package app

import (
	"fmt"
	"os"

	"telltale/internal/document"
	"telltale/internal/extract"
	"telltale/internal/signals"
	"telltale/internal/signals/events"
	"telltale/internal/signals/technology"
	"telltale/internal/signals/topics"
)

// buildRules makes every rule of extraction, built-in and given. A new kind of signal is one line here.
func buildRules(x Extraction) ([]extract.Rule, error) {
	tech, err := technologyMatcher(x.TechRules)
	if err != nil {
		return nil, err
	}
	topic, event, err := proseMatchers(x.Taxonomy)
	if err != nil {
		return nil, err
	}
	return []extract.Rule{
		{Name: "technology", Match: tech.Signals},
		{Name: "topics", Prose: true, Match: func(doc *document.Document) []signals.Signal { return topicSignals(topic.Match(doc)) }},
		{Name: "events", Prose: true, Match: func(doc *document.Document) []signals.Signal { return eventSignals(event.Match(doc)) }},
	}, nil
}

func technologyMatcher(path string) (*technology.Matcher, error) {
	own, err := technology.Curated()
	if err != nil {
		return nil, err
	}
	sets := []technology.Rules{own}
	if path != "" {
		given, err := readTechnologies(path)
		if err != nil {
			return nil, asInput(fmt.Errorf("--technologies: %w", err))
		}
		sets = append(sets, given)
	}
	m, err := technology.New(sets...)
	return m, asInput(err)
}

// readTechnologies reads one rule file or every rule file below a directory.
func readTechnologies(path string) (technology.Rules, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return technology.LoadDir(os.DirFS(path))
	}
	return technology.LoadFile(path)
}

func proseMatchers(taxonomyDir string) (*topics.Matcher, *events.Matcher, error) {
	taxonomy, err := topics.Default()
	if err != nil {
		return nil, nil, err
	}
	if taxonomyDir != "" {
		if err := taxonomy.Add(os.DirFS(taxonomyDir)); err != nil {
			return nil, nil, asInput(fmt.Errorf("--taxonomy %s: %w", taxonomyDir, err))
		}
	}
	topic, err := topics.New(taxonomy)
	if err != nil {
		return nil, nil, asInput(fmt.Errorf("taxonomy: %w", err))
	}
	lexicon, err := events.Default()
	if err != nil {
		return nil, nil, err
	}
	event, err := events.New(lexicon)
	return topic, event, err
}

// topicSignals turns hits into signals; what they leave empty the extractor fills in from the page.
func topicSignals(hits []topics.Hit) []signals.Signal {
	out := make([]signals.Signal, 0, len(hits))
	for _, h := range hits {
		out = append(out, signals.Signal{
			Kind: signals.KindTopic, Name: h.Topic, Product: h.Product, Sign: h.Sign, Strength: h.Strength, Confidence: h.Confidence,
			Evidence: h.Evidence, Offset: h.Offset,
		})
	}
	return out
}

func eventSignals(hits []events.Hit) []signals.Signal {
	out := make([]signals.Signal, 0, len(hits))
	for _, h := range hits {
		out = append(out, signals.Signal{
			Kind: signals.KindEvent, Name: h.Event, Sign: 1, Strength: h.Strength, Confidence: h.Confidence, Evidence: h.Evidence, Offset: h.Offset,
		})
	}
	return out
}
