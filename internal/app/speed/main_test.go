// Package speed compares the whole fetch path with its rivals, and the pace that is kept with the pace that is
// allowed. It holds benchmarks only: servers and what is measured run as processes of their own, each on one core.
package speed

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// roleVariable makes this binary one of the processes below instead of a test run; its value is "role" and what
// the role is told is JSON in askVariable.
const (
	roleVariable = "TELLTALE_SPEED_ROLE"
	askVariable  = "TELLTALE_SPEED_ASK"
)

func TestMain(m *testing.M) {
	roles := map[string]func(context.Context) error{
		"web": asked(serveWeb), "fetch": asked(measureFetch), "pace": asked(measurePace), "tls": asked(measureTLS),
	}
	run, ok := roles[os.Getenv(roleVariable)]
	if !ok {
		goleak.VerifyTestMain(m)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, os.Getenv(roleVariable)+":", err)
		os.Exit(1)
	}
}

// asked reads what a role is told.
func asked[T any](run func(context.Context, T) error) func(context.Context) error {
	return func(ctx context.Context) error {
		var ask T
		if err := json.Unmarshal([]byte(os.Getenv(askVariable)), &ask); err != nil {
			return fmt.Errorf("%s: %w", askVariable, err)
		}
		return run(ctx, ask)
	}
}
