package store

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestACallerOverTheSocketIsInTheStoresDatabase asks as curl does: a statement and a token, nothing else.
func TestACallerOverTheSocketIsInTheStoresDatabase(t *testing.T) {
	s := migrated(t, func(c *Config) { c.URL, c.DataDir, c.Listen, c.Token = "", t.TempDir(), "127.0.0.1:0", "secret" })
	for _, tc := range []struct{ name, query, want string }{
		{"a table by its name alone", "SELECT count() FROM accounts", "0\n"},
		{"another database by its own", "SELECT name FROM system.one_two", "UNKNOWN_TABLE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodGet, "http://"+s.ListenAddr().String()+"/?query="+url.QueryEscape(tc.query), nil)
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth("telltale", "secret")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(body), tc.want) {
				t.Fatalf("%s: %q, want %q in it", tc.query, body, tc.want)
			}
		})
	}
	http.DefaultClient.CloseIdleConnections()
}
