package scoring_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"telltale/internal/scoring"
	"telltale/internal/store"
	"telltale/internal/store/storetest"
)

// scoreAndHang is what this test's binary does as a process of its own: it scores a month, says so in the middle of it, and hangs.
func scoreAndHang(dir string) {
	s, err := store.New(store.Config{Database: "telltale", DataDir: dir})
	if err == nil {
		err = s.Open(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	g := holding(bridge{storetest.Bench{Store: s}}, "INSERT INTO run_"+os.Getenv("TELLTALE_TEST_HANG_IN"))
	g.skip.Store(spansBefore)
	go func() {
		<-g.reached
		fmt.Fprintln(os.Stdout, "reached")
	}()
	sc, err := scoring.New(inSpans(), scoring.Deps{DB: g, Now: at(now)})
	if err == nil {
		_, err = sc.Run(context.Background(), june)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// killed scores a month over a store in a process of its own, and kills it with the statement it hangs in.
func killed(t *testing.T, dir, in string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "TELLTALE_TEST_SCORE_AND_HANG="+dir, "TELLTALE_TEST_HANG_IN="+in)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "reached\n" {
		t.Fatalf("the child said %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child was not killed")
	}
}

func TestAMonthIsWholeAfterAKillInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	b := openAt(t, dir)
	many(t, b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	killed(t, dir, "scores")
	opened := time.Now()
	b = openAt(t, dir)
	defer b.Close()
	if n := b.Lines(t, "SELECT (SELECT count() FROM run_intent) BETWEEN 1 AND 239, (SELECT count() FROM run_propensity) BETWEEN 1 AND 239, (SELECT count() FROM propensity_rows)")[0]; n != "1\t1\t0" {
		t.Errorf("after the kill: %s", n)
	}
	s, err := scoring.New(inSpans(), scoring.Deps{DB: b, Now: at(now), AloneSince: opened})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	got := b.Lines(t, `SELECT (SELECT count() FROM intent_score_rows), (SELECT count() FROM propensity), (SELECT count() FROM run_accounts) + (SELECT count() FROM run_intent) + (SELECT count() FROM run_propensity), (SELECT groupArray(state) FROM (SELECT state FROM scoring_runs ORDER BY started_at, run_id))`)
	if got[0] != "240\t240\t0\t['failed','published']" {
		t.Errorf("in the end: %s", got[0])
	}
}

// openAt opens an embedded store in a directory that outlives it.
func openAt(t *testing.T, dir string) bridge {
	t.Helper()
	s, err := store.New(store.Config{Database: "telltale", DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return bridge{storetest.Bench{Store: s}}
}
