package oracle_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/oracle"
)

// echo is a server that says everything back.
func echo(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); c.Close() }()
		}
	}()
	t.Cleanup(func() { ln.Close(); <-ended })
	return ln.Addr().String()
}

func TestACutProxyHoldsEverythingBackAndAHealedOneDeliversIt(t *testing.T) {
	p, err := oracle.StartProxy(t.Context(), echo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	c, err := net.Dial("tcp", p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	say := func(text string) {
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(n int, within time.Duration) (string, error) {
		if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, n)
		got, err := io.ReadFull(c, buf)
		return string(buf[:got]), err
	}
	say("one")
	if got, err := hear(3, 10*time.Second); got != "one" {
		t.Fatalf("before the cut %q, %v", got, err)
	}
	p.Cut()
	p.Cut()
	say("two")
	if got, err := hear(1, 100*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("through the cut %q, %v", got, err)
	}
	p.Heal()
	p.Heal()
	if got, err := hear(3, 10*time.Second); got != "two" {
		t.Fatalf("after it %q, %v", got, err)
	}
	p.Cut()
	p.Close()
	p.Close()
	if got, err := hear(1, 10*time.Second); err == nil {
		t.Fatalf("a closed proxy says %q", got)
	}
}

func TestASeedGivesTheSameWebAndTheSameFaults(t *testing.T) {
	for seed := range uint64(5) {
		one, two := oracle.NewTruth(shape(500, 20, seed)), oracle.NewTruth(shape(500, 20, seed))
		if diff := cmp.Diff(one, two, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
			t.Errorf("seed %d, two webs: %s", seed, diff)
		}
		plan, again := oracle.RandomPlan(seed, 10*time.Minute, 3, 10), oracle.RandomPlan(seed, 10*time.Minute, 3, 10)
		if diff := cmp.Diff(plan, again); diff != "" {
			t.Errorf("seed %d, two plans: %s", seed, diff)
		}
	}
}

func TestARandomPlanHasEveryFaultAndAQuietEnd(t *testing.T) {
	for seed := range uint64(20) {
		plan := oracle.RandomPlan(seed, 10*time.Minute, 3, 10)
		for _, kind := range []oracle.Kind{oracle.Kill, oracle.Freeze, oracle.Partition, oracle.Broker, oracle.Clock, oracle.Scale} {
			if !slices.ContainsFunc(plan, func(s oracle.Step) bool { return s.Kind == kind }) {
				t.Errorf("seed %d: no %s", seed, kind)
			}
		}
		for _, s := range plan {
			if s.At > 10*time.Minute-30*time.Second {
				t.Errorf("seed %d: %s at %v", seed, s.Kind, s.At)
			}
		}
	}
}

func TestTheWebHasOddHostsOfEveryKindAndMostPagesAreWanted(t *testing.T) {
	truth := oracle.NewTruth(shape(1000, 20, 1))
	kinds, wanted, all, shared := map[oracle.RobotsKind]int{}, 0, 0, map[string]int{}
	for _, h := range truth.Hosts {
		kinds[h.Robots.Kind]++
		shared[oracle.AddrKey(h.Addrs[0])]++
		for _, p := range h.Pages {
			all++
			if p.Wanted {
				wanted++
				if !truth.Allows(h.Name, p.Path) {
					t.Errorf("%s%s is wanted and disallowed", h.Name, p.Path)
				}
			}
		}
	}
	for _, kind := range []oracle.RobotsKind{oracle.RobotsFile, oracle.RobotsMoved, oracle.RobotsNone, oracle.RobotsBroken, oracle.RobotsSilent, oracle.RobotsCut, oracle.RobotsBusy} {
		if kinds[kind] == 0 {
			t.Errorf("no host whose robots.txt is %s", kind)
		}
	}
	if wanted < all/2 {
		t.Errorf("%d of %d pages are wanted", wanted, all)
	}
	most := 0
	for _, n := range shared {
		most = max(most, n)
	}
	if most < 20 {
		t.Errorf("at most %d names share an address", most)
	}
}
