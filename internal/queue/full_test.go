package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"telltale/internal/queue"
	"telltale/internal/queue/embedded"
)

// fullEnv, when set, makes the test binary a process whose disk is full; the value is its directory.
const fullEnv = "TELLTALE_QUEUE_FULL"

// fullChild runs a queue, lets no file grow beyond 256 KiB (to the server a write that fails, as on a full
// disk), publishes pages until one fails and says how.
func fullChild(dir string) int {
	ctx := context.Background()
	srv := embedded.New(embedded.Config{Dir: dir})
	if err := srv.Start(ctx); err != nil {
		fmt.Fprintln(os.Stdout, "start:", err)
		return 1
	}
	q, err := queue.Open(ctx, queue.Config{Server: srv})
	if err != nil {
		fmt.Fprintln(os.Stdout, "open:", err)
		return 1
	}
	signal.Ignore(unix.SIGXFSZ)
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 256 << 10, Max: 256 << 10}); err != nil {
		fmt.Fprintln(os.Stdout, "limit:", err)
		return 1
	}
	for i := 0; ; i++ {
		if err := q.PublishPage(ctx, page("contoso.com", i, htmlBody(uint64(i), 20<<10))); err != nil {
			fmt.Fprintf(os.Stdout, "stored %v, store failed %v, ping says so %v\n", i > 0, errors.Is(err, queue.ErrStore), q.Ping(ctx) != nil)
			fmt.Fprintln(os.Stdout, err)
			return 0
		}
	}
}

func TestAFullDiskEndsThePublisherWithAClearErrorAndLosesNothingStored(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(deadline(t), os.Args[0])
	cmd.Env = append(os.Environ(), fullEnv+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 2 || lines[0] != "stored true, store failed true, ping says so true" || !strings.Contains(lines[1], "file too large") {
		t.Errorf("the process says:\n%s", out)
	}
	// With room again, what was acknowledged is there.
	b := setup(t, func(_ *queue.Config, e *embeddedConfig) { e.Dir = dir })
	if b.messages(queue.StreamPages) == 0 {
		t.Error("pages that were acknowledged are gone")
	}
}
