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

// present are weights that are wrong about three of four: the truth of market.
func present() []intent.Weight {
	return []intent.Weight{
		{Kind: "topic", Name: "evaluation", Product: "Azure", Points: 400, HalfLifeDays: 60, CapPoints: 1200},
		{Kind: "topic", Name: "pain", Product: "Azure", Points: 800, HalfLifeDays: 60, CapPoints: 1600},
		{Kind: "event", Name: "layoff", Product: "Azure", Points: -350, HalfLifeDays: 60},
		{Kind: "technology", Name: "Heroku", Product: "Azure", Points: 350},
	}
}

// market draws rows whose odds are known: evaluation is worth 2 logits at a half-life of 14 days, pain and layoff nothing, Heroku −1.
func market(months, accounts int, seed uint64) *learn.Data {
	rng := rand.New(rand.NewPCG(seed, 9))
	d := &learn.Data{Months: int32(months), Set: learn.Set{Base: present(), Rate: intent.Weight{Kind: "base", Name: "rate", Product: "Azure", Points: -2500},
		Breadth: intent.Weight{Kind: "breadth", Name: "sources", Product: "Azure", Points: 250, CapPoints: 750}}}
	for m := range months {
		for a := range accounts {
			r := learn.Row{Month: int32(m), Account: int32(a)}
			logit := -1.5
			for k := range int32(4) {
				if rng.Float64() < 0.5 {
					continue
				}
				s := learn.Signal{Driver: k, AgeDays: int32(rng.IntN(120)), Value: 1, Family: uint8(k)}
				r.Signals = append(r.Signals, s)
				switch k {
				case 0:
					logit += 2 * 3 * (1 - math.Exp(-math.Exp2(-float64(s.AgeDays)/14)/3))
				case 3:
					logit--
				}
			}
			if len(r.Signals) == 0 {
				continue
			}
			if rng.Float64() < 1/(1+math.Exp(-logit)) {
				r.Won = 1
			}
			d.Rows = append(d.Rows, r)
		}
	}
	return d
}

// set takes the rows of a result apart.
func set(rows []intent.Weight) *learn.Set {
	s := &learn.Set{}
	for _, w := range rows {
		switch w.Kind {
		case intent.KindBase:
			s.Rate = w
		case intent.KindBreadth:
			s.Breadth = w
		case intent.KindSurge:
			s.Surge = &w
		case intent.KindBought:
			s.Bought = &w
		default:
			s.Base = append(s.Base, w)
		}
	}
	return s
}

func TestWeightsAndHalfLifeThatMadeTheOutcomesAreFoundAgain(t *testing.T) {
	r, err := learn.Learn(market(6, 1500, 1), 1)
	if err != nil {
		t.Fatal(err)
	}
	if r.Chosen.HalfLifeDays != 14 || len(r.Tries) != len(learn.HalfLives()) {
		t.Errorf("half-life %v days of %+v", r.Chosen.HalfLifeDays, r.Tries)
	}
	got := map[string]intent.Weight{}
	for _, w := range r.Weights {
		got[w.Name] = w
	}
	for name, want := range map[string]int64{"evaluation": 2000, "pain": 0, "layoff": 0, "Heroku": -1000, "rate": -1500} {
		if d := got[name].Points - want; d < -350 || d > 350 {
			t.Errorf("%s is worth %d, was made %d", name, got[name].Points, want)
		}
	}
	if e := got["evaluation"]; e.HalfLifeDays != 14 || e.CapPoints < 3*e.Points-2 || e.CapPoints > 3*e.Points+2 || got["Heroku"].HalfLifeDays != 0 {
		t.Errorf("evaluation %+v, Heroku %+v", e, got["Heroku"])
	}
	if !r.Better || r.Mine.Metrics.AUC <= r.InUse.Metrics.AUC || r.Mine.Metrics.ECE > 0.05 {
		t.Errorf("learned %+v, present %+v", r.Mine.Metrics, r.InUse.Metrics)
	}
	w := intent.Weights{Version: "learned", Rows: r.Weights}
	if err := w.Validate(); err != nil {
		t.Error(err)
	}
}

