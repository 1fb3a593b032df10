package support_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/intent/support"
)

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestLicencesAreMatchedToTheirRelease(t *testing.T) {
	c := support.Default()
	for licence, want := range map[string]string{
		"Microsoft SQL Server 2008 R2 Standard": "SQL Server 2008 R2", "sql  server 2014": "SQL Server 2014", "Windows 7 Professional": "Windows 7",
		"Windows 70": "", "SQL Server 2031": "", "": "", "Office 2016": "Office 2016", "Windows Server 2012 R2": "Windows Server 2012 R2",
		"Windows Server 2012 Datacenter": "Windows Server 2012", "Microsoft": "", "VMware vSphere 6.7 Enterprise Plus": "VMware vSphere 6.7", "vSphere 6.70": "",
	} {
		got, ok := c.Match(licence)
		if got.Name != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", licence, got.Name, want)
		}
	}
	r, _ := c.Match("SQL Server 2017")
	if r.Due(date("2026-10-11")) || !r.Due(date("2026-10-12")) {
		t.Error("a release is due from a year before its last day")
	}
}

func TestAReleaseIsAProductAndAVersion(t *testing.T) {
	for name, want := range map[string]string{
		"Windows Server 2012 R2": "Windows Server|2012 R2", "PHP 7.4": "PHP|7.4", "Windows XP": "Windows XP|", "Windows 2000 Server": "Windows|2000 Server", "365": "365|",
	} {
		product, version := support.Release{Name: name}.Product()
		if got := product + "|" + version; got != want {
			t.Errorf("%s: got %s", name, got)
		}
	}
	r, _ := support.Default().Match("Windows Server 2012 R2")
	if got := strings.Join(r.Spellings(), ", "); got != "Microsoft IIS 8.5, Server 2012 R2, Windows Server 2012 R2" || r.Mainstream != date("2018-10-09") {
		t.Errorf("%s, mainstream until %s", got, r.Mainstream)
	}
	for _, bad := range []string{"mainstream: soon, ", "mainstream: 2030-01-02, "} {
		if _, err := support.Load(strings.NewReader("version: x\nreleases: [{name: X 1, " + bad + "ends: 2030-01-01, products: [Azure]}]")); !errors.Is(err, support.ErrCalendar) {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

func TestProseNamesReleases(t *testing.T) {
	c := support.Default()
	for text, want := range map[string]string{
		"We still run Exchange 2016 in both data centres.":                       "Exchange Server 2016",
		"Windows Server 2008 and 2012 R2 are out of support":                     "Windows Server 2008, Windows Server 2012 R2",
		"SQL Server 2012, 2014 or 2017":                                          "SQL Server 2012, SQL Server 2014, SQL Server 2017",
		"Server 2008 R2/2012":                                                    "Windows Server 2008 R2, Windows Server 2012",
		"Unsere Windows-7-Rechner und der Exchange-Server 2013":                  "Windows 7, Exchange Server 2013",
		"the hosts are on ESXi 6.5; vCenter 7.0 follows":                         "VMware vSphere 6.5, VMware vSphere 7.0",
		"CentOS 7 and RHEL 7":                                                    "CentOS 7, Red Hat Enterprise Linux 7",
		"PHP 7.4. The site moves to PHP 8.3.":                                    "PHP 7.4",
		"in 2012 we opened an office; Office 2010 was new then, Office 2010 was": "Office 2010",
		"we were founded in 2008 R2":                                             "",
		"seven windows, ten doors":                                               "",
		"Windows 11 and Windows 70":                                              "",
		"Navision 2016 with Dynamics AX 2012 behind it":                          "Dynamics NAV 2016, Dynamics AX 2012",
	} {
		var names []string
		for _, r := range c.Find(text) {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestEveryReleaseOfTheBuiltInCalendarIsSoundAndSourced(t *testing.T) {
	c := support.Default()
	if len(c.Releases) < 120 {
		t.Errorf("%d releases", len(c.Releases))
	}
	products := []string{"Microsoft 365", "Azure", "Dynamics 365", "Surface", "Security", "Copilot and AI", "Power Platform", "Data Platform"}
	for _, r := range c.Releases {
		if r.Source == "" || r.Ends.Year() < 2010 || r.Ends.Year() > 2040 || !strings.Contains(r.String(), r.Name) {
			t.Errorf("%s", r)
		}
		for _, p := range r.Products {
			if !slices.Contains(products, p) {
				t.Errorf("%s: product %q", r.Name, p)
			}
		}
		for _, name := range append([]string{r.Name}, r.Also...) {
			if found := c.Find("we have " + name + " here"); len(found) != 1 || found[0].Name != r.Name {
				t.Errorf("%s is read as %v", name, found)
			}
		}
	}
}

func TestUrgencyFollowsTheCalendar(t *testing.T) {
	r, _ := support.Default().Match("Windows Server 2016") // until 2027-01-12
	for at, want := range map[string]float64{"2023-01-01": 0.4, "2024-01-13": 0.7, "2026-01-11": 0.7, "2026-01-12": 1, "2030-01-01": 1} {
		if got := r.Urgency(date(at)); got != want {
			t.Errorf("at %s: %v, want %v", at, got, want)
		}
	}
}

func TestABadCalendarIsRefusedByItsRelease(t *testing.T) {
	for text, want := range map[string]string{
		"{":                    "",
		"releases: []":         "version",
		"version: v\nother: 1": "other",
		"version: v\nreleases: [{name: X, ends: soon, products: [Azure]}]":                                               `"X": ends "soon"`,
		"version: v\nreleases: [{name: X, ends: 2020-01-01}]":                                                            `"X": products`,
		"version: v\nreleases: [{name: X, ends: 2020-01-01, products: [A]}, {name: x, ends: 2020-01-01, products: [A]}]": "stands twice",
		"version: v\nreleases: [{name: X, also: [Microsoft X], ends: 2020-01-01, products: [A]}]":                        "stands twice",
		"version: v\nreleases: [{name: '-', ends: 2020-01-01, products: [A]}]":                                           "empty",
		"version: v\nreleases: [{name: X, ends: 2020-01-01, paid_until: 2019-01-01, products: [A]}]":                     "paid_until",
		"version: v\nreleases: [{name: X, ends: 2020-01-01, products: [A], source: 'ftp://a'}]":                          "source",
	} {
		if _, err := support.Load(strings.NewReader(text)); !errors.Is(err, support.ErrCalendar) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func FuzzFind(f *testing.F) {
	c := support.Default()
	for _, s := range []string{"Windows Server 2008 and 2012 R2", "ESXi 6.5", "6.", ".5", "Exchange-Server 2013", "SQL 2008 R2, 2012 and and 2014"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		seen := map[string]bool{}
		for _, r := range c.Find(text) {
			if seen[r.Name] {
				t.Fatalf("%s twice", r.Name)
			}
			seen[r.Name] = true
		}
		c.Match(text)
	})
}

func FuzzLoad(f *testing.F) {
	f.Add("version: v\nreleases: [{name: X, ends: 2020-01-01, products: [A]}]")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := support.Load(strings.NewReader(text)); err != nil && !errors.Is(err, support.ErrCalendar) {
			t.Fatalf("untyped error %v", err)
		} else if err == nil && c.Version == "" {
			t.Fatal("no version")
		}
	})
}

func TestACalendarIsLoadedAgainFromItsContent(t *testing.T) {
	odd, err := support.Load(strings.NewReader(`{"version": "odd: #1", "releases": [
		{"name": "Größe & <Co> \"X\" 1", "also": ["a\\b: c 1", "\u2028 – 1\t#"], "ends": "2030-01-01", "paid_until": "2031-01-01", "products": ["Azure", "- yes"]},
		{"name": "no 2", "detected": ["null"], "mainstream": "2029-01-01", "ends": "2030-01-01", "products": ["Surface"], "source": "https://x.example/?a=b&c=d"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []support.Calendar{support.Default(), odd, {Version: "of nothing"}} {
		again, err := support.Load(bytes.NewReader(c.Content()))
		if err != nil || again.ID() != c.ID() || again.Version != c.Version || !strings.HasPrefix(c.ID(), c.Version+"-") {
			t.Errorf("%s came back as %s, %v", c.ID(), again.ID(), err)
		}
		if d := cmp.Diff(c.Releases, again.Releases); d != "" {
			t.Error(d)
		}
	}
	if r, ok := odd.Match("no 2"); !ok || len(r.Products) != 1 {
		t.Errorf("the odd one matches %v", r)
	}
	edited, err := support.Load(strings.NewReader(strings.Replace(string(support.Default().Content()), `"SQL Server 2014"`, `"SQL Server 2014 X"`, 1)))
	if err != nil || edited.ID() == support.Default().ID() || edited.Version != support.Default().Version {
		t.Errorf("edited under its old version: %s, %v", edited.ID(), err)
	}
}
