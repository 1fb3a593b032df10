package app

import (
	"fmt"
	"strings"
	"time"
)

// clock returns the data clock: the wall clock, or one that started at AsIf when the program started, and that steps
// where a drill says so.
func (c *Common) clock() func() time.Time {
	now, start := time.Now, time.Now()
	if !c.AsIf.IsZero() {
		now = func() time.Time { return c.AsIf.Add(time.Since(start)) }
	}
	if c.DrillClockStep.by == 0 {
		return now
	}
	return func() time.Time {
		if time.Since(start) < c.DrillClockStep.after {
			return now()
		}
		return now().Add(c.DrillClockStep.by)
	}
}

// clockStep is a step of the clock, by so much after so long; its zero value is none.
type clockStep struct{ by, after time.Duration }

// UnmarshalText reads "+90s@10s" or "-1h@5s".
func (s *clockStep) UnmarshalText(text []byte) error {
	by, after, ok := strings.Cut(string(text), "@")
	var err error
	if s.by, err = time.ParseDuration(by); err == nil {
		s.after, err = time.ParseDuration(after)
	}
	if err != nil || !ok || s.after < 0 {
		return fmt.Errorf("%q: want a step and when it is taken, such as +90s@10s", text)
	}
	return nil
}
