package telemetry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLoggerFormats(t *testing.T) {
	for _, tc := range []struct{ name, format, level, want, err string }{
		{"a file gets JSON", "auto", "info", `"msg":"hello"`, ""},
		{"text when asked", "text", "info", `msg=hello`, ""},
		{"an unknown format is named", "xml", "info", "", `log format "xml"`},
		{"an unknown level is named", "text", "loud", "", `log level "loud"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var buf bytes.Buffer
			l, err := NewLogger(&buf, tc.format, tc.level)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("error %v, want %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			l.Info("hello")
			if !strings.Contains(buf.String(), tc.want) {
				t.Fatalf("wrote %q, want %q in it", buf.String(), tc.want)
			}
		})
	}
}

func TestTheStandardLoggerIsTakenOverAndCutShort(t *testing.T) {
	defer log.SetOutput(log.Writer())
	defer log.SetFlags(log.Flags())
	for level, want := range map[string]int{"debug": 1, "info": 0} {
		var buf bytes.Buffer
		l, err := NewLogger(&buf, "text", level)
		if err != nil {
			t.Fatal(err)
		}
		TakeStandardLog(l)
		log.Print("unsolicited " + strings.Repeat("\x00\nx", 10_000))
		if lines := strings.Count(buf.String(), "\n"); lines != want || buf.Len() > 2000 || want == 1 && !strings.Contains(buf.String(), "unsolicited") {
			t.Errorf("at %s: %d lines, %d bytes", level, lines, buf.Len())
		}
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestServerAnswersHealthReadinessMetricsAndProfiles(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	health := NewHealth()
	var down error
	health.Add("store", func(context.Context) error { return down })
	s := &Server{Addr: "127.0.0.1:0", Registry: NewRegistry(), Health: health, Logger: slog.New(slog.DiscardHandler)}
	addr, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() { done <- s.Run(ctx, func(a net.Addr) { addr <- a }) }()
	base := "http://" + (<-addr).String()

	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ready", "/metrics": "go_goroutines", "/debug/pprof/cmdline": ""} {
		if code, body := get(t, base+path); code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.80q, want 200 with %q", path, code, body, want)
		}
	}
	down = errors.New("away")
	if code, body := get(t, base+"/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "store: away") {
		t.Errorf("readyz with the store away: %d %q", code, body)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestProfilesAnswerThisMachineOnly(t *testing.T) {
	h := (&Server{Public: true, Registry: NewRegistry(), Health: NewHealth(), Logger: slog.New(slog.DiscardHandler)}).handler()
	for peer, want := range map[string]int{"127.0.0.1:1": 200, "[::1]:1": 200, "[::ffff:127.0.0.1]:1": 200, "192.0.2.1:1": 403, "[2001:db8::1]:1": 403, "nonsense": 403} {
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/symbol", "/debug/pprof/heap"} {
			req, rec := httptest.NewRequest(http.MethodGet, path, http.NoBody), httptest.NewRecorder()
			req.RemoteAddr = peer
			if h.ServeHTTP(rec, req); rec.Code != want {
				t.Errorf("%s from %s: %d, want %d", path, peer, rec.Code, want)
			}
		}
		req, rec := httptest.NewRequest(http.MethodGet, "/healthz", http.NoBody), httptest.NewRecorder()
		req.RemoteAddr = peer
		if h.ServeHTTP(rec, req); rec.Code != http.StatusOK {
			t.Errorf("/healthz from %s: %d", peer, rec.Code)
		}
	}
}

func TestServerRefusesOtherAddressesUnlessPublic(t *testing.T) {
	s := &Server{Addr: "0.0.0.0:0", Registry: NewRegistry(), Health: NewHealth(), Logger: slog.New(slog.DiscardHandler)}
	if err := s.Run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "not loopback") {
		t.Fatalf("error %v, want one that says the address is not loopback", err)
	}
}
