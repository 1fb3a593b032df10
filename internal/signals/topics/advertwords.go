package topics

import "strings"

func perks() []string {
	return []string{
		"laptop of your choice", "your choice of", "you get a", "you will get", "we give you", "benefits", "perks", "equipment",
		"home office budget", "our tools", "tools we use", "we use ", "wir bieten", "wir nutzen", "wahlweise", "nach wahl", "ausstattung",
		"nous utilisons", "nous offrons", "nous vous offrons", "usamos", "utilizamos", "te ofrecemos", "vi använder", "vi erbjuder",
		"we gebruiken", "wij gebruiken", "wij bieden", "we bieden", "je krijgt", "tu recibirás", "du får",
		"via teams", "on teams", "über teams", "per teams", "video call", "videocall", "interview",
	}
}

func officeSkills() []string {
	return []string{"word", "excel", "outlook", "powerpoint", "ms office", "office package", "office suite", "computer skills", "ms-office", "office applications"}
}

func optional() []string {
	return []string{
		"nice to have", "nice-to-have", "a plus", "bonus", "an advantage", "advantageous", "desirable", "ideally", "or similar",
		"or comparable", "or equivalent", "or another", "preferred but", "not essential", "von vorteil", "wünschenswert", "idealerweise", "oder ähnlich",
		"oder vergleichbar", "serait un plus", "un atout", "ou équivalent", "idéalement", "se valorará", "o similar", "meriterande", "eller liknande", "pluspunt", "of vergelijkbaar",
	}
}

// otherSections are the headings of an advert's parts that ask for nothing: what is offered, who offers it, how to apply.
func otherSections() []string {
	return []string{
		"benefits", "perks", "what we offer", "we offer", "our offer", "what's in it for you", "why join", "why work", "about us", "about the company", "who we are",
		"how to apply", "application process", "recruitment process", "wir bieten", "bieten wir", "unser angebot", "vorteile", "über uns", "wer wir sind",
		"bewerbungsprozess", "so bewerben", "nous offrons", "avantages", "nous vous proposons", "ce que nous proposons", "qui sommes", "à propos", "ofrecemos",
		"beneficios", "sobre nosotros", "quiénes somos", "erbjuder", "förmåner", "om oss", "vilka är vi", "wij bieden", "bieden wij", "we bieden",
		"bieden we", "arbeidsvoorwaarden", "ons aanbod", "over ons", "wie zijn wij", "wie wij zijn",
	}
}

// forOthers are what an agency writes that looks for somebody on another's behalf.
func forOthers() []string {
	return []string{
		"our client is ", "our client,", "for our client ", "for our client,", "on behalf of our client", "on behalf of a client", "im auftrag unseres kunden", "im auftrag unserer kund", "im kundenauftrag",
		"für unseren kunden", "unser kunde ist", "unser kunde sucht", "unser mandant", "pour notre client", "pour le compte de notre client",
		"notre client recherche", "notre client,", "nuestro cliente busca", "para nuestro cliente", "nuestro cliente,", "för vår kunds räkning", "åt vår kund", "vår kund söker",
		"voor onze opdrachtgever", "namens onze opdrachtgever", "onze opdrachtgever", "voor onze klant ",
	}
}

// occupations end the names of jobs, in six languages.
//
//nolint:misspell // words of six languages
func occupations() []string {
	return []string{
		"engineer", "administrator", "developer", "consultant", "architect", "analyst", "specialist", "technician", "manager", "officer", "expert", "scientist",
		"ingenieur", "entwickler", "berater", "architekt", "spezialist", "techniker", "leiter", "referent", "experte", "expertin", "ingénieur", "développeur",
		"administrateur", "technicien", "chef de projet", "ingenier", "desarrollador", "administrador", "consultor", "arquitect",
		"analista", "técnico", "especialista", "ingenjör", "utvecklare", "administratör", "konsult", "arkitekt", "analytiker", "tekniker", "beheerder", "ontwikkelaar",
		"adviseu", "systeembeheer", "(m/w/d)", "(w/m/d)", "(m/f/d)", "(h/f)", "(f/h)", "(m/v)",
	}
}

// technical reports the name of a job in information technology.
func technical(role string) bool {
	low := strings.ToLower(role)
	if holdsAny(low, []string{
		"administrator", "administrateur", "administrador", "administratör", "engineer", "ingenieur", "ingénieur", "ingenier", "ingenjör", "developer", "entwickler",
		"développeur", "desarrollador", "utvecklare", "ontwikkelaar", "architect", "architekt", "arkitekt", "arquitect", "beheerder", "helpdesk", "help desk", "service desk",
		"support", "security", "workplace", "software", "system", "cloud", "infrastru", "informati", "collaboration", "sharepoint", "teams", "365", "azure", "digital", "devops",
	}) {
		return true
	}
	for w := range strings.FieldsFuncSeq(low, func(r rune) bool { return strings.ContainsRune(" -/(),|", r) }) {
		switch w {
		case "it", "ict", "edv", "dsi", "ti", "admin", "sysadmin", "data", "tech":
			return true
		}
	}
	return false
}
