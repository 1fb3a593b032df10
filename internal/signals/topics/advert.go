package topics

import (
	"strings"

	"telltale/internal/document"
	"telltale/internal/signals/phrase"
)

// everyday is the product that most office work is done with: to ask for it is hiring where the role is a technical one.
const everyday = "Microsoft 365"

// advert weighs a product's mention in a job advert: confidence and strength factors in 0–2.
// Perks, everyday office skills and long lists of tools say nothing; what is merely nice to have says little.
func (w *work) advert(sen *phrase.Sentence, e int, st phrase.Stance) (confidence, strength float64) {
	low := strings.ToLower(sen.Text[sen.Tokens[0].Start:sen.Tokens[len(sen.Tokens)-1].End])
	if st.Negated || st.NegatedWithin || st.Spurned || w.listed(sen, e) || holdsAny(low, perks()) {
		return 0, 0
	}
	if w.m.names[sen.Ref(e)].product == everyday && (holdsAny(low, officeSkills()) || w.ad.role != "" && !technical(w.ad.role)) {
		return 0, 0
	}
	confidence, strength = 0.9, 1
	switch {
	case w.block.Role == document.RoleTitle || w.block.Role == document.RoleHeading:
		confidence, strength = 1.1, 1.7
	case holdsAny(low, optional()):
		confidence, strength = 0.6, 0.4
	}
	if w.rivalled(sen, e) {
		confidence *= 0.7
	}
	return confidence, strength
}

// rivalled reports that a rival of the product stands in the same sentence.
func (w *work) rivalled(sen *phrase.Sentence, e int) bool {
	product := w.m.names[sen.Ref(e)].product
	for _, i := range sen.Entities {
		if n := w.m.names[sen.Ref(i)]; n.slot == slotRival && n.product == product {
			return true
		}
	}
	return false
}

func holdsAny(s string, list []string) bool {
	for _, x := range list {
		if strings.Contains(s, x) {
			return true
		}
	}
	return false
}
