package lookalike

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"time"
)

// The shares of the rows that train, and that train or tune; the rest test.
const (
	trainShare = 0.6
	tuneShare  = 0.8
)

// How says how rows were split.
type How struct {
	By string `json:"by"`
	// TuneFrom and TestFrom are the first days of their parts, for a split by time.
	TuneFrom string `json:"tune_from,omitempty"`
	TestFrom string `json:"test_from,omitempty"`
	// Rows are the sizes of the parts: train, tune, test, and left out so that no account is on two sides.
	Rows [4]int `json:"rows"`
}

// The ways of a split.
const (
	ByFile    = "file"
	ByTime    = "time"
	ByAccount = "account"
)

// split gives each row its place: as the data say, or by time where rows are dated, and by account where time leaves a part without two
// classes.
func (d *Data) split() ([]Place, How, error) {
	if d.Places != nil {
		how := How{By: ByFile}
		if err := d.sound(d.Places, &how); err != nil {
			return nil, how, fmt.Errorf("the split that was given: %w", err)
		}
		return d.Places, how, nil
	}
	if places, how, ok := d.byTime(); ok {
		return places, how, nil
	}
	places, how := d.byAccount(), How{By: ByAccount}
	return places, how, d.sound(places, &how)
}

// sound counts the parts, and refuses a split with a part that lacks a class.
func (d *Data) sound(places []Place, how *How) error {
	var won, all [4]int
	for i, p := range places {
		all[p]++
		won[p] += int(d.Won[i])
	}
	how.Rows = all
	for p, name := range [...]string{"train", "tune", "test"} {
		if won[p] == 0 || won[p] == all[p] {
			return fmt.Errorf("%w: %d of the %d rows to %s on are positive: both classes are needed in each part", ErrLabels, won[p], all[p], name)
		}
	}
	return nil
}

func (d *Data) byTime() ([]Place, How, bool) {
	days := slices.Clone(d.Days)
	slices.Sort(days)
	if len(days) == 0 || days[0] == 0 || days[0] == days[len(days)-1] {
		return nil, How{}, false
	}
	tune, test := days[int(trainShare*float64(len(days)))], days[int(tuneShare*float64(len(days)))]
	places := make([]Place, len(d.Days))
	home := map[string]Place{}
	for i, day := range d.Days {
		switch {
		case day >= test:
			places[i] = Test
		case day >= tune:
			places[i] = Tune
		}
		home[d.Accounts[i]] = max(home[d.Accounts[i]], places[i])
	}
	for i, p := range places {
		if p != home[d.Accounts[i]] {
			places[i] = Out
		}
	}
	how := How{By: ByTime, TuneFrom: date(tune), TestFrom: date(test)}
	return places, how, d.sound(places, &how) == nil
}

// byAccount deals accounts by a hash of their names, those with a positive apart, so that each part has its share of both classes and
// an account that stays keeps its place.
func (d *Data) byAccount() []Place {
	positive := map[string]bool{}
	for i, a := range d.Accounts {
		positive[a] = positive[a] || d.Won[i] == 1
	}
	type ticket struct {
		number  uint64
		account string
	}
	var classes [2][]ticket
	for a, yes := range positive {
		h := fnv.New64a()
		_, _ = h.Write([]byte(a)) // never fails
		at := 0
		if yes {
			at = 1
		}
		classes[at] = append(classes[at], ticket{mix(h.Sum64()), a})
	}
	home := make(map[string]Place, len(positive))
	for _, tickets := range classes {
		slices.SortFunc(tickets, func(a, b ticket) int {
			return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.account, b.account))
		})
		for i, t := range tickets {
			switch share := float64(i) / float64(len(tickets)); {
			case share >= tuneShare:
				home[t.account] = Test
			case share >= trainShare:
				home[t.account] = Tune
			}
		}
	}
	places := make([]Place, len(d.Accounts))
	for i, a := range d.Accounts {
		places[i] = home[a]
	}
	return places
}

// mix spreads a hash over all its bits: names that differ in a digit must not be dealt in their order.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// rowsOf lists the rows of some places, in order.
func rowsOf(places []Place, want ...Place) []int32 {
	var out []int32
	for i, p := range places {
		if slices.Contains(want, p) {
			out = append(out, int32(i))
		}
	}
	return out
}

// groups numbers the accounts of some rows.
func (d *Data) groups(rows []int32) []int32 {
	number := map[string]int32{}
	out := make([]int32, len(rows))
	for i, r := range rows {
		n, known := number[d.Accounts[r]]
		if !known {
			n = int32(len(number))
			number[d.Accounts[r]] = n
		}
		out[i] = n
	}
	return out
}

func date(day int32) string { return time.Unix(int64(day)*86_400, 0).UTC().Format(time.DateOnly) }
