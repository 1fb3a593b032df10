package technology_test

import (
	"strings"
	"testing"

	"telltale/internal/pages"
)

// TestAMentionIsNoTechnology holds the matcher to what a page shows: none of these pages uses anything
// they speak of or link to.
func TestAMentionIsNoTechnology(t *testing.T) {
	m := curated(t)
	everything := strings.Join(m.Names(), ", ")
	for name, body := range map[string]string{
		"a blog post that compares vendors": `<h1>Salesforce or HubSpot?</h1><p>We compare Microsoft 365 with Google Workspace, SAP with Oracle NetSuite, and Shopify with Magento. Generator: WordPress 6.4.</p>`,
		"a list of all names":               "<p>" + everything + "</p><ul><li>" + strings.ReplaceAll(everything, ", ", "<li>") + "</ul>",
		"a cookie policy": `<h1>Cookies</h1><table><tr><td>_ga</td><td>Google Analytics</td><td>google-analytics.com</td></tr><tr><td>_hjid</td><td>Hotjar</td></tr>
<tr><td>hubspotutk</td><td>HubSpot</td></tr></table><p>We might use Google Tag Manager (googletagmanager.com/gtm.js), Matomo and Cookiebot.</p>`,
		"links to vendors": `<a href="https://www.hubspot.com/">HubSpot</a><a href="https://js.stripe.com/v3/">Stripe</a><a href="https://www.paypal.com/sdk/js">PayPal</a>
<a href="https://wordpress.org/wp-content/">WordPress</a><a href="https://static.zdassets.com/x">Zendesk</a><a href="https://umbrella.freshdesk.com/support">Help</a><a href="https://boards.greenhouse.io/umbrella">Jobs</a>
<a href="https://app.powerbi.com/view?r=1">report</a><a href="https://umbrella.jobs.personio.de/">Jobs</a>`,
		"links to vendors of every kind": `<a href="https://www.pendo.io/">Pendo</a><a href="https://posthog.com/docs">PostHog</a><a href="https://cloudinary.com/">Cloudinary</a><a href="https://umbrella.sharepoint.com/sites/x">x</a>
<a href="https://umbrella.docebosaas.com/learn">course</a><a href="https://dev.azure.com/umbrella/x/">pipeline</a><a href="https://umbrella.b2clogin.com/x">Sign in</a><a href="https://careers-umbrella.icims.com/jobs">job</a>
<a href="https://jobs.ashbyhq.com/umbrella">jobs</a><a href="https://umbrella.topdesk.net/">desk</a><a href="https://umbrella.bynder.com/m/1">logo</a><a href="https://umbrella.coupahost.com/x">suppliers</a>
<a href="https://outlook.office365.com/owa/calendar/x@umbrella.example/bookings/">book</a><a href="https://forms.office.com/e/1">form</a><a href="https://www.loom.com/embed/1">film</a><a href="https://join.com/companies/umbrella">jobs</a>`,
		"a list of vendors in a page's data": `<script type="application/ld+json">{"@type":"ItemList","itemListElement":[{"name":"Tealium","url":"https://tealium.com/"},{"name":"Contentsquare","url":"https://contentsquare.com/"},
{"name":"Mapbox","url":"https://www.mapbox.com/mapbox-gl-js"},{"name":"LaunchDarkly","url":"https://launchdarkly.com/"},{"name":"Braintree","url":"https://www.braintreepayments.com/"}]}</script>`,
		"comments that are not the plugins'": `<!-- TODO: compare WP Rocket with LiteSpeed Cache 6.1 and W3 Total Cache --><!-- Rank Math or All in One SEO? --><!-- This website is like a rocket -->`,
		"inline scripts of the page's own":   `<script>var tally = {so: 1}; var front = "chat"; var bolt = {connect: "bolt.com"}; var gist = "widget"; kit.load("convert"); var pendo = "https://www.pendo.io/"; gtag("config", "dc"); Bugsnagging.start();</script>`,
		"a tutorial that quotes more markup": `<pre>&lt;iframe src="https://forms.office.com/e/1"&gt; &lt;script src="https://cdn.pendo.io/agent/static/1/pendo.js"&gt; &lt;meta name="generator" content="Docusaurus v3.1"&gt; &lt;form action="https://desk.zoho.eu/support/WebToCase"&gt;</pre>`,
		"a tutorial that quotes markup":      `<pre><code>&lt;script src="https://js.hs-scripts.com/1.js"&gt;&lt;/script&gt; &lt;meta name="generator" content="Drupal 10"&gt; &lt;html data-wf-site="5f0c1b2a3d4e5f6a7b8c9d0e"&gt;</code></pre>`,
		"a partner page of logos":            `<img src="/logos/salesforce.png" alt="Salesforce"><img src="/logos/azure.svg" alt="Microsoft Azure"><img alt="SAP" src="/img/sap-partner.png">`,
		"a job advert":                       `<h1>Administrator</h1><p>You know Okta, Workday, Dynamics 365, nginx and ASP.NET. PHPSESSID and __VIEWSTATE hold no secrets for you.</p>`,
		"scripts named like others": `<script src="/js/reactive-forms.js"></script><script src="/assets/bootstrapper.js"></script><script src="/js/app.js?v=jquery"></script>
<script src="/js/klarostyle.js"></script><script src="/js/emos.js"></script><script src="/js/yiippie.js"></script><script src="/js/dnnews.js"></script><script src="/js/outsystemsnews.js"></script><script src="/js/keycloakroom.js"></script>
<script src="/js/mtc.json.js"></script><script src="/bitrixen/app.js"></script><script src="/plugins/gravityforms.js"></script><script src="/js/clevertapas.js"></script><script src="/js/signalrun.js"></script>`,
		"a meta element of another meaning": `<meta name="keywords" content="WordPress, Shopify, TYPO3"><meta name="description" content="Powered by Wix and HubSpot"><meta name="author" content="Jekyll and Hexo fans">
<meta name="generator" content="Hexorama 2"><meta name="generator" content="Framerate"><meta name="generator" content="Graveyard CMS"><meta name="generator" content="Made without Sitefinity 14"><meta name="application-name" content="Jiraffe">`,
	} {
		t.Run(name, func(t *testing.T) {
			for _, d := range m.Match(parse(t, htmlPage(body))) {
				t.Errorf("%s by %s in %q", d.Name, d.Pattern, d.Evidence)
			}
		})
	}
}

