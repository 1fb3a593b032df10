package pages

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAPackedSetGivesBackWhatWasPutIn(t *testing.T) {
	list := []Known{
		{URL: "https://a.example/blog/one"}, {URL: "https://a.example/blog/one/more"}, {URL: "https://a.example/blog/"},
		{URL: "https://b.example/"},
		{URL: "https://a.example/blog/one?x=1", ETag: `W/"5f-1"`, LastModified: "Mon, 02 Mar 2026 12:00:00 GMT", ContentHash: Hash([]byte("a")), Kind: KindBlog, SimHash: 1 << 63},
		{URL: "https://a.example/blog/two", LastModified: "yesterday", ContentHash: "short", Kind: "a kind of tomorrow"},
		{URL: "dns:a.example", ContentHash: Hash([]byte("b")), Kind: KindProbe},
		{URL: "https://a.example", LastModified: "Monday, 02-Mar-26 12:00:00 GMT", ContentHash: "ABCDEF00112233445566778899AABBCC"},
		{URL: ""},
		{URL: "https://a.example/long", ETag: string(make([]byte, 300))},
	}
	for i, tag := range []string{`"5f-1a2b3c"`, `"0123456789abcdef"`, `"abc"`, `"-"`, `"--"`, `"12-3-4"`, `"ABC"`, `""`, `"a`, `"-ab"`, `"ab-"`, "ab"} {
		list = append(list, Known{URL: fmt.Sprintf("https://a.example/tag/%d", i), ETag: tag})
	}
	for i := range 300 {
		list = append(list, Known{URL: fmt.Sprintf("https://h%d.example/p", i), Kind: KindPress})
	}
	holds(t, list)
	set := PackKnown(list)
	if k, ok := set.Find("https://a.example/blog/none"); ok {
		t.Errorf("found %+v", k)
	}
	if empty := PackKnown(nil); empty.Len() != 0 {
		t.Error("an empty set is not empty")
	}
}

func holds(t *testing.T, list []Known) {
	t.Helper()
	want := slices.Clone(list)
	set := PackKnown(list)
	if set.Len() != len(want) {
		t.Fatalf("%d entries, want %d", set.Len(), len(want))
	}
	for i := range want {
		if got, ok := set.Find(want[i].URL); !ok || got.URL != want[i].URL {
			t.Fatalf("%q is not found: %+v", want[i].URL, got)
		}
	}
	var all []Known
	for number, k := range set.All() {
		if d := cmp.Diff(k, set.At(number)); d != "" {
			t.Fatal(d)
		}
		all = append(all, k)
	}
	if d := cmp.Diff(list, all); d != "" { // PackKnown has sorted it
		t.Fatal(d)
	}
}

func FuzzKnownSet(f *testing.F) {
	f.Add("https://a.example/x", `"tag"`, "Mon, 02 Mar 2026 12:00:00 GMT", Hash(nil), "blog", uint64(7))
	f.Add("://", "", "Mon, 02 Mar 0026 12:00:00 GMT", "", "", uint64(0))
	f.Fuzz(func(t *testing.T, url, tag, date, hash, kind string, sim uint64) {
		holds(t, []Known{{URL: url, ETag: tag, LastModified: date, ContentHash: hash, Kind: Kind(kind), SimHash: sim}, {URL: url + "/x", Kind: KindHome}})
	})
}
