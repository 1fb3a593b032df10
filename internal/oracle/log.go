package oracle

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"sync"
	"time"
)

// Log keeps every request, in memory and as JSON lines. It is safe for concurrent use.
type Log struct {
	origin time.Time

	mu       sync.Mutex
	requests []Request
	// under counts the requests under way, by process.
	under map[string]int
	// recent holds, by process, the host and address last asked.
	got map[string]map[string]bool
	out *bufio.Writer
	err error
}

// NewLog returns an empty log whose time begins now; out takes the lines and may be nil.
func NewLog(out io.Writer) *Log {
	l := &Log{origin: time.Now(), under: map[string]int{}, got: map[string]map[string]bool{}}
	if out != nil {
		l.out = bufio.NewWriterSize(out, 1<<16)
	}
	return l
}

// Now is the time since the log's start.
func (l *Log) Now() time.Duration { return time.Since(l.origin) }

// begin notes that a process has a request under way.
func (l *Log) begin(crawler string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.under[crawler]++
}

// end keeps a request that is over.
func (l *Log) end(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.under[r.Crawler]--
	l.requests = append(l.requests, *r)
	if r.Status >= 200 && r.Status < 400 {
		if l.got[r.Host] == nil {
			l.got[r.Host] = map[string]bool{}
		}
		l.got[r.Host][r.Path] = true
	}
	if l.out == nil || l.err != nil {
		return
	}
	line, err := json.Marshal(r)
	if err == nil {
		_, err = l.out.Write(append(line, '\n'))
	}
	l.err = err
}

// Share is how much of what is wanted of a web has been read so far.
func (l *Log) Share(t *Truth) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	wanted, got := 0, 0
	for name, h := range t.Hosts {
		for i := range h.Pages {
			if !h.Pages[i].Wanted {
				continue
			}
			wanted++
			if l.got[name][h.Pages[i].Path] {
				got++
			}
		}
	}
	return float64(got) / float64(max(wanted, 1))
}

// UnderWay returns how many requests each process has under way.
func (l *Log) UnderWay() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.under)
}

// Missing counts the wanted pages of hosts that nobody has read yet.
func (l *Log) Missing(hosts []*Host) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, h := range hosts {
		for i := range h.Pages {
			if h.Pages[i].Wanted && !l.got[h.Name][h.Pages[i].Path] {
				n++
			}
		}
	}
	return n
}

// Len counts the requests that are over.
func (l *Log) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.requests)
}

// Requests returns the requests in the order of their ends, after everything is on disk.
func (l *Log) Requests() ([]Request, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out != nil && l.err == nil {
		l.err = l.out.Flush()
	}
	if l.err != nil {
		return nil, fmt.Errorf("write the log of requests: %w", l.err)
	}
	return append([]Request(nil), l.requests...), nil
}
