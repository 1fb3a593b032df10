package learned

import (
	"bytes"
	_ "embed"
)

// modelFile is trained by the program on data/sentences.jsonl; docs/events.md says how.
//
//go:embed model.bin
var modelFile []byte

// Default reads the model that is compiled in.
func Default() (*Model, error) { return Load(bytes.NewReader(modelFile)) }
