//go:build !race

package technology

const Raced = false
