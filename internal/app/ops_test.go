package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

// get asks an address, as curl would.
func get(t *testing.T, method, address, user, password string) (code int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// tarpit is a network whose every name is one host that takes connections and never answers.
type tarpit struct {
	flags []string
	// caught has a value for each connection.
	caught chan struct{}
}

func newTarpit(t *testing.T) *tarpit {
	t.Helper()
	pit := &tarpit{caught: make(chan struct{}, 100)}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(out dns.ResponseWriter, query *dns.Msg) {
		m := new(dns.Msg).SetReply(query)
		if q := query.Question[0]; q.Qtype == dns.TypeA {
			m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.IPv4(127, 0, 0, 1)})
		}
		_ = out.WriteMsg(m)
	})}
	go func() { _ = server.ActivateAndServe() }()
	held := make(chan net.Conn, 100)
	go func() {
		defer close(held)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			held <- c
			pit.caught <- struct{}{}
		}
	}()
	t.Cleanup(func() {
		_, _ = ln.Close(), server.Shutdown()
		for c := range held {
			_ = c.Close()
		}
	})
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	pit.flags = []string{
		"--resolver", conn.LocalAddr().String(), "--http-port", port, "--https-port", port, "--allow-private-addresses",
		"--fetch-timeout", "5m", "--visit-time", "10m",
	}
	return pit
}

// serve starts a service in the tarpit that holds a visit, with an operations port.
func (pit *tarpit) serve(t *testing.T, flags ...string) (f *fleet, p *process, ops string) {
	t.Helper()
	f = &fleet{t: t, dir: t.TempDir(), nats: freeAddr(t), store: freeAddr(t)}
	data := []string{"--data-dir", f.path("data")}
	askApart(t, nil, "telltale", append([]string{"import", "accounts", file(t, "accounts.csv", accountsHeader+"1,A,a.example\n")}, data...)...).fine(t)
	addr := freeAddr(t)
	args := append(append([]string{"up", "--ops-listen", addr, "--store-listen", f.store, "--store-token", "secret", "--nats-listen", f.nats, "--nats-token", "secret"}, data...), pit.flags...)
	p = f.start("telltale", append(args, flags...)...)
	select {
	case <-pit.caught:
	case <-p.ended:
		t.Fatalf("the service ended with %v: %s", p.how, p.err.String())
	case <-time.After(2 * time.Minute):
		t.Fatal("no visit within two minutes")
	}
	return f, p, "http://" + addr
}

func TestAServiceShowsWhatItDoesAndStopsInTime(t *testing.T) {
	f, p, ops := newTarpit(t).serve(t, "--drain-timeout", "2s", "--log-level", "info")
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n", "/debug/pprof/cmdline": "--ops-listen", "/debug/pprof/": "goroutine"} {
		if code, body := get(t, http.MethodGet, ops+path, "", ""); code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.200q, want %q", path, code, body, want)
		}
	}
	_, metrics := get(t, http.MethodGet, ops+"/metrics", "", "")
	for _, family := range []string{
		"telltale_queue_", "telltale_store_queries_total", "telltale_store_engine_requests_total", "telltale_crawl_visits_in_flight 1", "telltale_crawl_scheduler_leading",
		"telltale_fetch_in_flight", "telltale_extract_batch_pages", "telltale_fetch_dns_", "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(metrics, "\n"+family) {
			t.Errorf("/metrics has no line that begins with %s", family)
		}
	}
	f.checkReadOnlyStore(t)
	http.DefaultClient.CloseIdleConnections()
	start := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
		if p.how != nil {
			t.Errorf("it ended with %v: %s", p.how, p.err.String())
		}
		t.Logf("stopped after %s with a visit in hand and a drain timeout of 2s", time.Since(start).Round(time.Millisecond))
	case <-time.After(30 * time.Second):
		t.Fatal("not stopped within 30 s of SIGTERM, with a drain timeout of 2 s")
	}
	lines := strings.Split(strings.TrimSpace(p.err.String()), "\n")
	for _, line := range lines {
		var entry struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Time == "" || entry.Level == "" || entry.Msg == "" {
			t.Errorf("a line of the log, away from a terminal, is no JSON: %q", line)
		}
	}
	if !strings.Contains(lines[len(lines)-1], `"stopped"`) {
		t.Errorf("the last line is %q", lines[len(lines)-1])
	}
}

// checkReadOnlyStore asks the store port of a service that was not told to let others write.
func (f *fleet) checkReadOnlyStore(t *testing.T) {
	t.Helper()
	at := func(sql string) string { return "http://" + f.store + "/?query=" + url.QueryEscape(sql) }
	for _, c := range []struct {
		name, sql, password string
		code                int
		says                string
	}{
		{"a query with the token", "SELECT count() FROM telltale.accounts", "secret", http.StatusOK, "1\n"},
		{"a query without it", "SELECT 1", "", http.StatusForbidden, ""},
		{"a query with another", "SELECT 1", "guess", http.StatusForbidden, ""},
		{"a write", "INSERT INTO telltale.account_rows (account_id) VALUES ('x')", "secret", http.StatusInternalServerError, "READONLY"},
		{"a drop", "DROP TABLE telltale.account_rows", "secret", http.StatusInternalServerError, "READONLY"},
		{"a file of this machine", "SELECT * FROM file('/etc/passwd', 'LineAsString')", "secret", http.StatusForbidden, "ACCESS_DENIED"},
	} {
		user := ""
		if c.password != "" {
			user = "telltale"
		}
		code, body := get(t, http.MethodPost, at(c.sql), user, c.password)
		if code != c.code || !strings.Contains(body, c.says) || strings.Contains(body, "root:") {
			t.Errorf("%s: %d %.200q, want %d and %q", c.name, code, body, c.code, c.says)
		}
	}
}

