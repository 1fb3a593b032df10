package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/archive"
	"telltale/internal/document"
	"telltale/internal/document/feed"
	"telltale/internal/domains"
	"telltale/internal/extract"
	"telltale/internal/fetch"
	"telltale/internal/replay"
	"telltale/internal/signals"
	"telltale/internal/signals/attribution"
)

// ReplayCommand runs extraction over WARC files. What it finds is stored as of when it was fetched, and a second replay of
// the same files changes nothing.
type ReplayCommand struct {
	Files    []string `arg:"" name:"file" help:"WARC files, plain or gzip, by Telltale or by other tools; read together and in order." type:"path"`
	Domain   string   `help:"Domain that every page belongs to; none means the one of its address." placeholder:"DOMAIN"`
	Owned    bool     `help:"Only pages of domains on the schedule, that is, of accounts."`
	DryRun   bool     `help:"Write the signals to stdout, a JSON object a line, and leave the store alone."`
	Diff     bool     `help:"Show what these rules would add, remove and change of the signals stored, and change nothing."`
	Replace  bool     `help:"Show it, then make it so: what is no longer found is retired. Scores as of the past stay what they were."`
	Lines    int      `help:"Most changes listed by --diff and --replace; all are counted." default:"50"`
	JSON     bool     `name:"json" help:"List them on stdout as JSON, an object a line; the summary goes to stderr."`
	Workers  int      `help:"Batches of pages read side by side; 0 means one a core." default:"0"`
	Taxonomy string   `help:"Directory of taxonomy files that add to the built-in ones." type:"path" placeholder:"DIR"`
	TechnologyFiles
	SecondOpinions

	program *TelltaleProgram
	rules   []extract.Rule
	bytes   int64
}

// AfterApply keeps the program's flags for Run.
func (c *ReplayCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// CheckInput implements Checker.
func (c *ReplayCommand) CheckInput(ctx context.Context, env *Env) (err error) {
	if err := within(number("workers", c.Workers, 0, 1024), number("lines", c.Lines, 0, 1<<20)); err != nil {
		return err
	}
	if err := c.checkModes(); err != nil {
		return err
	}
	if c.Domain != "" {
		if c.Domain, err = domains.Normalize(c.Domain); err != nil {
			return inputf("--domain: %w", err)
		}
	}
	if c.rules, err = buildRules(Extraction{Taxonomy: c.Taxonomy, TechnologyFiles: c.TechnologyFiles, log: env.Log, SecondOpinions: c.SecondOpinions}); err != nil {
		return err
	}
	return c.checkFiles(ctx)
}

// checkModes refuses flags that say opposite things.
func (c *ReplayCommand) checkModes() error {
	switch {
	case c.DryRun && c.Owned:
		return inputf("--owned asks the store which domains are; --dry-run leaves it alone")
	case c.DryRun && (c.Diff || c.Replace):
		return inputf("--diff and --replace compare with the store; --dry-run leaves it alone")
	case c.JSON && !c.Diff && !c.Replace:
		return inputf("--json lists changes: it needs --diff or --replace")
	}
	return nil
}

// checkFiles looks for a first record in each file; that none of them has one is bad input.
func (c *ReplayCommand) checkFiles(ctx context.Context) error {
	var first error
	readable := 0
	for _, path := range c.Files {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return inputf("replay: %w", err)
		case info.IsDir():
			return inputf("replay: %s: a directory, want WARC files", path)
		}
		c.bytes += info.Size()
		if err := archive.Check(ctx, path); err == nil {
			readable++
		} else if first == nil {
			first = inputf("replay: %s: %w", path, err)
		}
	}
	if readable == 0 {
		return first
	}
	return nil
}

