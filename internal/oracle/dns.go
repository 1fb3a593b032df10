package oracle

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/miekg/dns"
)

// nameServer answers for the names of the web over UDP and TCP on one port.
type nameServer struct {
	truth   *Truth
	addr    string
	servers []*dns.Server
	done    sync.WaitGroup
}

// startDNS serves the truth's names on a free port of loopback.
func startDNS(ctx context.Context, truth *Truth) (*nameServer, error) {
	n := &nameServer{truth: truth}
	stream, packets, err := listenTwice(ctx)
	if err != nil {
		return nil, fmt.Errorf("listen for DNS: %w", err)
	}
	n.addr = packets.LocalAddr().String()
	for _, s := range []*dns.Server{{PacketConn: packets, Handler: dns.HandlerFunc(n.answer)}, {Listener: stream, Handler: dns.HandlerFunc(n.answer)}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		n.servers = append(n.servers, s)
		n.done.Go(func() { _ = s.ActivateAndServe() }) // it ends with close
		<-started
	}
	return n, nil
}

// listenTwice listens on a port that is free for TCP and for UDP; on a machine with thousands of connections the first that
// is free for the one may be taken for the other.
func listenTwice(ctx context.Context) (stream net.Listener, packets net.PacketConn, err error) {
	var listen net.ListenConfig
	for range 20 {
		if stream, err = listen.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return nil, nil, err
		}
		if packets, err = listen.ListenPacket(ctx, "udp", stream.Addr().String()); err == nil {
			return stream, packets, nil
		}
		_ = stream.Close()
	}
	return nil, nil, err
}

// answer gives addresses, and nothing for other types: the probe asks for many.
func (n *nameServer) answer(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(q)
	m.Authoritative = true
	if len(q.Question) == 1 {
		n.fill(m, q.Question[0])
	}
	_ = w.WriteMsg(m) // who is gone asks again
}

func (n *nameServer) fill(m *dns.Msg, q dns.Question) {
	name := dns.CanonicalName(q.Name)
	h, ok := n.truth.Hosts[name[:max(len(name)-1, 0)]]
	if !ok {
		m.Rcode = dns.RcodeNameError
		return
	}
	for _, a := range h.Addrs {
		header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 300}
		switch {
		case q.Qtype == dns.TypeA && a.Is4():
			m.Answer = append(m.Answer, &dns.A{Hdr: header, A: a.AsSlice()})
		case q.Qtype == dns.TypeAAAA && a.Is6():
			m.Answer = append(m.Answer, &dns.AAAA{Hdr: header, AAAA: a.AsSlice()})
		}
	}
}

func (n *nameServer) close() {
	for _, s := range n.servers {
		_ = s.Shutdown() // nothing is left to lose
	}
	n.done.Wait()
}
