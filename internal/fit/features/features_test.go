package features_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"telltale/internal/fit/features"
)

func rows(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// column makes a table of one column of words; an empty one is unknown.
func column(words ...string) *features.Table {
	b := features.NewBuilder()
	for _, w := range words {
		b.Next()
		b.Word("c", w)
	}
	return b.Table()
}

func repeat(word string, n int) []string { return slices.Repeat([]string{word}, n) }

func TestNumbersFallIntoQuantilesAndUnknownStandsApart(t *testing.T) {
	b := features.NewBuilder()
	for i := range 1000 {
		b.Next()
		if i%10 != 0 {
			b.Number("employees", float64(i))
		}
	}
	b.Next()
	b.Number("employees", math.Inf(1))
	table := b.Table()
	fs := features.Learn(table, rows(table.Rows), features.Options{})
	if len(fs) != 1 || len(fs[0].Edges) != 9 {
		t.Fatalf("got %+v, want one feature of ten bins", fs)
	}
	x := features.Encode(table, fs)
	var counts [12]int
	for _, l := range x.Columns[0] {
		counts[l]++
	}
	for l := range 10 {
		if counts[l] < 80 || counts[l] > 100 {
			t.Errorf("bin %d has %d of 900 rows", l, counts[l])
		}
	}
	if counts[fs[0].Unknown()] != 101 {
		t.Errorf("%d rows are unknown, want the 100 without a number and the infinite one", counts[fs[0].Unknown()])
	}
}

func TestAValueThatManyRowsHaveDoesNotStarveTheOtherBins(t *testing.T) {
	b := features.NewBuilder()
	for i := range 1000 {
		b.Next()
		b.Number("n", max(0, float64(i-600)))
	}
	fs := features.Learn(b.Table(), rows(1000), features.Options{Bins: 5})
	if len(fs) != 1 || len(fs[0].Edges) != 4 || fs[0].Edges[0] != 1 {
		t.Fatalf("got %+v: want nought alone and four bins of what is left", fs)
	}
}

func TestFewDifferentNumbersHaveABinEachOnceTheyHaveSupport(t *testing.T) {
	words := slices.Concat(repeat("0", 500), repeat("1", 300), repeat("2", 30), repeat("3", 4), repeat("7", 2))
	fs := features.Learn(column(words...), rows(len(words)), features.Options{})
	if len(fs) != 1 || !slices.Equal(fs[0].Edges, []float64{1, 2}) {
		t.Fatalf("got %+v: want edges at 1 and 2, what is rarer with its neighbour", fs)
	}
}

func TestRareWordsArePooledAndUnseenOnesGoWithThem(t *testing.T) {
	words := slices.Concat(repeat("Retail", 50), repeat("Banking", 40), repeat("Falconry", 3), repeat("", 20))
	fs := features.Learn(column(words...), rows(len(words)), features.Options{})
	if len(fs) != 1 || !slices.Equal(fs[0].Levels, []string{"Retail", "Banking"}) {
		t.Fatalf("got %+v", fs)
	}
	x := features.Encode(column("Retail", "Banking", "Falconry", "Heraldry", "", "  Retail "), fs)
	if want := []uint8{0, 1, 2, 2, 3, 0}; !slices.Equal(x.Columns[0], want) {
		t.Errorf("levels %v, want %v", x.Columns[0], want)
	}
	for level, want := range []string{"c Retail", "c Banking", "c other", "c unknown"} {
		if got := fs[0].Level(level); got != want {
			t.Errorf("level %d reads %q, want %q", level, got, want)
		}
	}
}

func TestWordsThatAreNearlyAllNumbersBecomeOne(t *testing.T) {
	var words []string
	for i := range 200 {
		words = append(words, fmt.Sprintf("%d.5", i))
	}
	words = append(words, "n/a", "nan", "")
	table := column(words...)
	fs := features.Learn(table, rows(len(words)), features.Options{})
	if len(fs) != 1 || fs[0].Kind != features.Number {
		t.Fatalf("got %+v", fs)
	}
	x := features.Encode(table, fs)
	for i, w := range words {
		if unknown := int(x.Columns[0][i]) == fs[0].Unknown(); unknown != (i >= 200) {
			t.Errorf("%q: unknown %v", w, unknown)
		}
	}
	if got := fs[0].Level(0); !strings.HasPrefix(got, "c under ") {
		t.Errorf("the lowest bin reads %q", got)
	}
}

func TestAColumnThatSaysTheSameOfAllGivesNoFeature(t *testing.T) {
	b := features.NewBuilder()
	for i := range 100 {
		b.Next()
		b.Word("country", "GB")
		b.Word("id", fmt.Sprint("A-", i))
		b.Flag("uses Falcon", i < 3)
		b.Flag("uses WordPress", i < 30)
	}
	fs := features.Learn(b.Table(), rows(100), features.Options{})
	if len(fs) != 1 || fs[0].Name != "uses WordPress" {
		t.Errorf("got %+v: a constant, a key and a flag of three rows say nothing", fs)
	}
}

func TestFlagsThatNobodyAskedAreUnknown(t *testing.T) {
	b := features.NewBuilder()
	for i := range 60 {
		b.Next()
		if i < 40 {
			b.Flag("uses WordPress", i < 20)
		}
	}
	table := b.Table()
	x := features.Encode(table, features.Learn(table, rows(60), features.Options{}))
	if x.Columns[0][0] != 1 || x.Columns[0][30] != 0 || x.Columns[0][50] != 2 {
		t.Errorf("yes %d, no %d, unknown %d", x.Columns[0][0], x.Columns[0][30], x.Columns[0][50])
	}
}

func TestColumnsAndWordsAreBounded(t *testing.T) {
	b := features.NewBuilder()
	b.Next()
	for i := range 3 * features.MaxColumns {
		b.Word(fmt.Sprint("c", i), "x")
	}
	b.Word("c1", strings.Repeat("é", 500))
	if b.Left() == 0 {
		t.Error("no column was left out")
	}
	table := b.Table()
	if len(table.Columns) != features.MaxColumns {
		t.Errorf("%d columns", len(table.Columns))
	}
	at := slices.IndexFunc(table.Columns, func(c features.Column) bool { return c.Name == "c1" })
	if got := table.Columns[at].Words[1]; len(got) > 200 || strings.ContainsRune(got, '\uFFFD') {
		t.Errorf("a long word is kept as %d bytes", len(got))
	}
}

func TestTheOrderInWhichColumnsComeDoesNotMatter(t *testing.T) {
	one, other := features.NewBuilder(), features.NewBuilder()
	for i := range 60 {
		one.Next()
		one.Word("a", fmt.Sprint(i%3))
		one.Word("b", fmt.Sprint("x", i%2))
		other.Next()
		other.Word("b", fmt.Sprint("x", i%2))
		other.Word("a", fmt.Sprint(i%3))
	}
	got, want := features.Learn(one.Table(), rows(60), features.Options{}), features.Learn(other.Table(), rows(60), features.Options{})
	if !reflect.DeepEqual(got, want) || len(got) != 2 {
		t.Errorf("got %+v and %+v", got, want)
	}
}

func TestFeaturesThatDoNotStandAreRefused(t *testing.T) {
	for name, f := range map[string]features.Feature{
		"no name":                {Kind: features.Flag},
		"an unknown kind":        {Name: "a", Kind: "colour"},
		"edges that fall":        {Name: "a", Kind: features.Number, Edges: []float64{2, 1}},
		"an edge that is none":   {Name: "a", Kind: features.Number, Edges: []float64{math.NaN()}},
		"edges of words":         {Name: "a", Kind: features.Word, Edges: []float64{1}},
		"a word twice":           {Name: "a", Kind: features.Word, Levels: []string{"x", "x"}},
		"an empty word":          {Name: "a", Kind: features.Word, Levels: []string{""}},
		"more levels than bytes": {Name: "a", Kind: features.Number, Edges: make([]float64, 255)},
	} {
		if err := f.Validate(); !errors.Is(err, features.ErrFeature) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestLearnedFeaturesStandAndLevelsFitThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]string{"", "a", "b", "1", "2", "1e9", "-3"}), rapid.String()), 1, 300).Draw(t, "words")
		o := features.Options{Bins: rapid.IntRange(1, 300).Draw(t, "bins"), Words: rapid.IntRange(1, 300).Draw(t, "most"), Support: 1}
		table := column(words...)
		for _, f := range features.Learn(table, rows(len(words)), o) {
			if err := f.Validate(); err != nil {
				t.Fatal(err)
			}
			for _, l := range features.Encode(table, []features.Feature{f}).Columns[0] {
				if int(l) >= f.Size() {
					t.Fatalf("level %d of %d", l, f.Size())
				}
			}
		}
	})
}
