package signals

import (
	"errors"
	"testing"
	"time"
)

func stated() Organisation {
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	return Organisation{Domain: "acme.example", Name: "Acme", EmployeesMin: 11, EmployeesMax: 50, Country: "DE", SameAs: []string{"https://a.example"}, URL: "https://acme.example/", ObservedAt: at, DetectedAt: at}
}

func TestAStatementIsKnownByWhatItSaysNotWhereOrWhen(t *testing.T) {
	base := stated()
	for name, c := range map[string]struct {
		change func(*Organisation)
		same   bool
	}{
		"another page":      {func(o *Organisation) { o.URL, o.ContentHash, o.Home = "https://acme.example/b", "h", true }, true},
		"another fetch":     {func(o *Organisation) { o.ObservedAt, o.DetectedAt = o.ObservedAt.Add(1), o.DetectedAt.Add(1) }, true},
		"another domain":    {func(o *Organisation) { o.Domain = "b.example" }, false},
		"another name":      {func(o *Organisation) { o.Name = "Acme Ltd" }, false},
		"a legal name":      {func(o *Organisation) { o.Name, o.LegalName = "", "Acme" }, false},
		"more employees":    {func(o *Organisation) { o.EmployeesMax = 51 }, false},
		"another country":   {func(o *Organisation) { o.Country, o.Region = "", "DE" }, false},
		"another profile":   {func(o *Organisation) { o.SameAs = nil }, false},
		"a day of founding": {func(o *Organisation) { o.Founded = "1999" }, false},
	} {
		o := stated()
		c.change(&o)
		if same := o.ID() == base.ID(); same != c.same {
			t.Errorf("%s: the same %v", name, same)
		}
	}
	if id := base.ID(); id.Version() != 8 {
		t.Errorf("version %d", id.Version())
	}
}

func TestAStatementThatSaysNothingOrIsNowhereIsRefused(t *testing.T) {
	good := stated()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Organisation){
		"no domain":  func(o *Organisation) { o.Domain = "" },
		"no page":    func(o *Organisation) { o.URL = "" },
		"no time":    func(o *Organisation) { o.ObservedAt = time.Time{} },
		"no fetch":   func(o *Organisation) { o.DetectedAt = time.Time{} },
		"more least": func(o *Organisation) { o.EmployeesMin = 60 },
		"fewer":      func(o *Organisation) { o.EmployeesMin = -1 },
		"nothing": func(o *Organisation) {
			*o = Organisation{Domain: o.Domain, URL: o.URL, ObservedAt: o.ObservedAt, DetectedAt: o.DetectedAt}
		},
	} {
		o := stated()
		change(&o)
		if err := o.Validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
