package attribution

import (
	"fmt"
	"slices"
	"strings"

	"telltale/internal/document"
)

// weighed is an account and what speaks for it.
type weighed struct {
	account uint32
	group   *group
	// score is what was added up; confidence is it, held within 0–1.
	score, confidence float64
	// sure says that it is decided; headline that its name stands in the title; shared that other accounts bear its name.
	sure, headline, shared bool
	why                    []string
	quote                  quote
	// abroad says that the dateline is in another country; backed that more than a name speaks for it: a link, its legal form, or both country and trade.
	abroad, backed bool
}

// weigh weighs every account that the page names or links to.
func (r *reading) weigh() []weighed {
	var all []weighed
	for i := range r.groups {
		g := &r.groups[i]
		if g.clean() == 0 {
			continue
		}
		all = append(all, r.weighGroup(g)...)
	}
	for account, domain := range r.linked {
		if slices.ContainsFunc(all, func(w weighed) bool { return w.account == account }) || len(r.linked) > 1 {
			continue
		}
		all = append(all, weighed{account: account, confidence: 0.6, why: []string{"link to " + domain}, quote: quote{text: domain}})
	}
	return all
}

// weighGroup weighs the accounts of one name against each other.
func (r *reading) weighGroup(g *group) []weighed {
	var list []weighed
	for n := g.first; len(list) < maxNames; {
		if r.m.spelled(n, g.written) && !r.isWire(n) {
			list = append(list, r.weighOne(g, n))
		}
		next := r.m.accounts[n].next
		if next == 0 {
			break
		}
		n = next - 1
	}
	if len(list) < 2 {
		for i := range list {
			list[i].sure = list[i].confidence >= decided && r.distinct(g, &list[i])
		}
		return list
	}
	slices.SortStableFunc(list, func(a, b weighed) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	if list[0].confidence >= decided && list[0].score-list[1].score >= ahead && r.distinct(g, &list[0]) {
		list[0].sure = true
		return list[:1]
	}
	return share(list)
}

// isWire reports the account that owns the wire itself: its name stands on every page.
func (r *reading) isWire(number uint32) bool {
	owner, ok := r.m.owner(r.doc.Domain)
	return ok && owner == number
}

// share divides the confidence among accounts of one name, none of which leads.
func share(list []weighed) []weighed {
	sum := 0.0
	for i := range list {
		sum += list[i].confidence
	}
	if list[0].confidence < doubtful {
		return nil
	}
	for i := range list {
		w := &list[i]
		w.why = append(w.why, fmt.Sprintf("one of %d accounts of that name", len(list)))
		w.shared = true
		if sum > 0 {
			w.confidence *= w.confidence / sum
		}
	}
	return list
}

// spelled reports that the page writes the name as the account does, but for case, marks and abbreviations.
func (m *Matcher) spelled(number uint32, written string) bool {
	own := m.lex.parse(m.nameOf(number), nil)
	seen := m.lex.parse(written, nil)
	return m.lex.same(own.text, own.base(), seen.text, seen.base()) || m.lex.same(own.text, own.base(), seen.text, seen.words)
}

// distinct reports that a name says more than a word of the language does, or that more than the name speaks for the account.
func (r *reading) distinct(g *group, w *weighed) bool {
	return w.backed || !r.common(g) && g.torn == 0 && !w.abroad
}

// common reports a name that is a word of the language, a given name or a place; or several such words, where only capitals in a
// headline make a name of them.
func (r *reading) common(g *group) bool {
	if g.common == 0 {
		g.common = 2
		if r.isCommon(g) {
			g.common = 1
		}
	}
	return g.common == 1
}

func (r *reading) isCommon(g *group) bool {
	for w := range strings.FieldsSeq(g.key) {
		if w != "&" && !r.m.lex.common[r.m.lex.hash(w)] && len(w) > 2 {
			return g.words == 1 && r.lowered(g.written)
		}
	}
	return g.words == 1 || g.running == 0
}

// lowered reports that the page writes the word in small letters elsewhere: it is a word to it, not a name.
func (r *reading) lowered(written string) bool {
	low := strings.ToLower(written)
	if low == written {
		return false
	}
	for i := range r.doc.Blocks {
		b := &r.doc.Blocks[i]
		if b.Role == document.RoleChrome {
			continue
		}
		text := b.Text
		for {
			at := strings.Index(text, low)
			if at < 0 {
				break
			}
			end := at + len(low)
			if (at == 0 || !joins(text[at-1])) && (end == len(text) || !joins(text[end])) {
				return true
			}
			text = text[end:]
		}
	}
	return false
}

// joins reports a byte that makes one word, address or handle of what stands on both sides.
func joins(c byte) bool {
	return hostByte(c) || c == '@' || c == '/' || c == '_' || c == '#' || c >= 0x80
}

// weighOne weighs one account: the name, where it stands, the links, the surroundings.
func (r *reading) weighOne(g *group, number uint32) weighed {
	w := weighed{account: number, group: g, headline: g.inTitle(), quote: g.quote}
	form := r.form(g, number)
	w.score = r.nameWeight(g, form, &w)
	w.score += placeWeight(g, &w)
	r.linkWeight(number, form, &w)
	r.contextWeight(number, &w)
	link := r.linked[number] != ""
	if form == formOther || g.torn > 0 {
		reason := "another legal form"
		if g.torn > 0 {
			reason = "part of another name elsewhere"
		}
		w.why = append(w.why, reason)
		if !link || form == formOther {
			w.score *= 0.7
			w.backed = false
		}
	}
	if !g.inTitle() && g.leadLead+g.lead+g.about+g.heading == 0 {
		w.why = append(w.why, "not in title or lead")
		w.score = min(w.score, decided-0.05)
	}
	w.confidence = min(max(w.score, 0), most)
	return w
}

// form is how the legal forms of the page's mentions agree with the account's: the best of them.
func (r *reading) form(g *group, number uint32) agreement {
	own := r.m.lex.parse(r.m.nameOf(number), nil)
	known := own.form(r.m.lex)
	best, said := formUnknown, false
	for _, f := range g.forms {
		a := agree(f, known)
		if !said || a > best {
			best, said = a, true
		}
	}
	return best
}

func (r *reading) nameWeight(g *group, form agreement, w *weighed) float64 {
	common := r.common(g)
	switch {
	case form >= formPart:
		w.why = append(w.why, "name with its legal form")
		w.backed = true
		if common {
			return 0.7
		}
		return 0.8
	case common:
		w.why = append(w.why, "name that is a common word")
		return 0.3
	case g.words > 1:
		w.why = append(w.why, "name")
		return 0.7
	}
	w.why = append(w.why, "name of one word")
	return 0.55
}

func placeWeight(g *group, w *weighed) float64 {
	sum := 0.0
	add := func(has bool, weight float64, why string) {
		if has {
			sum += weight
			w.why = append(w.why, why)
		}
	}
	add(g.titleLead > 0, 0.2, "begins the title")
	add(g.titleLead == 0 && g.title > 0, 0, "in the title")
	switch {
	case g.leadLead > 0:
		add(true, 0.12, "begins the lead")
	case g.inTitle():
		add(g.lead > 0, 0.06, "in the lead")
	default:
		add(g.lead > 0, 0, "in the lead")
	}
	add(g.about > 0, 0.12, "described at the end")
	add(g.heading > 0, 0.05, "in a heading")
	add(g.clean() > 2, 0.03, fmt.Sprintf("%d mentions", g.clean()))
	add(g.titleObject > 0, 0, "an object in the title")
	if g.titleObject+g.titleLead+g.title+g.leadLead+g.lead+g.about+g.heading == 0 {
		sum -= 0.25
	}
	return sum
}

func (r *reading) linkWeight(number uint32, form agreement, w *weighed) {
	domain := r.linked[number]
	if domain == "" {
		return
	}
	w.why = append(w.why, "link to "+domain)
	w.backed = w.backed || form != formOther
	if len(r.linked) > 3 { // a list of companies
		w.score += 0.1
		return
	}
	w.score += 0.35
}
