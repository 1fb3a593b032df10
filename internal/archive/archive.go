// Package archive writes and reads WARC files, WARC/1.1 (ISO 28500:2017): what a crawl fetched, kept for extraction
// later, apart from the store and with a retention of its own.
//
// Every record is a gzip member of its own, so that a file which a crash cut off is whole up to its last record. Beside
// the answers stand records of our own type that say which of them the crawl published as which page; they make a replay
// see exactly what extraction saw.
package archive

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config says where and how much is kept. Zero fields take the defaults named beside them.
type Config struct {
	// Dir is where files are written; required. Several processes may share it.
	Dir string
	// Name is the writer's name in file names; letters that do not belong there become dashes.
	Name string
	// Software, Operator and UserAgent stand in the first record of each file.
	Software, Operator, UserAgent string
	// MaxFile is the size at which a file is completed, in bytes (1 GiB); it is passed by less than one exchange.
	MaxFile int64
	// MaxTotal bounds all files in Dir together, in bytes (20 GiB): the oldest go first. At least twice MaxFile.
	MaxTotal int64
	// MaxAge is how long a completed file is kept (30 days).
	MaxAge time.Duration
	// MaxOpen is how long a file is written to (24 h), so that a slow crawl's records age too.
	MaxOpen time.Duration
	// MaxQueued bounds what waits to be written, in bytes (32 MiB); beyond it Record waits.
	MaxQueued int64
	// RetryAfter is how long the writer leaves a full disk alone (30 s); what comes meanwhile is lost, and counted.
	RetryAfter time.Duration
}

// Deps are what a Recorder works with; each may be nil.
type Deps struct {
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	// Clock is the wall clock by which files age, by default time.Now. Records carry the times of their exchanges.
	Clock func() time.Time
}

// ErrConfig reports a Config that cannot work.
var ErrConfig = errors.New("bad archive configuration")

// Defaults.
const (
	DefaultMaxFile  = 1 << 30
	DefaultMaxTotal = 20 << 30
	DefaultMaxAge   = 30 * 24 * time.Hour
)

func (c Config) withDefaults() (Config, error) {
	set := func(n *int64, value int64) {
		if *n == 0 {
			*n = value
		}
	}
	duration := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	set(&c.MaxFile, DefaultMaxFile)
	set(&c.MaxTotal, max(DefaultMaxTotal, 2*c.MaxFile))
	set(&c.MaxQueued, 32<<20)
	duration(&c.MaxAge, DefaultMaxAge)
	duration(&c.MaxOpen, 24*time.Hour)
	duration(&c.RetryAfter, 30*time.Second)
	switch {
	case c.Dir == "":
		return c, fmt.Errorf("%w: no directory", ErrConfig)
	case c.MaxFile < 0 || c.MaxQueued < 0 || c.MaxAge < 0 || c.MaxOpen < 0 || c.RetryAfter < 0:
		return c, fmt.Errorf("%w: sizes and times must not be negative", ErrConfig)
	case c.MaxTotal < 2*c.MaxFile:
		return c, fmt.Errorf("%w: %d bytes in all hold no two files of %d bytes", ErrConfig, c.MaxTotal, c.MaxFile)
	}
	if c.Name = fileName(c.Name); c.Name == "" {
		c.Name = "crawler"
	}
	if c.Software == "" {
		c.Software = ourSoftware + "dev"
	}
	return c, nil
}

// fileName writes a name with what belongs into a file name, at most 64 bytes.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		}
		return '-'
	}, name)
	return strings.Trim(name[:min(len(name), 64)], "-.")
}

// Record types (ISO 28500 §6).
const (
	typeInfo     = "warcinfo"
	typeRequest  = "request"
	typeResponse = "response"
	typeRevisit  = "revisit"
	typeResource = "resource"
	typeMetadata = "metadata"
)

// Profiles of revisit records (ISO 28500 §6.7). Readers know them by their last segment, as WARC/1.0 has other addresses.
const (
	profileIdentical   = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
	profileNotModified = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
)

// Media types of record blocks.
const (
	mediaFields   = "application/warc-fields"
	mediaRequest  = "application/http;msgtype=request"
	mediaResponse = "application/http;msgtype=response"
	mediaDNS      = "text/dns"
	// mediaPage is ours: the page message without its body, and without its header where a response has it, as JSON. Its record
	// has the page's address and time; final_url and the same time name the response.
	mediaPage = "application/vnd.telltale.page+json"
)

// ourSoftware begins the software field of files that say which answers were published.
const ourSoftware = "Telltale/"

// warcDate is the form of WARC-Date that we write: UTC, microseconds.
const warcDate = "2006-01-02T15:04:05.000000Z"
