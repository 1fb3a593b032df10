package train

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

// nearDuplicate is the share of three-word runs in common (Jaccard) from which two sentences count as copies.
const nearDuplicate = 0.5

// Groups numbers the examples so that all of a document or a group, and all near-duplicates, share a number:
// no text, nor its copy, may stand on both sides of a split.
func Groups(examples []Example) []int {
	s := newSets(len(examples))
	first := map[string]int{}
	for i := range examples {
		for _, key := range []string{"doc:" + examples[i].Doc, "group:" + examples[i].Group} {
			if strings.HasSuffix(key, ":") {
				continue
			}
			if j, ok := first[key]; ok {
				s.join(i, j)
			} else {
				first[key] = i
			}
		}
	}
	for _, p := range NearDuplicates(examples, nearDuplicate) {
		s.join(p[0], p[1])
	}
	out := make([]int, len(examples))
	for i := range out {
		out[i] = s.root(i)
	}
	return out
}

// NearDuplicates are the pairs of examples whose runs of three words overlap by the given share (Jaccard, 0–1) or
// more. Runs that more than 50 sentences hold join nobody: they are phrases, not copies.
func NearDuplicates(examples []Example, share float64) [][2]int {
	runs := make([][]uint64, len(examples))
	holders := map[uint64][]int{}
	for i := range examples {
		runs[i] = wordRuns(examples[i].Text)
		for _, r := range runs[i] {
			holders[r] = append(holders[r], i)
		}
	}
	var out [][2]int
	for i := range runs {
		common := map[int]int{}
		for _, r := range runs[i] {
			if len(holders[r]) > 50 {
				continue
			}
			for _, j := range holders[r] {
				if j < i {
					common[j]++
				}
			}
		}
		for j, n := range common {
			if float64(n) >= share*float64(len(runs[i])+len(runs[j])-n) {
				out = append(out, [2]int{i, j})
			}
		}
	}
	slices.SortFunc(out, func(a, b [2]int) int { return (a[0]-b[0])*len(examples) + a[1] - b[1] })
	return out
}

// wordRuns are the hashes of a text's runs of three words, each once; a shorter text is one run.
func wordRuns(text string) []uint64 {
	fields := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	n := min(3, len(fields))
	var out []uint64
	for i := 0; n > 0 && i+n <= len(fields); i++ {
		h := fnv.New64a()
		_, _ = h.Write([]byte(strings.Join(fields[i:i+n], " ")))
		out = append(out, h.Sum64())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// folds deals the groups to k folds at random, by seed, the fullest fold last served; it returns each example's fold.
func folds(groups []int, k int, seed uint64) []int {
	size := map[int]int{}
	var order []int
	for _, g := range groups {
		if size[g] == 0 {
			order = append(order, g)
		}
		size[g]++
	}
	rng := rand.New(rand.NewPCG(seed, 2))
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	load, fold := make([]int, k), map[int]int{}
	for _, g := range order {
		least := 0
		for f := range load {
			if load[f] < load[least] {
				least = f
			}
		}
		fold[g] = least
		load[least] += size[g]
	}
	out := make([]int, len(groups))
	for i, g := range groups {
		out[i] = fold[g]
	}
	return out
}

// sets are disjoint sets of numbers.
type sets struct{ parent []int }

func newSets(n int) *sets {
	s := &sets{parent: make([]int, n)}
	for i := range s.parent {
		s.parent[i] = i
	}
	return s
}

func (s *sets) root(i int) int {
	for s.parent[i] != i {
		s.parent[i] = s.parent[s.parent[i]]
		i = s.parent[i]
	}
	return i
}

func (s *sets) join(i, j int) {
	i, j = s.root(i), s.root(j)
	s.parent[max(i, j)] = min(i, j)
}
