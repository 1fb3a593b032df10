// Package learned gives a second opinion on what a sentence tells of, beside the rules: a linear model over hashed word
// and letter n-grams, one weight vector an event and one a modality, and a calibrated probability that weighs both
// opinions. It is pure; package train makes its models from labelled sentences.
package learned

import (
	"math"
	"slices"
	"sync"
)

// MaxHeads is the most events and modalities together that a model may have.
const MaxHeads = 40

// Header is what a model says of itself, and all of it but the weights of features.
type Header struct {
	// Format is the version of the file's format; Version names the model: the first digits of Digest.
	Format  int    `json:"format"`
	Version string `json:"version"`
	// Events and Modalities are the classes, in the order of the weights.
	Events     []string `json:"events"`
	Modalities []string `json:"modalities"`
	// Hints names what the caller tells of a sentence beside its text; HintWeights holds a row a hint, a weight a class.
	Hints       []string    `json:"hints,omitempty"`
	HintWeights [][]float64 `json:"hint_weights,omitempty"`
	// Bits is the size of the hashed feature space: 2^Bits places.
	Bits int `json:"bits"`
	// Digest is the SHA-256 of the training data, Licence theirs, Examples their number.
	Digest   string `json:"training_digest"`
	Licence  string `json:"training_licence"`
	Examples int    `json:"examples"`
	// Bias and Scale are by class, events first: the constant, and what one step of a stored weight is worth.
	Bias  []float64 `json:"bias"`
	Scale []float64 `json:"scale"`
	// Judges weigh the opinions on each event, Untold those on whether the sentence denies it or tells of the past.
	Judges []Judge `json:"judges"`
	Untold Untold  `json:"untold"`
	// Veto and Add are probabilities in 0–1: below the one an event that a rule found is dropped, from the
	// other on an event is claimed that no rule found.
	Veto float64 `json:"veto"`
	Add  float64 `json:"add"`
}

// Judge holds the weights that turn opinions on one event into log-odds that the sentence speaks of it: constant,
// learned log-odds, the rules' confidence (0–1).
type Judge struct {
	Constant float64 `json:"constant"`
	Learned  float64 `json:"learned"`
	Rules    float64 `json:"rules"`
}

// Untold holds the weights that turn opinions on a sentence that speaks of an event into log-odds that it is not to be
// reported: constant, the learned log-odds of a denial and of the past, the rules' confidence (0–1), who look for both.
type Untold struct {
	Constant float64 `json:"constant"`
	Denied   float64 `json:"denied"`
	Past     float64 `json:"past"`
	Rules    float64 `json:"rules"`
}

// Model is a trained model. It is immutable and safe for concurrent use.
type Model struct {
	Header
	// rows holds, for each place, its squared inverse frequency in quarters and a weight a class.
	rows   []int8
	stride int
	denied int
	past   int
	pool   sync.Pool
}

// Opinion is what the model thinks of one sentence: log-odds by class, events first.
type Opinion struct {
	logits [MaxHeads]float32
}

// quarter is the unit in which the squared inverse frequency of a place is stored.
const quarter = 0.25

func newModel(h Header) *Model {
	m := &Model{Header: h, stride: 1 + len(h.Events) + len(h.Modalities)}
	m.rows = make([]int8, m.stride<<h.Bits)
	m.denied, m.past = m.modality("denied"), m.modality("past")
	m.pool.New = func() any { return &Features{} }
	return m
}

func (m *Model) modality(name string) int {
	i := slices.Index(m.Modalities, name)
	if i < 0 {
		return -1
	}
	return len(m.Events) + i
}

// Heads is the number of classes, events and modalities.
func (m *Model) Heads() int { return m.stride - 1 }

// Event is the number of an event in the model, -1 where it knows none of that name.
func (m *Model) Event(name string) int { return slices.Index(m.Events, name) }

// Read forms an opinion on a sentence, given without its neighbours, and on the hints that the model's Hints name, in
// their order; nil means none. It takes some microseconds and, beyond a pool's
// first use, allocates nothing.
func (m *Model) Read(text string, hints []float32, o *Opinion) {
	f, _ := m.pool.Get().(*Features)
	f.Read(text, m.Bits)
	n := m.Heads()
	for c := range n {
		o.logits[c] = float32(m.Bias[c])
	}
	for k, x := range hints[:min(len(hints), len(m.HintWeights))] {
		if x == 0 {
			continue
		}
		for c, w := range m.HintWeights[k] {
			o.logits[c] += x * float32(w)
		}
	}
	for b := range f.Buckets {
		var sums [MaxHeads]int32
		squares := int32(0)
		for _, at := range f.Buckets[b] {
			row := m.rows[int(at)*m.stride : (int(at)+1)*m.stride]
			if row[0] == 0 {
				continue
			}
			squares += int32(uint8(row[0]))
			for c, w := range row[1:] {
				sums[c] += int32(w)
			}
		}
		k := Scale(b, float64(squares)*quarter)
		for c := range n {
			o.logits[c] += float32(k * m.Scale[c] * float64(sums[c]))
		}
	}
	m.pool.Put(f)
}

// LogOdds is the opinion on a class by its number, events first, then modalities.
func (o *Opinion) LogOdds(class int) float64 { return float64(o.logits[class]) }

// Probability is the chance, 0–1, that the sentence tells of the event (by its number) as a fact, a plan or a
// possibility, given how sure the rules are (0–1; 0 where they found nothing).
func (m *Model) Probability(o *Opinion, event int, rules float64) float64 {
	j := &m.Judges[event]
	told := sigmoid(j.Constant + j.Learned*o.LogOdds(event) + j.Rules*rules)
	if m.denied < 0 || m.past < 0 {
		return told
	}
	u := &m.Untold
	return told * sigmoid(-(u.Constant + u.Denied*o.LogOdds(m.denied) + u.Past*o.LogOdds(m.past) + u.Rules*rules))
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Modality is the likeliest way in which the sentence speaks of its event; empty for a model that knows none.
func (m *Model) Modality(o *Opinion) string {
	best, name := math.Inf(-1), ""
	for i, s := range m.Modalities {
		if z := o.LogOdds(len(m.Events) + i); z > best {
			best, name = z, s
		}
	}
	return name
}
