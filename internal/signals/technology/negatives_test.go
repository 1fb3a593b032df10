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
		"a tutorial that quotes markup":     `<pre><code>&lt;script src="https://js.hs-scripts.com/1.js"&gt;&lt;/script&gt; &lt;meta name="generator" content="Drupal 10"&gt; &lt;html data-wf-site="5f0c1b2a3d4e5f6a7b8c9d0e"&gt;</code></pre>`,
		"a partner page of logos":           `<img src="/logos/salesforce.png" alt="Salesforce"><img src="/logos/azure.svg" alt="Microsoft Azure"><img alt="SAP" src="/img/sap-partner.png">`,
		"a job advert":                      `<h1>Administrator</h1><p>You know Okta, Workday, Dynamics 365, nginx and ASP.NET. PHPSESSID and __VIEWSTATE hold no secrets for you.</p>`,
		"scripts named like others":         `<script src="/js/reactive-forms.js"></script><script src="/assets/bootstrapper.js"></script><script src="/js/app.js?v=jquery"></script>`,
		"a meta element of another meaning": `<meta name="keywords" content="WordPress, Shopify, TYPO3"><meta name="description" content="Powered by Wix and HubSpot">`,
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
		MX:  []string{"10 mail.acme.example.", "10 outlook.com.acme.example.", "10 notpphosted.company."},
		TXT: []string{`"v=spf1 a mx ip4:192.0.2.1 -all"`, "we do not use slack", "google-site-verification=abc", "facebook-domain-verification=x", "ms-word=1"},
		NS:  []string{"ns1.acme.example.", "awsdns.acme.example."}, CNAME: []string{"azurewebsites.net.acme.example."}, DMARC: []string{"v=DMARC1; p=none; rua=mailto:dmarc@acme.example"},
	}, TLS: &pages.TLSFacts{Issuer: "CN=Acme Internal CA"}, HTTP: &pages.HTTPFacts{Header: map[string][]string{"Server": {"acme"}, "Content-Type": {"text/html"}, "Via": {"1.1 proxy"}}}}
	p := htmlPage("")
	p.Kind, p.Probe = pages.KindProbe, probe
	for _, d := range m.Match(parse(t, p)) {
		t.Errorf("%s by %s in %q", d.Name, d.Pattern, d.Evidence)
	}
}