func TestASecondSignalEndsAServiceAtOnce(t *testing.T) {
	f, p, ops := newTarpit(t).serve(t, "--drain-timeout", "5m")
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	f.eventually("it says that it stops", func() bool {
		code, body := get(t, http.MethodGet, ops+"/readyz", "", "")
		return code == http.StatusServiceUnavailable && strings.Contains(body, "stopping")
	})
	http.DefaultClient.CloseIdleConnections()
	f.eventually("a second signal ends it", func() bool {
		select {
		case <-p.ended:
			if p.how == nil || !strings.Contains(p.how.Error(), "terminated") {
				t.Errorf("it ended with %v, want the signal: %s", p.how, p.err.String())
			}
			return true
		default:
			_ = p.cmd.Process.Signal(syscall.SIGTERM)
			return false
		}
	})
}

func TestAWritableStoreTakesWritesFromOthers(t *testing.T) {
	f, store := newHub(t)
	if code, body := get(t, http.MethodPost, "http://"+f.store+"/?query="+url.QueryEscape("CREATE TABLE telltale.noted (n UInt8) ENGINE = MergeTree ORDER BY n"), "telltale", "secret"); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	ask(t, "", "telltale", append([]string{"query", "INSERT INTO noted VALUES (7)"}, store...)...).fine(t)
	if a := ask(t, "", "telltale", append([]string{"query", "--format", "TSV", "SELECT n FROM noted"}, store...)...).fine(t); a.out != "7\n" {
		t.Errorf("it holds %q", a.out)
	}
	ask(t, "SELECT 1 AS one", "telltale", append([]string{"query", "--format", "JSONEachRow", "-"}, store...)...).fine(t)
}

func TestPausesAndBlocksReachTheFleet(t *testing.T) {
	f, _ := newHub(t)
	at := []string{"--nats-url", "nats://" + f.nats, "--nats-token", "secret"}
	do := func(args ...string) string {
		t.Helper()
		return ask(t, "", "telltale", append(args, at...)...).fine(t).out
	}
	ask(t, "", "telltale", "queues", "--nats-url", "nats://"+f.nats).refused(t, "telltale", 2, f.nats, "uthorization")
	do("pause")
	do("pause", "www.A.example")
	do("pause", "--block", "--reason", "asked us to", "--by", "support", "b.example")
	shown := do("queues")
	for _, want := range []string{"paused: all since ", "paused: a.example since ", "blocked: b.example since ", "by support: asked us to", "VISITS", "PAGES", "RESULTS", "DEAD"} {
		if !strings.Contains(shown, want) {
			t.Errorf("queues does not say %q:\n%s", want, shown)
		}
	}
	do("resume", "b.example")
	do("resume", "a.example")
	if shown = do("queues"); strings.Contains(shown, "example") || !strings.Contains(shown, "paused: ") {
		t.Errorf("after two resumes:\n%s", shown)
	}
	do("resume")
	if shown = do("queues"); strings.Contains(shown, "paused") || strings.Contains(shown, "blocked") {
		t.Errorf("after the last resume:\n%s", shown)
	}
}

func TestDeadLettersAreListedAndReplayed(t *testing.T) {
	f, _ := newHub(t)
	q, err := queue.Open(t.Context(), queue.Config{URL: "nats://" + f.nats, Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	}()
	at := []string{"--nats-url", "nats://" + f.nats, "--nats-token", "secret"}
	do := func(args ...string) string {
		t.Helper()
		return ask(t, "", "telltale", append(args, at...)...).fine(t).out
	}
	visit := pages.Visit{ID: pages.VisitID("a.example", time.Unix(0, 0)), Domain: "a.example", DueAt: time.Unix(0, 0)}
	if err := q.PublishVisit(t.Context(), visit); err != nil {
		t.Fatal(err)
	}
	handle := func(outcome work.Outcome) (seen pages.Visit) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		if err := q.ConsumeVisits(ctx, 1, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
			seen = d.Value
			stop()
			return outcome
		}); err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		return seen
	}
	handle(work.Drop("the domain is a trap"))
	var letters []queue.DeadLetter
	f.eventually("the letter is listed", func() bool {
		if err := json.Unmarshal([]byte(do("queues", "--dead", "--json")), &letters); err != nil {
			t.Fatal(err)
		}
		return len(letters) == 1
	})
	if l := letters[0]; l.Domain != "a.example" || l.Stream != "VISITS" || l.Reason != queue.ReasonDropped || l.Error != "the domain is a trap" || l.Deliveries != 1 {
		t.Errorf("the letter is %+v", l)
	}
	if table := do("queues", "--dead"); !strings.Contains(table, "the domain is a trap") {
		t.Errorf("the list is\n%s", table)
	}
	for _, c := range []struct {
		filter string
		want   int
	}{{"--domain=other.example", 0}, {"--stream=PAGES", 0}, {"--reason=dropped", 1}, {"--reason=dropped", 0}} {
		if out := do("queues", "--replay", c.filter); out != fmt.Sprintf("%d dead letters replayed\n", c.want) {
			t.Errorf("queues --replay %s: %q, want %d", c.filter, out, c.want)
		}
	}
	if seen := handle(work.Done()); seen.ID != visit.ID {
		t.Errorf("replayed: %+v", seen)
	}
}
