package store

import (
	"strings"
	"testing"
	"time"
)

func TestAModelIsRegisteredOnceAndDecisionsAreAHistory(t *testing.T) {
	s := migrated(t)
	ctx := t.Context()
	must(t, s.RegisterModel(ctx, "Azure", "v1", `{"a":1}`, "{}", noon))
	must(t, s.RegisterModel(ctx, "Azure", "v1", `{"a":2}`, "{}", noon.Add(time.Hour))) // the version stands: its content does not change
	must(t, s.RegisterModel(ctx, "Azure", "v2", `{"a":3}`, "{}", noon.Add(time.Hour)))
	must(t, s.RegisterModel(ctx, "Surface", "v1", `{"a":4}`, "{}", noon))
	must(t, s.Promote(ctx, "Azure", "v1", "first", noon))
	must(t, s.Promote(ctx, "Azure", "v2", "better", noon.Add(2*time.Hour)))
	read := func() string {
		var rows []struct {
			Line string `ch:"line"`
		}
		must(t, s.Select(ctx, &rows, `SELECT concat(m.product, ' ', m.version, ' ', st.state, ' ', m.content, ' ', st.why) AS line
			FROM (SELECT product, version, content FROM models FINAL) AS m INNER JOIN model_states AS st ON st.product = m.product AND st.version = m.version ORDER BY line`, nil))
		var lines []string
		for _, r := range rows {
			lines = append(lines, r.Line)
		}
		return strings.Join(lines, "\n")
	}
	if got, want := read(), "Azure v1 retired {\"a\":1} first\nAzure v2 champion {\"a\":3} better\nSurface v1 challenger {\"a\":4} "; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	must(t, s.Promote(ctx, "Azure", "v1", "rolled back", noon.Add(2*time.Hour))) // the product's clock may stand still: what is written later counts
	if got, want := read(), "Azure v1 champion {\"a\":1} rolled back\nAzure v2 retired {\"a\":3} better\nSurface v1 challenger {\"a\":4} "; got != want {
		t.Errorf("after the rollback\n%s\nwant\n%s", got, want)
	}
}
