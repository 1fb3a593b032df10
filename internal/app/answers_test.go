package app_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"telltale/internal/app"
)

// limitVariable is the size in bytes beyond which no file of a program may grow: to it, a disk that is full.
const limitVariable = "TELLTALE_TEST_FILE_LIMIT"

// limitFiles makes the disk of this process full where limitVariable says so.
func limitFiles() {
	n, err := strconv.ParseUint(os.Getenv(limitVariable), 10, 64)
	if err != nil {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
		panic(err)
	}
}

// answer is what a program came to.
type answer struct {
	code     int
	out, err string
}

// ask runs a program in this process.
func ask(t *testing.T, stdin, name string, args ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	code := app.MainContext(ctx, name, "", app.Programs()[name], args, app.Streams{In: strings.NewReader(stdin), Out: &out, Err: &errs})
	return answer{code, out.String(), errs.String()}
}

// askApart runs a program in a process of its own, as one that opens an embedded engine must.
func askApart(t *testing.T, env []string, name string, args ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := command(ctx, name, args)
	cmd.Env = append(cmd.Env, env...)
	return answerOf(t, cmd)
}

// askShipped runs a program as make build makes it: for arithmetic, which the race detector makes long.
func askShipped(t *testing.T, name string, args ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	f := &fleet{t: t}
	return answerOf(t, f.asShipped().command(ctx, name, args))
}

// answerOf runs a command to its end.
func answerOf(t *testing.T, cmd *exec.Cmd) answer {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return answer{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// refused checks an exit code, and that stderr is one line of the program's that says each of what it should.
func (a answer) refused(t *testing.T, name string, code int, says ...string) {
	t.Helper()
	line := strings.TrimSuffix(a.err, "\n")
	if a.code != code || !strings.HasPrefix(line, name+": ") || strings.ContainsAny(line, "\n\r\x1b") || len(line) > 600 {
		t.Errorf("exit code %d, want %d, and one line of %s on stderr; it says\n%s", a.code, code, name, a.err)
	}
	for _, s := range says {
		if !strings.Contains(line, s) {
			t.Errorf("stderr does not say %q: %s", s, line)
		}
	}
	if code == 2 && a.out != "" {
		t.Errorf("it wrote %q before it refused", a.out)
	}
}

// fine checks that a program did what it was asked.
func (a answer) fine(t *testing.T) answer {
	t.Helper()
	if a.code != 0 {
		t.Fatalf("exit code %d: %s", a.code, a.err)
	}
	return a
}

// file writes a file for a test and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// newHub starts engines without roles, open to this process, and returns their fleet and the flags that reach the store.
func newHub(t *testing.T, flags ...string) (f *fleet, store []string) {
	t.Helper()
	f = &fleet{t: t, dir: t.TempDir(), nats: freeAddr(t), store: freeAddr(t)}
	f.start("telltale", append([]string{
		"up", "--roles", "none", "--data-dir", f.path("hub"), "--nats-listen", f.nats, "--nats-token", "secret",
		"--store-listen", f.store, "--store-token", "secret", "--store-writable",
	}, flags...)...)
	store = []string{"--clickhouse-url", f.storeURL()}
	f.eventually("the hub answers", func() bool {
		return ask(t, "", "telltale", append([]string{"query", "SELECT 1"}, store...)...).code == 0 &&
			ask(t, "", "telltale", "queues", "--nats-url", "nats://"+f.nats, "--nats-token", "secret").code == 0
	})
	return f, store
}
