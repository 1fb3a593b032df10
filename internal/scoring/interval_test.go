package scoring_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestAnIntervalIsTheSameInTheStoreAndInAnExplanation(t *testing.T) {
	b := world(t)
	for i := range 12 { // more to rank among, some with ties
		id := fmt.Sprintf("other%02d", i)
		b.account(t, id, 20, "Media", id+".example")
		b.signals(t, sig{domain: id + ".example", name: []string{"migration", "evaluation"}[i%2], product: "Azure", id: 100 + i, observed: fmt.Sprintf("2026-06-%02d 00:00:00", 1+i/2*4)})
	}
	s := scorer(t, b)
	if _, err := s.Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	lines := b.Lines(t, "SELECT account_id, product, margin, round(score_low, 6), round(score_high, 6), score_low <= score + 1e-4 AND score <= score_high + 1e-4 FROM intent_intervals ORDER BY account_id, product")
	if len(lines) != 16 {
		t.Errorf("%d intervals", len(lines))
	}
	narrow := 0
	for _, line := range lines {
		names := strings.SplitN(line, "\t", 3)
		var margin int64
		var low, high float64
		var inside string
		if _, err := fmt.Sscan(names[2], &margin, &low, &high, &inside); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		e, err := s.Explain(t.Context(), names[0], names[1], june)
		if err != nil {
			t.Fatal(err)
		}
		if st := e.Steps; st.Margin != margin || fmt.Sprintf("%.6f %.6f", st.Low, st.High) != fmt.Sprintf("%.6f %.6f", low, high) || inside != "1" {
			t.Errorf("%s: explained as %+v", line, st)
		}
		if low > 0 && high < 100 {
			narrow++
		}
	}
	if narrow == 0 {
		t.Error("every interval is the whole scale")
	}
}
