package app

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"telltale/internal/pages"
	"telltale/internal/signals"
)

// signalLines writes signals as JSON, with the names of the table signals, and forgets pages.
type signalLines struct {
	mu  sync.Mutex
	enc *json.Encoder
}

type signalLine struct {
	SignalID   string         `json:"signal_id"`
	Domain     string         `json:"domain"`
	Kind       signals.Kind   `json:"kind"`
	Name       string         `json:"name"`
	Product    string         `json:"product"`
	Version    string         `json:"version,omitempty"`
	Strength   float64        `json:"strength"`
	Confidence float64        `json:"confidence"`
	Sign       int8           `json:"sign"`
	ObservedAt time.Time      `json:"observed_at"`
	DetectedAt time.Time      `json:"detected_at"`
	Source     signals.Source `json:"source"`
	URL        string         `json:"url"`
	Evidence   string         `json:"evidence"`
}

// WriteSignals implements extract.Store.
func (l *signalLines) WriteSignals(_ context.Context, rows []signals.Signal) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var failed error
	for i := range rows {
		s := &rows[i]
		failed = errors.Join(failed, l.enc.Encode(signalLine{
			s.ID().String(), s.Domain, s.Kind, s.Name, s.Product, s.Version, s.Strength, s.Confidence, s.Sign, s.ObservedAt.UTC(), s.DetectedAt.UTC(),
			s.Source, s.URL, s.Evidence,
		}))
	}
	return failed
}

// WriteAttributions implements extract.Store: a dry run has no accounts to attribute to.
func (l *signalLines) WriteAttributions(context.Context, []signals.Attribution) error { return nil }

// WriteTexts implements extract.Store: what is nowhere stored has no copies.
func (l *signalLines) WriteTexts(context.Context, []signals.Text) error { return nil }

// WriteOrganisations implements extract.Store: the lines are signals'.
func (l *signalLines) WriteOrganisations(context.Context, []signals.Organisation) error { return nil }

// WritePages implements extract.Store.
func (l *signalLines) WritePages(context.Context, []pages.Record) error { return nil }
