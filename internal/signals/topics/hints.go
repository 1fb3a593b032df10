package topics

import (
	"math"
	"math/bits"

	"telltale/internal/signals/phrase"
)

// hints are what the taxonomy says of a sentence and a product short of a match: how many phrases of each topic may match, how many words it
// shares with each topic's phrases, which cues of voice it holds, and by what kinds of names the product, or another, is spoken of.
type hints struct {
	// words holds, by word of the vocabulary, a bit for each topic among whose phrases it stands.
	words []uint32
	topic []int
	room  int
}

// common is the number of topics from which a word says nothing: it stands in all kinds of phrases.
const common = 5

func newHints(m *Matcher) hints {
	h := hints{words: make([]uint32, m.set.Size()), room: len(m.HintNames())}
	for p := range m.patterns {
		t := m.number[m.patterns[p].topic]
		h.topic = append(h.topic, t)
		if t < 32 { // a user's taxonomy may hold more topics; the model knows none of those anyway
			m.set.Vocabulary(p, func(word int) { h.words[word] |= 1 << t })
		}
	}
	return h
}

// HintNames names the hints in their order: phrases and words by topic, then cues, then kinds of names.
func (m *Matcher) HintNames() []string {
	var out []string
	for _, kind := range [...]string{"phrases ", "words "} {
		for i := range m.taxonomy.Topics {
			out = append(out, kind+m.taxonomy.Topics[i].Name)
		}
	}
	for _, c := range phrase.CueNames() {
		out = append(out, "cue "+c)
	}
	for s := slotProduct; s <= slotSkill; s++ {
		out = append(out, "by "+s.String(), "beside "+s.String())
	}
	return out
}

// of makes the hints of a sentence; they are valid until the next call.
func (h *hints) of(w *work, sen *phrase.Sentence, product string) []float32 {
	if cap(w.raised) < h.room {
		w.raised = make([]float32, h.room)
	}
	out := w.raised[:h.room]
	clear(out)
	n := len(w.m.taxonomy.Topics)
	for _, c := range sen.Candidates() {
		if int(c) < w.m.voice.Base() {
			out[h.topic[c]]++
		}
	}
	for i := range sen.Tokens {
		mask := h.words[sen.Tokens[i].Word]
		if k := bits.OnesCount32(mask); k > 0 && k < common {
			for ; mask != 0; mask &= mask - 1 {
				out[n+bits.TrailingZeros32(mask)] += 1 / float32(k*k)
			}
		}
	}
	for i := range out[:2*n] {
		out[i] = float32(math.Log1p(float64(out[i])))
	}
	w.m.voice.Read(sen, &w.reading)
	cues := len(phrase.CueNames())
	for c := range cues {
		if w.reading.Has(phrase.Cue(c)) {
			out[2*n+c] = 1
		}
	}
	h.names(w, sen, product, out[2*n+cues:])
	return out
}

// names says by what kinds of names the product is spoken of, and what other products are.
func (h *hints) names(w *work, sen *phrase.Sentence, product string, out []float32) {
	for _, e := range sen.Entities {
		name := w.m.names[sen.Ref(e)]
		at := 2 * int(name.slot)
		if name.product != product {
			at++
		}
		out[at] = 1
	}
}

// mask appends the sentence with the product's names, and those of others, replaced by their kind: what is learned of one product
// holds for all, a user's own among them.
func mask(to []byte, m *Matcher, sen *phrase.Sentence, product string) []byte {
	at := sen.Tokens[0].Start
	for _, e := range sen.Entities {
		name := m.names[sen.Ref(e)]
		to = append(to, sen.Text[at:sen.Tokens[e].Start]...)
		if name.product == product {
			to = append(append(to, "qq"...), name.slot.String()...)
		} else {
			to = append(to, "qqother"...)
		}
		at = sen.Tokens[e].End
	}
	return append(to, sen.Text[at:sen.Tokens[len(sen.Tokens)-1].End]...)
}

// View is how the second opinion sees one sentence of a text and one product that it names.
type View struct {
	Product, Text string
	// Hints stand in the order of HintNames.
	Hints []float32
}

// Views are what a model is trained on of a text: each sentence with each product that it names.
func (m *Matcher) Views(text, language string) (out []View) {
	w, _ := m.scratch.Get().(*work)
	defer m.scratch.Put(w)
	h := newHints(m)
	w.m, w.page = m, phrase.NewPage(phrase.Plain(text, language))
	m.set.Each(w.sc, text, func(sen *phrase.Sentence) bool {
		seen := map[string]bool{}
		for _, e := range sen.Entities {
			n := m.names[sen.Ref(e)]
			if n.product == "" || seen[n.product] {
				continue
			}
			seen[n.product] = true
			out = append(out, View{Product: n.product, Text: string(mask(nil, m, sen, n.product)), Hints: append([]float32(nil), h.of(w, sen, n.product)...)})
		}
		return true
	})
	w.page = phrase.Page{}
	return out
}
