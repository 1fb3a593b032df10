package queue

import (
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/steady"
)

const (
	// maxMessage bounds a message with its headers, in bytes, and leaves room for the headers that a dead
	// letter adds within the server's 4 MiB (DESIGN §2).
	maxMessage = 4<<20 - 64<<10
	// ackTimeout is how long one attempt to publish waits for its acknowledgement.
	ackTimeout = 10 * time.Second
)

// InProcess is a server in the same process (embedded.Server).
type InProcess interface {
	// InProcessConn returns a connection without a socket.
	InProcessConn() (net.Conn, error)
	// Err reports why the server can no longer store messages; nil while it works.
	Err() error
}

// Config says where the queue is and what its limits are.
type Config struct {
	// URL is the server's address, or several with commas between them (nats://host:4222). It is ignored
	// where Server is set.
	URL string
	// Server is the embedded server; nil means URL.
	Server InProcess
	// Token authenticates this client; empty means none.
	Token string
	// Name names the client in the server's lists, and this crawler among the members; default "telltale".
	Name string
	// ConnectTimeout bounds the first connection (default 5 s). Later ones are retried for ever.
	ConnectTimeout time.Duration
	// Replicas is the number of copies of every stream: 1 on one machine (default), 3 on a cluster.
	Replicas int
	Limits   Limits
	Consume  Consume
	// InFlightBytes bounds pages that were sent and are not yet acknowledged (default 64 MiB).
	InFlightBytes int64
	// SweepEvery is how often the sweeper looks for messages the server has given up on (default 1 minute).
	SweepEvery time.Duration
	Logger     *slog.Logger
	// Registerer takes the metrics; nil means they are counted and not exported.
	Registerer prometheus.Registerer
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Steady is the clock of leases and paces; default steady.Now.
	Steady steady.Clock
}

// Consume says how messages are delivered. A zero field takes its default.
type Consume struct {
	// AckWait is how long the server waits for a sign of life of a delivered message (default 60 s). A
	// running handler gives one every third of it; after a crash the message comes again this much later.
	AckWait time.Duration
	// MaxDeliver is how many deliveries a message gets before it becomes a dead letter (default 5).
	MaxDeliver int
	// Backoff is the wait before each redelivery of a failed message; the last one repeats
	// (default 5 s, 30 s, 2 min, 10 min).
	Backoff []time.Duration
	// HandlerTimeout ends a handler's context; 0 means no limit.
	HandlerTimeout time.Duration
	// DrainTimeout is how long handlers may finish after a stop (default 30 s). Then their context ends.
	DrainTimeout time.Duration
	// PerAddress is how many visits of one address are handled at once by one process (default 16, at most a
	// quarter of the concurrency). An address takes a request a second, so in the ten minutes a visit may last
	// sixteen get some 37 requests each; many more would all end unfinished.
	PerAddress int
	// MemberTTL is how long a crawler that is not heard of keeps its partitions (default 15 s, in whole
	// seconds). It renews each third of it; a longer one means a longer gap after a crash.
	MemberTTL time.Duration
}

func (c Config) withDefaults() Config {
	if c.Name == "" {
		c.Name = "telltale"
	}
	if c.ConnectTimeout <= 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	c.Replicas = max(c.Replicas, 1)
	c.Limits = c.Limits.withDefaults()
	c.Consume = c.Consume.withDefaults()
	if c.InFlightBytes <= 0 {
		c.InFlightBytes = 64 << 20
	}
	// One message must always fit, or a publisher would wait for ever.
	c.InFlightBytes = max(c.InFlightBytes, maxMessage)
	if c.SweepEvery <= 0 {
		c.SweepEvery = time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Steady == nil {
		c.Steady = steady.Now
	}
	return c
}

func (c Consume) withDefaults() Consume {
	if c.AckWait <= 0 {
		c.AckWait = time.Minute
	}
	if c.MaxDeliver <= 0 {
		c.MaxDeliver = 5
	}
	if len(c.Backoff) == 0 {
		c.Backoff = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}
	}
	if c.DrainTimeout <= 0 {
		c.DrainTimeout = 30 * time.Second
	}
	if c.PerAddress <= 0 {
		c.PerAddress = 16
	}
	if c.MemberTTL <= 0 {
		c.MemberTTL = 15 * time.Second
	}
	c.MemberTTL = wholeSeconds(c.MemberTTL)
	return c
}
