package sampleweb

import (
	"slices"
	"strings"
	"time"
)

// techUse is one trace of one technology at one company.
type techUse struct {
	name, channel string
	// records are DNS data, header lines, cookies or markup, by channel.
	records  []string
	from, to time.Time
}

// techSlot is a place in a company's technology that is filled by at most one choice.
type techSlot struct {
	// share is the probability that the slot is filled at all.
	share float64
	// options are "name" or "name/channel", weights their relative frequency.
	options []string
	weights []float64
}

func one(share float64, name string) techSlot {
	return techSlot{share: share, options: []string{name}, weights: []float64{1}}
}

func techSlots(c *company) []techSlot {
	shop, typo3, personio := 0.06, 0.5, 1.0
	if c.Industry == "Retail" || c.Industry == "Food and drink" {
		shop = 0.55
	}
	if c.Language == "de" {
		typo3, personio = 6, 5
	}
	slots := []techSlot{
		{0.65, []string{"Cloudflare/ns", "Amazon Web Services/ns", "Microsoft Azure/ns", "Google Cloud/ns", "IONOS/ns", "Hetzner/ns", "OVHcloud/ns", "DigitalOcean/ns"}, []float64{20, 12, 8, 5, 7, 7, 3, 4}},
		{0.95, []string{"nginx", "Apache HTTP Server", "Microsoft IIS", "LiteSpeed", "Cloudflare/header", "Akamai/header", "Netlify/header", "Vercel/header", "Sucuri"}, []float64{34, 28, 12, 5, 10, 3, 2, 2, 3}},
		{0.14, []string{"Amazon CloudFront/header", "Fastly/header", "Heroku/header", "Google Cloud/header", "Azure Front Door/header", "Imperva"}, []float64{4, 3, 2, 2, 3, 2}},
		{0.12, []string{"Amazon Web Services/cookie", "Microsoft Azure/cookie"}, []float64{4, 6}},
		{0.72, []string{"WordPress", "TYPO3", "Drupal", "Joomla", "Wix", "Squarespace", "Webflow", "Contentful", "Adobe Experience Manager"}, []float64{9, typo3, 2, 1.5, 1.5, 1.2, 1.2, 1, 1}},
		{shop, []string{"Shopify", "Magento", "WooCommerce", "PrestaShop", "BigCommerce"}, []float64{4, 2, 3, 2, 1}},
		{0.34, []string{"HubSpot", "Salesforce", "Zoho CRM", "Pipedrive", "Microsoft Dynamics 365"}, []float64{12, 9, 4, 5, 8}},
		{0.24, []string{"Mailchimp", "ActiveCampaign", "Klaviyo", "Marketo", "Pardot"}, []float64{12, 4, 5, 3, 3}},
		{0.22, []string{"Mailgun", "SendGrid", "Amazon SES"}, []float64{6, 10, 6}},
		{0.24, []string{"Zendesk", "Intercom", "Freshdesk", "Drift", "Tawk.to"}, []float64{7, 5, 5, 3, 4}},
		{0.12, []string{"SAP", "Oracle NetSuite", "Odoo"}, []float64{5, 4, 3}},
		{0.18, []string{"OneTrust", "Cookiebot"}, []float64{8, 10}},
		{0.22, []string{"Workday", "Greenhouse", "Personio", "BambooHR"}, []float64{1.2, 1.5, personio, 1.5}},
		{0.17, []string{"Stripe", "PayPal", "Adyen"}, []float64{8, 6, 3}},
		{0.08, []string{"Power BI", "Tableau"}, []float64{4, 3}},
		{0.85, []string{"Let's Encrypt", "DigiCert"}, []float64{6, 2.5}},
	}
	for name, share := range map[string]float64{
		"Google Analytics": 0.4, "Google Tag Manager": 0.25, "Matomo": 0.1, "Hotjar": 0.1, "Microsoft Clarity": 0.1,
		"Adobe Analytics": 0.05, "Plausible": 0.05, "Segment": 0.05, "Mixpanel": 0.04, "reCAPTCHA": 0.15, "KnowBe4": 0.06,
		"Zoom": 0.1, "Slack": 0.07, "Atlassian Cloud": 0.12, "DocuSign": 0.1, "Dropbox": 0.05, "Okta": 0.05, "Amazon S3": 0.07,
		"PHP": 0.12, "jQuery": 0.35, "Bootstrap": 0.28, "React": 0.1,
	} {
		slots = append(slots, one(share, name))
	}
	slices.SortStableFunc(slots[16:], func(a, b techSlot) int { return strings.Compare(a.options[0], b.options[0]) })
	if c.style.www {
		slots = append(slots, techSlot{0.45, []string{"Amazon Web Services/www", "Amazon CloudFront/www", "Microsoft Azure/www", "Azure Front Door/www", "Fastly/www", "Akamai/www", "Netlify/www", "Vercel/www", "Heroku/www"},
			[]float64{3, 3, 4, 3, 2, 2, 1, 1, 1}})
	}
	return slots
}

