package speed

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"telltale/internal/fetch"
	"telltale/internal/fetch/politeness"
	"telltale/internal/pages"
)

// paceAsk says what is crawled politely.
type paceAsk struct {
	Web                     webUp
	Hosts, Addresses, Pages int
	Gap                     time.Duration
	// Profile names a file for the processor profile; empty means none.
	Profile string
}

// paceDone is what came of it.
type paceDone struct {
	Pages, Failed int
	Failure       string
	Wall, CPU     time.Duration
	// Share is the rate of requests divided by what the delays allow, the mean of all addresses.
	Share float64
}

// BenchmarkPoliteRate crawls 20,000 hosts on 5,000 addresses in one process, a goroutine for each visit, and compares the
// rate with what the delays allow. Each address has 4 hosts, each host gives robots.txt and a page: 8 requests with 7
// gaps between them, so that an address that is first asked at t is done at t + 7 gaps at the earliest, if answers took
// no time at all. Visits begin spread, as due times are (see offset), so all are done after 8 gaps at the earliest. The server
// checks every gap.
func BenchmarkPoliteRate(b *testing.B) {
	const hosts, addresses, perHost, gap = 20_000, 5_000, 1, 6 * time.Second
	const requests = hosts * (perHost + 1)
	for b.Loop() {
		web := start(b, serverCore, "web", webAsk{Hosts: hosts, Addresses: addresses, Pages: perHost, Bytes: 20_000, Gap: gap})
		var up webUp
		if !web.next(b, &up) {
			b.Fatal("no web")
		}
		measured := start(b, measuredCore, "pace", paceAsk{Web: up, Hosts: hosts, Addresses: addresses, Pages: perHost, Gap: gap, Profile: os.Getenv("TELLTALE_SPEED_PROFILE")})
		var done paceDone
		measured.next(b, &done)
		measured.stop(b)
		_ = web.in.Close()
		var served webDone
		web.next(b, &served)
		web.stop(b)
		if served.TooEarly != 0 || served.Requests != requests || done.Pages != hosts*perHost {
			b.Errorf("%d requests of %d, %d of them too early, %d pages of %d, %d failed: %s",
				served.Requests, requests, served.TooEarly, done.Pages, hosts*perHost, done.Failed, done.Failure)
		}
		b.ReportMetric(done.Share, "achieved/allowed")
		b.ReportMetric(float64(addresses)/gap.Seconds(), "allowed-requests/s")
		b.ReportMetric(done.CPU.Seconds()/done.Wall.Seconds(), "cores")
		b.ReportMetric(float64(served.TooEarly), "too-early")
		b.ReportMetric(0, "ns/op")
		fmt.Fprintf(os.Stderr, "%d hosts on %d addresses, gap %v: %.1f %% of the %d requests/s that delays allow; the last address was done after %.1f s of %.1f, with %.2f of a core; %d requests too early\n",
			hosts, addresses, gap, 100*done.Share, int(addresses/gap.Seconds()), done.Wall.Seconds(), (gap * (requests / addresses)).Seconds(),
			done.CPU.Seconds()/done.Wall.Seconds(), served.TooEarly)
	}
}

// measurePace visits every host once and says how long that took.
func measurePace(ctx context.Context, ask paceAsk) error {
	fetcher, err := newFetcher(fetch.Config{HTTPPort: ask.Web.HTTP, Politeness: politeness.Config{MinDelay: ask.Gap}}, ask.Web.DNS)
	if err != nil {
		return err
	}
	defer fetcher.Close()
	var visits sync.WaitGroup
	var read atomic.Int64
	var failures sync.Map
	ends := make([]time.Duration, ask.Hosts)
	stop, err := profileTo(ask.Profile)
	if err != nil {
		return err
	}
	defer stop()
	before := used()
	for host := range ask.Hosts {
		visits.Go(func() {
			<-time.After(time.Until(before.at.Add(ask.offset(host))))
			for i := range ask.Pages {
				if _, err := fetcher.Fetch(ctx, pages.Request{URL: "http://" + hostName(host) + path(i)}); err != nil {
					failures.Store(host*ask.Pages+i, err.Error())
					continue
				}
				read.Add(1)
			}
			ends[host] = time.Since(before.at)
		})
	}
	visits.Wait()
	after := used()
	done := paceDone{Pages: int(read.Load()), Wall: after.at.Sub(before.at), CPU: after.cpu - before.cpu, Share: ask.share(ends)}
	failures.Range(func(_, why any) bool {
		done.Failed, done.Failure = done.Failed+1, why.(string)
		return true
	})
	return say(done)
}

// offset is when the visit of a host begins: the addresses are spread over a gap, and each address has another of its
// visits begin with each gap, so that it always has one waiting.
func (a *paceAsk) offset(host int) time.Duration {
	return a.first(host%a.Addresses) + a.Gap*time.Duration(host/a.Addresses)
}

// first is when the first visit of an address begins.
func (a *paceAsk) first(address int) time.Duration {
	return a.Gap * time.Duration(address) / time.Duration(a.Addresses)
}

// share compares the rate of every address with the one that its gaps allow.
func (a *paceAsk) share(ends []time.Duration) float64 {
	last := make([]time.Duration, a.Addresses)
	for host, end := range ends {
		last[host%a.Addresses] = max(last[host%a.Addresses], end)
	}
	sum := 0.0
	for i, end := range last {
		allowed := a.Gap * time.Duration(a.Hosts/a.Addresses*(a.Pages+1))
		sum += float64(allowed) / float64(end-a.first(i)+a.Gap)
	}
	return sum / float64(a.Addresses)
}

// gaps watches the pace of a web: per address, from the beginning of one answer, which no client can have seen the end of,
// to the beginning of the next request.
type gaps struct {
	least time.Duration
	next  http.Handler

	mu       sync.Mutex
	free     map[string]time.Time
	tooEarly atomic.Int64
}

// slack is what clocks and rounding may differ by.
const slack = time.Millisecond

// ServeHTTP implements http.Handler.
func (g *gaps) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	host, _, _ := net.SplitHostPort(at.String())
	g.mu.Lock()
	now := time.Now()
	if now.Before(g.free[host].Add(-slack)) {
		g.tooEarly.Add(1)
	}
	g.free[host] = now.Add(g.least)
	g.mu.Unlock()
	g.next.ServeHTTP(w, r)
}
