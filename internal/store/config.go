package store

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// ErrConfig reports a Config that cannot be used; the program should exit with code 2.
var ErrConfig = errors.New("store configuration")

// DefaultDatabase is the database of DESIGN §4.
const DefaultDatabase = "telltale"

// Config says where the store is and how much it may use.
type Config struct {
	// URL names a server: clickhouse://HOST:9000/DATABASE or http(s)://HOST:8123/DATABASE, with user and
	// password where it asks for them. Empty means the embedded engine. Over HTTP nothing is compressed
	// unless the URL says ?compress=gzip (or br, deflate): with lz4 and zstd the driver (clickhouse-go
	// 2.50.0 over ch-go 0.74.0) reads the last block again at the end, and takes a stored text that holds
	// "__exception__\r\n" for an error.
	URL string
	// Database holds the tables; empty means the URL's, else DefaultDatabase. Letters, digits and underscores.
	Database string
	// DataDir is the embedded engine's directory; required without URL, ignored with it.
	DataDir string
	// Library is the path of libchdb.so; empty means the search of embedded.FindLibrary.
	Library string
	// Listen opens the embedded engine on a loopback HOST:PORT; empty keeps it closed.
	Listen string
	// Token is what callers of Listen must show, and what is shown to a server whose URL has no password.
	Token string
	// ListenWrite lets callers of Listen write; without it they only read.
	ListenWrite bool
	// MaxMemory bounds the embedded engine's queries, in bytes; 0 means 1 GiB.
	MaxMemory int64
	// MinFree is the space the embedded engine leaves on its disk, in bytes; 0 means 512 MiB.
	MinFree int64
	// MaxConns bounds the statements this Store runs at once; 0 means 16. Others wait.
	MaxConns int
	// DialTimeout bounds the wait for a server; 0 means 10 s.
	DialTimeout time.Duration
	// Clock tells the time that is recorded as known_from; nil means time.Now.
	Clock      func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

var databaseName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// normalize fills defaults and checks; errors wrap ErrConfig.
func (c Config) normalize() (Config, *clickhouse.Options, error) {
	if c.MaxConns <= 0 {
		c.MaxConns = 16
	}
	if c.DialTimeout <= 0 {
		c.DialTimeout = 10 * time.Second
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Registerer == nil {
		c.Registerer = prometheus.NewRegistry()
	}
	opt, err := c.options()
	if err != nil {
		return c, nil, err
	}
	if c.Database == "" {
		c.Database = opt.Auth.Database
	}
	if c.Database == "" {
		c.Database = DefaultDatabase
	}
	if !databaseName.MatchString(c.Database) {
		return c, nil, fmt.Errorf("%w: database %q: want letters, digits and underscores", ErrConfig, c.Database)
	}
	opt.Auth.Database = c.Database
	opt.MaxOpenConns, opt.MaxIdleConns = c.MaxConns, c.MaxConns
	opt.DialTimeout, opt.ReadTimeout = c.DialTimeout, time.Hour
	opt.ConnMaxLifetime = time.Hour
	opt.Logger = c.Logger
	return c, opt, nil
}

func (c Config) options() (*clickhouse.Options, error) {
	if c.URL == "" {
		if c.DataDir == "" {
			return nil, fmt.Errorf("%w: neither a ClickHouse URL nor a data directory is given", ErrConfig)
		}
		if c.Listen != "" && c.Token == "" {
			return nil, fmt.Errorf("%w: listening on %s needs a token", ErrConfig, c.Listen)
		}
		return &clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{"embedded:0"}}, nil
	}
	opt, err := parseURL(c.URL)
	if err != nil {
		return nil, err
	}
	if opt.Auth.Password == "" && c.Token != "" {
		opt.Auth.Password = c.Token
	}
	if opt.Auth.Username == "" {
		opt.Auth.Username = "default"
	}
	if opt.Compression == nil && opt.Protocol == clickhouse.Native {
		opt.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	}
	return opt, nil
}

func parseURL(raw string) (*clickhouse.Options, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || !isScheme(u.Scheme) {
		return nil, fmt.Errorf("%w: ClickHouse URL %q: want clickhouse://HOST:PORT or http(s)://HOST:PORT", ErrConfig, redact(raw))
	}
	if q := u.Query(); u.Scheme == "https" && !q.Has("secure") { // the driver asks for it to be said twice
		q.Set("secure", "true")
		u.RawQuery = q.Encode()
	}
	opt, err := clickhouse.ParseDSN(u.String())
	if err != nil {
		return nil, fmt.Errorf("%w: ClickHouse URL %q: %w", ErrConfig, redact(raw), err)
	}
	return opt, nil
}

func isScheme(s string) bool {
	return s == "clickhouse" || s == "http" || s == "https"
}

// redact hides the password of a URL in messages.
func redact(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return u.Redacted()
	}
	if _, after, ok := strings.Cut(raw, "@"); ok {
		return "…@" + after
	}
	return raw
}

// inProcess points the driver at the embedded engine.
func inProcess(rt http.RoundTripper) func(*http.Transport) (http.RoundTripper, error) {
	return func(*http.Transport) (http.RoundTripper, error) { return rt, nil }
}
