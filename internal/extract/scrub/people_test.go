package scrub_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"telltale/internal/extract/scrub"
	"telltale/internal/signals"
)

// numbers are telephone numbers as six countries write them.
var numbers = map[string][]string{
	"Germany":       {"030 1234567", "0171/1234567", "(030) 123 45 67", "+49 30 1234567", "+49 (0)30 / 12 34 56-78", "0049 30 1234567", "01711234567"},
	"France":        {"01 23 45 67 89", "01.23.45.67.89", "06-12-34-56-78", "+33 1 23 45 67 89", "+33 (0)6 12 34 56 78", "0123456789"},
	"Spain":         {"912 345 678", "912 34 56 78", "600 123 456", "+34 912 345 678", "0034 600 123 456", "teléfono 912345678"},
	"Sweden":        {"08-123 456 78", "070-123 45 67", "031-12 34 56", "+46 8 123 456 78", "+46 (0)70-123 45 67", "08-12345678"},
	"Netherlands":   {"020-1234567", "06-12345678", "06 12345678", "06 12 34 56 78", "+31 20 123 4567", "0612345678"},
	"Great Britain": {"020 7946 0958", "07700 900123", "0161 496 0123", "+44 20 7946 0958", "+44 (0)7700 900123", "07700900123"},
	"North America": {"(415) 555-0132", "415-555-0132", "415.555.0132", "+1 415 555 0132"},
}

func TestNumbersOfSixCountriesAreTakenOut(t *testing.T) {
	digits := regexp.MustCompile(`\d`)
	for country, list := range numbers {
		for _, n := range list {
			for _, around := range []string{"Write or call us at %, we move to Azure.", "Presse: %", "% ist unsere Nummer", "(%)", "Azure, %; Teams"} {
				got := scrub.Text(strings.Replace(around, "%", n, 1))
				if left := digits.FindAllString(got, -1); len(left) > 0 || !strings.Contains(got, "[phone]") {
					t.Errorf("%s, %q: %q", country, n, got)
				}
			}
		}
	}
}

