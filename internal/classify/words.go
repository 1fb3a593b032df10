package classify

import (
	"strings"

	"telltale/internal/pages"
)

// pathWords lists, per kind, the path segments that name it in English, German, French, Spanish,
// Dutch and Swedish. Letters with marks are written without them, as slugs are.
var pathWords = []struct { //nolint:gochecknoglobals // a table
	kind  pages.Kind
	words string
}{
	{pages.KindLegal, `privacy privacy-policy privacypolicy privacy-notice terms terms-of-service terms-of-use terms-and-conditions
		terms-conditions imprint impressum datenschutz datenschutzerklaerung datenschutzerklarung agb legal legal-notice cookies
		cookie-policy cookie-richtlinie mentions-legales politique-de-confidentialite confidentialite cgu cgv aviso-legal privacidad
		politica-de-privacidad politica-de-cookies privacybeleid privacyverklaring algemene-voorwaarden integritetspolicy
		personuppgiftspolicy villkor disclaimer gdpr dpa cookiebeleid accessibility-statement`},
	{pages.KindCareers, `careers career jobs vacancies vacancy karriere stellenangebote stellen stellenmarkt offene-stellen jobangebote
		jobboerse vacatures werken-bij werkenbij emploi emplois carrieres carriere recrutement nous-rejoindre rejoignez-nous offres-d-emploi
		offres-emploi empleo empleos trabaja-con-nosotros unete carreras karriar lediga-jobb lediga-tjanster jobba-hos-oss jobba-har
		join-us work-with-us open-positions openings positions current-openings hiring join-our-team arbeiten-bei-uns ausbildung`},
	{pages.KindPress, `press news newsroom press-releases press-release pressreleases media-center media-centre press-room pressroom
		press-office news-and-events news-events latest-news company-news announcements presse pressemitteilungen pressemitteilung
		pressemeldungen presseinformationen pressebereich medien aktuelles neuigkeiten nachrichten meldungen actualites actualite
		communiques communiques-de-presse espace-presse salle-de-presse noticias prensa sala-de-prensa notas-de-prensa novedades nieuws
		pers persberichten nieuwsberichten nyheter pressrum pressmeddelanden press-och-media aktuellt`},
	{pages.KindBlog, `blog blogs weblog insights insight articles article artikel magazine magazin journal posts post thought-leadership
		knowledge-hub stories our-stories ratgeber wissen blogg bloggen blogue articulos artikelen artiklar kunskap inspiratie`},
	{pages.KindStory, `customers customer-stories customer-story customer-success case-studies case-study casestudies success-stories
		success-story references clients our-clients our-work referenzen kunden kundenstimmen kundenreferenzen erfolgsgeschichten
		fallstudien anwenderberichte temoignages etudes-de-cas etude-de-cas cas-clients references-clients nos-clients casos-de-exito
		casos-de-estudio klantverhalen klantcases klanten referenties kundcase kundcases kundreferenser referenser cases testimonials`},
	{pages.KindForum, `forum forums community communities foro foros discussions discussion board boards threads thread viewtopic.php
		showthread.php viewforum.php forumdisplay.php viewforum viewtopic questions`},
	{pages.KindProduct, `products product solutions solution services service platform features pricing produkte produkt loesungen
		losungen leistungen dienstleistungen preise produits produit tarifs soluciones servicios precios producten
		oplossingen diensten prijzen produkter losningar tjanster priser shop store`},
	{pages.KindFeed, `feed rss atom feeds rss.xml feed.xml atom.xml index.rdf feed.json feed.atom rss2 index.rss index.atom feed.rss`},
	{pages.KindStory, "clientes"},             //nolint:misspell // Spanish
	{pages.KindProduct, "producto productos"}, //nolint:misspell // Spanish
	{pages.KindSitemap, `sitemap.xml sitemap_index.xml sitemap-index.xml sitemap.xml.gz wp-sitemap.xml`},
}

// bySegment is pathWords turned round.
var bySegment = func() map[string]pages.Kind { //nolint:gochecknoglobals // a table
	m := map[string]pages.Kind{}
	for _, row := range pathWords {
		for w := range strings.FieldsSeq(row.words) {
			m[w] = row.kind
		}
	}
	return m
}()

