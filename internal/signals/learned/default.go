package learned

import (
	"bytes"
	_ "embed"
)

// modelFile is trained by the program on data/sentences.jsonl; docs/events.md says how.
//
//go:embed model.bin
var modelFile []byte

// topicFile is trained by the program on data/topics.jsonl.
//
//go:embed topics.bin
var topicFile []byte

// Default reads the model of events that is compiled in.
func Default() (*Model, error) { return Load(bytes.NewReader(modelFile)) }

// DefaultTopics reads the model of topics that is compiled in.
func DefaultTopics() (*Model, error) { return Load(bytes.NewReader(topicFile)) }
