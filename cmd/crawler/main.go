// Command crawler: pulls visits, fetches politely, publishes pages.
package main

import (
	"os"

	"telltale/internal/app"
)

func main() {
	std := app.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	os.Exit(app.Main("crawler", "Pulls visits, fetches politely, publishes pages.", &app.CrawlerProgram{}, os.Args[1:], std))
}
