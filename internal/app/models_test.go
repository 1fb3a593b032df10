package app_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestModelsAreListedPromotedAndRolledBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	base := []string{"--data-dir", dir, "--as-if", "2026-10-31T12:00:00Z"}
	call := func(args ...string) answer { return ask(t, "", "intent-scorer", append(args, base...)...) }
	call("models").fine(t)
	accounts, deals := "account_id,name,domain,industry\n", "account_id,product,created,closed,outcome\n"
	for i := range 300 {
		industry, outcome := "Farming", "lost"
		if i%2 == 0 {
			industry = "Retail"
		}
		if (i%2 == 0) != (i%5 == 0) {
			outcome = "won"
		}
		accounts += fmt.Sprintf("A%03d,A%d,a%d.example,%s\n", i, i, i, industry)
		deals += fmt.Sprintf("A%03d,Azure,2026-%02d-%02d,2026-%02d-%02d,%s\n", i, 1+i/50, 1+i%25, 2+i/50, 1+i%25, outcome)
	}
	ask(t, "", "telltale", append([]string{"import", "accounts", file(t, "accounts.csv", accounts)}, base...)...).fine(t)
	ask(t, "", "telltale", append([]string{"import", "opportunities", file(t, "opportunities.csv", deals)}, base...)...).fine(t)
	base[3] = "2026-10-31T13:00:00Z" // each program's clock begins when it starts: what was imported is known by now
	for _, words := range []string{"30", "2"} {
		call("fit", "train", "--product", "Azure", "--labels", "opportunities", "--words", words).fine(t)
	}
	told := call("models", "--kind", "fit").fine(t)
	for _, want := range []string{"fit", "Azure", "champion", "300 rows", "opportunities as of 2026-10-31", "log loss"} {
		if !strings.Contains(strings.ToLower(told.out), strings.ToLower(want)) {
			t.Errorf("no %q in\n%s", want, told.out)
		}
	}
	call("models", "--kind", "people").refused(t, "intent-scorer", 2, "--kind", `"people"`)
	call("models", "promote", "--product", "Azure", "--model-version", "none").refused(t, "intent-scorer", 2, "none", "no such model")
	call("models", "rollback", "--product", "Surface").refused(t, "intent-scorer", 2, `"Surface"`, "there is no champion")
}