func TestDatesAmountsAndVersionsAreNoNumbersToCall(t *testing.T) {
	for _, s := range []string{
		"on 2026-03-14", "am 14.03.2026 um 10:30", "le 01/02/2026", "el 01-02-2026 10:30", "01.02.2026 10:30 Uhr", "an order of 912 345 678 euros", "€ 750 000 000 for Azure", "750 000 000 records",
		"SQL Server 2016 13.0.5026.0", "Windows 10 22H2", "1,200,000 EUR", "KB5034441", "ISO 27001:2022", "from 10.0.0.1 to 10.0.0.255", "RFC 9309 and 9110", "in 2024 2025 2026", "99.95 % of 8760 hours", "2019/2022",
	} {
		if got := scrub.Text(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// titled are titles in the six languages, each before a name.
var titled = map[string][]string{
	"English": {"Mr. %", "Mrs %", "Ms. %", "Dr. %", "Prof. Dr. %", "Sir %"},
	"German":  {"Herr %", "Herrn %", "Frau %", "Frau Dr. %", "Herr Prof. Dr.-Ing. %", "Dipl.-Ing. %"},
	"French":  {"M. %", "Mme %", "Mlle %", "Monsieur %", "Madame %", "Maître %"},
	"Spanish": {"Sr. %", "Sra. %", "Srta. %", "Don %", "Doña %", "D. %", "Señor %", "Señora %"},
	"Swedish": {"Herr %", "Fru %", "Fröken %", "Doktor %", "Professor %"},
	"Dutch":   {"de heer %", "De heer %", "mevrouw %", "Mevr. %", "Dhr. %", "drs. %", "Drs. %", "Ir. %"},
}

var people = []string{"Jane Miller", "Jörg Müller-Lüdenscheidt", "Élodie d’Aubigné", "José María García", "Åsa Öberg", "Jan van der Berg", "Miller", "J. Miller", "Max von der Heide", "Łukasz Żak"}

func TestTitledNamesInSixLanguagesAreTakenOut(t *testing.T) {
	for language, list := range titled {
		for _, title := range list {
			for _, name := range people {
				for _, around := range []string{"% und Acme gehen zu Azure.", "We met %, who runs Azure at Acme.", "(%)"} {
					got := scrub.Text(strings.Replace(around, "%", strings.Replace(title, "%", name, 1), 1))
					for part := range strings.FieldsSeq(name) {
						if len(part) > 3 && strings.Contains(got, strings.Trim(part, ".")) {
							t.Errorf("%s, %q %q: %q", language, title, name, got)
							break
						}
					}
				}
			}
		}
	}
}

func TestHalfANameAtTheEdgeOfAQuotationIsTakenOut(t *testing.T) {
	for in, want := range map[string]string{
		"Miller, CEO of Acme, moves it all to Azure":            "[name], CEO of Acme, moves it all to Azure",
		"„Müller, Geschäftsführer der Acme GmbH, geht zu Azure": "„[name], Geschäftsführer der Acme GmbH, geht zu Azure",
		"We move it all to Azure, said Jane":                    "We move it all to Azure, said [name]",
		"Wir gehen zu Azure, sagte Jörg":                        "Wir gehen zu Azure, sagte [name]",
		"That moves to Azure, according to Microsoft":           "That moves to Azure, according to Microsoft",
	} {
		if got := scrub.Text(in); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", in, got, want)
		}
	}
}

func TestHiddenAddressesAreTakenOut(t *testing.T) {
	for _, s := range []string{"jane@acme.example", "jane＠acme.example", "jane [at] acme [dot] example", "jane &#64; acme.example", "jane&#x40;acme.example", "jane&commat;acme.example", "mailto:jane%40acme.example", "jörg.müller@acme.example", "o'neil@acme.co.example"} {
		for _, scrubbed := range []string{scrub.Text("Write to " + s + " now"), scrub.Addresses("Write to " + s + " now")} {
			if strings.Contains(scrubbed, "jane") || strings.Contains(scrubbed, "acme") || !strings.HasPrefix(scrubbed, "Write to ") || !strings.HasSuffix(scrubbed, " now") {
				t.Errorf("%q: %q", s, scrubbed)
			}
		}
	}
}

func TestAQuotationIsCutWhereNothingBreaks(t *testing.T) {
	long := strings.Repeat
	for name, c := range map[string]struct{ in, tail string }{
		"between words":                        {long("Pümpen ", 100), "Pümpen…"},
		"text without spaces, behind a clause": {long("当社は基幹系を移行します。", 40), "。…"},
		"one word, between letters":            {long("ü", 1000), "ü…"},
		"a short word before a long one":       {"Azure " + long("移", 400), "移…"},
		"no mark leaves its letter":            {long("e\u0301", 400), "e\u0301…"},
		"no joined character is parted":        {long("👩\u200d💻", 400), "👩\u200d💻…"},
		"no reference is parted":               {long("a", 290) + " x&eacute;&eacute;&eacute;", "…"},
	} {
		got := scrub.Text(c.in)
		if n := utf8.RuneCountInString(got); n > signals.MaxEvidence || n < signals.MaxEvidence/2 || !strings.HasSuffix(got, c.tail) {
			t.Errorf("%s: %d runes, ending %q", name, n, got[max(0, len(got)-24):])
		}
	}
	if got := scrub.Addresses(long("a", 295) + "&eacu"); strings.Contains(got, "&") {
		t.Errorf("a reference that was cut is left: %q", got[280:])
	}
	if got := scrub.Addresses("https://a.example/?a=1&b"); got != "https://a.example/?a=1&b" {
		t.Errorf("an address lost its end: %q", got)
	}
}

// TestNoEvidenceKeepsWhatBelongsToPeople puts numbers, addresses and titled names anywhere in sentences of any length.
func TestNoEvidenceKeepsWhatBelongsToPeople(t *testing.T) {
	var phones, names []string
	for _, list := range numbers {
		phones = append(phones, list...)
	}
	for _, list := range titled {
		names = append(names, list...)
	}
	filler := []string{"wir", "migrate", "våra", "系統を移行", "Azure", "données", "naïve,", "sistemas", "e\u0301te\u0301", "—", "cloud."}
	rapid.Check(t, func(rt *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(1, 60).Draw(rt, "words") {
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0:
				b.WriteString("call: " + rapid.SampledFrom(phones).Draw(rt, "phone") + ";")
			case 1:
				b.WriteString("mail x" + rapid.StringMatching(`[a-z]{1,6}`).Draw(rt, "user") + "@secret.example")
			case 2:
				b.WriteString(strings.Replace(rapid.SampledFrom(names).Draw(rt, "title"), "%", "Zaphod Quux", 1))
			default:
				b.WriteString(rapid.SampledFrom(filler).Draw(rt, "word"))
			}
			b.WriteString(" ")
		}
		got := scrub.Text(b.String())
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > signals.MaxEvidence || strings.Contains(got, "secret") || strings.Contains(got, "Zaphod") || strings.Contains(got, "Quux") {
			rt.Fatalf("%q\ngives %q", b.String(), got)
		}
		if all := scrub.Thorough(b.String()); got != all {
			rt.Fatalf("%q\ngives %q\nand with every expression %q", b.String(), got, all)
		}
		if strings.ContainsFunc(got, unicode.IsDigit) {
			rt.Fatalf("%q\nkeeps a number: %q", b.String(), got)
		}
	})
}
