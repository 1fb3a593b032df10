package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/document"
	"telltale/internal/extract"
	"telltale/internal/signals/attribution"
	"telltale/internal/store"
)

// again extracts the files by these rules onto a bench, shows how that differs from what is stored, and, where it was asked to, replaces the
// one by the other.
func (c *ReplayCommand) again(ctx context.Context, env *Env, st *store.Store, attribute func(*document.Document) attribution.Result, wanted func(string) bool) (err error) {
	bench := st.Reextract(extract.Version)
	defer func() { err = errors.Join(err, bench.Close(context.WithoutCancel(ctx))) }()
	out := env.Out
	if c.JSON {
		out = env.Err
	}
	if err := c.replay(ctx, env, bench, attribute, wanted, out); err != nil {
		return err
	}
	counts, changes, err := bench.Compare(ctx, c.Lines)
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	printCounts(out, counts)
	if err := c.printChanges(env.Out, changes); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	if !c.Replace {
		return nil
	}
	if err := bench.Replace(ctx, env.Now().UTC()); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	fmt.Fprintln(out, "replaced; scores as of an earlier time stay what they were")
	return nil
}

// meaning says in words what a change is.
var meaning = map[string]string{ //nolint:gochecknoglobals // a table
	"added": "found now, not stored", "removed": "stored, no longer found", "changed": "found otherwise", "same": "found as stored",
	"kept": "stored, not found here, but not every fetch that showed it is in the archive",
}

// printCounts writes how many signals each change has.
func printCounts(out io.Writer, counts []store.ChangeCount) {
	w := table.NewWriter()
	w.SetStyle(table.StyleLight)
	w.AppendHeader(table.Row{"change", "kind", "signals", ""})
	for _, n := range counts {
		w.AppendRow(table.Row{n.Change, n.Kind, n.N, meaning[n.Change]})
	}
	fmt.Fprintln(out, w.Render())
}

// changeSide is one side of a change as JSON.
type changeSide struct {
	Version    string    `json:"version,omitempty"`
	Strength   float32   `json:"strength"`
	Confidence float32   `json:"confidence"`
	Sign       int8      `json:"sign"`
	ObservedAt time.Time `json:"observed_at"`
	Evidence   string    `json:"evidence"`
}

// changeLine is a change as JSON; was and now are missing where there is none.
type changeLine struct {
	Change  string      `json:"change"`
	Domain  string      `json:"domain"`
	Kind    string      `json:"kind"`
	Name    string      `json:"name"`
	Product string      `json:"product"`
	URL     string      `json:"url"`
	Was     *changeSide `json:"was,omitempty"`
	Now     *changeSide `json:"now,omitempty"`
}

func lineOf(c *store.Change) changeLine {
	l := changeLine{Change: c.Change, Domain: c.Domain, Kind: c.Kind, Name: c.Name, Product: c.Product, URL: c.URL}
	if c.WasSign != 0 {
		l.Was = &changeSide{c.WasVersion, c.WasStrength, c.WasConfidence, c.WasSign, c.WasObservedAt.UTC(), c.WasEvidence}
	}
	if c.NowSign != 0 {
		l.Now = &changeSide{c.NowVersion, c.NowStrength, c.NowConfidence, c.NowSign, c.NowObservedAt.UTC(), c.NowEvidence}
	}
	return l
}

// printChanges writes the changes, as JSON or for people.
func (c *ReplayCommand) printChanges(out io.Writer, changes []store.Change) error {
	enc := json.NewEncoder(out)
	for i := range changes {
		l := lineOf(&changes[i])
		if c.JSON {
			if err := enc.Encode(l); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(out, "%s %s: %s %s%s, %s\n", sigil(l.Change), l.Domain, l.Kind, l.Name, ofProduct(l.Product), l.URL)
		for _, s := range [...]struct {
			mark string
			side *changeSide
		}{{"-", l.Was}, {"+", l.Now}} {
			if s.side != nil {
				fmt.Fprintf(out, "    %s %s\n", s.mark, s.side)
			}
		}
	}
	return nil
}

func ofProduct(product string) string {
	if product == "" {
		return ""
	}
	return " of " + product
}

func sigil(change string) string {
	switch change {
	case "added":
		return "+"
	case "removed":
		return "-"
	case "changed":
		return "~"
	}
	return "="
}

// String is a side for people.
func (s *changeSide) String() string {
	text := fmt.Sprintf("%s, strength %.2f, confidence %.2f, sign %+d: %q", s.ObservedAt.Format(time.DateOnly), s.Strength, s.Confidence, s.Sign, s.Evidence)
	if s.Version != "" {
		text = "version " + s.Version + ", " + text
	}
	return text
}
