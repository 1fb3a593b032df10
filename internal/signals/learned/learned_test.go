package learned

import (
	"bytes"
	"compress/gzip"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// small is a model of two events and the modalities it takes to report: "acquired" speaks of the one, "hired" of the other.
func small(t testing.TB) *Model {
	t.Helper()
	f := &Features{}
	var places []Place
	for word, weights := range map[string][]float64{"acquired": {8, -2, 0, 0}, "hired": {-2, 8, 0, 0}, "never": {0, 0, 9, 0}, "formerly": {0, 0, 0, 9}} {
		f.Read(word, 16)
		places = append(places, Place{At: f.Buckets[blockWords][0], IDF: 2, Weights: weights})
	}
	slices.SortFunc(places, func(a, b Place) int { return int(a.At) - int(b.At) })
	m, err := Build(Header{
		Version: "test", Events: []string{"merger_acquisition", "hiring"}, Modalities: []string{"denied", "past"}, Bits: 16, Add: 0.9,
		Hints: []string{"a cue"}, HintWeights: [][]float64{{3, 0, 0, 0}},
		Bias: []float64{-2, -2, -3, -3}, Judges: []Judge{{Learned: 1, Rules: 3}, {Learned: 1, Rules: 3}}, Untold: Untold{Denied: 1, Past: 1},
	}, places)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func saved(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func probability(m *Model, text string, hints []float32, event int, rules float64) float64 {
	var o Opinion
	m.Read(text, hints, &o)
	return m.Probability(&o, event, rules)
}

func TestAnOpinionFollowsTheWordsTheHintsAndTheRules(t *testing.T) {
	m := small(t)
	plain := probability(m, "we acquired", nil, 0, 0)
	if plain < 0.8 || probability(m, "we acquired", nil, 1, 0) > 0.1 {
		t.Errorf("acquired: %.2f for its own event, %.2f for the other", plain, probability(m, "we acquired", nil, 1, 0))
	}
	for name, c := range map[string]struct {
		got, against float64
		more         bool
	}{
		"a hint raises it":                    {probability(m, "they met", []float32{1}, 0, 0), probability(m, "they met", nil, 0, 0), true},
		"more hints than it knows are no one": {probability(m, "they met", []float32{0, 7}, 0, 0), probability(m, "they met", nil, 0, 0) - 1e-9, true},
		"the rules raise it":                  {probability(m, "they met", nil, 0, 0.8), probability(m, "they met", nil, 0, 0), true},
		"a denial lowers it":                  {probability(m, "never acquired", nil, 0, 0), plain, false},
		"the past lowers it":                  {probability(m, "formerly acquired", nil, 0, 0), plain, false},
	} {
		if (c.got > c.against) != c.more {
			t.Errorf("%s: %.3f against %.3f", name, c.got, c.against)
		}
	}
	var o Opinion
	if m.Read("never acquired", nil, &o); m.Modality(&o) != "denied" {
		t.Errorf("modality %q, want denied", m.Modality(&o))
	}
}

func TestASavedModelIsTheSameAgain(t *testing.T) {
	m := small(t)
	file := saved(t, m)
	again, err := Load(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, saved(t, again)) {
		t.Error("saved again, the bytes differ")
	}
	for _, text := range []string{"we acquired", "they hired", "nothing", ""} {
		var a, b Opinion
		m.Read(text, nil, &a)
		again.Read(text, nil, &b)
		if a != b {
			t.Errorf("%q: %v and %v", text, a, b)
		}
	}
}

func zipped(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.Bytes()
}

func TestAFileThatIsNoModelIsRefused(t *testing.T) {
	head := `{"format":1,"events":["a"],"bits":2,"bias":[0],"scale":[0],"judges":[{}],"add":1}` + "\n"
	if _, err := Load(bytes.NewReader(zipped(head + "\x01\x04\x7f\x03\x04\x7f"))); err != nil {
		t.Fatalf("the model that the others are broken from: %v", err)
	}
	file := saved(t, small(t))
	for name, b := range map[string][]byte{
		"empty":                    nil,
		"no gzip":                  []byte("telltale"),
		"cut in the header":        file[:20],
		"cut in the weights":       file[:len(file)-12],
		"no line":                  zipped("{}"),
		"no JSON":                  zipped("model\n"),
		"another format":           zipped(strings.Replace(head, `"format":1`, `"format":2`, 1)),
		"no events":                zipped(strings.Replace(head, `["a"]`, `[]`, 1)),
		"too many bits":            zipped(strings.Replace(head, `"bits":2`, `"bits":40`, 1)),
		"a weight too few":         zipped(strings.Replace(head, `"bias":[0]`, `"bias":[]`, 1)),
		"a weight too large":       zipped(strings.Replace(head, `"bias":[0]`, `"bias":[1e9]`, 1)),
		"a hint without weights":   zipped(strings.Replace(head, `"bits"`, `"hints":["x"],"bits"`, 1)),
		"a veto above the claim":   zipped(strings.Replace(head, `"add":1`, `"veto":0.5,"add":0.2`, 1)),
		"a place outside":          zipped(head + "\x05\x04\x7f"),
		"a place twice":            zipped(head + "\x01\x04\x7f\x00\x04\x7f"),
		"a place without weights":  zipped(head + "\x01\x04"),
		"a header without an end":  zipped(strings.Repeat(" ", maxHeader+2)),
		"a number that never ends": zipped(head + strings.Repeat("\xff", 12)),
	} {
		if _, err := Load(bytes.NewReader(b)); !errors.Is(err, ErrModel) {
			t.Errorf("%s: %v, want ErrModel", name, err)
		}
	}
}

func TestPlacesThatDoNotFitAreRefused(t *testing.T) {
	h := Header{Events: []string{"a"}, Bits: 2, Bias: []float64{0}, Judges: []Judge{{}}, Add: 1}
	for _, p := range []Place{{At: 4, IDF: 1, Weights: []float64{1}}, {At: 1, IDF: 1}} {
		if _, err := Build(h, []Place{p}); !errors.Is(err, ErrModel) {
			t.Errorf("%+v: %v, want ErrModel", p, err)
		}
	}
}

func TestNumbersAndCaseMakeNoDifferenceToWords(t *testing.T) {
	var a, b Features
	a.Read("We raised $18 million in 2026", 16)
	b.Read("WE RAISED $1,250.5 MILLION IN 1999", 16)
	if !slices.Equal(a.Buckets[blockWords], b.Buckets[blockWords]) {
		t.Error("the words differ")
	}
	b.Read("We raised cattle", 16)
	if slices.Equal(a.Buckets[blockWords], b.Buckets[blockWords]) {
		t.Error("other words give the same features")
	}
}

func TestABlocksLengthIsThatOfAnySentence(t *testing.T) {
	for _, squares := range []float64{0.25, 1, 400} {
		if k := Scale(blockWords, squares); math.Abs(k*k*squares-1) > 1e-9 {
			t.Errorf("%g: length %g", squares, k*k*squares)
		}
	}
	if Scale(blockWords, 0) != 0 {
		t.Error("a block without features has a length")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(saved(f, small(f)))
	f.Add(zipped(`{"format":1,"events":["a"],"bits":2,"bias":[0],"scale":[0],"judges":[{}],"add":1}` + "\n\x01\x04\x7f"))
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Load(bytes.NewReader(b))
		if err != nil {
			if !errors.Is(err, ErrModel) {
				t.Fatal(err)
			}
			return
		}
		for e := range m.Events {
			if p := probability(m, "we acquired the mill", []float32{1}, e, 0.5); !(p >= 0 && p <= 1) {
				t.Fatalf("probability %g", p)
			}
		}
	})
}

func FuzzFeatures(f *testing.F) {
	for _, s := range []string{"We raised $18m.", "l'entreprise rachète", "\xff\xfe", "''''", "1.2.3,4", strings.Repeat("ab", 3000)} {
		f.Add(s)
	}
	var features Features
	f.Fuzz(func(t *testing.T, text string) {
		features.Read(text, 10)
		for _, block := range features.Buckets {
			for _, b := range block {
				if b >= 1<<10 {
					t.Fatalf("place %d of 10 bits", b)
				}
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	m, err := Default()
	if err != nil {
		b.Fatal(err)
	}
	const text = "The supervisory board of Harwick Foods has named Ines Falk chief executive; she succeeds the founder, who retires in March after 31 years."
	hints := make([]float32, len(m.Hints))
	hints[3] = 1
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var o Opinion
	for b.Loop() {
		m.Read(text, hints, &o)
	}
}
