// Command intent-scorer: scores intent on fit, month by month.
package main

import (
	"os"

	"telltale/internal/app"
)

func main() {
	std := app.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	os.Exit(app.Main("intent-scorer", "Scores intent on fit, month by month.", &app.IntentScorerProgram{}, os.Args[1:], std))
}
