package oracle

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// ackWait is how long the queue waits for a sign of life of a visit.
const ackWait = 5 * time.Second

// startCrawler starts a crawler, or starts one again under the same name behind the same proxy.
func (f *fleet) startCrawler(ctx context.Context, name, drill string, after time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.proxies[name] == nil {
		proxy, err := StartProxy(context.WithoutCancel(ctx), f.hubAt)
		if err != nil {
			return err
		}
		f.proxies[name] = proxy
	}
	f.starts[name]++
	id := fmt.Sprintf("%s.%d", name, f.starts[name])
	ops, err := freeAddr(ctx)
	if err != nil {
		return err
	}
	args := []string{
		"--nats-url", "nats://" + f.proxies[name].Addr, "--nats-token", token, "--ops-listen", ops, "--log-level", "warn", "--log-format", "text",
		"--resolver", f.web.DNS, "--http-port", strconv.Itoa(f.web.HTTPPort), "--https-port", strconv.Itoa(f.web.HTTPSPort),
		"--ca-file", filepath.Join(f.Dir, "ca.pem"), "--allow-private-addresses", "--contact", "https://oracle.test/" + id, "--crawler", name,
		"--delay", f.Gap.String(), "--max-delay", f.MaxDelay.String(), "--fetch-timeout", f.FetchTimeout.String(), "--visits", strconv.Itoa(visitsEach),
		"--visit-time", "1m", "--ack-wait", ackWait.String(), "--drain-timeout", "3s",
	}
	if drill != "" {
		args = append(args, "--drill-clock-step="+drill+"@"+after.String())
	}
	p, err := launch(f.Command("crawler", args...), id, name, f.Dir)
	if err != nil {
		return err
	}
	p.ops, p.began = ops, f.log.Now()
	f.crawlers[name] = p
	if drill != "" {
		f.steps.Go(func() { f.watchDrill(ctx, p, drill, after) })
	}
	return nil
}

// stopCrawlers reads the crawlers' metrics and stops them, all at once.
func (f *fleet) stopCrawlers(ctx context.Context) {
	var all sync.WaitGroup
	f.mu.Lock()
	for _, p := range f.crawlers {
		all.Go(func() {
			f.readCounters(ctx, p)
			if !p.running() {
				f.fail(fmt.Errorf("%s ended by itself: %w: %s", p.id, p.how, p.said()))
				return
			}
			p.stop(stopWait)
		})
	}
	f.mu.Unlock()
	all.Wait()
}

// readCounters adds what a crawler counted of late requests.
func (f *fleet) readCounters(ctx context.Context, p *process) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	counted, err := p.counters(ctx, "telltale_fetch_late_requests_total", "telltale_fetch_stale_slots_total")
	if err != nil {
		f.Log.Warn("metrics", "crawler", p.id, "error", err)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, v := range counted {
		f.counters[name] += v
	}
}
