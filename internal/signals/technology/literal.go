package technology

import (
	"regexp/syntax"
	"unicode"
)

// Bounds on the literals taken from an expression.
const (
	minLiteral = 3
	maxLiteral = 24
	maxExact   = 16
	maxClause  = 48
)

// demand is what every match of an expression contains. exact, where not nil, is every string the
// expression can match; each clause is a set of literals of which a match contains at least one.
type demand struct {
	exact   []string
	clauses [][]string
}

// clause is a set of literals of which a match contains at least one, and the parts of the expression that
// bring it: from and to among the parts of the top level. exact reports that these parts match the literal and nothing more.
type clause struct {
	literals []string
	from, to int
	exact    bool
	rarity   int // set where clauses are ranked
}

// part is one element of the top level of an expression.
type part = *syntax.Regexp

// parts returns the top level of an expression as a sequence: groups taken off, sequences within sequences flattened.
func parts(re *syntax.Regexp) []part {
	switch re.Op {
	case syntax.OpCapture:
		return parts(re.Sub[0])
	case syntax.OpConcat:
		var out []part
		for _, sub := range re.Sub {
			out = append(out, parts(sub)...)
		}
		return out
	default:
	}
	return []part{re}
}

// extractor takes literals of at least so many bytes from expressions.
type extractor int

// mandatory returns the clauses of an expression: literals in ASCII lower case, of least bytes or more. An expression without a clause must always be run. JavaScript folds ASCII
// k and s to themselves only (no Kelvin sign, no long s), so ASCII folding loses nothing that the format means.
func mandatory(seq []part, least int) []clause { return rarest(extractor(least).clauses(seq)) }

func (x extractor) clauses(seq []part) []clause {
	var out []clause
	current, from := []string{""}, 0
	end := func(to int) {
		if x.usable(current) {
			out = append(out, clause{literals: current, from: from, to: to, exact: true})
		}
	}
	for i, sub := range seq {
		d := x.demandOf(sub)
		product, ok := multiply(current, d.exact)
		switch {
		case d.exact == nil:
			end(i - 1)
			for _, c := range d.clauses {
				out = append(out, clause{literals: c, from: i, to: i})
			}
			current, from = []string{""}, i+1
		case !ok:
			end(i - 1)
			current, from = d.exact, i
		default:
			current = product
		}
	}
	end(len(seq) - 1)
	return out
}

func (x extractor) usable(set []string) bool {
	if len(set) == 0 || len(set) > maxClause {
		return false
	}
	for _, s := range set {
		if len(s) < int(x) {
			return false
		}
	}
	return true
}

func (x extractor) demandOf(re *syntax.Regexp) demand {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return demand{exact: []string{""}}
	case syntax.OpLiteral:
		return x.demandOfLiteral(re.Rune)
	case syntax.OpCharClass:
		return demandOfClass(re.Rune)
	case syntax.OpCapture:
		return x.demandOf(re.Sub[0])
	case syntax.OpConcat:
		return x.demandOfConcat(re.Sub)
	case syntax.OpAlternate:
		return x.demandOfAlternate(re.Sub)
	case syntax.OpQuest:
		if d := x.demandOf(re.Sub[0]); d.exact != nil && len(d.exact) < maxExact {
			return demand{exact: append([]string{""}, d.exact...)}
		}
	case syntax.OpPlus:
		return x.inexact(x.demandOf(re.Sub[0]))
	case syntax.OpRepeat:
		if re.Min >= 1 {
			return x.inexact(x.demandOf(re.Sub[0]))
		}
	default:
	}
	return demand{}
}

// inexact keeps what a part demands when it may be repeated.
func (x extractor) inexact(d demand) demand {
	if x.usable(d.exact) {
		d.clauses = append(d.clauses, d.exact)
	}
	return demand{clauses: d.clauses}
}

// demandOfLiteral splits a literal at what is not ASCII: folding beyond it is not the automaton's business.
func (x extractor) demandOfLiteral(runes []rune) demand {
	var clauses [][]string
	part := []byte{}
	ascii := true
	end := func() {
		if len(part) >= int(x) {
			clauses = append(clauses, []string{string(part[max(0, len(part)-maxLiteral):])})
		}
		part = part[:0]
	}
	for _, r := range runes {
		if r > unicode.MaxASCII {
			ascii = false
			end()
			continue
		}
		part = append(part, lower(byte(r)))
	}
	if ascii && len(part) <= maxLiteral {
		return demand{exact: []string{string(part)}}
	}
	end()
	return demand{clauses: clauses}
}

// demandOfClass spells out a small class of ASCII characters.
func demandOfClass(ranges []rune) demand {
	seen := map[byte]bool{}
	var exact []string
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] > maxExact {
			return demand{}
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if r == 'ſ' || r == '\u212a' {
				continue
			}
			if r > unicode.MaxASCII {
				return demand{}
			}
			if c := lower(byte(r)); !seen[c] {
				seen[c] = true
				exact = append(exact, string(c))
			}
		}
	}
	if len(exact) > 4 {
		return demand{}
	}
	return demand{exact: exact}
}

// demandOfConcat multiplies neighbouring exact sets out as long as they stay small.
func (x extractor) demandOfConcat(subs []*syntax.Regexp) demand {
	var clauses [][]string
	current, whole := []string{""}, true
	end := func() {
		if x.usable(current) {
			clauses = append(clauses, current)
		}
		current = []string{""}
	}
	for _, sub := range subs {
		d := x.demandOf(sub)
		if d.exact == nil {
			end()
			whole = false
			clauses = append(clauses, d.clauses...)
			continue
		}
		product, ok := multiply(current, d.exact)
		if !ok {
			end()
			whole = false
			product = d.exact
		}
		current = product
	}
	if whole {
		return demand{exact: current}
	}
	end()
	return demand{clauses: clauses}
}

func multiply(a, b []string) ([]string, bool) {
	if len(a)*len(b) > maxExact {
		return nil, false
	}
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			if len(x)+len(y) > maxLiteral {
				return nil, false
			}
			out = append(out, x+y)
		}
	}
	return out, true
}

// demandOfAlternate joins what each alternative demands; one that demands nothing spoils all.
func (x extractor) demandOfAlternate(subs []*syntax.Regexp) demand {
	var union, exact []string
	allExact, spoilt := true, false
	for _, sub := range subs {
		d := x.demandOf(sub)
		best := d.exact
		if d.exact == nil {
			allExact = false
			best = longest(d.clauses)
		}
		exact = append(exact, d.exact...)
		spoilt = spoilt || !x.usable(best)
		union = append(union, best...)
	}
	switch {
	case allExact && len(exact) <= maxExact:
		return demand{exact: exact}
	case spoilt || !x.usable(union):
		return demand{}
	}
	return demand{clauses: [][]string{union}}
}

// longest returns the clause whose literals are the rarest; nil where there is none.
func longest(clauses [][]string) []string {
	var best []string
	at := 0
	for _, c := range clauses {
		if n := rarity(c); n > at {
			best, at = c, n
		}
	}
	return best
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
