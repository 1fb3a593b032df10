package events

import (
	"math"
	"math/bits"
	"slices"

	"telltale/internal/signals/phrase"
)

// hints are what the lexicon says of a sentence short of a match, for the learned opinion: how many phrases of each
// event may match, how many words it shares with each event's phrases, which cues of voice it holds.
type hints struct {
	// words holds, by word of the vocabulary, a bit for each event among whose phrases it stands.
	words []uint32
}

// common is the number of events from which a word says nothing: it stands in all kinds of phrases.
const common = 6

func newHints(set *phrase.Set, rules []rule) hints {
	h := hints{words: make([]uint32, set.Size())}
	for p := range rules {
		if rules[p].block || rules[p].loose { // the model was trained without loose ones
			continue
		}
		set.Vocabulary(p, func(word int) { h.words[word] |= 1 << rules[p].event })
	}
	return h
}

// HintNames names the hints in their order: phrases and words by event, then cues.
func (m *Matcher) HintNames() []string {
	var out []string
	for _, kind := range [...]string{"phrases ", "words "} {
		for i := range m.lexicon.Events {
			out = append(out, kind+m.lexicon.Events[i].Name)
		}
	}
	for _, c := range phrase.CueNames() {
		out = append(out, "cue "+c)
	}
	return out
}

// Hints are those of a text of one or a few sentences: of each the largest.
func (m *Matcher) Hints(text, language string) []float32 {
	w, _ := m.scratch.Get().(*work)
	defer m.scratch.Put(w)
	w.m, w.page = m, phrase.NewPage(phrase.Plain(text, language))
	out := make([]float32, len(m.HintNames()))
	m.set.Each(w.sc, text, func(sen *phrase.Sentence) bool {
		m.voice.Read(sen, &w.reading)
		for i, x := range w.hint(sen) {
			out[i] = max(out[i], x)
		}
		return true
	})
	return out
}

// hint makes the hints of a sentence whose cues are read; they are valid until the next call.
func (w *work) hint(sen *phrase.Sentence) []float32 {
	n := len(w.m.lexicon.Events)
	out := slices.Grow(w.hints[:0], 2*n)[:2*n]
	clear(out)
	for _, c := range sen.Candidates() {
		if int(c) < w.m.voice.Base() && !w.m.rules[c].block && !w.m.rules[c].loose {
			out[w.m.rules[c].event]++
		}
	}
	for i := range sen.Tokens {
		mask := w.m.hints.words[sen.Tokens[i].Word]
		if k := bits.OnesCount32(mask); k > 0 && k < common {
			for ; mask != 0; mask &= mask - 1 {
				out[n+bits.TrailingZeros32(mask)] += 1 / float32(k*k)
			}
		}
	}
	for i := range out {
		out[i] = float32(math.Log1p(float64(out[i])))
	}
	for c := range phrase.CueNames() {
		x := float32(0)
		if w.reading.Has(phrase.Cue(c)) {
			x = 1
		}
		out = append(out, x)
	}
	w.hints = out
	return out
}
