package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mmcdole/gofeed"
)

// maxJSONDepth is the deepest nesting of a JSON feed; extensions nest little.
const maxJSONDepth = 64

// parseJSON reads a JSON Feed (jsonfeed.org/version/1.1). A JSON object that is none gives ErrNotFeed.
func parseJSON(text []byte) (*gofeed.Feed, error) {
	if jsonDepth(text) > maxJSONDepth {
		return nil, fmt.Errorf("%w: nested deeper than %d", ErrMalformed, maxJSONDepth)
	}
	var head struct {
		Version string          `json:"version"`
		Items   json.RawMessage `json:"items"`
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if !strings.Contains(head.Version, "jsonfeed.org/version") {
		return nil, ErrNotFeed
	}
	// Whatever follows the object is left out: gofeed refuses it.
	f, err := gofeed.NewParser().Parse(bytes.NewReader(text[:dec.InputOffset()]))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return f, nil
}

// jsonDepth is the deepest nesting of brackets outside strings.
func jsonDepth(text []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}
