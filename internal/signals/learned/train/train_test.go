package train

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func dense(values ...float32) vector {
	v := vector{}
	for i, x := range values {
		v.index, v.value = append(v.index, int32(i)), append(v.value, x)
	}
	v.square()
	return v
}

func TestWeightsAreWhereTheSlopeIsLevel(t *testing.T) {
	rows := []vector{dense(1, 0.2), dense(0.9, -0.4), dense(-0.3, 1), dense(0.1, 1), dense(-1, 0.1)}
	positive := func(i int) bool { return i < 2 }
	const cost = 3
	w := logistic(rows, positive, cost, 2, 1000, 1)
	for d := range w {
		slope := w[d]
		for i := range rows {
			y := sign(positive(i))
			slope -= cost * y * sigmoid(-y*rows[i].dot(w)) * float64(rows[i].value[d])
		}
		if math.Abs(slope) > 0.02 {
			t.Errorf("slope %g along weight %d of %v", slope, d, w)
		}
	}
	if !slices.Equal(w, logistic(rows, positive, cost, 2, 1000, 1)) {
		t.Error("the same seed gives other weights")
	}
}

func TestAnIndexThatStandsTwiceCountsWithItsSum(t *testing.T) {
	v := vector{index: []int32{0, 1, 0}, value: []float32{1, 2, 3}}
	if v.square(); v.norm != 20 {
		t.Errorf("norm %g, want 20", v.norm)
	}
}

func TestCopiesAndDocumentsStayOnOneSide(t *testing.T) {
	examples := []Example{
		{Text: "The dairy at Lowick has bought a second tanker for the milk round.", Doc: "a"},
		{Text: "It rained on Tuesday, and nobody minded the puddles.", Doc: "a"},
		{Text: "The dairy at Lowick has bought a second tanker for its milk round!"},
		{Text: "Nothing at all is like this sentence here."},
		{Text: "Another of the same theme, in other words entirely.", Group: "theme"},
		{Text: "What was said before, told quite differently now.", Group: "theme"},
	}
	g := Groups(examples)
	if g[0] != g[1] || g[0] != g[2] || g[4] != g[5] || g[0] == g[3] || g[3] == g[4] {
		t.Errorf("groups %v", g)
	}
	all := own(t)
	groups := Groups(all)
	fold := folds(groups, 5, 1)
	side, size := map[int]int{}, make([]int, 5)
	for i := range all {
		size[fold[i]]++
		if f, ok := side[groups[i]]; ok && f != fold[i] {
			t.Fatalf("group %d is in folds %d and %d", groups[i], f, fold[i])
		}
		side[groups[i]] = fold[i]
	}
	if slices.Max(size)-slices.Min(size) > len(all)/20 {
		t.Errorf("folds of %v", size)
	}
}

func TestSharesAndTheirIntervals(t *testing.T) {
	c := Tally{Right: 8, Wrong: 2, Missed: 8}
	if c.Precision() != 0.8 || c.Recall() != 0.5 || math.Abs(c.F1()-8.0/13) > 1e-9 {
		t.Errorf("precision %g, recall %g, F1 %g", c.Precision(), c.Recall(), c.F1())
	}
	if i := Wilson(8, 10); math.Abs(i.Low-0.4902) > 1e-3 || math.Abs(i.High-0.9433) > 1e-3 {
		t.Errorf("Wilson %v", i)
	}
	if (Tally{}).F1() != 0 || Wilson(0, 0) != (Interval{0, 1}) {
		t.Error("of nothing, nothing is known")
	}
	groups, claimed, truth := make([]int, 100), make([]bool, 100), make([]bool, 100)
	for i := range groups {
		groups[i], truth[i], claimed[i] = i, i%2 == 0, i%2 == 0 && i < 60
	}
	if i := F1Interval(groups, claimed, truth); i.Low > 0.75 || i.High < 0.75 || i.High-i.Low > 0.4 || i.Low == i.High {
		t.Errorf("F1 0.75 within %v", i)
	}
	one := make([]int, 100)
	if i := F1Interval(one, claimed, truth); i.Low != i.High {
		t.Errorf("one document stands or falls together: %v", i)
	}
}