// chooseTechnologies decides what the company runs, where it shows and since when.
func (w *Web) chooseTechnologies(c *company) {
	if !c.Readable && c.Behaviour != BehaviourRobots5xx && c.Behaviour != BehaviourRobotsDeny {
		return
	}
	r := newRNG(w.cfg.Seed, "technologies", c.AccountID)
	w.chooseMail(c, r)
	for _, slot := range techSlots(c) {
		if !r.chance(slot.share) {
			continue
		}
		option := slot.options[r.weighted(slot.weights)]
		from, to := techTimes(r)
		w.addTechnology(c, r, option, from, to)
	}
	if c.uses("Microsoft IIS") && r.chance(0.5) {
		w.addTechnology(c, r, "ASP.NET", time.Time{}, time.Time{})
	}
	for _, u := range c.techs {
		if u.channel == "www" {
			w.targets[strings.TrimSuffix(u.records[0], ".")] = c
		}
	}
}

func (c *company) uses(name string) bool {
	return slices.ContainsFunc(c.techs, func(u techUse) bool { return u.name == name })
}

// techTimes lets a few technologies come or go within the history.
func techTimes(r rng) (from, to time.Time) {
	switch {
	case r.chance(0.07):
		from = monthStart(r.between(2, historyMonths-1)).AddDate(0, 0, r.between(0, 27))
	case r.chance(0.06):
		to = monthStart(r.between(6, historyMonths-1)).AddDate(0, 0, r.between(0, 27))
	}
	return from, to
}

// chooseMail picks who takes the company's mail; a few change it in the course of the history.
func (w *Web) chooseMail(c *company, r rng) {
	names := []string{"Microsoft 365", "Google Workspace", "Zoho Mail", "IONOS/mx", "OVHcloud/mx", ""}
	first := names[r.weighted([]float64{44, 22, 6, 5, 4, 17})]
	change := time.Time{}
	if first != "Microsoft 365" && r.chance(0.12) {
		change = monthStart(r.between(8, historyMonths-1)).AddDate(0, 0, r.between(0, 27))
	}
	if first != "" {
		w.addTechnology(c, r, first, time.Time{}, change)
	}
	if !change.IsZero() {
		w.addTechnology(c, r, "Microsoft 365", change, time.Time{})
		return
	}
	if (first == "Microsoft 365" || first == "Google Workspace") && r.chance(0.14) {
		c.techs = slices.DeleteFunc(c.techs, func(u techUse) bool { return u.channel == "mx" })
		w.addTechnology(c, r, pick(r, []string{"Proofpoint", "Mimecast"}), time.Time{}, time.Time{})
	}
}

