package learn_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"telltale/internal/intent"
	"telltale/internal/intent/learn"
)

// situations are worlds in which what is known of an account beside its signals decides: logits of a full surge and of a purchase today.
type situations struct {
	surge, bought float64
	// seen is the share of accounts that surge, and of those that bought, in a month; watched says that accounts were watched at all.
	seen    float64
	watched bool
}

// draw draws rows; by hand a surge is worth 0.3 and a purchase −1.2, and what is said is worth nothing in truth.
func (w situations) draw(seed uint64) *learn.Data {
	rng := rand.New(rand.NewPCG(seed, 21))
	d := &learn.Data{Months: 6, Set: learn.Set{
		Base:    []intent.Weight{{Kind: "topic", Name: "pain", Product: "Azure", Points: 100, CapPoints: 200}},
		Rate:    intent.Weight{Kind: "base", Name: "rate", Product: "Azure", Points: -2500},
		Breadth: intent.Weight{Kind: "breadth", Name: "sources", Product: "Azure", Points: 250, CapPoints: 750},
		Surge:   &intent.Weight{Kind: "surge", Name: "recent", Product: "Azure", Points: 300},
		Bought:  &intent.Weight{Kind: "bought", Name: "lately", Product: "Azure", Points: -1200, HalfLifeDays: 60},
	}}
	for m := range d.Months {
		var rows []learn.Row
		sample := intent.SurgeSample{}
		for a := range int32(1500) {
			r := w.row(rng, m, a)
			before := int64(0)
			for _, s := range r.Signals {
				if s.Era == intent.BaselineEra {
					before++
				}
			}
			if w.watched {
				sample.Accounts, sample.Weeks = sample.Accounts+1, sample.Weeks+12
				sample.Said, sample.Squared = sample.Said+before, sample.Squared+before*before
			}
			rows = append(rows, r)
		}
		d.Watched = append(d.Watched, learn.Watched{Accounts: sample.Accounts, Weeks: sample.Weeks})
		for _, r := range rows {
			r.Won = w.outcome(rng, &r, sample.Prior(), d.Bought)
			if len(r.Signals) > 0 {
				d.Rows = append(d.Rows, r)
			}
		}
	}
	return d
}

func (w situations) row(rng *rand.Rand, month, account int32) learn.Row {
	r := learn.Row{Month: month, Account: account}
	say := func(age int, era intent.Era) {
		if !w.watched {
			era = intent.NoEra
		}
		r.Signals = append(r.Signals, learn.Signal{AgeDays: int32(age), Value: 1, Era: era})
	}
	if w.watched {
		r.RecentWeeks, r.BaselineWeeks = 3, 12
	}
	for range rng.IntN(7) {
		say(21+rng.IntN(84), intent.BaselineEra)
	}
	for range rng.IntN(3) {
		say(rng.IntN(21), intent.RecentEra)
	}
	if rng.Float64() < w.seen {
		for range 5 + rng.IntN(5) {
			say(rng.IntN(21), intent.RecentEra)
		}
	}
	if rng.Float64() < w.seen {
		r.Bought = 1 + rng.Int32N(120)
	}
	return r
}

func (w situations) outcome(rng *rand.Rand, r *learn.Row, prior intent.SurgePrior, bought *intent.Weight) uint8 {
	window := intent.SurgeWindow{RecentWeeks: r.RecentWeeks, BaselineWeeks: r.BaselineWeeks}
	for _, s := range r.Signals {
		switch s.Era {
		case intent.RecentEra:
			window.Recent++
		case intent.BaselineEra:
			window.Baseline++
		}
	}
	logit := -1.2 + w.surge*intent.SurgeStrength(window, prior)
	if r.Bought > 0 {
		logit += w.bought * bought.BoughtStrength(int64(r.Bought)-1)
	}
	if rng.Float64() < 1/(1+math.Exp(-logit)) {
		return 1
	}
	return 0
}