// byLabel maps the first label of a host to what such hosts hold.
var byLabel = map[string]pages.Kind{ //nolint:gochecknoglobals // a table
	"blog": pages.KindBlog, "blogs": pages.KindBlog, "insights": pages.KindBlog,
	"news": pages.KindPress, "newsroom": pages.KindPress, "press": pages.KindPress, "presse": pages.KindPress, "media": pages.KindPress,
	"careers": pages.KindCareers, "career": pages.KindCareers, "jobs": pages.KindCareers, "karriere": pages.KindCareers, "werkenbij": pages.KindCareers,
	"forum": pages.KindForum, "forums": pages.KindForum, "community": pages.KindForum, "discuss": pages.KindForum, "answers": pages.KindForum, "ask": pages.KindForum,
	"shop": pages.KindProduct, "store": pages.KindProduct,
}

// jobBoards are hosts that hold other companies' job adverts.
var jobBoards = []string{"greenhouse.io", "lever.co", "personio.de", "personio.com", "myworkdayjobs.com", "workable.com", "bamboohr.com", //nolint:gochecknoglobals // a table
	"recruitee.com", "smartrecruiters.com", "teamtailor.com", "ashbyhq.com", "jobvite.com", "softgarden.io", "icims.com", "breezy.hr"}

// socialHosts are the networks companies keep a page on.
var socialHosts = []string{"facebook.com", "twitter.com", "x.com", "linkedin.com", "xing.com", "instagram.com", "youtube.com", "youtu.be", //nolint:gochecknoglobals // a table
	"tiktok.com", "pinterest.com", "threads.net", "mastodon.social", "bsky.app", "vimeo.com", "reddit.com", "medium.com", "t.me",
	"wa.me", "whatsapp.com", "snapchat.com", "discord.gg", "discord.com", "github.com", "gitlab.com", "kununu.com", "glassdoor.com", "fb.com"}

// parkingHosts serve parked domains; a page that loads from one, or leads there, is parked.
var parkingHosts = []string{"sedoparking.com", "parkingcrew.net", "bodis.com", "parklogic.com", "cashparking.com", "hugedomains.com", //nolint:gochecknoglobals // a table
	"afternic.com", "dan.com", "undeveloped.com", "sedo.com", "domainnamesales.com", "parkingpage.namecheap.com", "above.com",
	"smartname.com", "voodoo.com", "domainmarket.com", "buydomains.com"}

// parkedPhrases are said by pages of domains that nobody uses.
var parkedPhrases = []string{"domain is for sale", "domain name is for sale", "domain may be for sale", "buy this domain", "domain is parked", "this domain is parked", //nolint:gochecknoglobals // a table
	"parked free", "domain parking", "parked domain", "domain has expired", "this domain has recently been registered", "domain was recently registered",
	"inquire about this domain", "make an offer on this domain", "interested in this domain", "diese domain steht zum verkauf", "domain zu verkaufen", "diese domain kaufen",
	"domain wurde geparkt", "diese domain ist geparkt", "domain ist registriert", "hier entsteht eine neue internetpräsenz", "hier entsteht eine neue webseite",
	"ce domaine est à vendre", "nom de domaine est à vendre", "este dominio está en venta", "dominio en venta", "dit domein is te koop",
	"deze domeinnaam is te koop", "domänen är till salu", "domänen är parkerad", "welcome to nginx!", "apache2 ubuntu default page", "apache2 debian default page", "it works!",
	"this is the default web page for this server", "default plesk page", "future home of something quite cool", "website coming soon"}

// errorTitles are said by pages that stand for something else: missing, refused, or a challenge.
var errorTitles = []string{"404", "page not found", "not found", "seite nicht gefunden", "page introuvable", "page non trouvée", "página no encontrada", //nolint:gochecknoglobals // a table
	"pagina niet gevonden", "sidan hittades inte", "sidan kunde inte hittas", "access denied", "403 forbidden", "forbidden", "just a moment", "attention required",
	"service unavailable", "bad gateway", "internal server error", "error 500", "zugriff verweigert", "accès refusé", "site can't be reached", "are you a robot",
	"security check", "verify you are human", "account suspended", "request rejected"}
