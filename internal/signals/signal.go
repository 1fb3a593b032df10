// Package signals holds the words for what a page gives away: a signal, its evidence, its identity.
package signals

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Kind says which family of rules a signal comes from.
type Kind string

// The kinds of signal.
const (
	KindTechnology Kind = "technology"
	KindTopic      Kind = "topic"
	KindEvent      Kind = "event"
)

// Source says where on the public web a signal was read.
type Source string

// The sources, as stored.
const (
	SourceHome    Source = "home"
	SourceBlog    Source = "blog"
	SourcePress   Source = "press"
	SourceFeed    Source = "feed"
	SourceForum   Source = "forum"
	SourceSocial  Source = "social"
	SourceCareers Source = "careers"
	SourceDNS     Source = "dns"
	SourceTLS     Source = "tls"
	SourceHTTP    Source = "http"
)

// MaxEvidence is the longest quoted span, in runes.
const MaxEvidence = 300

// Signal is one observation about the company behind a domain, with the span of text that shows it.
type Signal struct {
	Domain string
	Kind   Kind
	// Name is the technology, topic or event; Product the cloud product it speaks of, empty where it speaks of none.
	Name, Product string
	// Version is the detected release of a technology; empty where unknown.
	Version string
	// Strength and Confidence are in 0–1: how much it says, and how sure we are that it says it.
	Strength, Confidence float64
	// Sign is +1 for towards the product, −1 for away from it.
	Sign int8
	// ObservedAt is when it happened (a page's date). Dated is false where the page has no date of its own;
	// ObservedAt is then the first fetch that showed it.
	ObservedAt time.Time
	Dated      bool
	// DetectedAt is when the page that shows it was fetched.
	DetectedAt time.Time
	Source     Source
	URL        string
	// Evidence is the quoted span, at most MaxEvidence runes; Offset its byte offset in the decoded page.
	Evidence         string
	Offset           int
	ContentHash      string
	ExtractorVersion string
}

// ID derives a signal's identity from what it says, never from when or how it was detected:
// domain, kind, name, product, URL and the day it was observed. An undated signal leaves the day
// out, as its day is the earliest fetch, which the store keeps as a minimum (docs/adr/0003).
// The result is a version-8 UUID (RFC 9562 §5.8) over SHA-256.
func (s *Signal) ID() uuid.UUID {
	day := ""
	if s.Dated {
		day = s.ObservedAt.UTC().Format(time.DateOnly)
	}
	return identity(s.Domain, string(s.Kind), s.Name, s.Product, s.URL, day)
}

// identity is a version-8 UUID (RFC 9562 §5.8) over SHA-256 of fields, each behind its length, so that no two lists of them are one text.
func identity(fields ...string) uuid.UUID {
	h := sha256.New()
	for _, f := range fields {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(f)))
		h.Write(n[:])
		h.Write([]byte(f))
	}
	var id uuid.UUID
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// ErrInvalid reports a signal that must not be stored.
var ErrInvalid = errors.New("invalid signal")

// Validate checks that a signal is complete: named, dated, quoted, addressed and in range.
func (s *Signal) Validate() error {
	switch {
	case s.Domain == "" || s.Name == "" || s.URL == "":
		return fmt.Errorf("%w: domain, name and url are required", ErrInvalid)
	case s.Kind != KindTechnology && s.Kind != KindTopic && s.Kind != KindEvent:
		return fmt.Errorf("%w: kind %q", ErrInvalid, s.Kind)
	case s.Evidence == "" || utf8.RuneCountInString(s.Evidence) > MaxEvidence:
		return fmt.Errorf("%w: %s %q: evidence of %d runes", ErrInvalid, s.Kind, s.Name, utf8.RuneCountInString(s.Evidence))
	case !inUnit(s.Strength) || !inUnit(s.Confidence):
		return fmt.Errorf("%w: %s %q: strength %v, confidence %v outside 0–1", ErrInvalid, s.Kind, s.Name, s.Strength, s.Confidence)
	case s.Sign != 1 && s.Sign != -1:
		return fmt.Errorf("%w: %s %q: sign %d", ErrInvalid, s.Kind, s.Name, s.Sign)
	case s.ObservedAt.IsZero() || s.DetectedAt.IsZero():
		return fmt.Errorf("%w: %s %q: observed and detected times are required", ErrInvalid, s.Kind, s.Name)
	}
	return nil
}

func inUnit(x float64) bool { return !math.IsNaN(x) && x >= 0 && x <= 1 }
