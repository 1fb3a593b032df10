package oracle

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one program under way.
type process struct {
	// id tells every start apart, "c2.1"; name stays, "c2".
	id, name string
	cmd      *exec.Cmd
	log      *os.File
	// ops is the address of its metrics, "" for none.
	ops string
	// began is when it was started.
	began time.Duration
	// ended is closed when it is gone.
	ended chan struct{}
	how   error
}

// launch starts a program with its log in dir.
func launch(cmd *exec.Cmd, id, name, dir string) (*process, error) {
	log, err := os.Create(filepath.Join(dir, id+".log"))
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", id, err)
	}
	p := &process{id: id, name: name, cmd: cmd, log: log, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		_ = log.Close()
		return nil, fmt.Errorf("start %s: %w", id, err)
	}
	go func() {
		p.how = cmd.Wait()
		_ = log.Close()
		close(p.ended)
	}()
	return p, nil
}

// signal sends a signal; a process that is gone gets none.
func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// kill ends a process as kill -9 does and waits until it is gone.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// stop asks a process to end, and kills it after wait.
func (p *process) stop(wait time.Duration) {
	p.signal(syscall.SIGCONT)
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		p.kill()
	}
}

// running reports whether the process has not ended.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// said returns the end of what a process wrote.
func (p *process) said() string {
	raw, err := os.ReadFile(p.log.Name())
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(raw[max(0, len(raw)-2000):]))
}

// counters reads the metrics of a process whose names begin with one of prefixes, summed over labels.
func (p *process) counters(ctx context.Context, prefixes ...string) (map[string]float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.ops+"/metrics", nil)
	if err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", p.id, err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", p.id, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", p.id, err)
	}
	return sums(string(raw), prefixes), nil
}

// sums reads the text format of Prometheus.
func sums(text string, prefixes []string) map[string]float64 {
	out := map[string]float64{}
	for line := range strings.Lines(text) {
		for _, prefix := range prefixes {
			if !strings.HasPrefix(line, prefix) {
				continue
			}
			name, _, _ := strings.Cut(strings.Fields(line)[0], "{")
			if v, err := strconv.ParseFloat(line[strings.LastIndexByte(strings.TrimSpace(line), ' ')+1:len(strings.TrimRight(line, "\n"))], 64); err == nil {
				out[name] += v
			}
		}
	}
	return out
}

// freeAddr is a port of loopback that nobody listens on.
func freeAddr(ctx context.Context) (string, error) {
	var listen net.ListenConfig
	ln, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return ln.Addr().String(), ln.Close()
}