func TestKnownSignsHold(t *testing.T) {
	d := market(6, 800, 2)
	for i := range d.Rows { // the world turned round: evaluation speaks against a win
		d.Rows[i].Won = 1 - d.Rows[i].Won
	}
	r, err := learn.Learn(d, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range r.Weights {
		switch {
		case w.Kind == "topic" && w.Points < 0, w.Kind == "event" && w.Points > 0, w.Kind == "breadth" && w.Points < 0:
			t.Errorf("%s %s is worth %d", w.Kind, w.Name, w.Points)
		}
	}
}

func TestOutcomesOfChanceAreNotLearned(t *testing.T) {
	d := market(6, 800, 3)
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range d.Rows {
		d.Rows[i].Won = uint8(rng.IntN(5) / 4)
	}
	r, err := learn.Learn(d, 1)
	if err != nil {
		t.Fatal(err)
	}
	if i := r.Mine.Intervals.Lift; i.Low > 1 || i.High < 1 {
		t.Errorf("lift %.2f within %+v", r.Mine.Metrics.Lift, i)
	}
	if r.Better || !strings.Contains(r.Why, "not better beyond doubt") {
		t.Errorf("chance is better: %s", r.Why)
	}
}

func TestTheCalibratedProbabilityIsTheShareThatWins(t *testing.T) {
	d := market(6, 1500, 5)
	r, err := learn.Learn(d, 1)
	if err != nil || r.Calibration == nil {
		t.Fatalf("%+v, %v", r, err)
	}
	expected, won := 0.0, 0.0
	for i, points := range d.Points(set(r.Weights)) {
		expected += r.Calibration.Probability(points)
		won += float64(d.Rows[i].Won)
	}
	if math.Abs(expected/won-1) > 0.05 {
		t.Errorf("%.0f wins are expected, %.0f happened", expected, won)
	}
}

func TestWhatIsInUseIsWhatMustBeBeaten(t *testing.T) {
	d := market(6, 1500, 6)
	first, err := learn.Learn(d, 1)
	if err != nil || !first.Better {
		t.Fatalf("%+v, %v", first, err)
	}
	d.InUse = set(first.Weights)
	again, err := learn.Learn(d, 1)
	if err != nil {
		t.Fatal(err)
	}
	if again.Better || again.Mine != first.Mine || again.InUse.Metrics.AUC <= first.InUse.Metrics.AUC {
		t.Errorf("against itself: %v, %s", again.Better, again.Why)
	}
}

func TestPointsAreTheScorers(t *testing.T) {
	base := present()
	base[0].Points, base[0].CapPoints = 1000, 1500
	rate, breadth := intent.Weight{Points: -2000}, intent.Weight{Points: 100, CapPoints: 150}
	d := learn.Data{Months: 1, Rows: []learn.Row{{Signals: []learn.Signal{{Driver: 0, Value: 0.8}, {Driver: 0, AgeDays: 60, Value: 1, Family: 1}, {Driver: 2, Value: 1, Family: 2}, {Driver: 3, Value: 1, Family: 3}}}}}
	// evaluation: 800 + 500, saturated; layoff −350; Heroku 350; three favourable families: min(2·100, 150).
	if got, want := d.Points(&learn.Set{Base: base, Rate: rate, Breadth: breadth})[0], -2000+intent.Saturate(1300, 1500)-350+350+150; got != want {
		t.Errorf("%d, want %d", got, want)
	}
}

func TestRowsThatNothingCanBeLearnedFromAreRefused(t *testing.T) {
	change := func(months int, won func(*learn.Row) uint8) *learn.Data {
		d := market(months, 100, 4)
		for i := range d.Rows {
			d.Rows[i].Won = won(&d.Rows[i])
		}
		return d
	}
	for name, c := range map[string]struct {
		data *learn.Data
		err  error
		says string
	}{
		"no positives":        {change(4, func(*learn.Row) uint8 { return 0 }), learn.ErrLabels, "no positives"},
		"one class":           {change(4, func(*learn.Row) uint8 { return 1 }), learn.ErrLabels, "to learn from"},
		"two months":          {market(2, 100, 4), learn.ErrLabels, "2 months have ended"},
		"no wins held out":    {change(4, func(r *learn.Row) uint8 { return uint8((r.Account + r.Month) % 2 * ((3 - r.Month + 2) / 3)) }), learn.ErrLabels, "held out"},
		"evidence that tells": {change(4, func(r *learn.Row) uint8 { return has(r, 3) }), learn.ErrLeak, `"technology:Heroku" alone has an AUC of 1.000`},
	} {
		if _, err := learn.Learn(c.data, 1); !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func has(r *learn.Row, driver int32) uint8 {
	for _, s := range r.Signals {
		if s.Driver == driver {
			return 1
		}
	}
	return 0
}
