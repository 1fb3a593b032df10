package guard_test

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"telltale/internal/fetch/guard"
)

func TestOnlyPublicAddressesPass(t *testing.T) {
	for address, public := range map[string]bool{
		"1.1.1.1": true, "8.8.8.8": true, "93.184.216.34": true, "172.32.0.1": true, "100.128.0.1": true, "223.255.255.255": true,
		"2606:4700::1111": true, "2a00:1450::1": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true, "2002:808:808::1": true,

		"0.0.0.0": false, "10.1.2.3": false, "127.0.0.1": false, "127.255.0.9": false, "169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.168.1.1": false, "100.64.0.1": false, "100.100.100.200": false, "168.63.129.16": false, "192.0.0.192": false, "192.0.2.1": false,
		"198.18.0.1": false, "198.19.255.255": false, "198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false, "239.255.255.255": false,
		"240.0.0.1": false, "255.255.255.255": false, "192.88.99.1": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false,
		"fe80::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false, "2001:db8::1": false, "3fff::1": false, "2001:2::1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "64:ff9b:1::808:808": false, "2002:7f00:1::1": false, "2002:a00:1::": false,
		"2001:0:4136:e378:8000:63bf:3fff:fdd2": false, "100::1": false, "5f00::1": false, "fe80::1%eth0": false, "fec0::1": false,
	} {
		if got := guard.Public(netip.MustParseAddr(address)); got != public {
			t.Errorf("Public(%s) = %v", address, got)
		}
	}
	if guard.Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

// The addresses at which clouds tell a machine its secrets.
func TestMetadataServicesAreRefused(t *testing.T) {
	for service, address := range map[string]string{
		"AWS, Google, Azure, DigitalOcean, Hetzner, OpenStack": "169.254.169.254", "AWS over IPv6": "fd00:ec2::254", "AWS containers": "169.254.170.2",
		"Google over IPv6": "fd20:ce::254", "Azure's platform": "168.63.129.16", "Alibaba": "100.100.100.200", "Oracle": "192.0.0.192", "Oracle over IPv6": "fd00:c1::a9fe:a9fe",
		"Tencent": "169.254.0.23", "OpenStack over IPv6": "fe80::a9fe:a9fe", "mapped": "::ffff:169.254.169.254", "translated": "::ffff:0:169.254.169.254",
		"compatible": "::169.254.169.254", "behind NAT64": "64:ff9b::169.254.169.254", "behind local NAT64": "64:ff9b:1::169.254.169.254", "behind 6to4": "2002:a9fe:a9fe::1",
		"behind Teredo": "2001:0:a9fe:a9fe::1",
	} {
		var g guard.Guard
		if err := g.CheckAddr(netip.MustParseAddr(address)); !errors.Is(err, guard.ErrRefused) {
			t.Errorf("%s at %s: %v", service, address, err)
		}
	}
}

func TestControlRefusesAddressesPortsAndNetworks(t *testing.T) {
	var strict guard.Guard
	lab := guard.Guard{AllowPrivate: true, Ports: []int{8080}}
	for _, c := range []struct {
		guard            *guard.Guard
		network, address string
		ok               bool
	}{
		{&strict, "tcp4", "8.8.8.8:443", true},
		{&strict, "tcp6", "[2606:4700::1111]:80", true},
		{&strict, "tcp4", "8.8.8.8:22", false},
		{&strict, "tcp4", "127.0.0.1:80", false},
		{&strict, "tcp6", "[::ffff:127.0.0.1]:80", false},
		{&strict, "udp4", "8.8.8.8:443", false},
		{&strict, "unix", "/run/x", false},
		{&strict, "tcp4", "localhost:80", false},
		{&lab, "tcp4", "127.0.0.1:8080", true},
		{&lab, "tcp4", "127.0.0.1:8081", false},
	} {
		err := c.guard.Control(c.network, c.address, nil)
		if (err == nil) != c.ok || (err != nil && !errors.Is(err, guard.ErrRefused)) {
			t.Errorf("Control(%s, %s) = %v", c.network, c.address, err)
		}
	}
}

// The check must hold in a real dialer, after it has turned a name into an address.
func TestADialerWithTheGuardConnectsToNobodyPrivate(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	port := l.Addr().(*net.TCPAddr).Port
	d := net.Dialer{Control: (&guard.Guard{Ports: []int{port}}).Control}
	if conn, err := d.DialContext(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, guard.ErrRefused) {
		t.Fatalf("dialled %v, %v", conn, err)
	}
	d.Control = (&guard.Guard{AllowPrivate: true, Ports: []int{port}}).Control
	conn, err := d.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

func FuzzControl(f *testing.F) {
	f.Add("tcp4", "8.8.8.8:80")
	f.Add("tcp6", "[::ffff:7f00:1]:443")
	f.Add("tcp6", "[fe80::1%0]:80")
	f.Fuzz(func(t *testing.T, network, address string) {
		var g guard.Guard
		if g.Control(network, address, nil) != nil {
			return
		}
		ap := netip.MustParseAddrPort(address)
		a := ap.Addr().Unmap()
		if a.IsPrivate() || a.IsLoopback() || !a.IsGlobalUnicast() || (ap.Port() != 80 && ap.Port() != 443) {
			t.Fatalf("%s passed", address)
		}
	})
}
