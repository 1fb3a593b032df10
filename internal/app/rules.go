package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"golang.org/x/sync/errgroup"

	"telltale/internal/document"
	"telltale/internal/extract"
	"telltale/internal/signals"
	"telltale/internal/signals/events"
	"telltale/internal/signals/learned"
	"telltale/internal/signals/technology"
	"telltale/internal/signals/topics"
)

// buildRules makes every rule of extraction, built-in and given, those of technologies beside those of prose. A new kind of signal is one line here.
func buildRules(x Extraction) ([]extract.Rule, error) {
	var topic *topics.Matcher
	var event *events.Matcher
	var prose errgroup.Group
	prose.Go(func() (err error) {
		topic, event, err = proseMatchers(x.Taxonomy, x.SecondOpinions)
		return err
	})
	tech, err := technologyMatcher(x.Technologies, x.log)
	if err = cmp.Or(err, prose.Wait()); err != nil {
		return nil, err
	}
	calendar, err := supportCalendar(x.Taxonomy)
	if err != nil {
		return nil, err
	}
	return []extract.Rule{
		{Name: "technology", Match: tech.Signals},
		{Name: "topics", Prose: true, Match: func(doc *document.Document) []signals.Signal {
			return dated(calendar, doc, topicSignals(topic.Match(doc)))
		}},
		{Name: "events", Prose: true, Match: func(doc *document.Document) []signals.Signal { return eventSignals(event.Match(doc)) }},
	}, nil
}

// technologyMatcher compiles the built-in rules and those of the paths given, and says in the log what they hold.
func technologyMatcher(paths []string, log *slog.Logger) (*technology.Matcher, error) {
	own, err := technology.Curated()
	if err != nil {
		return nil, err
	}
	sets := []technology.Rules{own}
	for _, path := range paths {
		given, err := readTechnologies(path)
		if err != nil {
			return nil, inputf("--technologies %s: %w", path, err)
		}
		sets = append(sets, given)
	}
	m, err := technology.New(sets...)
	if err != nil {
		return nil, inputf("--technologies: %w", err)
	}
	if log != nil && len(paths) > 0 {
		log.Info("technology rules loaded", "rules", m.Report().String())
	}
	return m, nil
}

// check reads the rule files once, so that a bad one is told before anything is started.
func (t *TechnologyFiles) check() error {
	if len(t.Technologies) == 0 {
		return nil
	}
	_, err := technologyMatcher(t.Technologies, nil)
	return err
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

func proseMatchers(taxonomyDir string, ask SecondOpinions) (*topics.Matcher, *events.Matcher, error) {
	taxonomy, err := topics.Default()
	if err != nil {
		return nil, nil, err
	}
	if taxonomyDir != "" {
		if err := addTaxonomy(taxonomy, taxonomyDir); err != nil {
			return nil, nil, inputf("--taxonomy %s: %w", taxonomyDir, err)
		}
	}
	model, err := ask.topics()
	if err != nil {
		return nil, nil, err
	}
	topic, err := topics.NewWithOpinion(taxonomy, model)
	if errors.Is(err, learned.ErrModel) {
		return nil, nil, inputf("--topic-model %s: %w", ask.TopicModel, err)
	}
	if err != nil {
		return nil, nil, asInput(fmt.Errorf("taxonomy: %w", err))
	}
	lexicon, err := events.Default()
	if err != nil {
		return nil, nil, err
	}
	if model, err = ask.events(); err != nil {
		return nil, nil, err
	}
	event, err := events.NewWithOpinion(lexicon, model)
	if errors.Is(err, learned.ErrModel) {
		err = inputf("--event-model %s: %w", ask.EventModel, err)
	}
	return topic, event, err
}

// addTaxonomy adds the taxonomy files of a directory, which must hold some: a mistyped name must not pass for an empty taxonomy.
func addTaxonomy(taxonomy *topics.Taxonomy, dir string) error {
	if _, err := os.ReadDir(dir); err != nil {
		return err
	}
	files := 0
	for _, pattern := range [...]string{"products.yaml", "classes.yaml", "technologies.yaml", "events.yaml", calendarFile, "topics/*.yaml"} {
		found, err := fs.Glob(os.DirFS(dir), pattern)
		if err != nil {
			return err
		}
		files += len(found)
	}
	if files == 0 {
		return errors.New("holds no taxonomy file: want products.yaml, classes.yaml, technologies.yaml, events.yaml, eos.yaml or topics/*.yaml")
	}
	at := &lastOpened{FS: os.DirFS(dir)}
	err := guarded(func() error { return taxonomy.Add(at) })
	if err != nil && !errors.Is(err, topics.ErrTaxonomy) {
		return fmt.Errorf("%s: %w", at.name, err)
	}
	return err
}

// lastOpened remembers which file was opened last: the one that made the YAML library panic.
type lastOpened struct {
	fs.FS
	name string
}

// Open implements fs.FS.
func (l *lastOpened) Open(name string) (fs.File, error) {
	l.name = name
	return l.FS.Open(name)
}

// topicSignals turns hits into signals; what they leave empty the extractor fills in from the page.
func topicSignals(hits []topics.Hit) []signals.Signal {
	out := make([]signals.Signal, 0, len(hits))
	for _, h := range hits {
		out = append(out, signals.Signal{
			Kind: signals.KindTopic, Name: h.Topic, Product: h.Product, Sign: h.Sign, Strength: h.Strength, Confidence: h.Confidence,
			Evidence: h.Evidence, Offset: h.Offset, ObservedAt: h.ObservedAt, Dated: !h.ObservedAt.IsZero(),
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
