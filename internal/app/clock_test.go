package app

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestADrillStepsTheClockOfOneProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var step clockStep
		if err := step.UnmarshalText([]byte("-1h@5s")); err != nil {
			t.Fatal(err)
		}
		asIf := time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC)
		now := (&Common{AsIf: asIf, DrillClockStep: step}).clock()
		<-time.After(4 * time.Second)
		if got := now(); !got.Equal(asIf.Add(4 * time.Second)) {
			t.Fatalf("before the step it is %v", got)
		}
		<-time.After(time.Second)
		if got := now(); !got.Equal(asIf.Add(5*time.Second - time.Hour)) {
			t.Fatalf("after the step it is %v", got)
		}
	})
}

func TestAStepThatCannotBeReadIsRefused(t *testing.T) {
	for _, text := range []string{"", "90s", "90s@", "@5s", "soon@5s", "1h@-5s"} {
		if err := new(clockStep).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
