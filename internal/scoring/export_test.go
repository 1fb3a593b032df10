package scoring

// Within is the condition by which a span reads partitions.
func Within(first, last int64) string { return within(first, last) }
