// Package scrub takes what belongs to people out of quoted evidence: e-mail addresses, telephone
// numbers and personal names. Company level only is what is stored (DESIGN §5).
package scrub

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"telltale/internal/signals"
)

// What is put in place of what was taken out.
const (
	mailMark  = "[email]"
	phoneMark = "[phone]"
	nameMark  = "[name]"
)

// maxInput bounds the text looked at, in bytes: evidence is far shorter.
const maxInput = 16 << 10

var (
	mail = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+'-]+\s?(?:@|\(at\)|\[at\]|\{at\}|&#64;)\s?[\p{L}\p{N}-]+(?:\s?(?:\.|\(dot\)|\[dot\])\s?[\p{L}\p{N}-]+)+`)
	// phone: international numbers, numbers behind a word that announces one, national ones with a
	// leading zero, and the North American form.
	phone = regexp.MustCompile(`(?i)(?:\+|\b00)\d(?:[\s().\x{00a0}/-]{0,3}\d){6,14}\b` +
		`|\b(?:tel|telefon|telephone|téléphone|teléfono|phone|fon|fax|mobile|mobil|handy|call)\b[\s.:]{1,3}\(?\d(?:[\s()./-]{0,3}\d){4,14}\b` +
		`|\(0\d{1,5}\)(?:[\s./-]{0,3}\d){4,10}\b|\b0\d{2,5}[\s/-]{1,3}\d(?:[\s/-]?\d){4,9}\b` +
		`|(?:\(\d{3}\)\s?|\b\d{3}[-.\s])\d{3}[-.\s]\d{4}\b`)
)

// Parts of names: one written word, and two to four of them with the particles between.
const (
	word     = `\p{Lu}(?:\p{L}|['’-]\p{L})*\.?`
	particle = `(?:(?:van|von|de|der|den|del|della|la|le|di|da|dos|al|el|bin|ter|zu|af)\s+){0,2}`
	full     = word + `(?:\s+` + particle + `\p{Lu}(?:\p{L}|['’-]\p{L})+){1,3}`
	short    = word + `(?:\s+` + particle + `\p{Lu}(?:\p{L}|['’-]\p{L})+){0,3}`
	role     = `(?:(?i:chief\s+\p{L}+\s+officer|c[eftiosmpd]o|ciso|(?:senior\s+|executive\s+)?vice\s+president|s?vp|president|chair(?:man|woman)?|founder|co-founder|(?:managing\s+|sales\s+|it\s+|marketing\s+)?director|head\s+of|managing\s+partner|partner|owner|(?:\p{L}+\s+)?manager|` +
		`geschäftsführer(?:in)?|vorstand\p{L}*|leiter(?:in)?|inhaber(?:in)?|gründer(?:in)?|directeur|directrice|président\p{L}*|pdg|fondateur|director\p{L}*|presidente|fundador\p{L}*|directeur|bestuurder|oprichter|verkställande|vd|ordförande|grundare))`
)

// The contexts that show that capitalised words name a person; the group is the name.
var contexts = []*regexp.Regexp{ //nolint:gochecknoglobals // a compiled expression
	regexp.MustCompile(`(?:^|[^\p{L}])(?:Dr|Prof|Mr|Mrs|Ms|Miss|Mx|Sir|Dame|Herrn?|Frau|Dipl\.-Ing|Ing|Mme|Mlle|Monsieur|Madame|M|Sra?|Srta|Señora?|Dhr|Mevr|Mw|Fru|Doktor|Professor)\.?\s+(?:(?:Dr|Prof|med|Ing|Dipl|h\.c)\.?-?(?:Ing\.)?\s+){0,3}(` + short + `)`),
	regexp.MustCompile(`(?:^|[^\p{L}])(?i:said|says|explained|explains|added|adds|commented|comments|according to|told|sagte?|erklärte?|betonte?|meinte?|so|laut|kommentierte?|déclare|a déclaré|explique|selon|dijo|afirma|explica|según|zegt|aldus|volgens|säger|enligt|kommenterar)\s+(` + full + `)`),
	regexp.MustCompile(`(?:^|[^\p{L}])(?i:appoint(?:s|ed)|hire(?:s|d)|name(?:s|d)|promote(?:s|d)|welcome(?:s|d)|succeed(?:s|ed)|replace(?:s|d)|ernennt|beruft|begrüßt|nomme|nombra|benoemt|utser|contact|contacto|kontakt|ansprechpartner(?:in)?|written by|posted by|by|von|auto(?:r|rin)|author)\s*:?\s+(` + full + `)`),
	regexp.MustCompile(`(` + full + `)\s*(?:,|\(|–|-|is|ist|est|es)\s*(?:(?i:our|the|unser|unsere|der|die|notre|nuestro|onze|vår|new|neue[rn]?)\s+){0,2}` + role),
	regexp.MustCompile(role + `\s*:?\s+(` + full + `)`),
	regexp.MustCompile(`(` + full + `)\s+(?i:(?:has been|was|is|wird|wurde|a été|ha sido|is)\s+(?:appointed|named|promoted|hired|elected|ernannt|berufen|befördert|nommée?|nombrad[oa]|benoemd)|joins|joined|steps down|stepped down|resigns|resigned|retires|retired|takes over as|sagte?|erklärte?|betont|says|said|explains|explained|comments|added)`),
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
	s = mail.ReplaceAllString(s, mailMark)
	s = phone.ReplaceAllStringFunc(s, phoneOrSame)
	for _, c := range contexts {
		s = names(s, c)
	}
	return Fit(s)
}

// Addresses returns technical evidence without e-mail addresses, cut as Text does; a header or a
// record holds no other trace of a person.
func Addresses(s string) string {
	return Fit(mail.ReplaceAllString(tidy(s), mailMark))
}

func tidy(s string) string {
	if len(s) > maxInput {
		s = s[:maxInput]
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")), " ")
}

// date is what looks like a national number but is a day.
var date = regexp.MustCompile(`^\(?\d{1,4}[\s./-]+\d{1,2}[\s./-]+\d{1,4}$`)

func phoneOrSame(s string) string {
	if date.MatchString(s) {
		return s
	}
	return phoneMark
}

// names replaces the group of every match that is not plainly something else.
func names(s string, context *regexp.Regexp) string {
	all := context.FindAllStringSubmatchIndex(s, 32)
	if all == nil {
		return s
	}
	var b strings.Builder
	at := 0
	for _, m := range all {
		if m[2] < at || !isName(s[m[2]:m[3]]) {
			continue
		}
		b.WriteString(s[at:m[2]])
		b.WriteString(nameMark)
		at = m[3]
	}
	b.WriteString(s[at:])
	return b.String()
}

func isName(s string) bool {
	for w := range strings.FieldsSeq(s) {
		low := strings.ToLower(w)
		if low != w && notNames[strings.Trim(low, ".,")] {
			return false
		}
	}
	return true
}

// Fit cuts text between words to at most signals.MaxEvidence runes; an ellipsis marks the cut.
func Fit(s string) string {
	if utf8.RuneCountInString(s) <= signals.MaxEvidence {
		return s
	}
	cut := 0
	for range signals.MaxEvidence - 1 {
		_, n := utf8.DecodeRuneInString(s[cut:])
		cut += n
	}
	head := s[:cut]
	if i := strings.LastIndexByte(head, ' '); i > 0 {
		head = head[:i]
	}
	return strings.TrimRight(head, " ,;:") + "…"
}
