package sampleweb

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheWireTellsOfItsCompaniesInEveryFamilyOfWays(t *testing.T) {
	for _, eval := range []bool{false, true} {
		w := New(Config{Companies: DefaultCompanies, Eval: eval})
		seen := map[string]int{}
		byID := map[string]*company{}
		for _, c := range w.companies {
			byID[c.AccountID] = c
		}
		for i := range w.wire.items {
			it := &w.wire.items[i]
			seen[it.Family]++
			text := it.Title + " " + it.lead + " " + it.rest
			if strings.ContainsAny(text, "{}") || it.URL == "" || it.From.Before(epochStart()) || it.From.After(epochEnd().AddDate(0, 0, 1)) {
				t.Errorf("item %+v: %q", it.WireTruth, text)
			}
			if c := byID[it.AccountID]; c != nil && !strings.Contains(strings.ToUpper(text), strings.ToUpper(w.shortName(c))) {
				t.Errorf("%q does not name %s", text, c.Name)
			}
		}
		for _, f := range wireFamilies() {
			if seen[f.name] == 0 {
				t.Errorf("no item of the family %s", f.name)
			}
		}
	}
}

func TestTheWiresFeedAndItemsAreServedAndWatched(t *testing.T) {
	w := New(Config{Companies: MinCompanies})
	get := func(url string) string {
		t.Helper()
		p, _ := w.wire.site.lookup(WireDomain, strings.TrimPrefix(url, "https://"+WireDomain), w.Now())
		if p == nil {
			t.Fatalf("%s is not there", url)
		}
		return string(w.render(w.wire.site, p, w.Now()))
	}
	feed := get("https://" + WireDomain + "/latest.rss")
	for _, it := range w.TruthAt(w.Now()).Wire {
		if !strings.Contains(feed, "<link>"+it.URL+"</link>") || !strings.Contains(get(it.URL), escape(it.Title)) {
			t.Errorf("%s %q is missing", it.URL, it.Title)
		}
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "http://"+WireDomain+"/", nil))
	if rec.Code == http.StatusNotFound {
		t.Errorf("the wire has no host: %d", rec.Code)
	}
	dir := t.TempDir()
	if err := w.WriteInputs(dir); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(dir, "watch.yaml"))
	if err != nil || !strings.Contains(string(list), "https://"+WireDomain+"/latest.rss") {
		t.Errorf("watch list %q, %v", list, err)
	}
}
