package scoring_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// benchVariable makes this binary one side of the benchmark below; its value is a benchAsk as JSON.
const benchVariable = "TELLTALE_BENCH_SCORING"

// benchAsk is what a side is told.
type benchAsk struct {
	Side, Dir         string
	Accounts, Signals int64
	// Memory bounds the engine's statements, in bytes.
	Memory int64
	// Turns is how often the work is done; the last is timed.
	Turns int64
}

// benchTurn is what a side came to.
type benchTurn struct {
	Wall time.Duration
	// Rows that were written, PeakKB the process's largest resident memory from its start.
	Rows, PeakKB int64
	// Steps are seconds by the run's step.
	Steps map[string]float64
}

// BenchmarkMonthlyRun measures the monthly run against the plainest INSERT … SELECT that groups the same signals by
// domain and product and writes as many rows of the same columns. Both sides work on one generated store, in turns,
// each turn a process of its own that does the work once to warm up and once for the clock.
//
//	TELLTALE_BENCH_ACCOUNTS=100000,300000,1000000  sizes, one line of the curve each (200,000)
//	TELLTALE_BENCH_SIGNALS=10                      signals an account (10)
//	TELLTALE_BENCH_MEMORY_MB=1024                  bound on the statements of the run (1,024); the rival's is 16 times it
//	TELLTALE_BENCH_TURNS=2                         1 does without the warming up, for sizes that take long (2)
//	TELLTALE_BENCH_DIR=DIR                         where the stores are made (a directory of the test)
func BenchmarkMonthlyRun(b *testing.B) {
	perAccount := benchNumber(b, "TELLTALE_BENCH_SIGNALS", 10)
	memory := benchNumber(b, "TELLTALE_BENCH_MEMORY_MB", 1024) << 20
	for _, size := range strings.Split(cmp.Or(os.Getenv("TELLTALE_BENCH_ACCOUNTS"), "200000"), ",") {
		accounts, err := strconv.ParseInt(size, 10, 64)
		if err != nil || accounts < 1 {
			b.Fatalf("TELLTALE_BENCH_ACCOUNTS: %q is no number of accounts", size)
		}
		b.Run(size, func(b *testing.B) {
			dir, err := os.MkdirTemp(os.Getenv("TELLTALE_BENCH_DIR"), "scoring")
			if err != nil {
				b.Fatal(err)
			}
			defer func() {
				if err := os.RemoveAll(dir); err != nil {
					b.Error(err)
				}
			}()
			ask := benchAsk{Dir: dir, Accounts: accounts, Signals: accounts * perAccount, Memory: 16 * memory, Turns: benchNumber(b, "TELLTALE_BENCH_TURNS", 2)}
			benchSide(b, "fill", ask)
			var own, plain []benchTurn
			for b.Loop() {
				plain = append(plain, benchSide(b, "plain", ask))
				bounded := ask
				bounded.Memory = memory
				own = append(own, benchSide(b, "run", bounded))
			}
			reportMonthlyRun(b, ask, own, plain)
		})
	}
}

func benchNumber(b *testing.B, name string, otherwise int64) int64 {
	b.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		b.Fatalf("%s: %q is no number", name, text)
	}
	return n
}

// benchSide runs one side in a process of its own.
func benchSide(b *testing.B, side string, ask benchAsk) benchTurn {
	b.Helper()
	ask.Side = side
	raw, err := json.Marshal(ask)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), benchVariable+"="+string(raw))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%s: %v", side, err)
	}
	var t benchTurn
	if err := json.Unmarshal(out, &t); err != nil {
		b.Fatalf("%s said %q: %v", side, out, err)
	}
	return t
}

func reportMonthlyRun(b *testing.B, ask benchAsk, own, plain []benchTurn) {
	b.Helper()
	mid := func(turns []benchTurn) benchTurn {
		slices.SortFunc(turns, func(x, y benchTurn) int { return cmp.Compare(x.Wall, y.Wall) })
		return turns[len(turns)/2]
	}
	o, p := mid(own), mid(plain)
	if o.Rows != p.Rows {
		b.Errorf("the run wrote %d rows, the plain statement %d", o.Rows, p.Rows)
	}
	w := table.NewWriter()
	w.SetStyle(table.StyleLight)
	w.AppendHeader(table.Row{"side", "accounts", "signals", "rows", "wall", "µs an account", "peak MiB"})
	for _, r := range []struct {
		name string
		benchTurn
	}{{"monthly run", o}, {"plain", p}} {
		w.AppendRow(table.Row{r.name, ask.Accounts, ask.Signals, r.Rows, r.Wall.Round(time.Millisecond), fmt.Sprintf("%.1f", float64(r.Wall.Microseconds())/float64(ask.Accounts)), r.PeakKB >> 10})
	}
	steps := slices.SortedFunc(maps.Keys(o.Steps), func(x, y string) int { return cmp.Compare(o.Steps[y], o.Steps[x]) })
	for _, s := range steps {
		w.AppendRow(table.Row{"  " + s, "", "", "", fmt.Sprintf("%.3fs", o.Steps[s])})
	}
	fmt.Fprintf(os.Stderr, "%s\nratio %.2f, median of %d\n", w.Render(), o.Wall.Seconds()/p.Wall.Seconds(), len(own)) // b.Log cuts long output
	b.ReportMetric(o.Wall.Seconds()/p.Wall.Seconds(), "ratio")
	b.ReportMetric(float64(o.Wall.Microseconds())/float64(ask.Accounts), "µs/account")
	b.ReportMetric(float64(o.PeakKB>>10), "peak-MiB")
	b.ReportMetric(0, "ns/op")
}
