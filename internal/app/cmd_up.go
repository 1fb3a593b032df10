package app

import "context"

// UpCommand runs Telltale as a service until it is stopped.
type UpCommand struct {
	Listeners
	Network
	Crawl
	Extraction
	Roles string `help:"Roles to run: crawler, signal-worker, scheduler, writer, with commas; none runs the engines only." default:"crawler,signal-worker,scheduler,writer"`

	program  *TelltaleProgram
	roles    []Role
	settings *Settings
}

// AfterApply keeps the program's flags for Run.
func (c *UpCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

func (c *UpCommand) service() {}

// CheckInput implements Checker.
func (c *UpCommand) CheckInput(ctx context.Context, env *Env) (err error) {
	if c.roles, err = ParseRoles(c.Roles); err != nil {
		return err
	}
	c.settings = &Settings{Common: c.program.Common, Listeners: c.Listeners, Network: c.Network, Crawl: c.Crawl, Extraction: c.Extraction}
	return c.settings.prepare(ctx, env, c.roles)
}

// Run implements Command.
func (c *UpCommand) Run(ctx context.Context, env *Env) error {
	return runRoles(ctx, env, c.settings, c.roles)
}
