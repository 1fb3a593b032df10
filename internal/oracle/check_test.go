package oracle_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/oracle"
)

const msec = time.Millisecond

// at is a request of crawler c1.1 for a host and path on 127.0.0.1, from one millisecond to another.
func at(host, path string, start, end int) oracle.Request {
	return oracle.Request{
		Crawler: "c1.1", Host: host, Path: path, Addr: netip.MustParseAddr("127.0.0.1"), Start: time.Duration(start) * msec, End: time.Duration(end) * msec, Status: 200,
	}
}

func by(crawler string, r oracle.Request) oracle.Request { r.Crawler = crawler; return r }

func on(addr string, r oracle.Request) oracle.Request { r.Addr = netip.MustParseAddr(addr); return r }

func refused(status, until int, r oracle.Request) oracle.Request {
	r.Status, r.Until = status, time.Duration(until)*msec
	return r
}

// truth is a web of hosts a.test, b.test, whose pages are wanted, and slow.test, which asks for a delay of 300 ms.
func truth() *oracle.Truth {
	file := oracle.Robots{Kind: oracle.RobotsFile, Disallow: []string{"/private/", "/deep"}, Allow: []string{"/private/open"}}
	slow := file
	slow.Delay = 300 * msec
	host := func(name string, r oracle.Robots, wanted bool) *oracle.Host {
		return &oracle.Host{Name: name, Domain: name, Robots: r, Pages: []oracle.Page{{Path: "/", Wanted: wanted}}}
	}
	return &oracle.Truth{Gap: 100 * msec, MaxDelay: 10 * time.Second, Hosts: map[string]*oracle.Host{
		"a.test": host("a.test", file, true), "b.test": host("b.test", oracle.Robots{Kind: oracle.RobotsMoved, Target: "a.test"}, false),
		"slow.test": host("slow.test", slow, false), "broken.test": host("broken.test", oracle.Robots{Kind: oracle.RobotsBroken}, false),
		"none.test": host("none.test", oracle.Robots{Kind: oracle.RobotsNone}, false),
	}}
}

// good is the least that a run has to show: robots.txt and the wanted page of a.test.
func good() []oracle.Request {
	return []oracle.Request{at("a.test", "/robots.txt", 0, 10), at("a.test", "/", 110, 120)}
}

