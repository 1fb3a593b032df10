package politeness_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"telltale/internal/fetch/politeness"
)

func TestTheShippedRangesAreSound(t *testing.T) {
	ranges, err := politeness.DefaultRanges(2 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	find := func(addr string) (politeness.Range, int) {
		var first politeness.Range
		n := 0
		for _, r := range ranges {
			if r.Prefix.Contains(netip.MustParseAddr(addr)) {
				first = r
				n++
			}
		}
		return first, n
	}
	for addr, concurrency := range map[string]int{"104.18.3.4": 8, "151.101.1.57": 8, "2606:4700::1": 8, "185.199.110.153": 4, "23.227.38.65": 4} {
		if r, n := find(addr); n != 1 || r.Concurrency != concurrency || r.Delay != 2*time.Second {
			t.Errorf("%s is in %d ranges, the first %+v", addr, n, r)
		}
	}
	if _, n := find("192.0.2.1"); n != 0 {
		t.Errorf("an address of nobody's is in %d ranges", n)
	}
	for i, a := range ranges {
		for _, b := range ranges[i+1:] {
			if a.Prefix.Overlaps(b.Prefix) {
				t.Errorf("%v overlaps %v", a.Prefix, b.Prefix)
			}
		}
	}
	if _, err := politeness.New(politeness.Config{Ranges: ranges}); err != nil {
		t.Error(err)
	}
}

func TestABadTableOfRangesIsRefused(t *testing.T) {
	for _, table := range []string{
		"name,prefix,concurrency\nx,10.0.0.0,4\n", "name,prefix,concurrency\nx,10.0.0.0/8,0\n", "name,prefix,concurrency\nx,10.0.0.0/8,many\n", "name,prefix\nx,10.0.0.0/8\n",
	} {
		if r, err := politeness.ReadRanges(strings.NewReader(table), 0); err == nil {
			t.Errorf("%q gave %v", table, r)
		}
	}
}

func FuzzRanges(f *testing.F) {
	f.Add("name,prefix,concurrency\nx,10.0.0.0/8,4\n")
	f.Add("#\n\"\n")
	f.Fuzz(func(t *testing.T, table string) {
		ranges, err := politeness.ReadRanges(strings.NewReader(table), 0)
		if err != nil {
			return
		}
		if _, err := politeness.New(politeness.Config{Ranges: ranges}); err != nil {
			t.Fatalf("%q was read but not accepted: %v", table, err)
		}
	})
}
