package app

import (
	"context"

	"github.com/alecthomas/kong"
)

// CrawlerProgram pulls visits, fetches politely and publishes pages.
type CrawlerProgram struct {
	Common
	Network
	Crawl
	Version kong.VersionFlag `help:"Print the version." env:"-"`

	settings *Settings
}

// Shared implements Program.
func (p *CrawlerProgram) Shared() *Common { return &p.Common }

func (p *CrawlerProgram) service() {}

// CheckInput implements Checker.
func (p *CrawlerProgram) CheckInput(ctx context.Context, env *Env) error {
	p.settings = &Settings{Common: p.Common, Network: p.Network, Crawl: p.Crawl}
	return p.settings.prepare(ctx, env, []Role{RoleCrawler})
}

// Run implements Command.
func (p *CrawlerProgram) Run(ctx context.Context, env *Env) error {
	return runRoles(ctx, env, p.settings, []Role{RoleCrawler})
}

// SignalWorkerProgram pulls pages and writes signals.
type SignalWorkerProgram struct {
	Common
	Extraction
	Version kong.VersionFlag `help:"Print the version." env:"-"`

	settings *Settings
}

// Shared implements Program.
func (p *SignalWorkerProgram) Shared() *Common { return &p.Common }

func (p *SignalWorkerProgram) service() {}

// CheckInput implements Checker.
func (p *SignalWorkerProgram) CheckInput(ctx context.Context, env *Env) error {
	p.settings = &Settings{Common: p.Common, Extraction: p.Extraction}
	return p.settings.prepare(ctx, env, []Role{RoleSignalWorker})
}

// Run implements Command.
func (p *SignalWorkerProgram) Run(ctx context.Context, env *Env) error {
	return runRoles(ctx, env, p.settings, []Role{RoleSignalWorker})
}

// IntentScorerProgram scores a month and explains it.
type IntentScorerProgram struct {
	Common
	Score    ScoreCommand       `cmd:"" name:"run" help:"Score a month: overlay intent on fit, write the propensity table, publish it. Refused while a file is half imported (telltale imports lists them)."`
	Runs     RunsCommand        `cmd:"" help:"List the scoring runs, or compare two: who moved cell and why."`
	Explain  ExplainCommand     `cmd:"" help:"Say what a score is made of: points, signals, addresses, quoted spans."`
	Fit      FitCommand         `cmd:"" help:"Train models of fit and score accounts by them."`
	Train    TrainIntentCommand `cmd:"" help:"Learn the weights of intent from opportunities, product by product."`
	Backtest BacktestCommand    `cmd:"" help:"Judge what would have been recommended as of past month ends by the opportunities that closed after."`
	Models   ModelsCommand      `cmd:"" help:"List the models, promote a challenger, roll a champion back."`
	Version  kong.VersionFlag   `help:"Print the version." env:"-"`
}

// Shared implements Program.
func (p *IntentScorerProgram) Shared() *Common { return &p.Common }

// TelltaleProgram is everything in one program.
type TelltaleProgram struct {
	Common
	Run      RunCommand       `cmd:"" help:"One whole pass: import, schedule, crawl what is due once, extract, score, export."`
	Up       UpCommand        `cmd:"" help:"Run as a service, everything or some roles, until stopped."`
	Demo     DemoCommand      `cmd:"" help:"The main job over the bundled sample web, on loopback."`
	Evaluate EvaluateCommand  `cmd:"" help:"Precision and recall of the signals against the sample web's truth, or of captured pages against people's labels."`
	Import   ImportCommand    `cmd:"" help:"Import a file: accounts, fit, subscriptions, transactions, opportunities, best-customers, licences or attributions (CSV), or watch (YAML)."`
	Imports  ImportsCommand   `cmd:"" help:"List the imports, or settle one that was cut off and will not be done again."`
	Schedule ScheduleCommand  `cmd:"" help:"Show when domains, feeds and watch-list sources are due, and set when they are."`
	Query    QueryCommand     `cmd:"" help:"Ask the store with SQL."`
	Export   ExportCommand    `cmd:"" help:"Write a scored month as workbook, CSV and report.html."`
	Queues   QueuesCommand    `cmd:"" help:"Look at the queues and the dead letters; replay them."`
	Pause    PauseCommand     `cmd:"" help:"Stop the fleet, or one domain, from starting visits."`
	Resume   ResumeCommand    `cmd:"" help:"Undo pause."`
	Replay   ReplayCommand    `cmd:"" help:"Run extraction over WARC files, with no network."`
	Inspect  InspectCommand   `cmd:"" help:"Answer for one thing, as JSON, with nothing running."`
	Doctor   DoctorCommand    `cmd:"" help:"Check the engines, the queue, the store and the data directory."`
	Train    TrainCommand     `cmd:"" help:"Train the models that are made of labelled sentences, and measure them."`
	Migrate  MigrateCommand   `cmd:"" help:"Bring the store's schema up to date."`
	Sample   SampleCommand    `cmd:"" help:"Serve the sample web on loopback and write its input files, for tests by hand."`
	Version  kong.VersionFlag `help:"Print the version." env:"-"`
}

// Shared implements Program.
func (p *TelltaleProgram) Shared() *Common { return &p.Common }

// Programs returns a fresh command line of each program, by name.
func Programs() map[string]Program {
	return map[string]Program{
		"crawler": &CrawlerProgram{}, "signal-worker": &SignalWorkerProgram{},
		"intent-scorer": &IntentScorerProgram{}, "telltale": &TelltaleProgram{},
	}
}
