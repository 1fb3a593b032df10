package phrase

import (
	_ "embed"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
)

// Cue is a kind of remark on how a sentence speaks; voice.yaml says what each means.
type Cue uint8

// The cues of voice.yaml.
const (
	CueOwn Cue = iota
	CueOther
	CueExcused
	CueReader
	CuePitch
	CueHabit
	CueStory
	CueGeneric
	CueNegation
	CueSpurned
	CueAffirmed
	CueHedge
	CueWeigh
	CueSuppose
	CuePlan
	CueDoing
	CueOld
	CueReported
	CueVendor
	CueSubject
	CueThird
	CueUntrue
	CueOccasion
	CueCivic
	cueCount
)

func cueNames() [cueCount]string {
	return [cueCount]string{
		"own", "other", "excused", "reader", "pitch", "habit", "story", "generic", "negation", "spurned", "affirmed",
		"hedge", "weigh", "suppose", "plan", "doing", "old", "reported", "vendor", "subject", "third", "untrue", "occasion", "civic",
	}
}

// CueNames are the names of the cues, by their number.
func CueNames() []string {
	names := cueNames()
	return names[:]
}

//go:embed voice.yaml
var voiceYAML []byte

type voiceFile struct {
	Version int                 `yaml:"version"`
	Cues    map[string][]string `yaml:"cues"`
}

// Voice finds the cues of a sentence. Add its patterns to a Spec, then Read the sentences of that Set.
type Voice struct {
	patterns []Pattern
	cues     []Cue
	// base is the index of the first of its patterns in the Spec.
	base int
}

// NewVoice reads the lexicon that is compiled in.
func NewVoice() (*Voice, error) {
	var f voiceFile
	if err := yaml.UnmarshalWithOptions(voiceYAML, &f, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read voice.yaml: %w", err)
	}
	v := &Voice{}
	names := cueNames()
	for name := range f.Cues {
		if !slices.Contains(names[:], name) {
			return nil, fmt.Errorf("read voice.yaml: no cue is called %q", name)
		}
	}
	for c, name := range names {
		for i, e := range f.Cues[name] {
			v.patterns = append(v.patterns, Pattern{ID: fmt.Sprintf("voice/%s/%d", name, i+1), Expr: e, Aid: true})
			v.cues = append(v.cues, Cue(c))
		}
	}
	return v, nil
}

// AddTo appends the lexicon's patterns to a Spec. They come after all others.
func (v *Voice) AddTo(spec *Spec) {
	v.base = len(spec.Patterns)
	spec.Patterns = append(spec.Patterns, v.patterns...)
}

// Base is the index of the lexicon's first pattern in the Spec: the patterns before it are the caller's.
func (v *Voice) Base() int { return v.base }

// Reading holds the cues of one sentence. Its zero value is ready for use.
type Reading struct {
	spans [cueCount][]Span
}

// Read finds the cues of a sentence into r.
func (v *Voice) Read(sen *Sentence, r *Reading) {
	for c := range r.spans {
		r.spans[c] = r.spans[c][:0]
	}
	for _, p := range sen.Candidates() {
		if i := int(p) - v.base; i >= 0 {
			c := v.cues[i]
			r.spans[c] = append(r.spans[c], sen.Find(int(p), -1)...)
		}
	}
	r.spans[CueNegation] = uncovered(sen, r.spans[CueNegation], r.spans[CueAffirmed])
	r.spans[CueSpurned] = uncovered(nil, r.spans[CueSpurned], r.spans[CueAffirmed])
	r.spans[CueOther] = uncovered(nil, r.spans[CueOther], r.spans[CueExcused])
	r.spans[CueStory] = uncovered(nil, r.spans[CueStory], r.spans[CueExcused])
	r.spans[CueHedge] = slices.DeleteFunc(r.spans[CueHedge], func(s Span) bool {
		return sen.Word(s.Start) == "May" && !sen.Tokens[s.Start].Has(First) // the month
	})
	r.spans[CueOwn] = slices.DeleteFunc(r.spans[CueOwn], func(s Span) bool {
		return s.End == s.Start+1 && sen.Word(s.Start) == "US" // the country
	})
}

// uncovered drops the spans that overlap one of cover, and, where sen is given, those whose first word
// is tied to the next by a hyphen (no-code) or numbers it (no. 1).
func uncovered(sen *Sentence, spans, cover []Span) []Span {
	return slices.DeleteFunc(spans, func(s Span) bool {
		for _, c := range cover {
			if s.Start < c.End && c.Start < s.End {
				return true
			}
		}
		if sen == nil || s.End >= len(sen.Tokens) {
			return false
		}
		next := sen.Tokens[s.End]
		return next.Has(Joined) || next.Has(Number) && sen.Word(s.Start) == "No"
	})
}

// Has reports whether the sentence holds a cue.
func (r *Reading) Has(c Cue) bool { return len(r.spans[c]) > 0 }

// In reports whether a cue overlaps the tokens from start to end-1.
func (r *Reading) In(c Cue, start, end int) bool {
	for _, s := range r.spans[c] {
		if s.Start < end && start < s.End {
			return true
		}
	}
	return false
}

// lastBefore returns the end of the last cue that ends at or before token i, -1 where there is none.
func (r *Reading) lastBefore(c Cue, i int) int {
	last := -1
	for _, s := range r.spans[c] {
		if s.End <= i {
			last = max(last, s.End)
		}
	}
	return last
}
