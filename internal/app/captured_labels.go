package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"telltale/internal/pages"
)

// Whose an event is, and where it stands, in labels of captured pages (docs/captured.md).
const (
	ownEvent    = "own"
	otherEvent  = "other"
	inMainText  = "main"
	inATeaser   = "teaser"
	maxLabels   = 16 << 20
	maxLabelRow = 1 << 20
)

// pageLabel is what a person found on one captured page.
type pageLabel struct {
	// Number is the page's in the draw; rules were made looking at those of even number, if at any.
	Number   string      `json:"n"`
	URL      string      `json:"url"`
	Kind     pages.Kind  `json:"kind"`
	Also     pages.Kind  `json:"also"`
	Language string      `json:"language"`
	Events   []spanLabel `json:"events"`
	Topics   []spanLabel `json:"topics"`
}

// spanLabel is one event, or one topic of a product, with the words that tell of it.
type spanLabel struct {
	Event   string `json:"event"`
	Topic   string `json:"topic"`
	Product string `json:"product"`
	Whose   string `json:"whose"`
	Where   string `json:"where"`
	Quote   string `json:"quote"`
}

// readLabels reads labels, a JSON object a line, by address. Errors name the line.
func readLabels(path string) (map[string]*pageLabel, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(io.LimitReader(f, maxLabels))
	lines.Buffer(nil, maxLabelRow)
	out := map[string]*pageLabel{}
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		l, err := readLabel(lines.Bytes())
		if err == nil && out[l.URL] != nil {
			err = fmt.Errorf("%s is labelled twice", l.URL)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		out[l.URL] = l
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no label", path)
	}
	return out, nil
}

func readLabel(line []byte) (*pageLabel, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	var l pageLabel
	if err := d.Decode(&l); err != nil {
		return nil, err
	}
	if l.URL == "" || l.Kind == "" {
		return nil, fmt.Errorf("want url and kind, have %q and %q", l.URL, l.Kind)
	}
	for _, s := range append(l.Events, l.Topics...) {
		switch {
		case s.Whose != ownEvent && s.Whose != otherEvent:
			return nil, fmt.Errorf("whose is %q, want own or other", s.Whose)
		case s.Where != inMainText && s.Where != inATeaser:
			return nil, fmt.Errorf("where is %q, want main or teaser", s.Where)
		case s.Quote == "":
			return nil, fmt.Errorf("%s%s without a quote", s.Event, s.Topic)
		}
	}
	return &l, nil
}
