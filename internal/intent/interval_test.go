package intent_test

import (
	"testing"

	"pgregory.net/rapid"

	"telltale/internal/intent"
)

func TestAnIntervalIsOfTheSignalsThatMightNotHaveBeenSeen(t *testing.T) {
	ids := func(n int) []string { return make([]string, n) }
	for name, c := range map[string]struct {
		drivers []intent.Driver
		want    int64
	}{
		"no evidence":                {nil, 0},
		"the base rate is no sample": {[]intent.Driver{{Name: "base:rate", Points: -2500}}, 0},
		"one signal may be none":     {[]intent.Driver{{Name: "base:rate", Points: -2500}, {Name: "topic:migration", Points: 1000, SignalIDs: ids(1)}}, 1645},
		"four signals are surer":     {[]intent.Driver{{Name: "topic:migration", Points: 1000, SignalIDs: ids(4)}}, 822},
		"drivers add in squares":     {[]intent.Driver{{Name: "topic:pain", Points: 300, SignalIDs: ids(1)}, {Name: "event:layoff", Points: -400, SignalIDs: ids(1)}}, 822},
		"breadth counts as one":      {[]intent.Driver{{Name: "breadth:sources", Points: 100}}, 164},
	} {
		t.Run(name, func(t *testing.T) {
			if got := intent.Margin(c.drivers); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestMoreSignalsOfTheSameSumNeverWidenAnInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points, n := rapid.Int64Range(-5000, 5000).Draw(t, "points"), rapid.IntRange(1, 400).Draw(t, "signals")
		of := func(n int) int64 {
			return intent.Margin([]intent.Driver{{Name: "topic:pain", Points: points, SignalIDs: make([]string, n)}})
		}
		if of(n+1) > of(n) || of(n) < 0 {
			t.Fatalf("%d points of %d signals: %d, of one more %d", points, n, of(n), of(n+1))
		}
	})
}
