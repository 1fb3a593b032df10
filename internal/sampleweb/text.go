package sampleweb

import (
	"html"
	"strings"
	"time"
)

func escape(s string) string { return html.EscapeString(s) }

// paragraphs writes a page's running text: sentences of the company's pools with the passage inside.
// Posts come to 150–500 words where the pools hold out. The text depends on the page's address only.
func (w *Web) paragraphs(c *company, p *page) []string {
	r := newRNG(w.cfg.Seed, "text", p.url)
	date := p.from
	if date.IsZero() {
		date = epochStart()
	}
	s := w.slots(c, r, date, "")
	stem := s.filler()
	words := r.between(150, 340)
	if p.kind == "job" || p.kind == "thread" {
		words = r.between(60, 120)
	}
	if p.kind == "press" {
		words = r.between(110, 220)
	}
	sentences := w.filler(c, s, p.kind, words)
	if p.kind != "job" && p.kind != "thread" {
		sentences = append([]string{s.fill(pick(r, w.prose.pool(stem, "intro")))}, sentences...)
		sentences = append(sentences, s.fill(pick(r, w.prose.pool(stem, "closing"))))
	}
	if p.passage != "" {
		at := r.between(1, max(1, len(sentences)-1))
		if p.kind == "press" || p.negative != "" {
			at = min(1, len(sentences))
		}
		sentences = append(sentences[:at:at], append([]string{p.passage}, sentences[at:]...)...)
	}
	return group(r, sentences)
}

// filler draws sentences without repeating one until their words suffice or the pools are empty.
func (w *Web) filler(c *company, s *slots, kind string, words int) []string {
	stem := s.filler()
	pool := append([]string(nil), w.prose.pool(stem, "general")...)
	switch kind {
	case "job":
		pool = append([]string(nil), w.prose.pool(stem, "job")...)
	case "imprint", "privacy", "legal":
		pool = append([]string(nil), w.prose.pool(stem, "legal")...)
	default:
		if c.Language == "en" {
			pool = append(pool, w.prose.pool("industries", "en", c.Industry)...)
		}
	}
	s.r.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
	var out []string
	for _, t := range pool {
		if words <= 0 {
			break
		}
		t = s.fill(t)
		words -= strings.Count(t, " ") + 1
		out = append(out, t)
	}
	return out
}

// group joins two to five sentences to a paragraph.
func group(r rng, sentences []string) []string {
	var out []string
	for len(sentences) > 0 {
		n := min(len(sentences), r.between(2, 5))
		out = append(out, strings.Join(sentences[:n], " "))
		sentences = sentences[n:]
	}
	return out
}

// summary is what listings and feeds quote of a page: its first paragraph, which may hold the passage.
func (w *Web) summary(c *company, p *page) string {
	paragraphs := w.paragraphs(c, p)
	if len(paragraphs) == 0 {
		return p.title
	}
	return paragraphs[0]
}

// shown is the date as a reader of the company's language writes it.
func shown(lang string, t time.Time) string {
	if lang == "de" {
		return t.Format("2. ") + monthName("de", t.Month()) + t.Format(" 2006")
	}
	return t.Format("2 January 2006")
}
