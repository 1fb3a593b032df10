package signals

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func sample() Signal {
	return Signal{
		Domain: "contoso.example", Kind: KindTopic, Name: "migration", Product: "Azure", Strength: 0.8, Confidence: 0.9, Sign: 1,
		ObservedAt: time.Date(2026, 10, 3, 9, 0, 0, 0, time.UTC), Dated: true, DetectedAt: time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC),
		Source: SourceBlog, URL: "https://contoso.example/blog/1", Evidence: "we are moving to Azure",
	}
}

func TestIdentityIsWhatIsSaidNotHowItWasFound(t *testing.T) {
	base := sample()
	for name, change := range map[string]func(*Signal){
		"detection time": func(s *Signal) { s.DetectedAt = s.DetectedAt.Add(time.Hour) }, "offset": func(s *Signal) { s.Offset = 9 },
		"content hash": func(s *Signal) { s.ContentHash = "x" }, "extractor version": func(s *Signal) { s.ExtractorVersion = "2" },
		"confidence": func(s *Signal) { s.Confidence = 0.1 }, "hour of the same day": func(s *Signal) { s.ObservedAt = s.ObservedAt.Add(time.Hour) },
	} {
		s := sample()
		if change(&s); s.ID() != base.ID() {
			t.Errorf("another %s makes another signal", name)
		}
	}
	for name, change := range map[string]func(*Signal){
		"domain": func(s *Signal) { s.Domain = "x" }, "kind": func(s *Signal) { s.Kind = KindEvent }, "name": func(s *Signal) { s.Name = "x" },
		"product": func(s *Signal) { s.Product = "x" }, "url": func(s *Signal) { s.URL = "x" }, "day": func(s *Signal) { s.ObservedAt = s.ObservedAt.AddDate(0, 0, 1) },
		"dated": func(s *Signal) { s.Dated = false },
	} {
		s := sample()
		if change(&s); s.ID() == base.ID() {
			t.Errorf("another %s is the same signal", name)
		}
	}
}

func TestIdentityDoesNotRunFieldsTogether(t *testing.T) {
	a, b := sample(), sample()
	a.Name, a.Product = "ab", "c"
	b.Name, b.Product = "a", "bc"
	if a.ID() == b.ID() {
		t.Fatal("fields run together")
	}
	if v := a.ID().Version(); v != 8 {
		t.Fatalf("version %d, want 8", v)
	}
}

func TestUndatedSignalKeepsItsIdentityOverTime(t *testing.T) {
	a, b := sample(), sample()
	a.Dated, b.Dated = false, false
	b.ObservedAt = b.ObservedAt.AddDate(0, 3, 0)
	if a.ID() != b.ID() {
		t.Fatal("an undated signal read again months later is a new one")
	}
}

func TestValidate(t *testing.T) {
	good := sample()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Signal){
		"no evidence": func(s *Signal) { s.Evidence = "" }, "evidence too long": func(s *Signal) { s.Evidence = strings.Repeat("é", 301) },
		"no url": func(s *Signal) { s.URL = "" }, "an unknown kind": func(s *Signal) { s.Kind = "x" }, "strength over 1": func(s *Signal) { s.Strength = 1.1 },
		"confidence not a number": func(s *Signal) { s.Confidence = math.NaN() }, "sign 0": func(s *Signal) { s.Sign = 0 }, "no date": func(s *Signal) { s.ObservedAt = time.Time{} },
	} {
		t.Run(name, func(t *testing.T) {
			s := sample()
			change(&s)
			if err := s.Validate(); !errors.Is(err, ErrInvalid) {
				t.Fatalf("error %v, want ErrInvalid", err)
			}
		})
	}
}
