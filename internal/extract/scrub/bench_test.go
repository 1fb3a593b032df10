package scrub_test

import (
	"strings"
	"testing"

	"telltale/internal/extract/scrub"
)

// BenchmarkText scrubs quotations as they are found.
func BenchmarkText(b *testing.B) {
	for name, s := range map[string]string{
		"a sentence":                  "We are migrating from Google Workspace to Microsoft 365 in May, said Jane Miller, CEO of Acme Ltd, call +49 30 1234567.",
		"the longest without a trace": strings.Repeat("wir gehen mit allen systemen in die cloud und ", 6),
		"the longest of names":        strings.Repeat("Mr. Jane Miller and ", 15),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				scrub.Text(s)
			}
		})
	}
}
