package app_test

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
)

// programs are the four programs as make build makes them, for tests of whole crawls: with the race detector those take four times as long.
// TestFourProcessesGiveTheTableOfOne and make nightly run them from the test binary, and so with the detector where it is on.
type programs struct {
	once sync.Once
	dir  string
	err  error
}

// built is made once a test process, and removed by TestMain.
var built programs

// path is where the programs are; empty in nightly runs, which take the test binary.
func (p *programs) path() (string, error) {
	if os.Getenv("TELLTALE_NIGHTLY") != "" {
		return "", nil
	}
	p.once.Do(func() {
		if p.dir, p.err = os.MkdirTemp("", "telltale-programs-"); p.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-trimpath", "-o", p.dir, "telltale/cmd/...").CombinedOutput(); err != nil {
			p.err = fmt.Errorf("build the programs: %w: %s", err, out)
		}
	})
	return p.dir, p.err
}

func (p *programs) remove() error {
	if p.dir == "" {
		return nil
	}
	return os.RemoveAll(p.dir)
}
