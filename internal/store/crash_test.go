package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"telltale/internal/store/embedded"
)

// nightly has these tests work on as many rows as a long night allows; make test has them on fewer.
var nightly = os.Getenv("TELLTALE_NIGHTLY") != ""

// rows is n by night, and few in make test: under the race detector each row, or megabyte of them, takes time.
func rows(few, n int) int {
	if nightly {
		return n
	}
	return few
}

// killedRows are those of a child that is killed.
func killedRows() int { return rows(50_000, 150_000) }

// writeUntilKilled writes the same rows over and over and says so after each time.
func writeUntilKilled() {
	s, err := New(Config{DataDir: os.Getenv("TELLTALE_TEST_DIR")})
	if err == nil {
		err = s.Open(context.Background())
	}
	if err == nil {
		err = s.Migrate(context.Background())
	}
	all := someSignals(killedRows())
	for err == nil {
		fmt.Fprintln(os.Stdout, "writing")
		err = s.WriteSignals(context.Background(), all)
	}
	fmt.Fprintln(os.Stdout, err)
	os.Exit(1)
}

// child starts the test binary again as another process.
func child(t *testing.T, name, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "TELLTALE_TEST_CHILD="+name, "TELLTALE_TEST_DIR="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	return cmd, bufio.NewScanner(out)
}

// waitForPart waits until the child is writing a part, after as many others as skip says.
func waitForPart(t *testing.T, dir string, skip int) {
	t.Helper()
	seen := map[string]bool{}
	deadline := time.Now().Add(time.Minute)
	for len(seen) <= 5*skip {
		parts, err := filepath.Glob(dir + "/data/store/*/*/tmp_insert_*")
		must(t, err)
		for _, p := range parts {
			seen[p] = true
		}
		if time.Now().After(deadline) {
			t.Fatal("the child writes no part")
		}
	}
}

func embeddedAt(dir string) func(*Config) {
	return func(c *Config) { c.URL, c.DataDir, c.Database = "", dir, "" }
}

func TestAfterAKillInMidInsertRedeliveryCompletesAndNothingIsDoubled(t *testing.T) {
	dir := t.TempDir()
	for round := range 2 {
		cmd, out := child(t, "write until killed", dir)
		if !out.Scan() || out.Text() != "writing" {
			t.Fatalf("the child said %q", out.Text())
		}
		waitForPart(t, dir, round)
		must(t, cmd.Process.Kill())
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
	}
	s, want := migrated(t, embeddedAt(dir)), uint64(killedRows())
	if n := count(t, s, "signals"); n > want {
		t.Errorf("%d signals after the kills, want at most %d", n, want)
	}
	must(t, s.WriteSignals(t.Context(), someSignals(killedRows())))
	if n := count(t, s, "signals"); n != want {
		t.Errorf("%d signals after redelivery, want %d", n, want)
	}
	must(t, s.Exec(t.Context(), "OPTIMIZE TABLE signal_rows FINAL", nil))
	if n := count(t, s, "signals"); n != want {
		t.Errorf("%d signals after the merge, want %d", n, want)
	}
}

func TestADataDirectoryInUseIsRefusedWithOneClearError(t *testing.T) {
	dir := t.TempDir()
	first := open(t, embeddedAt(dir))
	second, err := New(Config{DataDir: dir})
	must(t, err)
	err = second.Open(t.Context())
	if !errors.Is(err, embedded.ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid())) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	must(t, second.Close())
	must(t, first.Close())
	must(t, second.Open(t.Context()))
	must(t, second.Close())
	must(t, second.Close())
}

// writeToFullDisk writes until the disk has no room: a small file system of its own, or, with
// TELLTALE_TEST_LIMIT, a limit on the size of files, which fails in the same places.
func writeToFullDisk() {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := New(Config{DataDir: os.Getenv("TELLTALE_TEST_DIR"), MinFree: 4 << 20})
	if err == nil {
		err = s.Open(context.Background())
	}
	if err == nil {
		err = s.Migrate(context.Background())
	}
	if err == nil {
		err = s.WriteSignals(context.Background(), someSignals(100))
	}
	if err == nil && os.Getenv("TELLTALE_TEST_LIMIT") != "" {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 64 << 10, Max: 64 << 10})
	}
	if err != nil {
		fmt.Fprintln(os.Stdout, "unexpected:", err)
		os.Exit(1)
	}
	many := 400_000
	if os.Getenv("TELLTALE_TEST_LIMIT") != "" {
		many = rows(50_000, 400_000)
	}
	err = s.WriteSignals(context.Background(), someSignals(many))
	fmt.Fprintln(os.Stdout, "write:", strings.ReplaceAll(fmt.Sprint(err), "\n", " "))
	err = s.WriteSignals(context.Background(), someSignals(100))
	fmt.Fprintln(os.Stdout, "again:", err != nil)
	if err := s.Close(); err != nil { // a race build ends by exit(3), whose destructors must not meet the engine's threads
		fmt.Fprintln(os.Stdout, "close:", err)
	}
	os.Exit(0)
}

func TestAFullDiskIsAClearErrorAndLosesNothing(t *testing.T) {
	t.Run("a limit on the size of files", func(t *testing.T) {
		t.Setenv("TELLTALE_TEST_LIMIT", "1")
		dir := t.TempDir()
		fillDisk(t, dir, "disk is full or failing", "again: true")
		s := migrated(t, embeddedAt(dir))
		if n := count(t, s, "signals"); n < 100 {
			t.Errorf("%d signals, want those of before", n)
		}
		again := someSignals(rows(50_000, 200_000))
		must(t, s.WriteSignals(t.Context(), again))
		if n := count(t, s, "signals"); n != uint64(len(again)) {
			t.Errorf("%d signals after redelivery, want %d", n, len(again))
		}
	})
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Logf("only the limit on the size of files was tried: a file system of our own needs root: %v", err)
		return
	}
	t.Cleanup(func() { must(t, unix.Unmount(dir, 0)) })
	t.Run("a small file system", func(t *testing.T) {
		fillDisk(t, dir, "NOT_ENOUGH_SPACE", "again: false")
		if n := count(t, migrated(t, embeddedAt(dir)), "signals"); n < 100 {
			t.Errorf("%d signals, want those of before", n)
		}
	})
}

// fillDisk lets the child fill the disk and checks what it says: a write that was refused for want of
// room leaves the store able to take a small one, a write that was cut off does not.
func fillDisk(t *testing.T, dir, want, again string) {
	t.Helper()
	cmd, out := child(t, "write to a full disk", dir)
	var lines []string
	for out.Scan() {
		lines = append(lines, out.Text())
	}
	must(t, cmd.Wait())
	if len(lines) != 2 || !strings.Contains(lines[0], "insert into signal_rows") || !strings.Contains(lines[0], want) || lines[1] != again {
		t.Fatalf("the child said %.500q", lines)
	}
}
