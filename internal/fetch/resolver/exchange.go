package resolver

import (
	"context"
	"errors"
	"fmt"

	"github.com/miekg/dns"
)

// udpSize is the largest answer we take over UDP, in bytes (RFC 9715: 1232 avoids fragments).
const udpSize = 1232

// rounds is how often the list of servers is gone through.
const rounds = 2

// exchange asks the servers in turn until one answers or denies.
func (r *Resolver) exchange(ctx context.Context, name string, qtype uint16) (*dns.Msg, error) {
	var failures error
	for range rounds {
		for _, server := range r.servers {
			reply, err := r.ask(ctx, server, name, qtype)
			if err == nil {
				return reply, nil
			}
			failures = err
			if ctx.Err() != nil {
				return nil, err
			}
		}
	}
	return nil, failures
}

// ask asks one server over UDP, and over TCP where the answer was truncated (RFC 7766 §5).
func (r *Resolver) ask(ctx context.Context, server, name string, qtype uint16) (*dns.Msg, error) {
	question := new(dns.Msg)
	question.SetQuestion(name, qtype)
	question.SetEdns0(udpSize, false)
	client := dns.Client{Net: "udp", Timeout: r.config.Timeout, UDPSize: udpSize}
	reply, _, err := client.ExchangeContext(ctx, question, server)
	if err == nil && reply.Truncated {
		client.Net = "tcp"
		reply, _, err = client.ExchangeContext(ctx, question, server)
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", server, err)
	}
	switch {
	case len(reply.Question) != 1 || reply.Question[0].Qtype != qtype || dns.CanonicalName(reply.Question[0].Name) != name:
		return nil, fmt.Errorf("ask %s: the answer is to another question", server)
	case reply.Rcode == dns.RcodeFormatError && reply.IsEdns0() == nil:
		return r.askPlainly(ctx, server, name, qtype)
	case reply.Rcode != dns.RcodeSuccess && reply.Rcode != dns.RcodeNameError:
		return nil, fmt.Errorf("ask %s: %s", server, dns.RcodeToString[reply.Rcode])
	case reply.Truncated:
		return nil, errors.New("a truncated answer over TCP")
	}
	return reply, nil
}

// askPlainly serves servers that do not know EDNS (RFC 6891 §7).
func (r *Resolver) askPlainly(ctx context.Context, server, name string, qtype uint16) (*dns.Msg, error) {
	question := new(dns.Msg)
	question.SetQuestion(name, qtype)
	client := dns.Client{Net: "tcp", Timeout: r.config.Timeout}
	reply, _, err := client.ExchangeContext(ctx, question, server)
	switch {
	case err != nil:
		return nil, fmt.Errorf("ask %s without EDNS: %w", server, err)
	case reply.Rcode != dns.RcodeSuccess && reply.Rcode != dns.RcodeNameError:
		return nil, fmt.Errorf("ask %s without EDNS: %s", server, dns.RcodeToString[reply.Rcode])
	}
	return reply, nil
}
