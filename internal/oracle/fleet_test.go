package oracle_test

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"telltale/internal/oracle"
)

// judged makes a run and fails on every violation, with the tally in the test's log.
func judged(t *testing.T, c oracle.Config) *oracle.Report {
	t.Helper()
	c.Dir, c.Command = t.TempDir(), command
	if *keep != "" {
		c.Dir = *keep
	}
	c.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	report, requests, err := oracle.Execute(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	report.WriteTally(&out)
	report.WriteViolations(&out, requests)
	t.Log("\n" + out.String())
	if n := len(report.Violations); n > 0 {
		t.Errorf("%d violations", n)
	}
	return report
}

// leaseTTL is what --fetch-timeout and --delay lead to.
const leaseTTL = 15 * time.Second

func shape(names, perAddress int, seed uint64) oracle.Shape {
	return oracle.Shape{
		Names: names, PerAddress: perAddress, Gap: 100 * time.Millisecond, FetchTimeout: 2 * time.Second, MaxDelay: 15 * time.Second, Silent: true, Seed: seed,
	}
}

func TestPolitenessHoldsWhileCrawlersAndBrokerFail(t *testing.T) {
	c := oracle.Config{Shape: shape(240, 10, theSeed()), Crawlers: 3, Time: 35 * time.Second, Longest: 3 * time.Minute, Plan: oracle.ShortPlan(), LeaseTTL: leaseTTL}
	if *soak > 0 {
		c.Shape, c.Crawlers, c.Time, c.Longest = shape(*names, 20, theSeed()), *crawlers, *soak, 0
		c.Plan = oracle.RandomPlan(c.Seed, *soak, *crawlers, *most)
		if *calm {
			c.Plan = nil
		}
	}
	judged(t, c)
}
