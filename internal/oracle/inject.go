package oracle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"time"
)

const contSignal = syscall.SIGCONT

const (
	// aimFor is how long a fault waits for its victim to have a request under way.
	aimFor = 8 * time.Second
	// pastLease is how much longer than a lease freezes and partitions last.
	pastLease = 2 * time.Second
	// drillSlack is how long after a step of its clock a process is watched at least, as the moment is not known exactly, and
	// drillLast at most, where it had no lease or no request under way, as in a freeze: the step stays.
	drillSlack = time.Second
	drillLast  = 40 * time.Second
)

// inject makes one step of the plan happen; a fault that lasts goes on beside what follows.
func (f *fleet) inject(ctx context.Context, s *Step) {
	switch s.Kind {
	case Kill:
		f.killCrawler(ctx, s)
	case Freeze, Partition:
		f.steps.Go(func() { f.holdUp(ctx, s) })
	case Broker:
		f.restartBroker(ctx)
	case Scale:
		f.scaleUp(ctx, s.To)
	case Clock: // comes with the process
	}
}

// take reserves a crawler for a fault; another fault's victim is left alone.
func (f *fleet) take(name string) (*process, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, ok := f.crawlers[name]
	if !ok || f.taken[name] || !p.running() {
		return nil, false
	}
	f.taken[name] = true
	return p, true
}

func (f *fleet) giveBack(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.taken, name)
}

// takeAtWork reserves a crawler that holds leases and has a request under way, and says how many of either: the one named,
// or, where that one is idle, any other. Where none is, it is the one named all the same.
func (f *fleet) takeAtWork(ctx context.Context, name string) (p *process, leases, inFlight int, ok bool) {
	if p, ok = f.take(name); !ok {
		return nil, 0, 0, false
	}
	if leases, inFlight = f.atWork(ctx, p, aimFor); inFlight > 0 {
		return p, leases, inFlight, true
	}
	for _, other := range f.names() {
		q, free := f.take(other)
		if !free {
			continue
		}
		if leases, inFlight = f.atWork(ctx, q, aimFor/8); inFlight > 0 {
			f.giveBack(name)
			return q, leases, inFlight, true
		}
		f.giveBack(other)
	}
	return p, 0, 0, true
}

// atWork waits until a process holds leases and has a request under way.
func (f *fleet) atWork(ctx context.Context, p *process, patience time.Duration) (leases, inFlight int) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for ctx.Err() == nil {
		if leases = f.leases(ctx, p.name); leases > 0 {
			return leases, f.aim(ctx, p.id)
		}
		f.await(ctx, f.log.Now()+patience/16)
	}
	return 0, 0
}

// names are those of all crawlers.
func (f *fleet) names() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.crawlers))
}

// aim waits until a process has a request under way, and returns how many; "" is any process.
func (f *fleet) aim(ctx context.Context, id string) int {
	ctx, cancel := context.WithTimeout(ctx, aimFor)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if n := f.underWay(id); n > 0 {
			return n
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 0
		}
	}
}

func (f *fleet) underWay(id string) int {
	total := 0
	for crawler, n := range f.log.UnderWay() {
		if id == "" || crawler == id {
			total += n
		}
	}
	return total
}

// leases counts the leases that a crawler holds by the broker's word; "" counts all.
func (f *fleet) leases(ctx context.Context, name string) int {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	holders, err := f.queue.Leases().Holders(ctx)
	if err != nil {
		f.Log.Warn("leases", "error", err)
		return 0
	}
	n := 0
	for _, owner := range holders {
		if held, _, _ := strings.Cut(owner, "#"); name == "" || held == name || strings.HasPrefix(held, name+".") || strings.HasPrefix(held, name+"/") {
			n++
		}
	}
	return n
}

func (f *fleet) note(fault Fault) {
	if fault.Until == 0 {
		fault.Until = f.log.Now()
	}
	f.Log.Info("fault", "kind", fault.Kind, "victim", fault.Victim, "at", fault.At, "until", fault.Until, "leases", fault.Leases, "in_flight", fault.InFlight, "note", fault.Note)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, fault)
}

// killCrawler kills a crawler while it asks for something, and starts it again under the same name at once.
func (f *fleet) killCrawler(ctx context.Context, s *Step) {
	p, leases, inFlight, ok := f.takeAtWork(ctx, s.Victim)
	if !ok {
		return
	}
	defer f.giveBack(p.name)
	fault := Fault{Kind: Kill, Victim: p.id, Leases: leases, InFlight: inFlight, At: f.log.Now()}
	p.kill()
	f.note(fault)
	if err := f.startCrawler(ctx, p.name, s.Drill, s.After); err != nil && ctx.Err() == nil {
		f.fail(err)
	}
}

// holdUp freezes a crawler, or cuts it off the broker, for longer than its leases live.
func (f *fleet) holdUp(ctx context.Context, s *Step) {
	p, leases, inFlight, ok := f.takeAtWork(ctx, s.Victim)
	if !ok {
		return
	}
	defer f.giveBack(p.name)
	fault := Fault{Kind: s.Kind, Victim: p.id, Leases: leases, InFlight: inFlight, At: f.log.Now()}
	if s.Kind == Freeze {
		p.signal(syscall.SIGSTOP)
	} else {
		f.proxy(p.name).Cut()
	}
	f.await(ctx, fault.At+f.LeaseTTL+pastLease)
	fault.Until = f.log.Now()
	if s.Kind == Freeze {
		p.signal(syscall.SIGCONT)
	} else {
		f.proxy(p.name).Heal()
	}
	if ctx.Err() == nil { // one that the end of the run cut short is no fault
		f.note(fault)
	}
}

func (f *fleet) proxy(name string) *Proxy {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.proxies[name]
}

// restartBroker kills the broker and starts it again on the same directory.
func (f *fleet) restartBroker(ctx context.Context) {
	fault := Fault{Kind: Broker, Victim: "broker", Leases: f.leases(ctx, ""), InFlight: f.aim(ctx, ""), At: f.log.Now()}
	f.hub.kill()
	if err := f.startHub(); err != nil {
		f.fail(err)
		return
	}
	f.note(fault)
}

// scaleUp starts further crawlers.
func (f *fleet) scaleUp(ctx context.Context, to int) {
	fault := Fault{Kind: Scale, Victim: "fleet", Leases: f.leases(ctx, ""), InFlight: f.aim(ctx, ""), At: f.log.Now()}
	f.mu.Lock()
	from := len(f.crawlers)
	f.mu.Unlock()
	fault.Note = fmt.Sprintf("%d to %d", from, to)
	for i := from; i < to; i++ {
		if err := f.startCrawler(ctx, crawlerName(i+1), "", 0); err != nil && ctx.Err() == nil {
			f.fail(err)
			return
		}
	}
	f.note(fault)
}

// watchDrill notes what a process held when it stepped its clock, and the most requests it had under way just then.
func (f *fleet) watchDrill(ctx context.Context, p *process, drill string, after time.Duration) {
	if !f.await(ctx, p.began+after) {
		return
	}
	fault := Fault{Kind: Clock, Victim: p.id, At: f.log.Now(), Note: drill}
	fault.Leases = f.leases(ctx, p.name)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil && p.running() {
		if passed := f.log.Now() - fault.At; passed > drillLast || passed > drillSlack && fault.InFlight > 0 && fault.Leases > 0 {
			break
		}
		if n := f.underWay(p.id); n > fault.InFlight {
			fault.InFlight, fault.Leases = n, max(fault.Leases, f.leases(ctx, p.name))
		}
		<-tick.C
	}
	if p.running() {
		f.note(fault)
	}
}
