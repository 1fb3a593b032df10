package sampleweb

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Behaviour says how a company's hosts misbehave; BehaviourNormal is the rule.
type Behaviour string

// The behaviours of hosts. About an eighth of the companies show one other than BehaviourNormal.
const (
	BehaviourNormal Behaviour = "normal"
	// BehaviourSlow answers after 300–900 ms.
	BehaviourSlow Behaviour = "slow"
	// BehaviourNXDomain has no DNS records, BehaviourServFail a broken zone.
	BehaviourNXDomain Behaviour = "nxdomain"
	BehaviourServFail Behaviour = "servfail"
	// BehaviourReset resets every connection, BehaviourTarpit accepts and never answers.
	BehaviourReset  Behaviour = "reset"
	BehaviourTarpit Behaviour = "tarpit"
	// BehaviourMoved redirects to another company's domain, BehaviourLoop to itself for ever.
	BehaviourMoved Behaviour = "moved"
	BehaviourLoop  Behaviour = "loop"
	// BehaviourParkedAds and BehaviourParkedSale show a parking page.
	BehaviourParkedAds  Behaviour = "parked_ads"
	BehaviourParkedSale Behaviour = "parked_sale"
	// The traps offer links without end: a calendar, session ids, growing paths.
	BehaviourTrapCalendar Behaviour = "trap_calendar"
	BehaviourTrapSession  Behaviour = "trap_session"
	BehaviourTrapPath     Behaviour = "trap_path"
	// BehaviourHuge has pages over 2 MiB; BehaviourBrokenMarkup unclosed tags and invalid UTF-8.
	BehaviourHuge         Behaviour = "huge"
	BehaviourBrokenMarkup Behaviour = "broken_markup"
	// BehaviourBrokenTransfer has pages with gzip garbage or a wrong Content-Length.
	BehaviourBrokenTransfer Behaviour = "broken_transfer"
	// BehaviourRobots5xx answers robots.txt with 503, BehaviourRobotsDeny disallows everything.
	BehaviourRobots5xx  Behaviour = "robots_5xx"
	BehaviourRobotsDeny Behaviour = "robots_deny"
	// BehaviourRateLimited answers some requests with 429 and Retry-After.
	BehaviourRateLimited Behaviour = "rate_limited"
	// BehaviourWindows1252 serves its pages in windows-1252.
	BehaviourWindows1252 Behaviour = "windows_1252"
)

// hostile lists the behaviours that are handed out in turn.
func hostile() []Behaviour {
	return []Behaviour{
		BehaviourSlow, BehaviourNXDomain, BehaviourParkedAds, BehaviourTrapCalendar, BehaviourReset, BehaviourHuge,
		BehaviourRobotsDeny, BehaviourMoved, BehaviourBrokenMarkup, BehaviourTarpit, BehaviourRobots5xx, BehaviourTrapSession,
		BehaviourLoop, BehaviourRateLimited, BehaviourWindows1252, BehaviourTrapPath, BehaviourBrokenTransfer,
		BehaviourParkedSale, BehaviourServFail,
	}
}

// readable reports whether a polite crawler can read the company's pages.
func (b Behaviour) readable() bool {
	return !slices.Contains([]Behaviour{BehaviourNXDomain, BehaviourServFail, BehaviourReset, BehaviourTarpit, BehaviourMoved,
		BehaviourLoop, BehaviourParkedAds, BehaviourParkedSale, BehaviourRobots5xx, BehaviourRobotsDeny}, b)
}

// Company is one company as its customers' books know it.
type Company struct {
	AccountID string `json:"account_id"`
	Name      string `json:"name"`
	// Domains are registrable, the principal one first; Home is the address where its redirects end.
	Domains  []string `json:"domains"`
	Home     string   `json:"home"`
	Address  string   `json:"address"`
	Country  string   `json:"country"`
	Region   string   `json:"region"`
	City     string   `json:"city"`
	Industry string   `json:"industry"`
	Vertical string   `json:"vertical"`
	Language string   `json:"language"`
	// Employees is −1 where the books do not know it.
	Employees         int       `json:"employees"`
	AzurePotentialUSD float64   `json:"azure_potential_usd"`
	Partner           string    `json:"partner"`
	Founded           int       `json:"founded"`
	Behaviour         Behaviour `json:"behaviour"`
	// Readable reports whether a polite crawler can read any page.
	Readable bool `json:"readable"`
}

// company is everything that is fixed about one company.
type company struct {
	Company
	index  int
	domain string
	slug   string
	addr   netip.Addr
	size   int
	style  style
	techs  []techUse
	pages  []*page
	byURL  map[string]*page
	latent map[string][]float64
	fit    map[string]float64
	opps   []Opportunity
	robots robots
	hosts  []string
	moved  string
}

// style says how a company's site is built.
type style struct {
	layout, dateForm, feed, nav  int
	https, www, gzip, validators bool
	host, blogHost               string
	blog, press, careers, forum  string
	feedPath                     string
	forumKind                    string
	ext                          string
}

// Companies returns the companies, in the order of their account ids.
func (w *Web) Companies() []Company {
	out := make([]Company, len(w.companies))
	for i, c := range w.companies {
		out[i] = c.Company
		out[i].Domains = slices.Clone(c.Domains)
	}
	return out
}

