package embedded_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"telltale/internal/queue/embedded"
)

// session runs f against a server on dir, and stops it.
func session(t *testing.T, dir string, f func(ctx context.Context, js jetstream.JetStream)) {
	t.Helper()
	srv := embedded.New(embedded.Config{Dir: dir, RelaxedSync: true})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := srv.Start(ctx); err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	f(ctx, js)
	nc.Close()
	if err := srv.Stop(); err != nil {
		t.Fatal(err)
	}
}

// until waits for a stream to hold n messages.
func until(ctx context.Context, t *testing.T, js jetstream.JetStream, n uint64) {
	t.Helper()
	for {
		s, err := js.Stream(ctx, "S")
		if err != nil {
			t.Fatal(err)
		}
		info, err := s.Info(ctx)
		if err != nil {
			t.Fatalf("waiting for %d messages: %v", n, err)
		}
		if info.State.Msgs == n {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%d messages, want %d", info.State.Msgs, n)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestWhatRanOutBeforeACrashDoesNotComeBackForGood puts a stream's blocks back to where they were before its messages ran
// out, and leaves the index of times to live as it is: what a kill -9 between the two leaves behind.
func TestWhatRanOutBeforeACrashDoesNotComeBackForGood(t *testing.T) {
	dir := t.TempDir()
	blocks := filepath.Join(dir, "jetstream", "$G", "streams", "S", "msgs", "*.blk")
	before := map[string][]byte{}
	session(t, dir, func(ctx context.Context, js jetstream.JetStream) {
		if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}, AllowMsgTTL: true, MaxMsgsPerSubject: 1}); err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			if _, err := js.PublishMsg(ctx, &nats.Msg{Subject: fmt.Sprintf("s.%d", i), Data: []byte("held")}, jetstream.WithMsgTTL(time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := js.Publish(ctx, "s.stays", nil); err != nil {
			t.Fatal(err)
		}
	})
	files, err := filepath.Glob(blocks)
	if err != nil || len(files) == 0 {
		t.Fatalf("blocks %v, %v", files, err)
	}
	for _, file := range files {
		if before[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	session(t, dir, func(ctx context.Context, js jetstream.JetStream) { until(ctx, t, js, 1) })
	if err := os.Remove(filepath.Join(filepath.Dir(files[0]), "index.db")); err != nil {
		t.Fatal(err)
	}
	for file, body := range before {
		if err := os.WriteFile(file, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	session(t, dir, func(ctx context.Context, js jetstream.JetStream) { until(ctx, t, js, 1) })
}
