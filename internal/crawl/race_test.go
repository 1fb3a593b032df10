//go:build race

package crawl_test

// visitBytes is what an active visit may take, in bytes, where the race detector lengthens every stack frame; `make test`
// measures without it as well.
const visitBytes = 24 << 10

// raced has a test leave to the run without the detector what it only makes slow.
const raced = true