// Run implements Command.
func (c *ReplayCommand) Run(ctx context.Context, env *Env) error {
	if c.DryRun {
		return c.replay(ctx, env, &signalLines{enc: json.NewEncoder(env.Out)}, nil, nil, env.Err)
	}
	return withStoreOf(ctx, env, &Settings{Common: c.program.Common}, func(e *engines) error {
		var wanted func(string) bool
		if c.Owned {
			scheduled, err := e.store.Scheduled(ctx, nil)
			if err != nil {
				return err
			}
			wanted = func(domain string) bool {
				row, ok := scheduled[domain]
				return ok && !row.Removed
			}
		}
		book := newNameBook(e.store, env.Log)
		if err := book.refresh(ctx); err != nil {
			return err
		}
		if c.Diff || c.Replace {
			return c.again(ctx, env, e.store, book.match, wanted)
		}
		return c.replay(ctx, env, e.store, book.match, wanted, env.Out)
	})
}

// replay extracts the files into a store and writes the summary to out.
func (c *ReplayCommand) replay(ctx context.Context, env *Env, into extract.Store, attribute func(*document.Document) attribution.Result, wanted func(string) bool, out io.Writer) error {
	counted := &countedStore{Store: into}
	extractor, err := extract.New(extract.Config{
		Store: counted, Rules: c.rules, Attribute: attribute, Feed: feed.Parse, Logger: env.Log, Now: env.Now, Registerer: env.Registry,
	})
	if err != nil {
		return err
	}
	files := archive.Open(c.Files)
	said := 0
	files.Damaged = func(path string, err error) {
		if said++; said <= maxDamageLines {
			fmt.Fprintf(env.Err, "replay: %s: %v\n", path, err)
		}
	}
	last := time.Now()
	files.Progress = func(read int64) {
		if now := time.Now(); now.Sub(last) >= lineEvery {
			last = now
			fmt.Fprintf(env.Err, "  %s of %s read, %d signals\n", byteSize(uint64(read)), byteSize(uint64(c.bytes)), counted.signals.Load())
		}
	}
	workers := c.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	decoder := &fetch.Decoder{}
	summary, err := replay.Run(ctx, replay.Config{
		Archive: files, Decode: decoder.Decode, Extract: extractor.Handle, Workers: workers, Domain: c.Domain, Wanted: wanted,
	})
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	printReplay(out, files.Tally(), summary, counted.signals.Load())
	return nil
}

// maxDamageLines bounds the damaged places that are named; all are counted.
const maxDamageLines = 20

// printReplay writes what a replay came to.
func printReplay(out io.Writer, t archive.Tally, s replay.Summary, signalCount int64) {
	w := table.NewWriter()
	w.SetStyle(table.StyleLight)
	w.AppendHeader(table.Row{"what", "count"})
	for _, kind := range slices.Sorted(maps.Keys(t.Records)) {
		w.AppendRow(table.Row{"records: " + kind, t.Records[kind]})
	}
	w.AppendSeparator()
	w.AppendRow(table.Row{"pages extracted", s.Pages})
	w.AppendRow(table.Row{"probes among them", s.Probes})
	w.AppendRow(table.Row{"signals", signalCount})
	w.AppendSeparator()
	for _, why := range slices.Sorted(maps.Keys(s.Skipped)) {
		w.AppendRow(table.Row{"skipped: " + why, s.Skipped[why]})
	}
	for _, d := range [...]struct {
		what  string
		count int
	}{
		{"damaged places", t.Damaged}, {"files that end within a record", t.Torn}, {"blocks with a wrong digest", t.BadDigest},
		{"blocks over 64 MiB", t.Oversized}, {"answers that are no HTTP", t.BadMessage}, {"revisits without their original", t.Unresolved},
		{"page records that cannot be read", t.BadPage}, {"pages whose answer is not here", s.Lost}, {"pages whose body reads otherwise now", s.Changed},
	} {
		if d.count > 0 {
			w.AppendRow(table.Row{d.what, d.count})
		}
	}
	fmt.Fprintln(out, w.Render())
}

// countedStore counts the signals that are written.
type countedStore struct {
	extract.Store
	signals atomic.Int64
}

// WriteSignals implements extract.Store.
func (s *countedStore) WriteSignals(ctx context.Context, rows []signals.Signal) error {
	err := s.Store.WriteSignals(ctx, rows)
	if err == nil {
		s.signals.Add(int64(len(rows)))
	}
	return err
}
