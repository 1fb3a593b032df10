package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DeadReason says why a message became a dead letter; the set is small and fixed.
type DeadReason string

// The reasons.
const (
	// ReasonDropped: the handler said that no redelivery can help.
	ReasonDropped DeadReason = "dropped"
	// ReasonExhausted: the last allowed delivery failed.
	ReasonExhausted DeadReason = "exhausted"
	// ReasonUndecodable: the payload cannot be read.
	ReasonUndecodable DeadReason = "undecodable"
	// ReasonStuck: the server gave the message up without an answer, after crashes; the sweeper found it.
	ReasonStuck DeadReason = "stuck"
)

const (
	// maxError bounds the error text kept with a dead letter, in bytes; maxHeaders the original headers.
	maxError   = 1 << 10
	maxHeaders = 16 << 10
)

// The headers of a dead letter. Its payload is the original's, byte for byte.
const (
	hdrStream     = "Telltale-Stream"
	hdrSubject    = "Telltale-Subject"
	hdrSequence   = "Telltale-Sequence"
	hdrDeliveries = "Telltale-Deliveries"
	hdrReason     = "Telltale-Reason"
	hdrError      = "Telltale-Error"
	hdrTime       = "Telltale-Time"
	hdrStored     = "Telltale-Stored"
	hdrHeaders    = "Telltale-Headers"
)

// DeadLetter is a message that will not be delivered again unless it is replayed.
type DeadLetter struct {
	// ID is the letter's sequence in DEAD.
	ID uint64 `json:"id"`
	// Stream, Subject, Sequence and Stored are where and when the original was stored.
	Stream   string    `json:"stream"`
	Subject  string    `json:"subject"`
	Sequence uint64    `json:"sequence"`
	Stored   time.Time `json:"stored"`
	// Domain is the domain the message is about.
	Domain string     `json:"domain"`
	Reason DeadReason `json:"reason"`
	// Error is the handler's text, at most 1 KiB.
	Error string `json:"error"`
	// Deliveries counts how often the message was delivered.
	Deliveries uint64 `json:"deliveries"`
	// Time is when it was given up.
	Time    time.Time           `json:"time"`
	Headers map[string][]string `json:"headers,omitempty"`
	Payload []byte              `json:"-"`
}

// Filter selects dead letters; a zero field selects all.
type Filter struct {
	Stream string
	Domain string
	Reason DeadReason
	// IDs selects single letters.
	IDs []uint64
}

func letterOf(m *message, reason DeadReason, text string, now time.Time) *DeadLetter {
	return &DeadLetter{
		Stream: m.meta.Stream, Subject: m.Subject(), Sequence: m.meta.Sequence.Stream, Stored: m.meta.Timestamp,
		Reason: reason, Error: text, Deliveries: m.meta.NumDelivered, Time: now, Headers: m.Headers(), Payload: m.Data(),
	}
}

// deadSubject names a letter by what it is a copy of. A message has one such subject for ever, so its
// letter is written once, however long a crash lies between the writing and the termination; a message
// id would guard for the duplicate window only.
func (d *DeadLetter) deadSubject() string {
	return strings.Join([]string{
		deadSubjects, d.Stream, lastToken(d.Subject),
		strconv.FormatUint(d.Sequence, 10) + "-" + strconv.FormatInt(d.Stored.UnixNano(), 36),
	}, ".")
}

func (d *DeadLetter) message() (*nats.Msg, error) {
	headers, err := json.Marshal(d.Headers)
	if err != nil {
		return nil, fmt.Errorf("headers: %w", err)
	}
	if len(headers) > maxHeaders {
		headers = []byte("{}")
	}
	h := nats.Header{}
	h.Set(hdrStream, d.Stream)
	h.Set(hdrSubject, d.Subject)
	h.Set(hdrSequence, strconv.FormatUint(d.Sequence, 10))
	h.Set(hdrDeliveries, strconv.FormatUint(d.Deliveries, 10))
	h.Set(hdrReason, string(d.Reason))
	h.Set(hdrError, headerText(d.Error))
	h.Set(hdrTime, d.Time.UTC().Format(time.RFC3339Nano))
	h.Set(hdrStored, d.Stored.UTC().Format(time.RFC3339Nano))
	h.Set(hdrHeaders, string(headers))
	return &nats.Msg{Subject: d.deadSubject(), Header: h, Data: d.Payload}, nil
}

