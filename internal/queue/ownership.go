package queue

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"
)

// assign deals the partitions out to members and returns each one's, in order. It is a function of the set of
// members alone, so all who see the same members agree without speaking to each other.
//
// It is rendezvous hashing with a quota: pairs of partition and member are taken by falling weight, and a
// member that has its part is passed over. Members' parts differ by one at most (by weight alone ten members
// would have from 2 to 12 of 64), and a member that comes or goes moves little beyond its own part. Where there
// are more members than partitions, each partition has several owners, so that nobody idles.
func assign(members []string) map[string][]int {
	n := len(members)
	if n == 0 {
		return nil
	}
	type pair struct {
		weight    uint64
		partition int
		member    string
	}
	pairs := make([]pair, 0, n*Partitions)
	for _, m := range members {
		for p := range Partitions {
			pairs = append(pairs, pair{xxhash.Sum64String(m + "/" + strconv.Itoa(p)), p, m})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.partition, b.partition), cmp.Compare(a.member, b.member))
	})
	owners := (n + Partitions - 1) / Partitions
	quota, extra := Partitions*owners/n, Partitions*owners%n
	var taken [Partitions]int
	parts := make(map[string][]int, n)
	for _, c := range pairs {
		have := len(parts[c.member])
		if taken[c.partition] == owners || have > quota || (have == quota && extra == 0) {
			continue
		}
		if have == quota {
			extra--
		}
		taken[c.partition]++
		parts[c.member] = append(parts[c.member], c.partition)
	}
	for _, list := range parts {
		slices.Sort(list)
	}
	return parts
}
