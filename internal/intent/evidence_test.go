package intent_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"telltale/internal/intent"
)

var asOf = time.Date(2026, 6, 30, 23, 59, 59, 0, time.UTC)

func TestPointsOfOneSignal(t *testing.T) {
	w := intent.Weight{Points: 1600, HalfLifeDays: 60}
	days := func(n int) time.Time { return asOf.AddDate(0, 0, -n) }
	for _, c := range []struct {
		name                 string
		weight               intent.Weight
		strength, confidence float64
		sign                 int8
		at                   time.Time
		want                 int64
	}{
		{"fresh and sure counts in full", w, 1, 1, 1, asOf, 1600},
		{"a half-life later it counts half", w, 1, 1, 1, days(60), 800},
		{"two half-lives later a quarter", w, 1, 1, 1, days(120), 400},
		{"strength and confidence multiply", w, 0.5, 0.8, 1, asOf, 640},
		{"a sign away from the product turns it", w, 1, 1, -1, days(60), -800},
		{"without a half-life nothing fades", intent.Weight{Points: 300}, 1, 1, 1, days(3000), 300},
		{"what has not happened yet counts nothing", w, 1, 1, 1, asOf.Add(time.Millisecond), 0},
		{"ten years on nothing is left", w, 1, 1, 1, days(3650), 0},
		{"the hour does not matter, the day does", w, 1, 1, 1, time.Date(2026, 5, 1, 0, 0, 0, 1, time.UTC), 800},
		{"before 1970 days are counted alike", intent.Weight{Points: 1000, HalfLifeDays: 3650}, 1, 1, 1, time.Date(1969, 12, 31, 12, 0, 0, 0, time.UTC), 20},
		{"a half is rounded to even", intent.Weight{Points: 5}, 0.5, 1, 1, asOf, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.weight.SignalPoints(c.strength, c.confidence, c.sign, c.at, asOf); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestADriverNearsItsCapAndNeverPassesIt(t *testing.T) {
	if got := intent.Saturate(1000, 0); got != 1000 {
		t.Errorf("without a cap: %d", got)
	}
	if got := intent.Saturate(1600, 2600); got != 1195 {
		t.Errorf("1600 under a cap of 2600: %d, want 1195", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int64Range(1, 10_000).Draw(t, "cap")
		a, b := rapid.Int64Range(-1e9, 1e9).Draw(t, "a"), rapid.Int64Range(-1e9, 1e9).Draw(t, "b")
		sa, sb := intent.Saturate(a, limit), intent.Saturate(b, limit)
		if a <= b && sa > sb {
			t.Fatalf("more evidence, fewer points: %d→%d, %d→%d", a, sa, b, sb)
		}
		if sa > limit || sa < -limit || intent.Saturate(-a, limit) != -sa {
			t.Fatalf("%d under %d gives %d", a, limit, sa)
		}
	})
}

func TestPercentiles(t *testing.T) {
	for _, c := range []struct {
		name   string
		logits []int64
		want   []float32
	}{
		{"nobody", nil, nil},
		{"alone in the middle", []int64{-2500}, []float32{50}},
		{"two", []int64{5, 1}, []float32{75, 25}},
		{"ties share the mid-rank", []int64{1, 5, 5, 9}, []float32{12.5, 50, 50, 87.5}},
		{"all equal", []int64{3, 3, 3}, []float32{50, 50, 50}},
		{"the extremes of the range", []int64{math.MaxInt64, math.MinInt64}, []float32{75, 25}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := intent.Percentiles(c.logits); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestPercentilesKeepOrderTiesAndTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logits := rapid.SliceOfN(rapid.Int64Range(-50, 50), 1, 200).Draw(t, "logits")
		got := intent.Percentiles(logits)
		var sum float64
		for i, x := range logits {
			sum += float64(got[i])
			for j, y := range logits {
				if (x < y && got[i] >= got[j]) || (x == y && got[i] != got[j]) {
					t.Fatalf("%d→%v, %d→%v", x, got[i], y, got[j])
				}
			}
		}
		if mean := sum / float64(len(logits)); math.Abs(mean-50) > 1e-3 {
			t.Fatalf("mean rank %v", mean)
		}
		shuffled := rapid.Permutation(logits).Draw(t, "shuffled")
		for i, s := range intent.Percentiles(shuffled) {
			if s != got[slices.Index(logits, shuffled[i])] {
				t.Fatal("the order of the input changed a score")
			}
		}
	})
}

func TestNamesOfDriversAsPeopleReadThem(t *testing.T) {
	for name, want := range map[string]string{
		"topic:end_of_support": "end of support", "technology:Google Workspace": "uses Google Workspace",
		"event:leadership_change": "event: leadership change", "base:rate": "base rate", "breadth:sources": "independent sources", "odd": "odd",
	} {
		if got := intent.DriverWords(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if intent.Family("feed") != intent.Family("blog") || intent.Family("dns") != intent.Family("http") || intent.Family("press") == intent.Family("blog") {
		t.Error("families of sources")
	}
}
