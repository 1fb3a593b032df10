package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"time"

	"telltale/internal/extract"
	"telltale/internal/fetch"
	"telltale/internal/fetch/politeness"
	"telltale/internal/fetch/resolver"
	"telltale/internal/steady"
)

// parts are what roles are made of that needs no engine. They are made first, so that bad input is told before anything
// is opened.
type parts struct {
	names *resolver.Resolver
	roots *x509.CertPool
	rules []extract.Rule
	// ranges are the networks with a pace of their own.
	ranges []politeness.Range
}

// prepare checks the flags of the roles and makes their parts; a second call does nothing.
func (s *Settings) prepare(ctx context.Context, env *Env, roles []Role) error {
	if s.parts != nil {
		return nil
	}
	p := &parts{}
	if slices.Contains(roles, RoleCrawler) {
		if err := s.prepareCrawler(ctx, env, p); err != nil {
			return err
		}
	}
	if slices.Contains(roles, RoleSignalWorker) {
		if err := s.checkExtraction(); err != nil {
			return err
		}
		var err error
		s.log = env.Log
		if p.rules, err = buildRules(s.Extraction); err != nil {
			return err
		}
	}
	s.parts = p
	return nil
}

func (s *Settings) prepareCrawler(ctx context.Context, env *Env, p *parts) (err error) {
	if err := s.checkCrawl(env.Log); err != nil {
		return err
	}
	if err := errors.Join(s.checkBudgets(), s.Warc.check()); err != nil {
		return err
	}
	server, err := resolverAddress(ctx, s.Resolver)
	if err != nil {
		return err
	}
	if p.names, err = resolver.New(resolver.Config{Server: server}, steady.Now); err != nil {
		return inputf("--resolver: %w", err)
	}
	if p.ranges, err = addressRanges(s.AddressRanges, s.Delay); err != nil {
		return err
	}
	if s.CAFile == "" {
		return nil
	}
	if p.roots, err = fetch.LoadRoots(s.CAFile); err != nil {
		return inputf("--ca-file: %w", err)
	}
	return nil
}

// addressRanges reads the networks that ops name, which win over the built-in ones.
func addressRanges(path string, delay time.Duration) (own []politeness.Range, err error) {
	builtIn, err := politeness.DefaultRanges(delay)
	if err != nil || path == "" {
		return builtIn, err
	}
	in, err := os.Open(path)
	if err == nil {
		own, err = politeness.ReadRanges(io.LimitReader(in, maxRangesFile), delay)
		err = errors.Join(err, in.Close())
	}
	if err != nil {
		return nil, inputf("--address-ranges %s: %w", path, err)
	}
	return append(own, builtIn...), nil
}

// maxRangesFile bounds a file of address ranges, in bytes.
const maxRangesFile = 1 << 20

// resolverAddress turns HOST:PORT of a DNS server into ADDRESS:PORT, since it is what other names are asked of.
func resolverAddress(ctx context.Context, given string) (string, error) {
	if given == "" {
		return "", nil
	}
	if _, err := netip.ParseAddrPort(given); err == nil {
		return given, nil
	}
	host, port, err := net.SplitHostPort(given)
	if n, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil || n == 0 || host == "" {
		return "", inputf("--resolver %q: want HOST:PORT, with a port from 1 to 65535", given)
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", inputf("--resolver %q: %w", given, err)
	}
	return net.JoinHostPort(addrs[0].Unmap().String(), port), nil
}

// limit is a flag that must lie in a range.
type limit struct {
	flag      string
	value     int64
	low, high int64
	shown     any
}

func within(limits ...limit) error {
	for _, l := range limits {
		switch {
		case l.value < l.low:
			return inputf("--%s %v: want %v or more", l.flag, l.shown, sameKind(l.shown, l.low))
		case l.high > 0 && l.value > l.high:
			return inputf("--%s %v: want %v or less", l.flag, l.shown, sameKind(l.shown, l.high))
		}
	}
	return nil
}

// sameKind writes a bound as its flag is written: a duration or a number.
func sameKind(shown any, bound int64) string {
	if _, ok := shown.(time.Duration); ok {
		return time.Duration(bound).String()
	}
	return strconv.FormatInt(bound, 10)
}

func number[N int | int64](flag string, n N, low, high int64) limit {
	return limit{flag, int64(n), low, high, n}
}

func duration(flag string, d, low, high time.Duration) limit {
	return limit{flag, int64(d), int64(low), int64(high), d}
}

// check refuses values of the common flags that no program can work with.
func (c *Common) check() error {
	if _, err := c.storeMemory(); err != nil {
		return err
	}
	return within(
		duration("drain-timeout", c.DrainTimeout, time.Second, 0),
		duration("ack-wait", c.AckWait, time.Second, 0),
	)
}

// leastStoreMemory is what the embedded engine needs to work at all, in MiB.
const leastStoreMemory = 256

// storeMemory is --store-memory in bytes.
func (c *Common) storeMemory() (int64, error) {
	mib, err := strconv.ParseInt(c.StoreMemory, 10, 64)
	if err != nil || mib < leastStoreMemory || mib > 1<<24 {
		return 0, inputf("--store-memory %q: want MiB, %d to %d", c.StoreMemory, leastStoreMemory, 1<<24)
	}
	return mib << 20, nil
}

func (s *Settings) checkBudgets() error {
	return within(
		number("visits", s.Visits, 1, 1<<20), duration("delay", s.Delay, 0, 24*time.Hour), duration("max-delay", s.MaxDelay, 0, 24*time.Hour),
		number("visit-pages", s.VisitPages, 1, 1<<20), number("visit-bytes", s.VisitBytes, 1, 1<<40),
		duration("visit-time", s.VisitTime, time.Second, 24*time.Hour), duration("fetch-timeout", s.FetchTimeout, time.Millisecond, time.Hour),
	)
}

func (s *Settings) checkExtraction() error {
	return within(
		number("workers", s.Workers, 0, 1<<12), number("batch-pages", s.BatchPages, 1, 1<<12), duration("batch-wait", s.BatchWait, time.Millisecond, time.Minute),
		duration("page-deadline", s.PageDeadline, 0, time.Hour),
	)
}

// open opens the queue and, where asked, the store; a queue elsewhere first, since it is the one that may be away. Where it
// fails, close still has to be called.
func (e *engines) open(ctx context.Context, env *Env, s *Settings, withStore bool) error {
	queueFirst := s.NATSURL != ""
	if queueFirst {
		if err := e.openQueue(ctx, env, s); err != nil {
			return err
		}
	}
	if withStore {
		if err := e.openStore(ctx, env, s); err != nil {
			return err
		}
	}
	if queueFirst {
		return nil
	}
	return e.openQueue(ctx, env, s)
}

// guarded calls load, which reads files that people wrote, and makes a panic of the YAML library on a broken one an error
// (found by fuzzing, goccy/go-yaml 1.19.2).
func guarded(load func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("no YAML: %v", p)
		}
	}()
	return load()
}
