package resolver

import "github.com/miekg/dns"

// FollowForTest runs what reads a server's reply.
func FollowForTest(reply *dns.Msg, name string) {
	a := &Answer{}
	if _, steps := follow(a, reply, name, dns.TypeA); steps > maxAliases || len(a.Records)+len(a.Aliases) > maxRecords+1 {
		panic("unbounded")
	}
	r := &Resolver{config: Config{}.withDefaults()}
	if ttl := r.ttlOf(reply); ttl < r.config.MinTTL || ttl > r.config.MaxTTL {
		panic("TTL out of bounds")
	}
	addrsOf(a)
	a.weight()
}
