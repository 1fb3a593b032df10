package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/domains"
	"telltale/internal/pages"
	"telltale/internal/store"
	"telltale/internal/urls"
)

// ScheduleCommand shows when domains, feeds and watch-list sources are due, and sets when they are.
type ScheduleCommand struct {
	Names    []string      `arg:"" optional:"" help:"Domains, each with its feeds, or addresses of feeds; none means all, those due first."`
	Feeds    bool          `help:"Only feeds, accounts' own and those of watch lists."`
	Watched  bool          `help:"Only sources of watch lists."`
	Due      bool          `help:"Only what is due now."`
	Failing  bool          `help:"Only what failed when it was last tried."`
	Limit    int           `help:"Domains, feeds and sources to show." default:"50"`
	JSON     bool          `name:"json" help:"Write JSON."`
	Now      bool          `help:"Make what is named due at once: domains themselves, with --feeds their feeds instead."`
	At       string        `help:"Make it due at a time instead, RFC 3339, or YYYY-MM-DD for midnight UTC." placeholder:"TIME"`
	Interval time.Duration `help:"Set the interval that the adaptation goes on from, 1m to 8784h; the next due time stays unless --now or --at says otherwise." placeholder:"DURATION"`

	program *TelltaleProgram
	filter  store.ScheduleFilter
	at      time.Time
}

