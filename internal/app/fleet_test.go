package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"telltale/internal/app"
	"telltale/internal/sampleweb"
)

// programVariable tells the test binary to be one of the programs, so that tests start real processes.
const programVariable = "TELLTALE_TEST_BINARY_IS"

func TestMain(m *testing.M) {
	if name := os.Getenv(programVariable); name != "" {
		limitFiles()
		std := app.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
		os.Exit(app.Main(name, "", app.Programs()[name], os.Args[1:], std))
	}
	code := m.Run()
	if err := built.remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// month is the month that end-to-end tests score; its web stands at noon of the day before its end, so that no process crosses a day.
const month = "2026-10"

// fleet is a sample web in this process and programs in processes of their own.
type fleet struct {
	t       *testing.T
	web     *sampleweb.Web
	dir     string
	network []string
	now     time.Time
	nats    string
	store   string
	// programs is where built programs are; empty means this test binary.
	programs string
}

func newFleet(t *testing.T, companies int) *fleet {
	t.Helper()
	now := sampleweb.MonthEnd(month).Add(-36 * time.Hour)
	web := sampleweb.New(sampleweb.Config{Companies: companies, NoDelays: true})
	web.SetNow(now)
	addrs, err := web.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := web.Close(); err != nil {
			t.Error(err)
		}
	})
	f := &fleet{t: t, web: web, dir: t.TempDir(), now: now, nats: freeAddr(t), store: freeAddr(t)}
	if err := web.WriteInputs(f.path("inputs")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.path("ca.pem"), addrs.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	f.network = []string{
		"--resolver", addrs.DNS, "--http-port", fmt.Sprint(addrs.HTTPPort), "--https-port", fmt.Sprint(addrs.HTTPSPort), "--ca-file", f.path("ca.pem"),
		"--allow-private-addresses", "--delay", "1ms", "--fetch-timeout", "3s", "--visit-time", "2m", "--as-if", now.Format(time.RFC3339), "--log-level", "warn", "--ack-wait", "10s",
	}
	return f
}

// asShipped has the fleet's programs be those that make build makes.
func (f *fleet) asShipped() *fleet {
	f.t.Helper()
	var err error
	if f.programs, err = built.path(); err != nil {
		f.t.Fatal(err)
	}
	return f
}

// freeAddr is an address to listen at, below the ports that the system gives to outgoing connections: one of these could take it meanwhile.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 16_000+rand.IntN(16_000))
		if ln, err := net.Listen("tcp", addr); err == nil {
			defer ln.Close()
			return addr
		}
	}
	t.Fatal("no port is free from 16000 to 31999")
	return ""
}

func (f *fleet) path(name string) string { return filepath.Join(f.dir, name) }

// clock are the flags of a program that starts later than the crawl: each program's clock begins when it starts.
func (f *fleet) clock(later time.Duration) []string {
	return []string{"--as-if", f.now.Add(later).Format(time.RFC3339), "--log-level", "warn", "--ack-wait", "10s"}
}

// process is one program under way.
type process struct {
	f    *fleet
	name string
	args []string
	cmd  *exec.Cmd
	err  *bytes.Buffer
	// ended is closed when the process is gone; how then says how it ended.
	ended chan struct{}
	how   error
}

// start runs a program; it dies with the test.
func (f *fleet) start(name string, args ...string) *process {
	f.t.Helper()
	p := &process{f: f, name: name, args: args}
	p.restart()
	f.t.Cleanup(p.end)
	return p
}

func (p *process) restart() {
	p.f.t.Helper()
	p.cmd = p.f.command(context.Background(), p.name, p.args)
	p.err, p.ended = &bytes.Buffer{}, make(chan struct{})
	p.cmd.Stderr = p.err
	if err := p.cmd.Start(); err != nil {
		p.f.t.Fatalf("start %s: %v", p.name, err)
	}
	cmd, ended := p.cmd, p.ended
	go func() {
		p.how = cmd.Wait()
		close(ended)
	}()
}

func (f *fleet) command(ctx context.Context, name string, args []string) *exec.Cmd {
	if f.programs == "" {
		return command(ctx, name, args)
	}
	return dying(exec.CommandContext(ctx, filepath.Join(f.programs, name), args...))
}

