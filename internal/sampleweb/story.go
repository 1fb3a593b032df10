package sampleweb

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// statement is one thing a page says of its company, in the very words that stand on the page.
type statement struct {
	topic, product, event string
	sign                  int
	sentence              string
}

// item is a dated piece of content before it has an address.
type item struct {
	date time.Time
	// kind is post, press, job, thread, partner, story, course, legal or page.
	kind       string
	title      string
	passage    string
	statements []statement
	negative   string
}

func topics() []string {
	return []string{"evaluation", "migration", "renewal", "pain", "compliance", "hiring", "expansion", "end_of_support", "competitor_adopted", "competitor_dropped"}
}

// stageWeights says how frequent each of topics is early, in the middle and late in a project.
func stageWeights() [3][]float64 {
	return [3][]float64{
		{30, 2, 3, 28, 14, 9, 0, 16, 0, 4},
		{22, 20, 6, 10, 12, 26, 2, 10, 0, 8},
		{4, 30, 12, 2, 6, 28, 24, 2, 0, 6},
	}
}

// project is a stretch of months in which a company is busy with a product, or turns to its rival.
type project struct {
	product       string
	start, length int
	peak          float64
	against       bool
}

// shape is 0–1: how far on the project is in a month of the history.
func (p project) shape(month int) float64 {
	x := float64(month-p.start) / float64(p.length)
	if x < 0 {
		return 0
	}
	if x <= 0.6 {
		return 0.3 + x/0.6*0.7
	}
	return clamp01(1 - (x-0.6)/0.9)
}

// tellStory draws the company's projects, and from them its latent intent and its content.
func (w *Web) tellStory(c *company) {
	r := newRNG(w.cfg.Seed, "story", c.AccountID)
	projects := drawProjects(r)
	w.drawLatent(c, r, projects)
	var items []item
	talkative := 0.5 + r.Float64()
	for m := range historyMonths {
		for _, p := range projects {
			for range r.poisson(0.95 * talkative * p.peak * p.shape(m)) {
				items = append(items, w.topicItem(c, r, p, m))
			}
		}
		if r.chance(0.008) {
			p := project{product: pick(r, Products()), start: m - r.between(0, 4), length: 5, against: r.chance(0.2)}
			items = append(items, w.topicItem(c, r, p, m))
		}
		for range r.poisson(0.17) {
			items = append(items, w.eventItem(c, r, m))
		}
	}
	items = append(items, w.negatives(c, r)...)
	items = append(items, w.neutrals(c, r, items)...)
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Or(a.date.Compare(b.date), strings.Compare(a.title, b.title)) })
	w.drawOpportunities(c)
	w.placeItems(c, items)
}

func drawProjects(r rng) []project {
	n := r.weighted([]float64{32, 41, 19, 8})
	out := make([]project, n)
	for i := range out {
		out[i] = project{product: pick(r, Products()), start: r.between(-3, historyMonths-2), length: r.between(4, 8), peak: 0.45 + 0.55*r.Float64(), against: r.chance(0.11)}
	}
	return out
}

// drawLatent sets the intent of every product and month, 0–1: a low noise, raised by projects for the
// product and lowered by projects against it.
func (w *Web) drawLatent(c *company, r rng, projects []project) {
	for _, product := range Products() {
		base := 0.04 + 0.1*r.Float64()
		path := make([]float64, historyMonths)
		for m := range path {
			path[m] = clamp01(base + 0.03*r.NormFloat64())
			for _, p := range projects {
				if p.product != product {
					continue
				}
				if p.against {
					path[m] *= 1 - 0.8*p.shape(m)
					continue
				}
				path[m] = max(path[m], clamp01(p.peak*p.shape(m)+0.04*r.NormFloat64()))
			}
		}
		c.latent[product] = path
	}
}

// topicItem words one topic of a project in one of the company's voices.
func (w *Web) topicItem(c *company, r rng, p project, month int) item {
	date := dayIn(r, month)
	stage := min(2, max(0, (month-p.start)*3/max(1, p.length)))
	topic, sign := topics()[r.weighted(stageWeights()[stage])], 1
	if p.against {
		topic, sign = "competitor_adopted", -1
	}
	kind := "post"
	switch {
	case topic == "hiring" && c.style.careers != "":
		kind = "job"
	case topic == "hiring":
		kind = "press"
	case c.style.forum != "" && r.chance(0.3):
		kind = "thread"
	case r.chance(0.25):
		kind = "press"
	}
	s := w.slots(c, r, date, p.product)
	sentence := s.fill(pick(r, w.topicPool(c, topic, p.product, kind)))
	if c.Language == "de" {
		sentence = upperFirst(sentence)
	}
	st := statement{topic: topic, product: p.product, sign: sign, sentence: sentence}
	return item{date: date, kind: kind, title: w.topicTitle(c, s, topic, kind), passage: st.sentence, statements: []statement{st}}
}

func (w *Web) topicPool(c *company, topic, product, kind string) []string {
	switch {
	case c.Language == "de":
		return w.prose.pool("voices", "de", topic)
	case kind == "press":
		return w.prose.pool("voices", "press", topic)
	case kind == "thread":
		return w.prose.pool("voices", "forum", topic)
	}
	return w.prose.pool("topics", topic, product)
}

