package app

import "context"

// UpCommand runs Telltale as a service until it is stopped.
type UpCommand struct {
	Listeners
	Network
	Crawl
	Extraction
	Roles string `help:"Roles to run: crawler, signal-worker, scheduler, writer, with commas; none runs the engines only." default:"crawler,signal-worker,scheduler,writer"`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *UpCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *UpCommand) Run(ctx context.Context, env *Env) error {
	roles, err := ParseRoles(c.Roles)
	if err != nil {
		return err
	}
	return runRoles(ctx, env, &Settings{Common: c.program.Common, Listeners: c.Listeners, Network: c.Network, Crawl: c.Crawl, Extraction: c.Extraction}, roles...)
}
