package scoring_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// agreement is a subscription row for a test; an empty end is open, an empty revenue unknown.
type agreement struct{ account, product, sku, start, end, known, revenue, program string }

func (b bridge) agreements(t testing.TB, all ...agreement) {
	t.Helper()
	null := func(s string) string {
		if s == "" {
			return "NULL"
		}
		return "'" + s + "'"
	}
	for _, a := range all {
		b.Do(t, fmt.Sprintf(`INSERT INTO subscription_rows (account_id, product, sku, start, known_from, end, annual_revenue, program) VALUES ('%s','%s','%s','%s','%s 00:00:00',%s,%s,'%s')`,
			a.account, a.product, a.sku, a.start, a.known, null(a.end), null(a.revenue), a.program))
	}
}

func TestARenewalSaysWhatExpiresAndWhatOfItIsOpen(t *testing.T) {
	const known = "2026-01-01"
	// The fiscal year is July 2025 to June 2026, and the run knows what was known on 10 July 2026.
	cases := []struct {
		name string
		have []agreement
		want string
	}{
		{"open until something later begins", []agreement{{"", "Azure", "s", "2025-01-01", "2026-06-30", known, "1000", "EA"}},
			"renewal\topen\tEA\t2026-06-30\t1000\t1000"},
		{"closed once it was renewed", []agreement{{"", "Azure", "s", "2024-01-01", "2025-12-31", known, "1000", "EA"}, {"", "Azure", "t", "2026-01-01", "2027-12-31", known, "1200", "CSP"}},
			"upsell\tclosed\tEA\t2025-12-31\t1000\t0"},
		{"closed once the next is signed, before it begins", []agreement{{"", "Azure", "s", "2025-07-01", "2026-06-30", known, "1000", "EA"}, {"", "Azure", "s", "2026-07-01", "", "2026-06-01", "", "EA"}},
			"renewal\tclosed\tEA\t2026-06-30\t1000\t0"},
		{"open where the next was not known yet", []agreement{{"", "Azure", "s", "2025-07-01", "2026-06-30", known, "1000", "EA"}, {"", "Azure", "s", "2026-07-01", "", "2026-07-11", "", "EA"}},
			"renewal\topen\tEA\t2026-06-30\t1000\t1000"},
		{"open in part", []agreement{
			{"", "Azure", "a", "2024-01-01", "2025-12-31", known, "500.25", "EA"}, {"", "Azure", "b", "2023-01-01", "2026-03-31", known, "300", "Open Value"}, {"", "Azure", "c", "2026-01-01", "2026-02-28", known, "", "CSP"}},
			"renewal\topen\tCSP; EA; Open Value\t2026-02-28\t800.25\t300"},
		{"without a figure where none is known", []agreement{{"", "Azure", "s", "2025-01-01", "2025-07-01", known, "", ""}}, "renewal\topen\t\t2025-07-01\t-\t-"},
		{"of this product only", []agreement{{"", "Azure", "s", "2025-01-01", "2026-05-31", known, "7", "EA"}, {"", "Microsoft 365", "s", "2026-06-01", "", known, "9", "EA"}},
			"renewal\topen\tEA\t2026-05-31\t7\t7"},
		{"by nothing that began beside it", []agreement{{"", "Azure", "s", "2025-01-01", "2026-05-31", known, "7", "EA"}, {"", "Azure", "t", "2025-01-01", "2027-05-31", known, "9", "EA"}},
			"upsell\topen\tEA\t2026-05-31\t7\t7"},
		{"nothing where it was prolonged in place", []agreement{{"", "Azure", "s", "2025-01-01", "2026-06-30", known, "7", "EA"}, {"", "Azure", "s", "2025-01-01", "2027-06-30", "2026-05-01", "7", "EA"}},
			"upsell\t\t\t-\t-\t-"},
		{"nothing of another fiscal year", []agreement{{"", "Azure", "s", "2023-01-01", "2025-06-30", known, "7", "EA"}, {"", "Azure", "t", "2026-01-01", "2026-07-01", known, "7", "EA"}},
			"upsell\t\t\t-\t-\t-"},
		{"nothing that has not begun", []agreement{{"", "Azure", "s", "2026-07-01", "2027-06-30", known, "7", "EA"}}, "whitespace\t\t\t-\t-\t-"},
	}
	b := open(t)
	for n, c := range cases {
		id := fmt.Sprintf("account-%02d", n)
		b.account(t, id, 30, "Retail", id+".example")
		b.fit(t, id, "Azure", 50)
		for i := range c.have {
			c.have[i].account = id
		}
		b.agreements(t, c.have...)
	}
	if _, err := scorer(t, b).Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	got := b.Lines(t, `SELECT motion, expiration, expiration_type, ifNull(toString(expires_on), '-'), ifNull(toString(expiring_revenue), '-'), ifNull(toString(open_expiring_revenue), '-')
		FROM propensity WHERE product = 'Azure' ORDER BY account_id`)
	for n, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got[n] != c.want {
				t.Errorf("got %q, want %q", got[n], c.want)
			}
		})
	}
}

func TestAnEstimateShowsWhatItStandsOn(t *testing.T) {
	b := open(t)
	owns := func(id string, employees int, industry, revenue string) {
		b.account(t, id, employees, industry, id+".example")
		b.fit(t, id, "Azure", 50)
		if revenue != "" {
			b.agreements(t, agreement{id, "Azure", "s", "2025-01-01", "", "2026-01-01", revenue, "EA"})
		}
	}
	// Medium holds two sizes: 25–99 and 100–299.
	owns("r1", 30, "Retail", "1000")
	owns("r2", 90, "Retail", "3000")
	owns("r3", 200, "Retail", "9000")
	owns("m1", 200, "Media", "7000")
	owns("t1", 5000, "Retail", "20000")
	owns("like", 50, "Retail", "")    // r1 and r2 are like it
	owns("larger", 299, "Health", "") // none is, but its segment has owners
	owns("tiny", 3, "Health", "")     // none of its segment
	owns("free", 1, "Retail", "0")    // pays nothing: no owner to learn from
	if _, err := scorer(t, b).Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	// All: the median of 1000, 3000, 7000, 9000, 20000 is 7000. Medium: that of the first four, 5000, shrunk to (4·5000 + 5·7000)/9 = 6111.11.
	// Retail of 25–99: 2000 of two, shrunk to (2·2000 + 5·6111.11)/7 = 4936.51.
	want := []string{
		"free\t-\t\t0\t",
		"larger\t6111.11\tsegment\t4\tsegment: 4 at $5000 (weight 0.44); all: 5 at $7000 (weight 0.56)",
		"like\t4936.51\tsegment, industry and size\t2\tsegment, industry and size: 2 at $2000 (weight 0.29); segment: 4 at $5000 (weight 0.32); all: 5 at $7000 (weight 0.4)",
		"r1\t-\t\t0\t", "tiny\t7000\tall\t5\tall: 5 at $7000 (weight 1)",
	}
	got := b.Lines(t, `SELECT account_id, ifNull(toString(whitespace_revenue), '-'), whitespace_level, whitespace_owners, whitespace_basis FROM propensity
		WHERE product = 'Azure' AND account_id IN ('like', 'larger', 'tiny', 'free', 'r1') ORDER BY account_id`)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
