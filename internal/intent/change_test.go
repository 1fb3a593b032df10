package intent

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAMoveNamesWhatChangedAndItsPointsSumToTheDifference(t *testing.T) {
	score := func(x float64) *float64 { return &x }
	stand := func(change func(*Stand)) *Stand {
		s := &Stand{Present: true, FitModel: "imported", IntentModel: "w-1", Matrix: "m-1", FitScore: score(60), IntentScore: score(50), Drivers: []Driver{
			{Name: "base:rate", Points: -2000}, {Name: "topic:migration", Points: 900, SignalIDs: []string{"1", "2"}}, {Name: "event:funding", Points: 100, SignalIDs: []string{"3"}}}}
		change(s)
		return s
	}
	same := stand(func(*Stand) {})
	for name, c := range map[string]struct {
		to   *Stand
		want []string
	}{
		"nothing":            {same, nil},
		"the accounts about": {stand(func(s *Stand) { s.IntentScore = score(40) }), []string{CauseOthers + " "}},
		"fit":                {stand(func(s *Stand) { s.FitScore = nil }), []string{CauseFit + " "}},
		"the model of fit":   {stand(func(s *Stand) { s.FitModel = "lookalike" }), []string{CauseFitModel + " "}},
		"another matrix":     {stand(func(s *Stand) { s.Matrix = "m-2" }), []string{CauseMatrix + " "}},
		"it left":            {&Stand{}, []string{CauseLeft + " "}},
		"signals at another age": {stand(func(s *Stand) {
			s.Drivers = []Driver{s.Drivers[0], {Name: "topic:migration", Points: 450, SignalIDs: []string{"1", "2"}}, s.Drivers[2]}
		}), []string{CauseAge + " topic:migration"}},
		"one came, one went, the largest first": {stand(func(s *Stand) {
			s.Drivers = []Driver{s.Drivers[0], {Name: "topic:migration", Points: 1300, SignalIDs: []string{"1", "2", "4"}}}
		}), []string{CauseNew + " topic:migration", CauseGone + " event:funding"}},
		"other weights": {stand(func(s *Stand) {
			s.IntentModel = "w-2"
			s.Drivers = []Driver{{Name: "base:rate", Points: -2500}, s.Drivers[1], s.Drivers[2]}
		}), []string{CauseWeights + " ", CauseWeights + " base:rate"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			var sum, want int64
			for _, r := range Reasons(same, c.to) {
				got = append(got, r.Cause+" "+r.Driver)
				if r.Driver != "" {
					sum += r.To - r.From
				}
				if r.Text == "" {
					t.Errorf("%s says nothing", r.Cause)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			for _, d := range c.to.Drivers {
				want += d.Points
			}
			if c.to.Present {
				want += 1000 // what same comes to, negated
			}
			if sum != want {
				t.Errorf("the drivers' differences sum to %d, the logits' is %d", sum, want)
			}
		})
	}
	if r := Reasons(&Stand{}, same); len(r) != 1 || r[0].Cause != CauseAppeared {
		t.Errorf("it appeared: %+v", r)
	}
}
