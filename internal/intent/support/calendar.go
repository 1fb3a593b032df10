// Package support knows when releases of software go out of support: a dated calendar, an open data file with a source
// for each line, and the releases that licence lists and prose name.
package support

import (
	"bytes"
	_ "embed" // the calendar is data
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"telltale/internal/intent/strict"
)

const (
	// Days is how far ahead of its last day of support a licence calls for the end-of-support motion.
	Days = 365
	// maxCalendar bounds a calendar file, in bytes.
	maxCalendar = 4 << 20
)

// ErrCalendar reports an end-of-support calendar that cannot be used.
var ErrCalendar = errors.New("end-of-support calendar")

// Release is one dated line of the end-of-support calendar.
type Release struct {
	// Name is the product with its version; a licence matches where its own name begins with it, case and spacing aside.
	Name string
	// Also are other spellings; Detected what technologies that only this release brings are detected as, with their versions.
	Also, Detected []string
	// Mainstream is the last day of mainstream support; zero where the maker tells no such day.
	Mainstream time.Time
	// Ends is the last day of support that every customer has, extended support included.
	Ends time.Time
	// PaidUntil is the last day of security updates for those who pay; zero where there are none.
	PaidUntil time.Time
	// Products are the cloud products it is replaced by.
	Products []string
	// Source is the address of the maker's page that says so.
	Source string
}

// Calendar is a versioned list of releases. It is immutable once loaded and safe for concurrent use.
type Calendar struct {
	Version  string
	Releases []Release
	// byWord leads from a name's first word to the names that begin with it, the longest first.
	byWord map[string][]spelling
}

//go:embed calendar.yaml
var builtin []byte

// Default is the built-in calendar, from the makers' public lifecycle pages.
func Default() Calendar {
	c, err := Load(bytes.NewReader(builtin))
	if err != nil {
		panic("support: the built-in calendar does not load: " + err.Error()) // a test loads it
	}
	return c
}

// file is a calendar as it stands in a file.
type file struct {
	Version  string `json:"version" yaml:"version"`
	Releases []line `json:"releases" yaml:"releases"`
}

// line is a release as it stands in a file.
type line struct {
	Name       string   `json:"name" yaml:"name"`
	Also       []string `json:"also,omitempty" yaml:"also"`
	Detected   []string `json:"detected,omitempty" yaml:"detected"`
	Mainstream string   `json:"mainstream,omitempty" yaml:"mainstream"`
	Ends       string   `json:"ends" yaml:"ends"`
	PaidUntil  string   `json:"paid_until,omitempty" yaml:"paid_until"`
	Products   []string `json:"products" yaml:"products"`
	Source     string   `json:"source,omitempty" yaml:"source"`
}

// Load reads a calendar from YAML or JSON, of at most 4 MiB. Errors wrap ErrCalendar and name the release.
func Load(r io.Reader) (Calendar, error) {
	var f file
	if err := strict.Decode(r, maxCalendar, &f); err != nil {
		return Calendar{}, fmt.Errorf("%w: %w", ErrCalendar, err)
	}
	if f.Version == "" {
		return Calendar{}, fmt.Errorf("%w: version is required", ErrCalendar)
	}
	c := Calendar{Version: f.Version, byWord: map[string][]spelling{}}
	for i := range f.Releases {
		release, err := f.Releases[i].release()
		if err == nil {
			c.Releases = append(c.Releases, release)
			err = c.index(len(c.Releases) - 1)
		}
		if err != nil {
			return Calendar{}, fmt.Errorf("%w: release %q: %w", ErrCalendar, f.Releases[i].Name, err)
		}
	}
	return c, nil
}

func (l *line) release() (Release, error) {
	ends, err := time.Parse(time.DateOnly, l.Ends)
	if err != nil {
		return Release{}, fmt.Errorf("ends %q: want a date YYYY-MM-DD", l.Ends)
	}
	var paid time.Time
	if l.PaidUntil != "" {
		if paid, err = time.Parse(time.DateOnly, l.PaidUntil); err != nil || !paid.After(ends) {
			return Release{}, fmt.Errorf("paid_until %q: want a date YYYY-MM-DD after %s", l.PaidUntil, l.Ends)
		}
	}
	var mainstream time.Time
	if l.Mainstream != "" {
		if mainstream, err = time.Parse(time.DateOnly, l.Mainstream); err != nil || mainstream.After(ends) {
			return Release{}, fmt.Errorf("mainstream %q: want a date YYYY-MM-DD, %s at the latest", l.Mainstream, l.Ends)
		}
	}
	if len(l.Products) == 0 {
		return Release{}, errors.New("products: names none")
	}
	if u, err := url.Parse(l.Source); l.Source != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		return Release{}, fmt.Errorf("source %q: want an https address", l.Source)
	}
	return Release{Name: l.Name, Also: l.Also, Detected: l.Detected, Mainstream: mainstream, Ends: ends, PaidUntil: paid, Products: l.Products, Source: l.Source}, nil
}

// Match finds the release of a licence by the longest name that the licence's name begins with, at a word's end:
// "SQL Server 2008 R2 Standard" is no "SQL Server 200".
func (c Calendar) Match(licence string) (Release, bool) {
	tokens := words(licence)
	if len(tokens) > 0 && tokens[0].text == "microsoft" {
		tokens = tokens[1:]
	}
	if len(tokens) == 0 {
		return Release{}, false
	}
	s, ok := c.longest(tokens)
	if !ok {
		return Release{}, false
	}
	return c.Releases[s.release], true
}

// Product parts a release's name into the product and its version: the version begins with the first word that holds a digit.
func (r Release) Product() (product, version string) {
	all := strings.Fields(r.Name)
	for i, w := range all {
		if strings.ContainsAny(w, "0123456789") && i > 0 {
			return strings.Join(all[:i], " "), strings.Join(all[i:], " ")
		}
	}
	return r.Name, ""
}

// Spellings are all that the release is called, in prose, in licence lists and where a technology gives it away, each once.
func (r Release) Spellings() []string {
	all := slices.Concat([]string{r.Name}, r.Also, r.Detected)
	slices.Sort(all)
	return slices.Compact(all)
}

// Due reports whether the release calls for action at asOf.
func (r Release) Due(asOf time.Time) bool { return !r.Ends.After(asOf.AddDate(0, 0, Days)) }

// Urgency says in 0–1 how much the calendar makes of a release that is in use at a time: 1 where its support has ended or
// ends within a year, 0.7 within three years, 0.4 before that.
func (r Release) Urgency(at time.Time) float64 {
	switch {
	case r.Due(at):
		return 1
	case !r.Ends.After(at.AddDate(3, 0, 0)):
		return 0.7
	}
	return 0.4
}

// String is the name with its last days.
func (r Release) String() string {
	s := r.Name + ", support until " + r.Ends.Format(time.DateOnly)
	if !r.PaidUntil.IsZero() {
		s += ", paid until " + r.PaidUntil.Format(time.DateOnly)
	}
	return strings.TrimSpace(s)
}
