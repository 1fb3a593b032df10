package evidence_test

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"telltale/internal/intent"
	"telltale/internal/intent/evidence"
)

var asOf = time.Date(2026, 6, 30, 23, 59, 59, 0, time.UTC)

// id has its number in the half that the store orders by first.
func id(n int) (u uuid.UUID) {
	binary.BigEndian.PutUint64(u[8:], uint64(n))
	return u
}

// model weighs a topic for one product, an event for both, and a technology against the first.
func model() *evidence.Model {
	return &evidence.Model{
		AsOf: asOf,
		Subjects: []evidence.Subject{
			{Driver: "event:funding", Said: true, Worth: []evidence.Worth{{0, intent.Weight{Points: 200}}, {1, intent.Weight{Points: 300}}}},
			{Driver: "technology:Slack", Worth: []evidence.Worth{{0, intent.Weight{Points: -400}}}},
			{Driver: "topic:migration", Said: true, Worth: []evidence.Worth{{0, intent.Weight{Points: 1000, HalfLifeDays: 30, CapPoints: 1500}}}},
		},
		Products: []evidence.Product{
			{Base: intent.Weight{Points: -2000}, Breadth: intent.Weight{Points: 100, CapPoints: 150}, Surge: intent.Weight{Points: 600},
				Bought: intent.Weight{Points: -500, HalfLifeDays: 90}, Prior: intent.SurgePrior{Shape: 0.5, Rate: 10}},
			{Base: intent.Weight{Points: -1000}, Prior: intent.SurgePrior{Shape: 0.5, Rate: 10}},
		},
	}
}

func observed(days int64) int64 { return asOf.AddDate(0, 0, -int(days)).UnixMilli() }

func signal(subject, n int, value float64, days int64, family uint8) evidence.Signal {
	return evidence.Signal{Subject: subject, ID: id(n), Value: value, Age: days, Observed: observed(days), Family: family}
}

