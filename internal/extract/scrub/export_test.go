package scrub

// Thorough is Text with every expression run, whatever there are traces of.
func Thorough(s string) string {
	return scrubbed(tidy(s), traces{mail: true, digits: true, title: true, pair: true, edge: true})
}