// generate builds every company.
func (w *Web) generate() {
	behaviours := w.behaviours()
	for i := range w.cfg.Companies {
		c := w.newCompany(i, behaviours[i])
		w.companies = append(w.companies, c)
		for _, d := range c.Domains {
			for _, h := range []string{d, "www." + d, "blog." + d} {
				w.byHost[h] = c
			}
		}
	}
	w.rateFit()
	for i, c := range w.companies {
		if c.Behaviour == BehaviourMoved {
			c.moved = w.companies[(i+w.cfg.Companies/2)%w.cfg.Companies].Home
		}
		w.chooseTechnologies(c)
		w.tellStory(c)
		w.buildSite(c)
	}
	w.buildWire()
}

// behaviours spreads the hostile ones over about an eighth of the companies.
func (w *Web) behaviours() []Behaviour {
	n := w.cfg.Companies
	out := make([]Behaviour, n)
	for i := range out {
		out[i] = BehaviourNormal
	}
	list := hostile()
	order := newRNG(w.cfg.Seed, "behaviours").Perm(n)
	for k := range (n*12 + 99) / 100 {
		if k < n {
			out[order[k]] = list[k%len(list)]
		}
	}
	return out
}

func (w *Web) newCompany(i int, b Behaviour) *company {
	r := newRNG(w.cfg.Seed, "company", fmt.Sprint(i))
	c := &company{index: i, latent: map[string][]float64{}, fit: map[string]float64{}, byURL: map[string]*page{}}
	c.AccountID = fmt.Sprintf("ACC-%05d", i+1)
	c.Behaviour, c.Readable = b, b.readable()
	c.Language = "en"
	if i%10 == 3 {
		c.Language = "de"
	}
	c.Industry = pick(r, industries())
	w.nameCompany(c, r)
	w.locate(c, r)
	c.addr = netip.AddrFrom4([4]byte{127, byte(20 + i/62500), byte(i / 250 % 250), byte(i%250 + 2)})
	c.Address = c.addr.String()
	c.size = headCount(r)
	c.Employees = c.size
	if r.chance(0.04) {
		c.Employees = -1
	}
	c.AzurePotentialUSD = float64(int(float64(c.size)*(20+r.Float64()*160)/10) * 10)
	c.Partner = ""
	if r.chance(0.6) {
		c.Partner = pick(r, w.prose.pool("names", "partner"))
	}
	c.Founded = r.between(1890, 2021)
	c.style = newStyle(c, r)
	c.Home = c.origin(c.style.host) + "/"
	return c
}

func industries() []string {
	return []string{"Manufacturing", "Logistics", "Healthcare", "Retail", "Professional services", "Construction",
		"Food and drink", "Software", "Financial services", "Education", "Energy", "Hospitality"}
}

// headCount is skewed like a register of small and medium businesses.
func headCount(r rng) int {
	switch r.weighted([]float64{14, 20, 46, 20}) {
	case 0:
		return r.between(1, 9)
	case 1:
		return r.between(10, 24)
	case 2:
		return r.between(25, 299)
	}
	return r.between(300, 2400)
}

// nameCompany finds a name and a domain nobody has yet.
func (w *Web) nameCompany(c *company, r rng) {
	lang := c.Language
	for try := 0; ; try++ {
		root := pick(r, w.prose.pool("names", "root-"+lang))
		if try > 2 {
			root = root + " & " + pick(r, w.prose.pool("names", "root-"+lang))
		}
		noun := pick(r, w.prose.pool("industries", "noun-"+lang, c.Industry))
		c.slug = slugify(root + " " + noun)
		tld := ".example"
		if r.chance(0.25) {
			tld = ".test"
		}
		if w.byHost[c.slug+tld] != nil || w.byHost[c.slug+".example"] != nil {
			continue
		}
		c.Name = root + " " + noun + " " + pick(r, w.prose.pool("names", "form-"+lang))
		c.domain = c.slug + tld
		break
	}
	c.Domains = []string{c.domain}
	if r.chance(0.12) {
		second := strings.ReplaceAll(c.slug, "-", "") + ".test"
		if w.byHost[second] == nil {
			c.Domains = append(c.Domains, second)
		}
	}
}

func (w *Web) locate(c *company, r rng) {
	c.City = pick(r, w.prose.pool("names", "city-"+c.Language))
	c.Country = pick(r, w.prose.pool("names", "country-"+c.Language))
	switch c.Country {
	case "United States", "Canada":
		c.Region = "AMER"
	case "Australia":
		c.Region = "APAC"
	default:
		c.Region = "EMEA"
	}
	c.Vertical = c.Industry
}

// slugify turns a title into a path segment or a label.
func slugify(s string) string {
	var b strings.Builder
	for _, x := range strings.ToLower(s) {
		switch {
		case x >= 'a' && x <= 'z' || x >= '0' && x <= '9':
			b.WriteRune(x)
		case x == 'ä':
			b.WriteString("ae")
		case x == 'ö':
			b.WriteString("oe")
		case x == 'ü':
			b.WriteString("ue")
		case x == 'ß':
			b.WriteString("ss")
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s = strings.Trim(b.String(), "-")
	if len(s) > 60 {
		s = strings.Trim(s[:60], "-")
	}
	return s
}

// visible reports whether something that exists from … to (zero: for ever) exists at t.
func visible(from, to, t time.Time) bool {
	return !from.After(t) && (to.IsZero() || t.Before(to))
}
