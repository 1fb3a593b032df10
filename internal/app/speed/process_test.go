package speed

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The cores: what is measured has the first that this process may use, servers have the last. With one core they share it.
const (
	measuredCore = iota
	serverCore
)

// child is a role of this binary in a process of its own, on one core.
type child struct {
	cmd *exec.Cmd
	out *json.Decoder
	in  io.Closer
}

// start runs a role on one core; its standard output is a stream of JSON values.
func start(b *testing.B, core int, role string, ask any) *child {
	b.Helper()
	raw, err := json.Marshal(ask)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, askVariable+"="+string(raw))
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := onCore(core, cmd.Start); err != nil {
		b.Fatal(err)
	}
	c := &child{cmd: cmd, out: json.NewDecoder(bufio.NewReader(out)), in: in}
	return c
}

// onCore runs f with this thread on one core: a process started there stays there, and its runtime counts one core.
func onCore(core int, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return fmt.Errorf("cores: %w", err)
	}
	for i, found := 0, -1; found < core && i < 1024; i++ {
		if all.IsSet(i) {
			one.Zero()
			one.Set(i)
			found++
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("keep to a core: %w", err)
	}
	return errors.Join(f(), unix.SchedSetaffinity(0, &all))
}

// next reads the child's next word; false at its end.
func (c *child) next(b *testing.B, into any) bool {
	b.Helper()
	switch err := c.out.Decode(into); err {
	case nil:
		return true
	case io.EOF:
		return false
	default:
		b.Fatal(err)
		return false
	}
}

// stop has a server end, or waits for the end of a role that ends by itself.
func (c *child) stop(b *testing.B) {
	b.Helper()
	_ = c.in.Close() // one that has ended has closed it
	if err := c.cmd.Wait(); err != nil {
		b.Error(err)
	}
}

// say writes one word of a role to its parent.
func say(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }

// untilClosed waits until the parent closes standard input, or ctx ends.
func untilClosed(ctx context.Context) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is what is waited for
	}()
	select {
	case <-closed:
	case <-ctx.Done():
	}
}

// usage is what this process has used so far.
type usage struct {
	at     time.Time
	cpu    time.Duration
	allocs uint64
}

func used() usage {
	var r unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &r) // it cannot fail with these arguments
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{at: time.Now(), cpu: time.Duration(r.Utime.Nano() + r.Stime.Nano()), allocs: m.Mallocs}
}