func TestABadLineIsNamed(t *testing.T) {
	for text, says := range map[string]string{
		"{\n":                               "line 1",
		"# licence\n\n{\"text\":\"\"}\n":    "line 3: no text",
		`{"text":"a","modality":"perhaps"}`: `"perhaps"`,
		"{\"text\":\"a\"}\n[]\n":            "line 2",
		`{"text":"` + strings.Repeat("a", maxLine) + `"}`: "line 1",
	} {
		if _, err := Read(strings.NewReader(text)); !errors.Is(err, ErrData) || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v, want %q", text, err, says)
		}
	}
}

// some are every sixth group of our sentences of two events and of none, small enough to train on in a test.
func some(t testing.TB) []Example {
	t.Helper()
	var out []Example
	for i, e := range own(t) {
		if e.Has("hiring") || e.Has("award") || len(e.Labels) == 0 && i%4 == 0 {
			e.Rules = []float64{0, 0}
			if strings.Contains(e.Text, "looking for") {
				e.Rules[0] = 0.8
			}
			e.Hints = []float32{0}
			if strings.Contains(strings.ToLower(e.Text), "prize") {
				e.Hints[0] = 1
			}
			out = append(out, e)
		}
	}
	return out
}

func smallOptions() Options { return Options{Bits: 14, Cost: 5, Rounds: 20, Folds: 3, Seed: 1} }

func TestTheSameSentencesGiveTheSameModel(t *testing.T) {
	examples := some(t)
	var files [2]bytes.Buffer
	for k := range files {
		m, err := Fit(examples, []string{"hiring", "award"}, []string{"prize"}, "test", smallOptions())
		if err != nil {
			t.Fatal(err)
		}
		if m.HintWeights[0][1] <= 0 {
			t.Errorf("a prize speaks for an award: weights %v", m.HintWeights[0])
		}
		if err := m.Save(&files[k]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("two trainings, two models")
	}
}

func TestCrossValidationJudgesEverySentenceAndBeatsGuessing(t *testing.T) {
	examples := some(t)
	r, err := Cross(examples, []string{"hiring", "award"}, smallOptions())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Events {
		var c Tally
		truth := 0
		for i := range e.Truth {
			c.Add(e.Combined[i], e.Truth[i])
			if e.Truth[i] {
				truth++
			}
			if !(e.P[i] > 0 && e.P[i] < 1) {
				t.Fatalf("%s: probability %g of sentence %d", e.Class, e.P[i], i)
			}
		}
		always := Tally{Right: truth, Wrong: len(e.Truth) - truth}.F1()
		t.Logf("%s: F1 %.2f, of claiming always %.2f", e.Class, c.F1(), always)
		if c.F1() < always+0.05 {
			t.Errorf("%s: F1 %.2f, hardly above %.2f of claiming always", e.Class, c.F1(), always)
		}
	}
	for i, m := range r.Modality {
		if !slices.Contains(Modalities(), m) {
			t.Fatalf("sentence %d: modality %q", i, m)
		}
	}
}

func TestTooFewSentencesAreRefused(t *testing.T) {
	few := some(t)[:8]
	if _, err := Cross(few, []string{"hiring"}, smallOptions()); !errors.Is(err, ErrData) {
		t.Errorf("Cross: %v", err)
	}
	if _, err := Fit(few, []string{"hiring"}, nil, "", smallOptions()); !errors.Is(err, ErrData) {
		t.Errorf("Fit: %v", err)
	}
	plain := some(t)
	for i := range plain {
		plain[i].Modality = ""
	}
	if _, err := Fit(plain, []string{"hiring"}, nil, "", smallOptions()); !errors.Is(err, ErrData) || !strings.Contains(err.Error(), "modality") {
		t.Errorf("Fit without modality: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"text":"We hire.","labels":["hiring"],"modality":"fact"}`, "# note\n\n{}", "{\"text\":1}", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		examples, err := Read(strings.NewReader(s))
		if err != nil && !errors.Is(err, ErrData) {
			t.Fatal(err)
		}
		for i := range examples {
			if examples[i].Text == "" {
				t.Fatal("an example without text")
			}
		}
		Groups(examples)
	})
}
