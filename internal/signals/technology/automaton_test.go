package technology

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestALongTextIsScannedAsAShortOne plants literals all over a text that is scanned in several stretches, on tables of
// both widths, and asks for the places that a search for each gives.
func TestALongTextIsScannedAsAShortOne(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "abcdefg-/"[r.IntN(9)]
		}
		return string(b)
	}
	for count, wide := range map[int]bool{300: false, 20_000: true} {
		seen := map[string]bool{}
		for len(seen) < count {
			seen[word(3+r.IntN(maxLiteral-2))] = true
		}
		literals := make([]string, 0, count)
		for l := range seen {
			literals = append(literals, l)
		}
		slices.Sort(literals)
		a := newAutomaton(literals)
		if (a.wide != nil) != wide {
			t.Fatalf("%d literals: %d states, wide is %v", count, len(a.outputs), a.wide != nil)
		}
		var text strings.Builder
		for text.Len() < 3000 {
			text.WriteString(literals[r.IntN(count)])
			text.WriteString(strings.ToUpper(word(r.IntN(9))))
		}
		for _, cut := range []int{0, 1, 2, 3, 17, 2600} {
			s := []byte(text.String()[cut:])
			h := newHits(count)
			h.reset()
			a.scan(s, &h)
			low := bytes.ToLower(s)
			for id, l := range literals {
				var want []int32
				for at := 0; ; {
					i := bytes.Index(low[at:], []byte(l))
					if i < 0 {
						break
					}
					at += i + 1
					want = append(want, int32(at+len(l)-1))
				}
				var got []int32
				if h.has(int32(id)) {
					got = slices.Clone(h.at[id])
					slices.Sort(got)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%q in %d bytes: at %v, want %v", l, len(s), got, want)
				}
			}
		}
	}
}

func TestMoreRulesThanTheTableHoldsAreRefused(t *testing.T) {
	set := Rules{}
	for i := range 70_000 {
		set[fmt.Sprintf("T%d", i)] = Technology{HTML: strs{fmt.Sprintf("<x-%d-%d-mark", i, i*7)}}
	}
	if _, err := New(set); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("%v", err)
	}
}
