package domains

import (
	"errors"
	"strings"
	"testing"
)

func TestNormalize(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"a plain domain stays", "contoso.com", "contoso.com"},
		{"a pasted address loses scheme, host part and path", "https://WWW.Contoso.com/about?x=1#y", "contoso.com"},
		{"a trailing dot and white space go", "  contoso.co.uk. ", "contoso.co.uk"},
		{"a sub-domain becomes its registrable domain", "blog.shop.contoso.co.uk", "contoso.co.uk"},
		{"a name in another script becomes ASCII", "Müller.de", "xn--mller-kva.de"},
		{"a port and a user go", "http://user:pw@contoso.com:8080/", "contoso.com"},
		{"a mail address gives its domain", "info@contoso.com", "contoso.com"},
		{"reserved names are domains", "www.northwind.example", "northwind.example"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Normalize(tc.in)
			if err != nil || got != tc.want {
				t.Fatalf("Normalize(%q) = %q, %v; want %q", tc.in, got, err, tc.want)
			}
		})
	}
}

func TestNormalizeRefusesWhatIsNoDomain(t *testing.T) {
	for name, in := range map[string]string{
		"empty": "", "a single label": "localhost", "a public suffix": "co.uk", "an address": "192.0.2.1",
		"a v6 address": "[2001:db8::1]", "spaces inside": "con toso.com", "an underscore": "a_b.com", "not UTF-8": "caf\xe9.com",
		"a label over 63 bytes": strings.Repeat("a", 64) + ".com", "a name over 253 bytes": strings.Repeat("a.", 130) + "com",
		"a hyphen at the edge": "-a.com", "a numeric top level": "a.123", "only dots": "...",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Normalize(in)
			if !errors.Is(err, ErrNotADomain) {
				t.Fatalf("Normalize(%q) = %q, %v; want ErrNotADomain", in, got, err)
			}
		})
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"contoso.com", "https://a.b.co.uk/x", "xn--mller-kva.de", "[::1]:80", "a..b", "\xff", "ﬀ.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		once, err := Normalize(in)
		if err != nil {
			return
		}
		twice, err := Normalize(once)
		if err != nil || twice != once {
			t.Fatalf("Normalize(%q) = %q, but again %q, %v", in, once, twice, err)
		}
		if Registrable(once) != once {
			t.Fatalf("%q is not its own registrable domain", once)
		}
	})
}

func TestPriorityFollowsSegments(t *testing.T) {
	for _, tc := range []struct {
		name string
		a    Account
		want Priority
	}{
		{"300 employees are top", Account{Employees: 300, AzurePotentialUSD: -1}, PriorityTop},
		{"potential above 10,000 USD is top", Account{Employees: 3, AzurePotentialUSD: 10_000.01}, PriorityTop},
		{"potential of 10,000 USD is not", Account{Employees: 3, AzurePotentialUSD: 10_000}, PrioritySmall},
		{"299 are medium", Account{Employees: 299}, PriorityMedium},
		{"25 are medium", Account{Employees: 25}, PriorityMedium},
		{"24 are small", Account{Employees: 24}, PrioritySmall},
		{"unknown comes last", Account{Employees: -1, AzurePotentialUSD: -1}, PriorityUnknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := PriorityOf(tc.a); got != tc.want {
				t.Fatalf("got %d, want %d", got, tc.want)
			}
		})
	}
}
