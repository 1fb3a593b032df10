package scoring_test

import (
	"fmt"
	"strings"
	"testing"

	"telltale/internal/scoring"
)

// TestASpanReadsItsOwnPartitionsOnly: of a condition BETWEEN the engine reads the partitions above as well, and throws their rows away.
func TestASpanReadsItsOwnPartitionsOnly(t *testing.T) {
	b := open(t)
	b.Do(t, `INSERT INTO signal_rows (domain, kind, name, signal_id) SELECT concat('d', toString(number), '.example'), 'topic', 'pain', generateUUIDv4() FROM numbers(400)`)
	for _, c := range []struct{ first, last int64 }{{0, 0}, {1, 1}, {7, 9}, {15, 15}, {0, 15}} {
		plan := strings.Join(b.Lines(t, "EXPLAIN indexes = 1 SELECT count(), max(evidence) FROM signal_rows WHERE "+scoring.Within(c.first, c.last)), "\n")
		if want := fmt.Sprintf("Parts: %d/16", c.last-c.first+1); !strings.Contains(plan, want) {
			t.Errorf("partitions %d to %d: no %q in\n%s", c.first, c.last, want, plan)
		}
	}
}
