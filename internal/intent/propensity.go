package intent

import (
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
	// Cell is A1–D4, empty where either rating is Unknown; Cluster is then Unknown.
	Cell, Cluster, Motion string
	// WhitespaceRevenue is in US dollars a year; nil where the account owns the product or nothing compares.
	WhitespaceRevenue *float64
	// Drivers are strongest first.
	Drivers []Driver
	// Best is the strongest favourable piece of evidence; nil where there is none.
	Best                         *Evidence
	FitModel, IntentModel, RunID string
}
