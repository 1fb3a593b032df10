package app

import (
	"cmp"
	"maps"
	"slices"

	"telltale/internal/pages"
)

// pageClaims is what the program says of one captured page.
type pageClaims struct {
	Kind     pages.Kind
	Language string
	// Events are read as the site's own, Told from the main text as plain text, Topics as name and product.
	Events, Told []string
	Topics       [][2]string
	// Heard says, by number of the label, whether its quotation alone was read as its event.
	Heard []bool
}

// capturedTally counts claims of one event. Own are right; Others tell of another organisation in the main text, Teasers stand in
// a headline of another page, Nothing was there. Missed are own events that were not claimed.
type capturedTally struct {
	Event                                 string
	Own, Others, Teasers, Nothing, Missed int
	// Told, ToldTeasers and ToldWrong are claims on the main text as plain text; Quotes are labels of it and Heard those read back from their words alone.
	Told, ToldTeasers, ToldWrong, Quotes, Heard int
}

func (t *capturedTally) add(o *capturedTally) {
	t.Own, t.Others, t.Teasers, t.Nothing, t.Missed = t.Own+o.Own, t.Others+o.Others, t.Teasers+o.Teasers, t.Nothing+o.Nothing, t.Missed+o.Missed
	t.Told, t.ToldTeasers, t.ToldWrong, t.Quotes, t.Heard = t.Told+o.Told, t.ToldTeasers+o.ToldTeasers, t.ToldWrong+o.ToldWrong, t.Quotes+o.Quotes, t.Heard+o.Heard
}

// since is what was counted after an earlier state of the tally.
func (t *capturedTally) since(o *capturedTally) *capturedTally {
	return &capturedTally{
		Own: t.Own - o.Own, Others: t.Others - o.Others, Teasers: t.Teasers - o.Teasers, Nothing: t.Nothing - o.Nothing, Missed: t.Missed - o.Missed,
		Told: t.Told - o.Told, ToldTeasers: t.ToldTeasers - o.ToldTeasers, ToldWrong: t.ToldWrong - o.ToldWrong, Quotes: t.Quotes - o.Quotes, Heard: t.Heard - o.Heard,
	}
}

// capturedResult is the comparison over all pages.
type capturedResult struct {
	Pages, Absent, Failed int
	// Kinds counts pages by labelled and claimed kind; a page whose second kind is claimed counts as that.
	Kinds      map[[2]pages.Kind]int
	KindsRight int
	// Held are the pages of odd number, which no rule of kinds was made on; HeldRight those of the right kind.
	Held, HeldRight int
	Languages       int
	LanguagesRight  int
	Events          map[string]*capturedTally
	// Halves sum the tallies of the pages of even number, which rules may be made on, and of those of odd number.
	Halves       [2]capturedTally
	TopicsRight  int
	TopicsWrong  int
	TopicsMissed int
	Mistakes     []string
}

func newCapturedResult() *capturedResult {
	return &capturedResult{Kinds: map[[2]pages.Kind]int{}, Events: map[string]*capturedTally{}}
}

func (r *capturedResult) event(name string) *capturedTally {
	if r.Events[name] == nil {
		r.Events[name] = &capturedTally{Event: name}
	}
	return r.Events[name]
}

// judge compares one page.
func (r *capturedResult) judge(l *pageLabel, c *pageClaims) {
	r.Pages++
	kind := l.Kind
	if c.Kind == l.Also {
		kind = l.Also
	}
	r.Kinds[[2]pages.Kind{kind, c.Kind}]++
	held := l.Number != "" && l.Number[len(l.Number)-1]%2 == 1
	if held {
		r.Held++
	}
	if kind == c.Kind {
		r.KindsRight++
		if held {
			r.HeldRight++
		}
	}
	if l.Language != "" {
		r.Languages++
		if c.Language == l.Language {
			r.LanguagesRight++
		}
	}
	_, before := r.byEvent()
	r.owned(l, c)
	r.told(l, c)
	_, after := r.byEvent()
	half := &r.Halves[0]
	if held {
		half = &r.Halves[1]
	}
	half.add(after.since(&before))
	r.topics(l, c)
}

// labelled finds the label of an event that explains a claim best: own before other, main text before headlines.
func labelled(l *pageLabel, event string) *spanLabel {
	rank := func(s *spanLabel) int {
		switch {
		case s.Whose == ownEvent:
			return 0
		case s.Where == inMainText:
			return 1
		}
		return 2
	}
	var best *spanLabel
	for i := range l.Events {
		if s := &l.Events[i]; s.Event == event && (best == nil || rank(s) < rank(best)) {
			best = s
		}
	}
	return best
}

// owned judges the page as one of an account's own.
func (r *capturedResult) owned(l *pageLabel, c *pageClaims) {
	for _, event := range c.Events {
		t, s := r.event(event), labelled(l, event)
		switch {
		case s == nil:
			t.Nothing++
			r.Mistakes = append(r.Mistakes, "nothing: "+event+" "+l.URL)
		case s.Whose == ownEvent:
			t.Own++
		case s.Where == inMainText:
			t.Others++
			r.Mistakes = append(r.Mistakes, "another's: "+event+" "+l.URL)
		default:
			t.Teasers++
			r.Mistakes = append(r.Mistakes, "a headline's: "+event+" "+l.URL)
		}
	}
	for _, event := range eventsOf(l, ownEvent) {
		if !slices.Contains(c.Events, event) {
			r.event(event).Missed++
			r.Mistakes = append(r.Mistakes, "missed: "+event+" "+l.URL)
		}
	}
}

// eventsOf are the events that the main text of a page tells of, each once; whose is empty for anybody's.
func eventsOf(l *pageLabel, whose string) []string {
	names := map[string]bool{}
	for _, s := range l.Events {
		if s.Where == inMainText && (whose == "" || s.Whose == whose) {
			names[s.Event] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// told judges the main text as plain text of no known company.
func (r *capturedResult) told(l *pageLabel, c *pageClaims) {
	main := eventsOf(l, "")
	for _, event := range c.Told {
		switch t := r.event(event); {
		case slices.Contains(main, event):
			t.Told++
		case labelled(l, event) != nil:
			t.ToldTeasers++
		default:
			t.ToldWrong++
		}
	}
	for i, s := range l.Events {
		if s.Where != inMainText {
			continue
		}
		r.event(s.Event).Quotes++
		if c.Heard[i] {
			r.event(s.Event).Heard++
		}
	}
}

func (r *capturedResult) topics(l *pageLabel, c *pageClaims) {
	wanted := map[[2]string]bool{}
	for _, s := range l.Topics {
		wanted[[2]string{s.Topic, s.Product}] = true
	}
	for _, got := range c.Topics {
		if wanted[got] {
			r.TopicsRight++
			delete(wanted, got)
			continue
		}
		r.TopicsWrong++
		r.Mistakes = append(r.Mistakes, "nothing: "+got[0]+" of "+got[1]+" "+l.URL)
	}
	r.TopicsMissed += len(wanted)
}

// byEvent are the tallies by name, and their sum.
func (r *capturedResult) byEvent() (list []*capturedTally, sum capturedTally) {
	list = slices.SortedFunc(maps.Values(r.Events), func(a, b *capturedTally) int { return cmp.Compare(a.Event, b.Event) })
	for _, t := range list {
		sum.add(t)
	}
	return list, sum
}