// headerText makes a text fit for a header: one line, valid UTF-8, bounded.
func headerText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	if len(s) > maxError {
		s = strings.ToValidUTF8(s[:maxError], "")
	}
	return strings.TrimSpace(s)
}

// writeDead stores a dead letter once. It does not wait for room: DEAD drops its oldest.
func (q *Queue) writeDead(ctx context.Context, d *DeadLetter) error {
	js, err := q.jetStream()
	if err != nil {
		return err
	}
	m, err := d.message()
	if err != nil {
		return fmt.Errorf("write dead letter of %s: %w", d.Subject, err)
	}
	_, err = js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(0))
	if isWrongSequence(err) {
		return nil // written before a crash
	}
	if err != nil {
		return fmt.Errorf("write dead letter of %s: %w", d.Subject, err)
	}
	q.metrics.dead.WithLabelValues(d.Stream, string(d.Reason)).Inc()
	return nil
}

func isWrongSequence(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

func readLetter(m *jetstream.RawStreamMsg) (*DeadLetter, error) {
	d := &DeadLetter{
		ID: m.Sequence, Stream: m.Header.Get(hdrStream), Subject: m.Header.Get(hdrSubject),
		Reason: DeadReason(m.Header.Get(hdrReason)), Error: m.Header.Get(hdrError), Payload: m.Data,
	}
	if d.Stream == "" || d.Subject == "" {
		return nil, fmt.Errorf("dead letter %d: %w: no origin", m.Sequence, ErrMalformed)
	}
	var errs [4]error
	d.Sequence, errs[0] = strconv.ParseUint(m.Header.Get(hdrSequence), 10, 64)
	d.Deliveries, errs[1] = strconv.ParseUint(m.Header.Get(hdrDeliveries), 10, 64)
	d.Time, errs[2] = time.Parse(time.RFC3339Nano, m.Header.Get(hdrTime))
	d.Stored, errs[3] = time.Parse(time.RFC3339Nano, m.Header.Get(hdrStored))
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("dead letter %d: %w: %w", m.Sequence, ErrMalformed, err)
	}
	if h := m.Header.Get(hdrHeaders); h != "" {
		if err := json.Unmarshal([]byte(h), &d.Headers); err != nil {
			return nil, fmt.Errorf("dead letter %d: %w: headers: %w", m.Sequence, ErrMalformed, err)
		}
	}
	domain, err := Untoken(lastToken(d.Subject))
	if err != nil {
		domain = lastToken(d.Subject)
	}
	d.Domain = domain
	return d, nil
}

// DeadLetters lists dead letters, the oldest first, at most limit of them (0 means all).
func (q *Queue) DeadLetters(ctx context.Context, f Filter, limit int) ([]DeadLetter, error) {
	var list []DeadLetter
	err := q.eachLetter(ctx, f, func(d *DeadLetter) (bool, error) {
		list = append(list, *d)
		return limit <= 0 || len(list) < limit, nil
	})
	return list, err
}

// eachLetter calls f with every selected letter until f says false.
func (q *Queue) eachLetter(ctx context.Context, sel Filter, f func(*DeadLetter) (bool, error)) error {
	stream, err := q.stream(StreamDead)
	if err != nil {
		return fmt.Errorf("read dead letters: %w", err)
	}
	subject := sel.subject()
	for seq := uint64(1); ; {
		m, err := stream.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read dead letters: %w", err)
		}
		seq = m.Sequence + 1
		d, err := readLetter(m)
		if err != nil {
			q.log.Warn("unreadable dead letter", "id", m.Sequence, "err", err)
			continue
		}
		if !sel.matches(d) {
			continue
		}
		if more, err := f(d); err != nil || !more {
			return err
		}
	}
}

func (f *Filter) subject() string {
	part := func(s string) string {
		if s == "" {
			return "*"
		}
		return s
	}
	domain := f.Domain
	if domain != "" {
		domain = Token(domain)
	}
	return strings.Join([]string{deadSubjects, part(f.Stream), part(domain), "*"}, ".")
}

func (f *Filter) matches(d *DeadLetter) bool {
	if f.Reason != "" && f.Reason != d.Reason {
		return false
	}
	if len(f.IDs) == 0 {
		return true
	}
	for _, id := range f.IDs {
		if id == d.ID {
			return true
		}
	}
	return false
}
