package scrub_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"telltale/internal/extract/scrub"
	"telltale/internal/signals"
)

func TestEvidenceKeepsNoTraceOfPeople(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"an e-mail address":           {"Write to jane.miller+x@acme.example today", "Write to [email] today"},
		"an address that hides":       {"jane (at) acme.example", "[email]"},
		"an international number":     {"Call +49 (0) 30 1234-567 now", "Call [phone] now"},
		"a national number":           {"Zentrale 030 / 1234567", "Zentrale [phone]"},
		"a North American number":     {"at (415) 555-0132.", "at [phone]."},
		"an announced number":         {"Tel.: 555 1234", "[phone]"},
		"a title and a name":          {"with Dr. Jane Miller of Acme", "with Dr. [name] of Acme"},
		"titles in a row":             {"Herr Prof. Dr. Max von der Heide", "Herr Prof. Dr. [name]"},
		"a quoted speaker":            {"“We move to Azure”, said Jane Miller, CEO of Acme", "“We move to Azure”, said [name], CEO of Acme"},
		"a speaker before the verb":   {"Jane Miller says that Azure wins", "[name] says that Azure wins"},
		"a name and a role":           {"Jane O’Neil-Smith, Head of IT at Acme", "[name], Head of IT at Acme"},
		"a role and a name":           {"our CIO Jane Miller chose Microsoft 365", "our CIO [name] chose Microsoft 365"},
		"an appointment":              {"Acme appoints Jane de la Cruz as CFO", "Acme appoints [name] as CFO"},
		"a passive appointment":       {"Jane Miller was appointed last week", "[name] was appointed last week"},
		"a German speaker":            {"sagt Jörg Müller, Geschäftsführer der Acme GmbH", "sagt [name], Geschäftsführer der Acme GmbH"},
		"a product is no person":      {"said Microsoft Azure, the platform", "said Microsoft Azure, the platform"},
		"a company is no person":      {"according to Contoso Group, prices rise", "according to Contoso Group, prices rise"},
		"dates and versions stay":     {"from 2026-03-14 to 14.03.2026 on SQL Server 2016 for 1,200,000 EUR", "from 2026-03-14 to 14.03.2026 on SQL Server 2016 for 1,200,000 EUR"},
		"white space and NULs vanish": {" a\x00 \n b ", "a b"},
		"plain sentences are left be": {"We are migrating from Google Workspace to Microsoft 365 in May.", "We are migrating from Google Workspace to Microsoft 365 in May."},
	} {
		t.Run(name, func(t *testing.T) {
			if got := scrub.Text(c.in); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestAddressesLeavesRecordsReadable(t *testing.T) {
	got := scrub.Addresses("DMARC v=DMARC1; rua=mailto:jane@acme.example; ruf=mailto:x@y.example")
	if got != "DMARC v=DMARC1; rua=mailto:[email]; ruf=mailto:[email]" {
		t.Error(got)
	}
}

func TestEvidenceIsCutBetweenWords(t *testing.T) {
	got := scrub.Text(strings.Repeat("Pümpen ", 100))
	if n := utf8.RuneCountInString(got); n > signals.MaxEvidence || n < signals.MaxEvidence-10 {
		t.Errorf("%d runes", n)
	}
	if !strings.HasSuffix(got, "Pümpen…") {
		t.Errorf("cut within a word: %q", got[len(got)-20:])
	}
	if got := scrub.Text(strings.Repeat("x", 1000)); utf8.RuneCountInString(got) > signals.MaxEvidence {
		t.Error("a single long word is not cut")
	}
}

// address is what no quotation may hold.
var address = regexp.MustCompile(`[a-zA-Z0-9]@[a-zA-Z0-9-]+\.[a-zA-Z0-9]`)

func FuzzText(f *testing.F) {
	for _, s := range []string{"said Jane Miller, CEO", "a@b.c +49 30 1234567", "Dr. ", "\xff\x00", strings.Repeat("A ", 300), "iPhone Jane, CEO", "(Jane Miller, CEO", "we—Jane Miller says", "Google Jane Miller, CEO",
		"said Jane van der Berg", "3Dr Miller", "Dipl.-Ing. Miller", "de heer De Vries", "Miller, CEO", "x said\u00a0Jane", "Jane, Miller is our CEO", "D. Juan d’Arc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := scrub.Text(s)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > signals.MaxEvidence {
			t.Errorf("%q gives %q", s, got)
		}
		if address.MatchString(got) {
			t.Errorf("an address survived in %q", got)
		}
		if all := scrub.Thorough(s); got != all {
			t.Errorf("%q\ngives %q\nand with every expression %q", s, got, all)
		}
	})
}
