package app_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"telltale/internal/app"
)

// maxHostileHeap bounds the heap of a crawler that visits the whole list at once, with its servers, in bytes.
const maxHostileHeap = 256 << 20

// maxHostileRest bounds what of it stays: caches of names and robots.txt, connections, pools, in bytes.
const maxHostileRest = 32 << 20

// The list of docs/hostile.md: real visits, by the crawler program over the real queue, as they stand in the store.
func TestHostileSitesBecomeTypedOutcomesAndTheCrawlerGoesOn(t *testing.T) {
	var web *hostileWeb
	list := hostileSites(t, &web)
	healthy := hostileSite{name: "healthy", does: "is well", home: sends(homePage)}
	inner := hostileInner()
	web = newHostileWeb(t, append(append(append([]hostileSite{}, list...), healthy), inner...))
	f := &fleet{t: t, dir: t.TempDir(), nats: freeAddr(t), store: freeAddr(t), now: time.Now()}
	f.hub()
	network := []string{
		"--nats-url", "nats://" + f.nats, "--nats-token", "secret", "--resolver", web.dns, "--http-port", strconv.Itoa(web.http), "--https-port", strconv.Itoa(web.https),
		"--ca-file", file(t, "ca.pem", web.ca.pem), "--delay", "1ms", "--fetch-timeout", "2s", "--visits", "24", "--visit-time", "2m", "--log-level", "error",
	}
	ops := freeAddr(t)
	stop := f.inThisProcess("crawler", append(network, "--allow-private-addresses", "--crawler", "lab", "--ops-listen", ops)...)
	before, peak := heapLive(), watchHeap(t)
	f.importDomains(list)
	f.eventually("the list is visited", func() bool { return f.visits() == len(list) })
	heap, left := peak(), heapLive()-before
	t.Logf("%d hostile sites: heap at most %d MiB, %d KiB more after than before", len(list), heap>>20, left>>10)
	if heap > maxHostileHeap || left > maxHostileRest {
		t.Errorf("the heap grew to %d MiB, and %d KiB of it stayed", heap>>20, left>>10)
	}
	f.importDomains([]hostileSite{healthy})
	f.eventually("the healthy site is visited", func() bool { return f.visits() == len(list)+1 })
	_, counted := get(t, "GET", "http://"+ops+"/metrics", "", "")
	stop()
	stop = f.inThisProcess("crawler", append(network, "--contact", "me@telltale.example", "--crawler", "strict")...)
	f.importDomains(inner)
	f.eventually("the inner sites are visited", func() bool { return f.visits() == len(list)+1+len(inner) })
	stop()
	rows := f.hostileRows()
	if got := rows[healthy.name]; got.outcome != "ok" || got.pages != "1" {
		t.Errorf("the healthy site: %+v", got)
	}
	checkCounted(t, rows, counted)
	hostileGolden(t, list, inner, rows)
}

// hostileInner are names that lead where only the public web may be dialled.
func hostileInner() []hostileSite {
	at := func(kind, address string) func(q dns.Question, m *dns.Msg) {
		return func(q dns.Question, m *dns.Msg) {
			if dns.TypeToString[q.Qtype] == kind {
				m.Answer = append(m.Answer, record("%s %s %s", q.Name, kind, address))
			}
		}
	}
	return []hostileSite{
		{name: "loopback", does: "has the address of the crawler itself, 127.0.0.1", dns: at("A", "127.0.0.1")},
		{name: "metadata", does: "has the address of a cloud's metadata service, 169.254.169.254", dns: at("A", "169.254.169.254")},
		{name: "shared", does: "has an address of carrier-grade NAT, 100.100.100.200", dns: at("A", "100.100.100.200")},
		{name: "mapped", does: "has a private address within an IPv6 one, ::ffff:10.0.0.1", dns: at("AAAA", "::ffff:10.0.0.1")},
		{name: "nat64", does: "has the metadata service behind NAT64, 64:ff9b::a9fe:a9fe", dns: at("AAAA", "64:ff9b::a9fe:a9fe")},
	}
}

