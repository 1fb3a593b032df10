package lookalike_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"telltale/internal/fit/lookalike"
)

func TestAnAccountIsNeverOnTwoSides(t *testing.T) {
	d := world(3000, 20)
	for i := range d.Accounts { // each account comes three times, far apart
		d.Accounts[i] = fmt.Sprint("A", i%1000)
	}
	split := trained(t, d, recipe(lookalike.Logistic), nil).Split
	// An account of the last fifth comes again in each third: 1000 rows at most stand on their own side.
	if split.By != lookalike.ByAccount && split.Rows[3] == 0 {
		t.Errorf("split %+v leaves nobody out", split)
	}
	if split.Rows[0]+split.Rows[1]+split.Rows[2]+split.Rows[3] != 3000 {
		t.Errorf("split %+v is not of 3000 rows", split)
	}
}

func TestUndatedLabelsAreSplitByAccountWithBothClassesOnEachSide(t *testing.T) {
	d := world(200, 21)
	clear(d.Days)
	clear(d.Won)
	for i := range 12 {
		d.Won[i*16] = 1
	}
	split := trained(t, d, recipe(lookalike.Logistic), nil).Split
	if split.By != lookalike.ByAccount || split.Rows[0] < 110 || split.Rows[2] < 35 {
		t.Errorf("split %+v", split)
	}
}

func TestPlacesAreReadAndBadOnesNamedByLine(t *testing.T) {
	places, err := lookalike.ReadPlaces(strings.NewReader("split,row,account_id\ntrain,1,A\nval,2,B\ntest,3,C\ntrain,4,A\n"))
	if err != nil || len(places) != 3 || places["A"] != lookalike.Train || places["B"] != lookalike.Tune || places["C"] != lookalike.Test {
		t.Errorf("got %v, %v", places, err)
	}
	for name, c := range map[string]struct{ text, says string }{
		"empty":              {"", "line 1"},
		"no column split":    {"account_id,y\nA,1\n", "line 1: the columns account_id and split are required"},
		"an unknown side":    {"account_id,split\nA,train\nB,elsewhere\n", `line 3: account "B" to "elsewhere"`},
		"no account":         {"account_id,split\n,train\n", "line 2"},
		"on two sides":       {"account_id,split\nA,train\nA,test\n", `line 3: account "A" is on two sides`},
		"a row too short":    {"account_id,split\nA\n", "line 2"},
		"a quote left open":  {"account_id,split\n\"A,train\n", "line"},
		"a quote in a plain": {"account_id,split\nA\"b,train\n", "line 2"},
	} {
		if _, err := lookalike.ReadPlaces(strings.NewReader(c.text)); !errors.Is(err, lookalike.ErrPlaces) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", name, err, c.says)
		}
	}
}

func FuzzReadPlaces(f *testing.F) {
	f.Add("account_id,split\nA,train\n")
	f.Add("split,account_id\r\ntest,\"a\"\"b\"\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		places, err := lookalike.ReadPlaces(strings.NewReader(text))
		if err != nil && !errors.Is(err, lookalike.ErrPlaces) {
			t.Fatalf("an error of another kind: %v", err)
		}
		for a, p := range places {
			if a == "" || p > lookalike.Test {
				t.Fatalf("account %q to %d", a, p)
			}
		}
	})
}

func TestAChallengerHasToBeBetterBeyondDoubtAndARefitOnlyNoWorse(t *testing.T) {
	d := world(5000, 22)
	champion := trained(t, d, recipe(lookalike.Logistic), nil).Model

	again := trained(t, d, recipe(lookalike.Logistic), champion).Verdict
	if !again.Promoted || !strings.Contains(again.Why, "champion already") {
		t.Errorf("the same again: %+v", again)
	}

	// What makes accounts buy here adds up, so trees cannot be better beyond doubt.
	trees := trained(t, d, recipe(lookalike.Trees), champion).Verdict
	if trees.Promoted || trees.Champion != champion.Version || trees.Difference == nil || !strings.Contains(trees.Against, "trained on the same rows") {
		t.Errorf("trees: %+v", trees)
	}

	// Where it depends on how two things meet, they are.
	met := world(5000, 23)
	for i := range met.Won {
		owns := column(met, "owns Copier").Flags[i] == 1
		retail := column(met, "industry").Codes[i]%2 == 0
		met.Won[i] = 0
		if owns != retail && i%7 < 5 || i%11 == 0 {
			met.Won[i] = 1
		}
	}
	sums := trained(t, met, recipe(lookalike.Logistic), nil).Model
	if v := trained(t, met, recipe(lookalike.Trees), sums).Verdict; !v.Promoted || !(v.Difference.Low > 0) {
		t.Errorf("trees where two things meet: %+v", v)
	}
}

func TestAChampionIsJudgedOnRowsFromAfterItsLastLabel(t *testing.T) {
	d := world(5000, 24)
	past := *d
	past.Won, past.Accounts, past.Days = d.Won[:3500], d.Accounts[:3500], d.Days[:3500]
	table := *d.Table
	table.Rows, table.Columns = 3500, append(table.Columns[:0:0], table.Columns...)
	for i := range table.Columns {
		c := &table.Columns[i]
		if c.Numbers != nil {
			c.Numbers = c.Numbers[:3500]
		}
		if c.Codes != nil {
			c.Codes = c.Codes[:3500]
		}
		if c.Flags != nil {
			c.Flags = c.Flags[:3500]
		}
	}
	past.Table = &table
	champion := trained(t, &past, recipe(lookalike.Logistic), nil).Model
	v := trained(t, d, recipe(lookalike.Logistic), champion).Verdict
	if !strings.Contains(v.Against, "the champion itself") || v.Other == nil || !v.Promoted {
		t.Errorf("verdict %+v", v)
	}
}

func TestAWalkThroughTimeShowsWhatRefitsAreWorth(t *testing.T) {
	d := world(6000, 25)
	for i := range d.Won { // the market turns: in the last fifth it is those without the other product that buy
		owns := column(d, "owns Copier").Flags[i] == 1
		d.Won[i] = 0
		if owns == (i < 4900) && i%5 > 0 || i%17 == 0 {
			d.Won[i] = 1
		}
	}
	r := recipe(lookalike.Logistic)
	w, err := lookalike.Forward(d, r, 12, 300)
	if err != nil {
		t.Fatal(err)
	}
	if w.Rolling.Metrics.AUC < w.Frozen.Metrics.AUC+0.2 {
		t.Errorf("frozen %+v, rolling %+v", w.Frozen.Metrics, w.Rolling.Metrics)
	}
	clear(d.Days)
	if _, err := lookalike.Forward(d, r, 12, 0); !errors.Is(err, lookalike.ErrLabels) {
		t.Errorf("undated: got %v", err)
	}
}
