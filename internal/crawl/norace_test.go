//go:build !race

package crawl_test

// visitBytes is what an active visit may take, in bytes.
const visitBytes = 16 << 10

const raced = false
