package intent

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"telltale/internal/fit"
)

// Driver is one part of an intent score: the drivers' points sum to the logit.
type Driver struct {
	// Name is kind and name, such as "topic:migration" or "technology:Google Workspace".
	Name string
	// Points are thousandths of a logit.
	Points int64
	// SignalIDs name the signals behind it, strongest first; none for base and breadth.
	SignalIDs []string
}

// Evidence is one signal as it is shown behind a score.
type Evidence struct {
	SignalID, Kind, Name, Product string
	// Points are what it adds to its driver before the driver saturates, in thousandths of a logit; 0 where not asked.
	Points     int64
	ObservedAt time.Time
	// Source is where it was read, URL the page, Span the quoted text: hostile input, to be escaped where shown.
	Source, URL, Span string
}

// Propensity is one row of the answer: what to do next with an account about a product.
type Propensity struct {
	Month                                                          time.Time
	AccountID, AccountName, Domain                                 string
	Country, Region, Industry, Vertical, Partner, Segment, Product string
	// FitScore and IntentScore are 0–100; nil where there is none.
	FitScore, IntentScore   *float64
	FitRating, IntentRating fit.Rating
	// IntentLow and IntentHigh are the scores at the ends of the 90 % interval (Margin), Freshest the latest observation that counted; nil
	// without evidence. Covered reports that a page of the account had been read: without, silence says nothing.
	IntentLow, IntentHigh *float64
	Freshest              *time.Time
	Covered               bool
	// Cell is A1–D4, empty where either rating is Unknown; Cluster is then Unknown.
	Cell, Cluster, Motion string
	Renewal               Renewal
	// WhitespaceRevenue is in US dollars a year; nil where the account owns the product or nothing compares.
	WhitespaceRevenue *float64
	Whitespace        Basis
	// Drivers are strongest first.
	Drivers []Driver
	// Best is the strongest favourable piece of evidence; nil where there is none.
	Best                         *Evidence
	FitModel, IntentModel, RunID string
}

// ReadDrivers reads the drivers of a stored score from three JSON arrays of one length: names, points and lists of signal ids.
func ReadDrivers(names, points, ids string) ([]Driver, error) {
	var n []string
	var p []json.Number
	var i [][]string
	if err := errors.Join(json.Unmarshal([]byte(names), &n), json.Unmarshal([]byte(points), &p), json.Unmarshal([]byte(ids), &i)); err != nil {
		return nil, fmt.Errorf("read drivers: %w", err)
	}
	if len(n) != len(p) || len(n) != len(i) {
		return nil, fmt.Errorf("read drivers: %d names, %d points, %d lists of signals", len(n), len(p), len(i))
	}
	out := make([]Driver, len(n))
	for k := range n {
		v, err := p[k].Int64()
		if err != nil {
			return nil, fmt.Errorf("read drivers: %w", err)
		}
		out[k] = Driver{Name: n[k], Points: v, SignalIDs: i[k]}
	}
	return out, nil
}