// AfterApply keeps the program's flags for Run.
func (c *ScheduleCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// CheckInput implements Checker.
func (c *ScheduleCommand) CheckInput(_ context.Context, env *Env) (err error) {
	if err := within(number("limit", c.Limit, 1, 1<<30)); err != nil {
		return err
	}
	if c.filter, err = c.chosen(env.Now()); err != nil {
		return err
	}
	switch {
	case c.Now && c.At != "":
		return inputf("schedule: --now and --at exclude each other")
	case c.Now:
		c.at = env.Now()
	case c.At != "":
		if c.at, err = parseAt(c.At); err != nil {
			return err
		}
	}
	if c.Interval != 0 {
		if err := within(duration("interval", c.Interval, time.Minute, 366*24*time.Hour)); err != nil {
			return err
		}
	}
	if c.edits() && len(c.Names) == 0 {
		return inputf("schedule --%s: name the domains or feeds it is meant for", c.editing())
	}
	return nil
}

func (c *ScheduleCommand) edits() bool { return !c.at.IsZero() || c.Interval != 0 }

func (c *ScheduleCommand) editing() string {
	switch {
	case c.Now:
		return "now"
	case c.At != "":
		return "at"
	}
	return "interval"
}

func parseAt(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, inputf("--at %q: want a time as RFC 3339 writes it (2026-01-31T15:04:05Z) or YYYY-MM-DD", text)
}

// chosen is the filter that names and flags make.
func (c *ScheduleCommand) chosen(now time.Time) (f store.ScheduleFilter, err error) {
	for _, name := range c.Names {
		if strings.Contains(name, "://") {
			address, err := urls.Canonicalize(name, "")
			if err != nil {
				return f, inputf("schedule: %q: %w", name, err)
			}
			f.URLs = append(f.URLs, address)
			continue
		}
		domain, err := domains.Normalize(name)
		if err != nil {
			return f, asInput(err)
		}
		f.Domains = append(f.Domains, domain)
	}
	switch {
	case c.Watched:
		f.Kinds = []store.ScheduleKind{store.KindWatch}
	case c.Feeds:
		f.Kinds = []store.ScheduleKind{store.KindFeed, store.KindWatch}
	}
	if c.Due {
		f.DueBy = now
	}
	f.Failing, f.Limit = c.Failing, c.Limit
	return f, nil
}

// Run implements Command.
func (c *ScheduleCommand) Run(ctx context.Context, env *Env) error {
	return withStore(ctx, env, &Settings{Common: c.program.Common}, func(st *store.Store) error {
		if len(c.Names) > 0 {
			named, err := st.ScheduleEntries(ctx, store.ScheduleFilter{Domains: c.filter.Domains, URLs: c.filter.URLs})
			if err != nil {
				return err
			}
			if err := c.unknown(named); err != nil {
				return err
			}
			if err := c.edit(ctx, st, named); err != nil {
				return err
			}
		}
		entries, err := st.ScheduleEntries(ctx, c.filter)
		if err != nil {
			return err
		}
		return c.show(env, entries)
	})
}

// unknown names the first name that the schedule does not hold.
func (c *ScheduleCommand) unknown(named []store.ScheduleEntry) error {
	for _, domain := range c.filter.Domains {
		if !slices.ContainsFunc(named, func(e store.ScheduleEntry) bool { return e.Domain == domain }) {
			return inputf("schedule: %s belongs to no account, and no watch list has a source on it", domain)
		}
	}
	for _, address := range c.filter.URLs {
		if !slices.ContainsFunc(named, func(e store.ScheduleEntry) bool { return e.URL == address }) {
			return inputf("schedule: %s is no feed on the schedule", address)
		}
	}
	return nil
}

// edit sets the due time and interval of what is meant: feeds by their address, a domain itself where it is on the
// schedule and feeds are not asked for, else its feeds.
func (c *ScheduleCommand) edit(ctx context.Context, st *store.Store, named []store.ScheduleEntry) error {
	if !c.edits() {
		return nil
	}
	listed := map[string]bool{}
	for _, e := range named {
		listed[e.Domain] = listed[e.Domain] || e.Kind == store.KindDomain
	}
	var visits []store.Next
	var feeds []store.Feed
	for _, e := range named {
		byName := slices.Contains(c.filter.Domains, e.Domain) && c.means(e, listed[e.Domain])
		if !byName && !slices.Contains(c.filter.URLs, e.URL) {
			continue
		}
		if !c.at.IsZero() {
			e.NextDue = c.at
		}
		if c.Interval != 0 {
			e.Interval = c.Interval
		}
		if e.Kind == store.KindDomain {
			visits = append(visits, store.Next{Domain: e.Domain, DueAt: e.NextDue, Interval: e.Interval, Failures: e.Failures})
			continue
		}
		feeds = append(feeds, store.Feed{
			Domain: e.Domain, URL: e.URL, Watch: e.Watch, Source: pages.Kind(e.Source), NextDue: e.NextDue, Interval: e.Interval, Failures: e.Failures,
		})
	}
	if len(visits)+len(feeds) == 0 {
		return inputf("schedule --%s: nothing on the schedule is both named and of the kind asked for", c.editing())
	}
	return errors.Join(st.SetNextDue(ctx, visits), st.SetFeeds(ctx, feeds))
}

// means reports whether an edit of a domain is meant for one of its places on the schedule.
func (c *ScheduleCommand) means(e store.ScheduleEntry, listed bool) bool {
	switch {
	case c.Watched:
		return e.Kind == store.KindWatch
	case c.Feeds || !listed:
		return e.Kind != store.KindDomain
	}
	return e.Kind == store.KindDomain
}

// scheduleLine is one place on the schedule in JSON; times are RFC 3339 and empty before the first.
type scheduleLine struct {
	Kind        string  `json:"kind"`
	Domain      string  `json:"domain"`
	URL         string  `json:"url,omitempty"`
	Watch       string  `json:"watch,omitempty"`
	Source      string  `json:"source,omitempty"`
	Priority    uint8   `json:"priority"`
	NextDue     string  `json:"next_due"`
	IntervalS   float64 `json:"interval_s"`
	FloorS      float64 `json:"min_interval_s,omitempty"`
	Failures    int     `json:"failures"`
	Last        string  `json:"last"`
	LastChanged string  `json:"last_changed,omitempty"`
	Outcome     string  `json:"outcome"`
	Items       int     `json:"items,omitempty"`
}

func (c *ScheduleCommand) show(env *Env, entries []store.ScheduleEntry) error {
	if c.JSON {
		lines := make([]scheduleLine, len(entries))
		for i, e := range entries {
			lines[i] = scheduleLine{
				Kind: string(e.Kind), Domain: e.Domain, URL: e.URL, Watch: e.Watch, Source: e.Source, Priority: e.Priority, NextDue: rfc3339(e.NextDue),
				IntervalS: e.Interval.Seconds(), FloorS: e.Floor.Seconds(), Failures: e.Failures, Last: rfc3339(e.Last), LastChanged: rfc3339(e.LastChanged),
				Outcome: e.Outcome, Items: e.Items,
			}
		}
		return json.NewEncoder(env.Out).Encode(lines)
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"kind", "domain", "feed", "priority", "next due", "interval", "failures", "last", "outcome"})
	t.SetColumnConfigs([]table.ColumnConfig{{Name: "feed", WidthMax: 70}})
	for _, e := range entries {
		feed := e.URL
		if e.Watch != "" {
			feed = e.Watch + ": " + e.URL
		}
		t.AppendRow(table.Row{e.Kind, e.Domain, feed, e.Priority, shortTime(e.NextDue), e.Interval, e.Failures, shortTime(e.Last), e.Outcome})
	}
	fmt.Fprintln(env.Out, t.Render())
	return nil
}

// shortTime is a time for a table, in UTC.
func shortTime(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format(time.DateTime)
}
