// Package scrub takes what belongs to people out of quoted evidence: e-mail addresses, telephone
// numbers and personal names. Company level only is what is stored (DESIGN §5).
package scrub

import (
	"regexp"
	"strings"
)

// What is put in place of what was taken out.
const (
	mailMark  = "[email]"
	phoneMark = "[phone]"
	nameMark  = "[name]"
)

// maxInput bounds the text looked at, in bytes: evidence is far shorter.
const maxInput = 16 << 10

// mail also knows the ways to write its sign that hide from harvesters, and those of markup and addresses.
var mail = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+'-]+\s?(?:@|＠|\(at\)|\[at\]|\{at\}|&#64;|&#x40;|&commat;|%40)\s?[\p{L}\p{N}-]+(?:\s?(?:\.|\(dot\)|\[dot\])\s?[\p{L}\p{N}-]+)+`)

// Parts of names: one written word, and two to four of them with the particles between.
const (
	word     = `\p{Lu}(?:\p{L}|['’-]\p{L})*\.?`
	particle = `(?:(?:van|von|de|der|den|del|della|la|le|di|da|dos|al|el|bin|ter|zu|af)\s+){0,2}`
	surname  = `(?:\s+` + particle + `(?:[dDlL]['’])?\p{Lu}(?:\p{L}|['’-]\p{L})+)`
	full     = word + surname + `{1,3}`
	short    = word + surname + `{0,3}`
	role     = `(?:(?i:chief\s+\p{L}+\s+officer|c[eftiosmpd]o|ciso|(?:senior\s+|executive\s+)?vice\s+president|s?vp|president|chair(?:man|woman)?|founder|co-founder|(?:managing\s+|sales\s+|it\s+|marketing\s+)?director|head\s+of|managing\s+partner|partner|owner|(?:\p{L}+\s+)?manager|` +
		`geschäftsführer(?:in)?|vorstand\p{L}*|leiter(?:in)?|inhaber(?:in)?|gründer(?:in)?|directeur|directrice|président\p{L}*|pdg|fondateur|director\p{L}*|presidente|fundador\p{L}*|directeur|bestuurder|oprichter|verkställande|vd|ordförande|grundare))`
)

// titled is a name behind a title; the group is the name, and what words in capitals follow it.
var titled = regexp.MustCompile(`(?:^|[^\p{L}])(?:(?:Dr|Prof|Mr|Mrs|Ms|Miss|Mx|Sir|Dame|Lord|Lady|Herrn?|Frau|Dipl\.-Ing|Ing|Mme|Mlle|Mlles|Mmes|MM|Monsieur|Madame|Mademoiselle|Maître|Me|Sra?|Srta|Señora?|Señorita|Don|Doña|Dña|Dª|Dhr|[Hh]eer|[Hh]eren|Mevr|[Mm]evrouw|Mw|Drs|Ir|Mr\.drs|Fru|Fröken|Frk|Doktor|Professor)\.?|(?:[MD]|drs|ir|ing|dr|prof|dhr|mevr)\.)\s+(?:(?:Dr|Prof|med|Ing|Dipl|h\.c)\.?-?(?:Ing\.)?\s+){0,3}(` + short + `)`)

// The contexts that show that capitalised words name a person; the group is the name.
var contexts = []*regexp.Regexp{ //nolint:gochecknoglobals // a compiled expression
	regexp.MustCompile(`(?:^|[^\p{L}])(?i:said|says|explained|explains|added|adds|commented|comments|according to|told|sagte?|erklärte?|betonte?|meinte?|so|laut|kommentierte?|déclare|a déclaré|explique|selon|dijo|afirma|explica|según|zegt|aldus|volgens|säger|enligt|kommenterar)\s+(` + full + `)`),
	regexp.MustCompile(`(?:^|[^\p{L}])(?i:appoint(?:s|ed)|hire(?:s|d)|name(?:s|d)|promote(?:s|d)|welcome(?:s|d)|succeed(?:s|ed)|replace(?:s|d)|ernennt|beruft|begrüßt|nomme|nombra|benoemt|utser|contact|contacto|kontakt|ansprechpartner(?:in)?|written by|posted by|by|von|auto(?:r|rin)|author)\s*:?\s+(` + full + `)`),
	regexp.MustCompile(`(` + full + `)\s*(?:,|\(|–|-|is|ist|est|es)\s*(?:(?i:our|the|unser|unsere|der|die|notre|nuestro|onze|vår|new|neue[rn]?)\s+){0,2}` + role),
	regexp.MustCompile(role + `\s*:?\s+(` + full + `)`),
	regexp.MustCompile(`(` + full + `)\s+(?i:(?:has been|was|is|wird|wurde|a été|ha sido|is)\s+(?:appointed|named|promoted|hired|elected|ernannt|berufen|befördert|nommée?|nombrad[oa]|benoemd)|joins|joined|steps down|stepped down|resigns|resigned|retires|retired|takes over as|sagte?|erklärte?|betont|says|said|explains|explained|comments|added)`),
}

