package app

import "time"

// rfc3339 writes a time as scripts read it, empty where there is none.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// orEmpty makes a missing list an empty one, as JSON readers expect [].
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
