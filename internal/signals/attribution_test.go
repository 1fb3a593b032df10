package signals

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAnAttributionIsCompleteOrRefused(t *testing.T) {
	good := Attribution{URL: "https://wire.example/1", Origin: ByMatcher, Verdict: Attributed, AccountID: "a", Confidence: 0.9, KnownFrom: time.Unix(1, 0)}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Attribution){
		"no address":                 func(a *Attribution) { a.URL = "" },
		"the matcher knows no hash":  func(a *Attribution) { a.URL, a.ContentHash = "", "h" },
		"no origin":                  func(a *Attribution) { a.Origin = "" },
		"no verdict":                 func(a *Attribution) { a.Verdict = "" },
		"attributed to nobody":       func(a *Attribution) { a.AccountID = "" },
		"nobody's, with an account":  func(a *Attribution) { a.Verdict = Nobody },
		"quarantined without reason": func(a *Attribution) { a.Verdict, a.AccountID = Quarantined, "" },
		"out of range":               func(a *Attribution) { a.Confidence = 1.5 },
		"a long quotation":           func(a *Attribution) { a.Evidence = strings.Repeat("x", MaxEvidence+1) },
		"never known":                func(a *Attribution) { a.KnownFrom = time.Time{} },
		"a candidate without a name": func(a *Attribution) { a.Candidates = []Candidate{{Confidence: 0.5}} },
	} {
		a := good
		change(&a)
		if err := a.Validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	byHash := Attribution{ContentHash: "h", Origin: ByCorrection, Verdict: Nobody, KnownFrom: time.Unix(1, 0)}
	if err := byHash.Validate(); err != nil {
		t.Error(err)
	}
}
