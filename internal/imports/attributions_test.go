package imports_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/imports"
)

func TestCorrectionsNameAnAddressOrAContentHash(t *testing.T) {
	hash := strings.Repeat("0a", 16)
	path := file(t, "attributions.csv", "url,content_hash,account_id\nHTTPS://Wire.example:443/a b,,A-1\nhttps://wire.example/2,,\n,"+strings.ToUpper(hash)+",A-2\nhttps://wire.example/2,,\n")
	var s shelf
	rep, err := importer(t, s.sinks(), nil).Import(t.Context(), imports.Attributions, path, imports.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []imports.Correction{{URL: "https://wire.example/a%20b", AccountID: "A-1"}, {URL: "https://wire.example/2"}, {ContentHash: hash, AccountID: "A-2"}}
	if d := cmp.Diff(want, s.corrections); d != "" {
		t.Error(d)
	}
	if rep.Rows != 3 || rep.Repeated != 1 || !s.known.Equal(now) {
		t.Errorf("report %+v", rep)
	}
}

func TestABadCorrectionIsNamedAndNothingIsStored(t *testing.T) {
	for _, c := range []struct{ row, says string }{
		{",,A-1", ":2: url: want either an address or a content hash"},
		{"https://a.example/,00000000000000000000000000000000,A-1", ":2: url: want either an address or a content hash"},
		{"ftp://a.example/,,A-1", `:2: url: "ftp://a.example/" is no http or https address`},
		{",beef,A-1", `:2: content_hash: "beef" is no content hash (32 hexadecimal digits)`},
		{"https://a.example/,," + strings.Repeat("x", 129), ":2: account_id: 129 bytes; at most 128"},
		{"https://a.example/,,A-1\nhttps://a.example/,,A-2", ":3: says otherwise than line 2 about the same thing"},
	} {
		var s shelf
		_, err := importer(t, s.sinks(), nil).Import(t.Context(), imports.Attributions, file(t, "attributions.csv", "url,content_hash,account_id\n"+c.row+"\n"), imports.Options{})
		if err == nil || !strings.Contains(err.Error(), c.says) || len(s.corrections) != 0 {
			t.Errorf("%q: %v, want %q", c.row, err, c.says)
		}
	}
}
