package store

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

//go:embed migrations/*.sql
var migrationFiles embed.FS

// text returns a query of sql/ by its name, without the comments at its head.
func text(name string) string {
	raw, err := fs.ReadFile(sqlFiles, "sql/"+name+".sql")
	if err != nil {
		panic(fmt.Sprintf("store: no query %s is built in: %v", name, err)) // a misspelt constant; every query has a test
	}
	var kept []string
	for line := range strings.Lines(string(raw)) {
		if len(kept) > 0 || !strings.HasPrefix(line, "--") {
			kept = append(kept, line)
		}
	}
	return strings.TrimSpace(strings.Join(kept, ""))
}
