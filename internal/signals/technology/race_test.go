//go:build race

package technology

// Raced has a test leave to the run without the detector what it only makes slow.
const Raced = true