// addTechnology adds traces of "name" in one to three channels, or in exactly one where "name/channel" says so.
func (w *Web) addTechnology(c *company, r rng, option string, from, to time.Time) {
	name, channel, fixed := strings.Cut(option, "/")
	var channels []string
	for _, key := range w.prose.keys("tech") {
		n, ch, _ := strings.Cut(key, "|")
		if n != name || fixed && ch != channel || !c.shows(ch) {
			continue
		}
		if !fixed && (ch == "www" || ch == "ns") {
			continue
		}
		channels = append(channels, ch)
	}
	if len(channels) == 0 {
		return
	}
	must := r.IntN(len(channels))
	mail := slices.Contains(channels, "mx")
	for i, ch := range channels {
		if i != must && !mail && !r.chance(0.35) {
			continue
		}
		c.techs = append(c.techs, techUse{name: name, channel: ch, records: w.trace(c, r, name, ch), from: from, to: to})
	}
}

// shows reports whether the company's hosts have the channel at all.
func (c *company) shows(channel string) bool {
	switch channel {
	case "tls":
		return c.style.https
	case "careers":
		return c.style.careers != ""
	}
	return true
}

// trace writes one variant of a technology's trace for the company.
func (w *Web) trace(c *company, r rng, name, channel string) []string {
	variant := pick(r, w.prose.pool("tech", name, channel))
	kept := map[string]string{}
	text := expand(variant, func(slot string) (string, bool) {
		switch slot {
		case "domain":
			return c.domain, true
		case "dash":
			return strings.ReplaceAll(c.domain, ".", "-"), true
		case "slug":
			return c.slug, true
		}
		if v, ok := kept[slot]; ok {
			return v, true
		}
		v, ok := r.token(slot)
		if slot == "A10" || slot == "A7" || slot == "d7" || slot == "a8" {
			kept[slot] = v
		}
		return v, ok
	})
	return strings.Split(text, " ~~ ")
}

// traces returns the records of one channel that exist at t.
func (c *company) traces(channel string, t time.Time) []string {
	var out []string
	for _, u := range c.techs {
		if u.channel == channel && visible(u.from, u.to, t) {
			out = append(out, u.records...)
		}
	}
	return out
}

// where names the source of truth a channel is read from.
func where(channel string) string {
	switch channel {
	case "mx", "spf", "txt", "ns", "www":
		return "dns"
	case "header", "cookie":
		return "http"
	case "tls", "careers":
		return channel
	}
	return "home"
}

// tolerated names technologies that another one implies or nearly shows; finding them is not wrong.
func tolerated(c *company) []string {
	implied := map[string][]string{
		"WordPress": {"PHP", "MySQL", "jQuery"}, "WooCommerce": {"WordPress", "PHP", "jQuery"}, "Drupal": {"PHP"}, "Joomla": {"PHP"},
		"TYPO3": {"PHP"}, "Magento": {"PHP"}, "PrestaShop": {"PHP"}, "Google Analytics": {"Google Tag Manager"},
		"Google Tag Manager": {"Google Analytics"}, "Amazon CloudFront": {"Amazon Web Services"}, "Amazon S3": {"Amazon Web Services"},
		"Amazon SES": {"Amazon Web Services"}, "Azure Front Door": {"Microsoft Azure"}, "Pardot": {"Salesforce"},
		"Microsoft Dynamics 365": {"Microsoft Azure"}, "Bootstrap": {"jQuery"}, "Adobe Analytics": {"Adobe Experience Manager", "Adobe Experience Platform Launch"},
		"Microsoft IIS": {"ASP.NET", "Windows Server"}, "ASP.NET": {"Microsoft IIS", "Windows Server"}, "SAP": {"SAP SuccessFactors"},
		"Adobe Experience Manager": {"Adobe Experience Platform Launch", "Adobe Fonts"}, "Zoho CRM": {"Zoho Mail", "Zoho SalesIQ"}, "Zoho Mail": {"Zoho CRM"},
		"Odoo": {"Python"}, "Power BI": {"Microsoft 365"}, "Vercel": {"React"}, "Wix": {"React"},
	}
	// What the dressing of pages and hosts carries beside the technologies that count: the third issuer of
	// certificates, the forum's own software, a style sheet of web fonts.
	out := []string{"Adobe Fonts", "Discourse", "Sectigo"}
	for _, u := range c.techs {
		for _, name := range implied[u.name] {
			if !c.uses(name) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	sortStrings(out)
	return out
}
