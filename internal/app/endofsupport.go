package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"telltale/internal/document"
	"telltale/internal/intent/support"
	"telltale/internal/signals"
)

// calendarFile is the end-of-support calendar in a taxonomy directory; it takes the place of the built-in one.
const calendarFile = "eos.yaml"

// supportCalendar is the calendar of a taxonomy directory, or the built-in one.
func supportCalendar(taxonomyDir string) (support.Calendar, error) {
	if taxonomyDir == "" {
		return support.Default(), nil
	}
	path := filepath.Join(taxonomyDir, calendarFile)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return support.Default(), nil
	}
	if err != nil {
		return support.Calendar{}, asInput(err)
	}
	defer func() { _ = f.Close() }() // only read
	c, err := support.Load(f)
	if err != nil {
		return support.Calendar{}, inputf("--taxonomy: %s: %w", path, err)
	}
	return c, nil
}

// dated joins what a page says of releases to the calendar: the signal's version names them, and its strength is less
// where their support has years to run. A release that the calendar does not know leaves the signal as it is.
func dated(c support.Calendar, doc *document.Document, found []signals.Signal) []signals.Signal {
	at := doc.Published
	if at.IsZero() {
		at = doc.FetchedAt
	}
	for i := range found {
		s := &found[i]
		if s.Name != "end_of_support" {
			continue
		}
		releases := c.Find(s.Evidence)
		if len(releases) == 0 {
			continue
		}
		names, urgency := make([]string, len(releases)), 0.0
		for j, r := range releases {
			names[j], urgency = r.Name, max(urgency, r.Urgency(at))
		}
		s.Version, s.Strength = strings.Join(names, "; "), s.Strength*urgency
	}
	return found
}
