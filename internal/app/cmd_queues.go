package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/domains"
	"telltale/internal/queue"
)

// QueuesCommand looks at the queues and the dead letters, and replays them.
type QueuesCommand struct {
	Dead   bool   `help:"List the dead letters instead of the streams."`
	Replay bool   `help:"Put the dead letters that match back on their streams."`
	Stream string `help:"Only dead letters of this stream." enum:"VISITS,PAGES,RESULTS," default:""`
	Domain string `help:"Only dead letters of this domain." placeholder:"DOMAIN"`
	Reason string `help:"Only dead letters with this reason." placeholder:"REASON"`
	Limit  int    `help:"Dead letters to list." default:"50"`
	JSON   bool   `name:"json" help:"Write JSON."`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *QueuesCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *QueuesCommand) Run(ctx context.Context, env *Env) error {
	return withQueue(ctx, env, c.program, func(q *queue.Queue) error {
		filter := queue.Filter{Stream: c.Stream, Domain: c.Domain, Reason: queue.DeadReason(c.Reason)}
		switch {
		case c.Replay:
			n, err := q.Replay(ctx, filter)
			fmt.Fprintf(env.Out, "%d dead letters replayed\n", n)
			return err
		case c.Dead:
			return c.listDead(ctx, env, q, filter)
		}
		return c.listStreams(ctx, env, q)
	})
}

func (c *QueuesCommand) listStreams(ctx context.Context, env *Env, q *queue.Queue) error {
	streams, err := q.Status(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(env.Out).Encode(streams)
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"stream", "messages", "size", "full", "waiting", "in hand", "again", "oldest", "idle consumers"})
	for _, s := range streams {
		full := "-"
		if s.MaxBytes > 0 {
			full = fmt.Sprintf("%.1f %%", 100*float64(s.Bytes)/float64(s.MaxBytes))
		}
		t.AppendRow(table.Row{s.Stream, s.Messages, byteSize(s.Bytes), full, s.Pending, s.AckPending, s.Redelivered, s.OldestAge.Round(time.Second), s.Waiting})
	}
	fmt.Fprintln(env.Out, t.Render())
	members, err := q.Members(ctx)
	if err != nil {
		return err
	}
	for _, m := range members {
		fmt.Fprintf(env.Out, "crawler: %s has %d of %d partitions of visits\n", m.Name, m.Partitions, queue.Partitions)
	}
	for scope, since := range q.Control().Pauses() {
		fmt.Fprintf(env.Out, "paused: %s since %s\n", scope, rfc3339(since))
	}
	for _, b := range q.Control().Blocks() {
		fmt.Fprintf(env.Out, "blocked: %s since %s by %s: %s\n", b.Domain, rfc3339(b.At), b.By, b.Reason)
	}
	return nil
}

func (c *QueuesCommand) listDead(ctx context.Context, env *Env, q *queue.Queue, filter queue.Filter) error {
	letters, err := q.DeadLetters(ctx, filter, c.Limit)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(env.Out).Encode(letters)
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"id", "stream", "domain", "reason", "deliveries", "when", "error"})
	t.SetColumnConfigs([]table.ColumnConfig{{Name: "error", WidthMax: 80}})
	for _, l := range letters {
		t.AppendRow(table.Row{l.ID, l.Stream, l.Domain, l.Reason, l.Deliveries, rfc3339(l.Time), l.Error})
	}
	fmt.Fprintln(env.Out, t.Render())
	return nil
}

// PauseCommand stops the fleet, or one domain, from starting visits, or blocks a domain for good.
type PauseCommand struct {
	Domain string `arg:"" optional:"" help:"Domain to pause; none means the whole fleet."`
	Block  bool   `help:"Put the domain on the block list: it is not visited again until resume."`
	Reason string `help:"Why it is blocked."`
	By     string `help:"Who asked." env:"USER"`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *PauseCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *PauseCommand) Run(ctx context.Context, env *Env) error {
	scope, err := scopeOf(c.Domain)
	if err != nil {
		return err
	}
	if c.Block && (c.Domain == "" || c.Reason == "") {
		return inputf("pause --block: a domain and --reason are required")
	}
	return withQueue(ctx, env, c.program, func(q *queue.Queue) error {
		if c.Block {
			return q.Control().Block(ctx, scope, c.Reason, c.By)
		}
		return q.Control().Pause(ctx, scope)
	})
}

// ResumeCommand undoes pause and block.
type ResumeCommand struct {
	Domain string `arg:"" optional:"" help:"Domain to resume; none means the whole fleet."`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ResumeCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *ResumeCommand) Run(ctx context.Context, env *Env) error {
	scope, err := scopeOf(c.Domain)
	if err != nil {
		return err
	}
	return withQueue(ctx, env, c.program, func(q *queue.Queue) error {
		if c.Domain == "" {
			return q.Control().Resume(ctx, scope)
		}
		return errors.Join(q.Control().Resume(ctx, scope), q.Control().Unblock(ctx, scope))
	})
}

func scopeOf(domain string) (string, error) {
	if domain == "" {
		return queue.ScopeAll, nil
	}
	name, err := domains.Normalize(domain)
	return name, asInput(err)
}

// withQueue opens the queue of a command line, calls do and closes it.
func withQueue(ctx context.Context, env *Env, p *TelltaleProgram, do func(*queue.Queue) error) error {
	e := &engines{}
	if err := e.openQueue(ctx, env, &Settings{Common: p.Common}); err != nil {
		return errors.Join(err, e.close())
	}
	return errors.Join(do(e.queue), e.close())
}

func byteSize(n uint64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