// command has this test binary be a program.
func command(ctx context.Context, name string, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), programVariable+"="+name)
	return dying(cmd)
}

// dying has a process end with this one.
func dying(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// end ends a process as kill -9 does, where it has not ended by itself, and waits until it is gone.
func (p *process) end() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// stop asks a process to end and checks that it does so in order.
func (p *process) stop() {
	p.f.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.f.t.Errorf("stop %s: %v", p.name, err)
	}
	select {
	case <-p.ended:
		if p.how != nil {
			p.f.t.Errorf("%s ended with %v: %s", p.name, p.how, p.err.String())
		}
	case <-time.After(60 * time.Second):
		p.end()
		p.f.t.Errorf("%s did not end within 60 s of SIGTERM: %s", p.name, p.err.String())
	}
}

// call runs a program to its end and returns its output.
func (f *fleet) call(name string, args ...string) (string, error) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 4*time.Minute)
	defer cancel()
	cmd := f.command(ctx, name, args)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

func (f *fleet) mustCall(name string, args ...string) string {
	f.t.Helper()
	out, err := f.call(name, args...)
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// eventually waits for a condition of other processes, which only polling can see.
func (f *fleet) eventually(what string, holds func() bool) {
	f.t.Helper()
	deadline := time.After(3 * time.Minute)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			f.t.Fatalf("%s: not within 3 minutes", what)
		}
	}
}

// storeURL is the hub's store as other programs reach it.
func (f *fleet) storeURL() string { return "http://telltale:secret@" + f.store }

// hub starts the engines with the scheduler and the result writer, open to the other programs.
func (f *fleet) hub() *process {
	f.t.Helper()
	args := append([]string{
		"up", "--roles", "scheduler,writer", "--data-dir", f.path("hub"), "--nats-listen", f.nats, "--nats-token", "secret",
		"--store-listen", f.store, "--store-token", "secret", "--store-writable",
	}, f.clock(0)...)
	p := f.start("telltale", args...)
	f.eventually("the hub answers", func() bool { return f.answers() })
	return p
}

func (f *fleet) answers() bool {
	_, err := f.call("telltale", "query", "--clickhouse-url", f.storeURL(), "--format", "TSV", "SELECT 1")
	return err == nil
}

func (f *fleet) importAll(target ...string) {
	f.t.Helper()
	for _, kind := range []string{"fit", "subscriptions", "transactions", "opportunities", "best-customers", "licences", "accounts"} {
		file := f.path("inputs/" + strings.ReplaceAll(kind, "-", "_") + ".csv")
		f.mustCall("telltale", append(append([]string{"import", kind, file}, target...), f.clock(0)...)...)
	}
}

// left counts what is outstanding on the streams, and how many visits are done.
func (f *fleet) left() (outstanding uint64, ok bool) {
	out, err := f.call("telltale", "queues", "--json", "--nats-url", "nats://"+f.nats, "--nats-token", "secret")
	if err != nil {
		return 0, false
	}
	var streams []struct {
		Stream   string
		Messages uint64
	}
	if err := json.Unmarshal([]byte(out), &streams); err != nil {
		f.t.Fatalf("queues --json: %v in %q", err, out)
	}
	for _, s := range streams {
		if s.Stream != "DEAD" {
			outstanding += s.Messages
		}
	}
	return outstanding, true
}

// query asks the store at target.
func (f *fleet) query(sql string, target ...string) string {
	f.t.Helper()
	return f.mustCall("telltale", append([]string{"query", "--format", "TSV", sql}, target...)...)
}

// visited counts the domains whose visit has been stored.
func (f *fleet) visited() string {
	out, err := f.call("telltale", "query", "--clickhouse-url", f.storeURL(), "--format", "TSV", "SELECT countIf(last_outcome != '') = count() AND count() > 0 FROM domains")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(out)
}

// propensity is the whole table, run id aside.
const propensity = `SELECT month, account_id, product, fit_score, fit_rating, intent_score, intent_rating, cell, cluster, segment, motion,
whitespace_revenue, drivers, fit_model, intent_model FROM propensity ORDER BY month, account_id, product`
