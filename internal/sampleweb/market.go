package sampleweb

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Opportunity is one deal that was opened with a company.
type Opportunity struct {
	AccountID string    `json:"account_id"`
	Product   string    `json:"product"`
	Created   time.Time `json:"created"`
	Closed    time.Time `json:"closed"`
	// Outcome is won or lost, drawn with Probability; a reader in the past sees it as open until Closed.
	Outcome     string  `json:"outcome"`
	Probability float64 `json:"probability"`
	Amount      float64 `json:"amount"`
	ActedOn     bool    `json:"acted_on"`
}

// rateFit sets the true fit, 0–100, of every company and product from firmographics and noise. A
// company's score is its place among all: the middle of its quantile, so every band occurs.
func (w *Web) rateFit() {
	for _, product := range Products() {
		type rated struct {
			c   *company
			raw float64
		}
		p := newRNG(w.cfg.Seed, "fit", product)
		slope, potential, partner := 0.25+0.35*p.Float64(), 0.2+0.2*p.Float64(), 0.2+0.3*p.Float64()
		taste := map[string]float64{}
		for _, industry := range industries() {
			taste[industry] = 0.8 * p.NormFloat64()
		}
		list := make([]rated, len(w.companies))
		for i, c := range w.companies {
			r := newRNG(w.cfg.Seed, "fit", product, c.AccountID)
			raw := slope*math.Log(float64(c.size)) + potential*math.Log1p(c.AzurePotentialUSD/1000) + taste[c.Industry] + 0.45*r.NormFloat64()
			if c.Partner != "" {
				raw += partner
			}
			list[i] = rated{c, raw}
		}
		slices.SortStableFunc(list, func(a, b rated) int { return cmp.Compare(a.raw, b.raw) })
		for i, x := range list {
			x.c.fit[product] = math.Round((float64(i)+0.5)/float64(len(list))*1000) / 10
		}
	}
}

// intentAt is the mean latent intent of the two months before t.
func (c *company) intentAt(product string, t time.Time) float64 {
	m := monthIndex(t)
	path := c.latent[product]
	sum, n := 0.0, 0
	for i := max(0, m-2); i <= min(m, historyMonths-1) && n < 2; i++ {
		sum, n = sum+path[i], n+1
	}
	if n == 0 {
		return path[len(path)-1]
	}
	return sum / float64(n)
}

func monthIndex(t time.Time) int {
	return min(historyMonths-1, max(0, (t.Year()-epochStart().Year())*12+int(t.Month()-epochStart().Month())))
}

// drawOpportunities opens deals with two companies in five. The more intent and fit, the likelier is a
// deal won; the noise keeps it a probability.
func (w *Web) drawOpportunities(c *company) {
	r := newRNG(w.cfg.Seed, "opportunities", c.AccountID)
	if !r.chance(0.4) {
		return
	}
	for range 1 + r.weighted([]float64{35, 35, 20, 10}) {
		created := dayIn(r, r.between(2, historyMonths-1))
		products := Products()
		weights := make([]float64, len(products))
		for i, p := range products {
			weights[i] = math.Exp(2.2*c.intentAt(p, created) + 0.012*c.fit[p])
		}
		product := products[r.weighted(weights)]
		p := logistic(-2.7 + 3.6*c.intentAt(product, created) + 2.6*c.fit[product]/100 + 0.5*r.NormFloat64())
		o := Opportunity{AccountID: c.AccountID, Product: product, Created: created, Closed: created.AddDate(0, 0, r.between(20, 100)), Probability: p, Outcome: "lost"}
		if r.chance(p) {
			o.Outcome = "won"
		}
		o.Amount = math.Round(float64(c.size)*(40+200*r.Float64())/10) * 10
		o.ActedOn = r.chance(0.55 + 0.3*p)
		if slices.ContainsFunc(c.opps, func(x Opportunity) bool { return x.Product == product && x.Created.Equal(created) }) {
			continue
		}
		c.opps = append(c.opps, o)
	}
	slices.SortStableFunc(c.opps, func(a, b Opportunity) int { return a.Created.Compare(b.Created) })
}

// owned reports since when a company has had a product's subscription, and how many seats.
func (w *Web) owned(c *company, product string) (since time.Time, seats int, ok bool) {
	r := newRNG(w.cfg.Seed, "owned", c.AccountID, product)
	share := map[string]float64{"Microsoft 365": 0.1, "Azure": 0.22, "Dynamics 365": 0.08, "Surface": 0.12, "Security": 0.14, "Copilot and AI": 0.05, "Power Platform": 0.1, "Data Platform": 0.18}[product]
	share *= 0.4 + c.fit[product]/80
	if product == "Microsoft 365" && c.uses("Microsoft 365") {
		share = 0.9
	}
	if !r.chance(share) {
		return time.Time{}, 0, false
	}
	since = epochStart().AddDate(0, -r.between(2, 40), r.between(0, 27))
	return since, max(1, int(float64(c.size)*(0.3+0.7*r.Float64()))), true
}

// sku names what a subscription of the product is sold as.
func sku(product string, seats int) string {
	switch product {
	case "Microsoft 365":
		if seats < 300 {
			return "Business Standard"
		}
		return "E3"
	case "Azure":
		return "Azure plan"
	case "Dynamics 365":
		return "Business Central Essentials"
	case "Security":
		return "Defender for Business"
	case "Data Platform":
		return "Power BI Pro"
	}
	return product
}

func agreement(c *company, product string) string {
	return fmt.Sprintf("AG-%s-%c%c", c.AccountID[4:], product[0], product[len(product)-1])
}