// edges are contexts that a quotation cut: half a name is left of a name and its role, or of a speaker.
var edges = []*regexp.Regexp{ //nolint:gochecknoglobals // a compiled expression
	regexp.MustCompile(`^[„“"'«»]?(` + word + `)\s*(?:,|\()\s*(?:(?i:our|the|unser|unsere|der|die|notre|nuestro|onze|vår|new|neue[rn]?)\s+){0,2}` + role),
	regexp.MustCompile(`(?:^|[^\p{L}])(?i:said|says|explained|explains|commented|according to|sagte?|erklärte?|betonte?|meinte?|laut|déclare|a déclaré|explique|selon|dijo|afirma|según|zegt|aldus|volgens|säger|enligt)\s+(` + word + `)…?$`),
}

// notNames are words that show a run of capitals to be a company, a product or a place, not a person.
var notNames = func() map[string]bool { //nolint:gochecknoglobals // a table
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`microsoft azure dynamics google amazon aws salesforce sap oracle office windows server sql power bi platform teams
		sharepoint copilot defender entra sentinel fabric surface intune exchange outlook workspace cloud cloudflare hubspot zoom slack cisco ibm
		vmware citrix workday servicenow gmbh ag se kg inc corp corporation ltd limited llc plc group gruppe holding company co bv nv ab oy sa sas srl
		spa solutions systems services software technologies technology consulting partners bank university universität hochschule institute
		ministry ministerium chamber association verband stadt city digital data analytics security management the our we this that das die der
		new york united states kingdom north south west east europe european germany france north america press release gold silver partner
		business central premium enterprise industries international global logistics energy health insurance pharma labs media network`) {
		m[w] = true
	}
	return m
}()

// Text returns evidence without e-mail addresses, telephone numbers and personal names, on one line
// and cut between words to at most signals.MaxEvidence runes.
func Text(s string) string {
	s = tidy(s)
	return scrubbed(s, tracesOf(s))
}

// scrubbed runs the expressions for which there are traces.
func scrubbed(s string, t traces) string {
	if t.mail {
		s = mail.ReplaceAllString(s, mailMark)
	}
	if t.digits {
		s = phones(s)
	}
	if t.title {
		s = names(s, titled, func(run string) string { return upTo(upToTitle(run), notName) })
	}
	if t.pair {
		s = namesOf(s, contexts)
	}
	if t.edge {
		s = namesOf(s, edges)
	}
	return Fit(s)
}

// namesOf replaces what is all a name in any of some contexts.
func namesOf(s string, list []*regexp.Regexp) string {
	for _, c := range list {
		s = names(s, c, func(run string) string {
			if run = upToTitle(run); upTo(run, notName) != run {
				return ""
			}
			return run
		})
	}
	return s
}

// Addresses returns technical evidence without e-mail addresses, cut as Text does; a header or a
// record holds no other trace of a person.
func Addresses(s string) string {
	return Fit(mail.ReplaceAllString(whole(tidy(s)), mailMark))
}

func tidy(s string) string {
	if len(s) > maxInput {
		s = s[:runeStart(s, maxInput)]
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")), " ")
}

// names replaces what name takes of the group of every match: its beginning, or nothing where it is no person's.
func names(s string, context *regexp.Regexp, name func(run string) string) string {
	var b strings.Builder
	for range 64 {
		m := context.FindStringSubmatchIndex(s)
		if m == nil {
			break
		}
		run := s[m[2]:m[3]]
		end := m[3]
		b.WriteString(s[:m[2]])
		if taken := name(run); taken != "" {
			b.WriteString(nameMark)
			end = m[2] + len(taken)
		} else {
			b.WriteString(run)
		}
		s = s[end:]
	}
	b.WriteString(s)
	return b.String()
}

// titles are words that begin another name.
var titles = regexp.MustCompile(`\s(?:Dr|Prof|Mr|Mrs|Ms|Herrn?|Frau|Mme|Mlle|Monsieur|Madame|Maître|Sra?|Srta|Señora?|Don|Doña|Dhr|Mevr|Drs|Ir|Fru|Fröken|Doktor|Professor|Sir)\b`)

// upToTitle ends a run of capitalised words where a title begins the next name.
func upToTitle(name string) string {
	if at := titles.FindStringIndex(name); at != nil {
		return name[:at[0]]
	}
	return name
}

// upTo ends a run of words before the first that is to end it.
func upTo(run string, ends func(word string) bool) string {
	at := 0
	for w := range strings.FieldsSeq(run) {
		begin := at + strings.Index(run[at:], w)
		if ends(w) {
			return strings.TrimRight(run[:begin], " ")
		}
		at = begin + len(w)
	}
	return run
}

// notName reports a capitalised word that no person's name has.
func notName(w string) bool {
	low := strings.ToLower(w)
	return low != w && notNames[strings.Trim(low, ".,")]
}
