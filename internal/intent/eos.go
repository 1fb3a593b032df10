package intent

import (
	"bytes"
	_ "embed" // the calendar is data
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"telltale/internal/intent/strict"
)

// EndOfSupportDays is how far ahead of its last day of support a licence calls for the end-of-support motion.
const EndOfSupportDays = 365

// ErrCalendar reports an end-of-support calendar that cannot be used.
var ErrCalendar = errors.New("end-of-support calendar")

// Release is one dated line of the end-of-support calendar.
type Release struct {
	// Name is the product with its version; a licence matches where its own name begins with it, case and spacing aside.
	Name string
	// Ends is the last day of support.
	Ends time.Time
	// Products are the cloud products it is replaced by.
	Products []string
}

// Calendar is a versioned list of releases.
type Calendar struct {
	Version  string
	Releases []Release
}

//go:embed eos.yaml
var calendarYAML []byte

// DefaultCalendar is the built-in calendar, from Microsoft's public lifecycle pages (learn.microsoft.com/lifecycle).
func DefaultCalendar() Calendar {
	c, err := LoadCalendar(bytes.NewReader(calendarYAML))
	if err != nil {
		panic("intent: the built-in calendar does not load: " + err.Error()) // a test loads it
	}
	return c
}

// LoadCalendar reads a calendar from YAML or JSON, of at most 4 MiB. Errors wrap ErrCalendar.
func LoadCalendar(r io.Reader) (Calendar, error) {
	var f struct {
		Version  string `yaml:"version"`
		Releases []struct {
			Name     string   `yaml:"name"`
			Ends     string   `yaml:"ends"`
			Products []string `yaml:"products"`
		} `yaml:"releases"`
	}
	if err := strict.Decode(r, maxConfig, &f); err != nil {
		return Calendar{}, fmt.Errorf("%w: %w", ErrCalendar, err)
	}
	c := Calendar{Version: f.Version}
	seen := map[string]bool{}
	for _, r := range f.Releases {
		ends, err := time.Parse(time.DateOnly, r.Ends)
		name := squash(r.Name)
		if err != nil || name == "" || len(r.Products) == 0 || seen[name] {
			return Calendar{}, fmt.Errorf("%w: release %q, ends %q: want a name of its own, a date YYYY-MM-DD and products", ErrCalendar, r.Name, r.Ends)
		}
		seen[name] = true
		c.Releases = append(c.Releases, Release{Name: r.Name, Ends: ends, Products: r.Products})
	}
	if c.Version == "" {
		return Calendar{}, fmt.Errorf("%w: version is required", ErrCalendar)
	}
	return c, nil
}

// Match finds the release of a licence by the longest name that the licence's name begins with, at a word's end:
// "SQL Server 2008 R2 Standard" is no "SQL Server 200".
func (c Calendar) Match(licence string) (Release, bool) {
	name := squash(licence)
	var best Release
	for _, r := range c.Releases {
		key := squash(r.Name)
		rest, ok := strings.CutPrefix(name, key)
		if ok && (rest == "" || rest[0] == ' ') && len(key) > len(squash(best.Name)) {
			best = r
		}
	}
	return best, best.Name != ""
}

// Due reports whether the release calls for action at asOf.
func (r Release) Due(asOf time.Time) bool { return !r.Ends.After(asOf.AddDate(0, 0, EndOfSupportDays)) }

// squash lowers, trims the vendor's name and collapses spaces, as licence lists spell names freely.
func squash(s string) string {
	return strings.TrimPrefix(strings.Join(strings.Fields(strings.ToLower(s)), " "), "microsoft ")
}
