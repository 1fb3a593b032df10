package intent

import (
	"math"
	"slices"
	"strings"
	"time"
)

// The names of drivers that are no signal.
const (
	BaseName    = "rate"
	BreadthName = "sources"
	// BoughtName is that of a purchase of late.
	BoughtName = "lately"
)

// SignalPoints is what one signal adds to its driver, in thousandths of a logit: AgedPoints of strength · confidence · sign at its age in calendar days of
// UTC. A signal from after asOf adds nothing.
func (w Weight) SignalPoints(strength, confidence float64, sign int8, observedAt, asOf time.Time) int64 {
	if observedAt.After(asOf) {
		return 0
	}
	return w.AgedPoints(strength*confidence*float64(sign), Day(asOf)-Day(observedAt))
}

// AgedPoints is weight · value · 2^(−days/half-life) in thousandths of a logit, rounded half to even. When in a day a page was fetched, or a run
// began, says nothing about intent, so ages are whole days.
func (w Weight) AgedPoints(value float64, days int64) int64 {
	x := float64(w.Points) * value
	if w.HalfLifeDays > 0 {
		x *= math.Exp2(-float64(days) / w.HalfLifeDays)
	}
	return int64(math.RoundToEven(x))
}

// BoughtStrength is how much of its weight a purchase so many days ago has: 2^(−days/half-life).
func (w Weight) BoughtStrength(days int64) float64 {
	if w.HalfLifeDays <= 0 {
		return 1
	}
	return math.Exp2(-float64(days) / w.HalfLifeDays)
}

// BoughtPoints is what a purchase so many days ago adds, in thousandths of a logit.
func (w Weight) BoughtPoints(days int64) int64 {
	return int64(math.RoundToEven(float64(w.Points) * w.BoughtStrength(days)))
}

// Day counts the days of UTC since 1970.
func Day(t time.Time) int64 {
	seconds := t.Unix()
	if seconds < 0 {
		seconds -= 86_399
	}
	return seconds / 86_400
}

// Saturate bounds the sum of one driver: cap · (1 − e^(−|sum|/cap)) with the sum's sign, rounded half to even; the
// first signals count almost in full, and no number of them passes the cap. A cap of 0 leaves the sum as it is.
func Saturate(sum, limit int64) int64 {
	if limit <= 0 || sum == 0 {
		return sum
	}
	x := float64(limit) * (1 - math.Exp(-math.Abs(float64(sum))/float64(limit)))
	out := int64(math.RoundToEven(x))
	if sum < 0 {
		return -out
	}
	return out
}

// Percentiles gives each logit its mid-rank among all of them, 0–100: 100 · (those below + half of those equal,
// itself included) / all. Ties share a score; the order of the input does not matter.
func Percentiles(logits []int64) []float32 {
	sorted := slices.Clone(logits)
	slices.Sort(sorted)
	out := make([]float32, len(logits))
	for i, x := range logits {
		below, _ := slices.BinarySearch(sorted, x)
		upTo, _ := slices.BinarySearch(sorted, x+1)
		if x == math.MaxInt64 {
			upTo = len(sorted)
		}
		out[i] = float32(100 * float64(below+upTo) / (2 * float64(len(sorted))))
	}
	return out
}

// Family groups the sources of signals that are not independent of each other: a feed carries the blog's
// words, and one look at a domain gives DNS, TLS and HTTP facts.
func Family(source string) string {
	switch source {
	case "blog", "feed":
		return "writing"
	case "dns", "tls", "http":
		return "probe"
	}
	return source
}

// DriverWords writes a driver's name, such as "topic:end_of_support", as people read it: "end of support".
func DriverWords(name string) string {
	kind, rest, ok := strings.Cut(name, ":")
	if !ok {
		return name
	}
	switch kind {
	case KindBase:
		return "base rate"
	case KindBreadth:
		return "independent sources"
	case KindSurge:
		return "more signals lately than before"
	case KindBought:
		return "bought the product lately"
	case KindTechnology:
		return "uses " + rest
	case KindEvent:
		return "event: " + strings.ReplaceAll(rest, "_", " ")
	}
	return strings.ReplaceAll(rest, "_", " ")
}