func sums(t testing.TB, account *evidence.Account) (out []evidence.Sum) {
	t.Helper()
	err := evidence.New(model()).Add(account, func(s *evidence.Sum) error {
		out = append(out, kept(s))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// kept copies a sum, whose drivers hold for the moment only; their places are TestPlacesAreThoseOfTheModel's.
func kept(s *evidence.Sum) evidence.Sum {
	c := *s
	c.Drivers = nil
	for _, d := range s.Drivers {
		c.Drivers = append(c.Drivers, evidence.Driver{Name: d.Name, Points: d.Points, IDs: append([]uuid.UUID(nil), d.IDs...)})
	}
	return c
}

func TestPlacesAreThoseOfTheModel(t *testing.T) {
	places := map[string]int{"base:rate": 0, "breadth:sources": 1, "surge:recent": 2, "bought:lately": 3}
	for i, subject := range model().Subjects {
		places[subject.Driver] = 4 + i
	}
	a := evidence.Account{FirstRead: asOf.AddDate(-1, 0, 0), Bought: []evidence.Purchase{{Product: 0, Days: 1}}}
	for i := range 4 {
		a.Signals = append(a.Signals, signal(0, i+1, 1, 1, 1<<(2*i)))
	}
	a.Signals = append(a.Signals, signal(1, 8, 1, 1, 2), signal(2, 9, 1, 1, 1))
	seen := map[string]bool{}
	err := evidence.New(model()).Add(&a, func(s *evidence.Sum) error {
		for _, d := range s.Drivers {
			seen[d.Name] = true
			if want, ok := places[d.Name]; !ok || d.Place != want {
				t.Errorf("%s has place %d, want %d", d.Name, d.Place, want)
			}
		}
		return nil
	})
	if err != nil || len(seen) != len(places) {
		t.Errorf("%v; only %v were seen", err, seen)
	}
}

func TestEvidenceAddsUpByDriverAndProduct(t *testing.T) {
	year := asOf.AddDate(-1, 0, 0)
	surge := int64(math.RoundToEven(600 * intent.SurgeStrength(intent.SurgeWindow{Recent: 3, Baseline: 1, RecentWeeks: 3, BaselineWeeks: 12}, intent.SurgePrior{Shape: 0.5, Rate: 10})))
	for name, c := range map[string]struct {
		account evidence.Account
		want    []evidence.Sum
	}{
		"nothing is nothing": {},
		"what counts for both counts once in the run": {
			account: evidence.Account{Signals: []evidence.Signal{signal(0, 1, 0.5, 3, 1)}},
			want: []evidence.Sum{
				{Product: 0, Logit: -1900, Signals: 1, Used: 1, Sources: 1, Freshest: observed(3), Drivers: []evidence.Driver{{Name: "base:rate", Points: -2000}, {Name: "event:funding", Points: 100, IDs: []uuid.UUID{id(1)}}}},
				{Product: 1, Logit: -850, Signals: 1, Sources: 1, Freshest: observed(3), Drivers: []evidence.Driver{{Name: "base:rate", Points: -1000}, {Name: "event:funding", Points: 150, IDs: []uuid.UUID{id(1)}}}},
			},
		},
		"the strongest come first, then the store's order of ids; sums saturate": {
			account: evidence.Account{Signals: []evidence.Signal{signal(2, 9, 0.4, 0, 1), signal(2, 7, 0.8, 30, 1), signal(2, 8, 0.4, 0, 4)}},
			want: []evidence.Sum{{Product: 0, Logit: -2000 + 826 + 100, Signals: 3, Used: 3, Sources: 2, Freshest: observed(0), Drivers: []evidence.Driver{
				{Name: "base:rate", Points: -2000}, {Name: "topic:migration", Points: 826, IDs: []uuid.UUID{id(7), id(8), id(9)}}, {Name: "breadth:sources", Points: 100}}}},
		},
		"evidence against is no source, breadth is bounded": {
			account: evidence.Account{Signals: []evidence.Signal{signal(0, 1, 1, 300, 1), signal(0, 2, 1, 300, 4), signal(0, 3, 1, 300, 8), signal(1, 4, 1, 300, 2)}},
			want: []evidence.Sum{
				{Product: 0, Logit: -2000 + 600 - 400 + 150, Signals: 4, Used: 4, Sources: 3, Freshest: observed(300), Drivers: []evidence.Driver{{Name: "base:rate", Points: -2000},
					{Name: "event:funding", Points: 600, IDs: []uuid.UUID{id(1), id(2), id(3)}}, {Name: "technology:Slack", Points: -400, IDs: []uuid.UUID{id(4)}}, {Name: "breadth:sources", Points: 150}}},
				{Product: 1, Logit: -100, Signals: 3, Sources: 3, Freshest: observed(300), Drivers: []evidence.Driver{{Name: "base:rate", Points: -1000}, {Name: "event:funding", Points: 900, IDs: []uuid.UUID{id(1), id(2), id(3)}}}},
			},
		},
		"what comes to nothing does not count": {
			account: evidence.Account{Signals: []evidence.Signal{signal(2, 1, 0.5, 900, 1)}},
		},
		"a purchase of late": {
			account: evidence.Account{Signals: []evidence.Signal{signal(1, 1, 1, 10, 2)}, Bought: []evidence.Purchase{{1, 3}, {0, 90}}},
			want: []evidence.Sum{{Product: 0, Logit: -2650, Signals: 1, Used: 1, Freshest: observed(10), Drivers: []evidence.Driver{
				{Name: "base:rate", Points: -2000}, {Name: "technology:Slack", Points: -400, IDs: []uuid.UUID{id(1)}}, {Name: "bought:lately", Points: -250}}}},
		},
		"a surge, of what is told of after the first read only": {
			account: evidence.Account{FirstRead: year, Signals: []evidence.Signal{signal(0, 4, 1, 1, 1), signal(0, 3, 1, 1, 1), signal(0, 2, 1, 1, 1), signal(0, 1, 1, 60, 1), signal(0, 5, 1, 360, 1), signal(0, 6, 1, 370, 1)}},
			want: []evidence.Sum{
				{Product: 0, Logit: -2000 + 1200 + surge, Signals: 6, Used: 6, Sources: 1, Freshest: observed(1), Recent: 3, Baseline: 1, Drivers: []evidence.Driver{{Name: "base:rate", Points: -2000},
					{Name: "event:funding", Points: 1200, IDs: []uuid.UUID{id(1), id(2), id(3), id(4), id(5), id(6)}}, {Name: "surge:recent", Points: surge, IDs: []uuid.UUID{id(2), id(3), id(4)}}}},
				{Product: 1, Logit: 800, Signals: 6, Sources: 1, Freshest: observed(1), Recent: 3, Baseline: 1, Drivers: []evidence.Driver{
					{Name: "event:funding", Points: 1800, IDs: []uuid.UUID{id(1), id(2), id(3), id(4), id(5), id(6)}}, {Name: "base:rate", Points: -1000}}},
			},
		},
		"a first crawl of an old feed is no surge": {
			account: evidence.Account{FirstRead: asOf, Signals: []evidence.Signal{signal(0, 1, 1, 0, 1), signal(0, 2, 1, 1, 1), signal(0, 3, 1, 2, 1)}},
			want: []evidence.Sum{
				{Product: 0, Logit: -1400, Signals: 3, Used: 3, Sources: 1, Freshest: observed(0), Drivers: []evidence.Driver{{Name: "base:rate", Points: -2000}, {Name: "event:funding", Points: 600, IDs: []uuid.UUID{id(1), id(2), id(3)}}}},
				{Product: 1, Logit: -100, Signals: 3, Sources: 1, Freshest: observed(0), Drivers: []evidence.Driver{{Name: "base:rate", Points: -1000}, {Name: "event:funding", Points: 900, IDs: []uuid.UUID{id(1), id(2), id(3)}}}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, sums(t, &c.account)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestTheOrderOfSignalsCannotMatter: sums are of whole numbers, and drivers and ids have an order of their own.
func TestTheOrderOfSignalsCannotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := evidence.Account{FirstRead: asOf.AddDate(0, 0, -rapid.IntRange(0, 150).Draw(t, "read"))}
		for subject := range 3 {
			for range rapid.IntRange(0, 12).Draw(t, "n") {
				a.Signals = append(a.Signals, signal(subject, len(a.Signals), rapid.Float64Range(-1, 1).Draw(t, "value"), rapid.Int64Range(0, 200).Draw(t, "days"), 1<<rapid.IntRange(0, 7).Draw(t, "family")))
			}
		}
		shuffled := a
		shuffled.Signals = slices.Clone(a.Signals)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(shuffled.Signals), func(i, j int) {
			if shuffled.Signals[i].Subject == shuffled.Signals[j].Subject {
				shuffled.Signals[i], shuffled.Signals[j] = shuffled.Signals[j], shuffled.Signals[i]
			}
		})
		want, got := all(&a), all(&shuffled)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
		for _, s := range got {
			var logit int64
			for _, d := range s.Drivers {
				logit += d.Points
			}
			if logit != s.Logit {
				t.Fatalf("drivers come to %d, the logit is %d", logit, s.Logit)
			}
		}
	})
}

func all(a *evidence.Account) (out []evidence.Sum) {
	_ = evidence.New(model()).Add(a, func(s *evidence.Sum) error { // take never fails
		out = append(out, kept(s))
		return nil
	})
	return out
}

func TestAnAdderIsReadyForTheNextAccount(t *testing.T) {
	adder := evidence.New(model())
	a := evidence.Account{FirstRead: asOf.AddDate(-1, 0, 0), Signals: []evidence.Signal{signal(0, 1, 1, 1, 1), signal(0, 2, 1, 1, 1), signal(0, 3, 1, 1, 1), signal(2, 4, 1, 1, 4)}}
	b := evidence.Account{Signals: []evidence.Signal{signal(1, 5, 1, 10, 2)}}
	var got []evidence.Sum
	take := func(s *evidence.Sum) error {
		got = append(got, kept(s))
		return nil
	}
	for _, account := range []*evidence.Account{&a, &b, &a} {
		if err := adder.Add(account, take); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(slices.Concat(all(&a), all(&b), all(&a)), got); d != "" {
		t.Error(d)
	}
	stop := errors.New("no more")
	if err := adder.Add(&a, func(*evidence.Sum) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

func TestOfOneDriverFiveHundredAreNamed(t *testing.T) {
	var a evidence.Account
	for i := range 700 {
		a.Signals = append(a.Signals, signal(0, i, 1, 5, 1))
	}
	got := sums(t, &a)
	if d := got[0].Drivers[0]; got[0].Signals != 700 || d.Points != 140_000 || len(d.IDs) != evidence.Named || d.IDs[0] != id(0) {
		t.Errorf("%d signals, %d points, %d named", got[0].Signals, d.Points, len(d.IDs))
	}
}
