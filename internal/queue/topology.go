package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The streams.
const (
	// StreamVisits holds visits that are due; at most one per domain.
	StreamVisits = "VISITS"
	// StreamPages holds fetched pages on their way to the extractor.
	StreamPages = "PAGES"
	// StreamResults holds what visits came to, on its way to the store.
	StreamResults = "RESULTS"
	// StreamDead holds the dead letters of the other three.
	StreamDead = "DEAD"
)

// The key-value buckets.
const (
	// BucketLeases holds who crawls what; every key has its own time to live.
	BucketLeases = "LEASES"
	// BucketPace holds when an address may be asked next; every key has its own time to live.
	BucketPace = "PACE"
	// BucketMembers holds which crawlers are alive; every key has its own time to live.
	BucketMembers = "MEMBERS"
	// BucketControl holds what ops paused and blocked.
	BucketControl = "CONTROL"
)

const (
	visitSubjects  = "visits"
	pageSubjects   = "pages"
	resultSubjects = "results"
	deadSubjects   = "dead"
	kvPrefix       = "$KV."
)

// spareDeliveries is how often a message may be delivered beyond MaxDeliver: room for deliveries that were
// no attempts (handed back at a stop, held by a process that was killed). One delivered more often has
// killed its handlers and is buried unhandled.
const spareDeliveries = 3

// duplicateWindow is for how long the server drops a message id it has seen (Nats-Msg-Id). It must
// outlive the retries of one publisher, no more.
const duplicateWindow = 2 * time.Minute

// Limits bound the streams. A zero field takes its default.
type Limits struct {
	// Visits bounds outstanding visits: they are released when due, so a fleet holds thousands (default
	// 100,000). VisitBytes bounds their size (default 512 MiB). Beyond either, PublishVisit says ErrFull.
	Visits     int64
	VisitBytes int64
	// PageBytes bounds pages that wait for the extractor (default 4 GiB, about a million pages of 20 KB).
	// Beyond it crawlers wait; nothing is discarded.
	PageBytes int64
	// ResultBytes bounds results that wait for the store (default 512 MiB).
	ResultBytes int64
	// DeadBytes and DeadAge bound the dead letters (default 1 GiB and 30 days); beyond them the oldest go.
	DeadBytes int64
	DeadAge   time.Duration
	// KVBytes bounds each bucket (default 256 MiB).
	KVBytes int64
}

func (l Limits) withDefaults() Limits {
	def := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&l.Visits, 100_000)
	def(&l.VisitBytes, 512<<20)
	def(&l.PageBytes, 4<<30)
	def(&l.ResultBytes, 512<<20)
	def(&l.DeadBytes, 1<<30)
	def(&l.KVBytes, 256<<20)
	if l.DeadAge <= 0 {
		l.DeadAge = 30 * 24 * time.Hour
	}
	return l
}

// streams declares every stream and bucket.
//
// Work streams discard new messages and have no age limit: age would delete pages and visits that
// nobody has handled. How long the oldest has waited is in Status and the metrics instead.
func (c *Config) streams() []jetstream.StreamConfig {
	l := c.Limits
	work := func(name, subjects string, maxBytes int64) jetstream.StreamConfig {
		return jetstream.StreamConfig{
			Name: name, Subjects: []string{subjects + ".>"}, Storage: jetstream.FileStorage, Replicas: c.Replicas,
			Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew,
			MaxBytes: maxBytes, MaxMsgs: -1, MaxMsgSize: maxMessage, Duplicates: duplicateWindow, AllowDirect: true,
		}
	}
	visits := work(StreamVisits, visitSubjects, l.VisitBytes)
	visits.MaxMsgs = l.Visits
	visits.MaxMsgsPerSubject = 1
	visits.DiscardNewPerSubject = true

	dead := jetstream.StreamConfig{
		Name: StreamDead, Subjects: []string{deadSubjects + ".>"}, Storage: jetstream.FileStorage, Replicas: c.Replicas,
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld,
		MaxBytes: l.DeadBytes, MaxMsgs: -1, MaxAge: l.DeadAge, Duplicates: duplicateWindow, AllowDirect: true,
	}
	return []jetstream.StreamConfig{
		visits,
		work(StreamPages, pageSubjects, l.PageBytes),
		work(StreamResults, resultSubjects, l.ResultBytes),
		dead,
		c.bucket(BucketLeases, true),
		c.bucket(BucketPace, true),
		c.bucket(BucketMembers, true),
		c.bucket(BucketControl, false),
	}
}

// bucket declares a key-value bucket as the stream it is (ADR-8). CreateKeyValue would turn per-key TTLs
// on only together with delete markers, one more message for every key that expires.
func (c *Config) bucket(name string, ttl bool) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: "KV_" + name, Subjects: []string{kvPrefix + name + ".>"}, Storage: jetstream.FileStorage, Replicas: c.Replicas,
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxMsgsPerSubject: 1, MaxBytes: c.Limits.KVBytes, MaxMsgs: -1, MaxMsgSize: 64 << 10, Duplicates: duplicateWindow,
		AllowRollup: true, DenyDelete: true, AllowDirect: true, AllowMsgTTL: ttl,
	}
}

// Declare creates or updates every stream, bucket and consumer. Any number of processes may declare at
// once. Errors name the stream.
func (q *Queue) Declare(ctx context.Context) error {
	js, err := q.jetStream()
	if err != nil {
		return err
	}
	for _, sc := range q.cfg.streams() {
		s, err := declareStream(ctx, js, sc)
		if err != nil {
			return err
		}
		q.mu.Lock()
		q.streams[sc.Name] = s
		q.mu.Unlock()
	}
	for stream, want := range q.cfg.consumers() {
		if err := q.declareConsumers(ctx, js, stream, want); err != nil {
			return err
		}
	}
	if err := q.syncClock(ctx); err != nil {
		return err
	}
	return q.control.start(ctx)
}

// declareStream creates or updates one stream. Two processes that create it in the same instant with
// different limits collide; the second then updates.
func declareStream(ctx context.Context, js jetstream.JetStream, sc jetstream.StreamConfig) (jetstream.Stream, error) {
	s, err := js.CreateOrUpdateStream(ctx, sc)
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		s, err = js.UpdateStream(ctx, sc)
	}
	var api *jetstream.APIError
	if errors.As(err, &api) && api.ErrorCode == codeNoStorage {
		return nil, fmt.Errorf("declare stream %s: %w for its limit of %d bytes: free disk space or lower the limit: %w", sc.Name, ErrNoSpace, sc.MaxBytes, err)
	}
	if err != nil {
		return nil, fmt.Errorf("declare stream %s: %w", sc.Name, err)
	}
	return s, nil
}
