// Command signal-worker: pulls pages, writes signals.
package main

import (
	"os"

	"telltale/internal/app"
)

func main() {
	std := app.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	os.Exit(app.Main("signal-worker", "Pulls pages, writes signals.", &app.SignalWorkerProgram{}, os.Args[1:], std))
}
