package work

import (
	"errors"
	"testing"
	"time"
)

func TestOutcomesSayWhatTheyMean(t *testing.T) {
	if o := Done(); o.Verdict != VerdictDone || o.Reason != "" {
		t.Errorf("Done: %+v", o)
	}
	if o := Drop("no page"); o.Verdict != VerdictDrop || o.Reason != "no page" {
		t.Errorf("Drop: %+v", o)
	}
	if o := Retry(errors.New("away"), time.Second); o.Verdict != VerdictRetry || o.Reason != "away" || o.After != time.Second {
		t.Errorf("Retry: %+v", o)
	}
	if (Outcome{}).Verdict == VerdictDone {
		t.Error("a forgotten outcome counts as done")
	}
}