func TestTheCheckerFindsEachKindOfViolation(t *testing.T) {
	freeze := oracle.Fault{Kind: oracle.Freeze, Victim: "c1.1", At: 5 * time.Second, Until: 25 * time.Second, Leases: 3, InFlight: 1}
	tests := map[string]struct {
		requests []oracle.Request
		faults   []oracle.Fault
		want     map[oracle.Rule]int
		late     int
	}{
		"a polite run breaks nothing": {good(), nil, map[oracle.Rule]int{}, 0},
		"two requests of one host at a time, on two addresses": {
			append(good(), on("127.0.0.2", at("a.test", "/x", 115, 300))), nil, map[oracle.Rule]int{oracle.OverlapHost: 1}, 0,
		},
		"two requests of one address at a time, for two hosts": {
			append(good(), at("none.test", "/robots.txt", 115, 300)), nil, map[oracle.Rule]int{oracle.OverlapAddr: 1}, 0,
		},
		"a long request that covers several": {
			append(good(), at("none.test", "/robots.txt", 220, 900), at("broken.test", "/robots.txt", 400, 410), at("broken.test", "/robots.txt", 600, 610)),
			nil, map[oracle.Rule]int{oracle.OverlapAddr: 2, oracle.GapAddr: 0}, 0,
		},
		"too short a gap on a host, whose address changed": {
			append(good(), on("127.0.0.2", at("a.test", "/x", 218, 230))), nil, map[oracle.Rule]int{oracle.GapHost: 1}, 0,
		},
		"too short a gap on an address": {
			append(good(), at("none.test", "/robots.txt", 218, 230)), nil, map[oracle.Rule]int{oracle.GapAddr: 1}, 0,
		},
		"two addresses of one IPv6 network are one": {
			append(good(), on("2001:db8::1", at("none.test", "/robots.txt", 300, 310)), on("2001:db8::2", at("broken.test", "/robots.txt", 320, 330))),
			nil, map[oracle.Rule]int{oracle.GapAddr: 1}, 0,
		},
		"a gap that is short by less than the tolerance passes": {
			append(good(), func() oracle.Request {
				r := at("none.test", "/robots.txt", 220, 230)
				r.Start -= 900 * time.Microsecond
				return r
			}()),
			nil, map[oracle.Rule]int{}, 0,
		},
		"behind a request that its client broke off the tolerance is wider": {
			append(good(), func() oracle.Request { r := at("none.test", "/robots.txt", 220, 2220); r.Cut = true; return r }(), at("broken.test", "/robots.txt", 2305, 2310)),
			nil, map[oracle.Rule]int{}, 0,
		},
		"and wider still by what the server's timers were late": {
			append(good(), func() oracle.Request {
				r := at("none.test", "/robots.txt", 220, 2220)
				r.Cut, r.Stall = true, 15*time.Millisecond
				return r
			}(), at("broken.test", "/robots.txt", 2290, 2295)),
			nil, map[oracle.Rule]int{}, 0,
		},
		"but no wider": {
			append(good(), func() oracle.Request {
				r := at("none.test", "/robots.txt", 220, 2220)
				r.Cut, r.Stall = true, 5*time.Millisecond
				return r
			}(), at("broken.test", "/robots.txt", 2290, 2295)),
			nil, map[oracle.Rule]int{oracle.GapAddr: 1}, 0,
		},
		"a Crawl-delay that was read and not kept": {
			append(good(), at("slow.test", "/robots.txt", 300, 310), at("slow.test", "/", 500, 510)), nil, map[oracle.Rule]int{oracle.CrawlDelay: 1}, 0,
		},
		"a Crawl-delay that the crawler before had read": {
			append(good(), at("slow.test", "/robots.txt", 300, 310), at("slow.test", "/", 620, 630), by("c2.1", at("slow.test", "/robots.txt", 740, 750))),
			nil, map[oracle.Rule]int{oracle.CrawlDelay: 1}, 0,
		},
		"a disallowed path": {
			append(good(), at("a.test", "/private/x", 300, 310)), nil, map[oracle.Rule]int{oracle.Disallowed: 1}, 0,
		},
		"a path that a longer rule allows": {
			append(good(), at("a.test", "/private/open-x", 300, 310)), nil, map[oracle.Rule]int{}, 0,
		},
		"a path that the robots.txt of another host disallows": {
			append(good(), at("b.test", "/robots.txt", 300, 310), at("b.test", "/deep/x", 500, 510)), nil, map[oracle.Rule]int{oracle.Disallowed: 1}, 0,
		},
		"a page of a host whose robots.txt cannot be read": {
			append(good(), at("broken.test", "/robots.txt", 300, 310), at("broken.test", "/", 500, 510)), nil, map[oracle.Rule]int{oracle.Disallowed: 1}, 0,
		},
		"a host that nobody named": {
			append(good(), at("who.test", "/robots.txt", 300, 310), at("who.test", "/", 500, 510)), nil, map[oracle.Rule]int{oracle.Disallowed: 1}, 0,
		},
		"a page before robots.txt": {
			append(good(), at("none.test", "/", 300, 310), at("none.test", "/robots.txt", 500, 510)), nil, map[oracle.Rule]int{oracle.RobotsFirst: 1}, 0,
		},
		"a page by a process that was started again and has not read robots.txt": {
			append(good(), by("c1.2", at("a.test", "/x", 300, 310))), nil, map[oracle.Rule]int{oracle.RobotsFirst: 1}, 0,
		},
		"a request before Retry-After has passed, by another crawler": {
			append(good(), refused(429, 2310, at("a.test", "/x", 300, 310)), by("c2.1", at("a.test", "/robots.txt", 2200, 2210))),
			nil, map[oracle.Rule]int{oracle.RetryAfter: 1}, 0,
		},
		"a request after Retry-After has passed": {
			append(good(), refused(503, 2310, at("a.test", "/x", 300, 310)), at("a.test", "/x", 2320, 2330)), nil, map[oracle.Rule]int{}, 0,
		},
		"a request within a minute of a 429 that named no time": {
			append(good(), refused(429, 0, at("a.test", "/x", 300, 310)), at("a.test", "/x", 59_000, 59_010)), nil, map[oracle.Rule]int{oracle.Backoff: 1}, 0,
		},
		"a request within two minutes of the second": {
			append(good(), refused(429, 0, at("a.test", "/x", 300, 310)), refused(429, 0, at("a.test", "/x", 61_000, 61_010)), at("a.test", "/x", 170_000, 170_010)),
			nil, map[oracle.Rule]int{oracle.Backoff: 1}, 0,
		},
		"a minute again after thirty quiet ones": {
			append(good(), refused(429, 0, at("a.test", "/x", 300, 310)), refused(429, 0, at("a.test", "/x", 2_000_000, 2_000_010)), at("a.test", "/x", 2_070_000, 2_070_010)),
			nil, map[oracle.Rule]int{}, 0,
		},
		"too few pages":         {good()[:1], nil, map[oracle.Rule]int{oracle.TooFewPages: 1}, 0},
		"nobody at work at all": {nil, nil, map[oracle.Rule]int{oracle.TooFewPages: 1}, 0},
		"a fault that hit no lease": {
			good(), []oracle.Fault{{Kind: oracle.Kill, Victim: "c1.1", InFlight: 1}}, map[oracle.Rule]int{oracle.IdleFault: 1}, 0,
		},
		"a fault that hit no request under way": {
			good(), []oracle.Fault{{Kind: oracle.Broker, Victim: "broker", Leases: 9}}, map[oracle.Rule]int{oracle.IdleFault: 1}, 0,
		},
		"one late request of a frozen crawler is counted apart": {
			append(good(), by("c2.1", at("none.test", "/robots.txt", 24_990, 25_002)), at("broken.test", "/robots.txt", 25_001, 25_010), by("c2.1", at("none.test", "/", 25_110, 25_120))),
			[]oracle.Fault{freeze}, map[oracle.Rule]int{}, 1,
		},
		"the second late request is a violation": {
			append(good(), by("c2.1", at("none.test", "/robots.txt", 24_990, 25_002)), at("broken.test", "/robots.txt", 25_001, 25_010), at("b.test", "/robots.txt", 25_060, 25_070)),
			[]oracle.Fault{freeze}, map[oracle.Rule]int{oracle.GapAddr: 1}, 1,
		},
		"a late request of a crawler that was not frozen is a violation": {
			append(good(), by("c2.1", at("none.test", "/robots.txt", 24_990, 25_002)), by("c3.1", at("broken.test", "/robots.txt", 25_001, 25_010))),
			[]oracle.Fault{freeze}, map[oracle.Rule]int{oracle.OverlapAddr: 1}, 0,
		},
		"a late request long after the freeze is a violation": {
			append(good(), by("c2.1", at("none.test", "/robots.txt", 29_990, 30_002)), at("broken.test", "/robots.txt", 30_001, 30_010)),
			[]oracle.Fault{freeze}, map[oracle.Rule]int{oracle.OverlapAddr: 1}, 0,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			report := oracle.Check(&oracle.Run{Truth: truth(), Requests: test.requests, Faults: test.faults})
			got := report.Broken()
			for rule, n := range test.want {
				if n == 0 {
					delete(test.want, rule)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			if len(report.Late) != test.late {
				t.Errorf("%d late requests, want %d", len(report.Late), test.late)
			}
		})
	}
}

func TestTheTallyShowsWhatWasCheckedAndWhatBroke(t *testing.T) {
	requests := append(good(), at("a.test", "/x", 200, 210))
	faults := []oracle.Fault{{Kind: oracle.Kill, Victim: "c1.1", At: 150 * msec, Until: 160 * msec, Leases: 2, InFlight: 1}}
	report := oracle.Check(&oracle.Run{Truth: truth(), Requests: requests, Faults: faults})
	report.Seed = 7
	var out bytes.Buffer
	report.WriteTally(&out)
	report.WriteViolations(&out, requests)
	for _, want := range []string{
		"seed 7", "1 of 1", "100.0 %", "least 80.0 ms where 100 ms were due", "violation: gap of host", "gap of host: a.test: 80.0 ms, want 100.0 ms",
		">    0.2000 to    0.2100 c1.1   200 a.test/x at 127.0.0.1", "kill -9 of c1.1",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
