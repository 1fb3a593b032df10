package intent

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"telltale/internal/fit"
)

// Stand is where an account stood for a product in one run.
type Stand struct {
	RunID, FitModel, IntentModel, Matrix string
	// FitScore and IntentScore are 0–100, nil where there is none.
	FitScore, IntentScore   *float64
	FitRating, IntentRating fit.Rating
	Cell, Cluster           string
	Drivers                 []Driver
	// Present reports that the run had the account and product at all.
	Present bool
}

// The causes of a change, in the order in which they are told.
const (
	CauseAppeared = "appeared"
	CauseLeft     = "left"
	CauseFitModel = "fit model"
	CauseFit      = "fit"
	CauseWeights  = "intent weights"
	CauseNew      = "new signals"
	CauseGone     = "signals gone"
	CauseAge      = "age"
	CauseMatrix   = "matrix"
	CauseOthers   = "other accounts"
)

// The causes by which runs differ as a whole: they move no account to another cell, but change segments, motions, renewals and which fit score is taken.
const (
	CauseSegments  = "segments"
	CauseCalendar  = "calendar"
	CauseFiscal    = "fiscal year"
	CausePreferred = "preferred fit"
	// CauseNotKept says that a run is older than the record of these four.
	CauseNotKept = "not kept"
)

// Reason is one cause of a change.
type Reason struct {
	// Cause is one of the causes above.
	Cause string
	// Driver is the driver that changed; empty where the cause is none.
	Driver string
	// From and To are the driver's points in thousandths of a logit, or fit scores in thousandths.
	From, To int64
	// New and Gone count the driver's signals that only the later and only the earlier run used.
	New, Gone int
	// Text says it in words.
	Text string
}

// Reasons says why an account moved between two runs, or why its score did: fit and its model, each driver whose points changed and whether
// signals came, went or faded, other weights or another matrix, and, where nothing of its own changed, the accounts it is ranked among.
// The points of the drivers it names sum to the whole difference of the two logits.
func Reasons(from, to *Stand) []Reason {
	if !from.Present || !to.Present {
		return presence(from, to)
	}
	out := fitReasons(from, to)
	drivers := driverReasons(from, to)
	if from.IntentModel != to.IntentModel {
		out = append(out, Reason{Cause: CauseWeights, Text: fmt.Sprintf("intent weights %s became %s", from.IntentModel, to.IntentModel)})
	}
	out = append(out, drivers...)
	if from.Matrix != to.Matrix {
		out = append(out, Reason{Cause: CauseMatrix, Text: fmt.Sprintf("matrix %s became %s", from.Matrix, to.Matrix)})
	}
	if len(drivers) == 0 && differ(from.IntentScore, to.IntentScore) {
		out = append(out, Reason{Cause: CauseOthers, Text: fmt.Sprintf("its own evidence is the same; among the others it ranks %s after %s", scoreWord(to.IntentScore), scoreWord(from.IntentScore))})
	}
	return out
}

func presence(from, to *Stand) []Reason {
	switch {
	case to.Present:
		return []Reason{{Cause: CauseAppeared, Text: "the earlier run did not have it"}}
	case from.Present:
		return []Reason{{Cause: CauseLeft, Text: "the later run does not have it"}}
	}
	return nil
}

func fitReasons(from, to *Stand) []Reason {
	if !differ(from.FitScore, to.FitScore) && from.FitModel == to.FitModel {
		return nil
	}
	r := Reason{Cause: CauseFit, From: thousandths(from.FitScore), To: thousandths(to.FitScore),
		Text: fmt.Sprintf("fit %s after %s", scoreWord(to.FitScore), scoreWord(from.FitScore))}
	if from.FitModel != to.FitModel {
		r.Cause = CauseFitModel
		r.Text += fmt.Sprintf(", by %s after %s", cmp.Or(to.FitModel, "none"), cmp.Or(from.FitModel, "none"))
	}
	return []Reason{r}
}

// driverReasons are the drivers whose points or signals changed, the largest difference first.
func driverReasons(from, to *Stand) []Reason {
	before, after := byName(from.Drivers), byName(to.Drivers)
	names := map[string]bool{}
	for n := range before {
		names[n] = true
	}
	for n := range after {
		names[n] = true
	}
	var out []Reason
	for n := range names {
		r := Reason{Driver: n, From: before[n].Points, To: after[n].Points, New: missing(after[n], before[n]), Gone: missing(before[n], after[n])}
		if r.From == r.To {
			continue
		}
		r.name(from.IntentModel != to.IntentModel)
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Reason) int {
		return cmp.Or(-cmp.Compare(abs(a.To-a.From), abs(b.To-b.From)), cmp.Compare(a.Driver, b.Driver))
	})
	return out
}

// name finds a driver's cause: signals that came or went, else other weights, else age.
func (r *Reason) name(weights bool) {
	what := DriverWords(r.Driver)
	points := fmt.Sprintf("%+.3f after %+.3f", float64(r.To)/1000, float64(r.From)/1000)
	switch {
	case r.New > 0 && r.Gone > 0:
		r.Cause, r.Text = CauseNew, fmt.Sprintf("%s: %s, %d new signals and %d gone", what, points, r.New, r.Gone)
	case r.New > 0:
		r.Cause, r.Text = CauseNew, fmt.Sprintf("%s: %s, %d new signals", what, points, r.New)
	case r.Gone > 0:
		r.Cause, r.Text = CauseGone, fmt.Sprintf("%s: %s, %d signals gone", what, points, r.Gone)
	case weights:
		r.Cause, r.Text = CauseWeights, fmt.Sprintf("%s: %s, by other weights", what, points)
	case r.Driver == KindBase+":"+BaseName, r.Driver == KindBreadth+":"+BreadthName, r.Driver == KindSurge+":"+SurgeName:
		r.Cause, r.Text = CauseNew, fmt.Sprintf("%s: %s, as evidence came or went", what, points)
	case r.Driver == KindBought+":"+BoughtName:
		r.Cause, r.Text = CauseAge, fmt.Sprintf("%s: %s, a purchase at another age", what, points)
	default:
		r.Cause, r.Text = CauseAge, fmt.Sprintf("%s: %s, the same signals at another age", what, points)
	}
}

func byName(drivers []Driver) map[string]Driver {
	out := make(map[string]Driver, len(drivers))
	for _, d := range drivers {
		out[d.Name] = d
	}
	return out
}

// missing counts the signals of a that b has not.
func missing(a, b Driver) int {
	have := make(map[string]bool, len(b.SignalIDs))
	for _, id := range b.SignalIDs {
		have[id] = true
	}
	n := 0
	for _, id := range a.SignalIDs {
		if !have[id] {
			n++
		}
	}
	return n
}

func differ(a, b *float64) bool {
	if a == nil || b == nil {
		return (a == nil) != (b == nil)
	}
	return *a != *b
}

func thousandths(x *float64) int64 {
	if x == nil {
		return 0
	}
	return int64(math.RoundToEven(*x * 1000))
}

func scoreWord(x *float64) string {
	if x == nil {
		return "none"
	}
	return fmt.Sprintf("%.1f", *x)
}

func abs(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}
