package oracle

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Step is one fault to come.
type Step struct {
	// At is when, since the crawlers' start.
	At   time.Duration
	Kind Kind
	// Victim is a crawler's name; unused by Broker and Scale.
	Victim string
	// To is the number of crawlers that Scale leads to.
	To int
	// Drill is the step of the wall clock, "+90s", and After how long into the process's life it comes. Kind Clock steps the
	// clock of the process that is there from the start; Kill may step that of the one it starts again.
	Drill string
	After time.Duration
}

// ShortPlan is one fault of each kind but the partition, for three crawlers: early, as a dead holder's leases take their time,
// and so that two crawlers at least are at work at each, however the first requests fell.
func ShortPlan() []Step {
	return []Step{
		{Kind: Clock, Victim: "c1", Drill: "+90s", After: 6 * time.Second},
		{At: 3 * time.Second, Kind: Kill, Victim: "c2"},
		{At: 8 * time.Second, Kind: Broker},
		{At: 10 * time.Second, Kind: Freeze, Victim: "c1"},
		{At: 13 * time.Second, Kind: Scale, To: 5},
	}
}

// RandomPlan draws faults of every kind for length, from seed: one every few seconds, with quiet at the end so that what was
// disturbed can be made up for. crawlers are there at the start, most after the scale-up in the middle.
func RandomPlan(seed uint64, length time.Duration, crawlers, most int) []Step {
	const quiet, least, spread = 30 * time.Second, 4, 8
	rng := rand.New(rand.NewPCG(seed, 3))
	drills := [...]string{"+90s", "-1h", "+3s", "-2s", "+36h"}
	drill := func(s *Step) {
		s.Drill, s.After = drills[rng.IntN(len(drills))], time.Duration(4+rng.IntN(8))*time.Second
	}
	var plan []Step
	for i := range crawlers {
		if i%2 == 1 {
			s := Step{Kind: Clock, Victim: crawlerName(i + 1)}
			drill(&s)
			plan = append(plan, s)
		}
	}
	now, scaled := 5*time.Second, false
	for ; now < length-quiet; now += time.Duration(least+rng.IntN(spread)) * time.Second {
		if !scaled && now > length/2 && most > crawlers {
			scaled, crawlers = true, most
			plan = append(plan, Step{At: now, Kind: Scale, To: most})
			continue
		}
		s := Step{At: now, Victim: crawlerName(1 + rng.IntN(crawlers))}
		switch rng.IntN(7) {
		case 0, 1, 2:
			s.Kind = Kill
			if rng.IntN(2) == 0 {
				drill(&s)
			}
		case 3, 4:
			s.Kind = Freeze
		case 5:
			s.Kind = Partition
		case 6:
			s.Kind, s.Victim = Broker, ""
		}
		plan = append(plan, s)
	}
	return plan
}

func crawlerName(i int) string { return fmt.Sprintf("c%d", i) }
