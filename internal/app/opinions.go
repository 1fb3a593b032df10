package app

import (
	"fmt"
	"os"

	"telltale/internal/signals/learned"
)

// SecondOpinions are the learned models beside the rules of prose.
type SecondOpinions struct {
	EventModel string `help:"Model that gives the second opinion on events: a file of 'train events', or none for rules alone; empty means the one compiled in." placeholder:"PATH|none"`
	TopicModel string `help:"Model that gives the second opinion on topics: a file of 'train topics', or none for rules alone; empty means the one compiled in." placeholder:"PATH|none"`
}

func (s SecondOpinions) events() (*learned.Model, error) {
	return openModel("--event-model", s.EventModel, learned.Default)
}

func (s SecondOpinions) topics() (*learned.Model, error) {
	return openModel("--topic-model", s.TopicModel, learned.DefaultTopics)
}

// openModel reads the model that a flag names: nil for none, the one compiled in where it is empty.
func openModel(flag, path string, builtIn func() (*learned.Model, error)) (*learned.Model, error) {
	switch path {
	case "none":
		return nil, nil //nolint:nilnil // no model is an answer, not a failure
	case "":
		return builtIn()
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, asInput(fmt.Errorf("%s: %w", flag, err))
	}
	defer func() { _ = f.Close() }()
	model, err := learned.Load(f)
	if err != nil {
		return nil, inputf("%s %s: %w", flag, path, err)
	}
	return model, nil
}
