package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/telemetry"
)

// BenchmarkEndToEnd measures pages a second from the first visit to the last stored signal, on the sample web with delays
// off: DNS, TLS, robots.txt, fetching, JetStream out and in, every rule, the embedded store. The web's servers run in
// the same process and on the same cores; the table says what they took. TELLTALE_BENCH_COMPANIES sets the size (320).
func BenchmarkEndToEnd(b *testing.B) {
	companies := 320
	if s := os.Getenv("TELLTALE_BENCH_COMPANIES"); s != "" {
		if _, err := fmt.Sscan(s, &companies); err != nil {
			b.Fatal(err)
		}
	}
	var pages, signals uint64
	var took time.Duration
	var cpu bytes.Buffer
	for b.Loop() {
		b.StopTimer()
		run := newBenchRun(b, companies)
		cpu.Reset()
		if err := pprof.StartCPUProfile(&cpu); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		result, err := run.pass.crawl(b.Context(), run.env, run.engines)
		b.StopTimer()
		pprof.StopCPUProfile()
		if err != nil {
			b.Fatal(err)
		}
		took += result.crawled
		p, s := run.counts(b)
		pages, signals = pages+p, signals+s
		run.close(b)
		b.StartTimer()
	}
	b.StopTimer()
	b.ReportMetric(float64(pages)/took.Seconds(), "pages/s")
	b.ReportMetric(float64(signals)/float64(b.N), "signals/op")
	b.ReportMetric(float64(pages)/float64(b.N), "pages/op")
	fmt.Fprintln(os.Stderr, whereTimeGoes(b, &cpu)) // b.Log cuts long output
}

type benchRun struct {
	env     *Env
	stage   *stage
	engines *engines
	pass    *pass
}

func newBenchRun(b *testing.B, companies int) *benchRun {
	b.Helper()
	env := &Env{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Log: slog.New(slog.DiscardHandler), Registry: telemetry.NewRegistry(), Health: telemetry.NewHealth(), Now: time.Now}
	common := Common{Database: "telltale", StoreMemory: "1024", DrainTimeout: 20 * time.Second, AckWait: time.Minute}
	st, err := openStage(b.Context(), env, common, SampleWeb{Companies: companies, Seed: 1}, b.TempDir(), "2026-10", webKind{noDelays: true})
	if err != nil {
		b.Fatal(err)
	}
	st.settings.Delay = 0
	st.settings.FetchTimeout = time.Second // what waits for hosts that never answer is not throughput
	e, err := openEngines(b.Context(), env, st.settings)
	if err != nil {
		b.Fatal(err)
	}
	inputs := st.inputs()
	if err := importFiles(b.Context(), env, e.store, inputs.files(), "fail"); err != nil {
		b.Fatal(err)
	}
	return &benchRun{env: env, stage: st, engines: e, pass: &pass{settings: st.settings, month: st.month}}
}

func (r *benchRun) counts(b *testing.B) (pages, signals uint64) {
	b.Helper()
	err := r.engines.store.Each(context.Background(), "SELECT (SELECT count() FROM pages FINAL WHERE extractor_version != ''), (SELECT count() FROM signals)", nil,
		func(into func(dest ...any) error) error { return into(&pages, &signals) })
	if err != nil {
		b.Fatal(err)
	}
	return pages, signals
}

func (r *benchRun) close(b *testing.B) {
	b.Helper()
	if err := r.engines.close(); err != nil {
		b.Error(err)
	}
	if err := r.stage.web.Close(); err != nil {
		b.Error(err)
	}
}

// roomOf names the part of the house a stack belongs to: the innermost frame that is ours or a part's own.
func roomOf(sample *profile.Sample) string {
	for _, loc := range sample.Location {
		for _, line := range loc.Line {
			name := line.Function.Name
			switch {
			case strings.Contains(name, "telltale/internal/sampleweb."), strings.Contains(name, "net/http.(*http2serverConn)"), strings.Contains(name, "net/http.(*conn).serve"):
				return "the sample web's servers"
			case strings.Contains(name, "nats-server"):
				return "nats-server"
			case strings.Contains(name, "telltale/internal/"):
				_, rest, _ := strings.Cut(name, "telltale/internal/")
				room, _, _ := strings.Cut(rest, ".")
				return room
			}
		}
	}
	return "the engine's threads, net/http, the garbage collector and the rest of the runtime"
}

func whereTimeGoes(b *testing.B, raw *bytes.Buffer) string {
	b.Helper()
	parsed, err := profile.Parse(raw)
	if err != nil {
		b.Fatal(err)
	}
	byRoom, total := map[string]int64{}, int64(0)
	for _, s := range parsed.Sample {
		byRoom[roomOf(s)] += s.Value[1]
		total += s.Value[1]
	}
	rooms := slices.SortedFunc(func(yield func(string) bool) {
		for room := range byRoom {
			if !yield(room) {
				return
			}
		}
	}, func(x, y string) int { return int(byRoom[y]/1e6 - byRoom[x]/1e6) })
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"room", "processor time", "share"})
	for _, room := range rooms {
		t.AppendRow(table.Row{room, time.Duration(byRoom[room]).Round(10 * time.Millisecond), fmt.Sprintf("%.1f %%", 100*float64(byRoom[room])/float64(total))})
	}
	return t.Render()
}
