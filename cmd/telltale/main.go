// Command telltale: telltale reads buying intent off the public web.
package main

import (
	"os"

	"telltale/internal/app"
)

func main() {
	std := app.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	os.Exit(app.Main("telltale", "Telltale reads buying intent off the public web.", &app.TelltaleProgram{}, os.Args[1:], std))
}
