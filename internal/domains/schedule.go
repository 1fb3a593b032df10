package domains

import "time"

// Schedule bounds the time between two visits of one domain, or two reads of one feed.
type Schedule struct {
	// Shortest and Longest bound the interval while it answers.
	Shortest, Longest time.Duration
	// Dead is the interval at which one that stopped answering is tried again; it is never forgotten.
	Dead time.Duration
}

const day = 24 * time.Hour

// DefaultSchedule is that of domains: daily to monthly, dead ones monthly.
func DefaultSchedule() Schedule { return Schedule{Shortest: day, Longest: 30 * day, Dead: 30 * day} }

// FeedSchedule is that of an account's feeds: hourly to weekly, those that give no feed weekly.
func FeedSchedule() Schedule { return Schedule{Shortest: time.Hour, Longest: 7 * day, Dead: 7 * day} }

// WatchSchedule is that of watch-list sources: every 15 minutes to daily, those that give no feed daily.
func WatchSchedule() Schedule { return Schedule{Shortest: 15 * time.Minute, Longest: day, Dead: day} }

// Outlook is what a visit or a read found out that matters to the next one.
type Outlook struct {
	// Interval is the one that led here; 0 on the first.
	Interval time.Duration
	// Reached reports that it answered at all, Changed that anything was new or different.
	Reached, Changed bool
	// Failures counts consecutive visits that reached nothing, this one included.
	Failures int
	// AskLater is how long its publisher asks to be left alone; 0 where it does not.
	AskLater time.Duration
	// CrawlDelay is the gap between requests that the host asks for, DelayLimit the longest that is kept within a visit.
	// A host that asks for more is visited as much more rarely. Either may be 0: it asks for none, there is no limit.
	CrawlDelay, DelayLimit time.Duration
}

// Adapt returns the interval that the next visit's is derived from: a change halves it, no change lengthens it by half, a
// failure leaves it, so that who comes back goes on where it left. It lies between Shortest and Longest, or is 0 as long as
// nothing was reached.
func (s Schedule) Adapt(o Outlook) time.Duration {
	d := o.Interval
	switch {
	case !o.Reached && d <= 0:
		return 0
	case !o.Reached:
	case d <= 0:
		d = 7 * s.Shortest
	case o.Changed:
		d /= 2
	default:
		d += min(d/2, s.Longest) // an absurd interval must not overflow
	}
	return min(max(d, s.Shortest), s.Longest)
}

// Next returns the time until the next visit: what Adapt says, stretched where the host asks for a crawl-delay above the
// limit; after failures it doubles from Shortest up to Dead. It is never less than AskLater, and never more than the longer
// of Longest and Dead.
func (s Schedule) Next(o Outlook) time.Duration {
	if !o.Reached {
		d := s.Shortest
		for i := 1; i < o.Failures && d < s.Dead; i++ {
			d *= 2
		}
		return max(min(d, s.Dead), s.Asked(o))
	}
	d := s.Adapt(o)
	if o.DelayLimit > 0 && o.CrawlDelay > o.DelayLimit {
		d = time.Duration(min(float64(d)*(float64(o.CrawlDelay)/float64(o.DelayLimit)), float64(s.Longest)))
	}
	return max(d, s.Asked(o))
}

// Asked is the floor under the next visit that the publisher asked for; nobody is left alone for longer than the longest
// interval there is.
func (s Schedule) Asked(o Outlook) time.Duration {
	return min(max(o.AskLater, 0), max(s.Longest, s.Dead))
}