func TestARecordThatMerelyResemblesIsNone(t *testing.T) {
	m := curated(t)
	probe := &pages.Probe{DNS: pages.DNSFacts{
		MX: []string{"10 mail.acme.example.", "10 outlook.com.acme.example.", "10 notpphosted.company.", "10 mx1-titan.email.", "10 mailcontrol.company.", "10 w0.kasserver.example."},
		TXT: []string{`"v=spf1 a mx ip4:192.0.2.1 -all"`, "we do not use slack", "google-site-verification=abc", "facebook-domain-verification=x", "ms-word=1",
			"bw=short", "nintex.com is nice", "whimsical: yes", "intersight", "not-wiz-domain-verification=1", "v=spf1 include:spf.acme.example include:spf.titan.email.acme.example ip4:192.0.2.7 -all", "OSSRH-1", "our twilio-domain-verification=1"},
		NS: []string{"ns1.acme.example.", "awsdns.acme.example.", "ns1.dnsimple.com.acme.example.", "dnspod.net."}, CNAME: []string{"azurewebsites.net.acme.example.", "mypages-dev.example.", "onwingcdn.net."}, DMARC: []string{"v=DMARC1; p=none; rua=mailto:dmarc@acme.example"},
	}, TLS: &pages.TLSFacts{Issuer: "CN=Acme Internal CA"}, HTTP: &pages.HTTPFacts{Header: map[string][]string{"Server": {"acme", "Cowboys", "Tengines", "Jettyfish", "gunicorns", "volt-adcx", "cloudflared"}, "Content-Type": {"text/html"}, "Via": {"1.1 proxy", "1.1 kongo"}, "X-Powered-By": {"Statamics", "Craftsmen", "MODXEL", "Directus-like"},
		"X-Generator": {"by hand"}, "Platform": {"hostingers"}, "Request-Context": {"appId=1"}}}}
	p := htmlPage("")
	p.Kind, p.Probe = pages.KindProbe, probe
	for _, d := range m.Match(parse(t, p)) {
		t.Errorf("%s by %s in %q", d.Name, d.Pattern, d.Evidence)
	}
}
