package app

import "testing"

func FuzzReadLabel(f *testing.F) {
	f.Add(`{"url":"https://a.example/","kind":"blog","also":"press","language":"de","events":[{"event":"award","whose":"own","where":"main","quote":"x"}],"topics":[]}`)
	f.Add(`{"url":1}`)
	f.Fuzz(func(t *testing.T, line string) {
		l, err := readLabel([]byte(line))
		if err == nil && (l.URL == "" || l.Kind == "") {
			t.Errorf("%q is a label without an address or a kind", line)
		}
	})
}
