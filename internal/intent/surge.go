package intent

import (
	"math"
	"time"
)

// The windows of a surge: the recent weeks against the weeks before them.
const (
	SurgeRecentDays   = 21
	SurgeBaselineDays = 84
	// SurgeMinimum is the fewest recent signals that can be a surge.
	SurgeMinimum = 3
	// SurgeName is the name of the driver.
	SurgeName = "recent"
	// surgeMost bounds the signals that are told apart: more than these are as unlikely as these.
	surgeMost = 500
)

// SurgePrior is what is known of all accounts: their favourable signals a week are gamma-distributed with a shape, and a rate in weeks.
type SurgePrior struct{ Shape, Rate float64 }

// SurgeWindow counts an account's favourable signals, and the weeks in which it was under observation: a page that tells of the time before
// it was first read says nothing of how much was said then.
type SurgeWindow struct {
	Recent, Baseline           int64
	RecentWeeks, BaselineWeeks float64
}

// SurgeExposure is how many weeks of the two windows up to asOf lie after the day of the first read; a zero time is none.
func SurgeExposure(firstRead, asOf time.Time) (recent, baseline float64) {
	if firstRead.IsZero() || firstRead.Unix() <= 0 {
		return 0, 0
	}
	days := Day(asOf) - Day(firstRead)
	recent = float64(min(max(days, 0), SurgeRecentDays)) / 7
	baseline = float64(min(max(days-SurgeRecentDays, 0), SurgeBaselineDays)) / 7
	return recent, baseline
}

// Era is when a signal was told of, as surges count it.
type Era uint8

// The eras of signals: at no time that counts, in the recent weeks, in those before.
const (
	NoEra Era = iota
	RecentEra
	BaselineEra
)

// SurgeEra says when a topic or event of so many calendar days of age was told of. What tells of the day of the first read, or of the time before it, counts in
// neither window.
func SurgeEra(ageDays int64, firstRead, asOf time.Time) Era {
	switch {
	case firstRead.IsZero() || firstRead.Unix() <= 0 || ageDays >= Day(asOf)-Day(firstRead):
		return NoEra
	case ageDays < SurgeRecentDays:
		return RecentEra
	case ageDays < SurgeRecentDays+SurgeBaselineDays:
		return BaselineEra
	}
	return NoEra
}

// SurgeSample is what the accounts with a baseline have said in it: how many they are, for how many weeks in all they were watched, how many favourable
// signals they had, and the sum of the squares of each account's number.
type SurgeSample struct {
	Accounts      int64
	Weeks         float64
	Said, Squared int64
}

// Prior is the gamma distribution of the sample's moments: as even as a Poisson count where nothing shows more spread, and of little weight where next to nothing
// was said.
func (s SurgeSample) Prior() SurgePrior {
	accounts := float64(max(s.Accounts, 1))
	mean := float64(s.Said) / accounts
	variance := float64(s.Squared)/accounts - mean*mean
	shape := 0.5
	switch {
	case s.Said < 10:
	case variance <= mean:
		shape = 50
	default:
		shape = max(min(mean*mean/(variance-mean), 50), 0.05)
	}
	return SurgePrior{Shape: shape, Rate: shape / max(mean*float64(s.Accounts)/max(s.Weeks, 1), 0.001)}
}

// SurgePoints is what a surge of a strength adds, in thousandths of a logit.
func (w Weight) SurgePoints(strength float64) int64 {
	return int64(math.RoundToEven(float64(w.Points) * strength))
}

// SurgeStrength is how surprising the recent signals are given the account's own baseline and all accounts' rates, 0–1: nothing where as many
// come about one time in ten or oftener, all where it is one in a thousand or rarer. The tail is that of the negative binomial distribution, which is what a
// Poisson count is expected to be when its rate has a gamma distribution (Gelman et al., Bayesian Data Analysis, 2.6).
func SurgeStrength(w SurgeWindow, prior SurgePrior) float64 {
	if w.Recent < SurgeMinimum || w.RecentWeeks <= 0 {
		return 0
	}
	shape, rate := prior.Shape+float64(w.Baseline), prior.Rate+w.BaselineWeeks
	stay := rate / (rate + w.RecentWeeks)
	below := 0.0
	for k := range min(w.Recent, surgeMost) {
		x := float64(k)
		a, _ := math.Lgamma(shape + x)
		b, _ := math.Lgamma(shape)
		c, _ := math.Lgamma(x + 1)
		below += math.Exp(a - b - c + shape*math.Log(stay) + x*math.Log1p(-stay))
	}
	tail := max(1-below, 1e-6)
	return min(max((-math.Log10(tail)-1)/2, 0), 1)
}
