package store

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"telltale/internal/pages"
)

func TestAConfigThatCannotWorkIsRefusedWithoutItsPassword(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"nothing at all":            {Config{}, "neither a ClickHouse URL nor a data directory"},
		"another scheme":            {Config{URL: "mysql://u:topsecret@h:1/db"}, `"mysql://u:xxxxx@h:1/db"`},
		"no scheme":                 {Config{URL: "u:topsecret@localhost:9000"}, "…@localhost:9000"},
		"no host":                   {Config{URL: "http://"}, "want clickhouse://HOST:PORT"},
		"a bad option":              {Config{URL: "clickhouse://u:topsecret@h:9000/db?dial_timeout=x"}, "dial timeout"},
		"a database with a quote":   {Config{DataDir: "x", Database: "a`b"}, "letters, digits and underscores"},
		"listening without a token": {Config{DataDir: "x", Listen: "127.0.0.1:0"}, "needs a token"},
	} {
		_, err := New(c.cfg)
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "topsecret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestURLsNameServerAndDatabase(t *testing.T) {
	for _, c := range []struct{ url, database, protocol string }{
		{"clickhouse://h:9000", "telltale", "native"}, {"clickhouse://u:p@h:9000/other", "other", "native"},
		{"http://h:8123/other", "other", "http"}, {"https://h:8443", "telltale", "http"}, {"https://h:8443/x?secure=true&compress=gzip", "x", "http"},
	} {
		s, err := New(Config{URL: c.url})
		must(t, err)
		if s.Database() != c.database || s.opt.Protocol.String() != c.protocol || (s.opt.TLS != nil) != strings.HasPrefix(c.url, "https") {
			t.Errorf("%s: database %s over %s, TLS %v", c.url, s.Database(), s.opt.Protocol, s.opt.TLS != nil)
		}
	}
}

func TestAStoreThatDoesNotAnswerIsOneClearError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := l.Addr().String()
	must(t, l.Close())
	for _, scheme := range []string{"clickhouse", "http"} {
		s, err := New(Config{URL: scheme + "://u:topsecret@" + address, DialTimeout: time.Second})
		must(t, err)
		err = s.Open(t.Context())
		if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), address) || strings.Contains(err.Error(), "topsecret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", scheme, err)
		}
		must(t, s.Close())
	}
	t.Run("a wrong token", func(t *testing.T) {
		served := open(t, func(c *Config) { c.URL, c.DataDir, c.Listen, c.Token = "", t.TempDir(), "127.0.0.1:0", "secret" })
		s, err := New(Config{URL: "http://" + served.ListenAddr().String(), Token: "wrong"})
		must(t, err)
		if err := s.Open(t.Context()); codeOf(err) != 516 {
			t.Errorf("got %v, want code 516", err)
		}
	})
	t.Run("a listen address in use", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer func() { must(t, l.Close()) }()
		s, err := New(Config{DataDir: t.TempDir(), Listen: l.Addr().String(), Token: "x"})
		must(t, err)
		if err := s.Open(t.Context()); err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
			t.Errorf("got %v", err)
		}
	})
}

func TestReadersOverASocketSeeWhatTheOwnerWrites(t *testing.T) {
	served := migrated(t, func(c *Config) {
		c.URL, c.DataDir, c.Database, c.Listen, c.Token = "", t.TempDir(), "", "127.0.0.1:0", "secret"
	})
	must(t, served.WriteSignals(t.Context(), someSignals(50)))
	reader, err := New(Config{URL: "http://" + served.ListenAddr().String(), Token: "secret"})
	must(t, err)
	must(t, reader.Open(t.Context()))
	defer func() { must(t, reader.Close()) }()
	if n := count(t, reader, "signals"); n != 50 {
		t.Errorf("%d signals, want 50", n)
	}
	if err := reader.WriteSignals(t.Context(), someSignals(1)); codeOf(err) != 164 {
		t.Errorf("a reader wrote: %v", err)
	}
	if err := reader.Migrate(t.Context()); codeOf(err) != 164 {
		t.Errorf("a reader migrated: %v", err)
	}
}

func TestMetricsTellWhatTheStoreDid(t *testing.T) {
	reg := prometheus.NewRegistry()
	s := migrated(t, func(c *Config) { c.Registerer = reg })
	must(t, s.WriteSignals(t.Context(), someSignals(200)))
	page := []pages.Record{{Domain: "a.example", URL: "https://a.example/", FetchedAt: noon}}
	must(t, s.WritePages(t.Context(), page))
	must(t, s.Exec(t.Context(), "DROP TABLE pages SYNC", nil))
	if err := s.WritePages(t.Context(), page); codeOf(err) != 60 {
		t.Errorf("without its table: %v", err)
	}
	if err := s.Exec(t.Context(), "SELECT nosuch", nil); err == nil {
		t.Error("a wrong statement was taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Exec(ctx, "SELECT 1", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	all, err := loadMigrations(migrationFiles)
	must(t, err)
	m := s.metrics
	for name, c := range map[string]struct{ got, least float64 }{
		"rows inserted":       {testutil.ToFloat64(m.insertRows.WithLabelValues("signal_rows")), 200},
		"blocks inserted":     {testutil.ToFloat64(m.insertBlocks.WithLabelValues("signal_rows")), 1},
		"blocks that failed":  {testutil.ToFloat64(m.insertErrors.WithLabelValues("pages")), 1},
		"inserts timed":       {float64(testutil.CollectAndCount(m.insertSeconds)), 2},
		"statements done":     {testutil.ToFloat64(m.queries.WithLabelValues("select", "ok")), 1},
		"statements refused":  {testutil.ToFloat64(m.queries.WithLabelValues("exec", "exception")), 1},
		"statements given up": {testutil.ToFloat64(m.queries.WithLabelValues("exec", "cancelled")), 1},
		"statements timed":    {float64(testutil.CollectAndCount(m.querySeconds)), 2},
		"migrations":          {testutil.ToFloat64(m.migrations), float64(len(all))},
	} {
		if c.got < c.least {
			t.Errorf("%s: %v, want at least %v", name, c.got, c.least)
		}
	}
}
