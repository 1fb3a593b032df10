package oracle_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"telltale/internal/app"
	"telltale/internal/oracle"
)

// programVariable tells the test binary to be one of the programs, so that runs are made of real processes.
const programVariable = "TELLTALE_TEST_BINARY_IS"

func TestMain(m *testing.M) {
	switch name := os.Getenv(programVariable); name {
	case "":
		goleak.VerifyTestMain(m)
	case oracle.HubProgram:
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		err := oracle.ServeHub(ctx, os.Args[1:], os.Stderr)
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		std := app.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
		os.Exit(app.Main(name, "", app.Programs()[name], os.Args[1:], std))
	}
}

// command has the test binary be a program.
func command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), programVariable+"="+program)
	return cmd
}
