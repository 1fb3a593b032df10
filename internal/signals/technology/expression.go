package technology

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// expression is a pattern's regular expression, compiled when a page first makes it a candidate: most of
// thousands never are, and compiling all of them would take longer than reading a thousand pages.
type expression struct {
	// src is the expression in RE2's spelling; case is folded by a flag, as folding the text would turn \S into \s.
	src string
	// tree stands for src in what was taken out of another expression: it is spelled when it is compiled.
	tree   *syntax.Regexp
	guards []guard
	// anchored reports that a match begins where the text does, so that a failed guard ends the search.
	anchored bool
	// free reports an expression that asks nothing of what is beside its match: a match in a part is one in the whole.
	free bool

	once sync.Once
	re   *regexp.Regexp
	// keep lists the groups of the format: those that mark the place of a guard are ours.
	keep []int
}

// guard is a lookaround, which RE2 has none of: an empty group marks its place, and its own expression
// is asked there once the rest has matched.
type guard struct {
	group            int
	behind, negative bool
	re               *regexp.Regexp
}

// Bounds on guards.
const (
	// maxGuardTries bounds how many matches are tried until the guards of one hold.
	maxGuardTries = 64
	// maxBehind is how far a look behind reaches, in bytes.
	maxBehind = 256
	guardName = "telltaleguard"
)

var errNoEquivalent = errors.New("RE2 has no equivalent")

// neverBegins is a dot that is never the beginning of a word, to the end of the line: a lookaround within a
// repetition, with an equivalent where it is not, as the line does not hold the word.
var neverBegins = regexp.MustCompile(`^\^\(\?:\(\?!([\w-]+)\)\.\)\*\$$`)

// compile translates a JavaScript expression and parses it; what has no equivalent is an error.
func compile(js string) (*expression, *syntax.Regexp, error) {
	if strings.HasPrefix(js, "^(?:(?!") {
		js = neverBegins.ReplaceAllString(js, `^(?!.*$1).*$$`)
	}
	src, guards, err := translate(js)
	if err != nil {
		return nil, nil, fmt.Errorf("%q: %w", clipped(js), err)
	}
	tree, err := syntax.Parse(src, syntax.Perl|syntax.FoldCase)
	if err != nil {
		return nil, nil, fmt.Errorf("%q: %w", clipped(js), err)
	}
	if len(guards) > 0 && repeatsGuard(tree, false) {
		return nil, nil, fmt.Errorf("%q: %w of a lookaround within a repetition", clipped(js), errNoEquivalent)
	}
	return &expression{src: src, guards: guards, anchored: startsAnchored(tree), free: len(guards) == 0 && !looksBeside(tree)}, tree, nil
}

func repeatsGuard(re *syntax.Regexp, within bool) bool {
	if within && re.Op == syntax.OpCapture && strings.HasPrefix(re.Name, guardName) {
		return true
	}
	within = within || re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat
	for _, sub := range re.Sub {
		if repeatsGuard(sub, within) {
			return true
		}
	}
	return false
}

func startsAnchored(re *syntax.Regexp) bool {
	for re.Op == syntax.OpConcat || re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	return re.Op == syntax.OpBeginText
}

func looksBeside(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	default:
	}
	return slices.ContainsFunc(re.Sub, looksBeside)
}

// prepare compiles the expression, once. That it compiles was settled when it was parsed.
func (e *expression) prepare() *regexp.Regexp {
	e.once.Do(func() {
		src := "(?i)" + e.src
		if e.tree != nil {
			src = e.tree.String() // says of each part whether case is folded
		}
		re, err := regexp.Compile(src)
		if err != nil {
			return // larger than regexp allows: it matches nothing
		}
		e.re = re
		for i, name := range re.SubexpNames() {
			if n, ok := strings.CutPrefix(name, guardName); ok {
				if k, err := strconv.Atoi(n); err == nil && k < len(e.guards) {
					e.guards[k].group = i
				}
				continue
			}
			e.keep = append(e.keep, i)
		}
	})
	return e.re
}

// find returns the indexes of the leftmost match and its groups within text[lo:hi], as offsets in text; nil is none.
// Guards look beyond lo and hi. Groups are sought only where they are asked for: they cost as much again.
func (e *expression) find(text []byte, lo, hi int, groups bool) []int {
	re := e.prepare()
	if re == nil {
		return nil
	}
	for range maxGuardTries {
		at := re.FindIndex(text[lo:hi])
		if at == nil {
			return nil
		}
		if groups || len(e.guards) > 0 {
			at = re.FindSubmatchIndex(text[lo:hi])
		}
		for i := range at {
			if at[i] >= 0 {
				at[i] += lo
			}
		}
		if len(e.guards) == 0 {
			return at
		}
		if e.holds(text, at) {
			return e.kept(at)
		}
		if e.anchored || at[0] >= hi {
			return nil
		}
		lo = at[0] + 1
	}
	return nil
}

// holds asks the guards that took part in a match.
func (e *expression) holds(text []byte, at []int) bool {
	for i := range e.guards {
		g := &e.guards[i]
		pos := at[2*g.group]
		if pos < 0 {
			continue
		}
		where := text[pos:]
		if g.behind {
			where = text[max(0, pos-maxBehind):pos]
		}
		if g.re.Match(where) == g.negative {
			return false
		}
	}
	return true
}

func (e *expression) kept(at []int) []int {
	out := make([]int, 0, 2*len(e.keep))
	for _, g := range e.keep {
		out = append(out, at[2*g], at[2*g+1])
	}
	return out
}
