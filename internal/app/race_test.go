//go:build race

package app_test

// raced has a test leave to the run without the detector what it only makes slow.
const raced = true
