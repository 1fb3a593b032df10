package speed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"telltale/internal/fetch"
	"telltale/internal/fetch/resolver"
	"telltale/internal/queue"
	"telltale/internal/queue/embedded"
)

// fetchAsk says what is measured.
type fetchAsk struct {
	Web                     webUp
	Hosts, Addresses, Pages int
	// Rounds are measured, after one that is not; Visits run side by side.
	Rounds, Visits int
	// Relaxed has the queue sync to disk every two minutes; production syncs always.
	Relaxed bool
	Dir     string
	// Profile names a file for the processor profile of one side; empty means none.
	Profile, ProfileSide string
	// Sides take turns, in this order, each round beginning with another.
	Sides []string
}

// turn is what one side did in one round.
type turn struct {
	Side      string
	Round     int
	Pages     int
	Bytes     int64
	Wall, CPU time.Duration
	Allocs    uint64
}

// plainSubjects are those of the rivals' stream.
const plainSubjects = "plain"

// sides are what may be measured.
var sides = []string{"fetch", "visit", "plain", "net-http", "colly", "colly-links"}

// measureFetch takes turns between the sides on one core, and says what each turn took.
func measureFetch(ctx context.Context, ask fetchAsk) error {
	srv := embedded.New(embedded.Config{Dir: ask.Dir, RelaxedSync: ask.Relaxed})
	if err := srv.Start(ctx); err != nil {
		return err
	}
	defer func() { _ = srv.Stop() }() // what it holds is thrown away
	q, err := queue.Open(ctx, queue.Config{Server: srv, Registerer: prometheus.NewRegistry()})
	if err != nil {
		return err
	}
	defer func() { _ = q.Close() }()
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		return err
	}
	defer nc.Close()
	r, err := newRivals(&ask, nc)
	if err != nil {
		return err
	}
	if err := r.declare(ctx); err != nil {
		return err
	}
	fetcher, err := newFetcher(fetch.Config{HTTPPort: ask.Web.HTTP}, ask.Web.DNS)
	if err != nil {
		return err
	}
	defer fetcher.Close()
	o := &ours{fetcher: fetcher, queue: q, pages: ask.Pages}
	run := map[string]side{
		"fetch": o.publish, "visit": o.visit, "plain": r.plain, "net-http": r.bare, "colly": r.bareColly, "colly-links": r.collyLinks,
	}
	return takeTurns(ctx, &ask, run, r.purge)
}

func newFetcher(config fetch.Config, dns string) (*fetch.Fetcher, error) {
	names, err := resolver.New(resolver.Config{Server: dns}, time.Now)
	if err != nil {
		return nil, err
	}
	config.Contact, config.AllowPrivate = "https://telltale.example/bot", true
	return fetch.New(config, fetch.Deps{Resolver: names, Registerer: prometheus.NewRegistry()})
}

func takeTurns(ctx context.Context, ask *fetchAsk, run map[string]side, between func(context.Context) error) error {
	for round := range ask.Rounds + 1 {
		for k := range ask.Sides {
			name := ask.Sides[(k+round)%len(ask.Sides)]
			stop, err := profileOf(ask, name, round)
			if err != nil {
				return err
			}
			t, err := take(ctx, ask, run[name], round)
			stop()
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			t.Side, t.Round = name, round
			if round > 0 {
				if err := say(t); err != nil {
					return err
				}
			}
			if err := between(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// take has one side read every host once.
func take(ctx context.Context, ask *fetchAsk, s side, round int) (turn, error) {
	got := make([]tally, ask.Hosts)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(ask.Visits)
	before := used()
	for host := range ask.Hosts {
		group.Go(func() (err error) {
			got[host], err = s(ctx, host, round)
			return err
		})
	}
	err := group.Wait()
	after := used()
	t := turn{Wall: after.at.Sub(before.at), CPU: after.cpu - before.cpu, Allocs: after.allocs - before.allocs}
	for host := range got {
		if got[host].pages != ask.Pages && err == nil {
			err = fmt.Errorf("%d pages of %s instead of %d", got[host].pages, hostName(host), ask.Pages)
		}
		t.Pages, t.Bytes = t.Pages+got[host].pages, t.Bytes+got[host].bytes
	}
	return t, err
}

// profileOf begins a processor profile where this is a turn that was asked for.
func profileOf(ask *fetchAsk, name string, round int) (stop func(), err error) {
	if ask.Profile == "" || name != ask.ProfileSide || round == 0 {
		return func() {}, nil
	}
	return profileTo(ask.Profile + "." + strconv.Itoa(round))
}

func profileTo(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	out, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); _ = out.Close() }, pprof.StartCPUProfile(out)
}

// declare makes the rivals' stream like the pages' own.
func (r *rivals) declare(ctx context.Context) error {
	_, err := r.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: "PLAIN", Subjects: []string{plainSubjects + ".>"}, Storage: jetstream.FileStorage, Retention: jetstream.WorkQueuePolicy,
		Discard: jetstream.DiscardNew, MaxBytes: 4 << 30, Duplicates: 2 * time.Minute, AllowDirect: true,
	})
	return err
}

// purge empties the streams between turns.
func (r *rivals) purge(ctx context.Context) error {
	var failed error
	for _, name := range []string{"PLAIN", queue.StreamPages, queue.StreamResults} {
		s, err := r.js.Stream(ctx, name)
		if err == nil {
			err = s.Purge(ctx)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}
