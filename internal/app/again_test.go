package app_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// warcOf is an archive of another tool with one page.
func warcOf(t *testing.T, url, date, body string) string {
	t.Helper()
	block := "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
	return file(t, "page.warc", "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <"+url+">\r\nWARC-Date: "+date+"\r\nContent-Length: "+strconv.Itoa(len(block))+"\r\n\r\n"+block+"\r\n\r\n")
}

// TestADifferenceIsShownBeforeItReplaces extracts an archive with rules that know a technology, then with rules that do not, and back.
func TestADifferenceIsShownBeforeItReplaces(t *testing.T) {
	warc := warcOf(t, "http://a.example/blog/one", "2020-05-01T10:00:00Z", `<html lang="en"><head><title>Blog</title><meta name="generator" content="WordPress 6.4"></head><body>`+
		`<widget-one data-v="1.5"></widget-one><p>We write about our work here.</p></body></html>`)
	rules := file(t, "a.json", `{"Widget One":{"html":"<widget-one data-v=\"([\\d.]+)\\;version:\\1"}}`)
	_, store := newHub(t)
	replay := func(args ...string) answer {
		t.Helper()
		return ask(t, "", "telltale", append(append([]string{"replay", warc}, args...), store...)...).fine(t)
	}
	query := func(sql string) string {
		t.Helper()
		return strings.TrimSpace(ask(t, "", "telltale", append([]string{"query", "--format", "TSV", sql}, store...)...).fine(t).out)
	}
	const widgets = "SELECT count() FROM signals WHERE name = 'Widget One'"
	replay("--technologies", rules)
	stored := query("SELECT count() FROM signals")
	if query(widgets) != "1" {
		t.Fatal("the rules do not find what they know")
	}

	shown := replay("--diff")
	for _, want := range []string{"removed", "technology", "same", "- a.example: technology Widget One, http://a.example/blog/one", "version 1.5", "<widget-one"} {
		if !strings.Contains(shown.out, want) {
			t.Errorf("--diff does not say %q:\n%s", want, shown.out)
		}
	}
	if query(widgets) != "1" || query("SELECT count() FROM signals") != stored {
		t.Error("--diff changed the store")
	}

	lines := replay("--replace", "--json")
	var change struct {
		Change, Domain, Kind, Name, URL string
		Was, Now                        *struct{ Version, Evidence string }
	}
	if err := json.Unmarshal([]byte(strings.TrimSpace(lines.out)), &change); err != nil || change.Change != "removed" || change.Name != "Widget One" || change.Was == nil || change.Was.Version != "1.5" || change.Now != nil {
		t.Errorf("%v: %s", err, lines.out)
	}
	if query(widgets) != "0" || query("SELECT count() FROM technologies WHERE technology = 'Widget One'") != "0" || query("SELECT count() FROM signal_rows WHERE name = 'Widget One'") != "1" {
		t.Error("what is no longer found is not retired, or its row is gone")
	}
	if again := replay("--diff"); strings.Contains(again.out, "removed") || strings.Contains(again.out, "added") {
		t.Errorf("once replaced it differs still:\n%s", again.out)
	}
	back := replay("--replace", "--technologies", rules)
	if !strings.Contains(back.out, "+ a.example: technology Widget One") || query(widgets) != "1" {
		t.Errorf("rules that find it again do not bring it back:\n%s", back.out)
	}
	if listed := replay("--diff", "--lines", "0"); strings.Contains(listed.out, "- a.example") || !strings.Contains(listed.out, "removed") {
		t.Errorf("with no lines asked for:\n%s", listed.out)
	}
}
