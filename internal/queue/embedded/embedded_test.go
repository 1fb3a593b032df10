package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
)

// holdEnv, when set, makes the test binary a process that holds the directory it names.
const holdEnv = "TELLTALE_EMBEDDED_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdEnv); dir != "" {
		if err := New(Config{Dir: dir}).Start(context.Background()); err != nil {
			fmt.Fprintln(os.Stdout, err)
			os.Exit(1)
		}
		fmt.Fprintln(os.Stdout, "holding")
		select {}
	}
	goleak.VerifyTestMain(m)
}

func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	s := New(cfg)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func client(t *testing.T, opts ...nats.Option) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect("", opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func addStream(t *testing.T, js jetstream.JetStream, name string) {
	t.Helper()
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{strings.ToLower(name) + ".>"}}); err != nil {
		t.Fatal(err)
	}
}

func TestEveryWriteIsSyncedUnlessAskedOtherwise(t *testing.T) {
	for relaxed, want := range map[bool]bool{false: true, true: false} {
		s := start(t, Config{Dir: t.TempDir(), RelaxedSync: relaxed})
		info, err := s.srv.Jsz(&server.JSzOptions{Config: true})
		if err != nil {
			t.Fatal(err)
		}
		if info.Config.SyncAlways != want {
			t.Errorf("relaxed %v: sync always %v", relaxed, info.Config.SyncAlways)
		}
		if !relaxed {
			continue
		}
		// DESIGN §1: two minutes is what one gets without asking.
		if info.Config.SyncInterval != 2*time.Minute {
			t.Errorf("the server's own interval is %v by now, not two minutes", info.Config.SyncInterval)
		}
	}
}

func TestASecondProcessIsToldThatTheDirectoryIsInUse(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), holdEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64)
	if n, err := out.Read(buf); err != nil || string(buf[:n]) != "holding\n" {
		t.Fatalf("the other process: %q, %v", buf[:n], err)
	}
	s := New(Config{Dir: dir})
	err = s.Start(t.Context())
	if !errors.Is(err, ErrInUse) || err.Error() != "queue directory "+dir+": in use by another process" {
		t.Errorf("%v, want one line that says who is to blame", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("a killed process ended well")
	}
	if err := s.Start(t.Context()); err != nil {
		t.Errorf("after kill -9 of the holder: %v", err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestStartAndStopMayBeCalledInAnyOrderAndTwice(t *testing.T) {
	s := New(Config{Dir: t.TempDir(), RelaxedSync: true})
	for _, step := range []func() error{s.Stop, s.start, s.start, s.Stop, s.Stop, s.start, s.Stop} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.InProcessConn(); err == nil {
		t.Error("a stopped server gave a connection")
	}
}

func (s *Server) start() error { return s.Start(context.Background()) }

func TestWithoutListenNoPortIsOpenAndWithItATokenIsAsked(t *testing.T) {
	quiet := start(t, Config{Dir: t.TempDir()})
	if quiet.ClientURL() != "" || quiet.srv.Addr() != nil {
		t.Errorf("listens on %v (%q)", quiet.srv.Addr(), quiet.ClientURL())
	}
	if _, err := client(t, nats.InProcessServer(quiet)).AccountInfo(t.Context()); err != nil {
		t.Error(err)
	}
	open := start(t, Config{Dir: t.TempDir(), Listen: "127.0.0.1:0", Token: "right"})
	for token, ok := range map[string]bool{"right": true, "wrong": false, "": false} {
		nc, err := nats.Connect(open.ClientURL(), nats.Token(token))
		if (err == nil) != ok {
			t.Errorf("token %q: %v", token, err)
		}
		if err == nil {
			nc.Close()
		}
	}
}

func TestWhatCannotStartSaysWhyInOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	busy := start(t, Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	taken := strings.TrimPrefix(busy.ClientURL(), "nats://")
	for name, tc := range map[string]struct {
		cfg  Config
		want string
	}{
		"no directory":          {Config{}, "no data directory given"},
		"a file":                {Config{Dir: file}, "create queue directory: queue store failed: mkdir " + file},
		"no port":               {Config{Dir: t.TempDir(), Listen: "127.0.0.1"}, `listen address of the queue "127.0.0.1"`},
		"a port that is no one": {Config{Dir: t.TempDir(), Listen: "127.0.0.1:x"}, `listen address of the queue "127.0.0.1:x": port`},
		"a port that is taken":  {Config{Dir: t.TempDir(), Listen: taken}, "address already in use"},
	} {
		t.Run(name, func(t *testing.T) {
			err := New(tc.cfg).Start(t.Context())
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestACorruptStoreIsRefusedNotEmptied(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{Dir: dir, RelaxedSync: true})
	js := client(t, nats.InProcessServer(s))
	addStream(t, js, "GOOD")
	addStream(t, js, "BAD")
	if _, err := js.Publish(t.Context(), "bad.1", []byte("precious")); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	meta := filepath.Join(dir, "jetstream", "$G", "streams", "BAD", "meta.inf")
	if err := os.WriteFile(meta, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := s.Start(t.Context())
	if !errors.Is(err, ErrStore) || !strings.Contains(err.Error(), "stream BAD is on disk and cannot be read") {
		t.Errorf("%v, want ErrStore that names the stream", err)
	}
}

func TestTheServersLogGoesToSlogAndAFatalLineIsRemembered(t *testing.T) {
	var out bytes.Buffer
	b := newBridge(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	b.Noticef("n%d", 1)
	b.Debugf("d%d", 2)
	b.Tracef("t%d", 3)
	b.Warnf("w%d", 4)
	b.Errorf("e%d", 5)
	if b.fault() != nil {
		t.Errorf("an ordinary error is no fault: %v", b.fault())
	}
	for _, line := range []string{"level=DEBUG msg=n1", "level=DEBUG msg=d2", "level=DEBUG msg=t3", "level=WARN msg=w4", "level=ERROR msg=e5"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %q in %s", line, out.String())
		}
	}
	b.Errorf("JetStream stream '$G > PAGES' critical write error: %v", "no space left on device")
	b.Fatalf("later")
	if err := b.fault(); !errors.Is(err, ErrStore) || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("fault %v, want the first one", err)
	}
}
