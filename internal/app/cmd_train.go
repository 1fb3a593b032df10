package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"telltale/internal/signals/events"
	"telltale/internal/signals/learned"
	"telltale/internal/signals/learned/train"
)

// TrainCommand trains a model of labelled sentences.
type TrainCommand struct {
	Events TrainEvents `cmd:"" help:"Train the second opinion on events from labelled sentences, and measure it by cross-validation: rules alone, learned alone, both."`
	Topics TrainTopics `cmd:"" help:"Train the second opinion on topics from labelled sentences, and measure it the same way."`
}

// TrainEvents trains the second opinion on events. The same data, rules and flags give the same bytes.
type TrainEvents struct {
	Data    string `help:"Labelled sentences, a JSON object a line: text, labels (events), lang, modality (fact, plan, may, denied, past), group or doc (never on both sides of a split); lines that begin with # are comments." required:"" type:"path" placeholder:"FILE"`
	Out     string `help:"File to write the model to; none means that it is only measured." type:"path" placeholder:"FILE"`
	Licence string `help:"Licence of the sentences, kept in the model." default:"own work"`
	Map     string `help:"YAML of another set's classes and the events of ours that each holds; the classes are measured with weights of their own, and no model is written." type:"path" placeholder:"FILE"`
	Measure bool   `help:"Cross-validate and print the tables." default:"true" negatable:""`
	Folds   int    `help:"Parts that the sentences are dealt to for cross-validation, whole documents or groups each." default:"5"`
	Seed    uint64 `help:"Seed of every draw." default:"1"`
}

// Run implements Command.
func (c *TrainEvents) Run(_ context.Context, env *Env) error {
	if err := c.check(); err != nil {
		return err
	}
	examples, err := readExamples(c.Data)
	if err != nil {
		return err
	}
	classes, err := c.classes(examples)
	if err != nil {
		return err
	}
	lexicon, err := events.Default()
	if err != nil {
		return err
	}
	lexicon = lexicon.ForPages()
	rules, err := events.New(lexicon)
	if err != nil {
		return err
	}
	askRules(examples, rules, classes)
	o := train.Default()
	o.Folds, o.Seed = c.Folds, c.Seed
	if c.Measure {
		if err := c.measure(env.Out, lexicon, examples, classes, o); err != nil {
			return err
		}
	}
	if c.Out == "" {
		return nil
	}
	return c.write(env.Out, rules, examples, classNames(classes), o)
}

func (c *TrainEvents) check() error {
	if c.Map != "" && c.Out != "" {
		return inputf("--out: a model of another set's classes (--map) cannot be used, so none is written")
	}
	return checkTraining(c.Out, c.Folds)
}

// checkTraining refuses a file that cannot be written before anything is trained for it.
func checkTraining(out string, folds int) error {
	if out != "" {
		if _, err := os.Stat(filepath.Dir(out)); err != nil {
			return asInput(fmt.Errorf("--out: %w", err))
		}
	}
	return within(number("folds", folds, 2, 20))
}

func readExamples(path string) ([]train.Example, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, asInput(fmt.Errorf("--data: %w", err))
	}
	defer func() { _ = f.Close() }()
	examples, err := train.Read(f)
	if err != nil {
		return nil, inputf("--data %s: %w", path, err)
	}
	return examples, nil
}

// class is one class of the labels, and the events of ours that it holds.
type class struct {
	name   string
	events []string
}

func classNames(classes []class) []string {
	out := make([]string, len(classes))
	for i := range classes {
		out[i] = classes[i].name
	}
	return out
}

// classes are our own events, or those that --map names.
func (c *TrainEvents) classes(examples []train.Example) ([]class, error) {
	var out []class
	if c.Map == "" {
		for _, e := range events.Names() {
			out = append(out, class{e, []string{e}})
		}
		return out, checkLabels(c.Data, examples)
	}
	m, err := readClassMap(c.Map)
	if err != nil {
		return nil, inputf("--map %s: %w", c.Map, err)
	}
	return m, nil
}

// checkLabels refuses labels that are no events of ours: a typing error would train a class too few.
func checkLabels(path string, examples []train.Example) error {
	for i := range examples {
		for _, l := range examples[i].Labels {
			if !slices.Contains(events.Names(), l) {
				return inputf("--data %s: sentence %d: no event is called %q (another set's classes want --map)", path, i+1, l)
			}
		}
	}
	return nil
}

// askRules sets, of each example, what the rules found and what their vocabulary hints at.
func askRules(examples []train.Example, rules *events.Matcher, classes []class) {
	for i := range examples {
		e := &examples[i]
		e.Hints = rules.Hints(e.Text, e.Lang)
		e.Rules = claims(rules.Text(e.Text, e.Lang), classes)
	}
}

// claims are the highest confidences of the hits by class.
func claims(hits []events.Hit, classes []class) []float64 {
	out := make([]float64, len(classes))
	for _, h := range hits {
		for k := range classes {
			if slices.Contains(classes[k].events, h.Event) {
				out[k] = max(out[k], h.Confidence)
			}
		}
	}
	return out
}

func (c *TrainEvents) write(out io.Writer, rules *events.Matcher, examples []train.Example, names []string, o train.Options) error {
	return fitModel(out, "event", c.Data, c.Out, func() (*learned.Model, error) {
		return train.Fit(examples, names, rules.HintNames(), c.Licence, o)
	})
}

// fitModel trains a model, writes it and says what it is.
func fitModel(out io.Writer, what, data, path string, fit func() (*learned.Model, error)) error {
	model, err := fit()
	if errors.Is(err, train.ErrData) {
		return inputf("--data %s: %w", data, err)
	}
	if err != nil {
		return err
	}
	size, err := saveModel(path, model)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "model %s of %d examples written to %s: %d bytes; the %s is added from probability %.2f on, dropped below %.2f\n",
		model.Version, model.Examples, path, size, what, model.Add, model.Veto)
	return nil
}

// saveModel writes the file whole or not at all.
func saveModel(path string, model *learned.Model) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".model-*")
	if err != nil {
		return 0, asInput(fmt.Errorf("--out: %w", err))
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if err := errors.Join(model.Save(f), f.Chmod(0o644)); err != nil {
		return 0, errors.Join(err, f.Close())
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	return info.Size(), os.Rename(f.Name(), path)
}