// inThisProcess runs a program within the test, so that its heap can be seen, and returns what ends it.
func (f *fleet) inThisProcess(name string, args ...string) (stop func()) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(f.t.Context())
	var out, errs bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- app.MainContext(ctx, name, "", app.Programs()[name], args, app.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	}()
	return func() {
		f.t.Helper()
		cancel()
		if c := <-code; c != 0 {
			f.t.Errorf("%s ended with %d: %s", name, c, errs.String())
		}
	}
}

func (f *fleet) importDomains(sites []hostileSite) {
	f.t.Helper()
	var b strings.Builder
	b.WriteString("account_id,name,domain\n")
	for _, s := range sites {
		fmt.Fprintf(&b, "%s,%[1]s,%[1]s.example\n", s.name)
	}
	f.mustCall("telltale", "import", "accounts", file(f.t, "accounts.csv", b.String()), "--clickhouse-url", f.storeURL())
}

// watchHeap follows the size of the heap until it is asked for its peak, in bytes.
func watchHeap(t *testing.T) (peak func() uint64) {
	t.Helper()
	done, result := make(chan struct{}), make(chan uint64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		most := uint64(0)
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-tick.C:
			case <-done:
				result <- most
				return
			}
		}
	}()
	return func() uint64 { close(done); return <-result }
}

// visits counts the visits that are stored.
func (f *fleet) visits() int {
	out, err := f.call("telltale", "query", "--clickhouse-url", f.storeURL(), "--format", "TSV", "SELECT count() FROM visits FINAL")
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

// heapLive is what lives on the heap after a collection, in bytes.
func heapLive() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

type hostileRow struct{ crawler, outcome, reason, pages, failed, denied, read string }

// hostileRows are the visits as stored, by site. The probe of DNS, TLS and HTTP is no page.
func (f *fleet) hostileRows() map[string]hostileRow {
	f.t.Helper()
	rows := map[string]hostileRow{}
	out := f.query(`SELECT replaceOne(domain, '.example', ''), crawler, outcome, reason, published > 0 ? published - 1 : 0, failed, denied,
		multiIf(bytes = 0, 'nothing', bytes <= 65536, 'up to 64 KiB', concat(toString(round(bytes / 1048576)), ' MiB')) FROM visits FINAL`, "--clickhouse-url", f.storeURL())
	for line := range strings.Lines(out) {
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if _, twice := rows[c[0]]; twice || len(c) != 8 {
			f.t.Errorf("a row too many: %s", line)
			continue
		}
		rows[c[0]] = hostileRow{c[1], c[2], c[3], c[4], c[5], c[6], c[7]}
	}
	return rows
}

// checkCounted holds the crawler's counters to what is stored of its visits.
func checkCounted(t *testing.T, rows map[string]hostileRow, exposition string) {
	t.Helper()
	want := map[string]int{}
	for _, r := range rows {
		if r.crawler == "lab" {
			want[r.outcome]++
		}
	}
	for outcome, n := range want {
		if line := fmt.Sprintf("telltale_crawl_visits_total{outcome=%q} %d\n", outcome, n); !strings.Contains(exposition, line) {
			t.Errorf("the metrics do not say %s", line)
		}
	}
}

func hostileGolden(t *testing.T, list, inner []hostileSite, rows map[string]hostileRow) {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# Hostile sites

What becomes of a visit to a site that misbehaves. Made by a test that serves these sites and visits them with the crawler program,
two seconds a request; it holds this page to what the store then says (` + "`go test ./internal/app -run Hostile -update`" + ` writes it). Every such visit
ends, is counted by outcome in ` + "`telltale_crawl_visits_total`" + `, and the crawler goes on; pages are those published, the probe of DNS and TLS aside.

| The site … | Outcome | Reason | Pages | Read |
|---|---|---|---|---|
`)
	for i, s := range append(append([]hostileSite{}, list...), inner...) {
		r := rows[s.name]
		if r.outcome == "" {
			t.Errorf("%s: no visit", s.name)
		}
		if i == len(list) {
			b.WriteString("\nWithout `--allow-private-addresses`, names that lead elsewhere than to the public web:\n\n| The site … | Outcome | Reason | Pages | Read |\n|---|---|---|---|---|\n")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.does, r.outcome, r.reason, r.pages, r.read)
	}
	const path = "../../docs/hostile.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != b.String() {
		t.Errorf("%s differs (-update writes it): got\n%s", path, b.String())
	}
}