func (w *Web) topicTitle(c *company, s *slots, topic, kind string) string {
	switch {
	case kind == "job":
		return s.fill(pick(s.r, w.prose.pool(s.filler(), "itjobtitle")))
	case kind == "thread":
		return s.fill(pick(s.r, w.prose.pool(s.filler(), "threadtitle")))
	case s.r.chance(0.5):
		return s.fill(pick(s.r, w.prose.pool(s.filler(), "neutraltitle")))
	}
	// A title may only name a rival or an old version that the sentence names too.
	title := pick(s.r, w.prose.pool("titles", c.Language, topic))
	for _, slot := range []string{"rival", "eos"} {
		if _, said := s.kept[slot]; !said && strings.Contains(title, "{"+slot+"}") {
			return s.fill(pick(s.r, w.prose.pool(s.filler(), "neutraltitle")))
		}
	}
	if _, said := s.kept["p"]; !said {
		s.kept["p"] = w.prose.pool("vocab", "p", s.product)[0]
	}
	return s.fill(title)
}

// eventItem words one event, mostly as a press release.
func (w *Web) eventItem(c *company, r rng, month int) item {
	names := eventNames()
	event := names[r.weighted([]float64{5, 8, 5, 7, 7, 4, 9, 8, 9, 9, 9, 8, 4, 6, 3, 4, 4})]
	date := dayIn(r, month)
	s := w.slots(c, r, date, pick(r, Products()))
	title, passage := titled(pick(r, w.prose.pool("events", c.Language, event)))
	it := item{date: date, kind: "press", title: s.fill(title), passage: s.fill(passage)}
	if r.chance(0.3) {
		it.kind = "post"
	}
	it.statements = []statement{{event: event, sign: 1, sentence: it.passage}}
	return it
}

func eventNames() []string {
	return []string{"merger_acquisition", "investment", "funding", "leadership_change", "hiring", "layoff", "facility", "expansion",
		"partnership", "new_client", "product_launch", "award", "incident", "compliance", "legal", "rfp", "renewal"}
}

// negatives draws up to three hard negatives: pages that look like a signal and are none.
func (w *Web) negatives(c *company, r rng) []item {
	stem := "negatives"
	if c.Language == "de" {
		stem = "negatives_de"
	}
	var out []item
	keys := w.prose.keys(stem)
	for range r.weighted([]float64{25, 35, 28, 12}) {
		key := pick(r, keys)
		family, kind, _ := strings.Cut(key, "|")
		if slices.ContainsFunc(out, func(it item) bool { return it.negative == family }) || !c.hosts2(kind) {
			continue
		}
		if (family == "sells_migration") != (c.Industry == "Software" || c.Industry == "Professional services") && family == "sells_migration" {
			continue
		}
		date := dayIn(r, r.between(1, historyMonths-1))
		s := w.slots(c, r, date, pick(r, Products()))
		title, passage := titled(pick(r, w.prose.pool(stem, family, kind)))
		if kind == "forum" {
			kind = "thread"
		}
		out = append(out, item{date: date, kind: kind, title: s.fill(title), passage: s.fill(passage), negative: family})
	}
	return out
}

// hosts2 reports whether the company has the part of a site that a kind of item needs.
func (c *company) hosts2(kind string) bool {
	switch kind {
	case "job":
		return c.style.careers != ""
	case "forum":
		return c.style.forum != ""
	}
	return true
}

// neutrals fills blog, newsroom, careers and forum up to the size of a real site.
func (w *Web) neutrals(c *company, r rng, have []item) []item {
	want := map[string]int{"post": r.between(4, 9), "press": r.between(1, 3)}
	if c.style.careers != "" {
		want["job"] = r.between(1, 3)
	}
	if c.style.forum != "" {
		want["thread"] = r.between(2, 4)
	}
	for _, it := range have {
		want[it.kind]--
	}
	pools := map[string]string{"post": "neutraltitle", "press": "pressneutral", "job": "jobtitle", "thread": "threadtitle"}
	var out []item
	for _, kind := range []string{"post", "press", "job", "thread"} {
		for range max(0, want[kind]) {
			date := dayIn(r, r.between(0, historyMonths-1))
			s := w.slots(c, r, date, pick(r, Products()))
			out = append(out, item{date: date, kind: kind, title: s.fill(pick(r, w.prose.pool(s.filler(), pools[kind])))})
		}
	}
	return out
}

// dayIn draws an instant in office hours in a month of the history.
func dayIn(r rng, month int) time.Time {
	start := monthStart(month)
	days := start.AddDate(0, 1, 0).Sub(start).Hours() / 24
	return start.AddDate(0, 0, r.IntN(int(days))).Add(time.Duration(7*60+r.IntN(600)) * time.Minute)
}

func upperFirst(s string) string {
	for i, x := range s {
		if i == 0 {
			return strings.ToUpper(string(x)) + s[len(string(x)):]
		}
	}
	return s
}

func itoa(n int) string { return strconv.Itoa(n) }
