package domains

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestScheduleAdaptsWithinItsBounds(t *testing.T) {
	domain, feed, watch := DefaultSchedule(), FeedSchedule(), WatchSchedule()
	for _, tc := range []struct {
		name string
		s    Schedule
		o    Outlook
		want time.Duration
	}{
		{"a first visit is followed in a week", domain, Outlook{Reached: true}, 7 * day},
		{"a change halves the interval", domain, Outlook{Interval: 8 * day, Reached: true, Changed: true}, 4 * day},
		{"no change lengthens it by half", domain, Outlook{Interval: 8 * day, Reached: true}, 12 * day},
		{"never below the shortest", domain, Outlook{Interval: day, Reached: true, Changed: true}, day},
		{"never above the longest", domain, Outlook{Interval: 29 * day, Reached: true}, 30 * day},
		{"a first failure is tried again soon", domain, Outlook{Interval: 20 * day, Failures: 1}, day},
		{"failures double it", domain, Outlook{Failures: 4}, 8 * day},
		{"a dead domain is tried monthly", domain, Outlook{Failures: 400}, 30 * day},
		{"a crawl-delay within the limit changes nothing", domain, Outlook{Interval: 8 * day, Reached: true, CrawlDelay: 30 * time.Second, DelayLimit: 30 * time.Second}, 12 * day},
		{"a crawl-delay twice the limit halves the visits", domain, Outlook{Interval: 8 * day, Reached: true, Changed: true, CrawlDelay: time.Minute, DelayLimit: 30 * time.Second}, 8 * day},
		{"a crawl-delay of a day means the longest interval", domain, Outlook{Interval: 8 * day, Reached: true, CrawlDelay: day, DelayLimit: time.Second}, 30 * day},
		{"without a limit no crawl-delay stretches", domain, Outlook{Interval: 8 * day, Reached: true, CrawlDelay: day}, 12 * day},
		{"a new feed is read again within the day", feed, Outlook{Reached: true, Changed: true}, 7 * time.Hour},
		{"a feed is read hourly at most", feed, Outlook{Interval: time.Hour, Reached: true, Changed: true}, time.Hour},
		{"a feed that asks for a day gets it", feed, Outlook{Interval: 4 * time.Hour, Reached: true, Changed: true, AskLater: day}, day},
		{"a feed that asks for less changes nothing", feed, Outlook{Interval: 4 * time.Hour, Reached: true, AskLater: time.Hour}, 6 * time.Hour},
		{"a feed that asks for a year is read weekly", feed, Outlook{Interval: 4 * time.Hour, Reached: true, AskLater: 365 * day}, 7 * day},
		{"a feed that fails and says when to come again is believed", feed, Outlook{Interval: 4 * time.Hour, Failures: 1, AskLater: day}, day},
		{"after ten failures a feed is tried weekly", feed, Outlook{Interval: 4 * time.Hour, Failures: 10}, 7 * day},
		{"a source is read every quarter of an hour at most", watch, Outlook{Interval: 20 * time.Minute, Reached: true, Changed: true}, 15 * time.Minute},
		{"a quiet source is read daily", watch, Outlook{Interval: 23 * time.Hour, Reached: true}, day},
		{"after ten failures a source is tried daily", watch, Outlook{Failures: 10}, day},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.s.Next(tc.o); got != tc.want {
				t.Fatalf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func anyOutlook(t *rapid.T) Outlook {
	duration := func(name string) time.Duration { return time.Duration(rapid.Int64().Draw(t, name)) }
	return Outlook{
		Interval: duration("interval"), Reached: rapid.Bool().Draw(t, "reached"), Changed: rapid.Bool().Draw(t, "changed"),
		Failures: rapid.IntRange(0, 1<<20).Draw(t, "failures"), AskLater: duration("ask later"),
		CrawlDelay: duration("crawl-delay"), DelayLimit: duration("limit"),
	}
}

func anySchedule(t *rapid.T) Schedule {
	return rapid.SampledFrom([]Schedule{DefaultSchedule(), FeedSchedule(), WatchSchedule()}).Draw(t, "schedule")
}

func TestScheduleStaysInBoundsForAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, o := anySchedule(t), anyOutlook(t)
		if d := s.Next(o); d < s.Shortest || d > max(s.Longest, s.Dead) || d < s.Asked(o) {
			t.Fatalf("%+v gives %v", o, d)
		}
		if d := s.Adapt(o); d != 0 && (d < s.Shortest || d > s.Longest) || d == 0 && o.Reached {
			t.Fatalf("%+v adapts to %v", o, d)
		}
	})
}

func TestNothingThatAHostAsksForBringsItsVisitForward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, o := anySchedule(t), anyOutlook(t)
		plain := o
		plain.AskLater, plain.CrawlDelay = 0, 0
		if asked, d := s.Next(o), s.Next(plain); asked < d {
			t.Fatalf("%+v gives %v, without what the host asks for %v", o, asked, d)
		}
		if a, b := s.Adapt(o), s.Adapt(plain); a != b {
			t.Fatalf("%+v adapts to %v, without what the host asks for to %v: it would add up", o, a, b)
		}
	})
}

func TestAQuietHistoryReachesTheLongestIntervalAndABusyOneTheShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, o := anySchedule(t), Outlook{Reached: true, Changed: rapid.Bool().Draw(t, "busy")}
		for range 40 {
			before := o.Interval
			o.Interval = s.Adapt(o)
			if before > 0 && (o.Changed && o.Interval > before || !o.Changed && o.Interval < before) {
				t.Fatalf("%v became %v", before, o.Interval)
			}
		}
		if want := map[bool]time.Duration{true: s.Shortest, false: s.Longest}[o.Changed]; o.Interval != want {
			t.Fatalf("it settles at %v, want %v", o.Interval, want)
		}
	})
}
