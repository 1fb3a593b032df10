package intent_test

import (
	"strings"
	"testing"
	"time"

	"telltale/internal/intent"
)

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestMotions(t *testing.T) {
	now := date("2026-06-30")
	for _, c := range []struct {
		name string
		have intent.Holding
		want string
	}{
		{"nothing owned is whitespace", intent.Holding{}, intent.MotionWhitespace},
		{"owned with no end is upsell", intent.Holding{Owned: true}, intent.MotionUpsell},
		{"expiring on the fiscal year's last day is renewal", intent.Holding{Owned: true, Expires: date("2026-06-30")}, intent.MotionRenewal},
		{"expiring on the next one's first day is upsell", intent.Holding{Owned: true, Expires: date("2026-07-01")}, intent.MotionUpsell},
		{"expired earlier in the fiscal year is an open renewal", intent.Holding{Expires: date("2025-07-01")}, intent.MotionRenewal},
		{"expired in the fiscal year before is whitespace again", intent.Holding{Expires: date("2025-06-30")}, intent.MotionWhitespace},
		{"end of support without owning", intent.Holding{EndOfSupport: true}, intent.MotionEndOfSupport},
		{"end of support comes before upsell", intent.Holding{Owned: true, EndOfSupport: true}, intent.MotionEndOfSupport},
		{"renewal comes before end of support", intent.Holding{Owned: true, Expires: date("2026-06-01"), EndOfSupport: true}, intent.MotionRenewal},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := intent.MotionOf(c.have, now, time.July); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestFiscalYears(t *testing.T) {
	for _, c := range []struct {
		at       string
		start    time.Month
		from, to string
	}{
		{"2026-06-30", time.July, "2025-07-01", "2026-07-01"},
		{"2026-07-01", time.July, "2026-07-01", "2027-07-01"},
		{"2026-12-31", time.January, "2026-01-01", "2027-01-01"},
	} {
		from, to := intent.FiscalYear(date(c.at), c.start)
		if !from.Equal(date(c.from)) || !to.Equal(date(c.to)) {
			t.Errorf("%s from %s: got %s – %s", c.at, c.start, from, to)
		}
	}
}

func TestMonths(t *testing.T) {
	for _, bad := range []string{"", "2026", "2026-13", "2026-00", "2026-1", "26-01", "2026-01-01", "2026/01", " 2026-01", "1999-12", "2149-01", "２０２６-01"} {
		if m, err := intent.ParseMonth(bad); err == nil || !strings.Contains(err.Error(), "YYYY-MM") || !m.IsZero() {
			t.Errorf("%q: got %v, %v", bad, m, err)
		}
	}
	m, err := intent.ParseMonth("2024-02")
	if err != nil {
		t.Fatal(err)
	}
	if m.String() != "2024-02" || !m.Start().Equal(date("2024-02-01")) || !m.End().Equal(date("2024-03-01").Add(-time.Millisecond)) {
		t.Errorf("%s: %s – %s", m, m.Start(), m.End())
	}
	if intent.MonthOf(m.End()) != m || intent.MonthOf(m.End().Add(time.Millisecond)) == m {
		t.Error("the month of its last instant")
	}
}
