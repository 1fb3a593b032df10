package support

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode"
)

// spelling is a name of a release, in words.
type spelling struct {
	words   []string
	release int
}

// word is a word of a text, in lower case, and where it stands.
type word struct {
	text       string
	start, end int
}

// words cuts a text into words of letters and digits; a dot within a number belongs to it, as in 6.5.
func words(text string) []word {
	var out []word
	start := -1
	flush := func(end int) {
		if start >= 0 {
			out = append(out, word{strings.ToLower(text[start:end]), start, end})
		}
		start = -1
	}
	for i, r := range text {
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' && start >= 0 && isDigit(text[i-1]) && i+1 < len(text) && isDigit(text[i+1])
		switch {
		case inside && start < 0:
			start = i
		case !inside:
			flush(i)
		}
	}
	flush(len(text))
	return out
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// index enters the names of a release; each name stands for one release alone.
func (c *Calendar) index(release int) error {
	r := &c.Releases[release]
	for _, name := range append([]string{r.Name}, r.Also...) {
		tokens := words(strings.TrimPrefix(strings.ToLower(name), "microsoft "))
		if len(tokens) == 0 {
			return errors.New("a name is empty")
		}
		s := spelling{release: release}
		for _, t := range tokens {
			s.words = append(s.words, t.text)
		}
		list := c.byWord[s.words[0]]
		if slices.ContainsFunc(list, func(o spelling) bool { return slices.Equal(o.words, s.words) }) {
			return errors.New(name + " stands twice")
		}
		list = append(list, s)
		slices.SortStableFunc(list, func(a, b spelling) int { return cmp.Compare(len(b.words), len(a.words)) })
		c.byWord[s.words[0]] = list
	}
	return nil
}

// longest finds the longest name that a text begins with.
func (c *Calendar) longest(tokens []word) (spelling, bool) {
	for _, s := range c.byWord[tokens[0].text] {
		if len(s.words) <= len(tokens) && slices.EqualFunc(s.words, tokens[:len(s.words)], func(a string, b word) bool { return a == b.text }) {
			return s, true
		}
	}
	return spelling{}, false
}

// Find names the releases that a text speaks of, each once, in order. A version that follows another of the same product
// counts too: "Windows Server 2008 and 2012 R2".
func (c Calendar) Find(text string) []Release {
	tokens := words(text)
	var found []int
	for i := 0; i < len(tokens); {
		s, ok := c.longest(tokens[i:])
		if !ok {
			i++
			continue
		}
		found = append(found, s.release)
		i += len(s.words)
		var more []int
		more, i = c.further(tokens, i, s)
		found = append(found, more...)
	}
	var out []Release
	for at, f := range found {
		if !slices.Contains(found[:at], f) {
			out = append(out, c.Releases[f])
		}
	}
	return out
}

// further finds versions alone after a name: "… and 2012 R2", "…/2016", "…, 2014 or 2017".
func (c *Calendar) further(tokens []word, i int, first spelling) (found []int, next int) {
	stem := first.words[:len(first.words)-1]
	for len(stem) > 0 && strings.ContainsAny(stem[len(stem)-1], "0123456789") {
		stem = stem[:len(stem)-1] // 2008 R2
	}
	for i < len(tokens) {
		at := i
		if joins(tokens[at].text) {
			at++
		}
		if at >= len(tokens) || !strings.ContainsAny(tokens[at].text, "0123456789") || len(stem) == 0 {
			break
		}
		rest := make([]word, 0, len(stem)+3)
		for _, w := range stem {
			rest = append(rest, word{text: w})
		}
		rest = append(rest, tokens[at:min(at+3, len(tokens))]...)
		s, ok := c.longest(rest)
		if !ok || len(s.words) <= len(stem) {
			break
		}
		found = append(found, s.release)
		i = at + len(s.words) - len(stem)
	}
	return found, i
}

// joins reports a word between two versions, in the languages that are read.
func joins(s string) bool {
	switch s {
	case "and", "or", "und", "oder", "et", "ou", "y", "o", "en", "of", "och", "eller", "to", "bis":
		return true
	}
	return false
}