func TestSurgesAndPurchasesAreLearnedWithinTheirSigns(t *testing.T) {
	for name, c := range map[string]struct {
		world         situations
		surge, bought [2]int64 // least and most
	}{
		"surges drive wins":             {situations{2, 0, 0.3, true}, [2]int64{1600, 2400}, [2]int64{-500, 0}},
		"surges speak against wins":     {situations{-2, 0, 0.3, true}, [2]int64{0, 0}, [2]int64{-500, 0}},
		"purchases speak against wins":  {situations{0, -3, 0.3, true}, [2]int64{0, 300}, [2]int64{-3600, -2400}},
		"purchases drive wins":          {situations{0, 2, 0.3, true}, [2]int64{0, 300}, [2]int64{0, 0}},
		"one account in five hundred":   {situations{2, -3, 0.002, true}, [2]int64{200, 1100}, [2]int64{-2200, -1000}},
		"none was watched, none bought": {situations{2, -3, 0, false}, [2]int64{300, 300}, [2]int64{-1200, -1200}},
	} {
		r, err := learn.Learn(c.world.draw(1), 1)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := set(r.Weights)
		if s := got.Surge.Points; s < c.surge[0] || s > c.surge[1] {
			t.Errorf("%s: a surge is worth %d, want %d to %d", name, s, c.surge[0], c.surge[1])
		}
		if b := got.Bought.Points; b < c.bought[0] || b > c.bought[1] || got.Bought.HalfLifeDays != 60 {
			t.Errorf("%s: a purchase is worth %+v, want %d to %d at the half-life set by hand", name, got.Bought, c.bought[0], c.bought[1])
		}
		if w := (intent.Weights{Version: "learned", Rows: r.Weights}); w.Validate() != nil {
			t.Errorf("%s: %v", name, w.Validate())
		}
	}
}

func TestAPurchaseThatIsWrittenDownAfterTheOutcomeIsALeak(t *testing.T) {
	d := situations{seen: 0.3, watched: true}.draw(2)
	for i := range d.Rows {
		d.Rows[i].Won = uint8(min(d.Rows[i].Bought, 1))
	}
	if _, err := learn.Learn(d, 1); !errors.Is(err, learn.ErrLeak) || !strings.Contains(err.Error(), `"bought:lately" alone has an AUC of 1.000`) {
		t.Error(err)
	}
}

func TestWhatIsASurgeFollowsFromTheWeights(t *testing.T) {
	say := func(driver int32, age int32, value float64) learn.Signal {
		s := learn.Signal{Driver: driver, AgeDays: age, Value: value, Era: intent.RecentEra}
		if age >= intent.SurgeRecentDays {
			s.Era = intent.BaselineEra
		}
		return s
	}
	loud := []learn.Signal{say(0, 1, 1), say(0, 2, 1), say(0, 3, 1), say(0, 50, 1)}
	against := []learn.Signal{say(0, 1, -1), say(0, 2, -1), say(0, 3, -1)}
	installed := []learn.Signal{say(1, 1, 1), say(1, 2, 1), say(1, 3, 1)}
	d := &learn.Data{Months: 1, Watched: []learn.Watched{{Accounts: 2, Weeks: 24}}, Rows: []learn.Row{
		{Signals: loud, RecentWeeks: 3, BaselineWeeks: 12}, {Signals: against, RecentWeeks: 3, BaselineWeeks: 12}, {Signals: installed, RecentWeeks: 3, BaselineWeeks: 12},
		{Signals: loud, RecentWeeks: 3, BaselineWeeks: 12, Bought: 61}, {Signals: loud},
	}}
	// The last has no weeks, so its baseline is none of what is usual.
	prior := intent.SurgeSample{Accounts: 2, Weeks: 24, Said: 2, Squared: 2}.Prior()
	full := int64(math.RoundToEven(1000 * intent.SurgeStrength(intent.SurgeWindow{Recent: 3, Baseline: 1, RecentWeeks: 3, BaselineWeeks: 12}, prior)))
	if full <= 0 || full >= 1000 {
		t.Fatalf("a surge of %d shows nothing", full)
	}
	s := &learn.Set{Base: []intent.Weight{{Kind: "topic", Name: "pain", Points: 100}, {Kind: "technology", Name: "Heroku", Points: 10}},
		Surge: &intent.Weight{Points: 1000}, Bought: &intent.Weight{Points: -1200, HalfLifeDays: 60}}
	for i, want := range []int64{400 + full, -300, 30, 400 + full - 600, 400} {
		if got := d.Points(s)[i]; got != want {
			t.Errorf("row %d has %d points, want %d", i, got, want)
		}
	}
	s.Base[0].Points = 0
	if got := d.Points(s)[0]; got != 0 {
		t.Errorf("a surge of what is worth nothing: %d", got)
	}
}
