// Package guard keeps the crawler off addresses and ports that are not the public web.
//
// It stands in the dialer's Control, after name resolution and on the very address that is about to be
// connected to, so neither a redirect nor a name that changes its address passes by it.
package guard

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
)

// ErrRefused reports an address or port that must not be dialled.
var ErrRefused = errors.New("address refused")

// Guard says which addresses may be dialled. The zero value allows ports 80 and 443 of public addresses.
type Guard struct {
	// AllowPrivate lifts the check of addresses; it is for test networks.
	AllowPrivate bool
	// Allow names networks that may be dialled although they are not public.
	Allow []netip.Prefix
	// Ports are allowed besides 80 and 443.
	Ports []int
}

// prefixes parses a list of ranges; it is only called with the constants below.
func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, p := range list {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// The ranges of the IANA special-purpose registries (RFC 6890 and its updates) that are not globally
// reachable, or that nobody publishes pages on, and the metadata services of cloud providers that live on
// public-looking addresses.
var (
	closed4 = prefixes( //nolint:gochecknoglobals // a table
		"0.0.0.0/8",        // this network, RFC 791
		"10.0.0.0/8",       // private, RFC 1918
		"100.64.0.0/10",    // carrier-grade NAT, RFC 6598; holds Alibaba's metadata service
		"127.0.0.0/8",      // loopback, RFC 1122
		"168.63.129.16/32", // Azure's platform service
		"169.254.0.0/16",   // link-local, RFC 3927; holds most metadata services
		"172.16.0.0/12",    // private, RFC 1918
		"192.0.0.0/24",     // IETF protocol assignments, RFC 6890; holds Oracle's metadata service
		"192.0.2.0/24",     // documentation, RFC 5737
		"192.88.99.0/24",   // 6to4 relays, RFC 7526
		"192.168.0.0/16",   // private, RFC 1918
		"198.18.0.0/15",    // benchmarks, RFC 2544
		"198.51.100.0/24",  // documentation, RFC 5737
		"203.0.113.0/24",   // documentation, RFC 5737
		"224.0.0.0/4",      // multicast, RFC 5771
		"240.0.0.0/4",      // reserved, RFC 1112, and broadcast
	)
	// open6 is what IANA has given out for the global internet; all else is closed.
	open6   = netip.MustParsePrefix("2000::/3") //nolint:gochecknoglobals // a table
	closed6 = prefixes(                         //nolint:gochecknoglobals // a table
		"2001::/23",     // IETF protocol assignments, RFC 2928: Teredo, benchmarks, ORCHID
		"2001:db8::/32", // documentation, RFC 3849
		"3fff::/20",     // documentation, RFC 9637
	)
	nat64  = netip.MustParsePrefix("64:ff9b::/96") //nolint:gochecknoglobals // RFC 6052
	sixto4 = netip.MustParsePrefix("2002::/16")    //nolint:gochecknoglobals // RFC 3056
	teredo = netip.MustParsePrefix("2001::/32")    //nolint:gochecknoglobals // RFC 4380
)

// Public reports whether an address belongs to the public internet. IPv4 addresses within IPv6 ones
// (mapped, NAT64, 6to4) are judged by what they carry.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if a.Is4() {
		return !within(a, closed4)
	}
	raw := a.As16()
	switch {
	case nat64.Contains(a):
		return Public(netip.AddrFrom4([4]byte(raw[12:16])))
	case sixto4.Contains(a):
		return Public(netip.AddrFrom4([4]byte(raw[2:6])))
	case teredo.Contains(a):
		return false
	}
	return open6.Contains(a) && !within(a, closed6)
}

func within(a netip.Addr, list []netip.Prefix) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// CheckAddr returns an error that wraps ErrRefused where addr must not be dialled.
func (g *Guard) CheckAddr(addr netip.Addr) error {
	if g.AllowPrivate || Public(addr) || within(addr.Unmap(), g.Allow) {
		return nil
	}
	return fmt.Errorf("%w: %s is not public", ErrRefused, addr)
}

// CheckPort returns an error that wraps ErrRefused where port must not be dialled.
func (g *Guard) CheckPort(port int) error {
	if port == 80 || port == 443 || slices.Contains(g.Ports, port) {
		return nil
	}
	return fmt.Errorf("%w: port %d", ErrRefused, port)
}

// Control is a net.Dialer's Control: it refuses what Check refuses, and every network but TCP.
func (g *Guard) Control(network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%w: network %s", ErrRefused, network)
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s is no address: %w", ErrRefused, strconv.Quote(address), err)
	}
	if err := g.CheckAddr(ap.Addr()); err != nil {
		return err
	}
	return g.CheckPort(int(ap.Port()))
}
