package oracle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"telltale/internal/queue"
)

// Config says what to run.
type Config struct {
	Shape
	// Crawlers is how many start at once, Time how long they crawl, Plan what happens to them meanwhile. Where Longest is longer
	// than Time they go on until it, or until enough has been read: a machine that is busy otherwise takes its time.
	Crawlers      int
	Time, Longest time.Duration
	Plan          []Step
	// LeaseTTL is how long the crawlers' leases live: freezes and partitions last longer.
	LeaseTTL time.Duration
	// Dir takes the log of requests, the logs of processes, the broker's directory and the report.
	Dir string
	// Command makes the command of a program: crawler, or HubProgram.
	Command func(program string, args ...string) *exec.Cmd
	// Log takes what the driver does.
	Log *slog.Logger
}

const (
	token = "oracle"
	// stopWait is how long a crawler may take to hand its visits back.
	stopWait = 15 * time.Second
	// visitsEach is the number of visits a crawler makes side by side.
	visitsEach = 128
)

// fleet is a run under way.
type fleet struct {
	Config
	web *Web
	log *Log
	hub *process
	// hubs counts its starts.
	hubs   int
	hubAt  string
	queue  *queue.Queue
	feeder *feeder
	start  time.Duration
	// steps waits for faults that last, drills for steps of clocks.
	steps sync.WaitGroup

	mu       sync.Mutex
	crawlers map[string]*process
	proxies  map[string]*Proxy
	starts   map[string]int
	// taken are the crawlers that a fault holds at present.
	taken    map[string]bool
	faults   []Fault
	counters map[string]float64
	errs     []error
}

// Execute makes one run and judges it. The error is one of the harness, never a violation.
func Execute(ctx context.Context, c Config) (report *Report, requests []Request, err error) {
	out, err := os.Create(filepath.Join(c.Dir, "requests.jsonl"))
	if err != nil {
		return nil, nil, fmt.Errorf("oracle: %w", err)
	}
	f := &fleet{
		Config: c, log: NewLog(out), crawlers: map[string]*process{}, proxies: map[string]*Proxy{}, starts: map[string]int{},
		taken: map[string]bool{}, counters: map[string]float64{},
	}
	err = f.run(ctx)
	requests, logErr := f.log.Requests()
	if err = errors.Join(err, logErr, out.Close()); err != nil {
		return nil, requests, fmt.Errorf("oracle: %w", err)
	}
	report = Check(&Run{Truth: f.web.Truth, Requests: requests, Faults: f.faults})
	report.Seed, report.Counters = c.Seed, f.counters
	file, err := os.Create(filepath.Join(c.Dir, "report.json"))
	if err == nil {
		err = errors.Join(report.WriteJSON(file), file.Close())
	}
	if err != nil {
		return report, requests, fmt.Errorf("oracle: %w", err)
	}
	return report, requests, nil
}

// run starts the web, the broker and the crawlers, lets the plan happen, and stops them all.
func (f *fleet) run(ctx context.Context) (err error) {
	if f.web, err = StartWeb(ctx, NewTruth(f.Shape), f.log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.web.Close()) }()
	if err := os.WriteFile(filepath.Join(f.Dir, "ca.pem"), f.web.CA, 0o600); err != nil {
		return fmt.Errorf("write the authority: %w", err)
	}
	if f.hubAt, err = freeAddr(ctx); err != nil {
		return err
	}
	defer f.stop()
	if err := f.startHub(); err != nil {
		return err
	}
	if err := f.connect(ctx); err != nil {
		return err
	}
	defer func() { _ = f.queue.Close() }() // the broker outlives it, or is gone with all it held
	feed, stopFeed := context.WithCancel(ctx)
	defer stopFeed()
	f.feeder = newFeeder(f.web, f.queue, f.Seed, f.Log)
	var fed sync.WaitGroup
	fed.Go(func() { f.feeder.run(feed) })
	if err := f.crawl(ctx); err != nil {
		f.fail(err)
	}
	stopFeed()
	f.stopCrawlers(ctx)
	fed.Wait()
	return errors.Join(f.errs...)
}

// crawl starts the first crawlers and makes the plan happen.
func (f *fleet) crawl(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, max(f.Time, f.Longest), errTimeIsUp)
	defer cancel()
	f.start = f.log.Now()
	for i := range f.Crawlers {
		drill, after := f.drillOf(crawlerName(i + 1))
		if err := f.startCrawler(ctx, crawlerName(i+1), drill, after); err != nil {
			return err
		}
	}
	for i := range f.Plan {
		s := &f.Plan[i]
		if s.Kind == Clock {
			continue
		}
		if !f.await(ctx, f.start+s.At) {
			break
		}
		f.inject(ctx, s)
	}
	if f.await(ctx, f.start+f.Time) {
		f.steps.Wait()
		f.awaitCoverage(ctx)
		return nil
	}
	f.steps.Wait()
	if !errors.Is(context.Cause(ctx), errTimeIsUp) {
		return ctx.Err()
	}
	return nil
}

// awaitCoverage waits until so much has been read that a few pages more or less do not matter, or ctx ends.
func (f *fleet) awaitCoverage(ctx context.Context) {
	const enough = (1 + Coverage) / 2
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for f.log.Share(f.web.Truth) < enough {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// errTimeIsUp ends a run as it should.
var errTimeIsUp = errors.New("the time of the run is up")

// drillOf is the step of clock that the plan has for a crawler that is there from the start.
func (f *fleet) drillOf(name string) (drill string, after time.Duration) {
	for i := range f.Plan {
		if s := &f.Plan[i]; s.Kind == Clock && s.Victim == name {
			return s.Drill, s.After
		}
	}
	return "", 0
}

// await waits until a moment of the log; false where ctx ends first.
func (f *fleet) await(ctx context.Context, at time.Duration) bool {
	timer := time.NewTimer(at - f.log.Now())
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// fail keeps an error of the harness.
func (f *fleet) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs = append(f.errs, err)
}

func (f *fleet) startHub() error {
	f.hubs++
	p, err := launch(f.Command(HubProgram, filepath.Join(f.Dir, "hub"), f.hubAt, token), fmt.Sprintf("hub.%d", f.hubs), "hub", f.Dir)
	if err != nil {
		return err
	}
	f.hub = p
	return nil
}

// connect opens the driver's own client, which declares the streams, as soon as the broker answers.
func (f *fleet) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		q, err := queue.Open(ctx, queue.Config{URL: "nats://" + f.hubAt, Token: token, Name: "oracle", Logger: f.Log, Consume: queue.Consume{AckWait: ackWait, DrainTimeout: time.Second}})
		if err == nil {
			f.queue = q
			return nil
		}
		select {
		case <-tick.C:
		case <-f.hub.ended:
			return fmt.Errorf("the broker ended: %w: %s", f.hub.how, f.hub.said())
		case <-ctx.Done():
			return err
		}
	}
}

// stop ends whatever still runs.
func (f *fleet) stop() {
	for _, p := range f.crawlers {
		p.signal(contSignal)
		p.kill()
	}
	for _, p := range f.proxies {
		p.Close()
	}
	if f.hub != nil {
		f.hub.kill()
	}
}
