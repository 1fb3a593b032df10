package intent_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"telltale/internal/intent"
)

var even = intent.SurgePrior{Shape: 2, Rate: 10} // a signal in five weeks

func TestASurgeIsWhatAnAccountsOwnBaselineMakesUnlikely(t *testing.T) {
	for _, c := range []struct {
		name   string
		window intent.SurgeWindow
		prior  intent.SurgePrior
		want   float64
	}{
		// NB(2, 22/25): 1 − P(N ≤ 4) = 0.00028; worked out by hand: 1−0.7744·(1+0.24+0.0432+0.006912+0.00103680).
		{"many after silence", intent.SurgeWindow{Recent: 5, RecentWeeks: 3, BaselineWeeks: 12}, even, 1},
		// 1 − 0.7744·(1+0.24+0.0432) = 0.00629: (2.2014 − 1) / 2.
		{"three after silence", intent.SurgeWindow{Recent: 3, RecentWeeks: 3, BaselineWeeks: 12}, even, 0.6007},
		{"two are too few, whatever was before", intent.SurgeWindow{Recent: 2, RecentWeeks: 3, BaselineWeeks: 12}, intent.SurgePrior{Shape: 0.1, Rate: 50}, 0},
		{"as many as always", intent.SurgeWindow{Recent: 5, Baseline: 20, RecentWeeks: 3, BaselineWeeks: 12}, even, 0},
		{"nothing was read of the recent weeks", intent.SurgeWindow{Recent: 30}, even, 0},
	} {
		if got := intent.SurgeStrength(c.window, c.prior); math.Abs(got-c.want) > 0.001 {
			t.Errorf("%s: %.4f, want %.4f", c.name, got, c.want)
		}
	}
}

func TestExposureBeginsTheDayAfterTheFirstRead(t *testing.T) {
	day := func(n int) time.Time { return asOf.AddDate(0, 0, -n) }
	for _, c := range []struct {
		first            time.Time
		recent, baseline float64
	}{{time.Time{}, 0, 0}, {time.Unix(0, 0), 0, 0}, {asOf, 0, 0}, {day(7), 1, 0}, {day(21), 3, 0}, {day(35), 3, 2}, {day(900), 3, 12}} {
		if r, b := intent.SurgeExposure(c.first, asOf); r != c.recent || b != c.baseline {
			t.Errorf("first read %s: %v and %v weeks, want %v and %v", c.first, r, b, c.recent, c.baseline)
		}
	}
}

func TestOnlyWhatTellsOfTheTimeAfterTheFirstReadHasAnEra(t *testing.T) {
	for _, c := range []struct {
		age, read int // days before asOf; a read of -1 is none
		want      intent.Era
	}{
		{0, 200, intent.RecentEra}, {20, 200, intent.RecentEra}, {21, 200, intent.BaselineEra}, {104, 200, intent.BaselineEra}, {105, 200, intent.NoEra},
		{6, 7, intent.RecentEra}, {7, 7, intent.NoEra}, {8, 7, intent.NoEra}, {29, 30, intent.BaselineEra}, {30, 30, intent.NoEra}, {0, 0, intent.NoEra}, {3, -1, intent.NoEra},
	} {
		first := time.Time{}
		if c.read >= 0 {
			first = asOf.AddDate(0, 0, -c.read)
		}
		if got := intent.SurgeEra(int64(c.age), first, asOf); got != c.want {
			t.Errorf("told of %d days ago, first read %d days ago: %v, want %v", c.age, c.read, got, c.want)
		}
	}
	if got := intent.SurgeEra(3, time.Unix(0, 0), asOf); got != intent.NoEra {
		t.Errorf("first read at the epoch, which is never: %v", got)
	}
}

func TestThePriorIsTheMomentsOfTheBaselines(t *testing.T) {
	for _, c := range []struct {
		name        string
		sample      intent.SurgeSample
		shape, rate float64
	}{
		// Mean 2, variance 8 − 4 = 4: 2²/(4 − 2), over 20/120 a week.
		{"some say much more than others", intent.SurgeSample{Accounts: 10, Weeks: 120, Said: 20, Squared: 80}, 2, 12},
		{"all say the same", intent.SurgeSample{Accounts: 10, Weeks: 120, Said: 20, Squared: 40}, 50, 300},
		{"one says it all", intent.SurgeSample{Accounts: 1000, Weeks: 12000, Said: 100, Squared: 10000}, 0.05, 6},
		{"next to nothing was said", intent.SurgeSample{Accounts: 10, Weeks: 120, Said: 6, Squared: 36}, 0.5, 10},
		{"nobody was watched", intent.SurgeSample{}, 0.5, 500},
	} {
		if got := c.sample.Prior(); math.Abs(got.Shape-c.shape) > 1e-9 || math.Abs(got.Rate-c.rate) > 1e-9 {
			t.Errorf("%s: %+v, want %v and %v", c.name, got, c.shape, c.rate)
		}
	}
}

func TestMoreLatelyIsNeverLessOfASurgeAndMoreBeforeNeverMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := intent.SurgeWindow{Recent: rapid.Int64Range(0, 2000).Draw(t, "recent"), Baseline: rapid.Int64Range(0, 2000).Draw(t, "baseline"),
			RecentWeeks: float64(rapid.IntRange(0, 21).Draw(t, "recentDays")) / 7, BaselineWeeks: float64(rapid.IntRange(0, 84).Draw(t, "baselineDays")) / 7}
		p := intent.SurgePrior{Shape: rapid.Float64Range(0.05, 50).Draw(t, "shape"), Rate: rapid.Float64Range(0.01, 1000).Draw(t, "rate")}
		got := intent.SurgeStrength(w, p)
		more, before := w, w
		more.Recent++
		before.Baseline++
		if !(got >= 0 && got <= 1) || intent.SurgeStrength(more, p) < got-1e-3 || intent.SurgeStrength(before, p) > got+1e-3 {
			t.Fatalf("%v of %+v; %v with one more, %v with one more before", got, w, intent.SurgeStrength(more, p), intent.SurgeStrength(before, p))
		}
	})
}
