package store

import (
	"encoding/binary"
	"math/bits"
)

// partitions is the modulus of signal_rows' partition key (migrations/0001_signals.sql).
const partitions = 16

// partitionOf is sipHash64(domain) % 16 as ClickHouse computes it: SipHash-2-4 with a zero key
// (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
func partitionOf(domain string) int {
	return int(sipHash64(domain) % partitions)
}

func sipHash64(s string) uint64 {
	v := [4]uint64{0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573}
	last := uint64(len(s)) << 56
	for len(s) >= 8 {
		var word [8]byte
		copy(word[:], s)
		sipWord(&v, binary.LittleEndian.Uint64(word[:]))
		s = s[8:]
	}
	for i := range len(s) {
		last |= uint64(s[i]) << (8 * i)
	}
	sipWord(&v, last)
	v[2] ^= 0xff
	for range 4 {
		sipRound(&v)
	}
	return v[0] ^ v[1] ^ v[2] ^ v[3]
}

func sipWord(v *[4]uint64, m uint64) {
	v[3] ^= m
	sipRound(v)
	sipRound(v)
	v[0] ^= m
}

func sipRound(v *[4]uint64) {
	v[0] += v[1]
	v[1] = bits.RotateLeft64(v[1], 13) ^ v[0]
	v[0] = bits.RotateLeft64(v[0], 32)
	v[2] += v[3]
	v[3] = bits.RotateLeft64(v[3], 16) ^ v[2]
	v[0] += v[3]
	v[3] = bits.RotateLeft64(v[3], 21) ^ v[0]
	v[2] += v[1]
	v[1] = bits.RotateLeft64(v[1], 17) ^ v[2]
	v[2] = bits.RotateLeft64(v[2], 32)
}
