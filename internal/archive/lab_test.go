package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"telltale/internal/pages"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 20, 12, 0, 0, 123456789, time.UTC)

// lab is a recorder over a directory of its own, and its clock.
type lab struct {
	t        *testing.T
	cfg      Config
	registry *prometheus.Registry
	recorder *Recorder
	stop     context.CancelFunc
	ended    chan error

	mu  sync.Mutex
	now time.Time
}

func newLab(t *testing.T, cfg Config) *lab {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = filepath.Join(t.TempDir(), "warc")
	}
	return &lab{t: t, cfg: cfg, now: noon}
}

func (l *lab) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *lab) later(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

// start runs a new recorder; change, where set, may change it before it runs.
func (l *lab) start(change func(*Recorder)) {
	l.t.Helper()
	l.registry = prometheus.NewRegistry()
	var err error
	if l.recorder, err = New(l.cfg, Deps{Registerer: l.registry, Clock: l.clock}); err != nil {
		l.t.Fatal(err)
	}
	if change != nil {
		change(l.recorder)
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop, l.ended = stop, make(chan error, 1)
	go func() { l.ended <- l.recorder.Run(ctx) }()
	l.t.Cleanup(stop)
}

// end stops the recorder, which writes what still waits.
func (l *lab) end() {
	l.t.Helper()
	l.stop()
	if err := <-l.ended; err != nil {
		l.t.Error(err)
	}
}

// paths are the files in the directory, in order.
func (l *lab) paths() (list []string) {
	l.t.Helper()
	entries, err := os.ReadDir(l.cfg.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		l.t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, filepath.Join(l.cfg.Dir, e.Name()))
	}
	return list
}

// metric sums a metric; label, where set, must be a value.
func (l *lab) metric(name, label string) float64 {
	l.t.Helper()
	families, err := l.registry.Gather()
	if err != nil {
		l.t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		if family.GetName() != "telltale_archive_"+name {
			continue
		}
		for _, m := range family.GetMetric() {
			matches := label == ""
			for _, pair := range m.GetLabel() {
				matches = matches || pair.GetValue() == label
			}
			if matches {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// answer is a plain exchange.
func answer(url, body string) *pages.Exchange {
	return &pages.Exchange{
		URL: url, Address: netip.MustParseAddr("192.0.2.7"), At: noon, Request: http.Header{"User-Agent": {"TelltaleBot/1"}, "Accept": {"text/html"}},
		Status: 200, Header: http.Header{"Content-Type": {"text/html"}, "Content-Length": {fmt.Sprint(len(body))}}, Body: []byte(body),
	}
}

// page is the published page of an exchange.
func page(x *pages.Exchange) *pages.Page {
	return &pages.Page{
		VisitID: "a.example@x", Domain: "a.example", URL: "http://a.example/asked", FinalURL: x.URL, Kind: pages.KindBlog, Status: x.Status,
		Header: x.Header, FetchedAt: x.At, ContentHash: pages.Hash(x.Body), Body: x.Body,
	}
}

// records reads every record of some bytes, and the damage between them.
func records(t *testing.T, b []byte) (list []*Record, damage []string, r *Reader) {
	t.Helper()
	r = NewReader(bytes.NewReader(b))
	for range 10_000 {
		rec, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return list, damage, r
		case errors.Is(err, ErrDamaged):
			damage = append(damage, err.Error())
		case err != nil:
			t.Fatal(err)
		default:
			list = append(list, rec)
		}
	}
	t.Fatal("no end of records")
	return nil, nil, nil
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// kinds lists the types and targets of records.
func kinds(list []*Record) string {
	var out []string
	for _, r := range list {
		out = append(out, strings.TrimSpace(r.Type()+" "+r.URI()))
	}
	return strings.Join(out, ", ")
}

// members compresses each part as a gzip member of its own.
func members(parts ...string) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, p)
		_ = z.Close()
	}
	return b.Bytes()
}

// plain writes a record as text.
func plain(kind, uri, media, block string, fields ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nWARC-Date: 2020-01-02T03:04:05Z\r\nWARC-Record-ID: <urn:uuid:%s-%s>\r\nContent-Type: %s\r\n", kind, uri, kind, uri, media)
	for pair := range slices.Chunk(fields, 2) {
		fmt.Fprintf(&b, "%s: %s\r\n", pair[0], pair[1])
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s\r\n\r\n", len(block), block)
	return b.String()
}

// replayed opens files and lists what they give: pages, then exchanges.
func replayed(t *testing.T, paths ...string) (known []*pages.Page, found []*pages.Exchange, a *Archive) {
	t.Helper()
	a = Open(paths)
	if err := a.Pages(t.Context(), func(p *pages.Page) error { known = append(known, p); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := a.Exchanges(t.Context(), func(x *pages.Exchange, _ bool) error { found = append(found, x); return nil }); err != nil {
		t.Fatal(err)
	}
	return known, found, a
}
