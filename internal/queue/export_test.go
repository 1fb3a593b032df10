package queue

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// WriteLetter writes the dead letter of a delivered message and stops there, as a crash would.
func WriteLetter(ctx context.Context, q *Queue, raw jetstream.Msg, text string) error {
	m, err := q.received(StreamVisits, raw)
	if err != nil {
		return err
	}
	return q.writeDead(ctx, letterOf(m, ReasonDropped, text, q.cfg.Now()))
}

// WholeSeconds is wholeSeconds, for its table.
func WholeSeconds(d time.Duration) time.Duration { return wholeSeconds(d) }

// VisitConsumer names the consumer of a partition.
func VisitConsumer(partition int) string { return visitConsumer(partition) }

// Sever cuts the connection as a crash would: nothing is handed back or withdrawn.
func Sever(q *Queue) { q.nc.Close() }

// Assign is assign, for its properties.
func Assign(members []string) map[string][]int { return assign(members) }

// LeaseSubject is leaseSubject, and PlaceOf placeOf, for their tables.
func LeaseSubject(bucket, key string) string { return leaseSubject(bucket, key) }

// PlaceOf is placeOf.
func PlaceOf(domain, address string) string { return placeOf(domain, address) }

// ReadLetter is readLetter, for its fuzz target.
func ReadLetter(m *jetstream.RawStreamMsg) (*DeadLetter, error) { return readLetter(m) }

// Codec is the payload codec, for its tests.
type Codec struct{ c *codec }

// NewCodec returns a codec.
func NewCodec() (Codec, error) {
	c, err := newCodec()
	return Codec{c}, err
}

// Pack, Unpack and DecodePage are the codec's own.
func (c Codec) Pack(raw []byte) []byte { return c.c.pack(raw, nil) }

// Unpack is the codec's own.
func (c Codec) Unpack(data []byte) ([]byte, error) { return c.c.unpack(data) }

// DecodePage reads a page message and reports only whether it could.
func (c Codec) DecodePage(data []byte) error {
	_, err := c.c.decodePage(data)
	return err
}

// Close frees the codec.
func (c Codec) Close() { c.c.close() }

// MaxDecoded is the bound of Unpack.
const MaxDecoded = maxDecoded
