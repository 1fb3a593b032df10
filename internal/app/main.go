package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/telemetry"
)

// Version is the program's version, set by the linker at release.
const Version = "0.1.0"

// Env is what a command runs in: its streams, logger, metrics and data clock.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Log      *slog.Logger
	Registry *prometheus.Registry
	Health   *telemetry.Health
	Now      func() time.Time
}

// renew gives the environment metrics and health of its own, for a second run in one process.
func (e *Env) renew() { e.Registry, e.Health = telemetry.NewRegistry(), telemetry.NewHealth() }

// Command is one thing a program does.
type Command interface {
	Run(ctx context.Context, env *Env) error
}

// Service is a command that runs until it is stopped. Its log is what it has to say; a command that ends by itself has
// output of its own, and keeps its log to warnings unless a level is asked for.
type Service interface {
	Command
	service()
}

// Checker is a command that can tell bad input before it opens anything; --check stops after it.
type Checker interface {
	// CheckInput makes what the command needs of its flags, short of engines.
	CheckInput(ctx context.Context, env *Env) error
}

// Program is a command line: a pointer to a struct of flags, and how to get the parts all share.
type Program interface {
	// Shared returns the common flags, filled after parsing.
	Shared() *Common
}

// Streams are a process's standard streams.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Main parses args, runs the command until it ends or the process is told to stop, and returns the exit
// code: 0 done, 1 failed while running, 2 bad input. A second SIGINT or SIGTERM ends the process at once.
func Main(name, about string, program Program, args []string, std Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return MainContext(ctx, name, about, program, args, std)
}

// MainContext is Main under the caller's context; end-to-end tests call it.
func MainContext(ctx context.Context, name, about string, program Program, args []string, std Streams) int {
	command, err := parse(name, about, program, args, std)
	switch {
	case errors.Is(err, errHelp):
		return 0
	case err == nil:
		err = runCommand(ctx, program.Shared(), command, std)
	default:
		err = asInput(err)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintf(std.Err, "%s: %s\n", name, oneLine(err))
	if errors.Is(err, ErrInput) {
		return 2
	}
	return 1
}

func runCommand(ctx context.Context, shared *Common, command Command, std Streams) error {
	level := shared.LogLevel
	if _, serves := command.(Service); !serves && level == "info" {
		level = "warn"
	}
	log, err := telemetry.NewLogger(std.Err, shared.LogFormat, level)
	if err != nil {
		return asInput(err)
	}
	telemetry.TakeStandardLog(log)
	env := &Env{In: std.In, Out: std.Out, Err: std.Err, Log: log, Registry: telemetry.NewRegistry(), Health: telemetry.NewHealth(), Now: shared.clock()}
	err = shared.check()
	if c, ok := command.(Checker); ok && err == nil {
		err = c.CheckInput(ctx, env)
	}
	switch {
	case err != nil:
		return asInput(err)
	case shared.Check:
		fmt.Fprintln(std.Out, "ok")
		return nil
	case shared.OpsListen == "":
		return command.Run(ctx, env)
	}
	return withOps(ctx, shared, command, env)
}

// withOps runs the command beside its operations port, which opens first and stops last.
func withOps(ctx context.Context, shared *Common, command Command, env *Env) error {
	server := &telemetry.Server{Addr: shared.OpsListen, Public: shared.OpsPublic, Registry: env.Registry, Health: env.Health, Logger: env.Log}
	opsCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	env.Health.Add("program", func(context.Context) error {
		if ctx.Err() != nil {
			return errors.New("stopping")
		}
		return nil
	})
	bound, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- server.Run(opsCtx, func(net.Addr) { close(bound) }) }()
	select {
	case <-bound:
	case err := <-ended:
		return inputf("--ops-listen: %w", err)
	}
	err := command.Run(ctx, env)
	stop()
	return errors.Join(err, <-ended)
}

// errHelp reports that help or the version was printed and nothing is left to do.
var errHelp = errors.New("help")

func parse(name, about string, program Program, args []string, std Streams) (command Command, err error) {
	parser, err := newParser(name, about, program, std)
	if err != nil {
		return nil, err
	}
	var config *configValues
	if file := configFile(args); file != "" {
		if config, err = loadConfig(file); err != nil {
			return nil, err
		}
		if parser, err = newParser(name, about, program, std, kong.Resolvers(config)); err != nil {
			return nil, err
		}
	}
	defer func() {
		if r := recover(); r != nil {
			code, ok := r.(exitCode)
			if !ok {
				panic(r)
			}
			command, err = nil, errHelp
			if code != 0 {
				err = fmt.Errorf("exit %d", code)
			}
		}
	}()
	kctx, err := parser.Parse(args)
	if err != nil {
		return nil, config.blame(err, args)
	}
	return selected(kctx, program)
}

// exitCode carries kong's exit through the stack, so that parsing ends in one place.
type exitCode int

func newParser(name, about string, program Program, std Streams, options ...kong.Option) (*kong.Kong, error) {
	options = append(options,
		kong.Name(name), kong.Description(about), kong.DefaultEnvars("TELLTALE"),
		kong.Writers(std.Out, std.Err), kong.Exit(func(code int) { panic(exitCode(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.Vars{"version": Version}, kong.Bind(program),
	)
	parser, err := kong.New(program, options...)
	if err != nil {
		return nil, fmt.Errorf("build the command line of %s: %w", name, err)
	}
	return parser, nil
}

// selected returns the chosen sub-command, or the program itself where it has none.
func selected(kctx *kong.Context, program Program) (Command, error) {
	if node := kctx.Selected(); node != nil {
		if command, ok := node.Target.Addr().Interface().(Command); ok {
			return command, nil
		}
	}
	if command, ok := program.(Command); ok {
		return command, nil
	}
	return nil, fmt.Errorf("%s is no command", kctx.Command())
}

// oneLine puts an error on one line, as scripts and people read it.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}
