package app

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"telltale/internal/sampleweb"
	"telltale/internal/signals"
)

// found is one signal as evaluation sees it.
type found struct {
	Domain, Kind, Name, Product, URL string
}

// claim is what truth and signals are compared by: a technology per domain, a topic or event per page.
type claim struct {
	kind, place, name, product string
}

// tally counts one class: right, wrong and missed claims.
type tally struct {
	Kind, Name              string
	Right, Wrong, Missed    int
	Precision, Recall, F1   float64
	PrecisionLow, RecallLow float64
}

// evaluation is precision and recall by class and kind.
type evaluation struct {
	// Kinds are totals per kind, Classes per name within a kind.
	Kinds, Classes []tally
	// Negatives counts wrong claims on pages of each family of hard negatives; Pages how many such pages were there.
	Negatives map[string]int
	Pages     map[string]int
	// Wrong and Missed are the claims themselves, for reading.
	Wrong, Missed []claim
}

// truthIndex is the truth arranged for look-up.
type truthIndex struct {
	wanted    map[claim]bool
	tolerated map[claim]bool
	// repeated are claims of any page of a domain, which its listing pages and feeds may repeat.
	repeated map[claim]bool
	listing  map[string]string
	negative map[string]string
	domains  map[string]bool
}

func indexTruth(truth sampleweb.Truth) *truthIndex {
	ix := &truthIndex{map[claim]bool{}, map[claim]bool{}, map[claim]bool{}, map[string]string{}, map[string]string{}, map[string]bool{}}
	for _, c := range truth.Companies {
		if len(c.Domains) == 0 {
			continue
		}
		home := c.Domains[0]
		for _, d := range c.Domains {
			ix.domains[d] = true
		}
		for _, t := range c.Technologies {
			ix.wanted[claim{string(signals.KindTechnology), home, t.Name, ""}] = true
		}
		for _, name := range c.Tolerated {
			ix.tolerated[claim{string(signals.KindTechnology), home, name, ""}] = true
		}
		for _, p := range c.Pages {
			ix.addPage(home, p)
		}
	}
	return ix
}

func (ix *truthIndex) addPage(home string, p sampleweb.PageTruth) {
	place := placeOf(p.URL)
	if p.Listing {
		ix.listing[place] = home
	}
	if p.Negative != "" {
		ix.negative[place] = p.Negative
	}
	for _, t := range p.Topics {
		ix.repeated[claim{string(signals.KindTopic), home, t.Topic, t.Product}] = true
		if !p.Listing {
			ix.wanted[claim{string(signals.KindTopic), place, t.Topic, t.Product}] = true
		}
	}
	for _, e := range p.Events {
		ix.repeated[claim{string(signals.KindEvent), home, e.Event, ""}] = true
		if !p.Listing {
			ix.wanted[claim{string(signals.KindEvent), place, e.Event, ""}] = true
		}
	}
	for _, topic := range p.ToleratedTopics {
		for _, product := range append(productsOf(p.Topics), p.ToleratedProducts...) {
			ix.tolerated[claim{string(signals.KindTopic), place, topic, product}] = true
			ix.repeated[claim{string(signals.KindTopic), home, topic, product}] = true
		}
	}
	for _, name := range p.ToleratedEvents {
		ix.tolerated[claim{string(signals.KindEvent), place, name, ""}] = true
		ix.repeated[claim{string(signals.KindEvent), home, name, ""}] = true
	}
}

func productsOf(topics []sampleweb.TopicTruth) []string {
	out := make([]string, len(topics))
	for i, t := range topics {
		out[i] = t.Product
	}
	return out
}

// placeOf writes an address so that scheme and www do not matter.
func placeOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		rest = url
	}
	return strings.TrimSuffix(strings.TrimPrefix(rest, "www."), "/")
}

// evaluate compares what was found with what is true.
func evaluate(truth sampleweb.Truth, signalsFound []found) evaluation {
	ix := indexTruth(truth)
	owner := owners(truth)
	got := map[claim]bool{}
	eval := evaluation{Negatives: map[string]int{}, Pages: map[string]int{}}
	tallies := map[[2]string]*tally{}
	count := func(c claim) *tally {
		key := [2]string{c.kind, c.name}
		if tallies[key] == nil {
			tallies[key] = &tally{Kind: c.kind, Name: c.name}
		}
		return tallies[key]
	}
	for _, f := range signalsFound {
		c, home := claimOf(f, owner)
		if got[c] || (ix.tolerated[c] && !ix.wanted[c]) {
			continue
		}
		if _, isListing := ix.listing[c.place]; isListing && ix.repeated[claim{c.kind, home, c.name, c.product}] {
			continue
		}
		got[c] = true
		if ix.wanted[c] {
			count(c).Right++
			continue
		}
		count(c).Wrong++
		eval.Wrong = append(eval.Wrong, c)
		if family := ix.negative[c.place]; family != "" {
			eval.Negatives[family]++
		}
	}
	for c := range ix.wanted {
		if !got[c] {
			count(c).Missed++
			eval.Missed = append(eval.Missed, c)
		}
	}
	for _, family := range ix.negative {
		eval.Pages[family]++
	}
	eval.summarise(tallies)
	return eval
}

func owners(truth sampleweb.Truth) map[string]string {
	owner := map[string]string{}
	for _, c := range truth.Companies {
		for _, d := range c.Domains {
			owner[d] = c.Domains[0]
		}
	}
	return owner
}

func claimOf(f found, owner map[string]string) (c claim, home string) {
	home = cmp.Or(owner[f.Domain], f.Domain)
	if f.Kind == string(signals.KindTechnology) {
		return claim{f.Kind, home, f.Name, ""}, home
	}
	return claim{f.Kind, placeOf(f.URL), f.Name, f.Product}, home
}

func (e *evaluation) summarise(tallies map[[2]string]*tally) {
	totals := map[string]*tally{}
	for _, t := range tallies {
		if totals[t.Kind] == nil {
			totals[t.Kind] = &tally{Kind: t.Kind}
		}
		total := totals[t.Kind]
		total.Right, total.Wrong, total.Missed = total.Right+t.Right, total.Wrong+t.Wrong, total.Missed+t.Missed
		e.Classes = append(e.Classes, t.rates())
	}
	for _, t := range totals {
		e.Kinds = append(e.Kinds, t.rates())
	}
	byName := func(a, b tally) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) }
	slices.SortFunc(e.Classes, byName)
	slices.SortFunc(e.Kinds, byName)
	order := func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name), cmp.Compare(a.product, b.product), cmp.Compare(a.place, b.place))
	}
	slices.SortFunc(e.Wrong, order)
	slices.SortFunc(e.Missed, order)
}

// rates fills precision, recall, F1 and the lower ends of the Wilson 95 % intervals.
func (t *tally) rates() tally {
	r := *t
	r.Precision, r.PrecisionLow = wilson(r.Right, r.Right+r.Wrong)
	r.Recall, r.RecallLow = wilson(r.Right, r.Right+r.Missed)
	if r.Precision+r.Recall > 0 {
		r.F1 = 2 * r.Precision * r.Recall / (r.Precision + r.Recall)
	}
	return r
}

// wilson returns a proportion and the lower end of its 95 % score interval (Wilson 1927); NaN where n is 0.
func wilson(k, n int) (p, low float64) {
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	const z = 1.959964
	p = float64(k) / float64(n)
	z2, fn := z*z, float64(n)
	centre := p + z2/(2*fn)
	spread := z * math.Sqrt(p*(1-p)/fn+z2/(4*fn*fn))
	return p, max(0, (centre-spread)/(1+z2/fn))
}
